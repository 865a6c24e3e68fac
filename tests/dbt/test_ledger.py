"""The loads that a final table applies and marks."""

import pytest

from loader.database.queries import APPLIED
from tests.support.finals import snapshot
from tests.support.generated_reports import DAY, FOLDER, WEEK, datasource, titles
from tests.support.project import Project

pytestmark = pytest.mark.with_tables
duckdb_only = pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
DAILY = "daily-reports/md-output/rocks/{}.md"


def report_with_a_link(project: Project) -> None:
    """Write a report of 2025-10-27 to 2025-11-02 with one source, in the middle."""
    project.write("configs/rocks/config.json", WEEK)
    project.write(f"{FOLDER}/rocks/datasource_weekly_R.py", datasource())
    project.write(DAILY.format("ana"), DAY.format("Ana", "2025-10-29"))
    project.load_and_build()
    assert ["Ana"] == titles(project)


@pytest.mark.long
@pytest.mark.either_engine
def test_links_do_not_apply_a_load_before_their_sources_do(project: Project) -> None:
    report_with_a_link(project)
    project.write(DAILY.format("ben"), DAY.format("Ben", "2025-10-30"))
    project.load()
    project.build("--select", "report_data_links")
    project.build()
    assert ["Ana", "Ben"] == titles(project)


@pytest.mark.long
@pytest.mark.parametrize("day", [pytest.param("2025-10-27", marks=pytest.mark.long), "2025-11-02"])
@duckdb_only
def test_a_source_of_a_reports_first_or_last_day_that_arrives_later(
    project: Project, day: str
) -> None:
    report_with_a_link(project)
    project.write(DAILY.format("ben"), DAY.format("Ben", day))
    project.load_and_build()
    assert ["Ana", "Ben"] == titles(project)


@pytest.mark.long
@pytest.mark.parametrize("day", ["2025-10-26", pytest.param("2025-11-03", marks=pytest.mark.long)])
@duckdb_only
def test_a_day_before_or_after_is_not_a_source(project: Project, day: str) -> None:
    report_with_a_link(project)
    project.write(DAILY.format("ben"), DAY.format("Ben", day))
    project.load_and_build()
    assert ["Ana"] == titles(project)


@duckdb_only
def test_a_load_counts_as_applied_when_every_model_that_claims_loads_has_it(
    built: Project,
) -> None:
    """`prune` deletes the result of `APPLIED`: a missing model would lose rows."""
    ledger = "bookkeeping.applied_loads"
    claiming = {name for (name,) in built.query(f"select distinct model from {ledger}")}
    assert {"daily_reports", "slack_captures", "report_data_links"} <= claiming
    assert len(built.query(APPLIED)) == 1
    for model in claiming:
        built.execute(f"update {ledger} set applied_at = null where model = '{model}'")
        assert [] == built.query(APPLIED), model
        built.execute(
            f"update {ledger} set applied_at = current_timestamp where applied_at is null"
        )


def test_a_row_of_another_system_takes_the_loaded_content(built: Project) -> None:
    """The row has no `loaded_at`, so every load is later."""
    before = snapshot(built)
    built.execute("update public.daily_reports set content = 'as it was', loaded_at = null")
    built.build("--vars", "reapply: true")
    assert before == snapshot(built)
