"""Splitting a run into parts, and the executor of the parts, change no result."""

import json
import os
import pickle
import random
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from unittest import mock

import pyarrow.parquet as pq
import pytest

from loader import tables
from loader.errors import EngineError
from loader.extract.executors import InProcess
from loader.extract.extraction import Extraction
from loader.extract.listing import list_prefix
from loader.extract.options import Progress
from loader.extract.part_writer import Origin, PartWriter, tables_of
from loader.extract.parts import extract_part
from loader.extract.run_folder import RunFolder, prepared
from loader.extract.shards import Part, parts_of
from loader.loading.run import run
from loader.parsing.rejections import Reason, Severity
from loader.tables import RejectionRow
from loader.workspace.kinds import Kind
from tests.support.modes import wrong_modes
from tests.support.project import Project
from tests.support.runs import (
    KeepsParts,
    Killed,
    load,
    options_of,
    raw,
    run_ids,
    settings_of,
)
from tests.support.vercel.store import Fault

DAILY = "daily-reports/md-output"
duckdb_only = pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
either_engine = pytest.mark.either_engine


def shared(project: Project) -> Path:
    settings = settings_of(project)
    return Path(settings.parts_url, settings.pipeline_name)


@pytest.mark.long
@pytest.mark.either_engine
def test_the_size_of_parts_changes_nothing(project: Project, twin: Project) -> None:
    project.copy_example()
    with run_ids(1):
        plain = project.load()
    with run_ids(1):
        result = load(twin, part_files=2)
    assert raw(project) == raw(twin)  # including each row_id
    assert project.blobs() == twin.blobs()
    assert result.parts > plain["parts"] == 20
    for kind, counts in result.summary.kinds.items():
        assert {**plain["kinds"][kind], "seconds": 0} == {**asdict(counts), "seconds": 0}
    assert len(plain["rejections"]) == len(result.summary.rejections)
    twin.build()
    assert [(77,)] == twin.query("select count(*) from public.daily_reports")
    assert not shared(twin).exists()


def write_some_days(project: Project, chance: random.Random) -> None:
    """Write files in two folders of one team; some of their days agree."""
    for folder in ("ai-coach", "aicoach", "rocks"):
        for name in ("a.md", "b.md", "sub/c.md", "é.md", "z.md"):
            path = f"{DAILY}/{folder}/{name}"
            if chance.random() < 0.2:
                with suppress(FileNotFoundError):
                    (project.workspace / path).unlink()
                continue
            days = [
                f"## {chance.choice(['2025-10-27', '2025-10-28', '2025-02-30'])}\n"
                f"**Employee**: {chance.choice(['Ana Cruz', 'Ben Reyes'])}\n\n"
                f"{chance.choice(['x', 'y'])}"
                for _ in range(chance.randint(0, 3))
            ]
            project.write(path, "\n\n".join(days) or chance.choice(["", "no day"]))
    if chance.random() < 0.5:
        path = f"{DAILY}/nobody/{chance.choice('ab')}.md"
        project.write(path, "## 2025-10-27\n**Employee**: Ana Cruz\n\nx")


@pytest.mark.long
@pytest.mark.parametrize(
    "seed", [0, *(pytest.param(seed, marks=pytest.mark.long) for seed in range(1, 6))]
)
@either_engine
def test_the_size_of_parts_changes_nothing_in_later_runs(
    project: Project, twin: Project, seed: int
) -> None:
    chance = random.Random(seed)
    for number in range(4):
        write_some_days(project, chance)
        with run_ids(number):
            project.load()
        with run_ids(number):
            load(twin, part_files=chance.randint(1, 4))
        assert raw(project) == raw(twin)
    for name in tables.TABLES:
        assert [] == twin.query(f"select row_id from raw.{name} group by 1 having count(*) > 1")
    assert project.outcomes() == twin.outcomes()


@either_engine
def test_a_run_for_some_teams_leaves_the_others_unchanged(project: Project) -> None:
    project.write(f"{DAILY}/rocks/a.md", "no day")
    project.write(f"{DAILY}/timeclock/a.md", "no day")
    load(project)
    for folder in ("rocks", "timeclock"):
        (project.workspace / f"{DAILY}/{folder}/a.md").unlink()
    load(project, only=["rocks"])
    path = f"{DAILY}/{{}}/a.md".format
    assert {path("rocks"): "gone", path("timeclock"): "rejected"} == {
        each: outcome for each, outcome in project.outcomes().items() if each.endswith("a.md")
    }


@contextmanager
def stopped_before_loading(project: Project, part_files: int = 3) -> Iterator[Path]:
    """Return the parts of a run that stopped after extracting them."""
    with mock.patch("loader.loading.run.resolve", side_effect=Killed), suppress(Killed):
        load(project, part_files=part_files)
    yield shared(project) / "parts"


def times(folder: Path) -> dict[str, int]:
    return {path.name: path.stat().st_mtime_ns for path in folder.glob("*.parquet")}


@either_engine
def test_parts_of_a_run_that_did_not_finish_are_used_again(project: Project, twin: Project) -> None:
    project.copy_example()
    with stopped_before_loading(project) as parts:
        before = times(parts)
    with stopped_before_loading(project) as parts:
        after = times(parts)
    kept = before.items() & after.items()
    # Parts of the weekly kinds depend on configs, too.
    assert sum("daily" in part_tables(parts / name) for name, _ in kept) >= 6
    with run_ids(1):
        result = load(project)
    assert not shared(project).exists()
    assert result.summary.kinds["daily_reports"].rows == 77  # type: ignore[index]
    with run_ids(1):
        load(twin)
    assert raw(project) == raw(twin)


def part_tables(path: Path) -> str:
    with pq.ParquetFile(path) as file:
        return " ".join(tables_of(file))


@duckdb_only
@pytest.mark.parametrize(
    "change",
    [
        lambda path: path.write_bytes(b"garbage" * 1000),
        lambda path: path.chmod(0),
        *(
            pytest.param(change, marks=pytest.mark.long)
            for change in (
                lambda path: path.write_bytes(path.read_bytes()[: path.stat().st_size // 2]),
                lambda path: path.write_bytes(b""),
                lambda path: path.write_bytes(
                    path.read_bytes()[:4] + bytes(400) + path.read_bytes()[404:]
                ),
            )
        ),
    ],
    ids=["garbage", "no rights", "half", "empty", "zeros"],
)
def test_a_kept_part_that_is_damaged_is_extracted_again(project: Project, change: Any) -> None:  # noqa: ANN401
    project.copy_example()
    with stopped_before_loading(project) as parts:
        for path in parts.glob("*.parquet"):
            change(path)
    load(project)
    assert [(77,)] == project.query("select count(*) from raw.daily_reports")


@either_engine
def test_a_kept_part_whose_uploads_failed_is_extracted_again(project: Project) -> None:
    project.write(f"{DAILY}/rocks/a.md", "## 2025-10-27\n**Employee**: Ana\n\nx")
    if project.store:
        project.store.fail(Fault.UNAVAILABLE, "put")
    else:
        obstacle = project.folder / "warehouse/blobs/rocks/daily-reports"
        obstacle.parent.mkdir(parents=True)
        obstacle.write_text("a file where a folder should be")
    with (
        mock.patch("loader.blobs.transport.PATIENCE", 0.0),
        stopped_before_loading(project) as parts,
    ):
        assert times(parts)
    if project.store:
        project.store.faults.clear()
    else:
        obstacle.unlink()
    load(project)
    assert [("Ana",)] == project.query("select author_name from raw.daily_reports")
    assert [] == project.rejections()


@duckdb_only
def test_an_edited_file_is_not_taken_from_a_kept_part(project: Project) -> None:
    file = project.write(f"{DAILY}/rocks/a.md", "## 2025-10-27\n**Employee**: Ana\n\nx")
    with stopped_before_loading(project):
        file.write_text("## 2025-10-27\n**Employee**: Ana\n\ny")
    load(project)
    ((content,),) = project.query("select content from raw.daily_reports")
    assert content.endswith("y")


@duckdb_only
def test_a_plain_run_removes_kept_parts(project: Project) -> None:
    project.copy_example()
    with stopped_before_loading(project) as parts:
        assert times(parts)
    project.load()
    assert not shared(project).exists()


@contextmanager
def listed(project: Project, part_files: int = 3) -> Iterator[tuple[RunFolder, list[Part]]]:
    """Return the folder and parts of a run that has listed its files."""

    class Stops(KeepsParts):
        def map(self, act: Any, items: Iterable[Any]) -> Iterator[Any]:  # noqa: ANN401
            if act is not list_prefix:
                raise Killed
            return super().map(act, items)

    with suppress(Killed):
        load(project, Stops(), part_files=part_files)
    (path,) = (each for each in shared(project).iterdir() if each.name != "parts")
    folder = RunFolder(str(path))
    shards = sorted(f"listing/{each.name}" for each in (path / "listing").iterdir())
    yield folder, [part for shard in shards for part in parts_of(folder, shard)]


@duckdb_only
def test_a_listing_names_each_file_with_size_and_version(project: Project) -> None:
    project.copy_example()
    with listed(project) as (folder, found):
        rows = [
            row
            for path in Path(folder.url, "listing").iterdir()
            for row in pq.read_table(path).to_pylist()
        ]
        assert len(rows) == 52
        assert len({part.id for part in found}) == len(found)
        for row in rows:
            file = project.workspace / row["path"]
            assert row["size"] == file.stat().st_size
            assert str(file.stat().st_mtime_ns) in row["version"]
        # A task is a small reference, regardless of the number of files.
        assert all(len(pickle.dumps(part)) < 1000 for part in found)


@duckdb_only
def test_parts_are_bounded_by_files_and_by_bytes(project: Project) -> None:
    for number in range(10):
        project.write(f"{DAILY}/rocks/{number}.md", "x" * 100 * number)
    settings = settings_of(project)
    sizes: list[list[Any]] = []

    class Looks(KeepsParts):
        def map(self, act: Any, items: Iterable[Any]) -> Iterator[Any]:  # noqa: ANN401
            if act is extract_part:
                items = list(items)
                for part in items:
                    file = pq.ParquetFile(f"{part.run}/{part.shard}")
                    sizes.append(file.read_row_group(part.group)["size"].to_pylist())
            return super().map(act, items)

    extraction = Extraction(Looks(), None, settings.blob_store, part_files=3, part_bytes=1000)
    run(settings, options_of(project), extraction)
    daily = [size for size in sizes if size]
    assert [[0, 100, 200], [300, 400], [500], [600], [700], [800], [900]] == daily


@duckdb_only
def test_a_part_is_equal_to_the_byte(project: Project) -> None:
    project.copy_example()
    with listed(project) as (folder, found):
        parts = Path(folder.plan.parts)
        first = [extract_part(part) for part in found]
        before = {part.file: (parts / part.file).read_bytes() for part in found}
        for part in found:
            (parts / part.file).unlink()
        second = [extract_part(part) for part in found]
        third = [extract_part(part) for part in found]  # they exist already
    for attempt in (second, third):
        assert [each.rows for each in first] == [each.rows for each in attempt]
        assert [each.summary.rejections for each in first] == [
            each.summary.rejections for each in attempt
        ]
    # Only the cost of an attempt is its own.
    assert before.keys() == {path.name for path in parts.iterdir()}
    assert before == {part.file: (parts / part.file).read_bytes() for part in found}


@duckdb_only
def test_an_unfinished_part_does_not_exist(project: Project) -> None:
    project.copy_example()
    with listed(project) as (folder, found):
        with mock.patch("pathlib.Path.replace", side_effect=Killed), pytest.raises(Killed):
            extract_part(found[0])
        assert not Path(folder.plan.parts, found[0].file).exists()
        assert extract_part(found[0]).rows


@either_engine
def test_a_file_that_changes_after_the_listing_is_a_rejection(project: Project) -> None:
    for name in "abc":
        project.write(f"{DAILY}/rocks/{name}.md", f"## 2025-10-27\n**Employee**: Ana {name}\n\nx")

    class Edits(KeepsParts):
        def map(self, act: Any, items: Iterable[Any]) -> Iterator[Any]:  # noqa: ANN401
            if act is extract_part:
                text = "## 2025-10-27\n**Employee**: Ana b\n\nyy"
                os.utime(project.write(f"{DAILY}/rocks/b.md", text), ns=(1, 1))
                (project.workspace / f"{DAILY}/rocks/c.md").unlink()
            return super().map(act, items)

    load(project, Edits())
    assert [
        ("changed_meanwhile", f"{DAILY}/rocks/b.md", None),
        ("unreadable", f"{DAILY}/rocks/c.md", None),
    ] == project.rejections()
    assert [("Ana a",)] == project.query("select author_name from raw.daily_reports")
    load(project)
    assert [("Ana a",), ("Ana b",)] == project.query(
        "select author_name from raw.daily_reports order by 1"
    )


@pytest.mark.long
@either_engine
def test_a_run_with_a_missing_part_does_not_finish(project: Project) -> None:
    project.copy_example()

    class Careless(KeepsParts):
        def map(self, act: Any, items: Iterable[Any]) -> Iterator[Any]:  # noqa: ANN401
            answers = super().map(act, items)
            if act is extract_part:
                next(answers)
            return answers

    with pytest.raises(EngineError, match="parts were extracted"):
        load(project, Careless())
    tables_of_raw = "select table_name from information_schema.tables where table_schema = 'raw'"
    assert [] == project.query(tables_of_raw)
    load(project)
    assert [(77,)] == project.query("select count(*) from raw.daily_reports")


@either_engine
def test_with_processes_from_the_command_line(project: Project) -> None:
    project.copy_example()
    summary = project.load("--engine", "local")
    assert summary["kinds"]["daily_reports"]["rows"] == 77
    assert summary["parts"] == 20
    # Each prefix is listed, and the files next to the team folders; each part is extracted.
    assert summary["attempts"] == 45
    assert wrong_modes(project.folder / "warehouse") == {}
    summary = project.load("--engine", "local")
    assert summary["kinds"]["daily_reports"]["unchanged"] == 16
    assert summary["still_rejected"] == 2


@duckdb_only
@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["--engine", "spark"], 1, "Unknown engine 'spark'"),
        (["--engine", "tcp://127.0.0.1:1"], 1, "Cannot use the cluster"),
        (["--engine", "local", "--dry-run"], 2, "--dry-run cannot be combined with --engine"),
        (["--engine", "local", "--no-upload"], 2, "--no-upload cannot be combined with --engine"),
        (
            ["--workspace", "ftp://x/y"],
            1,
            "Unknown scheme 'ftp://' of --workspace. Use one of s3://, gs://, az://, file://",
        ),
    ],
)
def test_invalid_options(
    project: Project, args: list[str], code: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with suppress(ImportError):
        monkeypatch.setattr("loader.extract.executors.dask._PATIENCE", 1)
    project.copy_example()
    ended = project.loader(*project.run_args(*args))
    assert (code, True) == (ended.code, said in ended.err), ended


@duckdb_only
def test_a_worker_with_other_parsers_is_refused(project: Project) -> None:
    project.copy_example()
    with listed(project) as (folder, found):
        folder.plan = replace(folder.plan, parser_versions={})
        prepared.cache_clear()  # as in another process that has not read the plan
        with pytest.raises(EngineError, match="Install the same loader everywhere"):
            extract_part(found[0])


@pytest.mark.long
@either_engine
def test_an_interrupt_prints_one_message(project: Project) -> None:
    project.copy_example()
    fault = "loader.loading.runs:begin:1:0"
    args = project.run_args("--engine", "local")
    process = project.start("loader", *args, FAULT=fault, FAULT_SIGNAL="SIGINT")
    out, err = process.communicate(timeout=300)
    assert (130, "") == (process.returncode, out)
    assert err == "Interrupted. Nothing of the run counts; the next run starts over.\n"
    assert project.load("--engine", "local")["kinds"]["daily_reports"]["rows"] == 77


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_a_folder_holds_no_secret(project: Project) -> None:
    project.copy_example()
    assert project.store
    with listed(project) as (folder, found):
        extract_part(found[0])
        text = b"".join(p.read_bytes() for p in shared(project).rglob("*") if p.is_file())
        assert folder.plan.run_id.encode() in text  # it is the right folder
        assert project.store.environ["BLOB_READ_WRITE_TOKEN"].encode() not in text
        assert str(project.url).encode() not in text


@pytest.mark.long
@duckdb_only
def test_very_many_rejections_are_counted(project: Project) -> None:
    for number in range(30):
        project.write(f"{DAILY}/rocks/{number}.md", "no day")
    with (
        mock.patch("loader.extract.extraction.MOST_REJECTIONS", 10),
        mock.patch("loader.loading.run.MOST_REJECTIONS", 10),
    ):
        summary = load(project).summary
    assert (10, 20, True) == (len(summary.rejections), summary.unlisted, summary.has_left_out)
    assert len(project.rejections()) == 30


@pytest.mark.long
@pytest.mark.parametrize("executor", [InProcess, KeepsParts])
@either_engine
def test_progress_is_reported_for_each_file(project: Project, executor: Any) -> None:  # noqa: ANN401
    project.copy_example()
    told = []

    class Told(Progress):
        def start(self, files: int) -> None:
            told.append(files)

        def advance(self, size: int | None = None) -> None:  # noqa: ARG002
            told.append(1)

    load(project, executor(), progress=Told())
    assert [52] + [1] * 52 == told


def test_row_groups_are_bounded_by_rows_and_by_bytes(tmp_path: Path) -> None:
    table = tables.REJECTIONS
    row = RejectionRow(
        kind=Kind.DAILY_REPORTS,
        line_number=None,
        severity=Severity.REJECTED,
        reason=Reason.NO_DAY,
        detail="x",
    )
    origin = Origin(team="rocks", source_path="a.md", file_sha256=None)
    with (
        (tmp_path / "part.parquet").open("wb") as file,
        PartWriter(lambda: file, is_compressed=False) as writer,
    ):
        for _ in range(4001):
            writer.add(table, origin, [row], text_bytes=1)
        for _ in range(3):
            writer.add(table, origin, [row], text_bytes=5 * 1024 * 1024)
        writer.finish()
    found = pq.read_metadata(tmp_path / "part.parquet")
    sizes = [found.row_group(number).num_rows for number in range(found.num_row_groups)]
    assert [2000, 2000, 3, 1] == sizes
    assert writer.rows == found.num_rows == 4004


@pytest.mark.long
@either_engine
def test_a_dry_run_knows_finished_runs_only(project: Project) -> None:
    project.copy_example()
    project.load()
    project.execute("update raw.runs set finished_at = null")
    dry = project.load("--dry-run")
    assert (
        dry["kinds"]["daily_reports"] | {"unchanged": 0, "rows": 77}
        == dry["kinds"]["daily_reports"]
    )
    status = json.loads(project.loader("status", "--json").out)
    assert ([], 1, []) == (status["loads"], len(status["unfinished"]), status["rejections"])
    assert project.load()["removed_runs"] == 1
    assert [(77,)] == project.query("select count(*) from raw.daily_reports")
