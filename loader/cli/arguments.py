"""The command line: commands and their options."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NoReturn

from loader import __version__

if TYPE_CHECKING:
    from datetime import date

_TARGETS = ("local", "dev", "staging", "prod")
_Options = Callable[[argparse.ArgumentParser], None]


@dataclass(frozen=True)
class _Command:
    """A command; the module of its name in this package does it.

    Args:
        help: A line in the list of commands.
        description: A line above its options.
        options: Adds its options.
    """

    help: str
    description: str
    options: _Options


def command_line() -> argparse.ArgumentParser:
    """The parser of the command line.

    The parsed arguments have the command's module in this package as `module`, and its own parser
    as `parser`.
    """
    parser = argparse.ArgumentParser(
        prog="python -m loader",
        description="Load a Data Source Orchestrator workspace into Neon Postgres or DuckDB.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"loader {__version__}")
    subparsers = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    for name, command in _commands().items():
        made = subparsers.add_parser(
            name,
            parents=[_common()],
            allow_abbrev=False,
            help=command.help,
            description=command.description,
        )
        made.set_defaults(module=name, parser=made)
        command.options(made)
    return parser


def wrong_usage(args: argparse.Namespace, message: str) -> NoReturn:
    """End with the command's usage and a message."""
    parser: argparse.ArgumentParser = args.parser
    parser.error(message)


def day(args: argparse.Namespace, name: str) -> "date | None":
    """The day that an option names; None without it.

    Raises:
        SystemExit: It is no day; wrong usage.
    """
    from loader.parsing.dates import ImpossibleDateError, iso_date  # noqa: PLC0415 - not for --help

    text = getattr(args, name)
    try:
        return iso_date(text) if text else None
    except ImpossibleDateError as error:
        wrong_usage(args, f"--{name}: {error}")


def _commands() -> dict[str, _Command]:
    return {
        "run": _Command(
            "load a workspace",
            "Read a workspace, store its files as blobs, load raw rows, say what was done.",
            _run_options,
        ),
        "status": _Command(
            "show what the database holds", "Show what the database holds.", _status_options
        ),
        "check": _Command(
            "check settings, database and blob store",
            "Check what the other commands need, a line each; exit 1 if something fails.",
            lambda _: None,
        ),
        "ids": _Command(
            "write the ids of teams and types into a file",
            "Write .neon-db-ids.TARGET.json: ids of organizations, teams and report types.",
            lambda _: None,
        ),
        "verify": _Command(
            "check the blobs that the database references",
            "Download the blobs that the database references, and compare SHA-256 and size.",
            _verify_options,
        ),
        "schema": _Command(
            "compare and change the final tables",
            "Compare the final tables with the contracts in dbt_project/models/marts, and bring a"
            " PostgreSQL database to them by migrations. A fresh one: dbt build makes everything.",
            _schema_options,
        ),
        "branch": _Command(
            "try a build on a branch of the database",
            "Make, build, compare and delete branches of a Neon database.",
            _branch_options,
        ),
        "studio": _Command(
            "look at the database in the browser",
            "Serve a page on this machine: tables, queries, what is missing; with --write, edits.",
            _studio_options,
        ),
        "forget": _Command(
            "erase a person or a file",
            "Erase a person's daily reports, or a file, from raw and final tables, with the blobs.",
            _forget_options,
        ),
        "prune": _Command(
            "remove old versions from raw",
            "Remove all but the latest versions from raw. No final row changes.",
            _prune_options,
        ),
        "drop": _Command(
            "remove what this project made in a database",
            "Remove the tables, views and schemas that the loader and dbt made. Blobs stay.",
            _drop_options,
        ),
    }


def _run_options(run: argparse.ArgumentParser) -> None:
    run.add_argument(
        "--workspace",
        default=".",
        metavar="DIR",
        help="the orchestrator's folder, by default the current one; or a URL (s3://, gs://, az://)",
    )
    _team_option(run)
    run.add_argument(
        "--report",
        default="weekly",
        metavar="TYPE",
        help="which config.TYPE.json gives the week; by default weekly",
    )
    run.add_argument("--week-start", metavar="DATE", help="first day of the week to load")
    run.add_argument("--week-end", metavar="DATE", help="last day of the week to load")
    run.add_argument("--full", action="store_true", help="load what is unchanged too")
    run.add_argument("--dry-run", action="store_true", help="do everything but write")
    run.add_argument("--strict", action="store_true", help="exit 1 if anything was left out")
    run.add_argument("--quiet", "-q", action="store_true", help="print errors only")
    run.add_argument(
        "--engine",
        metavar="NAME",
        help="who reads and parses: local for processes of this machine, or the scheduler of a Dask"
        " cluster (tcp://HOST:PORT, tls://HOST:PORT); by default this process alone",
    )
    run.add_argument(
        "--blob-store",
        choices=("local",),
        help="where files go: local is a folder below WAREHOUSE_DIR, also for a Neon target",
    )
    run.add_argument(
        "--blob-manifest",
        type=Path,
        metavar="FILE",
        help="JSON with uploads made elsewhere; their files are matched by path and SHA-256",
    )
    run.add_argument(
        "--no-upload",
        action="store_true",
        help="reject files that the manifest does not name, instead of uploading them",
    )
    run.add_argument(
        "--adopt-environment",
        action="store_true",
        help="take over a database that remembers another environment, as a copy of it does",
    )


def _status_options(status: argparse.ArgumentParser) -> None:
    _team_option(status)
    status.add_argument(
        "--since", metavar="DATE", help="only what is of this day or later, or was loaded since"
    )


def _verify_options(verify: argparse.ArgumentParser) -> None:
    _team_option(verify)
    verify.add_argument(
        "--since", metavar="DATE", help="only what was loaded on this day (UTC) or later"
    )
    verify.add_argument(
        "--sample", type=int, metavar="N", help="only N blobs, drawn by chance at each call"
    )
    verify.add_argument(
        "--orphans",
        action="store_true",
        help="list the blobs in the store that no row references, instead; nothing is deleted",
    )


def _team_option(command: argparse.ArgumentParser) -> None:
    command.add_argument(
        "--team",
        action="append",
        default=[],
        metavar="NAME",
        help="only this team, by folder or name; repeatable",
    )


def _schema_options(schema: argparse.ArgumentParser) -> None:
    actions = _actions(
        schema,
        diff="what of the database is not as the contracts say; exit 1 if anything",
        generate="write the migration that brings the database to the contracts",
        migrate="apply the migrations that the database lacks",
        rollback="undo the latest migration",
        history="list the migrations, and which the database has",
        pull="print the tables of the database as contracts",
    )
    actions["generate"].add_argument(
        "-m", "--message", required=True, metavar="TEXT", help="what the migration is for"
    )
    for name in ("migrate", "rollback"):
        actions[name].add_argument(
            "--sql", action="store_true", help="print the statements instead of running them"
        )


def _actions(command: argparse.ArgumentParser, **helps: str) -> dict[str, argparse.ArgumentParser]:
    """Parsers for the words that follow a command; the chosen one is `action`."""
    parsers = command.add_subparsers(dest="action", required=True, metavar="ACTION")
    made = {}
    for name, help_ in helps.items():
        made[name] = parsers.add_parser(
            name,
            parents=[_common(is_below=True)],
            allow_abbrev=False,
            help=help_,
            description=help_,
        )
        made[name].set_defaults(parser=made[name])
    return made


def _common(*, is_below: bool = False) -> argparse.ArgumentParser:
    """The options of all commands; below a command, they keep what stands before the action."""
    default: str | None = argparse.SUPPRESS if is_below else None
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--target",
        choices=_TARGETS,
        default=default,
        help="where to: DuckDB (local) or a Neon environment; by default local, or NEON_ENV where"
        " ENABLE_NEON_DB_STORAGE is true",
    )
    common.add_argument("--json", action="store_true", default=default or False, help="print JSON")
    return common


def _branch_options(branch: argparse.ArgumentParser) -> None:
    actions = _actions(
        branch,
        create="make a branch of the target's database",
        build="migrate and build on a branch, which is made where it is not there",
        diff="compare rows and columns of a branch with the target's database",
        delete="delete a branch",
    )
    for action in actions.values():
        action.add_argument("name", metavar="NAME", help="of the branch")
    actions["build"].add_argument(
        "--rm", action="store_true", help="compare it, too, and delete it, whatever comes"
    )


def _studio_options(studio: argparse.ArgumentParser) -> None:
    studio.add_argument("--port", type=int, default=4983, metavar="N", help="by default 4983")
    studio.add_argument("--write", action="store_true", help="let final tables and seeds be edited")
    studio.add_argument("--no-browser", action="store_true", help="print the address only")


def _forget_options(forget: argparse.ArgumentParser) -> None:
    what = forget.add_mutually_exclusive_group(required=True)
    what.add_argument("--author", metavar="NAME", help="a person's daily reports, by full name")
    what.add_argument("--path", metavar="PATH", help="a file, by its path in the workspace")
    forget.add_argument("--dry-run", action="store_true", help="say what would go")
    forget.add_argument(
        "--with-blobs",
        action="store_true",
        help="in dev and staging, delete blobs, too; prod's rows may refer to them",
    )


def _prune_options(prune: argparse.ArgumentParser) -> None:
    prune.add_argument(
        "--keep",
        type=int,
        required=True,
        metavar="N",
        help="how many versions of each day, transcript and reading of a file stay",
    )


def _drop_options(drop: argparse.ArgumentParser) -> None:
    drop.add_argument(
        "--yes-i-mean",
        metavar="NAME",
        help="the database's name, instead of typing it; in prod the only way",
    )
