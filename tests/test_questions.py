"""Each question of docs/questions.md has the answer that the page says, on both engines."""

from loader.settings import load_settings
from scripts.answers import PAGE, ask, connect, files, questions
from tests.support.project import Project

NEXT_WEEK = ["--week-start", "2025-11-03", "--week-end", "2025-11-09"]


def test_the_answers_are_those_of_the_database(project: Project) -> None:
    page = PAGE.read_text()
    project.copy_example()
    for path, text in files(page).items():
        project.write(path, text)
    project.patch.setenv("SLACK_CONTENT", "true")
    project.load()
    project.load(*NEXT_WEEK)
    project.load(*NEXT_WEEK)  # one more snapshot and capture: no answer changes
    project.build(contents=True)
    connection = connect(load_settings(project.target, project.environ))
    try:
        for each in questions(page):
            assert (each.title, each.answer) == (each.title, ask(connection, each.sql))
    finally:
        connection.close()


def test_the_page_has_twenty_questions() -> None:
    page = PAGE.read_text()
    found = list(questions(page))
    assert len(found) == page.count("```sql") == 20
    assert all(each.how and each.answer.count("\n") > 2 for each in found)
    assert len(files(page)) == page.count("```markdown")
