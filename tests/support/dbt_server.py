"""Run dbt commands in separate processes, without dbt's start-up time of some seconds.

A server process prepares dbt and forks for each command, because a build changes its parsed
project, and dbt keeps connections open. Results that all commands share are computed once. Each
shortcut returns exactly dbt's own result.
"""

import gc
import marshal
import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from functools import cache
from hashlib import sha256
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from pathlib import Path
from tempfile import mkdtemp
from types import CodeType
from typing import Any, NoReturn
from unittest import mock

_PROJECT = str(Path(__file__).parents[2])
_PARSED = "partial_parse.msgpack"
_ANY_ID = "00000000-0000-4000-8000-000000000000"


def run_dbt(args: list[str], folder: Path, environ: dict[str, str], log: Path, shared: Path) -> int:
    """Run a dbt command in a folder with its output in a file; return its exit code.

    Commands with the same `shared` folder share a server across processes, because starting
    one takes half a minute.
    """
    stay(shared)
    with _connected(shared) as call:
        call.send((args, folder, environ, log))
        code: int = call.recv()
    return code


@cache
def stay(shared: Path) -> tuple[Connection, subprocess.Popen[bytes] | None]:
    """Start or keep the server until this process ends. It stops when all processes have left."""
    address, process = shared / "address", None
    if not address.exists():
        path = Path(mkdtemp(prefix="dbt-"), "socket")  # the system limits its length
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(str(path))
            listener.listen()
            own = path.with_name("address")
            own.write_text(str(path))
            try:
                address.hardlink_to(own)
            except FileExistsError:  # another process was first
                shutil.rmtree(path.parent)
            else:
                process = _started(listener, shared)
    return _connected(shared), process


def _started(listener: socket.socket, shared: Path) -> subprocess.Popen[bytes]:
    """Start the server without the settings of the user who runs the tests."""
    environ = {name: os.environ[name] for name in ("HOME", "LANG", "PATH") if name in os.environ}
    return subprocess.Popen(
        [sys.executable, "-m", "tests.support.dbt_server", str(listener.fileno()), str(shared)],
        cwd=shared,
        env=environ | {"PYTHONPATH": _PROJECT},
        pass_fds=[listener.fileno()],
        start_new_session=True,
    )


def _connected(shared: Path) -> Connection:
    client = socket.socket(socket.AF_UNIX)
    client.connect((shared / "address").read_text())
    return Connection(client.detach())


def _serve(listener: socket.socket, own: Path) -> None:
    """Run each incoming command in a fork, until all clients have left."""
    _skip_unseen_events()
    _make_types_once()
    _compile_once(own / "templates")
    _inject_once(own / "queries")
    _build_once(own)
    parsed = _Parsed(own / _PARSED)
    clients: set[Connection] = set()
    running: dict[Connection, tuple[int, Connection, Path]] = {}
    while True:
        for ready in wait([listener, *clients, *running]):
            if ready is listener:
                clients.add(Connection(listener.accept()[0].detach()))
            elif isinstance(ready, Connection) and ready in running:
                pid, client, stored = running.pop(ready)
                ready.close()
                client.send(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))
                parsed.read(stored)
            elif isinstance(ready, Connection):
                try:
                    command = ready.recv()
                except EOFError:
                    clients.remove(ready)
                    continue
                stored = Path(command[2]["DBT_TARGET_PATH"], _PARSED)
                ended, running_end = Pipe(duplex=False)
                running[ended] = _forked(command), ready, stored
                running_end.close()  # the command's end closes when the command ends
        if not clients:
            return


def _forked(command: tuple[list[str], Path, dict[str, str], Path]) -> int:
    gc.freeze()  # keep garbage collection in forks from copying memory pages
    return os.fork() or _run(*command)


def _run(args: list[str], directory: Path, environ: dict[str, str], log: Path) -> NoReturn:
    """Run a command in this process."""
    from dbt.cli.main import cli  # noqa: PLC0415 - only in the server's processes

    code = 1
    try:
        descriptor = os.open(log, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        for stream in (1, 2):
            os.dup2(descriptor, stream)
        os.chdir(directory)
        os.environ.clear()
        os.environ.update(environ)
        cli(args)
    except SystemExit as ended:
        code = int(ended.code or 0)
    finally:
        sys.stdout.flush()
        os._exit(code)


def _build_once(folder: Path) -> None:
    """Make dbt import and compile reusable parts: half of a command's time."""
    from dbt.adapters import duckdb, postgres  # noqa: F401, PLC0415 - only here
    from dbt.adapters.duckdb.connections import DuckDBConnectionManager  # noqa: PLC0415
    from dbt.adapters.factory import FACTORY  # noqa: PLC0415
    from dbt.cli.main import dbtRunner  # noqa: PLC0415
    from dbt_common.tests import enable_test_caching  # noqa: PLC0415

    enable_test_caching()  # dbt's own caches, such as the list of plugins
    os.environ["WAREHOUSE_DIR"] = str(folder)
    place = ["--target-path", str(folder), "--log-path", str(folder)]
    where = ["--project-dir", _PROJECT, "--profiles-dir", _PROJECT]
    # The static parser's threads do not survive a fork.
    args = ["--quiet", "--no-static-parser", "build", "--target", "local", *place, *where]
    with mock.patch("dbt.clients.jinja_static.py_extract_from_source", _extract_ref):
        ended = dbtRunner().invoke([*args, "--exclude-resource-type", "test", "unit_test"])
    assert ended.success, ended
    FACTORY.adapters.clear()
    DuckDBConnectionManager._ENV = None  # noqa: SLF001 - that build's database


def _extract_ref(text: str) -> dict[str, Any]:
    """Do the work of dbt's static parser for `to: ref('teams')`, without its threads."""
    found = re.fullmatch(r"\{\{ ref\('(\w+)'\) \}\}", text)
    assert found, text
    return {"refs": [{"name": found[1]}]}


class _Parsed:
    """Parsed projects that commands have stored: reading one takes a second."""

    def __init__(self, path: Path) -> None:
        from dbt.contracts.graph.manifest import Manifest  # noqa: PLC0415

        self._known: dict[Path, tuple[bytes, Manifest]] = {}
        self._read: Callable[..., Manifest] = Manifest.from_msgpack
        self.read(path)
        self._read = Manifest.from_msgpack  # its first call has replaced it by a compiled one
        Manifest.from_msgpack = self._take  # type: ignore[method-assign, assignment, misc]

    def read(self, path: Path) -> None:
        """Read a stored project, unless it is cached. dbt rejects a damaged one."""
        from dbt.parser.manifest import extended_mashumuro_decoder  # noqa: PLC0415

        stored = path.read_bytes() if path.exists() else b""
        if stored and stored != self._known.get(path, (b"",))[0]:
            with suppress(Exception):
                self._known[path] = stored, self._read(stored, decoder=extended_mashumuro_decoder)

    def _take(self, stored: bytes, **more: Any) -> Any:  # noqa: ANN401
        """Return the project read from these bytes, once, because dbt changes it."""
        for path, (known, parsed) in self._known.items():
            if known == stored:
                del self._known[path]
                return parsed
        return self._read(stored, **more)


def _skip_unseen_events() -> None:
    """Skip messages of events that no log shows: nine of ten are for debugging."""
    from dbt_common.events.base_types import BaseEvent, EventLevel  # noqa: PLC0415
    from dbt_common.events.event_manager import EventManager  # noqa: PLC0415

    begin, get = BaseEvent.__init__, BaseEvent.__getattr__

    def begin_when_seen(self: Any, *args: Any, **more: Any) -> None:  # noqa: ANN401
        self.__dict__["_late"] = args, more

    def get_seen(self: Any, name: str) -> Any:  # noqa: ANN401
        if late := self.__dict__.pop("_late", None):
            begin(self, *late[0], **late[1])
        return getattr(self, name) if late else get(self, name)  # type: ignore[no-untyped-call]

    BaseEvent.__init__ = begin_when_seen  # type: ignore[method-assign]
    BaseEvent.__getattr__ = get_seen  # type: ignore[method-assign]
    fire = EventManager.fire_event

    def fire_seen(self: Any, event: Any, level: Any = None, *args: Any, **more: Any) -> None:  # noqa: ANN401
        is_seen = any(each.level is EventLevel.DEBUG for each in self.loggers)
        if is_seen or (level or event.level_tag()) is not EventLevel.DEBUG:
            fire(self, event, level, *args, **more)

    EventManager.fire_event = fire_seen  # type: ignore[method-assign, assignment]


def _make_types_once() -> None:
    """Cache the functions that read dates in query results; dbt makes them for each query."""
    import parsedatetime  # type: ignore[import-untyped]  # noqa: PLC0415

    for name in ("Calendar", "Constants"):
        setattr(parsedatetime, name, cache(getattr(parsedatetime, name)))


def _compile_once(folder: Path) -> None:
    """Cache the code that Jinja compiles from a text."""
    from jinja2 import Environment  # noqa: PLC0415

    compile_text = Environment.compile

    def compile_known(self: Environment, source: Any, *args: Any, **more: Any) -> Any:  # noqa: ANN401
        if args or more or not isinstance(source, str):
            return compile_text(self, source, *args, **more)

        def make() -> bytes:
            code = compile_text(self, source)
            assert isinstance(code, CodeType)
            return marshal.dumps(code)

        kind = (type(self).__name__, sorted(self.extensions), source)
        return marshal.loads(_remembered(folder, kind, make))

    Environment.compile = compile_known  # type: ignore[method-assign]


def _inject_once(folder: Path) -> None:
    """Cache a query with its CTEs; dbt parses the whole query to find `with`.

    A command's own id, which occurs in many queries, is inserted afterwards.
    """
    import dbt.compilation  # noqa: PLC0415
    from dbt_common.invocation import get_invocation_id  # noqa: PLC0415

    inject = dbt.compilation.inject_ctes_into_sql

    def inject_known(sql: str, ctes: list[Any]) -> str:
        own = get_invocation_id()
        query = sql.replace(own, _ANY_ID)
        plain = [replace(each, sql=each.sql.replace(own, _ANY_ID)) for each in ctes]
        key = (query, [each.sql for each in plain])
        made = _remembered(folder, key, lambda: inject(query, plain).encode())
        return made.decode().replace(_ANY_ID, own)

    dbt.compilation.inject_ctes_into_sql = inject_known


def _remembered(folder: Path, key: object, make: Callable[[], bytes]) -> bytes:
    """Return the cached value of a key, shared by all processes."""
    path = folder / sha256(repr(key).encode()).hexdigest()
    if path.exists():
        return path.read_bytes()
    made = make()
    folder.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(f".{os.getpid()}.{threading.get_ident()}")
    part.write_bytes(made)
    part.replace(path)
    return made


if __name__ == "__main__":
    with socket.socket(fileno=int(sys.argv[1])) as listening:
        _serve(listening, Path(sys.argv[2], "server"))
        shutil.rmtree(Path(listening.getsockname()).parent)
