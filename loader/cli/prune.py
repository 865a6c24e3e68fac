"""`prune`: remove old versions from raw."""

import argparse

from loader.cli import DONE
from loader.cli.options import confirm, opened_settings, wrong_usage, yes_option
from loader.cli.output import line, listing, print_all, print_json
from loader.words import counted


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "--keep",
        type=int,
        required=True,
        metavar="N",
        help="how many versions of each day, transcript and reading of a file stay",
    )
    parser.add_argument("--dry-run", action="store_true", help="say how many rows would go")
    yes_option(parser)


def main(args: argparse.Namespace) -> int:
    """Remove all but the latest versions from raw. No final row changes."""
    from loader.maintenance.prune import prune

    if args.keep < 1:
        wrong_usage(args, "--keep needs at least 1.")
    settings = opened_settings(args)
    what = f"This removes all but the latest {counted(args.keep, 'version')} from {settings.place}."
    if not args.dry_run:
        confirm(args, what)
    removed = prune(settings, args.keep, is_dry=args.dry_run)
    if args.json:
        document = {
            "keep": args.keep,
            "dry_run": args.dry_run,
            "rows": [{"table": table, "rows": n} for table, n in removed.items()],
        }
        print_json(**document)
    elif removed:
        cells = ((table, f"{count:,}") for table, count in removed.items())
        title = "Dry run: nothing was pruned" if args.dry_run else "Pruned"
        print_all([listing(title, ("table", "rows"), cells, right=("rows",))])
    else:
        print_all([line(f"Nothing is older than the latest {counted(args.keep, 'version')}.")])
    return DONE
