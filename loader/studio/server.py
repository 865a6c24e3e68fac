"""Serves the studio's pages on this machine."""

import secrets
import socket
from collections.abc import Callable

from loader.errors import SettingsError
from loader.project import how_to_install
from loader.settings import Settings


def serve(settings: Settings, port: int, *, is_writing: bool, tell: Callable[[str], None]) -> None:
    """Serve the pages until the process is interrupted.

    Args:
        settings: Name the database.
        port: On this machine; 0 for any that is free.
        is_writing: Whether tables may be edited.
        tell: Given the address, with its token, when it is about to answer.

    Raises:
        SettingsError: A package is not installed, or the port is taken.
    """
    try:
        import uvicorn  # noqa: PLC0415 - an extra

        from loader.studio.app import create_app  # noqa: PLC0415
        from loader.studio.context import Studio  # noqa: PLC0415
        from loader.studio.guard import HOST, TOKEN  # noqa: PLC0415
    except ImportError as error:
        install = how_to_install("studio")
        message = f"the studio needs {error.name}, which is not installed: {install}"
        raise SettingsError(message) from error
    # By its protocol, asyncio knows a socket that may send small packets at once: else, each answer
    # waits 40 ms for the one before to be confirmed.
    with socket.socket(proto=socket.IPPROTO_TCP) as bound:
        bound.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            bound.bind((HOST, port))
            bound.listen()  # a browser that is told the address may come at once
        except OSError as error:
            message = f"Cannot listen on port {port}: {error.strerror}. Try another one: --port N"
            raise SettingsError(message) from error
        number = bound.getsockname()[1]
        token = secrets.token_urlsafe(24)
        app = create_app(Studio(settings, is_writing, number, token))
        config = uvicorn.Config(
            app,
            lifespan="off",
            ws="none",
            log_level="critical",  # app.py reports failures, without secrets
            access_log=False,
            server_header=False,
            timeout_graceful_shutdown=1,  # second: an open connection would keep it forever
        )
        address = f"http://{HOST}:{number}/?{TOKEN}={token}"

        class Server(uvicorn.Server):
            async def startup(self, sockets: list[socket.socket] | None = None) -> None:
                """Tell the address once signals end the server: an earlier one could be lost."""
                await super().startup(sockets)
                tell(address)

        Server(config).run(sockets=[bound])
