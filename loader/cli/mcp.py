"""`mcp`: serve the database to MCP clients."""

import argparse
import contextlib
import logging
import secrets
import sys
from collections.abc import Iterator
from contextlib import contextmanager

from loader.cli import DONE
from loader.cli.options import opened_settings, wrong_usage
from loader.cli.output import note, print_json
from loader.errors import SettingsError
from loader.project import how_to_install

_SHORTEST = 16  # minimum characters of a token


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("--http", action="store_true", help="serve over HTTP instead of stdio")
    parser.add_argument("--port", type=int, default=4984, metavar="N", help="by default 4984")
    parser.add_argument(
        "--token", metavar="TOKEN", help="what requests must have; by default one is made"
    )


def main(args: argparse.Namespace) -> int:
    """Serve read-only tools for MCP clients: over stdio, or over HTTP on this machine."""
    if args.token is not None and not args.http:
        wrong_usage(args, "--token needs --http.")
    if args.token is not None and (len(args.token) < _SHORTEST or not args.token.isascii()):
        wrong_usage(args, f"--token needs at least {_SHORTEST} characters, all ASCII.")
    settings = opened_settings(args, is_data=True)
    try:
        from loader.mcp import server
    except ImportError as error:
        install = how_to_install("mcp")
        message = (
            f"The MCP server needs {error.name!r}, which is not installed. Install it: {install}"
        )
        raise SettingsError(message) from error
    with contextlib.suppress(KeyboardInterrupt), _one_log():  # the normal way to stop
        if not args.http:
            server.serve_stdio(settings)
            return DONE
        token = args.token or secrets.token_urlsafe(24)

        def tell(address: str) -> None:
            if args.json:
                print_json(address=address)
                sys.stdout.flush()
            else:
                print(address, flush=True)
            if not args.token:
                note(f"Authorization: Bearer {token}")
            note("Ctrl-C ends the server.")
            sys.stderr.flush()

        server.serve_http(settings, args.port, token, tell)
    return DONE


@contextmanager
def _one_log() -> Iterator[None]:
    """Route all logs through the loader's handler, which hides secrets. The SDK adds its own."""
    root, loader = logging.getLogger(), logging.getLogger("loader")
    before = root.handlers[:]
    root.handlers[:], loader.propagate = loader.handlers, False
    try:
        yield
    finally:
        root.handlers[:], loader.propagate = before, True
