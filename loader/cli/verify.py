"""`verify`: are the blobs there, and what they should be."""

import argparse
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from loader.blobs import BlobStore, StoredBlob, team_prefix
from loader.cli import DONE, FAILED
from loader.cli.options import day, team_option, wrong_usage
from loader.cli.output import line, listing, print_all, print_json, progress
from loader.cli.stores import configured_store, stores
from loader.database import objects
from loader.database.warehouse import Warehouse
from loader.maintenance.verify import (
    BlobCheck,
    Reference,
    Verdict,
    check,
    listed,
    loaded_since,
    of_teams,
    read_references,
    sampled,
)
from loader.settings import Settings, load_settings
from loader.workspace.teams import load_teams

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    team_option(parser)
    parser.add_argument(
        "--since", metavar="DATE", help="only what was loaded on this day (UTC) or later"
    )
    parser.add_argument(
        "--sample", type=int, metavar="N", help="only N blobs, drawn by chance at each call"
    )
    parser.add_argument(
        "--orphans",
        action="store_true",
        help="list the blobs in the store that no row references, instead; nothing is deleted",
    )


def main(args: argparse.Namespace) -> int:
    """Download the blobs that the database references, and compare SHA-256 and size."""
    settings = load_settings(args.target)
    if args.sample is not None and args.sample < 1:
        wrong_usage(args, "--sample: at least 1")
    if args.orphans and (args.since or args.sample):
        wrong_usage(args, "--orphans looks at all blobs: it goes with --team only")
    since = day(args, "since")
    with Warehouse(settings, is_read_only=True) as warehouse:
        objects.check(warehouse, settings)
        all_references = read_references(warehouse)
    references = of_teams(all_references, load_teams(), args.team)
    if args.orphans:
        teams = {each.team for each in references} if args.team else set()
        return _orphans(settings, all_references, teams, is_json=args.json)
    references = loaded_since(references, since) if since else references
    chosen = sampled(references, args.sample)
    with progress("Verifying", is_shown=not args.json) as shown:
        checks = list(check(chosen, stores(settings), settings.blob_concurrency, shown))
    if args.json:
        print_json(
            command="verify",
            target=settings.target,
            referenced=len(references),
            checked=len(checks),
            verdicts=Counter(each.verdict for each in checks),
            wrong=[
                {"verdict": each.verdict, "detail": each.detail, **asdict(each.reference)}
                for each in checks
                if each.verdict is not Verdict.OK
            ],
        )
    else:
        print_all(_tables(checks, len(references)))
    return DONE if all(each.verdict is Verdict.OK for each in checks) else FAILED


def _tables(checks: list[BlobCheck], referenced: int) -> "Iterator[Table | Text]":
    """Numbers per team and kind, and all that is wrong; the checks may be a sample."""
    columns = ("team", "kind", "blobs", *Verdict, "bytes")
    groups = sorted({(each.reference.team, each.reference.kind) for each in checks})
    cells = []
    for group in groups:
        members = [c for c in checks if (c.reference.team, c.reference.kind) == group]
        verdicts = Counter(each.verdict for each in members)
        numbers = [len(members), *(verdicts[verdict] for verdict in Verdict)]
        numbers.append(sum(each.reference.size or 0 for each in members))
        cells.append((*group, *(f"{number:,}" for number in numbers)))
    if not checks:
        yield line("Nothing was loaded that references a blob.")
        return
    yield listing("Verified", columns, cells, right=columns[2:])
    wrong = [each for each in checks if each.verdict is not Verdict.OK]
    for each in wrong:  # as lines, to be copied
        of_file = f" ({each.reference.source_path})" if each.reference.source_path else ""
        yield line(f"{each.verdict}: {each.reference.key}{of_file}: {each.detail}")
    found = {each.verdict for each in wrong}
    if Verdict.DIFFERENT in found:
        yield line("Look at what differs, and delete it: nothing is ever overwritten.")
    if {Verdict.DIFFERENT, Verdict.MISSING} & found:
        yield line("What is not there is stored again by: python -m loader run --full")
    sample = f", a sample out of {referenced:,}" if len(checks) < referenced else ""
    good = len(checks) - len(wrong)
    yield line(f"{good:,} of {len(checks):,} blobs are as they should be{sample}.")


def _orphans(
    settings: Settings, references: list[Reference], teams: set[str], *, is_json: bool
) -> int:
    store_of = stores(settings)
    in_use: dict[BlobStore, list[Reference]] = {}
    for each in references:
        in_use.setdefault(store_of(each.url), []).append(each)
    prefixes = [team_prefix(team) for team in sorted(teams)] or [""]
    blobs = {
        blob.url: (blob, is_referenced)
        for store, its_references in (in_use or {configured_store(settings): []}).items()
        for blob, is_referenced in listed(store, its_references, prefixes)
    }
    found = [blob for blob, is_referenced in blobs.values() if not is_referenced]
    if is_json:
        rows = [asdict(blob) for blob in found]
        print_json(command="verify", target=settings.target, listed=len(blobs), orphans=rows)
    else:
        print_all(_orphan_tables(found, len(blobs)))
    return DONE


def _orphan_tables(blobs: list[StoredBlob], count: int) -> "Iterator[Table | Text]":
    rows = ((blob.key, f"{blob.size:,}", blob.url) for blob in blobs)
    if blobs:
        yield listing("Orphans", ("blob", "bytes", "url"), rows, right=("bytes",))
    yield line(
        f"{count:,} blobs in the store; no row of this database references {len(blobs):,} of them."
    )
