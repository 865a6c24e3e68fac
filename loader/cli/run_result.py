"""The result of a run, as tables and as JSON."""

import argparse
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from loader.cli.output import as_objects, data, line, listing
from loader.cli.rejections import rejection_tables
from loader.extract.options import RunResult
from loader.parsing.rejections import OpenRejection, Severity
from loader.settings import Target
from loader.words import counted

if TYPE_CHECKING:
    from rich.text import Text

    from loader.cli.tables import Listing


def left_out(result: RunResult, target: Target, *, is_dry: bool) -> str:
    """Return the message of `--strict`: count, first rejection, next command; empty without any."""
    counts = result.summary
    if not counts.has_left_out:
        return ""
    found = [
        (path, rejection)
        for _, path, rejection in counts.rejections
        if rejection.reason.severity is Severity.REJECTED
    ]
    files = len({path for path, _ in found}) + counts.still_rejected
    more = "at least " if counts.has_unlisted_left_out else ""
    if found:
        path, rejection = found[0]
        place = f"{path}:{rejection.line_number}" if rejection.line_number else path
        first = f"{place}: {rejection.reason}"
    else:
        first = counts.first_still_rejected
    first = f"\nThe first one: {first}" if first else ""
    see = "run --dry-run --workspace DIR" if is_dry else "status"
    return (
        f"Something of {more}{counted(files, 'file')} was left out, and --strict allows none of it."
        f"{first}\nSee all: python -m loader {see} --target {target}"
    )


def summary(
    result: RunResult, target: Target, args: argparse.Namespace
) -> "Iterator[Listing | Text]":
    """Yield a table of kinds, the rejections, and the hint of each reason."""
    summary, is_dry = result.summary, args.dry_run
    title = "Dry run: nothing was written" if is_dry else "Loaded"
    columns = ("kind", "files", "unchanged", "loaded", "rejected", "rows")
    more = ("uploaded", "bytes", "seconds") if args.verbose else ()
    rows = []
    for kind, counts in summary.kinds.items():
        numbers = (counts.seen, counts.unchanged, counts.loaded, counts.rejected, counts.rows)
        sizes = (f"{counts.uploads:,}", f"{counts.bytes:,}", f"{counts.seconds:.2f}")
        rows.append((kind, *(f"{number:,}" for number in numbers), *sizes[: len(more)]))
    yield listing(title, columns + more, rows, right=columns[1:] + more)
    open_rejections = [
        OpenRejection(r.reason.severity, r.reason, kind, path, r.line_number, r.detail)
        for kind, path, r in summary.rejections
    ]
    yield from rejection_tables(open_rejections, none="No new rejections.")
    if summary.still_rejected:
        yield line(
            f"{counted(summary.still_rejected, 'unchanged file')} with something left out before."
            f" To see what: python -m loader status --target {target}"
        )
    if summary.unlisted:
        yield line(
            f"{counted(summary.unlisted, 'more rejection', 'more rejections and repairs')}."
            f" To see all: python -m loader status --target {target}"
        )
    if args.engine:
        yield line(f"{counted(result.parts, 'part')} in {counted(result.attempts, 'attempt')}.")
    if result.removed_runs:
        yield line(f"Removed what {counted(result.removed_runs, 'unfinished run')} had left.")
    named = "" if args.verbose else " (--verbose: which)"
    other = counted(summary.ignored, "other file")
    ignored = f", {other} ignored{named}" if summary.ignored else ""
    uploads = sum(counts.uploads for counts in summary.kinds.values())
    yield line(f"{counted(uploads, 'blob')} uploaded, {result.seconds:.1f} seconds{ignored}.")
    if args.verbose:
        for path in summary.ignored_paths:
            yield data(f"Ignored: {path}")
        if rest := summary.ignored - len(summary.ignored_paths):
            yield line(f"Ignored: {rest:,} more.")
    is_alone = args.command == "run"  # not a step of `weekly`
    if is_alone and not is_dry and any(counts.rows for counts in summary.kinds.values()):
        yield line(f"Next: dbt build --target {target}")


def document(result: RunResult, warning: str, *, is_dry: bool) -> dict[str, object]:
    """Return the JSON document of a run, without its header."""
    summary = result.summary
    return {
        "dry_run": is_dry,
        "kinds": [{"kind": kind, **asdict(counts)} for kind, counts in summary.kinds.items()],
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
        "ignored_files": as_objects("path", summary.ignored_paths),
        "warnings": as_objects("message", [warning] if warning else []),
        "removed_runs": result.removed_runs,
        "parts": result.parts,
        "attempts": result.attempts,
        "seconds": round(result.seconds, 3),
    }
