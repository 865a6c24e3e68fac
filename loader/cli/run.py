"""`run`: load a workspace."""

import argparse
from collections.abc import Callable, Iterator
from dataclasses import asdict
from functools import partial
from typing import TYPE_CHECKING

from loader.cli import DONE, FAILED
from loader.cli.arguments import wrong_usage
from loader.cli.output import line, note, print_all, print_json, progress, table
from loader.cli.rejections import rejection_tables
from loader.cli.stores import store_of
from loader.engines import open_engine
from loader.parsing.dates import ImpossibleDateError
from loader.parsing.weekly import Week, parse_week
from loader.parts.run import Manner
from loader.pipeline import dry_run, run, run_in_parts
from loader.run import Order, Progress, Result
from loader.settings import Settings, Target, load_settings
from loader.status import OpenRejection
from loader.teams import load_teams
from loader.uploads import Uploader
from loader.workspace import open_workspace

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text


def main(args: argparse.Namespace) -> int:
    """Read a workspace, store its files as blobs, load raw rows, say what was done."""
    settings = load_settings(args.target)
    order = Order(
        workspace=open_workspace(args.workspace),
        teams=load_teams(),
        only=args.team,
        report=args.report,
        week=_week(args),
        is_full=args.full,
        triggered_by=settings.triggered_by,
        is_adopting=args.adopt_environment,
    )
    act = _in_parts(settings, order, args) if args.engine else _here(settings, order, args)
    if settings.database and settings.database.was_pooled and not args.quiet:
        note(f"The host is pooled; using the direct one, {settings.database}.")
    with progress("Loading", is_shown=not (args.quiet or args.json)) as shown:
        result = act(shown)
    if args.json and not args.quiet:
        print_json(**_document(result, settings.target, is_dry=args.dry_run))
    elif not args.quiet:
        print_all(_summary(result, settings.target, is_dry=args.dry_run))
    if args.strict and result.report.has_left_out:
        note("Error: something was left out, and --strict allows none of it.")
        return FAILED
    return DONE


def _week(args: argparse.Namespace) -> Week | None:
    if not args.week_start and not args.week_end:
        return None
    if not args.week_start or not args.week_end:
        wrong_usage(args, "--week-start and --week-end go together")
    try:
        return parse_week(args.week_start, args.week_end)
    except ImpossibleDateError as error:
        wrong_usage(args, f"--week-start, --week-end: {error}")


def _here(
    settings: Settings, order: Order, args: argparse.Namespace
) -> Callable[[Progress], Result]:
    uploader = _uploader(settings, order, args)
    return partial(dry_run if args.dry_run else run, settings, order, uploader)


def _in_parts(
    settings: Settings, order: Order, args: argparse.Namespace
) -> Callable[[Progress], Result]:
    for option in ("dry_run", "blob_manifest", "no_upload"):
        if getattr(args, option):
            wrong_usage(args, f"--{option.replace('_', '-')} does not go with --engine")
    is_local = settings.database is None or args.blob_store == "local"
    store_of(settings, is_local=is_local)  # its settings are there
    manner = Manner(settings.blob_dir if is_local else None)

    def act(shown: Progress) -> Result:
        with open_engine(args.engine) as engine:
            return run_in_parts(settings, order, manner, engine, shown)

    return act


def _uploader(settings: Settings, order: Order, args: argparse.Namespace) -> Uploader:
    if args.no_upload and not args.blob_manifest:
        wrong_usage(args, "--no-upload goes with --blob-manifest")
    manifest = None
    if args.blob_manifest:
        from loader.blobs.manifest import load_manifest  # noqa: PLC0415 - few runs have one

        manifest = load_manifest(args.blob_manifest, settings.blob_access)
        strangers = [p for p in manifest.paths if not order.workspace.exists(p)]
        if strangers and not args.quiet:
            rest = f"{len(strangers):,} of {len(manifest.paths):,} uploads in {args.blob_manifest}"
            note(f"{rest} name no file of the workspace, as {min(strangers)}.")
    is_remote = settings.database is not None and args.blob_store != "local"
    store = None if args.no_upload else store_of(settings, is_local=not is_remote)
    concurrency = settings.blob_concurrency if is_remote else 0
    return Uploader(store, manifest, concurrency, is_dry=args.dry_run)


def _summary(result: Result, target: Target, *, is_dry: bool) -> "Iterator[Table | Text]":
    """A table per kind, the rejections, and the mend of each reason."""
    report = result.report
    title = "Dry run: nothing was written" if is_dry else "Loaded"
    columns = ("files", "unchanged", "loaded", "rejected", "uploaded", "rows", "bytes", "seconds")
    kinds = table(title, "kind", *columns, right=columns)
    for kind, tally in report.tallies.items():
        numbers = (tally.seen, tally.unchanged, tally.loaded, tally.rejected, tally.uploads)
        sizes = (tally.rows, tally.bytes)
        cells = [f"{number:,}" for number in numbers + sizes]
        kinds.add_row(kind, *cells, f"{tally.seconds:.2f}")
    yield kinds
    open_rejections = [
        OpenRejection(r.reason.severity, r.reason, kind, path, r.line_number, r.detail)
        for kind, path, r in report.rejections
    ]
    yield from rejection_tables(open_rejections, none="No new rejections.")
    if report.still_rejected:
        yield line(
            f"{report.still_rejected:,} unchanged files of which something was left out before:"
            f" python -m loader status --target {target} shows what."
        )
    if report.unlisted:
        yield line(
            f"{report.unlisted:,} more rejections and repairs:"
            f" python -m loader status --target {target} shows them."
        )
    if result.parts:
        yield line(f"{result.parts:,} parts in {result.attempts:,} attempts.")
    if result.has_finished_pending:
        yield line("Work that an earlier run left was finished first.")
    ignored = f", {report.ignored:,} other files ignored" if report.ignored else ""
    yield line(f"{result.seconds:.1f} seconds{ignored}.")
    if not is_dry and any(tally.rows for tally in report.tallies.values()):
        yield line(f"Next: dbt build --target {target}")


def _document(result: Result, target: Target, *, is_dry: bool) -> dict[str, object]:
    report = result.report
    return {
        "command": "run",
        "target": target,
        "dry_run": is_dry,
        "kinds": {kind: asdict(tally) for kind, tally in report.tallies.items()},
        "rejections": [
            {
                "severity": rejection.reason.severity,
                "reason": rejection.reason,
                "kind": kind,
                "path": path,
                "line_number": rejection.line_number,
                "detail": rejection.detail,
            }
            for kind, path, rejection in report.rejections
        ],
        "unlisted_rejections": report.unlisted,
        "still_rejected": report.still_rejected,
        "ignored": report.ignored,
        "finished_pending": result.has_finished_pending,
        "parts": result.parts,
        "attempts": result.attempts,
        "seconds": round(result.seconds, 3),
    }
