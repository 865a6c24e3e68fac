"""How results look: tables for people, JSON for programs. Prints nothing itself."""

import json
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

from rich.markup import escape
from rich.table import Table
from rich.text import Text

from loader.blobs import StoredBlob
from loader.rejections import Reason
from loader.run import Result
from loader.settings import Target
from loader.status import OpenRejection, Status, UntypedReport
from loader.verify import Check, Verdict

JSON_VERSION = 1
_MOST_REJECTIONS = 20


def run_summary(result: Result, *, is_dry: bool) -> Iterator[Table | Text]:
    """The summary of a run: a table per kind, the rejections, and the mend of each reason."""
    report = result.report
    title = "Dry run: nothing was written" if is_dry else "Loaded"
    columns = ("files", "unchanged", "loaded", "rejected", "uploaded", "rows", "bytes", "seconds")
    table = _table(title, "kind", *columns, right=columns)
    for kind, tally in report.tallies.items():
        numbers = (tally.seen, tally.unchanged, tally.loaded, tally.rejected, tally.uploads)
        sizes = (tally.rows, tally.bytes)
        cells = [f"{number:,}" for number in numbers + sizes]
        table.add_row(kind, *cells, f"{tally.seconds:.2f}")
    yield table
    open_rejections = [
        OpenRejection(r.reason.severity, r.reason, kind, path, r.line_number, r.detail)
        for kind, path, r in report.rejections
    ]
    yield from _rejections(open_rejections, none="No new rejections.")
    if report.still_rejected:
        yield Text(
            f"{report.still_rejected:,} unchanged files of which something was left out before:"
            " python -m loader status shows what."
        )
    if result.has_finished_pending:
        yield Text("Work that an earlier run left was finished first.")
    ignored = f", {report.ignored:,} other files ignored" if report.ignored else ""
    yield Text(f"{result.seconds:.1f} seconds{ignored}.")


def run_json(result: Result, target: Target, *, is_dry: bool) -> str:
    """The summary of a run as JSON."""
    report = result.report
    return _json(
        command="run",
        target=target,
        dry_run=is_dry,
        kinds={kind: asdict(tally) for kind, tally in report.tallies.items()},
        rejections=[
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
        still_rejected=report.still_rejected,
        ignored=report.ignored,
        finished_pending=result.has_finished_pending,
        seconds=round(result.seconds, 3),
    )


def status_tables(status: Status, *, has_pending: bool) -> Iterator[Table | Text]:
    """The status, as tables."""
    if not status.is_built:
        yield Text("The final tables are not there yet. Build them: dbt build")
    else:
        yield from _listing("Organizations", ("name", "description"), status.organizations)
        yield from _listing("Teams", ("name", "organization"), status.teams)
        yield from _listing("Report types", ("name", "description"), status.report_types)
        columns = ("team", "kind", "rows", "first", "last")
        counts = [(c.team, c.kind, f"{c.rows:,}", str(c.first), str(c.last)) for c in status.counts]
        yield from _listing("Rows", columns, counts, right=("rows",))
        yield from _without_type(status.without_type)
    if not status.is_loaded:
        yield Text("Nothing is loaded yet. Load: python -m loader run --workspace DIR")
    else:
        yield from _rejections(status.rejections, none="No rejections.")
    if has_pending:
        yield Text("An earlier run left work that is not loaded: python -m loader run finishes it.")


def status_json(status: Status, target: Target, *, has_pending: bool) -> str:
    """The status as JSON."""
    return _json(command="status", target=target, pending=has_pending, **asdict(status))


def verify_tables(checks: list[Check], referenced: int) -> Iterator[Table | Text]:
    """What became of the checks: numbers per team and kind, and all that is wrong.

    Args:
        checks: All of them.
        referenced: How many blobs there are to check, of which the checks may be a sample.
    """
    columns = ("team", "kind", "blobs", *Verdict, "bytes")
    table = _table("Verified", *columns, right=columns[2:])
    groups = sorted({(each.reference.team, each.reference.kind) for each in checks})
    for group in groups:
        members = [c for c in checks if (c.reference.team, c.reference.kind) == group]
        verdicts = Counter(each.verdict for each in members)
        numbers = [len(members), *(verdicts[verdict] for verdict in Verdict)]
        numbers.append(sum(each.reference.size or 0 for each in members))
        table.add_row(*map(escape, group), *(f"{number:,}" for number in numbers))
    yield table if groups else Text("Nothing was loaded that references a blob.")
    wrong = [each for each in checks if each.verdict is not Verdict.OK]
    for each in wrong:  # as lines, to be copied
        of_file = f" ({each.reference.source_path})" if each.reference.source_path else ""
        yield Text(f"{each.verdict}: {each.reference.key}{of_file}: {each.detail}")
    found = {each.verdict for each in wrong}
    if Verdict.DIFFERENT in found:
        yield Text("Look at what differs, and delete it: nothing is ever overwritten.")
    if {Verdict.DIFFERENT, Verdict.MISSING} & found:
        yield Text("What is not there is stored again by: python -m loader run --full")
    sample = f", a sample out of {referenced:,}" if len(checks) < referenced else ""
    good = len(checks) - len(wrong)
    if checks:
        yield Text(f"{good:,} of {len(checks):,} blobs are as they should be{sample}.")


def verify_json(checks: list[Check], referenced: int, target: Target) -> str:
    """What became of the checks, as JSON; the arguments are those of `verify_tables`."""
    return _json(
        command="verify",
        target=target,
        referenced=referenced,
        checked=len(checks),
        verdicts=Counter(each.verdict for each in checks),
        wrong=[
            {"verdict": each.verdict, "detail": each.detail, **asdict(each.reference)}
            for each in checks
            if each.verdict is not Verdict.OK
        ],
    )


def orphans_table(blobs: list[StoredBlob], listed: int) -> Iterator[Table | Text]:
    """The blobs that no row references, of so many that were listed."""
    rows = ((blob.key, f"{blob.size:,}", blob.url) for blob in blobs)
    if blobs:
        yield from _listing("Orphans", ("blob", "bytes", "url"), rows, right=("bytes",))
    yield Text(
        f"{listed:,} blobs in the store; no row of this database references {len(blobs):,} of them."
    )


def orphans_json(blobs: list[StoredBlob], listed: int, target: Target) -> str:
    """The blobs that no row references, as JSON; the arguments are those of `orphans_table`."""
    return _json(
        command="verify", target=target, listed=listed, orphans=[asdict(blob) for blob in blobs]
    )


def _json(**values: Any) -> str:  # noqa: ANN401
    document = {"version": JSON_VERSION, **values}
    return json.dumps(document, default=str, ensure_ascii=False, indent=2)


def _listing(
    title: str,
    columns: tuple[str, ...],
    rows: Iterable[tuple[str | None, ...]],
    right: tuple[str, ...] = (),
) -> Iterator[Table | Text]:
    table = _table(title, *columns, right=right)
    for row in rows:
        table.add_row(*(escape(cell or "") for cell in row))
    yield table if table.row_count else Text(f"no {title.lower()} yet")


def _without_type(reports: list[UntypedReport]) -> Iterator[Table | Text]:
    """Generated reports that no table holds yet, and what to do about them; nothing without any."""
    columns = ("team", "file", "pattern", "versions", "latest")
    rows = (
        (r.team, r.filename, r.pattern, f"{r.versions:,}", f"{r.latest:%Y-%m-%d}") for r in reports
    )
    if reports:
        yield from _listing("Generated reports without a type", columns, rows, ("versions",))
        yield Text(
            "no_report_type: give the file names a type in seeds/seed_report_type_patterns.csv,"
            " then run dbt build."
        )


def _rejections(rejections: list[OpenRejection], none: str) -> Iterator[Table | Text]:
    """Where something was left out or repaired, and what to do about each kind of it."""
    if not rejections:
        yield Text(none)
        return
    table = _table("Rejections", "severity", "reason", "where", "detail")
    for rejection in rejections[:_MOST_REJECTIONS]:
        line = f":{rejection.line_number}" if rejection.line_number else ""
        where = escape(f"{rejection.path}{line}")
        table.add_row(rejection.severity, rejection.reason, where, escape(rejection.detail))
    yield table
    if len(rejections) > _MOST_REJECTIONS:
        rest = len(rejections) - _MOST_REJECTIONS
        yield Text(f"… and {rest:,} more; all of them: python -m loader status --json")
    for reason in sorted({Reason(rejection.reason) for rejection in rejections}):
        yield Text(f"{reason}: {reason.mend}.")


def _table(title: str, *columns: str, right: tuple[str, ...] = ()) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold")
    for column in columns:
        table.add_column(column, justify="right" if column in right else "left", overflow="fold")
    return table
