"""`run`: load a workspace."""

import argparse
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from loader.cli import DONE, FAILED
from loader.cli.options import team_option, wrong_usage
from loader.cli.output import line, note, print_all, print_json, progress, table
from loader.cli.rejections import rejection_tables
from loader.extract.options import RunOptions, RunResult
from loader.maintenance.status import OpenRejection
from loader.parsing.dates import ImpossibleDateError
from loader.parsing.weekly import Week, parse_week
from loader.settings import Settings, Target, load_settings
from loader.workspace.kinds import KINDS

if TYPE_CHECKING:
    from rich.table import Table
    from rich.text import Text

    from loader.blobs.manifest import Manifest


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "--workspace",
        default=".",
        metavar="DIR",
        help="the orchestrator's folder, by default the current one; or a URL (s3://, gs://, az://)",
    )
    team_option(parser)
    parser.add_argument(
        "--report",
        metavar="TYPE",
        help="which config.TYPE.json gives the week; by default REPORT_TYPE, or weekly",
    )
    parser.add_argument("--week-start", metavar="DATE", help="first day of the week to load")
    parser.add_argument("--week-end", metavar="DATE", help="last day of the week to load")
    parser.add_argument("--full", action="store_true", help="load what is unchanged too")
    parser.add_argument("--dry-run", action="store_true", help="do everything but write")
    parser.add_argument("--strict", action="store_true", help="exit 1 if anything was left out")
    parser.add_argument("--quiet", "-q", action="store_true", help="print errors only")
    parser.add_argument("--verbose", "-v", action="store_true", help="name the ignored files")
    parser.add_argument(
        "--engine",
        metavar="NAME",
        help="who reads and parses: local for processes of this machine, or the scheduler of a Dask"
        " cluster (tcp://HOST:PORT, tls://HOST:PORT); by default this process alone",
    )
    parser.add_argument(
        "--blob-store",
        type=_blob_store,
        metavar="STORE",
        help="where files go, instead of BLOB_STORE: vercel, local (a folder below WAREHOUSE_DIR)"
        " or a URL (file:///, s3://, gs://, az://)",
    )
    parser.add_argument(
        "--blob-manifest",
        type=Path,
        metavar="FILE",
        help="JSON with uploads made elsewhere; their files are matched by path and SHA-256",
    )
    parser.add_argument(
        "--no-upload",
        action="store_true",
        help="reject files that the manifest does not name, instead of uploading them",
    )
    parser.add_argument(
        "--adopt-environment",
        action="store_true",
        help="take over a database that remembers another environment, as a copy of it does",
    )


def _blob_store(text: str) -> str:
    from loader.blobs.opening import STORES, is_store

    store = text.rstrip("/")
    if not is_store(store):
        raise argparse.ArgumentTypeError(f"{text!r} is not a blob store. Use one of {STORES}")
    return store


def main(args: argparse.Namespace) -> int:
    """Read a workspace, store its files as blobs, load raw rows, say what was done."""
    from loader.loading.load import in_process, on_engine, run_options

    settings = load_settings(args.target, blob_store=args.blob_store)
    options = run_options(
        settings,
        args.workspace,
        teams=args.team,
        report=args.report,
        week=_week(args),
        is_full=args.full,
        is_adopting=args.adopt_environment,
    )
    if args.engine:
        _refuse_with_engine(args)
        act = on_engine(settings, options, args.engine)
    else:
        manifest = _manifest(settings, options, args)
        act = in_process(
            settings, options, manifest, is_uploading=not args.no_upload, is_dry=args.dry_run
        )
    if settings.team and not args.team and not args.quiet:
        note(f"TEAM is {settings.team!r}: only this team is loaded.")
    if settings.database and settings.database.was_pooled and not args.quiet:
        note(f"The host is pooled; using the direct one, {settings.database}.")
    with progress("Loading", is_shown=not (args.quiet or args.json)) as shown:
        result = act(shown)
    warning = _no_input(options) if result.summary.is_empty else ""
    if args.json and not args.quiet:
        print_json(**_document(result, settings.target, warning, is_dry=args.dry_run))
    elif not args.quiet:
        print_all(_summary(result, settings.target, args))
    if args.strict and warning:
        note(f"Error: {warning}")
        return FAILED
    if warning and not args.quiet:
        note(f"Warning: {warning}")
    if args.strict and result.summary.has_left_out:
        note("Error: something was left out, and --strict allows none of it.")
        return FAILED
    return DONE


def _no_input(options: RunOptions) -> str:
    """Return the warning about a workspace without a file to read."""
    folders = ", ".join(files.folder.format("TEAM") for files in KINDS.values())
    return (
        f"{options.workspace.url} has no input: there is no file in {folders}."
        " Name the workspace: python -m loader run --workspace DIR"
    )


def _week(args: argparse.Namespace) -> Week | None:
    if not args.week_start and not args.week_end:
        return None
    if not args.week_start or not args.week_end:
        wrong_usage(args, "--week-start and --week-end go together")
    try:
        return parse_week(args.week_start, args.week_end)
    except ImpossibleDateError as error:
        wrong_usage(args, f"--week-start, --week-end: {error}")


def _refuse_with_engine(args: argparse.Namespace) -> None:
    for option in ("dry_run", "blob_manifest", "no_upload"):
        if getattr(args, option):
            wrong_usage(args, f"--{option.replace('_', '-')} does not go with --engine")


def _manifest(
    settings: Settings, options: RunOptions, args: argparse.Namespace
) -> "Manifest | None":
    from loader.loading.load import read_manifest

    if args.no_upload and not args.blob_manifest:
        wrong_usage(args, "--no-upload goes with --blob-manifest")
    manifest = read_manifest(settings, args.blob_manifest)
    if manifest and not args.quiet:
        strangers = [p for p in manifest.paths if not options.workspace.exists(p)]
        if strangers:
            rest = f"{len(strangers):,} of {len(manifest.paths):,} uploads in {args.blob_manifest}"
            note(f"{rest} name no file of the workspace, as {min(strangers)}.")
    return manifest


def _summary(
    result: RunResult, target: Target, args: argparse.Namespace
) -> "Iterator[Table | Text]":
    """A table per kind, the rejections, and the hint of each reason."""
    summary, is_dry = result.summary, args.dry_run
    title = "Dry run: nothing was written" if is_dry else "Loaded"
    columns = ("files", "unchanged", "loaded", "rejected", "uploaded", "rows", "bytes", "seconds")
    kinds = table(title, "kind", *columns, right=columns)
    for kind, counts in summary.kinds.items():
        numbers = (counts.seen, counts.unchanged, counts.loaded, counts.rejected, counts.uploads)
        sizes = (counts.rows, counts.bytes)
        cells = [f"{number:,}" for number in numbers + sizes]
        kinds.add_row(kind, *cells, f"{counts.seconds:.2f}")
    yield kinds
    open_rejections = [
        OpenRejection(r.reason.severity, r.reason, kind, path, r.line_number, r.detail)
        for kind, path, r in summary.rejections
    ]
    yield from rejection_tables(open_rejections, none="No new rejections.")
    if summary.still_rejected:
        yield line(
            f"{summary.still_rejected:,} unchanged files of which something was left out before:"
            f" python -m loader status --target {target} shows what."
        )
    if summary.unlisted:
        yield line(
            f"{summary.unlisted:,} more rejections and repairs:"
            f" python -m loader status --target {target} shows them."
        )
    if args.engine:
        yield line(f"{result.parts:,} parts in {result.attempts:,} attempts.")
    if result.removed_runs:
        runs = "run" if result.removed_runs == 1 else f"{result.removed_runs} runs"
        yield line(f"Removed what an unfinished {runs} had left.")
    named = "" if args.verbose else " (--verbose names them)"
    ignored = f", {summary.ignored:,} other files ignored{named}" if summary.ignored else ""
    yield line(f"{result.seconds:.1f} seconds{ignored}.")
    if args.verbose:
        for path in summary.ignored_paths:
            yield line(f"Ignored: {path}")
        if rest := summary.ignored - len(summary.ignored_paths):
            yield line(f"Ignored: {rest:,} more.")
    if not is_dry and any(counts.rows for counts in summary.kinds.values()):
        yield line(f"Next: dbt build --target {target}")


def _document(
    result: RunResult, target: Target, warning: str, *, is_dry: bool
) -> dict[str, object]:
    summary = result.summary
    return {
        "command": "run",
        "target": target,
        "dry_run": is_dry,
        "kinds": {kind: asdict(counts) for kind, counts in summary.kinds.items()},
        "rejections": [
            {
                "severity": rejection.reason.severity,
                "reason": rejection.reason,
                "kind": kind,
                "path": path,
                "line_number": rejection.line_number,
                "detail": rejection.detail,
            }
            for kind, path, rejection in summary.rejections
        ],
        "unlisted_rejections": summary.unlisted,
        "still_rejected": summary.still_rejected,
        "ignored": summary.ignored,
        "ignored_files": summary.ignored_paths,
        "warnings": [warning] if warning else [],
        "removed_runs": result.removed_runs,
        "parts": result.parts,
        "attempts": result.attempts,
        "seconds": round(result.seconds, 3),
    }
