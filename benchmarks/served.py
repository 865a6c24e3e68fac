"""A studio or an MCP server in a separate process, as a user starts it, and its answers."""

import os
import subprocess
import sys
import time
from collections.abc import Mapping
from typing import Any, Self

import requests

from benchmarks.measure import ROOT

_TOKEN = "a token of a benchmark"
_TIMEOUT = 600  # seconds


class Served:
    """A running server.

    Args:
        command: The command of the loader, with its options.
        target: The target.
        environ: The settings of the database.
    """

    def __init__(self, command: str, target: str, environ: Mapping[str, str]) -> None:
        options = {
            "studio": ("--no-browser", "--port", "0"),
            "mcp": ("--http", "--port", "0", "--token", _TOKEN),
        }[command]
        self._process = subprocess.Popen(
            [sys.executable, "-m", "loader", command, "--target", target, *options],
            cwd=ROOT,
            env={**os.environ, **environ},
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        self._browser = requests.Session()
        assert self._process.stdout
        self.url = self._process.stdout.readline().strip()
        self._place, _, token = self.url.partition("/?token=")
        self._token = token

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._browser.close()
        self._process.terminate()
        self._process.communicate()

    def page(self, path: str) -> tuple[float, str]:
        """Return the seconds that a page of the studio takes, and its HTML."""
        if not self._browser.cookies:  # the token becomes a cookie, and the answer redirects
            self._browser.get(self.url, allow_redirects=False, timeout=_TIMEOUT)
        begun = time.perf_counter()
        answer = self._browser.get(self._place + path, timeout=_TIMEOUT)
        seconds = time.perf_counter() - begun
        answer.raise_for_status()
        return seconds, answer.text

    def tool(self, name: str, arguments: Mapping[str, Any]) -> tuple[float, dict[str, Any]]:
        """Return the seconds that a tool of the MCP server takes, and its result.

        Raises:
            RuntimeError: The tool refused; the message has its answer.
        """
        asked = {"name": name, "arguments": dict(arguments)}
        begun = time.perf_counter()
        answer = self._browser.post(
            self.url,
            json={"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": asked},
            headers={
                "authorization": f"Bearer {_TOKEN}",
                "accept": "application/json, text/event-stream",
            },
            timeout=_TIMEOUT,
        )
        seconds = time.perf_counter() - begun
        result: dict[str, Any] = answer.json().get("result", {})
        if not result or result.get("isError"):
            raise RuntimeError(answer.text)
        return seconds, result
