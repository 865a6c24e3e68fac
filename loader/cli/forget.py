"""`forget`: erase a person or a file."""

import argparse
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from loader.cli import DONE
from loader.cli.output import line, listing, print_all, print_json
from loader.cli.stores import stores
from loader.erasure import Erased, forget_author, forget_path
from loader.settings import Target, load_settings

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text


def main(args: argparse.Namespace) -> int:
    """Erase a person's or a file's rows from raw and final tables, with their blobs."""
    settings = load_settings(args.target)
    if args.author:
        erased = forget_author(settings, stores(settings), args.author, is_dry=args.dry_run)
    else:
        erased = forget_path(settings, stores(settings), args.path, is_dry=args.dry_run)
    if args.json:
        document = asdict(erased)
        print_json(command="forget", target=settings.target, dry_run=args.dry_run, **document)
    else:
        print_all(_tables(erased, settings.target, is_dry=args.dry_run))
    return DONE


def _tables(erased: Erased, target: Target, *, is_dry: bool) -> "Iterator[Table | Text]":
    rows = ((table, f"{count:,}") for table, count in erased.rows.items())
    title = "Dry run: nothing was erased" if is_dry else "Erased"
    yield listing(title, ("table", "rows"), rows, right=("rows",))
    for url in erased.blobs:
        yield line(f"blob: {url}")
    for url in erased.kept_blobs:
        yield line(f"stays, for other rows refer to it: {url}")
    for path in erased.quoting:
        yield line(
            f"holds the text still: {path}. To erase it, too: python -m loader forget"
            f" --target {target} --path '{path}'"
        )
    yield line("Delete the files in the workspace, too: the next run would load them again.")
    yield line(
        "Backups and branches of the database hold what they held, as long as they are kept."
    )
