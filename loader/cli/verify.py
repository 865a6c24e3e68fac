"""`verify`: check that each blob exists and has the expected content."""

import argparse
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from loader.blobs import BlobStore, StoredBlob, digest_in, team_prefix
from loader.blobs.opening import stores_of
from loader.cli import DONE, FAILED
from loader.cli.options import day, opened_settings, team_option, wrong_usage
from loader.cli.output import line, listing, print_all, print_json, progress, waiting
from loader.database import objects
from loader.database.warehouse import Warehouse
from loader.loading.stores import configured_store
from loader.maintenance.references import (
    Reference,
    loaded_since,
    of_teams,
    read_names,
    read_references,
    sampled,
    with_contents,
)
from loader.maintenance.verify import FINE, BlobCheck, Compared, Verdict, check, listed
from loader.settings import Settings, Target
from loader.words import counted
from loader.workspace.teams import load_teams

if TYPE_CHECKING:
    from rich.text import Text

    from loader.cli.tables import Listing

_WORDS = dict(zip(Verdict, Verdict, strict=True)) | {
    Verdict.NOT_CHECKABLE: "present, not checkable"
}
_WAYS = {
    Compared.SHA256: "SHA-256",
    Compared.NAME: "the first digits of the SHA-256, in their names",
    Compared.TEXT: "the text of their rows, which they hold",
}


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
    settings = opened_settings(args)
    if args.sample is not None and args.sample < 1:
        wrong_usage(args, "--sample needs at least 1.")
    if args.orphans and (args.since or args.sample):
        wrong_usage(args, "--orphans looks at all blobs: combine it with --team only.")
    since = day(args, "since")
    folders = load_teams()
    with Warehouse(settings, is_read_only=True) as warehouse:
        objects.check(warehouse, settings)
        all_references = read_references(warehouse)
        references = of_teams(all_references, folders, args.team)
        if args.orphans:
            names = read_names(warehouse)
        else:
            references = loaded_since(references, since) if since else references
            chosen = with_contents(warehouse, sampled(references, args.sample))
    if args.orphans:
        chosen_teams = {folders.get(team, team) for team in args.team}
        teams = {folder for folder, team in folders.items() if team in chosen_teams}
        teams |= {each.team for each in references} if args.team else set()
        return _orphans(settings, names, teams, is_json=args.json)
    with progress("Verifying", is_shown=not args.json) as shown:
        checks = list(check(chosen, stores_of(settings.blob_dir), settings.blob_concurrency, shown))
    if args.json:
        print_json(**document(checks, len(references)))
    else:
        print_all(report(checks, len(references), settings.target))
    return DONE if all(each.verdict in FINE for each in checks) else FAILED


def document(checks: list[BlobCheck], referenced: int) -> dict[str, object]:
    """Return what was compared, for JSON."""
    return {
        "referenced": referenced,
        "checked": len(checks),
        "verdicts": _counts("verdict", (each.verdict for each in checks)),
        "compared": _counts("by", (each.compared for each in checks if each.compared)),
        "wrong": [
            {"verdict": each.verdict, "detail": each.detail, **_row(each.reference)}
            for each in checks
            if each.verdict is not Verdict.OK
        ],
    }


def report(checks: list[BlobCheck], referenced: int, target: Target) -> "Iterator[Listing | Text]":
    """Yield counts per team and kind, and all problems; the checks may be a sample."""
    seen = {each.verdict for each in checks} | {Verdict.OK}
    shown = [verdict for verdict in Verdict if verdict in seen]
    columns = ("team", "kind", "blobs", *shown, "bytes")
    groups = sorted({(each.reference.team, each.reference.kind) for each in checks})
    cells = []
    for group in groups:
        members = [c for c in checks if (c.reference.team, c.reference.kind) == group]
        verdicts = Counter(each.verdict for each in members)
        numbers = [len(members), *(verdicts[verdict] for verdict in shown)]
        numbers.append(sum(each.reference.size or 0 for each in members))
        cells.append((*group, *(f"{number:,}" for number in numbers)))
    if not checks:
        yield line("Nothing was loaded that references a blob.")
        return
    yield listing("Verified", columns, cells, right=columns[2:])
    wrong = [each for each in checks if each.verdict is not Verdict.OK]
    for each in wrong:  # as plain lines, so that they can be copied
        of_file = f" ({each.reference.source_path})" if each.reference.source_path else ""
        yield line(f"{_WORDS[each.verdict]}: {each.reference.key}{of_file}: {each.detail}")
    yield from map(line, _advice(wrong, target))
    good = len(checks) - len(wrong)
    unknown = sum(each.verdict is Verdict.NOT_CHECKABLE for each in wrong)
    but = f", {unknown:,} cannot be checked" if unknown else ""
    fine = "is as it should be" if len(checks) == 1 else "are as they should be"
    sample = f", a sample out of {referenced:,}" if len(checks) < referenced else ""
    yield line(f"{good:,} of {counted(len(checks), 'blob')} {fine}{but}{sample}.")
    compared = Counter(each.compared for each in checks)
    if compared.keys() & {Compared.NAME, Compared.TEXT}:
        ways = (f"{compared[way]:,} by {_WAYS[way]}" for way in Compared if compared[way])
        yield line(f"Compared: {', '.join(ways)}.")


def _advice(wrong: list[BlobCheck], target: Target) -> Iterator[str]:
    """Yield the next steps. Never advise to delete content that only rows hold."""
    again = {each.verdict for each in wrong if each.reference.source_path}
    if Verdict.DIFFERENT in again:
        yield (
            "Nothing is ever overwritten. If the file of a blob that differs is in the workspace"
            " still, keep a copy of the blob and delete it."
        )
    if {Verdict.DIFFERENT, Verdict.MISSING} & again:
        yield f"To store missing blobs again: python -m loader run --full --target {target}"
    if any(not each.reference.source_path and each.verdict not in FINE for each in wrong):
        yield (
            "Keep a blob without a file, even if it differs: a row refers to it, and no run stores"
            " it again."
        )


def _counts(name: str, values: Iterable[str]) -> list[dict[str, object]]:
    return [{name: value, "blobs": count} for value, count in Counter(values).items()]


def _row(reference: Reference) -> dict[str, object]:
    """Return a reference for JSON, without the texts of its rows."""
    row = asdict(reference)
    del row["contents"]
    return row


def _orphans(
    settings: Settings, names: set[tuple[str | None, str | None]], teams: set[str], *, is_json: bool
) -> int:
    store_of = stores_of(settings.blob_dir)
    # A row without a blob address keeps the blob's name in use in every store.
    everywhere = {key for key, url in names if key and not url}
    in_use: dict[BlobStore, set[str]] = {}
    for key, url in names:
        if url:
            in_use.setdefault(store_of(url), {*everywhere}).update({key or url, url})
    prefixes = [team_prefix(team) for team in sorted(teams)] or [""]
    with waiting("Listing the blobs", is_shown=not is_json):
        blobs = {
            blob.url: (blob, is_referenced)
            for store, known in (in_use or {configured_store(settings): everywhere}).items()
            for blob, is_referenced in listed(store, known, prefixes)
        }
    found = [blob for blob, is_referenced in blobs.values() if not is_referenced]
    if is_json:
        rows = [asdict(blob) for blob in found]
        print_json(listed=len(blobs), orphans=rows)
    else:
        print_all(_orphan_tables(found, len(blobs)))
    return DONE


def _orphan_tables(blobs: list[StoredBlob], count: int) -> "Iterator[Listing | Text]":
    rows = ((blob.key, f"{blob.size:,}", blob.url) for blob in blobs)
    if blobs:
        yield listing("Orphans", ("blob", "bytes", "url"), rows, right=("bytes",))
    yield line(f"{counted(count, 'blob')} in the store, {counted(len(blobs), 'orphan')}.")
    unnamed = sum(not digest_in(blob.key) for blob in blobs)
    if unnamed:
        yield line(
            f"{counted(unnamed, 'blob')} of them without a hash in the name: another program stored"
            " that. Ask whose it is before you delete it."
        )
