"""Options that several commands share, and errors about wrong values."""

import argparse
import shlex
import sys
from typing import TYPE_CHECKING, NoReturn

from loader.cli.invocation import current
from loader.errors import SettingsError

if TYPE_CHECKING:
    from datetime import date

    from loader.settings import Settings

TARGETS = (
    "local",
    "dev",
    "staging",
    "prod",
)  # importing settings slows down --help


def common_options(*, is_below: bool = False) -> argparse.ArgumentParser:
    """Return a parser with the options that all commands have.

    Args:
        is_below: True for an action of a command. Options given before the action then keep their
            values.
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
    """Resolve the settings, and print the target and the database.

    Args:
        args: The arguments, with the value of `--target`.
        blob_store: The value of `--blob-store`.
        is_data: Whether stdout carries data, so that the header goes to stderr.
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
    """Add actions to a command, such as `schema diff`; the chosen one is stored as `action`."""
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
    """Return the day given by an option; None if the option is absent.

    Raises:
        SystemExit: The value is not a day.
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
    """Ask on a terminal before data is deleted; otherwise require the option that confirms.

    Args:
        args: The arguments; `answer` holds the option's value.
        what: The data that will be deleted.
        name: The expected answer, given with `--yes-i-mean`; by default `yes`, given with `--yes`.
        can_ask: Whether to ask on a terminal.
        undone: A participle for the message without confirmation, "Nothing was {undone}".

    Raises:
        SettingsError: The answer is missing or wrong.
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
