"""Run loader commands in separate processes, without the import time of a second.

A server process imports all modules and forks for each command. It does nothing else, because an
open database or a thread would not survive a fork.
"""

import ctypes
import importlib.util
import json
import multiprocessing
import os
import struct
import sys
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from contextlib import suppress
from functools import cache
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from pathlib import Path
from types import ModuleType
from typing import Any

from tests.support.processes import spawned
from tests.support.project import Ended, Project
from tests.support.tracer import sitecustomize as tracing

# dlt and Arrow read them on import.
_BEFORE_IMPORTS = {"ARROW_DEFAULT_MEMORY_POOL": "system", "RUNTIME__DLTHUB_TELEMETRY": "false"}


def run_loader(project: Project, *args: str, **environ: str) -> Ended:
    """Run a loader command in a separate process; `environ` adds to the server's variables.

    The code is negative if a signal ended the process: see tracer/sitecustomize.py. With
    OBEY_MODES, file modes restrict the process even if it runs as root.
    """
    files = [str(project.folder / f"loader.{name}") for name in ("out", "err")]
    variables = {**os.environ, **project.environ, **project.parsed_before(), **environ}
    calls = _server()
    calls.send(([*args, "--target", project.target], str(project.folder), variables, files))
    code = calls.recv()
    return Ended(code, *(Path(file).read_text() for file in files))


@cache
def _server() -> Connection:
    return spawned(_serve)


def _serve(calls: Connection) -> None:
    """Run each command in a fork."""
    os.environ.update(_BEFORE_IMPORTS)
    # Processes inherit a daemon's restrictions from their parent, but a command has children.
    multiprocessing.current_process()._config["daemon"] = False  # type: ignore[attr-defined]  # noqa: SLF001
    known: set[str] = set()
    _serve_pools(known)  # the first command may already have a pool
    while True:
        args, directory, environ, files = calls.recv()
        learned = Path(f"{files[0]}.modules")
        if pid := os.fork():
            code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
            if new := _import(learned) - known:
                known |= new
                _serve_pools(known)
            calls.send(code)
            continue
        _run(args, directory, environ, files, learned)


def _serve_pools(modules: set[str]) -> None:
    """Start the server that forks pool processes, with modules imported."""
    forkserver._forkserver._stop()  # type: ignore[attr-defined]  # noqa: SLF001 - has fewer
    forkserver.set_forkserver_preload([__name__, *sorted(modules)])
    forkserver.ensure_running()


def _import(learned: Path) -> set[str]:
    """Import the modules that a command needed, for later commands."""
    if not learned.exists():
        return set()
    names: list[str] = json.loads(learned.read_text())
    learned.unlink()
    found = set()
    for name in names:
        with suppress(ImportError):
            importlib.import_module(name)
            found.add(name)
    return found


def _run(
    args: list[str], directory: str, environ: dict[str, str], files: list[str], learned: Path
) -> None:
    """Run a command in this process."""
    code = 1
    try:
        for stream, file in enumerate(files, 1):
            os.dup2(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), stream)
        os.chdir(directory)
        os.environ.clear()
        os.environ.update(environ)
        if os.environ.pop("OBEY_MODES", ""):
            _drop_override()
        before = set(sys.modules)
        code = _command(args)
        new = set(sys.modules) - before - {"__main__"}
        if code == 0 and new:
            learned.write_text(json.dumps(sorted(new)))
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(code)


def _drop_override() -> None:
    """On Linux, drop root's right to write despite the mode (CAP_DAC_OVERRIDE)."""
    if sys.platform != "linux" or os.geteuid():
        return
    header = struct.pack("=Ii", 0x20080522, 0)  # version 3, this process
    data = ctypes.create_string_buffer(24)  # effective, permitted, inheritable; twice
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.capget(header, data):
        raise OSError(ctypes.get_errno(), "capget")
    words = list(struct.unpack("=6I", data.raw))
    for index in (0, 1):
        words[index] &= ~0b110  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
    if libc.capset(header, struct.pack("=6I", *words)):
        raise OSError(ctypes.get_errno(), "capset")


def _command(args: list[str]) -> int:
    from loader.cli import main  # noqa: PLC0415 - after setting the variables

    _fork_pools()
    tracer = tracing.trace_process()
    if tracer:
        tracer.start()
    try:
        code = main(args)
    except SystemExit as ended:
        code = int(ended.code or 0)
    if tracer:
        tracer.write()
    return code


def _fork_pools() -> None:
    """Fork pool processes from a server that has the modules, too."""
    # As with `python -m loader`: pool processes do not import it again.
    main_module = ModuleType("__main__")
    main_module.__spec__ = importlib.util.find_spec("loader.__main__")
    sys.modules["__main__"] = main_module
    # That server is not a child of this process, which would therefore consider it dead.
    forkserver._forkserver.ensure_running = lambda: None  # type: ignore[method-assign]  # noqa: SLF001
    begin_pool = ProcessPoolExecutor.__init__

    def begin(
        pool: Any,  # noqa: ANN401
        max_workers: int | None = None,
        mp_context: Any = None,  # noqa: ANN401, ARG001 - replaced
        initializer: Callable[..., None] | None = None,
        initargs: tuple[object, ...] = (),
        **more: Any,  # noqa: ANN401
    ) -> None:
        context = multiprocessing.get_context("forkserver")
        first = (dict(os.environ), str(Path.cwd()), initializer, *initargs)
        begin_pool(pool, max_workers, context, _begin_child, first, **more)  # type: ignore[arg-type]

    ProcessPoolExecutor.__init__ = begin  # type: ignore[method-assign, assignment]


def _begin_child(
    environ: dict[str, str], directory: str, initializer: Callable[..., None] | None, *args: object
) -> None:
    os.environ.clear()
    os.environ.update(environ)
    os.chdir(directory)
    tracing.trace_child()
    if initializer:
        initializer(*args)
