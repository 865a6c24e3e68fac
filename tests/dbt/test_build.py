"""`dbt build` on both engines, after a load."""

from collections.abc import Callable
from pathlib import Path

import pytest
import yaml

from tests.support.finals import EXAMPLE_COUNTS, MOMENTS, WEEKLY, snapshot, table_counts
from tests.support.project import FINALS, NO_CONTENTS, ROOT, Project
from tests.support.rows import unfinish_latest_run

either_engine = pytest.mark.either_engine

Copy = Callable[[str], Project]


def bullet_file(project: Project) -> Path:
    """Write a daily file in which one day says "- (none)"."""
    for file in sorted((project.workspace / "daily-reports").rglob("*.md")):
        if b"- (none)" in file.read_bytes():
            return file
    raise AssertionError


def test_the_whole_build_passes_and_runs_again_without_a_change(built: Project) -> None:
    before = snapshot(built, set())
    ended = built.dbt("build")
    assert ended.code == 0, ended.out
    assert "WARN=0 ERROR=0 SKIP=0" in ended.out
    assert table_counts(built) == EXAMPLE_COUNTS
    assert before == snapshot(built, set())


@pytest.mark.long
@pytest.mark.with_tables
@pytest.mark.parametrize("engine", ["postgres"])
def test_the_unit_tests_pass_on_neons_engine_when_they_are_asked_for(project: Project) -> None:
    models = (ROOT / "dbt_project/models").rglob("*__unit_tests.yml")
    expected = sum(len(yaml.safe_load(path.read_text())["unit_tests"]) for path in models)
    only = ("test", "--select", "test_type:unit")
    assert "Nothing to do" in project.dbt(*only).out
    ended = project.dbt(*only, "--vars", "unit_tests: true")
    assert f", {expected} unit tests in" in ended.out
    assert "WARN=0 ERROR=0 SKIP=0" in ended.out


def test_both_engines_hold_the_same_rows_to_the_byte(copy_built: Copy) -> None:
    hidden = MOMENTS | {"blob_url"}  # the blobs have equal names in two stores
    assert snapshot(copy_built("duckdb"), hidden) == snapshot(copy_built("postgres"), hidden)


def test_a_second_run_moves_no_daily_report_and_no_transcript(built: Project) -> None:
    before = snapshot(built, set())
    built.load()
    built.build()
    after = snapshot(built, set())
    for table in set(FINALS) - set(WEEKLY):
        assert before[table] == after[table]
    for table in WEEKLY:
        assert set(before[table]) < set(after[table])
        assert len(after[table]) - 1 == 2 * (len(before[table]) - 1)


@either_engine
def test_an_edit_updates_one_row_and_its_undoing_moves_it_back(built: Project) -> None:
    query = (
        "select id, created_at, updated_at, loaded_at, content, blob_key"
        " from public.daily_reports order by id"
    )
    original = built.query(query)
    file = bullet_file(built)
    text = file.read_bytes()
    file.write_bytes(text.replace(b"- (none)", b"- done after all", 1))
    built.load()
    built.build()
    edited = built.query(query)
    ((old, new),) = [pair for pair in zip(original, edited, strict=True) if pair[0] != pair[1]]
    assert old[:2] == new[:2]
    assert all(before < after for before, after in zip(old[2:4], new[2:4], strict=True))
    assert new[4] == old[4].replace("- (none)", "- done after all", 1)
    assert new[5] != old[5]
    file.write_bytes(text)
    built.load()
    built.build()
    restored = built.query(query)
    ((_, back),) = [pair for pair in zip(original, restored, strict=True) if pair[0] != pair[1]]
    assert (old[:2], old[4:]) == (back[:2], back[4:])
    assert back[2] > new[2]


@pytest.mark.long
@either_engine
def test_building_before_any_load_and_a_week_that_lacks_kinds(project: Project) -> None:
    ended = project.dbt("build")
    assert ended.code == 0, ended.out
    empty = dict.fromkeys(FINALS, 0)
    assert table_counts(project) == empty | {"organizations": 2, "teams": 4, "report_types": 3}
    project.write("transcripts/markdown-output/rocks/2025-10-27.md", "# x")
    project.load()
    project.build()
    assert table_counts(project)["meeting_transcripts"] == 1


@pytest.mark.long
@either_engine
def test_parents_that_are_there_keep_their_ids_and_children_point_to_them(
    project: Project,
) -> None:
    project.build()
    ids = {
        "Full Scale": "11111111-1111-4111-8111-111111111111",
        "rocks": "22222222-2222-4222-8222-222222222222",
    }
    project.execute("delete from public.teams")
    project.execute("delete from public.organizations")
    project.execute(
        "insert into public.organizations (id, name, created_at)"
        f" values ('{ids['Full Scale']}', 'Full Scale', timestamptz '2024-01-01 00:00:00+00')"
    )
    project.execute(
        "insert into public.teams (id, organization_id, name)"
        f" values ('{ids['rocks']}', '{ids['Full Scale']}', 'rocks')"
    )
    project.copy_example()
    project.load()
    project.build()
    assert [(ids["Full Scale"], "2024", "Client organization")] == project.query(
        "select cast(id as text), substr(cast(created_at as text), 1, 4), description"
        " from public.organizations where name = 'Full Scale'"
    )
    assert [("rocks", ids["rocks"]), ("timeclock", ids["Full Scale"])] == project.query(
        "select name, cast(case name when 'rocks' then id else organization_id end as text)"
        " from public.teams where name in ('rocks', 'timeclock') order by name"
    )
    assert [(24,)] == project.query(
        f"select count(*) from public.daily_reports where team_id = '{ids['rocks']}'"
    )
    assert table_counts(project) == EXAMPLE_COUNTS


@pytest.mark.with_tables
@either_engine
def test_an_unfinished_run_counts_for_nothing_until_it_finishes(project: Project) -> None:
    project.copy_example()
    project.load()
    project.execute("update raw.runs set finished_at = null")
    project.build()
    assert table_counts(project)["daily_reports"] == 0
    assert [] == project.query("select * from bookkeeping.applied_loads")
    project.execute("update raw.runs set finished_at = started_at")
    project.build()
    assert table_counts(project) == EXAMPLE_COUNTS
    before = snapshot(project, set())
    project.build()
    assert before == snapshot(project, set())


@pytest.mark.long
@pytest.mark.with_tables
@either_engine
def test_a_late_commit_loses_against_an_equal_text_of_a_later_load(project: Project) -> None:
    path = "daily-reports/md-output/rocks/{}.md"
    text = "**Employee**: Ana\n\n## 2025-10-27\n\n{}\n"
    query = "select content, updated_at from public.daily_reports"
    project.write(path.format("a"), text.format("first"))
    project.load()
    project.build()
    before = project.query(query)
    project.write(path.format("a"), text.format("late"))
    project.load()
    unfinish_latest_run(project)
    project.write(path.format("b"), text.format("first"))
    project.load()
    project.build()
    project.execute("update raw.runs set finished_at = started_at")
    project.build()
    assert before == project.query(query)
    project.execute("drop table public.daily_reports cascade")
    project.build()
    assert before[0][0] == project.query(query)[0][0]


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_ties_are_broken_by_code_point_whatever_the_databases_collation(project: Project) -> None:
    # The test server has no other collation, so that no result could show it.
    assert 'source_path collate "C" desc' in project.dbt("compile", "-s", "daily_reports").out


@pytest.mark.long
@pytest.mark.either_engine
def test_a_build_that_fails_halfway_loses_nothing(project: Project) -> None:
    project.copy_example()
    project.load()
    (kept,) = project.query("select min(row_id) from raw.slack_captures")
    project.execute(f"update raw.slack_captures set row_id = 'broken' where row_id = '{kept[0]}'")
    ended = project.dbt("build", "--exclude-resource-type", "test", "unit_test", *NO_CONTENTS)
    assert ended.code == 1
    assert "slack_captures" in ended.out
    applied = project.query(
        "select distinct model from bookkeeping.applied_loads where applied_at is not null"
    )
    assert ("slack_captures",) not in applied
    assert ("daily_reports",) in applied
    project.execute(f"update raw.slack_captures set row_id = '{kept[0]}' where row_id = 'broken'")
    project.build()
    assert table_counts(project) == EXAMPLE_COUNTS


@pytest.mark.long
@pytest.mark.with_tables
@either_engine
def test_a_team_that_left_the_seeds_stops_its_rows_loudly(project: Project) -> None:
    project.copy_example()
    project.load()
    project.execute("update raw.daily_reports set team = 'ghost' where team = 'rocks'")
    ended = project.dbt("build", "--exclude-resource-type", "unit_test", *NO_CONTENTS)
    assert ended.code == 1
    assert "FAIL 24 source_has_seeded_team_raw_daily_reports_team__daily_reports" in ended.out
    ended = project.dbt("run", "--select", "daily_reports")  # without the test
    assert ended.code == 1
    assert "no seed has a team for the folder ghost" in ended.out
    assert [] == project.query(
        "select model from bookkeeping.applied_loads where model = 'daily_reports'"
    )
    project.execute("update raw.daily_reports set team = 'rocks' where team = 'ghost'")
    project.build()
    assert table_counts(project) == EXAMPLE_COUNTS


@pytest.mark.long
@pytest.mark.either_engine
def test_a_dropped_table_comes_back_whole_and_reapply_restores_a_row(built: Project) -> None:
    before = snapshot(built)
    built.execute("drop table public.daily_reports cascade")
    built.execute("delete from public.slack_captures where channel = 'rocks-dev'")
    built.build()
    expected = EXAMPLE_COUNTS | {"slack_captures": 7}
    assert table_counts(built) == expected
    built.build("--vars", "reapply: true")
    assert before == snapshot(built)


def test_full_refresh_keeps_rows_ids_and_foreign_keys(built: Project) -> None:
    keys = (
        "select count(*) from information_schema.table_constraints"
        " where constraint_schema = 'public'"
    )
    before, constraints = snapshot(built, set()), built.query(keys)
    built.build("--full-refresh")
    assert before == snapshot(built, set())
    assert constraints == built.query(keys)


@pytest.mark.long
@either_engine
def test_a_row_without_a_reference_takes_it(built: Project) -> None:
    # The replaced system cleared the references of rows that it failed to upload again.
    before = snapshot(built)
    built.execute("update public.daily_reports set blob_key = null, blob_url = null")
    built.load("--full")
    built.build()
    assert before["daily_reports"] == snapshot(built)["daily_reports"]


@either_engine
def test_only_a_later_load_changes_a_row(built: Project) -> None:
    built.execute("update public.daily_reports set content = 'by hand'")
    built.build("--vars", "reapply: true")  # the same loaded_at: not later
    assert [("by hand",)] == built.query("select distinct content from public.daily_reports")
    built.load("--full")
    built.build()
    assert [(77,)] == built.query("select count(distinct content) from public.daily_reports")


def test_an_empty_cell_of_a_seed_erases_nothing(built: Project) -> None:
    query = "select description from public.{} where name = '{}'"
    built.execute("update public.teams set description = 'by hand' where name = 'rocks'")
    built.execute("update public.organizations set description = 'x' where name = 'Full Scale'")
    built.build("--select", "organizations", "teams")
    assert built.query(query.format("teams", "rocks")) == [("by hand",)]
    seeded = built.query(query.format("organizations", "Full Scale"))
    assert seeded == [("Client organization",)]


@pytest.mark.either_engine
def test_seeds_twice_change_nothing(built: Project) -> None:
    before = snapshot(built, set())
    for _ in range(2):
        ended = built.dbt("seed")
        assert ended.code == 0, ended.out
    built.build("--select", "organizations", "teams", "report_types")
    assert before == snapshot(built, set())


def test_source_freshness(built: Project) -> None:
    ended = built.dbt("source", "freshness")
    assert ended.code == 0, ended.out
    built.execute("update raw.files set loaded_at = loaded_at - interval '30 days'")
    built.execute("update raw.generated_reports set loaded_at = loaded_at - interval '30 days'")
    ended = built.dbt("source", "freshness")
    assert ended.code == 1
    assert "ERROR STALE freshness of raw.files" in ended.out
    assert "WARN freshness of raw.generated_reports" in ended.out
