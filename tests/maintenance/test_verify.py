"""`python -m loader verify` on both stores."""

import shutil
import tracemalloc
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from loader.blobs import transport
from loader.blobs.local import LocalBlobStore
from loader.extract.options import Progress
from loader.maintenance.references import Reference, sampled
from loader.maintenance.verify import Verdict, check
from loader.workspace.kinds import Kind
from tests.support.blobs import change, header, verify
from tests.support.project import Project
from tests.support.vercel.server import BlobServer
from tests.support.vercel.store import Fault

pytestmark = pytest.mark.either_engine


TRANSCRIPTS = "transcripts/markdown-output/rocks"


NOW = datetime.now(UTC)


def test_loaded_blobs_pass_verification(built: Project) -> None:
    assert verify(built) == (
        0,
        {
            **header("verify", built),
            "referenced": 50,
            "checked": 50,
            "verdicts": {"ok": 50},
            "compared": {"sha256": 50},
            "wrong": [],
        },
    )
    ended = built.loader("verify")
    assert (ended.code, ended.err) == (0, "")
    assert "50 of 50 blobs are as they should be." in ended.out


def test_every_blob_that_a_final_row_references_is_verified(built: Project) -> None:
    for key in built.blobs():
        change(built, key, b"?")
    code, told = verify(built)
    assert (code, told["verdicts"]) == (1, {"different": 50})
    referenced = built.query(
        " union ".join(f"select blob_url from public.{table}" for table in Kind)
    )
    assert {url for (url,) in referenced} == {each["url"] for each in told["wrong"]}


def test_missing_and_different_blobs_are_listed(built: Project) -> None:
    first, second, third, *_ = sorted(built.blobs())
    change(built, first, None)
    change(built, second, built.blobs()[second] + b"!")
    change(built, third, b"?" + built.blobs()[third][1:])  # of the same size
    code, told = verify(built)
    assert (code, told["verdicts"]) == (1, {"missing": 1, "different": 2, "ok": 47})
    assert {first: "missing", second: "different", third: "different"} == {
        each["key"]: each["verdict"] for each in told["wrong"]
    }
    ended = built.loader("verify")
    assert ended.code == 1
    assert "47 of 50 blobs are as they should be." in ended.out
    assert f"\nmissing: {first} (" in ended.out
    assert all(f"\ndifferent: {key} (" in ended.out for key in (second, third))
    assert "delete it" in ended.out


def test_jiras_text_of_a_datasource_is_verified(project: Project) -> None:
    project.copy_example()
    for path in (project.workspace / "jira/md_output/rocks").iterdir():
        path.unlink()
    project.load()
    code, told = verify(project)
    assert (code, told["verdicts"]) == (0, {"ok": 50})
    (key,) = [key for key in project.blobs() if "jira_data_weekly" in key]
    change(project, key, b"?")
    assert [key] == [each["key"] for each in verify(project)[1]["wrong"]]


def test_earlier_versions_are_verified_too(project: Project) -> None:
    file = project.write(f"{TRANSCRIPTS}/2025-10-27.md", "# one")
    project.load()
    file.write_text("# two")
    project.load()
    assert verify(project)[1]["checked"] == 2


def test_a_part_can_be_verified(built: Project) -> None:
    for name in ("rocks", "aicoach", "ai-coach"):
        code, told = verify(built, "--team", name)
        folder = "rocks" if name == "rocks" else "aicoach"
        expected = sum(key.startswith(f"{folder}/") for key in built.blobs())
        assert (code, told["checked"]) == (0, expected)
    ended = built.loader("verify", "--team", "nobody")
    assert ended.code == 1
    assert "No blob of a team 'nobody' is referenced. There are: ai-coach, aicoach" in ended.err
    assert verify(built, "--sample", "5")[1]["checked"] == 5
    assert verify(built, "--sample", "500")[1]["checked"] == 50
    assert verify(built, "--since", "2025-10-27")[1]["checked"] == 50
    assert verify(built, "--since", "2999-01-01") == (
        0,
        header("verify", built)
        | {"referenced": 0, "checked": 0, "verdicts": {}, "compared": {}, "wrong": []},
    )
    assert "Nothing was loaded" in built.loader("verify", "--since", "2999-01-01").out
    sample = built.loader("verify", "--sample", "5").out
    assert "5 of 5 blobs are as they should be, a sample out of 50." in sample


@pytest.mark.parametrize(
    "args",
    [
        ("--since", "yesterday"),
        ("--sample", "0"),
        ("--sample", "-1"),
        ("--sample", "x"),
        ("--orphans", "--sample", "1"),
        ("--orphans", "--since", "2025-01-01"),
    ],
)
@pytest.mark.parametrize("engine", ["duckdb"], indirect=True)
def test_wrong_usage(project: Project, args: tuple[str, ...]) -> None:
    assert project.loader("verify", *args).code == 2


def test_an_empty_database_is_reported(project: Project) -> None:
    ended = project.loader("verify")
    assert ended.code == 1
    assert "Load first: python -m loader run" in ended.err


def test_blobs_that_only_final_tables_reference_are_verified_and_not_orphans(
    built: Project,
) -> None:
    """Drop raw by hand, and load another week."""
    built.execute("drop schema raw cascade")
    file = min((built.workspace / TRANSCRIPTS).iterdir())
    shutil.rmtree(built.workspace)
    built.write(f"{TRANSCRIPTS}/{file.name}", "# 2025-10-27")
    shutil.rmtree(built.folder / "warehouse/dlt", ignore_errors=True)
    built.load()
    assert verify(built)[1]["verdicts"] == {"ok": 51}
    assert verify(built, "--orphans")[1]["orphans"] == []
    keys = [key for key in sorted(built.blobs()) if "jira" in key or "daily" in key]
    for key in (keys[0], keys[-1]):
        change(built, key, b"?")
    code, told = verify(built, "--team", "ai-coach", "--team", "timeclock")
    assert (code, {keys[0], keys[-1]}) == (1, {each["key"] for each in told["wrong"]})


def test_a_raw_table_that_is_missing_is_named(built: Project) -> None:
    built.execute("drop table raw.jira_snapshots")
    ended = built.loader("verify")
    assert ended.code == 1
    assert "Error: raw.jira_snapshots is missing from the database" in ended.err
    assert "python -m loader run --full" in ended.err


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_a_refusing_or_unreachable_store_is_reported_once(
    built: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert built.store
    monkeypatch.setattr(transport, "PATIENCE", 0.0)
    for fault, words in (
        (Fault.FORBIDDEN, "refuses the token"),
        (Fault.RESET, "Cannot list"),
    ):
        built.store.faults.clear()
        built.store.fail(fault, "list")
        ended = built.loader("verify")
        assert (ended.code, ended.out.count("\n"), ended.err.count("Error: ")) == (1, 1, 1)
        assert words in ended.err
    built.store.faults.clear()
    built.store.fail(Fault.UNAVAILABLE, "download")
    assert verify(built)[1]["verdicts"] == {"unreadable": 50}
    assert built.store.count("download") < 50  # the rest was skipped


def test_orphans_are_listed_and_kept(built: Project) -> None:
    assert (
        verify(built, "--orphans")[1] | {"orphans": [], "listed": 50}
        == (verify(built, "--orphans")[1])
    )
    said = "50 blobs in the store, 0 orphans."
    assert said in built.loader("verify", "--orphans").out
    if built.store:
        for key in ("rocks/x.md", "elsewhere/y.md"):
            headers: Any = {"x-vercel-blob-access": "private"}
            built.store.put(key, b"xyz", headers)
    else:
        store = LocalBlobStore(built.folder / "warehouse/blobs")
        for key in ("rocks/x.md", "elsewhere/y.md"):
            store.put(key, b"xyz")
    before = built.blobs()
    code, told = verify(built, "--orphans")
    assert code == 0
    assert {("rocks/x.md", 3), ("elsewhere/y.md", 3)} == {
        (each["key"], each["size"]) for each in told["orphans"]
    }
    known = verify(built, "--orphans", "--team", "aicoach")[1]
    assert (known["orphans"], known["listed"]) == ([], 11)
    (orphan,) = verify(built, "--orphans", "--team", "rocks")[1]["orphans"]
    assert orphan["key"] == "rocks/x.md"
    assert "elsewhere/y.md" in built.loader("verify", "--orphans").out
    assert before == built.blobs()


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_unreadable_blobs_are_reported_and_others_checked(
    built: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert built.store
    monkeypatch.setattr(transport, "PATIENCE", 0.5)
    first, second, third, *_ = sorted(built.blobs())
    for key, fault in ((first, Fault.UNAVAILABLE), (second, Fault.TRUNCATED)):
        built.store.fail(fault, "download", key)
    built.store.fail(Fault.FORBIDDEN, "download", third)
    code, told = verify(built)
    assert (code, told["verdicts"]) == (1, {"unreadable": 3, "ok": 47})
    assert {first, second, third} == {each["key"] for each in told["wrong"]}


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_bytes_corrupted_in_transfer_are_detected(built: Project) -> None:
    assert built.store
    key = min(built.blobs())
    built.store.fail(Fault.WRONG_BYTES, "download", key)
    code, told = verify(built)
    assert (code, [each["key"] for each in told["wrong"]]) == (1, [key])


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_a_public_store_is_read_too(project: Project, blob_server: BlobServer) -> None:
    project.store = blob_server.new_store("public")
    project.copy_example()
    project.load()
    assert verify(project)[1]["verdicts"] == {"ok": 50}


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_blobs_of_a_neon_target_may_be_in_the_local_store(project: Project) -> None:
    project.copy_example()
    store, project.store = project.store, None
    project.load("--blob-store", "local")
    assert verify(project)[1]["verdicts"] == {"ok": 50}
    project.store = store
    project.load("--full")  # into Vercel Blob
    assert verify(project)[1]["verdicts"] == {"ok": 100}
    project.store = None
    assert project.loader("verify").code == 1  # there is no token


@pytest.fixture
def local(tmp_path: Path) -> Callable[[str], LocalBlobStore]:
    return lambda _: LocalBlobStore(tmp_path)


def test_a_large_blob_takes_little_memory(
    tmp_path: Path, local: Callable[[str], LocalBlobStore]
) -> None:
    size = 64 * 1024 * 1024
    with (tmp_path / "a.md").open("wb") as file:
        file.truncate(size)
    reference = Reference("rocks", "k", "a.md", "a.md", "local:a.md", "", size, NOW)
    tracemalloc.start()
    (checked,) = check([reference], local, 1, Progress())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert (checked.verdict, f"{size:,} bytes" in checked.detail) == (Verdict.DIFFERENT, True)
    assert peak < size / 8


def test_a_sample_is_different_each_time() -> None:
    references = [Reference("t", "k", str(n), str(n), str(n), "", 0, NOW) for n in range(1000)]
    first, second = sampled(references, 20), sampled(references, 20)
    assert len(first) == len(second) == len(set(first)) == 20
    assert first != second  # equal with a probability of 1 in 10 ** 41
    assert references == sampled(references, None) == sampled(references, 1000)
