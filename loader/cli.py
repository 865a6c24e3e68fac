"""The commands. The only module that prints and exits.

Exit codes: 0 done, 1 a failure that the message explains, 2 wrong usage or an unforeseen error,
130 interrupted.
"""

import argparse
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from loader import __version__
from loader.errors import LoaderError, SettingsError

if TYPE_CHECKING:
    from rich.console import Console

    from loader.blobs import BlobStore
    from loader.parsing.weekly import Week
    from loader.run import Result
    from loader.settings import Settings

_DONE, _FAILED, _UNFORESEEN, _INTERRUPTED = 0, 1, 2, 130
_TARGETS = ("local", "dev", "staging", "prod")
_PLAIN_WIDTH = 160  # columns, where the output is no terminal
_BLOB_MEND = """\
Vercel Blob upload is not enabled.
Neon storage requires Vercel upload (it stores blob references). Add to .env:

    ENABLE_VERCEL_BLOB_UPLOAD=true
    BLOB_READ_WRITE_TOKEN=your_token

To keep the blobs in a local folder instead: python -m loader run --blob-store local"""
_NO_VERCEL_YET = """\
This version cannot upload to Vercel Blob yet.
Keep the blobs in a local folder: python -m loader run --blob-store local"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: Arguments without the program's name; by default those of the process.

    Returns:
        The exit code.
    """
    parser = _parser()
    args = parser.parse_args(argv)
    is_debug = False
    try:
        from loader.settings import load_settings  # noqa: PLC0415 - --help answers in a blink

        settings = load_settings(args.target)
        is_debug = settings.is_debug
        code: int = args.command(settings, args, parser)
    except LoaderError as error:
        if is_debug:
            traceback.print_exc()
        print(f"Error: {error}", file=sys.stderr)
        return _FAILED
    except KeyboardInterrupt:
        print("Interrupted. The next run finishes what is pending.", file=sys.stderr)
        return _INTERRUPTED
    except BrokenPipeError:
        sys.stderr.close()  # whoever read the output has gone
        return _FAILED
    except Exception as error:  # noqa: BLE001 - the last resort: a message instead of a traceback
        if is_debug:
            traceback.print_exc()
        print(f"Unforeseen error: {type(error).__name__}: {error}", file=sys.stderr)
        print("For the traceback, set DEBUG=true and run the command again.", file=sys.stderr)
        return _UNFORESEEN
    return code


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m loader",
        description="Load a Data Source Orchestrator workspace into Neon Postgres or DuckDB.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"loader {__version__}")
    commands = parser.add_subparsers(title="commands", required=True, metavar="COMMAND")
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument(
        "--target",
        choices=_TARGETS,
        help="where to: DuckDB (local) or a Neon environment; by default local, or NEON_ENV where"
        " ENABLE_NEON_DB_STORAGE is true",
    )
    common.add_argument("--json", action="store_true", help="print JSON")

    run = commands.add_parser(
        "run",
        parents=[common],
        allow_abbrev=False,
        help="load a workspace",
        description="Read a workspace, store its files as blobs, load raw rows, say what was done.",
    )
    run.set_defaults(command=_run)
    run.add_argument(
        "--workspace",
        type=Path,
        default=Path(),
        metavar="DIR",
        help="the orchestrator's folder; by default the current one",
    )
    run.add_argument(
        "--team",
        action="append",
        default=[],
        metavar="NAME",
        help="only this team, by folder or name; repeatable",
    )
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
        help="where files go: local is a folder below WAREHOUSE_DIR",
    )

    status = commands.add_parser(
        "status", parents=[common], allow_abbrev=False, help="show what the database holds"
    )
    status.set_defaults(command=_status)
    return parser


def _run(settings: "Settings", args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    from loader.display import run_json, run_summary  # noqa: PLC0415
    from loader.pipeline import dry_run, run  # noqa: PLC0415
    from loader.run import Order  # noqa: PLC0415
    from loader.teams import load_teams  # noqa: PLC0415

    order = Order(
        workspace=args.workspace,
        teams=load_teams(),
        only=args.team,
        report=args.report,
        week=_week(args, parser),
        is_full=args.full,
    )
    store = _store(settings, args)
    if settings.database and settings.database.was_pooled and not args.quiet:
        print(f"The host is pooled; using the direct one, {settings.database}.", file=sys.stderr)
    with _progress(is_shown=not (args.quiet or args.json)) as (on_start, on_file):
        act = dry_run if args.dry_run else run
        result: Result = act(settings, order, store, on_start=on_start, on_file=on_file)
    if args.json:
        print(run_json(result, settings.target, is_dry=args.dry_run))
    elif not args.quiet:
        _print_all(run_summary(result, is_dry=args.dry_run))
    return _FAILED if args.strict and result.report.has_left_out else _DONE


def _status(settings: "Settings", args: argparse.Namespace, _: argparse.ArgumentParser) -> int:
    from loader.display import status_json, status_tables  # noqa: PLC0415
    from loader.pipeline import has_pending_work  # noqa: PLC0415
    from loader.status import read_status  # noqa: PLC0415
    from loader.warehouse import Warehouse  # noqa: PLC0415

    with Warehouse(settings, is_read_only=True) as warehouse:
        status = read_status(warehouse)
    has_pending = has_pending_work(settings)
    if args.json:
        print(status_json(status, settings.target, has_pending=has_pending))
    else:
        _print_all(status_tables(status, has_pending=has_pending))
    return _DONE


def _week(args: argparse.Namespace, parser: argparse.ArgumentParser) -> "Week | None":
    from loader.parsing.dates import ImpossibleDateError  # noqa: PLC0415
    from loader.parsing.weekly import parse_week  # noqa: PLC0415

    if not args.week_start and not args.week_end:
        return None
    if not args.week_start or not args.week_end:
        parser.error("--week-start and --week-end go together")
    try:
        return parse_week(args.week_start, args.week_end)
    except ImpossibleDateError as error:
        parser.error(f"--week-start, --week-end: {error}")


def _store(settings: "Settings", args: argparse.Namespace) -> "BlobStore":
    from loader.blobs.local import DryBlobStore, LocalBlobStore  # noqa: PLC0415

    if args.dry_run:
        return DryBlobStore()
    if settings.database is None or args.blob_store == "local":
        return LocalBlobStore(settings.blob_dir)
    raise SettingsError(_NO_VERCEL_YET if settings.is_blob_upload_enabled else _BLOB_MEND)


def _print_all(parts: "Iterator[object]") -> None:
    console = _console()
    for part in parts:
        console.print(part)


def _console(*, is_stderr: bool = False) -> "Console":
    from rich.console import Console  # noqa: PLC0415

    stream = sys.stderr if is_stderr else sys.stdout
    width = None if stream.isatty() else _PLAIN_WIDTH
    return Console(file=stream, width=width, highlight=False)


@contextmanager
def _progress(*, is_shown: bool) -> "Iterator[tuple[Callable[[int], None], Callable[[], None]]]":
    """Callbacks that draw a progress bar, on a terminal only."""
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn  # noqa: PLC0415

    console = _console(is_stderr=True)
    columns = (TextColumn("Reading"), BarColumn(), MofNCompleteColumn(), TextColumn("files"))
    is_disabled = not (is_shown and console.is_terminal)
    with Progress(*columns, console=console, transient=True, disable=is_disabled) as progress:
        task = progress.add_task("reading", total=None)
        yield (
            lambda count: progress.update(task, total=count),
            lambda: progress.advance(task),
        )
