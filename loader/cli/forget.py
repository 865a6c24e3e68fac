"""`forget`: erase a person or a file."""

import argparse
import shlex
from collections.abc import Iterator
from typing import TYPE_CHECKING

from loader.blobs.opening import stores_of
from loader.cli import DONE
from loader.cli.options import confirm, opened_settings, yes_option
from loader.cli.output import as_objects, line, listing, print_all, print_json, waiting
from loader.settings import Target

if TYPE_CHECKING:
    from rich.text import Text

    from loader.cli.tables import Listing
    from loader.maintenance.eraser import ForgetSummary


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--author", metavar="NAME", help="a person's daily reports, by full name")
    what.add_argument("--path", metavar="PATH", help="a file, by its path in the workspace")
    parser.add_argument("--dry-run", action="store_true", help="say what would go")
    parser.add_argument(
        "--with-blobs",
        action="store_true",
        help="delete blobs, too, that other environments may refer to, and do not ask them",
    )
    yes_option(parser)


def main(args: argparse.Namespace) -> int:
    """Erase a person or a file from all tables, with the blobs and our files on this machine."""
    from loader.maintenance.forget import ForgetOptions, forget_author, forget_path

    settings = opened_settings(args)
    if not args.dry_run:
        whose = f"the daily reports of {args.author}" if args.author else args.path
        confirm(args, f"This erases {whose} from {settings.place}, and the blobs.")
    options = ForgetOptions(
        stores_of(settings.blob_dir), is_dry=args.dry_run, with_blobs=args.with_blobs
    )
    with waiting("Looking" if args.dry_run else "Erasing", is_shown=not args.json):
        if args.author:
            summary = forget_author(settings, args.author, options)
        else:
            summary = forget_path(settings, args.path, options)
    if args.json:
        print_json(dry_run=args.dry_run, **_document(summary))
    else:
        again = f"python -m loader forget --target {settings.target}"
        again += " --with-blobs" if args.with_blobs else ""
        print_all(_tables(summary, settings.target, again, is_dry=args.dry_run))
    return DONE


def _document(summary: "ForgetSummary") -> dict[str, object]:
    return {
        "names": as_objects("name", summary.names),
        "rows": [{"table": table, "rows": n} for table, n in summary.rows.items()],
        "blanked": [{"table": table, "rows": n} for table, n in summary.blanked.items()],
        "blobs": as_objects("url", summary.blobs),
        "kept_blobs": [
            {"url": url, "why": summary.kept_because.get(url)} for url in summary.kept_blobs
        ],
        "foreign_blobs": as_objects("url", summary.foreign_blobs),
        "naming": as_objects("path", summary.naming),
        "naming_rows": as_objects("row", summary.naming_rows),
        "naming_tables": as_objects("table", summary.naming_tables),
        "also_known": as_objects("name", summary.also_known),
        "unclear": as_objects("row", summary.unclear),
        "unclear_rows": as_objects("row", summary.unclear_rows),
        "is_to_build": summary.is_to_build,
    }


def _tables(
    summary: "ForgetSummary", target: Target, again: str, *, is_dry: bool
) -> "Iterator[Listing | Text]":
    from loader.maintenance.eraser import NEEDED_HERE

    rows = [(table, f"{count:,}", "deleted") for table, count in summary.rows.items()]
    rows += [(table, f"{count:,}", "name removed") for table, count in summary.blanked.items()]
    title = "Dry run: nothing was erased" if is_dry else "Erased"
    yield listing(title, ("table", "rows", "what"), rows, right=("rows",))
    if len(summary.names) > 1:
        yield line(f"All names of one person: {', '.join(summary.names)}")
    for url in summary.blobs:
        yield line(f"blob: {url}")
    for url, why in sorted(summary.kept_because.items()):
        yield line(f"blob that stays, because {why}: {url}")
    for url in summary.foreign_blobs:
        yield line(f"blob in another store, to be deleted there: {url}")
    yield from _leftovers(summary, target, again)
    if any(why != NEEDED_HERE for why in summary.kept_because.values()):
        yield line("Environments share blobs: forget in prod, too, or add --with-blobs.")
    if summary.is_to_build:
        yield line(f"Next, for other files have some of it: dbt build --target {target}")
    yield line("Delete the files in the workspace, too: the next run would load them again.")
    yield line(
        "Backups and branches of the database hold what they held, as long as they are kept."
    )


def _leftovers(summary: "ForgetSummary", target: Target, again: str) -> "Iterator[Text]":
    """Yield what may still belong to or name the person, with the next step for each."""
    for name in summary.also_known:
        yield line(f"Also loaded as {name!r}: {again} --author {shlex.quote(name)}")
    for day in summary.unclear:
        yield line(f"Left, for it may be somebody else's: {day}")
    if summary.unclear:
        yield line(
            "If such a day is the person's alone, give its row the full name, then the same command"
            f" again: python -m loader studio --write --target {target}"
        )
    for row in summary.unclear_rows:
        yield line(f"Left, for it may be another file's: {row}")
    if summary.unclear_rows:
        yield line(
            "If such a row is this file's, give it the file's path below the team's folder, then"
            f" the same command again: python -m loader studio --write --target {target}"
        )
    for path in summary.naming:
        yield line(
            f"holds something of it still: {path}. To erase it, too:"
            f" {again} --path {shlex.quote(path)}"
        )
    for row in summary.naming_rows:
        yield line(
            f"names the person still: {row}, which the replaced system stored. Edit it in:"
            f" python -m loader studio --write --target {target}"
        )
    for table in summary.naming_tables:
        yield line(
            f"names the person still: {table}. Edit the seeds, then: dbt build --target {target}"
        )
