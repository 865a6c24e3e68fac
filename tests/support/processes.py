"""Processes that the tests start: whether they stopped, and how they ended."""

import multiprocessing
import os
import subprocess
from collections.abc import Callable
from multiprocessing.connection import Connection
from typing import Any


def spawned(serve: Callable[..., None], *args: Any) -> Connection:  # noqa: ANN401 - its own
    """Start a server process, which gets its end of a pipe first; return the other end."""
    context = multiprocessing.get_context("spawn")
    calls, theirs = context.Pipe()
    context.Process(target=serve, args=(theirs, *args), daemon=True).start()
    return calls


def end(process: subprocess.Popen[str], timeout: float = 300) -> tuple[int, str, str]:
    """Wait for a process; return its exit code, output and errors. A busy machine has time."""
    out, err = process.communicate(timeout=timeout)
    return process.returncode, out, err


def has_stopped(process: subprocess.Popen[str]) -> bool:
    """Wait until a process stops or ends; return whether it has stopped."""
    _, status = os.waitpid(process.pid, os.WUNTRACED)
    if not os.WIFSTOPPED(status):
        process.returncode = os.waitstatus_to_exitcode(status)  # nobody can wait for it again
    return os.WIFSTOPPED(status)
