"""`prune`: remove old versions from raw."""

import argparse

from loader.cli import DONE
from loader.cli.arguments import wrong_usage
from loader.cli.output import line, listing, print_all, print_json
from loader.maintenance.prune import prune
from loader.settings import load_settings


def main(args: argparse.Namespace) -> int:
    """Remove all but the latest versions from raw; no final row changes."""
    if args.keep < 1:
        wrong_usage(args, "--keep: at least 1")
    settings = load_settings(args.target)
    removed = prune(settings, args.keep)
    if args.json:
        print_json(command="prune", target=settings.target, keep=args.keep, rows=removed)
    elif removed:
        rows = ((table, f"{count:,}") for table, count in removed.items())
        print_all([listing("Pruned", ("table", "rows"), rows, right=("rows",))])
    else:
        print_all([line(f"Nothing is older than the latest {args.keep:,} versions.")])
    return DONE
