"""The tools of the benchmark; its figures decide no test."""

import hashlib
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import duckdb
import psycopg
import pytest

from benchmarks import baseline, plot, row_by_row
from benchmarks.bench import ENGINES, Bench
from benchmarks.cases import CASES
from benchmarks.cases.first_load import BASELINE, CONTENTS, DLT, OURS
from benchmarks.figure import Figure, table
from benchmarks.measure import Cost, process
from benchmarks.weeks import DAYS, PEOPLE, TRANSCRIPTS, write_week
from benchmarks.workspaces import TEAMS, Size, write_workspace
from loader.parsing.daily_reports import parse_daily_reports
from tests.support.project import Project

SIZE = Size("XS", 4, 3)


def files(root: Path) -> dict[str, bytes]:
    found = (path for path in sorted(root.rglob("*")) if path.is_file())
    return {str(path.relative_to(root)): path.read_bytes() for path in found}


def test_a_workspace_is_the_same_each_time_and_every_day_of_it_is_read(tmp_path: Path) -> None:
    size = replace(SIZE, daily_files=40)
    for name in "ab":
        write_workspace(tmp_path / name, size)
    made = files(tmp_path / "a")
    assert made == files(tmp_path / "b")
    texts = [data for path, data in made.items() if path.startswith("daily-reports")]
    parsed = [parse_daily_reports(text) for text in texts]
    assert [] == [rejection for _, rejections in parsed for rejection in rejections]
    days = [day for found, _ in parsed for day in found]
    assert (size.days, size.daily_files) == (len(days), len({day.author_name for day in days}))
    assert 600 < sum(len(day.content) for day in days) / len(days) < 800
    transcripts = [data for path, data in made.items() if path.startswith("transcripts")]
    assert all(35_000 < len(text) < 45_000 for text in transcripts)


def test_a_goal_is_met_from_the_side_that_it_names() -> None:
    assert [True, False] == [Figure("", "", "", ratio, 2.0).is_met for ratio in (1.9, 2.1)]
    assert [False, True] == [Figure("", "", "", ratio, -0.8).is_met for ratio in (0.7, 0.9)]
    assert Figure("", "").is_met is None
    assert "| a | 3 s | 2 s | 1.50 | ≤ 1 | **no** |" in table([Figure("a", "3 s", "2 s", 1.5, 1)])


def test_the_other_programs_load_the_rows_of_the_loader(project: Project, tmp_path: Path) -> None:
    write_workspace(project.workspace, SIZE)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONTENT", "none")
        project.load()
    columns = "team, source_path, author_name, report_date, content, checksum_sha256, line_number"
    loaded = sorted(project.query(f"select {columns} from raw.daily_reports"))
    transcripts = sorted(project.query("select team, filename from raw.meeting_transcripts"))
    target = project.url or str(tmp_path / "other.duckdb")
    workspace = str(project.workspace)
    baseline.main(workspace, target, str(tmp_path / "blobs"))
    process([sys.executable, "-m", "benchmarks.plain_dlt", workspace, target, str(tmp_path / "d")])
    with opened(target) as connection:

        def ask(query: str) -> list[tuple[object, ...]]:
            return sorted(connection.execute(query).fetchall())

        assert loaded == ask(f"select {columns} from daily_reports")
        assert transcripts == ask("select team, filename from meeting_transcripts")
        names = "team, author_name, report_date, content"
        assert [(row[0], *row[2:5]) for row in loaded] == ask(
            f"select {names} from plain.daily_reports"
        )
        assert transcripts == ask("select team, filename from plain.meeting_transcripts")
        copies = [*(tmp_path / "blobs").iterdir()]
        blobs = {hashlib.sha256(path.read_bytes()).hexdigest() for path in copies}
        assert blobs == {path.stem for path in copies}
        assert len(blobs) == SIZE.daily_files + SIZE.transcripts
        if not project.url:
            return
        connection.execute("drop table daily_reports, meeting_transcripts")
    row_by_row.main(workspace, target)
    with opened(target) as connection:
        days = "select author_name, report_date, content from daily_reports"
        assert sorted(row[2:5] for row in loaded) == sorted(connection.execute(days).fetchall())
        assert connection.execute("select count(*) from meeting_transcripts").fetchone() == (3,)


def opened(target: str) -> Any:  # noqa: ANN401 - either driver's connection
    is_postgres = target.startswith("postgresql:")
    return psycopg.connect(target, autocommit=True) if is_postgres else duckdb.connect(target)


def test_a_week_adds_its_files_and_moves_the_configs(tmp_path: Path) -> None:
    first = write_week(tmp_path, 0)
    before = files(tmp_path)
    second = write_week(tmp_path, 1)
    after = files(tmp_path)
    assert len(first) == len(second) == len({*first, *second}) / 2
    configs = {name for name in before if name.startswith("configs/")}
    assert {name for name in before if before[name] != after[name]} == {
        name for name in configs if not name.endswith("weekly.json")
    }
    days = [
        day
        for path in second
        if "daily-reports/" in path.as_posix()
        for day in parse_daily_reports(path.read_bytes())[0]
    ]
    assert len(days) == len(TEAMS) * PEOPLE * DAYS
    assert {day.report_date for day in days} == {date(2021, 1, 11 + n) for n in range(DAYS)}
    assert sum("transcripts/" in path.as_posix() for path in second) == len(TEAMS) * TRANSCRIPTS
    assert any("2021-01-11_to_2021-01-17" in path.name for path in second)


COMMANDS = ("loader", "dbt", "benchmarks.")


def fake_process(args: Sequence[str], *_: object, **__: str) -> Cost:
    """Cost a tenth of a second per word of the command, instead of running it."""
    assert any(name in " ".join(args) for name in COMMANDS)
    return Cost(len(args) / 10, len(args) / 10, 0.0, 50_000_000)


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bench:
    """Return a small benchmark that runs no process."""
    for module in ("benchmarks.bench", "benchmarks.cases.first_load"):
        monkeypatch.setattr(f"{module}.process", fake_process)
    monkeypatch.setattr("benchmarks.cases.first_load._UV", tmp_path / "none")
    return Bench(tmp_path, [SIZE], 1, ["duckdb"], weeks=30)


def test_the_stages_of_parsing_add_up(bench: Bench) -> None:
    whole, *stages = CASES["parsing"](bench)
    assert whole.goal
    assert sum(stage.ratio or 0 for stage in stages) == pytest.approx(1)


def test_a_first_load_is_compared_with_each_program(bench: Bench) -> None:
    figures = [*CASES["first-load"](bench)]
    points = bench.points["first-load"]
    assert [BASELINE, OURS, CONTENTS, DLT] == [point["program"] for point in points]
    assert len(figures) == 2 * len(points)
    assert figures[0].ratio == 1
    picture = plot.draw_first_load({"machine": "m", "day": "d", "commit": "c", "points": points})
    assert all(f">{point['program']}<" in picture for point in points)
    ET.fromstring(picture)


def test_years_keep_or_remove_old_weeks(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, list[int]] = {}

    def run(_: Bench, __: str, name: str, root: Path) -> Cost:
        seen.setdefault(name, []).append(len([*root.glob("daily-reports/*/*/*.md")]))
        return Cost(1, len(seen[name]), 0, 1)

    monkeypatch.setattr(Bench, "run", run)
    figures = [*CASES["years"](bench)]
    per_week = len(TEAMS) * PEOPLE
    assert seen["years-all"] == [per_week * week for week in range(1, 31)]
    assert seen["years-old"] == [per_week * min(week, 4) for week in range(1, 31)]
    assert figures[0].ratio == pytest.approx(29 / 3)
    picture = plot.draw_years(
        {"machine": "m", "day": "d", "commit": "c", "points": bench.points["years"]}
    )
    assert picture.count("<polyline") == 2
    ET.fromstring(picture)


def test_the_weekly_cycle_takes_turns(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def note(args: Sequence[str], *_: object, **__: str) -> Cost:
        asked.append(next(name for name in ("weekly", "run", "build", "verify") if name in args))
        return Cost(1, 1)

    monkeypatch.setattr("benchmarks.bench.process", note)
    figures = [*CASES["cycle"](bench)]
    assert asked == 2 * ["run", "build", "run", "build", "verify", "weekly"]
    (ratio,) = {figure.ratio for figure in figures if figure.ratio}
    assert ratio == pytest.approx(1 / 3)


@pytest.mark.long
@pytest.mark.parametrize("case", ["first-load", "cycle", "years", "latency"])
def test_a_case_runs_on_both_engines(case: str, tmp_path: Path) -> None:
    bench = Bench(tmp_path, [SIZE], 1, weeks=2, rows=9000)
    try:
        figures = [*CASES[case](bench)]
    finally:
        bench.close()
    assert {engine for engine in ENGINES if any(engine in each.what for each in figures)} == {
        *ENGINES
    }
