"""`studio`: look at the database in the browser."""

import argparse
import contextlib
import webbrowser

from loader.cli import DONE
from loader.cli.output import note
from loader.database.environment import check
from loader.database.warehouse import Warehouse
from loader.settings import load_settings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("--port", type=int, default=4983, metavar="N", help="by default 4983")
    parser.add_argument("--write", action="store_true", help="let final tables and seeds be edited")
    parser.add_argument("--no-browser", action="store_true", help="print the address only")


def main(args: argparse.Namespace) -> int:
    """Serve a page on this machine: tables, queries, what is missing; with --write, edits."""
    from loader.studio.server import serve

    settings = load_settings(args.target)
    with Warehouse(settings, is_read_only=True) as warehouse:
        # A role that may only read may not see which environment it is, and does no harm.
        if args.write or "environment" not in warehouse.unreadable("bookkeeping"):
            check(warehouse, settings.target, is_adopting=False)

    def tell(address: str) -> None:
        print(address, flush=True)
        note("Open it in a browser on this machine. Ctrl-C ends the studio.")
        if not args.no_browser:
            webbrowser.open(address)

    with contextlib.suppress(KeyboardInterrupt):  # as it is meant to end
        serve(settings, args.port, is_writing=args.write, tell=tell)
    return DONE
