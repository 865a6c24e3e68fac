"""Count a loader process's operations on files and databases, and kill it at one of them.

A process that has this folder on its PYTHONPATH reads three variables:

KILL_AT=n: the process sends itself SIGKILL immediately before its n-th operation.

KILL_CHILD_AT=n: each process of its process pool does so instead of the process itself.

COUNT_TO=file: at exit or before the kill, the process writes the number and the names of its
operations.

Counting starts when `loader.cli.main` is called, in a pool's process with its first task. Effects
of imports, such as `.pyc` files, are not counted. Operations of all threads count.

Operations are: opening a file for writing and closing it, rename, remove, mkdir, rmdir, link,
truncate, chmod, fsync and lock; creating, writing and closing a Parquet file; a statement, commit,
rollback, bulk copy or close of psycopg, psycopg2, ADBC and DuckDB. Changes of DuckDB's and
PostgreSQL's own files are not counted: those systems make them atomic.
"""

import atexit
import builtins
import functools
import importlib.util
import io
import os
import signal
import sys
import threading
from collections.abc import Callable, Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from types import ModuleType
from typing import Any

_AUDITED = {
    *("os.rename", "os.remove", "os.mkdir", "os.rmdir", "os.link", "os.symlink", "os.truncate"),
    *("os.chmod", "fcntl.flock", "fcntl.lockf"),
}
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
_METHODS: dict[str, dict[str, tuple[str, ...]]] = {
    "duckdb": {
        "DuckDBPyConnection": (
            *("execute", "executemany", "sql", "query", "append", "begin", "commit", "rollback"),
            *("checkpoint", "close", "__exit__"),
        ),
    },
    "psycopg": {
        "Cursor": ("execute", "executemany", "copy"),
        "ServerCursor": ("execute",),
        "Connection": ("commit", "rollback", "close"),
        "Transaction": ("__enter__", "__exit__"),
    },
    "adbc_driver_manager.dbapi": {
        "Cursor": ("execute", "executemany", "adbc_ingest"),
        "Connection": ("commit", "rollback", "close"),
    },
    "pyarrow.parquet": {
        "ParquetWriter": ("__init__", "write_batch", "write_table", "close"),
    },
}


class Tracer:
    """Counts operations, and kills the process at the n-th one.

    Args:
        kill_at: The number of the operation; 0 for none.
        count_to: The file for the counts; empty for none.
    """

    def __init__(self, kill_at: int, count_to: str = "") -> None:
        self.names: list[str] = []
        self._kill_at = kill_at
        self._count_to = count_to
        self._lock = threading.Lock()
        self._is_counting = False
        self._inside = threading.local()

    def start(self) -> None:
        """Start counting."""
        self._is_counting = True

    def count(self, name: str) -> None:
        """Count an operation that is about to happen."""
        if not self._is_counting:
            return
        with self._lock:
            self.names.append(name)
            if len(self.names) == self._kill_at:
                self.write()
                os.kill(os.getpid(), signal.SIGKILL)

    def wrapped(self, name: str, function: Callable[..., Any]) -> Callable[..., Any]:
        """Return a function that counts its calls; nested calls do not count."""

        @functools.wraps(function)
        def wrapper(*args: Any, **kwargs: Any) -> Any:
            if getattr(self._inside, "is_set", False):
                return function(*args, **kwargs)
            said = next((" ".join(each.split()) for each in args if isinstance(each, str)), "")
            self.count(f"{name} {said}"[:120])
            self._inside.is_set = True
            try:
                return function(*args, **kwargs)
            finally:
                self._inside.is_set = False

        return wrapper

    def audit(self, event: str, args: tuple[Any, ...]) -> None:
        """Count an audited event if it changes the file system."""
        if not self._is_counting:
            return
        if event == "open":
            path, _, flags = args
            if isinstance(path, str | bytes) and isinstance(flags, int) and flags & _WRITING:
                path = os.fsdecode(path)
                if not path.startswith(("/dev/", "/proc/")) and "__pycache__" not in path:
                    self.count(f"open {path}")
        elif event in _AUDITED:
            self.count(" ".join([event, *(str(each) for each in args[:2])]))

    def opened(self, *args: Any, **kwargs: Any) -> Any:
        """Open a file; if it is opened for writing, closing it counts."""
        file = io_open(*args, **kwargs)
        mode = kwargs.get("mode", args[1] if len(args) > 1 else "r")
        if self._is_counting and set(mode) & set("wax+"):
            close = file.close

            def closing() -> None:
                if not file.closed:
                    self.count(f"close {file.name}")
                close()

            file.close = closing
        return file

    def write(self) -> None:
        """Write the number of operations and their names."""
        self._is_counting = False
        if not self._count_to:
            return
        with io_open(self._count_to, "w") as file:
            file.write("\n".join([str(len(self.names)), *self.names, ""]))

    def patch(self, module: ModuleType) -> None:
        """Count the operations of a module's classes."""
        name = module.__name__
        for owner, methods in _METHODS.get(name, {}).items():
            for method in methods:
                of = getattr(module, owner)
                short = f"{name.partition('.')[0]} {owner}.{method}"
                setattr(of, method, self.wrapped(short, getattr(of, method)))
        if name == "duckdb":
            module.connect = self.wrapped("duckdb connect", module.connect)  # type: ignore[attr-defined]
        if name == "psycopg2":
            self._patch_psycopg2(module)
        if name == "loader.cli":
            main = module.main

            def started(*args: Any) -> Any:
                self.start()
                return main(*args)

            module.main = started  # type: ignore[attr-defined]

    def _patch_psycopg2(self, module: Any) -> None:
        """Count the operations of its connections. Its types are in C, so they are subclassed."""
        tracer, extensions, connect = self, module.extensions, module.connect

        class Cursor(extensions.cursor):  # type: ignore[misc, name-defined]
            def execute(self, query: Any, params: Any = None) -> Any:
                tracer.count(f"psycopg2 Cursor.execute {' '.join(str(query).split())}"[:120])
                return super().execute(query, params)

            def copy_expert(self, *args: Any, **kwargs: Any) -> Any:
                tracer.count("psycopg2 Cursor.copy_expert")
                return super().copy_expert(*args, **kwargs)

        class Connection(extensions.connection):  # type: ignore[misc, name-defined]
            def __init__(self, *args: Any, **kwargs: Any) -> None:
                super().__init__(*args, **kwargs)
                self.cursor_factory = Cursor

            def commit(self) -> None:
                tracer.count("psycopg2 Connection.commit")
                super().commit()

            def rollback(self) -> None:
                tracer.count("psycopg2 Connection.rollback")
                super().rollback()

        def counted(*args: Any, **kwargs: Any) -> Any:
            return connect(*args, connection_factory=Connection, **kwargs)

        module.connect = counted

    def install(self) -> None:
        """Patch imported modules now, and the others on import."""
        sys.addaudithook(self.audit)
        builtins.open = io.open = self.opened
        os.fsync = self.wrapped("os.fsync", os.fsync)
        finder = _Finder(self, {*_METHODS, "psycopg2", "loader.cli"})
        for name in sorted(finder.names & set(sys.modules)):
            finder.names.remove(name)
            self.patch(sys.modules[name])
        sys.meta_path.insert(0, finder)


class _Finder(MetaPathFinder):
    """Patches modules just after their import."""

    def __init__(self, tracer: Tracer, names: set[str]) -> None:
        self._tracer = tracer
        self.names = names

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in self.names:
            return None
        self.names.remove(fullname)
        spec = importlib.util.find_spec(fullname)
        assert spec
        assert spec.loader
        execute = spec.loader.exec_module

        def exec_module(module: ModuleType) -> None:
            execute(module)
            self._tracer.patch(module)

        spec.loader.exec_module = exec_module  # type: ignore[method-assign]
        return spec


io_open = io.open


def trace_process() -> Tracer | None:
    """Trace this process if its variables ask for it.

    Remove the variables, because they are not meant for its pool's processes.
    """
    kill_at, count_to = os.environ.pop("KILL_AT", ""), os.environ.pop("COUNT_TO", "")
    if not kill_at and not count_to:
        return None
    tracer = Tracer(int(kill_at or 0), count_to)
    tracer.install()
    return tracer


def trace_child() -> None:
    """Trace this process of a pool if the variables of its parent ask for it."""
    if kill_at := int(os.environ.get("KILL_CHILD_AT", "0")):
        tracer = Tracer(kill_at)
        tracer.install()
        tracer.start()


def trace_pools() -> None:
    """Trace pool processes from the start of their work."""
    import concurrent.futures.process  # noqa: PLC0415 - in every process that has a pool

    pools: Any = concurrent.futures.process
    work = pools._process_worker  # noqa: SLF001 - has no public name

    @functools.wraps(work)
    def traced(*args: Any) -> None:
        trace_child()
        work(*args)

    pools._process_worker = traced  # noqa: SLF001


if __name__ == "sitecustomize":
    sys.dont_write_bytecode = True
    if "KILL_CHILD_AT" in os.environ:
        trace_pools()
    if _tracer := trace_process():
        atexit.register(_tracer.write)
