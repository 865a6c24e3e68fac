"""All spellings of a person give the full name in final rows, whenever an alias is added."""

import json
import random

import pytest

from tests.support.project import NO_CONTENTS, Project

pytestmark = [pytest.mark.either_engine, pytest.mark.with_tables]

DAILY = "daily-reports/md-output/rocks"
MAPPING = "datasource-generator/team-name-mapping-rocks.json"


def write_day(project: Project, file: str, author: str, day: str, text: str) -> None:
    body = f"**Employee**: {author}\n\n## {day}\n\n- {text}\n"
    project.write(f"{DAILY}/{file}.md", body)


def days(project: Project) -> list[tuple[str, ...]]:
    """Return author, day and last line of all rows."""
    rows = project.query(
        "select author_name, cast(report_date as text), content from public.daily_reports"
        " order by 1, 2"
    )
    return [(author, day, content.splitlines()[-1]) for author, day, content in rows]


def set_people(project: Project, *lines: tuple[str, str, str, str]) -> None:
    """Replace the rows of the seed: key, full name, team and aliases."""
    project.execute("delete from seeds.seed_people")
    for line in lines:
        cells = ", ".join(
            "null" if not cell else "'" + cell.replace("'", "''") + "'" for cell in line
        )
        project.execute(
            f"insert into seeds.seed_people (key, full_name, team, aliases) values ({cells})"
        )


def run_dbt(project: Project) -> None:
    ended = project.dbt("run", *NO_CONTENTS)
    assert ended.code == 0, ended.out


IDS = "select author_name || cast(report_date as text), cast(id as text) from public.daily_reports"


def ids(project: Project) -> dict[str, str]:
    return dict(project.query(IDS))


def fresh(twin: Project, *lines: tuple[str, str, str, str]) -> list[tuple[str, ...]]:
    """Return the final rows that the workspace and these people give in an empty database."""
    twin.start_over()
    twin.load()
    assert twin.dbt("seed").code == 0
    set_people(twin, *lines)
    run_dbt(twin)
    return days(twin)


def test_rows_follow_the_aliases_and_keep_their_ids(project: Project, twin: Project) -> None:
    mine = ("", "Ana Reyes", "rocks", "Ana; Anita")
    write_day(project, "z", "Ana", "2025-10-27", "by Ana")
    write_day(project, "b", "Ana Reyes", "2025-10-27", "by Ana Reyes")
    write_day(project, "c", "Ana", "2025-10-28", "alone")
    write_day(project, "d", "reyes, ANA", "2025-10-29", "in another order")
    write_day(project, "e", "Bo Lind", "2025-10-27", "of somebody else")
    write_day(project, "f", "Ana", "2025-10-30", "of another team")
    (project.workspace / f"{DAILY}/f.md").rename(
        project.write("daily-reports/md-output/timeclock/f.md", "")
    )
    report = 'x = {"generated_date": "2025-11-03", "date_range": "2025-10-27 to 2025-11-02"}'
    report = f'JIRA_DATA = """x"""\nDAILY_REPORTS_DATA = """x"""\n{report}\n'
    project.write("datasource-generator/output/rocks/datasource_weekly_ROCKS.py", report)
    project.load_and_build()
    unjoined, before, links = days(project), ids(project), linked(project)
    assert len(unjoined) == 6
    assert len(links) == 5

    (likely,) = json.loads(project.loader("status", "--json").out)["duplicates"]
    assert likely == {
        "team": "rocks",
        "names": [{"name": "Ana Reyes", "days": 1}, {"name": "reyes, ANA", "days": 1}],
        "seed_line": "Ana Reyes,Ana Reyes,rocks,",
        "replaces": None,
    }
    said = project.loader("status").out
    build = f"dbt build --target {project.target}"
    assert f"put the line into seeds/seed_people.csv, then run {build}:\nAna Reyes,Ana" in said

    set_people(project, mine)
    run_dbt(project)
    joined = days(project)
    assert json.loads(project.loader("status", "--json").out)["duplicates"] == []
    assert [
        ("Ana", "2025-10-30", "- of another team"),
        ("Ana Reyes", "2025-10-27", "- by Ana"),
        ("Ana Reyes", "2025-10-28", "- alone"),
        ("Ana Reyes", "2025-10-29", "- in another order"),
        ("Bo Lind", "2025-10-27", "- of somebody else"),
    ] == joined
    assert joined == fresh(twin, mine)
    after = ids(project)
    assert after["Ana Reyes2025-10-27"] == before["Ana Reyes2025-10-27"]
    assert after["Ana Reyes2025-10-28"] == before["Ana2025-10-28"]
    assert after["Ana Reyes2025-10-29"] == before["reyes, ANA2025-10-29"]
    assert {*after.values()} < {*before.values()}
    assert linked(project) == sorted(name for name in after if "10-30" not in name)

    moments = project.query("select * from public.daily_reports order by id")
    run_dbt(project)
    assert moments == project.query("select * from public.daily_reports order by id")

    set_people(project)
    run_dbt(project)
    assert unjoined == days(project)
    assert before == ids(project)
    assert links == linked(project)


@pytest.mark.long
def test_rows_equal_a_fresh_load_after_any_change_of_aliases(project: Project) -> None:
    chance = random.Random(20251027)
    spellings = ["Ana", "Anna", "Ana Reyes", "Bo", "Bo Lind"]
    written: dict[tuple[str, str], list[str]] = {}
    for number in range(24):
        name, day = chance.choice(spellings), f"2025-10-{chance.randint(27, 31)}"
        write_day(project, f"{number:02}", name, day, f"text {number:02}")
        written.setdefault((name, day), []).append(f"- text {number:02}")
    project.load_and_build()
    for step in range(10):
        person_of = {name: chance.choice(["", "Ana Reyes", "Bo Lind", "Cy"]) for name in spellings}
        person_of |= {name: name for name in ("Ana Reyes", "Bo Lind")}
        lines = [
            (
                "",
                person,
                "rocks",
                ";".join(name for name, its in person_of.items() if its == person),
            )
            for person in ("Ana Reyes", "Bo Lind", "Cy")
        ]
        if step % 3 == 2:
            lines.pop()
        set_people(project, *lines)
        named = {line[1] for line in lines}
        ended = project.dbt("run", "--select", "daily_reports")
        assert ended.code == 0, ended.out
        expected: dict[tuple[str, str], str] = {}
        for (name, day), texts in written.items():
            person = person_of[name] if person_of[name] in named else name
            expected[person, day] = max(*texts, expected.get((person, day), ""))
        assert sorted((*key, text) for key, text in expected.items()) == days(project), step


def linked(project: Project) -> list[str]:
    """Return the days that the report is linked to."""
    rows = project.query(
        "select days.author_name || cast(days.report_date as text)"
        " from public.report_data_links as links"
        " inner join public.daily_reports as days on links.daily_report_id = days.id order by 1"
    )
    return [name for (name,) in rows]


def write_mapping(project: Project, **people: str) -> None:
    """Write a mapping file: aliases by full name, with `_` for a space."""
    mappings: dict[str, object] = {
        name.replace("_", " "): {"aliases": [alias]} for name, alias in people.items()
    }
    mappings["Nobody"] = {"fullName": "undefined", "aliases": ["N/A"]}
    project.write(MAPPING, json.dumps({"projectFolder": "rocks", "mappings": mappings}))


@pytest.mark.long
def test_mapping_files_change_names_without_a_reload(project: Project, twin: Project) -> None:
    write_mapping(project, Cy_One="Cy", Di_Two="Di", Ana_Reyes="Ana")
    for name in ("Cy", "Di", "Ana"):
        write_day(project, name, name, "2025-10-27", f"by {name}")
    project.load_and_build()
    assert 0 == project.load()["kinds"]["daily_reports"]["rows"]
    assert project.query("select count(distinct run_id) from raw.people") == [(1,)]
    names = {"Cy One", "Di Two", "Ana Reyes"}
    assert names == {author for author, *_ in days(project)}
    before = ids(project)
    # Another writer's rows: for a known spelling, and for another day of a person.
    for author, day in (
        ("Ana", "2024-01-01"),
        ("ana-reyes", "2025-10-27"),
        ("Ana Reyes", "2024-01-02"),
    ):
        project.execute(
            "insert into public.daily_reports (team_id, author_name, report_date, content)"
            f" select id, '{author}', date '{day}', 'of another writer' from public.teams"
            " where name = 'rocks'"
        )
    # Two people swap their aliases, and a third person gets a new text.
    write_mapping(project, Cy_One="Di", Di_Two="Cy", Ana_Reyes="Ana")
    write_day(project, "Ana", "Ana", "2025-10-27", "edited")
    project.load()
    run_dbt(project)
    assert [
        ("Ana Reyes", "2024-01-01", "of another writer"),
        ("Ana Reyes", "2024-01-02", "of another writer"),
        ("Ana Reyes", "2025-10-27", "- edited"),
        ("Cy One", "2025-10-27", "- by Di"),
        ("Di Two", "2025-10-27", "- by Cy"),
    ] == days(project)
    after = ids(project)
    assert after["Cy One2025-10-27"] == before["Di Two2025-10-27"]
    assert after["Di Two2025-10-27"] == before["Cy One2025-10-27"]
    assert after["Ana Reyes2025-10-27"] == before["Ana Reyes2025-10-27"]
    # The id of a row that was Ana Reyes' stays with Ana. A new day of Ana Reyes gets another id.
    write_mapping(project, Cy_One="Di", Di_Two="Cy")
    write_day(project, "new", "Ana Reyes", "2025-10-27", "by Ana Reyes")
    project.load()
    run_dbt(project)
    found = {(author, day): text for author, day, text in days(project)}
    assert "- edited" == found["Ana", "2025-10-27"]
    assert "- by Ana Reyes" == found["Ana Reyes", "2025-10-27"]
    assert "of another writer" == found["Ana Reyes", "2024-01-01"]
    assert ids(project)["Ana2025-10-27"] == before["Ana Reyes2025-10-27"]
    loaded = [row for row in days(project) if row[1] > "2025"]
    assert loaded == fresh(twin)
    # A renamed person keeps the key; the previous name remains a spelling.
    set_people(project, ("Ana Reyes", "Ana Cruz", "rocks", "Ana"))
    run_dbt(project)
    check = ("test", "--select", "assert_a_spelling_in_the_seed_is_one_persons")
    assert project.dbt(*check).code == 0
    renamed = {row[:2] for row in days(project)}
    assert {("Ana Cruz", "2024-01-01"), ("Ana Cruz", "2025-10-27")} < renamed
    assert "Ana" not in {author for author, *_ in days(project)}
    assert ids(project)["Ana Cruz2025-10-27"] == before["Ana Reyes2025-10-27"]
    # dbt rejects the same seeds as the loader.
    set_people(project, ("", "Ana Reyes", "rocks", "Ana"), ("", "Ana Lim", "rocks", "ANA"))
    assert project.dbt(*check).code == 1
    set_people(project, ("", "Ana Reyes", "ghosts", "Ana"))
    assert project.dbt(*check).code == 1
