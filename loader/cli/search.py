"""`search`: find words in the parsed texts."""

import argparse
import shlex
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING

from loader.cli import DONE
from loader.cli.options import day, opened_settings, wrong_usage
from loader.cli.output import data, line, listing, note, print_all, print_json

if TYPE_CHECKING:
    from rich.text import Text

    from loader.cli.tables import Listing
    from loader.reading import Hit
    from loader.settings import Settings

_WIDTH = 80  # columns
_OF_KINDS = {
    "entry": "daily_reports",
    "turn": "meeting_transcripts",
    "issue": "jira_snapshots",
    "message": "slack_captures",
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "words",
        nargs="+",
        metavar="WORDS",
        help='all must be there; "a phrase"; or; -word for what must not be there',
    )
    parser.add_argument("--team", metavar="NAME", help="only this team, by folder or name")
    parser.add_argument("--person", metavar="NAME", help="only this person, by any known spelling")
    parser.add_argument("--since", metavar="DATE", help="only what is of this day or later")
    parser.add_argument("--until", metavar="DATE", help="only what is of this day or earlier")
    parser.add_argument(
        "--kind", action="append", default=[], choices=_OF_KINDS, help="only these; repeatable"
    )
    parser.add_argument(
        "--limit", type=int, default=20, metavar="N", help="show up to N hits, by default 20"
    )


def main(args: argparse.Namespace) -> int:
    """Find words in report entries, transcript turns, Jira issues and Slack messages."""
    from loader.reading import Reader
    from loader.workspace.teams import load_teams

    if args.limit < 1:
        wrong_usage(args, "--limit needs at least 1.")
    since, until = day(args, "since"), day(args, "until")
    words = " ".join(args.words)
    settings = opened_settings(args)
    team = args.team and load_teams().get(args.team, args.team)
    with Reader(settings) as reader:
        hits = reader.search(
            words,
            team=team,
            person=args.person,
            since=since,
            until=until,
            kinds=args.kind,
            limit=args.limit,
        )
    if args.json:
        found = [asdict(hit) for hit in hits]
        print_json(words=words, hits=found)
    elif hits:
        print_all(_tables(hits, args.limit, args.given))
    if not hits:
        note(f"Nothing found for {words!r}.")
    if not hits or args.kind:
        _note_disabled_kinds(settings, args.kind)
    return DONE


def _tables(hits: "Sequence[Hit]", limit: int, given: list[str]) -> "Iterator[Listing | Text]":
    from rich.text import Text

    rows = []
    for hit in hits:
        place = f"{hit.kind} {hit.position}"
        if hit.offset_seconds is not None:
            minutes, seconds = divmod(hit.offset_seconds, 60)
            place += f" at {minutes}:{seconds:02}"
        where = [place, hit.person or "", (hit.source or "").rpartition("/")[2]]
        rows.append(
            (
                Text("\n").join([data(f"{hit.date}"), data(hit.team)]),
                Text("\n").join(data(each) for each in where if each),
                hit.snippet,
                f"{hit.rank:.2f}",
            )
        )
    columns = ("day", "where", "text", "rank")
    yield listing("Hits", columns, rows, right=("rank",), has_lines=True, most=_WIDTH)
    if len(hits) == limit:
        given = [*given]
        if "--limit" in given:
            at = given.index("--limit")
            del given[at : at + 2]
        again = shlex.join([*given, "--limit", str(10 * limit)])
        yield line(f"There may be more: python -m loader {again}")


def _note_disabled_kinds(settings: "Settings", kinds: Sequence[str]) -> None:
    """Print which kinds have no hits because their texts are not parsed."""
    for kind, files in _OF_KINDS.items():
        if (kind in kinds or not kinds) and files not in settings.contents:
            setting = "SLACK_CONTENT=true" if kind == "message" else f"CONTENT, with {files} in it,"
            note(
                f"New texts of {files.replace('_', ' ')} are not searched. Set {setting}, then:"
                f" python -m loader run --target {settings.target} --workspace DIR;"
                f" dbt build --target {settings.target}"
            )
