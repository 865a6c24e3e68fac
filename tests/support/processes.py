"""Wait for processes that the tests start."""

import multiprocessing
import os
import subprocess
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any


def spawned(serve: Callable[..., None], *args: Any) -> Connection:  # noqa: ANN401 - its own
    """Start a server process whose first argument is one end of a pipe; return the other end."""
    context = multiprocessing.get_context("spawn")
    calls, theirs = context.Pipe()
    context.Process(target=serve, args=(theirs, *args), daemon=True).start()
    return calls


def end(process: subprocess.Popen[str], timeout: float = 300) -> tuple[int, str, str]:
    """Wait for a process; return exit code, output and errors. The timeout suits a busy machine."""
    out, err = process.communicate(timeout=timeout)
    return process.returncode, out, err


def has_stopped(process: subprocess.Popen[str]) -> bool:
    """Wait until a process stops or ends; return whether it has stopped."""
    _, status = os.waitpid(process.pid, os.WUNTRACED)
    if not os.WIFSTOPPED(status):
        process.returncode = os.waitstatus_to_exitcode(status)  # wait cannot be called again
    return os.WIFSTOPPED(status)
