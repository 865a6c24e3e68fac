"""Case 31: a server behind TLS, with certificates that the test makes."""

import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import pytest

from tests.conftest import Postgres
from tests.project import Project
from tests.test_connection import listening

SSL_REQUEST = bytes.fromhex("0000000804d2162f")
pytestmark = [
    pytest.mark.parametrize("engine", ["postgres"], indirect=True),
    pytest.mark.skipif(not shutil.which("openssl"), reason="openssl is not installed"),
]


def certificate(folder: Path, name: str) -> Path:
    """A certificate for 127.0.0.1 that is its own issuer, and its key."""
    file = folder / f"{name}.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=test"
    made = ["-keyout", str(file), "-out", f"{file}.crt", "-addext", "subjectAltName=IP:127.0.0.1"]
    subprocess.run([*command.split(), *made], check=True, capture_output=True)
    with file.open("a") as both:
        both.write(Path(f"{file}.crt").read_text())
    return file


@contextmanager
def behind_tls(socket_path: str, file: Path) -> Iterator[int]:
    """A port that answers PostgreSQL's request for TLS and leads to the server."""
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(file)
    listener = socket.create_server(("127.0.0.1", 0))

    def pump(source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
            sink.shutdown(socket.SHUT_WR)

    def serve(plain: socket.socket) -> None:
        with suppress(OSError), plain, socket.socket(socket.AF_UNIX) as server:
            if plain.recv(8) != SSL_REQUEST:
                return
            plain.sendall(b"S")
            with context.wrap_socket(plain, server_side=True) as client:
                server.connect(socket_path)
                back = threading.Thread(target=pump, args=(server, client), daemon=True)
                back.start()
                pump(client, server)
                back.join()

    def accept() -> None:
        with suppress(OSError):
            while True:
                client = listener.accept()[0]
                threading.Thread(target=serve, args=(client,), daemon=True).start()

    threading.Thread(target=accept, daemon=True).start()
    yield listener.getsockname()[1]
    listener.close()


def test_31_certificates_are_verified_where_they_should_be(
    project: Project, postgres: Postgres, tmp_path: Path
) -> None:
    right, other = certificate(tmp_path, "right"), certificate(tmp_path, "other")
    project.write("transcripts/markdown-output/rocks/2025-10-27.md", "# x")
    with behind_tls(f"{postgres.socket_dir}/.s.PGSQL.5432", right) as port:

        def ends(host: str, query: str) -> tuple[int, int, str]:
            project.url = f"postgresql://postgres:x@{host}:{port}/work?{query}"
            loaded, debugged = project.loader(*project.run_args()), project.dbt("debug")
            return loaded.code, debugged.code, loaded.err + debugged.out

        full = "sslmode=verify-full&sslrootcert="
        assert ends("127.0.0.1", full + quote(f"{right}.crt", safe=""))[:2] == (0, 0)
        assert ends("127.0.0.1", "sslmode=require")[:2] == (0, 0)
        wrong = {
            "host": ends("localhost", full + quote(f"{right}.crt", safe="")),
            "issuer": ends("127.0.0.1", full + quote(f"{other}.crt", safe="")),
            "unknown issuer": ends("127.0.0.1", "sslmode=verify-full"),
        }
    said = {"host": "localhost", "issuer": "certificate verify failed"}
    for name, (loaded, debugged, text) in wrong.items():
        assert (loaded, debugged) == (1, 1), name
        assert said.get(name, "certificate verify failed") in text, text


def test_31_never_without_tls_where_it_is_required(project: Project, postgres: Postgres) -> None:
    """The server itself has no TLS: every mode that asks for it is refused, nothing is sent."""
    path = f"{postgres.socket_dir}/.s.PGSQL.5432"
    with listening(socket.AF_INET, "127.0.0.1", path) as port:
        for mode in ("require", "verify-ca", "verify-full"):
            project.url = f"postgresql://postgres:x@127.0.0.1:{port}/work?sslmode={mode}"
            ended = project.loader(*project.run_args())
            assert (ended.code, "server does not support SSL" in ended.err) == (1, True), ended
