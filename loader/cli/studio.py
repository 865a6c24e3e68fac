"""`studio`: look at the database in the browser."""

import argparse
import contextlib
import webbrowser

from loader.cli import DONE
from loader.cli.output import note
from loader.database.environment import check
from loader.database.warehouse import Warehouse
from loader.settings import load_settings
from loader.studio.server import serve


def main(args: argparse.Namespace) -> int:
    """Serve the studio until it is interrupted."""
    settings = load_settings(args.target)
    with Warehouse(settings, is_read_only=True) as warehouse:
        check(warehouse, settings.target, is_adopting=False)

    def tell(address: str) -> None:
        print(address, flush=True)
        note("Open it in a browser on this machine. Ctrl-C ends the studio.")
        if not args.no_browser:
            webbrowser.open(address)

    with contextlib.suppress(KeyboardInterrupt):  # as it is meant to end
        serve(settings, args.port, is_writing=args.write, tell=tell)
    return DONE
