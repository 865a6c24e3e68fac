"""`studio`: look at the database in the browser."""

import argparse
import contextlib
import sys
import webbrowser

from loader.cli import DONE
from loader.cli.options import opened_settings
from loader.cli.output import note, print_json


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("--port", type=int, default=4983, metavar="N", help="by default 4983")
    parser.add_argument("--write", action="store_true", help="let final tables and seeds be edited")
    parser.add_argument("--no-browser", action="store_true", help="print the address only")


def main(args: argparse.Namespace) -> int:
    """Serve pages on this machine: days, people, meetings, issues, search, tables, queries."""
    from loader.studio.server import serve

    def tell(address: str) -> None:
        if args.json:
            print_json(address=address)
            sys.stdout.flush()
        else:
            print(address, flush=True)
        note("Open it in a browser on this machine. Ctrl-C ends the studio.")
        if not args.no_browser:
            webbrowser.open(address)

    with contextlib.suppress(KeyboardInterrupt):  # the normal way to stop
        serve(opened_settings(args, is_data=True), args.port, is_writing=args.write, tell=tell)
    return DONE
