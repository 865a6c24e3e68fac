"""Deleted files no longer win; a transcript with a corrected date stays one row."""

from typing import Any

import pytest

from tests.support.project import Project

pytestmark = [pytest.mark.either_engine, pytest.mark.with_tables]

DAY = "## October {}, 2025\n\n**Employee**: Ana Reyes\n\n- {}\n\n"
FOLDER = "daily-reports/md-output/{}/{}.md"
DAYS = "select content from public.daily_reports order by report_date, content"


def texts(project: Project) -> list[Any]:
    return [content.rpartition("- ")[2] for (content,) in project.query(DAYS)]


@pytest.mark.parametrize("builds_between", [True, pytest.param(False, marks=pytest.mark.long)])
def test_the_text_of_a_file_that_is_there_wins(
    project: Project,
    builds_between: bool,  # noqa: FBT001 - a parameter
) -> None:
    def run() -> None:
        project.load()
        if builds_between:
            project.build()

    project.write(FOLDER.format("rocks", "a"), DAY.format(27, "right") + DAY.format(28, "also"))
    wrong = project.write(FOLDER.format("rocks", "b"), DAY.format(27, "wrong"))
    # Another team's file of the same person and day is ignored.
    project.write(FOLDER.format("timeclock", "c"), DAY.format(27, "elsewhere"))
    run()
    if builds_between:
        assert sorted(texts(project)) == ["also", "elsewhere", "wrong"]
        ids = project.query("select id from public.daily_reports order by id")
    # A day that only the missing file had stays: the 29th.
    project.write(FOLDER.format("rocks", "d"), DAY.format(29, "only here"))
    run()
    wrong.unlink()
    project.workspace.joinpath(FOLDER.format("rocks", "d")).unlink()
    run()
    project.build()
    assert sorted(texts(project)) == ["also", "elsewhere", "only here", "right"]
    if builds_between:
        left = project.query("select id from public.daily_reports order by id")
        assert set(ids) <= set(left)
    # It stays so, and an unchanged run adds nothing.
    assert sum(kind["rows"] for kind in project.load()["kinds"].values()) == 0
    # The file comes back, and becomes the later one again.
    project.write(FOLDER.format("rocks", "b"), DAY.format(27, "wrong"))
    run()
    project.build()
    assert sorted(texts(project)) == ["also", "elsewhere", "only here", "wrong"]


def test_an_edit_together_with_the_deletion_of_the_other_file(project: Project) -> None:
    kept = FOLDER.format("rocks", "a")
    project.write(kept, DAY.format(27, "right") + DAY.format(28, "also"))
    wrong = project.write(FOLDER.format("rocks", "b"), DAY.format(27, "wrong"))
    project.load()
    wrong.unlink()
    project.write(kept, DAY.format(27, "right") + DAY.format(28, "edited"))
    project.load()
    project.build()
    assert sorted(texts(project)) == ["edited", "right"]


@pytest.mark.long
def test_a_transcript_of_a_second_folder_of_the_team(project: Project) -> None:
    path = "transcripts/markdown-output/{}/2025-10-27 standup.md"
    project.write(path.format("ai-coach"), "# right")
    wrong = project.write(path.format("aicoach"), "# wrong")
    project.load()
    wrong.unlink()
    project.load()
    project.build()
    found = project.query("select transcript_text from public.meeting_transcripts")
    assert found == [("# right",)]


@pytest.mark.long
def test_a_transcript_whose_date_is_corrected_is_the_same_row(project: Project) -> None:
    path = "transcripts/markdown-output/rocks/notes.md"
    project.write(path, "# Sync of October 27, 2025\n")
    project.load()
    project.build()
    query = "select cast(transcript_date as date), transcript_text from public.meeting_transcripts"
    ((first_id,),) = project.query("select id from public.meeting_transcripts")
    for day in (28, 29, 27):
        project.write(path, f"# Sync of October {day}, 2025\n")
        project.load()
        project.build()
        ((found, text),) = project.query(query)
        assert (str(found), text) == (f"2025-10-{day}", f"# Sync of October {day}, 2025\n")
        assert project.query("select id from public.meeting_transcripts") == [(first_id,)]


def test_the_next_run_loads_the_results_of_a_newer_parser(project: Project) -> None:
    """From a database built by parser version 2: merged days become two."""
    project.write(FOLDER.format("rocks", "a"), DAY.format(27, "monday") + DAY.format(28, "tuesday"))
    name = "transcripts/markdown-output/rocks/standup 10-27-2025-09-30-00.md"
    project.write(name, "# Standup\n")
    project.load()
    first, second = (
        DAY.format(day, text).strip() for day, text in ((27, "monday"), (28, "tuesday"))
    )
    merged = f"content = '{first}\n\n{second}', checksum_sha256 = 'old'"
    for statement in (
        "update raw.files set parser_version = 2",
        f"update raw.daily_reports set {merged} where report_date = '2025-10-27'",
        "delete from raw.daily_reports where report_date = '2025-10-28'",
        "update raw.meeting_transcripts set transcript_date = '2025-09-30', started_at = null",
    ):
        project.execute(statement)
    project.build()
    before = dict(
        project.query(
            "select 'day', id from public.daily_reports"
            " union all select 'meeting', id from public.meeting_transcripts"
        )
    )
    assert texts(project) == ["tuesday"]
    project.load()
    project.build()
    assert texts(project) == ["monday", "tuesday"]
    assert before["day"] in {id_ for (id_,) in project.query("select id from public.daily_reports")}
    meetings = project.query(
        "select id, cast(transcript_date as date), started_at is null"
        " from public.meeting_transcripts"
    )
    assert [(before["meeting"], "2025-10-27", False)] == [
        (id_, str(day), is_null) for id_, day, is_null in meetings
    ]


@pytest.mark.long
def test_a_day_removed_from_an_existing_file_does_not_come_back(
    project: Project,
) -> None:
    kept = FOLDER.format("rocks", "a")
    project.write(kept, DAY.format(27, "older") + DAY.format(28, "also"))
    project.load()
    later = project.write(FOLDER.format("rocks", "b"), DAY.format(27, "later"))
    project.load()
    project.write(kept, DAY.format(28, "also"))
    project.load()
    later.unlink()
    project.load()
    project.build()
    assert texts(project) == ["later", "also"]
