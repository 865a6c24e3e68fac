"""Case 31: a server with TLS, with certificates made by the test."""

import shutil
import socket
import ssl
import subprocess
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.support.listener import listening
from tests.support.postgres import Postgres
from tests.support.project import Project

pytestmark = [
    pytest.mark.parametrize("engine", ["postgres"], indirect=True),
    pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed"),
]


def certificate(folder: Path, name: str) -> Path:
    """Return a self-signed certificate for 127.0.0.1, and its key."""
    file = folder / f"{name}.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test"
    made = ["-keyout", str(file), "-out", f"{file}.crt", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*command.split(), *made], check=True, capture_output=True)
    with file.open("a") as both:
        both.write(Path(f"{file}.crt").read_text())
    return file


@pytest.fixture
def certificates(tmp_path: Path) -> dict[str, str]:
    """Return address queries that verify the server, and queries that do not."""
    full = "sslmode=verify-full&sslrootcert="
    made = {name: certificate(tmp_path, name) for name in ("right", "other")}
    return {name: full + quote(f"{file}.crt", safe="") for name, file in made.items()}


@pytest.fixture
def port(certificates: dict[str, str], postgres: Postgres, tmp_path: Path) -> Iterator[int]:
    """Return the address of the server behind TLS with the right certificate."""
    assert certificates
    tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    tls.load_cert_chain(tmp_path / "right.pem")
    path = f"{postgres.socket_dir}/.s.PGSQL.5432"
    with listening(socket.AF_INET, "127.0.0.1", path, tls=tls) as opened:
        yield opened


def test_31_certificates_are_verified(
    project: Project, certificates: dict[str, str], port: int
) -> None:
    project.write("transcripts/markdown-output/rocks/2025-10-27.md", "# x")

    def use(host: str, query: str) -> None:
        project.url = f"postgresql://postgres:x@{host}:{port}/work?{query}"

    for query in (certificates["right"], "sslmode=require"):
        use("127.0.0.1", query)
        project.load()
        assert project.dbt("debug").code == 0
    wrong = {
        "localhost": certificates["right"],
        "127.0.0.1": certificates["other"],
        "127.0.0.1 ": "sslmode=verify-full",  # with the certificates that come with pip
    }
    for host, query in wrong.items():
        use(host.strip(), query)
        ended = project.loader(*project.run_args())
        assert (ended.code, "certificate" in ended.err) == (1, True), ended
        assert "does not exist" not in ended.err


@pytest.mark.chaos  # dbt tries for a minute
def test_31_dbt_verifies_too(project: Project, certificates: dict[str, str], port: int) -> None:
    for host, name in (("localhost", "right"), ("127.0.0.1", "other")):
        project.url = f"postgresql://postgres:x@{host}:{port}/work?{certificates[name]}"
        ended = project.dbt("debug")
        assert (ended.code, "certificate" in ended.out) == (1, True), ended


def test_31_never_without_tls_where_it_is_required(project: Project, postgres: Postgres) -> None:
    """The server has no TLS: every mode that requires it is rejected, and nothing is sent."""
    path = f"{postgres.socket_dir}/.s.PGSQL.5432"
    with listening(socket.AF_INET, "127.0.0.1", path) as port:
        for mode in ("require", "verify-ca", "verify-full"):
            project.url = f"postgresql://postgres:x@127.0.0.1:{port}/work?sslmode={mode}"
            ended = project.loader(*project.run_args())
            assert (ended.code, "server does not support SSL" in ended.err) == (1, True), ended
