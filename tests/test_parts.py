import json
import os
import pickle
import random
import shutil
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any
from unittest import mock

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from loader import rows
from loader.engines import Here
from loader.errors import EngineError, WarehouseError
from loader.parts import commit
from loader.parts import run as parts
from loader.parts.folder import RunFolder
from loader.parts.manifest import Part
from loader.parts.run import Manner
from loader.parts.work import run_part
from loader.pipeline import only_writer, run_in_parts
from loader.run import Progress
from tests.parts import ledger, load_in_parts, order_of, raw, run_ids, settings_of
from tests.project import Project

DAILY = "daily-reports/md-output"


def test_a_run_in_parts_gives_the_rows_of_a_run_without(project: Project, twin: Project) -> None:
    project.copy_example()
    with run_ids(1):
        plain = project.load()
    with run_ids(1):
        result = load_in_parts(twin)
    assert raw(project) == raw(twin)  # each row_id, too
    assert project.blobs() == twin.blobs()
    assert result.parts == len(ledger(twin)) > 20
    for kind, tally in result.report.tallies.items():
        assert {**plain["kinds"][kind], "seconds": 0.0} == {**asdict(tally), "seconds": 0.0}
    assert len(plain["rejections"]) == len(result.report.rejections)
    loads = project.query("select count(*) from raw._dlt_loads where status = 0")
    assert loads == twin.query("select count(*) from raw._dlt_loads where status = 0")
    twin.build()
    assert [(77,)] == twin.query("select count(*) from public.daily_reports")
    assert not any(settings_parts(twin).glob("*/*"))


def settings_parts(project: Project) -> Path:
    return Path(settings_of(project).parts_url)


def write_some_days(project: Project, chance: random.Random) -> None:
    """Files with days of which some agree and some do not, in two folders of one team."""
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


@pytest.mark.parametrize("seed", range(4))
def test_so_do_later_runs(project: Project, twin: Project, seed: int) -> None:
    chance = random.Random(seed)
    for number in range(4):
        write_some_days(project, chance)
        with run_ids(number):
            project.load()
        with run_ids(number):
            load_in_parts(twin, part_files=chance.randint(1, 4))
        # A day that its own path gave before has another position in the file's rows.
        positions = ("row_id", "blob_key")
        assert raw(project, *positions) == raw(twin, *positions)
    for name in rows.TABLES:
        assert [] == twin.query(f"select row_id from raw.{name} group by 1 having count(*) > 1")
    assert project.outcomes() == twin.outcomes()


def test_with_only_some_teams_the_rest_stays(project: Project) -> None:
    project.write(f"{DAILY}/rocks/a.md", "no day")
    project.write(f"{DAILY}/timeclock/a.md", "no day")
    load_in_parts(project)
    for folder in ("rocks", "timeclock"):
        (project.workspace / f"{DAILY}/{folder}/a.md").unlink()
    load_in_parts(project, only=["rocks"])
    path = f"{DAILY}/{{}}/a.md".format
    assert {path("rocks"): "gone", path("timeclock"): "rejected"} == {
        each: outcome for each, outcome in project.outcomes().items() if each.endswith("a.md")
    }


class Killed(BaseException):
    """The process is gone."""


@pytest.mark.parametrize("after", [0, 1, 5])
def test_a_commit_that_is_killed_half_way_resumes(
    project: Project, twin: Project, after: int
) -> None:
    project.copy_example()
    with run_ids(1):
        load_in_parts(project)
    append = "loader.parts.commit._of_load"  # for each batch, behind the ledger's row
    count = 0

    def killing(load_id: str, batch: pa.RecordBatch) -> pa.RecordBatch:
        nonlocal count
        count += 1
        if count > after:
            raise Killed
        return batch.append_column(rows.LOAD_ID, pa.repeat(load_id, len(batch)))

    with mock.patch(append, killing), run_ids(1), pytest.raises(Killed):
        load_in_parts(twin)
    entered = sum(n for _, n in ledger(twin))
    there = sum(len(each) for each in raw(twin).values())
    assert entered == there < sum(len(each) for each in raw(project).values())
    assert [] == twin.query("select * from raw._dlt_loads where load_id like '0000%'")
    with run_ids(2):
        result = load_in_parts(twin)  # finishes it, and finds nothing but the week's
    assert result.has_finished_pending
    with run_ids(2):
        load_in_parts(project)
    assert raw(project) == raw(twin)


def test_a_plain_run_finishes_a_stopped_one_too(project: Project) -> None:
    project.copy_example()
    with mock.patch("loader.parts.run.close", side_effect=Killed), pytest.raises(Killed):
        load_in_parts(project)
    assert json.loads(project.loader("status", "--json").out)["pending"]
    assert project.loader("forget", "--author", "Ana Reyes").code == 1
    summary = project.load()
    assert summary["finished_pending"]
    assert summary["kinds"]["daily_reports"]["unchanged"] == 16
    assert [(77,)] == project.query("select count(*) from raw.daily_reports")
    assert not json.loads(project.loader("status", "--json").out)["pending"]


def test_what_was_stopped_before_it_was_frozen_leaves_nothing(project: Project) -> None:
    project.copy_example()
    with mock.patch("loader.parts.run.Frozen", side_effect=Killed), pytest.raises(Killed):
        load_in_parts(project)
    assert any(settings_parts(project).glob("*/*/manifest/*"))
    assert not load_in_parts(project).has_finished_pending
    assert not any(settings_parts(project).glob("*/*"))


@contextmanager
def frozen(project: Project, part_files: int = 3) -> Iterator[tuple[RunFolder, list[Part]]]:
    """The folder and parts of a run that is frozen and not finished."""
    with mock.patch("loader.pipeline.parts.finish", side_effect=Killed), suppress(Killed):
        load_in_parts(project, part_files=part_files)
    (folder,) = parts.pending_runs(settings_of(project))
    assert folder.frozen
    yield folder, list(parts.all_parts(folder, folder.frozen))


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_a_manifest_names_each_file_with_size_version_and_part(project: Project) -> None:
    project.copy_example()
    with frozen(project) as (folder, found):
        tables = [pq.read_table(f"{folder.url}/{shard}") for shard in folder.frozen.shards]  # type: ignore[union-attr]
        told = [row for table in tables for row in table.to_pylist()]
        assert folder.frozen
        assert folder.frozen.files == len(told) == 52
        assert folder.frozen.parts == len(found) == len({part.id for part in found})
        for row in told:
            file = project.workspace / row["path"]
            assert row["size"] == file.stat().st_size
            assert str(file.stat().st_mtime_ns) in row["version"]
        # A task is a reference, however many files it is about.
        assert all(len(pickle.dumps(part)) < 1000 for part in found)


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_parts_are_bounded_by_files_and_by_bytes(project: Project) -> None:
    for number in range(10):
        project.write(f"{DAILY}/rocks/{number}.md", "x" * 100 * number)
    settings = settings_of(project)
    sizes: list[list[int]] = []
    manner = Manner(settings.blob_dir, part_files=3, part_bytes=1000)
    with mock.patch("loader.pipeline.parts.finish", side_effect=Killed), suppress(Killed):
        run_in_parts(settings, order_of(project), manner, Here())
    (folder,) = parts.pending_runs(settings)
    assert folder.frozen
    for shard in folder.frozen.shards:
        file = pq.ParquetFile(f"{folder.url}/{shard}")
        groups = map(file.read_row_group, range(file.num_row_groups))
        sizes += [[row["size"] for row in group.to_pylist()] for group in groups]
    daily = [size for size in sizes if size]
    assert [[0, 100, 200], [300, 400], [500], [600], [700], [800], [900]] == daily


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_a_part_is_equal_to_the_byte_and_not_written_again(project: Project) -> None:
    project.copy_example()
    with frozen(project) as (folder, found):
        receipts = [run_part(part) for part in found]
        before = {part.file: folder.read(part.file) for part in found}
        times = {path: path.stat().st_mtime_ns for path in Path(folder.url).glob("*.parquet")}
        assert len(times) == len(found)
        again = [run_part(part) for part in found]
        assert times == {path: path.stat().st_mtime_ns for path in times}
        for first, second in zip(receipts, again, strict=True):
            assert first.rows == second.rows
            assert first.report.rejections == second.report.rejections
        for path in times:
            path.unlink()
        for part in found:
            run_part(part)
        assert before == {part.file: folder.read(part.file) for part in found}


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_a_part_that_was_being_written_is_none(project: Project) -> None:
    project.copy_example()
    with frozen(project) as (folder, found):
        with mock.patch("os.replace", side_effect=Killed), pytest.raises(Killed):
            run_part(found[0])
        assert not folder.has(found[0].file)
        assert run_part(found[0]).rows


def test_a_file_that_changes_between_manifest_and_read_is_a_rejection(project: Project) -> None:
    for name in "abc":
        project.write(f"{DAILY}/rocks/{name}.md", f"## 2025-10-27\n**Employee**: Ana {name}\n\nx")
    with frozen(project):
        file = project.write(f"{DAILY}/rocks/b.md", "## 2025-10-27\n**Employee**: Ana b\n\nyy")
        os.utime(file, ns=(1, 1))
        (project.workspace / f"{DAILY}/rocks/c.md").unlink()
    with mock.patch("loader.pipeline.parts.begin", side_effect=Killed), suppress(Killed):
        load_in_parts(project)
    assert [
        ("changed_meanwhile", f"{DAILY}/rocks/b.md", None),
        ("unreadable", f"{DAILY}/rocks/c.md", None),
    ] == project.rejections()
    assert [("Ana a",)] == project.query("select author_name from raw.daily_reports")
    load_in_parts(project)
    assert [("Ana a",), ("Ana b",)] == project.query(
        "select author_name from raw.daily_reports order by 1"
    )


def test_a_second_commit_adds_nothing(project: Project) -> None:
    project.copy_example()
    with frozen(project) as (folder, found):
        settings = settings_of(project)
        receipts = [run_part(part) for part in found]
        with (
            only_writer(settings) as warehouse,
            commit.open_committer(settings, warehouse) as committer,
        ):
            for _ in range(2):
                done = parts.committed(folder, folder.plan, receipts, committer)
                assert len(found) == len(list(done))
        before = raw(project)
        load_in_parts(project)
    assert len({part.id for part in found}) <= len(ledger(project))
    assert [(77,)] == project.query("select count(*) from raw.daily_reports")
    assert before["daily_reports"] == raw(project)["daily_reports"]


def test_a_run_of_which_a_part_is_missing_is_not_finished(project: Project) -> None:
    project.copy_example()

    class Careless(Here):
        def map(self, act: Any, items: Iterable[Any]) -> Iterator[Any]:  # noqa: ANN401
            answers = super().map(act, items)
            if act is run_part:
                next(answers)
            return answers

    with pytest.raises(WarehouseError, match="parts of the run"):
        load_in_parts(project, Careless())
    assert project.query("select count(*) from raw._dlt_loads where status = 0") == [(0,)]
    load_in_parts(project)
    assert [(77,)] == project.query("select count(*) from raw.daily_reports")


def test_with_processes_from_the_command_line(project: Project) -> None:
    project.copy_example()
    summary = project.load("--engine", "local")
    assert summary["kinds"]["daily_reports"]["rows"] == 77
    assert summary["parts"] == 20
    assert summary["attempts"] == 20
    summary = project.load("--engine", "local")
    assert summary["kinds"]["daily_reports"]["unchanged"] == 16
    assert summary["still_rejected"] == 2


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
@pytest.mark.parametrize(
    ("args", "code", "said"),
    [
        (["--engine", "spark"], 1, "--engine spark is none"),
        (["--engine", "tcp://127.0.0.1:1"], 1, "cannot be used"),
        (["--engine", "local", "--dry-run"], 2, "--dry-run does not go with --engine"),
        (["--engine", "local", "--no-upload"], 2, "--no-upload does not go with --engine"),
        (["--workspace", "ftp://x/y"], 1, "ftp:// is none of s3://, gs://, az://, file://"),
    ],
)
def test_what_cannot_be(
    project: Project, args: list[str], code: int, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    with suppress(ImportError):
        monkeypatch.setattr("loader.engines.cluster._PATIENCE", 1)
    project.copy_example()
    ended = project.loader(*project.run_args(*args))
    assert (code, True) == (ended.code, said in ended.err), ended


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_a_worker_with_other_parsers_is_told_apart(project: Project) -> None:
    project.copy_example()
    with frozen(project) as (folder, found):
        plan = json.loads(Path(folder.url, "plan.json").read_text())
        Path(folder.url, "plan.json").write_text(json.dumps({**plan, "parser_version": 0}))
        with pytest.raises(EngineError, match="install the same loader everywhere"):
            run_part(found[0])
        shutil.rmtree(folder.url)


def test_what_other_parsers_have_begun_is_read_anew(project: Project) -> None:
    project.copy_example()
    with mock.patch("loader.parts.run.close", side_effect=Killed), pytest.raises(Killed):
        load_in_parts(project)
    assert [(77,)] == project.query("select count(*) from raw.daily_reports")
    (folder,) = parts.pending_runs(settings_of(project))
    folder.plan = replace(folder.plan, parser_version=0)
    result = load_in_parts(project)
    assert [(77,)] == project.query("select count(*) from raw.daily_reports")
    assert len({run for (run,) in project.query("select run_id from raw.daily_reports")}) == 1
    assert len(ledger(project)) == result.parts


@pytest.mark.parametrize(
    ("engine", "place", "code"),
    [
        # Of a process that the command has started.
        ("duckdb", "loader.parts.manifest:freeze:2", 1),
        ("postgres", "loader.parts.work:parse:3", 1),
        # Of the command's own.
        ("postgres", "loader.parts.run:_write_readings:1", -9),
        ("duckdb", "loader.parts.commit:_of_load:1", -9),
        ("duckdb", "loader.parts.commit:_of_load:20", -9),
        ("postgres", "loader.parts.commit:_of_load:20", -9),
        ("duckdb", "loader.parts.closing:_gone:1", -9),
        ("postgres", "loader.parts.closing:_gone:1", -9),
        ("duckdb", "loader.parts.folder:RunFolder.remove:1", -9),
    ],
    indirect=["engine"],
)
def test_kill_9(project: Project, twin: Project, place: str, code: int) -> None:
    project.copy_example()
    project.load()
    process = twin.start("loader", *twin.run_args("--engine", "local"), FAULT=f"{place}:0")
    out, err = process.communicate(timeout=60)
    assert (code, "") == (process.returncode, out), err
    assert ("goes on where this one stopped" in err) == (code == 1)
    load_in_parts(twin, only=["rocks"])  # finishes it, where there is what to finish
    load_in_parts(twin)
    expected, found = raw(project, "row_id"), raw(twin, "row_id")
    for table in rows.TABLES:
        if table in {"jira_snapshots", "slack_captures", "files"}:  # each run has its own
            assert set(expected[table]) == set(found[table])
        else:
            assert expected[table] == found[table]
    assert [] == twin.query("select row_id from raw.files group by 1 having count(*) > 1")


def test_an_interrupt_says_one_thing(project: Project) -> None:
    project.copy_example()
    fault = "loader.parts.commit:_of_load:3:0"
    args = project.run_args("--engine", "local")
    process = project.start("loader", *args, FAULT=fault, FAULT_SIGNAL="SIGINT")
    out, err = process.communicate(timeout=60)
    assert (130, "") == (process.returncode, out)
    assert err == "Interrupted. The next run finishes what is pending.\n"
    assert project.load("--engine", "local")["finished_pending"]


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_a_folder_holds_no_secret(project: Project) -> None:
    project.copy_example()
    assert project.store
    with frozen(project) as (folder, found):
        run_part(found[0])
        text = b"".join(p.read_bytes() for p in Path(folder.url).rglob("*") if p.is_file())
        assert project.store.environ["BLOB_READ_WRITE_TOKEN"].encode() not in text
        assert str(project.url).encode() not in text


@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_very_many_rejections_are_counted(project: Project) -> None:
    for number in range(30):
        project.write(f"{DAILY}/rocks/{number}.md", "no day")
    with mock.patch("loader.parts.run._MOST_REJECTIONS", 10):
        result = load_in_parts(project)
    report = result.report
    assert (10, 20, True) == (len(report.rejections), report.unlisted, report.has_left_out)
    assert len(project.rejections()) == 30


def test_progress_is_told_of_each_file(project: Project) -> None:
    project.copy_example()
    told = []

    class Told(Progress):
        def start(self, files: int) -> None:
            told.append(files)

        def advance(self, size: int | None = None) -> None:  # noqa: ARG002
            told.append(1)

    load_in_parts(project, progress=Told())
    assert [52] + [1] * 52 == told
