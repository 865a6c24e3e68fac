"""Files and their blobs: uploads to Vercel Blob, and blobs adopted from elsewhere."""

import hashlib
import json
import signal
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from loader.blobs import transport
from loader.parsing.rejections import Reason
from tests.support.project import Project
from tests.support.vercel.server import BlobServer
from tests.support.vercel.store import Fault, Store

DAILY = "daily-reports/md-output/rocks"
TRANSCRIPTS = "transcripts/markdown-output/rocks"
DAY = "**Employee**: {}\n\n## October 27, 2025\n\n- {}\n"
pytestmark = pytest.mark.parametrize("engine", ["postgres"], indirect=True)


@pytest.fixture
def store(project: Project) -> Store:
    assert project.store
    return project.store


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "PATIENCE", 0.0)


def sent(store: Store) -> int:
    """Return the number of blobs sent since the last call."""
    count = store.count("put")
    store.log.clear()
    return count


def rows_of(project: Project, table: str) -> int:
    count: int = project.query(f"select count(*) from raw.{table}")[0][0]
    return count


def has_raw(project: Project) -> bool:
    return bool(project.query("select 1 from information_schema.tables where table_schema='raw'"))


def test_content_is_sent_once_even_if_answers_are_lost(project: Project, store: Store) -> None:
    project.copy_example()
    project.load()
    assert store.count("list") == 4  # one per team
    assert sent(store) == 50 == len(store.files)
    assert all(
        name.split("/")[0] in {"rocks", "aicoach", "engagepath", "timeclock"}
        for name in store.files
    )
    project.load()
    assert sent(store) == 0
    project.load("--full")
    assert (store.count("list"), sent(store)) == (4, 0)
    project.execute("drop schema raw cascade")
    project.folder /= "another machine"  # without memory, as the database has none either
    project.folder.mkdir()
    project.copy_example()
    project.load()
    assert (store.count("head"), sent(store)) == (0, 0)


def test_a_changed_day_is_one_blob(project: Project, store: Store) -> None:
    project.copy_example()
    project.load()
    sent(store)
    file = min((project.workspace / DAILY).iterdir())
    file.write_text(file.read_text() + "\none more line\n")
    project.load()
    assert sent(store) == 1


def test_a_run_without_uploads_sends_the_store_no_request(project: Project, store: Store) -> None:
    project.write(f"{DAILY}/a.md", DAY.format("Ana", "x"))
    project.load()
    sent(store)
    project.load()
    assert store.log == []


def test_raw_slack_stays_where_it_is(project: Project, store: Store) -> None:
    project.copy_example()
    project.load()
    raw = [path.read_bytes() for path in (project.workspace / "slack/md-output").glob("*/*.md")]
    assert len(raw) == 8
    assert not [file for file in store.files.values() if file.data in raw]
    assert all("/slack/sanitized/" in key for key in store.files if "slack" in key)


def test_blobs_are_uploaded_in_parallel(project: Project, store: Store) -> None:
    store.meeting = threading.Barrier(8)  # each waits for seven others
    for number in range(16):
        project.write(f"{TRANSCRIPTS}/2025-10-27 {number}.md", f"# {number}")
    project.load()
    assert not store.meeting.broken
    assert sent(store) == 16


def test_the_requested_number_of_blobs_is_uploaded_at_once(
    project: Project, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BLOB_CONCURRENCY", "2")
    store.meeting = threading.Barrier(2)
    for number in range(8):
        project.write(f"{TRANSCRIPTS}/2025-10-27 {number}.md", f"# {number}")
    project.load()
    assert 2 == store.most_at_once
    assert rows_of(project, "meeting_transcripts") == 8


@pytest.mark.long
def test_temporary_faults_of_a_store_lose_nothing(project: Project, store: Store) -> None:
    project.copy_example()
    for fault in (
        Fault.UNAVAILABLE,
        Fault.HTML,
        Fault.TRUNCATED,
        Fault.RESET_AFTER,
        Fault.HTML_AFTER,
    ):
        store.fail(fault, "put", times=2)
    store.fail(Fault.UNAVAILABLE, "list", times=2)
    assert project.load()["still_rejected"] == 0
    assert not [reason for reason, *_ in project.rejections() if reason == Reason.UPLOAD_FAILED]
    assert len(store.files) == 50


@pytest.mark.usefixtures("impatient")
@pytest.mark.parametrize(
    "fault",
    [
        Fault.HTML,
        Fault.REDIRECT,
        pytest.param(Fault.RESET, marks=pytest.mark.long),
        pytest.param(Fault.UNAVAILABLE, marks=pytest.mark.long),
    ],
)
def test_no_row_refers_to_an_unconfirmed_blob(project: Project, store: Store, fault: Fault) -> None:
    for name in ("good", "bad"):
        project.write(f"{TRANSCRIPTS}/2025-10-27 {name}.md", f"# {name}")
    store.fail(fault, "put", "bad")
    ended = project.loader(*project.run_args("--strict"))
    assert ended.code == 1
    assert [
        (Reason.UPLOAD_FAILED, f"{TRANSCRIPTS}/2025-10-27 bad.md", None)
    ] == project.rejections()
    assert [("2025-10-27 good.md",)] == project.query(
        "select filename from raw.meeting_transcripts"
    )
    store.faults.clear()
    project.load()
    assert rows_of(project, "meeting_transcripts") == 2


@pytest.mark.parametrize("fault", [Fault.FORBIDDEN, Fault.SUSPENDED])
@pytest.mark.parametrize("operation", ["list", "put"])
def test_a_store_that_refuses_ends_the_run_with_one_message(
    project: Project, store: Store, fault: Fault, operation: str
) -> None:
    project.copy_example()
    store.fail(fault, operation)
    ended = project.loader(*project.run_args())
    assert (ended.code, ended.out.count("\n"), ended.err.count("Error: ")) == (1, 1, 1)
    words = "refuses the token" if fault is Fault.FORBIDDEN else "is suspended"
    assert words in ended.err
    assert store.secret not in ended.err
    assert not has_raw(project)
    store.faults.clear()
    project.load()
    assert rows_of(project, "daily_reports") == 77


def test_a_store_of_the_other_kind_ends_the_run_with_one_message(
    project: Project, blob_server: BlobServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.copy_example()
    project.store = blob_server.new_store("public")
    monkeypatch.setattr(Store, "environ", project.store.environ | {"BLOB_ACCESS": ""})
    ended = project.loader(*project.run_args())
    assert (ended.code, ended.out) == (1, f"{project.target}: {project.place}\n")
    assert "Error: The store is public, and BLOB_ACCESS is private." in ended.err
    assert (project.store.files, has_raw(project)) == ({}, False)


def test_a_public_store_is_refused_even_with_nothing_to_send(
    project: Project, blob_server: BlobServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.copy_example()
    project.store = blob_server.new_store("public")
    project.load()
    assert sent(project.store) == 50
    monkeypatch.setattr(Store, "environ", project.store.environ | {"BLOB_ACCESS": "private"})
    for option in ("--full", "--dry-run"):
        ended = project.loader(*project.run_args(option))
        assert (ended.code, ended.out.count("\n")) == (1, 1), option
        assert "Error: The store is public, and BLOB_ACCESS is private." in ended.err


@pytest.mark.long
@pytest.mark.usefixtures("impatient")
def test_an_unreachable_store_ends_the_run_and_loses_nothing(
    project: Project, store: Store
) -> None:
    project.copy_example()
    store.fail(Fault.RESET, "list")
    ended = project.loader(*project.run_args())
    assert ended.code == 1
    assert "Error: Cannot list the blob store: " in ended.err
    store.faults.clear()
    project.load()
    assert rows_of(project, "daily_reports") == 77


def test_the_settings_are_asked_for_first(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    project.copy_example()
    told = {
        ("ENABLE_VERCEL_BLOB_UPLOAD", "false"): "Vercel Blob upload is not enabled",
        (
            "ENABLE_VERCEL_BLOB_UPLOAD",
            "yes",
        ): "ENABLE_VERCEL_BLOB_UPLOAD is 'yes'",
        ("BLOB_READ_WRITE_TOKEN", ""): "BLOB_READ_WRITE_TOKEN not configured",
        ("BLOB_READ_WRITE_TOKEN", "sEcret"): "BLOB_READ_WRITE_TOKEN is malformed",
        ("BLOB_ACCESS", "open"): "BLOB_ACCESS is 'open'",
        ("VERCEL_BLOB_API_URL", "http://example.com/x"): "VERCEL_BLOB_API_URL is malformed",
        ("BLOB_CONCURRENCY", "0"): "BLOB_CONCURRENCY is '0'",
    }
    environ = project.environ
    for (name, value), words in told.items():
        for option in ((), ("--dry-run",)):
            monkeypatch.setattr(
                Project, "environ", {"BLOB_CONCURRENCY": "", **environ, name: value}
            )
            ended = project.loader(*project.run_args(*option))
            assert (ended.code, words in ended.err, "sEcret" in ended.err) == (1, True, False), name
    monkeypatch.setattr(Project, "environ", environ)
    assert not has_raw(project)


def test_a_dry_run_uploads_nothing(project: Project, store: Store) -> None:
    project.copy_example()
    summary = project.load("--dry-run")
    assert 50 == sum(counted["uploads"] for counted in summary["kinds"].values())
    assert {"list"} == {operation for operation, _ in store.log}
    assert (store.files, has_raw(project)) == ({}, False)


def test_another_machine_may_be_faster(project: Project, store: Store) -> None:
    """The listing lacked it: the PUT finds it, and verifies it."""
    file = project.write(f"{TRANSCRIPTS}/2025-10-27.md", "# x")
    digest = hashlib.sha256(file.read_bytes()).hexdigest()[:12]
    key = f"rocks/transcripts/2025-10-27-{digest}.md"
    headers: Any = {"x-vercel-blob-access": "private"}
    store.before_put = lambda: store.files or store.put(key, b"# x", headers)
    project.load()
    assert [(key,)] == project.query("select blob_key from raw.meeting_transcripts")
    assert [name for name, _ in store.log] == ["list", "put", "head", "download"]


@pytest.mark.long
def test_ctrl_c_ends_at_once_and_the_next_run_is_exact(project: Project, store: Store) -> None:
    project.copy_example()
    store.fail(Fault.HALF_OPEN, "put", "rocks")
    process = project.start("loader", *project.run_args())
    while not any("rocks" in name for operation, name in store.log if operation == "put"):
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=50)  # the client would wait a minute for the store
    assert (process.returncode, out.count("\n"), out.startswith("prod: ")) == (130, 1, True)
    assert err == "Interrupted. Nothing of the run counts; the next run starts over.\n"
    store.faults.clear()
    project.load()
    assert rows_of(project, "daily_reports") == 77
    assert len(store.files) == 50


def test_long_uploads_do_not_let_the_database_fall_asleep(
    project: Project, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The session that holds the lock sends queries between uploads."""
    monkeypatch.setattr("loader.loading.keep_alive._LONGEST_IDLE", 0)
    monkeypatch.setenv("BLOB_CONCURRENCY", "1")
    of_writer = (
        "select query_start from pg_stat_activity inner join pg_locks using (pid)"
        " where locktype = 'advisory' and objsubid = 1 and datname = 'work'"
    )
    asked: list[tuple[Any, ...]] = []
    store.before_put = lambda: asked.extend(project.query(of_writer))
    for number in range(25):
        project.write(f"{TRANSCRIPTS}/2025-10-27 {number}.md", f"# {number}")
    project.load()
    assert len(asked) == rows_of(project, "meeting_transcripts") == 25
    assert len(set(asked)) > 25 // 3  # at most two files are in progress


def manifest(project: Project, **groups: list[dict[str, str]]) -> Path:
    path = project.folder / "manifest.json"
    path.write_text(json.dumps({name: {"urls": urls} for name, urls in groups.items()}))
    return path


def upload(path: str, data: bytes, local_path: str = "") -> dict[str, str]:
    name = path.rpartition("/")[2]
    return {
        "pathname": f"elsewhere/{name}",
        "url": f"https://x.private.blob.vercel-storage.com/elsewhere/{quote(name)}",
        "localPath": local_path or path,
        "checksum": hashlib.sha256(data).hexdigest(),
    }


def test_uploads_made_elsewhere_are_taken_where_path_and_bytes_agree(
    project: Project, store: Store
) -> None:
    project.copy_example()
    groups: dict[str, list[dict[str, str]]] = {}
    folders = {
        "transcripts": "transcripts/markdown-output",
        "dailyReports": "daily-reports/md-output",
        "slack": "slack/md-output",
        "jiraData": "jira/md_output",
    }
    for group, folder in folders.items():
        groups[group] = [
            upload(
                str(path.relative_to(project.workspace)),
                path.read_bytes(),
                f"/home/ci/w/{path.relative_to(project.workspace)}",
            )
            for path in sorted((project.workspace / folder).rglob("*.md"))
        ]
    for number, entry in enumerate(entry for urls in groups.values() for entry in urls):
        entry["url"] += f"?{number}"
    path = manifest(project, **groups)
    project.load("--blob-manifest", str(path), "--no-upload")
    assert store.log == []
    assert rows_of(project, "daily_reports") == 77
    urls = {entry["url"] for urls in groups.values() for entry in urls}
    for table in ("daily_reports", "meeting_transcripts", "jira_snapshots", "slack_captures"):
        found = project.query(f"select distinct blob_key, blob_url from raw.{table}")
        assert found
        assert all(key.startswith("elsewhere/") and url in urls for key, url in found)


def test_a_file_that_the_manifest_does_not_name_is_uploaded_or_rejected(
    project: Project, store: Store
) -> None:
    data = {name: f"# {name}".encode() for name in ("named", "other")}
    for name, text in data.items():
        project.write(f"{TRANSCRIPTS}/2025-10-27 {name}.md", text)
    named, other = (f"{TRANSCRIPTS}/2025-10-27 {name}.md" for name in data)
    path = manifest(project, transcripts=[upload(named, data["named"])])
    project.load("--blob-manifest", str(path), "--no-upload")
    assert [(Reason.NOT_UPLOADED, other, None)] == project.rejections()
    assert rows_of(project, "meeting_transcripts") == 1
    project.load("--blob-manifest", str(path))
    assert rows_of(project, "meeting_transcripts") == 2
    assert [operation for operation, _ in store.log] == ["list", "put"]


def test_an_upload_of_other_bytes_is_a_rejection(project: Project, store: Store) -> None:
    file = project.write(f"{TRANSCRIPTS}/2025-10-27.md", "# new")
    name = f"{TRANSCRIPTS}/2025-10-27.md"
    path = manifest(project, transcripts=[upload(name, b"# old")])
    (rejection,) = project.load("--blob-manifest", str(path))["rejections"]
    assert (Reason.BLOB_MISMATCH, name) == (rejection["reason"], rejection["path"])
    assert hashlib.sha256(file.read_bytes()).hexdigest() in rejection["detail"]
    assert store.log == []
    both = [
        upload(name, b"# old"),
        upload(name, b"# new") | {"url": "https://x.private.blob.vercel-storage.com/new"},
    ]
    project.load("--blob-manifest", str(manifest(project, transcripts=both)))
    assert [("https://x.private.blob.vercel-storage.com/new",)] == project.query(
        "select blob_url from raw.meeting_transcripts"
    )


def test_uploads_of_missing_files_are_reported(project: Project) -> None:
    project.write(f"{TRANSCRIPTS}/2025-10-27.md", "# x")
    names = [f"{TRANSCRIPTS}/{name}.md" for name in ("2025-10-27", "2025-10-28", "2025-10-29")]
    path = manifest(project, transcripts=[upload(name, b"# x") for name in names])
    ended = project.loader(*project.run_args("--blob-manifest", str(path)))
    assert ended.code == 0
    assert (
        f"2 of 3 uploads in {path} name no file of the workspace, such as {names[1]!r}."
        in ended.err
    )


def test_no_upload_needs_a_manifest(project: Project) -> None:
    assert project.loader(*project.run_args("--no-upload")).code == 2
