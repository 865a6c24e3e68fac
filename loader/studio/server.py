"""Serve the studio's pages on this machine."""

import secrets
import socket
import threading
from collections.abc import Callable

from loader.errors import SettingsError
from loader.project import how_to_install
from loader.settings import Settings


def serve(settings: Settings, port: int, *, is_writing: bool, tell: Callable[[str], None]) -> None:
    """Serve the pages until the process is interrupted.

    Args:
        settings: The settings of the target.
        port: The port on this machine; 0 for any free port.
        is_writing: Whether tables may be edited.
        tell: Called with the address and its token, just before the server answers.

    Raises:
        SettingsError: A package is missing, or the port is in use.
    """
    try:
        import uvicorn  # noqa: PLC0415 - an extra

        from loader.studio.app import create_app  # noqa: PLC0415
        from loader.studio.context import Studio  # noqa: PLC0415
        from loader.studio.guard import HOST, TOKEN  # noqa: PLC0415
    except ImportError as error:
        install = how_to_install("studio")
        message = f"The studio needs {error.name!r}, which is not installed. Install it: {install}"
        raise SettingsError(message) from error
    # asyncio sends small packets at once only on sockets whose protocol it knows. Otherwise each
    # answer waits 40 ms for the confirmation of the one before.
    with socket.socket(proto=socket.IPPROTO_TCP) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((HOST, port))
            bound.listen()  # a browser may connect as soon as it is told the address
        except OSError as error:
            message = f"Cannot listen on port {port}: {error.strerror}. Try another one: --port N"
            raise SettingsError(message) from error
        number = bound.getsockname()[1]
        token = secrets.token_urlsafe(24)
        studio = Studio(settings, is_writing, number, token)
        app = create_app(studio)
        config = uvicorn.Config(
            app,
            lifespan="off",
            ws="none",
            log_level="critical",  # app.py reports failures, without secrets
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=1,  # second; otherwise an open connection blocks the shutdown
        )
        address = f"http://{HOST}:{number}/?{TOKEN}={token}"

        class Server(uvicorn.Server):
            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                """Announce the address once signals are handled; earlier ones could be lost."""
                await super().startup(sockets)
                tell(address)
                # Neither the start nor the first page waits for it. The end does: DuckDB aborts if
                # the interpreter ends while a thread of it starts an engine.
                threading.Thread(target=studio.sessions.warm).start()

        Server(config).run(sockets=[bound])
