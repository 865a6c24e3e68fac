"""Cases 13 to 18: faults of a blob store. The details of each answer: tests/blobs/."""

import time

import pytest

from loader.blobs import transport
from loader.parsing.rejections import Reason
from tests.support.project import Project
from tests.support.vercel.store import Fault, Store

FOLDER = "transcripts/markdown-output/rocks"
pytestmark = pytest.mark.parametrize("engine", ["postgres"], indirect=True)


@pytest.fixture
def store(project: Project) -> Store:
    """Return a project with two transcripts."""
    for name in ("good", "bad"):
        project.write(f"{FOLDER}/2025-10-27 {name}.md", f"# {name}\n")
    assert project.store
    return project.store


def names(project: Project) -> list[str]:
    query = "select filename from raw.meeting_transcripts order by filename"
    return [name[11:-3] for (name,) in project.query(query)]


def test_13_unavailable_three_times(project: Project, store: Store) -> None:
    store.fail(Fault.UNAVAILABLE, "put", "bad", times=3)
    project.load()
    assert ["bad", "good"] == names(project)
    assert [] == project.rejections()


def test_13_a_store_that_requests_a_wait(project: Project, store: Store) -> None:
    store.fail(Fault.RATE_LIMITED, "put", "bad", times=1)  # with retry-after: 2
    moments: list[float] = []
    store.before_put = lambda: moments.append(time.monotonic())
    project.load()
    assert ["bad", "good"] == names(project)
    assert moments[-1] - min(moments) >= 1.9


def test_14_a_reset_after_the_store_took_the_bytes(project: Project, store: Store) -> None:
    store.fail(Fault.RESET_AFTER, "put", "bad", times=1)
    project.load()
    assert ["bad", "good"] == names(project)
    assert len(store.files) == 2
    assert [] == project.rejections()
    assert project.loader("verify").code == 0


def test_15_a_socket_that_never_answers(
    project: Project, store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "PATIENCE", 1.0)
    monkeypatch.setattr(transport, "_SHORTEST_TIMEOUT", 0.2)
    store.fail(Fault.HALF_OPEN, "put", "bad")
    project.load()
    assert ["good"] == names(project)
    assert [Reason.UPLOAD_FAILED] == [reason for reason, *_ in project.rejections()]
    store.faults.clear()
    project.load()
    assert ["bad", "good"] == names(project)


@pytest.mark.parametrize("fault", [Fault.HTML, Fault.TRUNCATED])
def test_16_an_invalid_answer(
    project: Project, store: Store, fault: Fault, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(transport, "PATIENCE", 0.0)
    for operation in ("put", "head"):
        store.fail(fault, operation, "bad")
    project.load()
    assert ["good"] == names(project)
    assert [Reason.UPLOAD_FAILED] == [reason for reason, *_ in project.rejections()]


@pytest.mark.parametrize("fault", [Fault.FORBIDDEN, Fault.SUSPENDED])
def test_16_a_store_that_refuses(project: Project, store: Store, fault: Fault) -> None:
    store.fail(fault, "list")
    ended = project.loader(*project.run_args())
    assert (ended.code, ended.err.count("Error: ")) == (1, 1)
    assert store.count("list") <= 2  # the threads ask at the same time, once
    store.faults.clear()
    project.load()
    assert ["bad", "good"] == names(project)


def test_17_bytes_that_do_not_match_the_sha_256(project: Project, store: Store) -> None:
    project.load()
    key = next(key for key in store.files if "bad" in key)
    store.files[key].data = b"# evil"
    ended = project.loader("verify")
    assert (ended.code, key in ended.out, "good" in ended.out) == (1, True, False), ended


@pytest.mark.long
def test_18_more_blobs_than_a_page_of_the_listing(project: Project, store: Store) -> None:
    for number in range(2_500):
        project.write(f"{FOLDER}/2025-10-28 {number}.md", f"# {number}\n")
    project.load()
    assert len(store.files) == 2_502
    store.log.clear()
    project.load("--full")
    assert (store.count("list"), store.count("put")) == (3, 0)
    assert project.loader("verify", "--orphans").code == 0
