"""Serves the studio's page on this machine, behind a token."""

import secrets
import socket
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from loader.database.sessions import Sessions
from loader.errors import SettingsError
from loader.settings import Settings
from loader.studio.tables import Tables

HOST = "127.0.0.1"
_APP = Path(__file__).with_name("app.py")
# A text of the database may be the address of a picture, which a table would fetch.
_POLICY = (
    b"content-security-policy",
    (
        b"default-src 'self' 'unsafe-inline' 'unsafe-eval' data: blob:;"
        b" connect-src 'self' ws://127.0.0.1:* ws://localhost:*; frame-ancestors 'none'"
    ),
)
_INSTALL = "pip install 'orchestrator-elt[studio]', or here: make setup"


@dataclass(frozen=True, slots=True)
class Studio:
    """What the page is about.

    Args:
        settings: Which target.
        tables: Its tables.
        is_writing: Whether they may be edited.
    """

    settings: Settings
    tables: Tables
    is_writing: bool

    @property
    def place(self) -> str:
        """The target and its database."""
        return f"{self.settings.target}: {self.settings.database or self.settings.duckdb_path}"


# The page's cells run in this process: nothing has to go through arguments or variables.
_served: list[Studio] = []


def served() -> Studio:
    """What this process serves."""
    return _served[-1]


def serve(settings: Settings, port: int, *, is_writing: bool, tell: Callable[[str], None]) -> None:
    """Serve the page until the process is interrupted.

    Args:
        settings: Which target.
        port: On this machine.
        is_writing: Whether tables may be edited.
        tell: Given the page's address, with its token, when it is about to answer.

    Raises:
        SettingsError: marimo is not installed.
    """
    try:
        import marimo  # noqa: PLC0415 - an extra; and seconds
        import uvicorn  # noqa: PLC0415
        from starlette.middleware.trustedhost import TrustedHostMiddleware  # noqa: PLC0415
    except ImportError as error:
        message = f"the studio needs {error.name}, which is not installed: {_INSTALL}"
        raise SettingsError(message) from error
    tables = Tables(Sessions(settings), settings.triggered_by)
    _served[:] = [Studio(settings, tables, is_writing)]
    token = secrets.token_urlsafe(24)
    page = marimo.create_asgi_app(quiet=True, include_code=False, token=token)
    served_page: Any = page.with_app(path="", root=str(_APP)).build()
    # Its sessions are threads, which marimo ends only where it has started the server itself.
    close = served_page.routes[-1].app.state.session_manager.shutdown
    app = TrustedHostMiddleware(served_page, allowed_hosts=[HOST, "localhost"])
    with socket.socket() as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((HOST, port))
            bound.listen()  # who is told the address may come at once
        except OSError as error:
            message = f"port {port} cannot be had: {error.strerror}. Take another one: --port N"
            raise SettingsError(message) from error
        address = f"http://{HOST}:{bound.getsockname()[1]}/?access_token={token}"
        config = uvicorn.Config(
            _Guarded(app, lambda: tell(address), close),
            log_level="error",
            timeout_graceful_shutdown=1,  # second: an open page would keep it for ever
        )
        uvicorn.Server(config).run(sockets=[bound])


_Message = MutableMapping[str, Any]


class _Guarded:
    """An application whose pages ask nobody else, with something to do at its start and end."""

    def __init__(
        self,
        app: Any,  # noqa: ANN401 - any ASGI application
        started: Callable[[], None],
        ending: Callable[[], Awaitable[None]],
    ) -> None:
        self._app = app
        self._started = started
        self._ending = ending

    async def __call__(
        self,
        scope: _Message,
        receive: Callable[[], Awaitable[_Message]],
        send: Callable[[_Message], Awaitable[None]],
    ) -> None:
        async def received() -> _Message:
            message = await receive()
            if message["type"] == "lifespan.shutdown":
                await self._ending()
            return message

        async def sent(message: _Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), _POLICY]
            await send(message)
            if message["type"] == "lifespan.startup.complete":
                self._started()

        await self._app(scope, received, sent)
