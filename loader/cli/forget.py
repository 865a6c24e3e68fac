"""`forget`: erase a person or a file."""

import argparse
import shlex
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from loader.cli import DONE
from loader.cli.options import confirm, yes_option
from loader.cli.output import line, listing, print_all, print_json
from loader.cli.stores import stores
from loader.settings import Target, load_settings

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from loader.maintenance.forget import ForgetSummary


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--author", metavar="NAME", help="a person's daily reports, by full name")
    what.add_argument("--path", metavar="PATH", help="a file, by its path in the workspace")
    parser.add_argument("--dry-run", action="store_true", help="say what would go")
    parser.add_argument(
        "--with-blobs",
        action="store_true",
        help="in dev and staging, delete blobs, too; prod's rows may refer to them",
    )
    yes_option(parser)


def main(args: argparse.Namespace) -> int:
    """Erase a person's daily reports, or a file, from raw and final tables, with the blobs."""
    from loader.maintenance.forget import ForgetOptions, forget_author, forget_path

    settings = load_settings(args.target)
    if not args.dry_run:
        whose = f"the daily reports of {args.author}" if args.author else args.path
        confirm(args, f"This erases {whose} from {settings.place}, and the blobs.")
    options = ForgetOptions(stores(settings), is_dry=args.dry_run, with_blobs=args.with_blobs)
    if args.author:
        summary = forget_author(settings, args.author, options)
    else:
        summary = forget_path(settings, args.path, options)
    if args.json:
        document = asdict(summary)
        print_json(command="forget", target=settings.target, dry_run=args.dry_run, **document)
    else:
        print_all(_tables(summary, settings.target, is_dry=args.dry_run))
    return DONE


def _tables(summary: "ForgetSummary", target: Target, *, is_dry: bool) -> "Iterator[Table | Text]":
    rows = ((table, f"{count:,}") for table, count in summary.rows.items())
    title = "Dry run: nothing was erased" if is_dry else "Erased"
    yield listing(title, ("table", "rows"), rows, right=("rows",))
    for url in summary.blobs:
        yield line(f"blob: {url}")
    for url in summary.kept_blobs:
        yield line(f"blob that stays, for other rows or environments may need it: {url}")
    for url in summary.foreign_blobs:
        yield line(f"blob in another store, to be deleted there: {url}")
    for path in summary.naming:
        yield line(
            f"holds something of it still: {path}. To erase it, too: python -m loader forget"
            f" --target {target} --path {shlex.quote(path)}"
        )
    if summary.kept_blobs and target in {Target.DEV, Target.STAGING}:
        yield line("Environments share blobs: forget in prod, too, or add --with-blobs.")
    if summary.is_to_build:
        yield line(f"Next, for other files have some of it: dbt build --target {target}")
    yield line("Delete the files in the workspace, too: the next run would load them again.")
    yield line(
        "Backups and branches of the database hold what they held, as long as they are kept."
    )
