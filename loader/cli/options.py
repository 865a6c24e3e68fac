"""Options that several commands have, and what commands do about wrong ones."""

import argparse
import shlex
import sys
from typing import TYPE_CHECKING, NoReturn

from loader.cli.invocation import current
from loader.errors import SettingsError

if TYPE_CHECKING:
    from datetime import date

    from loader.settings import Settings

TARGETS = ("local", "dev", "staging", "prod")  # not from settings, whose import slows down --help


def common_options(*, is_below: bool = False) -> argparse.ArgumentParser:
    """Return the options of all commands.

    Args:
        is_below: For an action of a command: an option that is not repeated there keeps the value
            that it was given before the action.
    """
    default: str | None = argparse.SUPPRESS if is_below else None
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--target",
        choices=TARGETS,
        default=default,
        help="where to: DuckDB (local) or a Neon environment; by default local, or NEON_ENV if"
        " ENABLE_NEON_DB_STORAGE is true",
    )
    common.add_argument("--json", action="store_true", default=default or False, help="print JSON")
    return common


def opened_settings(
    args: argparse.Namespace, *, blob_store: str | None = None, is_data: bool = False
) -> "Settings":
    """Resolve the settings, and say which target and database the command is about.

    Args:
        args: Has the value of `--target`.
        blob_store: The value of `--blob-store`.
        is_data: Whether stdout has data for programs, so that this goes to stderr.
    """
    from loader.cli.output import note_header, print_header
    from loader.settings import load_settings

    settings = load_settings(args.target, blob_store=blob_store)
    current.resolve(settings)
    if is_data:
        note_header()
    else:
        print_header()
    return settings


def team_option(command: argparse.ArgumentParser) -> None:
    """Add `--team`."""
    command.add_argument(
        "--team",
        action="append",
        default=[],
        metavar="NAME",
        help="only this team, by folder or name; repeatable",
    )


def yes_option(command: argparse.ArgumentParser) -> None:
    """Add `--yes`, for `confirm`."""
    command.add_argument(
        "--yes", action="store_const", const="yes", dest="answer", help="do not ask"
    )


def add_actions(
    command: argparse.ArgumentParser, **helps: str
) -> dict[str, argparse.ArgumentParser]:
    """Add the words that follow a command, such as `schema diff`; the chosen one is `action`."""
    parsers = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    made = {}
    for name, help_ in helps.items():
        made[name] = parsers.add_parser(
            name,
            parents=[common_options(is_below=True)],
            allow_abbrev=False,
            help=help_,
            description=help_,
        )
        made[name].set_defaults(parser=made[name])
    return made


def wrong_usage(args: argparse.Namespace, message: str) -> NoReturn:
    """Exit with the command's usage and a message."""
    parser: argparse.ArgumentParser = args.parser
    parser.error(message)


def day(args: argparse.Namespace, name: str) -> "date | None":
    """Return the day that an option names; None without it.

    Raises:
        SystemExit: It is not a day.
    """
    from loader.parsing.dates import ImpossibleDateError, iso_date

    text = getattr(args, name)
    try:
        return iso_date(text, is_ours=False) if text else None
    except ImpossibleDateError as error:
        wrong_usage(args, f"--{name}: {error}")


def confirm(
    args: argparse.Namespace,
    what: str,
    *,
    name: str | None = None,
    can_ask: bool = True,
    undone: str = "deleted",
) -> None:
    """Ask on a terminal before data is deleted; elsewhere require the option that answers.

    Args:
        args: Has the option's value as `answer`.
        what: Says what will be deleted.
        name: The answer, given by `--yes-i-mean`; by default it is `yes`, given by `--yes`.
        can_ask: Whether an answer on a terminal counts.
        undone: What was not done without an answer.

    Raises:
        SettingsError: There is no answer, or another one.
    """
    expected = name or "yes"
    answer = args.answer
    if answer is None and can_ask and sys.stdin.isatty():
        print(f"{what}\nType {expected} to go on:", file=sys.stderr)
        answer = sys.stdin.readline().strip()
    if answer is None:
        option = ["--yes-i-mean", name] if name else ["--yes"]
        again = shlex.join([*args.given, *option])
        message = f"Nothing was {undone}. {what}\nIf you mean it: python -m loader {again}"
        raise SettingsError(message)
    if answer != expected:
        detail = f": the database is {name!r}, not {answer!r}" if name else ""
        raise SettingsError(f"Nothing was {undone}{detail}.")
