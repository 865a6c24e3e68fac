"""`status`: show the contents of the database."""

import argparse
import os
import sys
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from loader.cli import DONE
from loader.cli.options import day, opened_settings, team_option
from loader.cli.output import as_objects, line, lines, listing, print_all, print_json
from loader.cli.rejections import rejection_tables
from loader.database import objects
from loader.database.refusals import role_of
from loader.database.warehouse import Warehouse
from loader.maintenance.duplicates import LikelyDuplicate
from loader.maintenance.status import CollectedWeek, Status, UntypedReport, read_status, scope_of
from loader.settings import Settings, Target
from loader.workspace.kinds import Kind
from loader.workspace.teams import load_teams

if TYPE_CHECKING:
    from rich.text import Text

    from loader.cli.tables import Listing

_MOST_WEEKS = 20
_QUESTION = """\
select person, team, sum(daily_reports) as reports, sum(meetings) as meetings, sum(words) as words
from reporting.person_week
group by person, team
order by reports desc, words desc, person
limit 5"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    team_option(parser)
    parser.add_argument(
        "--since", metavar="DATE", help="only what is of this day or later, or was loaded since"
    )
    parser.add_argument(
        "--next",
        action="store_true",
        help="end with the database's place, a query with its result, and the studio's command",
    )


def main(args: argparse.Namespace) -> int:
    """Show what the database holds."""
    settings = opened_settings(args)
    teams = load_teams()
    scope = scope_of(teams, args.team, day(args, "since"))
    with Warehouse(settings, is_read_only=True) as warehouse:
        objects.check(warehouse, settings)
        status = read_status(warehouse, scope, teams)
        is_asked = args.next and not args.json and status.is_built
        answer = warehouse.fetch(_QUESTION) if is_asked else None
    if args.json:
        print_json(**_document(status))
    else:
        print_all(_tables(status, settings, args.since))
    if answer is not None:
        print_all(_first_steps(answer, settings))
    return DONE


def _first_steps(answer: list[tuple[Any, ...]], settings: Settings) -> "Iterator[Listing | Text]":
    """Yield the first steps of a new user: the database's place, a query, and the studio."""
    yield line(f"The database: {settings.place}. A query, and its result:")
    yield lines(_QUESTION)
    columns = ("person", "team", "reports", "meetings", "words")
    rows = (tuple(map(str, row)) for row in answer)
    yield listing("Result", columns, rows, right=columns[2:])
    program = Path(sys.executable).with_name("orchestrator-elt")
    command = os.path.relpath(program) if program.exists() else "python -m loader"
    yield line(f"Look at it in the browser: {command} studio --target {settings.target}")


def _document(status: Status) -> dict[str, object]:
    return {
        **asdict(status),
        "organizations": [{"name": n, "description": d} for n, d in status.organizations],
        "teams": [{"name": n, "organization": o} for n, o in status.teams],
        "report_types": [{"name": n, "description": d} for n, d in status.report_types],
        "duplicates": [
            {
                "team": each.team,
                "names": [
                    {"name": name, "days": days}
                    for name, days in zip(each.names, each.days, strict=True)
                ],
                "seed_line": each.seed_line,
                "replaces": each.replaces or None,
            }
            for each in status.duplicates
        ],
        "lacking": as_objects("column", status.lacking),
        "unreadable": as_objects("name", status.unreadable),
    }


def _tables(status: Status, settings: Settings, since: str | None) -> "Iterator[Listing | Text]":
    target = settings.target
    is_read = status.is_built and (status.counts or not status.lacking)
    if is_read and status.may_read(settings.final_schema):
        yield listing("Organizations", ("name", "description"), status.organizations)
        yield listing("Teams", ("name", "organization"), status.teams)
        yield listing("Report types", ("name", "description"), status.report_types)
        columns = ("team", "kind", "rows", "first", "last")
        counts = ((c.team, c.kind, f"{c.rows:,}", str(c.first), str(c.last)) for c in status.counts)
        yield listing("Rows", columns, counts, ("rows",), none=_none("rows", since))
        there = {count.kind for count in status.counts}
        for kind in Kind if there else ():
            if kind not in there:
                yield line(f"no {kind.replace('_', ' ')} yet")
        yield from _weeks(status.weeks, since)
        yield from _without_type(status.without_type)
        yield from _duplicates(status.duplicates)
    if status.is_loaded and status.may_read("raw"):
        yield _loads(status, since)
        none = f"No rejections{f' since {since}' if since else ''}."
        yield from rejection_tables(status.rejections, none=none)
    elif not status.is_loaded:
        yield line(
            f"Nothing is loaded yet. Load: python -m loader run --target {target} --workspace DIR"
        )
    if status.unreadable:
        names, role = ", ".join(status.unreadable), role_of(settings)
        yield line(f"Not shown, for {role} may not read it: {names}.")
    for run in status.unfinished:
        yield line(
            f"The run of {run.started_at:%Y-%m-%d %H:%M:%S %Z} is under way or did not finish."
            " Nothing of it counts; the next run removes what it left."
        )
    yield from _next(status, target)


def _none(what: str, since: str | None) -> str:
    return f"no {what} since {since}" if since else f"no {what} yet"


def _next(status: Status, target: Target) -> "Iterator[Text]":
    """Yield the next command, if any work is pending."""
    build = f"dbt build --target {target}"
    if status.lacking:
        yield from _missing_columns(status, target)
    elif not status.is_built:
        yield line(f"The final tables are not there yet. Build them: {build}")
    elif status.unapplied:
        loads = "load is" if status.unapplied == 1 else "loads are"
        yield line(f"{status.unapplied:,} {loads} not in the final tables yet: {build}")


def _missing_columns(status: Status, target: Target) -> "Iterator[Text]":
    """Yield the commands that add missing columns to the final tables."""
    more = len(status.lacking) - 1
    others = f" and {more:,} more" if more else ""
    yield line(f"The final tables lack the column {status.lacking[0]}{others}.")
    if target == Target.LOCAL:
        yield line(f"Build them: dbt build --target {target}")
        return
    if not status.has_record:
        generate = f'python -m loader schema generate --target {target} -m "take over"'
        yield line(f"If no migration was written for them yet: {generate}")
    yield line(f"Migrate them: python -m loader schema migrate --target {target}")


def _weeks(weeks: list[CollectedWeek], since: str | None) -> "Iterator[Listing | Text]":
    columns = ("week", "to", "team", "kind", "runs", "bytes")
    rows = (
        (str(w.start), str(w.end), w.team, w.kind, f"{w.runs:,}", f"{w.size:,}")
        for w in weeks[:_MOST_WEEKS]
    )
    none = _none("weeks of Jira and Slack", since)
    yield listing("Weeks of Jira and Slack", columns, rows, ("runs", "bytes"), none=none)
    if len(weeks) > _MOST_WEEKS:
        rest = len(weeks) - _MOST_WEEKS
        yield line(f"… and {rest:,} more; all of them: python -m loader status --json")


def _loads(status: Status, since: str | None) -> "Listing | Text":
    columns = ("loaded at", "by", "files", "rows", "seconds")
    rows = (
        (
            f"{load.loaded_at:%Y-%m-%d %H:%M:%S %Z}",
            load.loaded_by,
            f"{load.files:,}",
            f"{load.rows:,}",
            f"{load.seconds:,.1f}" if load.seconds is not None else None,
        )
        for load in status.loads
    )
    return listing("Loads", columns, rows, columns[2:], none=_none("loads", since))


def _without_type(reports: list[UntypedReport]) -> "Iterator[Listing | Text]":
    """Yield generated reports that no final table holds yet, with a hint for each."""
    columns = ("team", "file", "pattern", "versions", "latest")
    rows = (
        (r.team, r.filename, r.pattern, f"{r.versions:,}", f"{r.latest:%Y-%m-%d}") for r in reports
    )
    if reports:
        yield listing("Generated reports without a type", columns, rows, ("versions",))
        yield line(
            "no_report_type: give the file names a type in seeds/seed_report_type_patterns.csv,"
            " then run dbt build."
        )


def _duplicates(found: list[LikelyDuplicate]) -> "Iterator[Listing | Text]":
    """Yield names that probably belong to one person, with the seed lines that join them."""
    if not found:
        return
    rows = (
        (each.team, ", ".join(f"{n} ({d:,})" for n, d in zip(each.names, each.days, strict=True)))
        for each in found
    )
    yield listing("Likely one person", ("team", "names (days)"), rows)
    yield line("If they are, put the line into seeds/seed_people.csv, then run dbt build:")
    for each in found:
        yield line(f"{each.seed_line}{f'   in place of {each.replaces}' * bool(each.replaces)}")
