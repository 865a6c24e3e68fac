"""The command line: commands and their options."""

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

from loader import __version__

_TARGETS = ("local", "dev", "staging", "prod")


def command_line(commands: Mapping[str, Callable[..., int]]) -> argparse.ArgumentParser:
    """The parser of the command line.

    Args:
        commands: What to call for `run`, `status` and `verify`; it is in the parsed arguments as
            `command`, and its own parser as `parser`.
    """
    parser = argparse.ArgumentParser(
        prog="python -m loader",
        description="Load a Data Source Orchestrator workspace into Neon Postgres or DuckDB.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"loader {__version__}")
    subparsers = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--target",
        choices=_TARGETS,
        help="where to: DuckDB (local) or a Neon environment; by default local, or NEON_ENV where"
        " ENABLE_NEON_DB_STORAGE is true",
    )
    common.add_argument("--json", action="store_true", help="print JSON")
    texts = {
        "run": (
            "load a workspace",
            "Read a workspace, store its files as blobs, load raw rows, say what was done.",
        ),
        "status": ("show what the database holds", "Show what the database holds."),
        "verify": (
            "check the blobs that the database references",
            "Download the blobs that the database references, and compare SHA-256 and size.",
        ),
    }
    options = {"run": _run_options, "status": lambda _: None, "verify": _verify_options}
    for name, (help_, description) in texts.items():
        command = subparsers.add_parser(
            name, parents=[common], allow_abbrev=False, help=help_, description=description
        )
        command.set_defaults(command=commands[name], parser=command)
        options[name](command)
    return parser


def _run_options(run: argparse.ArgumentParser) -> None:
    run.add_argument(
        "--workspace",
        type=Path,
        default=Path(),
        metavar="DIR",
        help="the orchestrator's folder; by default the current one",
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
