"""Generated reports, their types and sources, in the final tables and views."""

import json
import shutil
from collections.abc import Callable
from typing import Any

import pytest

from tests.support.finals import snapshot
from tests.support.generated_reports import DAY, FOLDER, WEEK, datasource, sources, titles
from tests.support.project import NO_CONTENTS, Project

pytestmark = pytest.mark.with_tables

Copy = Callable[[str], Project]

# Statements that are equal on both engines are tested on one.
duckdb_only = pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
either_engine = pytest.mark.either_engine
postgres_only = pytest.mark.parametrize("engine", ["postgres"], indirect=True)

NEXT_WEEK = '{"jira": {"start_date": "2025-11-03", "end_date": "2025-11-09"}}'
JIRA = "jira/md_output/rocks/epic_tree_R_{}.md"
SLACK = "slack/md-output/rocks/sanitized/{}_2025-10-27_2025-11-02.md"
# The days with a report in the week of 2025-10-27 by author, M to F.
EXPECTED_DAYS = {
    "ai-coach": {
        "Jamila Bracewell": "MTWTF",
        "Mark Jerome Bundoc": "MTWTF",
        "María-José O’Neil": "MTWTF",
    },
    "engagepath": {
        "Ismael Jr. Cristobal": "MTWTF",
        "John Michael Losada": "M-WTF",
        "John Reyes": "MTWTF",
        "Jérôme D'Angelo": "MT-TF",
    },
    "rocks": {
        "Alan Sheridan Ibáñez Núñez": "MTWTF",
        "Carmelito Verdon": "MTWTF",
        "Eusebio Mamaril": "MTWTF",
        "Jan Carlo Cruz": "-TWTF",
        "Jan Lerick Ibarra": "MTWTF",
    },
    "timeclock": {
        "Ana Dela Cruz": "MTWTF",
        "Ana Maria Santos": "MTWTF",
        "Nguyễn Văn An": "MTWTF",
        "小龍 李": "MTWTF",
    },
}
SYNC = ("2025-10-30", "Weekly sync October 30, 2025.md")
FATHOM = ("2025-10-27", "fathom-transcripts-2025-10-27T13_30_00+00_00.md")
EXPECTED_TRANSCRIPTS = {
    "ai-coach": [
        FATHOM,
        ("2025-10-28", "aicoach standup 10-28-2025.md"),
        ("2025-10-29", "aicoach_retro_10_29_2025.md"),
        SYNC,
    ],
    "engagepath": [
        FATHOM,
        ("2025-10-28", "engagepath standup 10-28-2025.md"),
        ("2025-10-29", "engagepath_retro_10_29_2025.md"),
        SYNC,
    ],
    "rocks": [
        FATHOM,
        ("2025-10-27", "planning_2025-10-27_to_2025-11-02.md"),
        ("2025-10-28", "rocks standup 10-28-2025.md"),
        ("2025-10-29", "rocks_retro_10_29_2025.md"),
        SYNC,
    ],
    "timeclock": [
        FATHOM,
        ("2025-10-28", "timeclock standup 10-28-2025.md"),
        ("2025-10-29", "timeclock10_29_25 grooming.md"),
        ("2025-10-29", "timeclock_retro_10_29_2025.md"),
        SYNC,
    ],
}
EXPECTED_REPORTS = {
    "ai-coach": "datasource_weekly_AICOACH.py",
    "engagepath": "datasource_weekly_ENGAGE.py",
    "rocks": "datasource_weekly_ROCKS.py",
    "timeclock": "datasource_weekly_TC.py",
}


def reports(project: Project) -> list[tuple[Any, ...]]:
    return project.query(
        "select teams.name, report_types.name, generated_reports.output ->> 'filename'"
        " from public.generated_reports"
        " inner join public.teams on generated_reports.team_id = teams.id"
        " inner join public.report_types on generated_reports.report_type_id = report_types.id"
        " order by 1, 2, 3"
    )


def without_type(project: Project) -> list[tuple[Any, ...]]:
    return project.query(
        "select filename, pattern from reporting.reports_without_type order by filename"
    )


def test_the_examples_reports_and_their_sources(built: Project) -> None:
    assert [(team, "weekly-digest", file) for team, file in EXPECTED_REPORTS.items()] == reports(
        built
    )
    expected = set()
    for team, report in EXPECTED_REPORTS.items():
        for author, letters in EXPECTED_DAYS[team].items():
            for day, letter in zip(range(27, 32), letters, strict=True):
                if letter != "-":
                    expected.add((report, "daily_report", f"2025-10-{day}", author))
        for day_of_meeting, filename in EXPECTED_TRANSCRIPTS[team]:
            expected.add((report, "meeting_transcript", day_of_meeting, filename))
        expected.add((report, "jira_snapshot", "2025-10-27", "week until 2025-11-02"))
    found = sources(built)
    assert len(found) == 99
    assert expected == set(found)


def test_the_columns_of_a_report_row(built: Project) -> None:
    ((ids, output, model_info, triggered_by, blob_url),) = built.query(
        "select cast(id as text) || ' ' || cast(execution_id as text), cast(output as text),"
        " model_info, triggered_by, blob_url"
        " from public.generated_reports where output ->> 'project' = 'ROCKS'"
    )
    assert ids == "c0c343c4-4733-8c3e-8f17-a2f2cf5884dd 1c2742ad-82f5-84f4-8eec-f635f9c43fff"
    assert json.loads(output)["block_sizes"]["JIRA_DATA"] == 2089
    assert (None, True, True) == (model_info, bool(triggered_by), bool(blob_url))


@either_engine
def test_the_longest_pattern_decides_and_what_has_no_type_waits_for_one(
    project: Project,
) -> None:
    for name in ("weekly_R", "dashboard_R", "ana", "R_team"):
        project.write(f"{FOLDER}/rocks/datasource_{name}.py", datasource())
    project.write(f"{FOLDER}/rocks/summary.py", datasource())
    project.load()
    project.build()
    ended = project.dbt("test", "--select", "assert_every_report_has_a_type")
    assert ended.code == 0, ended.out
    assert "WARN 2 assert_every_report_has_a_type" in ended.out
    typed = [
        ("rocks", "1on1", "datasource_ana.py"),
        ("rocks", "dashboard", "datasource_dashboard_R.py"),
        ("rocks", "weekly-digest", "datasource_weekly_R.py"),
    ]
    assert typed == reports(project)
    assert [("datasource_R_team.py", "datasource_*_team.py"), ("summary.py", None)] == (
        without_type(project)
    )
    said = project.loader("status")
    assert "no_report_type: give the file names a type in seeds/" in said.out
    waiting = json.loads(project.loader("status", "--json").out)["without_type"]
    assert [("datasource_R_team.py", 1), ("summary.py", 1)] == [
        (each["filename"], each["versions"]) for each in waiting
    ]
    # Somebody fills the row long after the load was applied.
    table = "seeds.seed_report_type_patterns"
    project.execute(f"update {table} set report_type = 'dashboard' where report_type is null")
    for _ in range(2):
        assert project.dbt("run", *NO_CONTENTS).code == 0
        # Two files of one content and type are one report.
        assert typed == reports(project)
        assert [("summary.py", None)] == without_type(project)
    project.write(f"{FOLDER}/rocks/datasource_S_team.py", datasource(2))
    project.load()
    project.execute(f"insert into {table} (pattern, report_type) values ('*.py', 'weekly-digest')")
    assert project.dbt("run", *NO_CONTENTS).code == 0
    assert sorted([*typed, ("rocks", "dashboard", "datasource_S_team.py")]) == reports(project)
    assert [] == without_type(project)


@pytest.mark.long
@duckdb_only
def test_a_report_keeps_its_type_and_the_dates_of_its_first_load(project: Project) -> None:
    project.write("configs/rocks/config.json", WEEK)
    project.write(f"{FOLDER}/rocks/datasource_ana.py", datasource())
    project.load_and_build()
    before = snapshot(project, set())["generated_reports"]
    project.write("configs/rocks/config.json", NEXT_WEEK)
    project.load("--full")
    project.build()
    table = "seeds.seed_report_type_patterns"
    project.execute(f"update {table} set report_type = 'dashboard' where report_type = '1on1'")
    assert project.dbt("run", *NO_CONTENTS).code == 0
    assert before == snapshot(project, set())["generated_reports"]


@pytest.mark.long
@either_engine
def test_a_report_without_days_gets_them_when_they_are_known(project: Project) -> None:
    project.write(f"{FOLDER}/rocks/datasource_ana.py", datasource())
    project.write("daily-reports/md-output/rocks/a.md", DAY.format("Ana", "2025-10-27"))
    project.load_and_build()
    assert [] == sources(project)
    ids = project.query("select id, created_at from public.generated_reports")
    project.write("configs/rocks/config.json", WEEK)
    project.load_and_build()
    assert ["Ana"] == titles(project)
    assert ids == project.query("select id, created_at from public.generated_reports")


@either_engine
def test_a_team_that_left_is_no_error_once_its_loads_are_applied(built: Project) -> None:
    """Its rows are deleted, and then it is removed from the seeds."""
    built.execute(
        "delete from public.report_data_links where generated_report_id in"
        " (select id from public.generated_reports where output ->> 'project' = 'TC')"
    )
    built.execute("delete from public.generated_reports where output ->> 'project' = 'TC'")
    built.execute("delete from seeds.seed_teams where name = 'timeclock'")
    shutil.rmtree(built.workspace / FOLDER / "timeclock")
    built.load("--team", "rocks")
    ended = built.dbt("run", *NO_CONTENTS)
    assert ended.code == 0, ended.out
    assert 3 == len(reports(built))


@pytest.mark.long
@duckdb_only
def test_a_stored_report_does_not_wait_and_an_unknown_type_counts_as_none(project: Project) -> None:
    for number, name in enumerate(("datasource_ana", "summary")):
        project.write(f"{FOLDER}/rocks/{name}.py", datasource(number))
    project.load_and_build()
    table = "seeds.seed_report_type_patterns"
    project.execute(f"update {table} set report_type = null where report_type = '1on1'")
    project.execute(f"insert into {table} (pattern, report_type) values ('summ*', 'typo')")
    assert project.dbt("run", *NO_CONTENTS).code == 0
    assert [("rocks", "1on1", "datasource_ana.py")] == reports(project)
    assert [("summary.py", "summ*")] == without_type(project)


@pytest.mark.long
def test_a_link_of_another_id_stays(built: Project) -> None:
    before = sources(built)
    built.execute(
        "update public.report_data_links set id = gen_random_uuid()"
        " where daily_report_id is not null"
    )
    ids = snapshot(built, set())["report_data_links"]
    built.build("--vars", "reapply: true")
    assert (before, ids) == (sources(built), snapshot(built, set())["report_data_links"])


@pytest.mark.long
@duckdb_only
def test_teams_are_kept_apart_and_a_teams_folders_are_one(project: Project) -> None:
    for folder in ("rocks", "ai-coach", "aicoach"):
        project.write(f"{FOLDER}/{folder}/datasource_ana.py", datasource())
    project.load_and_build()
    assert [("ai-coach", "1on1", "datasource_ana.py"), ("rocks", "1on1", "datasource_ana.py")] == (
        reports(project)
    )


@pytest.mark.long
@either_engine
def test_sources_that_arrive_after_the_report(project: Project) -> None:
    project.write("configs/rocks/config.json", WEEK)
    project.write(f"{FOLDER}/rocks/datasource_weekly_R.py", datasource())
    project.load_and_build()
    assert [] == sources(project)
    project.write("daily-reports/md-output/rocks/a.md", DAY.format("Ana", "2025-11-02"))
    project.write("daily-reports/md-output/rocks/b.md", DAY.format("Ben", "2025-11-03"))
    project.write("daily-reports/md-output/timeclock/c.md", DAY.format("Cora", "2025-10-28"))
    project.write("transcripts/markdown-output/rocks/2025-10-27 sync.md", "# x")
    project.write("transcripts/markdown-output/rocks/2025-10-26 sync.md", "# x")
    project.load_and_build()
    assert ["2025-10-27 sync.md", "Ana"] == titles(project)
    project.write(JIRA.format("2025-10-27_to_2025-11-02"), "x")
    project.write(SLACK.format("dev"), "x")
    project.load_and_build()
    found = ["2025-10-27 sync.md", "Ana", "dev", "week until 2025-11-02"]
    assert found == titles(project)
    first = snapshot(project, set())["report_data_links"]
    # A later run appends rows of the same week: no further row of a linked channel is linked.
    project.write(SLACK.format("general"), "x")
    project.load_and_build()
    project.load_and_build()
    found.insert(3, "general")
    assert found == titles(project)
    assert set(map(str, first)) < set(map(str, snapshot(project, set())["report_data_links"]))
    # The next week's rows do not belong to this report.
    project.write("configs/rocks/config.json", NEXT_WEEK)
    project.write(JIRA.format("2025-11-03_to_2025-11-09"), "x")
    project.load_and_build()
    assert found == titles(project)


@pytest.mark.long
@postgres_only
def test_weekly_rows_are_those_of_the_run_that_first_loaded_the_report(project: Project) -> None:
    project.write("configs/rocks/config.json", WEEK)
    jira = project.write(JIRA.format("2025-10-27_to_2025-11-02"), "before the report")
    project.load_and_build()
    jira.write_text("with the report")
    project.write(f"{FOLDER}/rocks/datasource_weekly_R.py", datasource())
    project.load()
    jira.write_text("after the report")
    project.load_and_build()  # one build for both runs
    project.build()
    (url,) = project.query("select blob_url from reporting.report_sources")
    (linked,) = [data for key, data in project.blobs().items() if url[0].endswith(key)]
    assert linked == b"with the report"


@pytest.mark.long
@duckdb_only
def test_a_late_commit_duplicates_no_weekly_row(project: Project) -> None:
    project.write("configs/rocks/config.json", WEEK)
    project.write(f"{FOLDER}/rocks/datasource_weekly_R.py", datasource())
    project.load()
    project.write(JIRA.format("2025-10-27_to_2025-11-02"), "x")
    project.load()
    project.load()
    second = "load_id = (select load_id from raw.runs order by loaded_at limit 1 offset 1)"
    project.execute(f"update raw.runs set finished_at = null where {second}")
    project.build()
    before = snapshot(project, set())["report_data_links"]
    project.execute("update raw.runs set finished_at = started_at")
    project.build()
    assert [(2,)] == project.query("select count(*) from public.jira_snapshots")
    assert before == snapshot(project, set())["report_data_links"]


@pytest.mark.long
@postgres_only
def test_links_wait_for_their_sources(project: Project) -> None:
    project.build()
    project.copy_example()
    project.load("--team", "rocks")
    project.build("--select", "generated_reports", "report_data_links")
    assert [] == project.query("select * from public.report_data_links")
    project.build()
    assert [(30,)] == project.query("select count(*) from public.report_data_links")


@pytest.mark.long
@postgres_only
def test_loading_step_by_step_equals_loading_all_at_once(
    copy_built: Copy, project: Project
) -> None:
    built = copy_built("duckdb")
    example = built.workspace
    shutil.copytree(example / "configs", project.workspace / "configs")
    for root in ("datasource-generator", "daily-reports", "transcripts", "slack", "jira"):
        shutil.copytree(example / root, project.workspace / root)
        project.load_and_build()
    assert len(sources(project)) == 99
    assert sources(built) == sources(project)


@pytest.mark.long
@either_engine
def test_lost_links_come_back(built: Project) -> None:
    before = snapshot(built)
    built.execute("delete from public.report_data_links where daily_report_id is not null")
    built.build("--vars", "reapply: true")
    assert before == snapshot(built)
    built.execute("delete from public.generated_reports")
    built.build()
    if built.url:  # the links were deleted with their reports
        assert before == snapshot(built)
    built.execute("drop table public.report_data_links cascade")
    built.build()
    assert before == snapshot(built)


@pytest.mark.either_engine
def test_team_week(project: Project) -> None:
    project.write("configs/rocks/config.json", WEEK)
    for author, day in (("Ana", "2025-10-27"), ("Ana", "2025-11-14"), ("Ben", "2025-11-10")):
        path = f"daily-reports/md-output/rocks/{author} {day}.md"
        project.write(path, DAY.format(author, day))
    project.write("daily-reports/md-output/rocks/sunday.md", DAY.format("Zoë", "2025-11-16"))
    project.write("transcripts/markdown-output/rocks/2025-11-02 sync.md", "# x")
    project.write("transcripts/markdown-output/timeclock/2025-10-20 sync.md", "# x")
    project.write(JIRA.format("2025-10-27_to_2025-11-02"), "x")
    project.write(SLACK.format("dev"), "x")
    project.load()
    project.load_and_build()
    found = project.query(
        "select team, cast(week_start as text), daily_reports, authors, days_missing, transcripts,"
        " jira_snapshots, slack_captures, last_loaded_at is not null"
        " from reporting.team_week order by team, week_start"
    )
    # Both runs took a snapshot of Jira and Slack for the current week. All three authors have left,
    # four weeks after their last report.
    weeks = {"2025-11-17": 15, "2025-11-24": 15, "2025-12-01": 15, "2025-12-08": 11}
    silent = [("rocks", week, 0, 0, days, 0, 0, 0, False) for week, days in weeks.items()]
    assert [
        ("rocks", "2025-10-27", 1, 1, 4, 1, 1, 1, True),
        ("rocks", "2025-11-03", 0, 0, 5, 0, 0, 0, False),
        ("rocks", "2025-11-10", 3, 3, 8, 0, 0, 0, True),
        *silent,
        ("timeclock", "2025-10-20", 0, 0, 0, 1, 0, 0, True),
    ] == found
    missing = (
        "select cast(days_missing_by_author as text) from reporting.team_week"
        " where week_start = '2025-11-10'"
    )
    expected = {
        "Ana": ["2025-11-10", "2025-11-11", "2025-11-12", "2025-11-13"],
        "Ben": ["2025-11-11", "2025-11-12", "2025-11-13", "2025-11-14"],
    }
    assert expected == json.loads(project.query(missing)[0][0])
    ended = project.dbt("run", "--select", "team_week", "--vars", "leaves_after_weeks: 0")
    assert ended.code == 0, ended.out
    assert project.query(missing) == [("{}",)]


@postgres_only
def test_views_are_replaced_in_place(built: Project) -> None:
    oid = "select 'reporting.team_week'::regclass::oid"
    before = built.query(oid)
    built.execute("grant select on reporting.team_week to pg_monitor")
    built.execute("create view public.mine as select team from reporting.team_week")
    # A view of an earlier version that lacks the last column: views built on it stay.
    built.execute("alter view reporting.reports_without_type rename to newer")
    built.execute(
        "create view reporting.reports_without_type as select team_folder, filename, pattern,"
        " generated_at, source_path, content_hash, blob_url, loaded_at from reporting.newer"
    )
    without = "reporting.reports_without_type"
    built.execute(f"create view public.theirs as select filename from {without}")
    built.build("--select", "team_week", "reports_without_type")
    assert [] == built.query(f"select team from {without}")
    assert [] == built.query("select filename from public.theirs")
    assert before == built.query(oid)
    granted = "select has_table_privilege('pg_monitor', 'reporting.team_week', 'select')"
    assert [(True,)] == built.query(granted)
    # A view of an earlier version with other columns is recreated.
    built.execute("drop view public.mine")
    built.execute("drop view reporting.team_week")
    built.execute("create view reporting.team_week as select 1 as number, 'x' as team")
    built.build("--select", "team_week")
    assert len(built.query("select team_id from reporting.team_week")) == 20
