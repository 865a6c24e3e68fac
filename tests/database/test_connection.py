"""Every form of DATABASE_URL works for the loader and for dbt, on a real PostgreSQL."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support.listener import listening
from tests.support.postgres import Postgres
from tests.support.project import Project

PASSWORD = 'p@ss/w:rd#?%&=+"\\ ä'
EXAMPLE = "DATABASE_URL=postgresql://user:pass@host/db?sslmode=require"
pytestmark = pytest.mark.parametrize("engine", ["postgres"], indirect=True)


def works(project: Project) -> None:
    """Load one row with the loader, and connect with dbt."""
    project.write("transcripts/markdown-output/rocks/2025-10-27.md", "# x")
    project.load()
    assert [(1,)] == project.query("select count(*) from raw.meeting_transcripts")
    ended = project.dbt("debug")
    assert (ended.code, "OK connection ok" in ended.out) == (0, True), ended.out


def test_a_socket_folder_without_a_port(project: Project) -> None:
    assert project.url
    project.url = project.url.replace(":5432/", "/").replace("postgresql:", "postgres:")
    works(project)


@pytest.mark.parametrize(
    ("family", "host", "in_url"),
    [(socket.AF_INET, "127.0.0.1", "127.0.0.1"), (socket.AF_INET6, "::1", "[::1]")],
)
def test_addresses_of_both_families(
    project: Project, postgres: Postgres, family: int, host: str, in_url: str
) -> None:
    with listening(family, host, f"{postgres.socket_dir}/.s.PGSQL.5432") as port:
        project.url = f"postgresql://postgres:x@{in_url}:{port}/work?sslmode=disable"
        works(project)


@pytest.fixture
def with_passwords(postgres: Postgres) -> Iterator[None]:
    """Make the server ask the user `o'neil@home` for a password."""
    hba = next(Path(postgres.folder).rglob("pg_hba.conf"))
    before = hba.read_text()
    postgres.execute('drop role if exists "o\'neil@home"')
    quoted = PASSWORD.replace("'", "''")
    postgres.execute(f"create role \"o'neil@home\" superuser login password '{quoted}'")
    hba.write_text(f'local all "o\'neil@home" scram-sha-256\n{before}')
    postgres.execute("select pg_reload_conf()")
    yield
    hba.write_text(before)
    postgres.execute("select pg_reload_conf()")


@pytest.mark.usefixtures("with_passwords")
def test_user_and_password_are_percent_encoded(project: Project, postgres: Postgres) -> None:
    project.url = postgres.url("work", "o'neil@home", PASSWORD)
    works(project)
    project.url = postgres.url("work", "o'neil@home", "wr0ng" + PASSWORD)
    ended = project.loader(*project.run_args())
    assert ended.code == 1
    assert "password authentication failed" in ended.err
    assert "wr0ng" not in ended.err


def test_sslmode_reaches_both(
    project: Project, postgres: Postgres, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert project.url
    project.url += "?sslmode=verify-full"  # a socket does not need it
    works(project)
    for home, bundle in (("/root", "certs/ca-certificates.crt"), ("/Users/ana", "cert.pem")):
        said = project.dbt("debug", environ={"HOME": home}).out
        assert "sslmode: verify-full" in said
        assert f"sslrootcert: /etc/ssl/{bundle}" in said
    monkeypatch.setattr("loader.blobs.retry.time.sleep", lambda _: None)
    with listening(socket.AF_INET, "127.0.0.1", f"{postgres.socket_dir}/.s.PGSQL.5432") as port:
        project.url = f"postgresql://postgres:x@127.0.0.1:{port}/work?sslmode=require"
        assert "server does not support SSL" in project.loader(*project.run_args()).err


@pytest.mark.parametrize(
    ("url", "words"),
    [
        (None, "DATABASE_URL not configured"),
        ("", "DATABASE_URL not configured"),
        ("postgresql://user:sEcret@host", "DATABASE_URL is malformed"),
        ("user:sEcret@host/db", "DATABASE_URL is malformed"),
        ("postgresql://user:sEcret%@host/db", "DATABASE_URL is malformed"),
        ("postgresql://user:sEcret%00@host/db", "DATABASE_URL is malformed"),
    ],
)
def test_unset_empty_and_malformed(
    project: Project, monkeypatch: pytest.MonkeyPatch, url: str | None, words: str
) -> None:
    monkeypatch.setattr(Project, "environ", {} if url is None else {"DATABASE_URL": url})
    for ended in (project.loader(*project.run_args()), project.dbt("debug")):
        assert ended.code != 0
        said = ended.out + ended.err
        assert words in said
        assert EXAMPLE in said
        assert "sEcret" not in said


def test_the_first_error_of_a_neon_target_follows_the_guide(project: Project) -> None:
    project.store = None
    ended = project.loader("run", "--workspace", str(project.workspace))
    assert ended.code == 1
    assert "Vercel Blob upload is not enabled" in ended.err
    assert "ENABLE_VERCEL_BLOB_UPLOAD=true" in ended.err
    assert "--blob-store local" in ended.err
    assert [] == project.query("select 1 from information_schema.schemata where schema_name='raw'")


def test_an_error_of_the_driver_is_shown_without_the_password(
    project: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loader.database.connect.CONNECT_PATIENCE", 0)
    project.url = "postgresql://postgres:sEcret@127.0.0.1:1/work?sslmode=verify-ca&sslrootcert=/no"
    ended = project.loader(*project.run_args())
    assert ended.code == 1
    assert "Cannot connect to 127.0.0.1:1/work" in ended.err
    assert "sEcret" not in ended.err
