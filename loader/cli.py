"""The commands. The only module that prints and exits.

Exit codes: 0 done, 1 a failure that the message explains, 2 wrong usage or an unforeseen error,
130 interrupted, 143 terminated.
"""

import argparse
import logging
import signal
import sys
import traceback
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

from loader.arguments import command_line
from loader.errors import LoaderError, SettingsError

if TYPE_CHECKING:
    from datetime import date

    from rich.console import Console

    from loader.blobs import BlobStore
    from loader.parsing.weekly import Week
    from loader.run import Progress, Result
    from loader.settings import Settings
    from loader.uploads import Uploader
    from loader.verify import Reference

_DONE, _FAILED, _UNFORESEEN, _SIGNALLED = 0, 1, 2, 128
_PLAIN_WIDTH = 160  # columns, where the output is no terminal
_BLOB_MEND = """\
Vercel Blob upload is not enabled.
Neon storage requires Vercel upload (it stores blob references). Add to .env:

    ENABLE_VERCEL_BLOB_UPLOAD=true
    BLOB_READ_WRITE_TOKEN=your_token

To keep the blobs in a local folder instead: python -m loader run --blob-store local"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: Arguments without the program's name; by default those of the process.

    Returns:
        The exit code.
    """
    parser = command_line({"run": _run, "status": _status, "verify": _verify})
    args = parser.parse_args(argv)
    signal.signal(signal.SIGTERM, _terminate)
    logging.getLogger("loader").handlers[:] = [logging.StreamHandler(sys.stderr)]
    is_debug = False
    try:
        # --help answers in a blink
        from loader.settings import configure_libraries, load_settings  # noqa: PLC0415

        configure_libraries()
        settings = load_settings(args.target)
        is_debug = settings.is_debug
        code: int = args.command(settings, args, args.parser)
    except LoaderError as error:
        _print_error(f"Error: {error}", is_debug=is_debug)
        return _FAILED
    except KeyboardInterrupt as error:
        rest = " The next run finishes what is pending." if args.command is _run else ""
        print(f"Interrupted.{rest}", file=sys.stderr)
        return _SIGNALLED + int(getattr(error, "signal_code", signal.SIGINT))
    except BrokenPipeError:
        sys.stderr.close()  # whoever read the output has gone
        return _FAILED
    except OSError as error:  # such as a full disk, below the working folder
        where = f": {error.filename}" if error.filename else ""
        _print_error(f"Error: {error.strerror or error}{where}", is_debug=is_debug)
        return _FAILED
    except Exception as error:  # noqa: BLE001 - the last resort: a message instead of a traceback
        mend = "For the traceback, set DEBUG=true and run the command again."
        message = f"Unforeseen error: {type(error).__name__}: {error}\n{mend}"
        _print_error(message, is_debug=is_debug)
        return _UNFORESEEN
    return code


def _print_error(message: str, *, is_debug: bool) -> None:
    from loader.settings import redacted  # noqa: PLC0415

    said = f"{traceback.format_exc()}{message}" if is_debug else message
    print(redacted(said), file=sys.stderr)


class _Terminated(KeyboardInterrupt):
    """SIGTERM has come. dlt calls the signal of its own exception so, too."""

    signal_code = signal.SIGTERM


def _terminate(*_: object) -> None:
    raise _Terminated


def _run(settings: "Settings", args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
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
        triggered_by=settings.triggered_by,
    )
    uploader = _uploader(settings, args, parser)
    if settings.database and settings.database.was_pooled and not args.quiet:
        print(f"The host is pooled; using the direct one, {settings.database}.", file=sys.stderr)
    with _progress("Loading", is_shown=not (args.quiet or args.json)) as progress:
        act = dry_run if args.dry_run else run
        result: Result = act(settings, order, uploader, progress)
    if not args.quiet:
        from loader.display import run_json, run_summary  # noqa: PLC0415

        if args.json:
            print(run_json(result, settings.target, is_dry=args.dry_run))
        else:
            _print_all(run_summary(result, is_dry=args.dry_run))
    if args.strict and result.report.has_left_out:
        print("Error: something was left out, and --strict allows none of it.", file=sys.stderr)
        return _FAILED
    return _DONE


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


def _verify(settings: "Settings", args: argparse.Namespace, parser: argparse.ArgumentParser) -> int:
    from loader.display import verify_json, verify_tables  # noqa: PLC0415
    from loader.teams import load_teams  # noqa: PLC0415
    from loader.verify import (  # noqa: PLC0415
        Verdict,
        check,
        loaded_since,
        of_teams,
        read_references,
        sampled,
    )
    from loader.warehouse import Warehouse  # noqa: PLC0415

    if args.sample is not None and args.sample < 1:
        parser.error("--sample: at least 1")
    if args.orphans and (args.since or args.sample):
        parser.error("--orphans looks at all blobs: it goes with --team only")
    since = _since(args.since, parser)
    with Warehouse(settings, is_read_only=True) as warehouse:
        all_references = read_references(warehouse)
    references = of_teams(all_references, load_teams(), args.team)
    if args.orphans:
        teams = {each.team for each in references} if args.team else set()
        return _orphans(settings, args, all_references, teams)
    references = loaded_since(references, since) if since else references
    chosen = sampled(references, args.sample)
    with _progress("Verifying", is_shown=not args.json) as progress:
        checks = list(check(chosen, _stores(settings), settings.blob_concurrency, progress))
    if args.json:
        print(verify_json(checks, len(references), settings.target))
    else:
        _print_all(verify_tables(checks, len(references)))
    return _DONE if all(each.verdict is Verdict.OK for each in checks) else _FAILED


def _orphans(
    settings: "Settings",
    args: argparse.Namespace,
    references: "list[Reference]",
    teams: set[str],
) -> int:
    from loader.blobs import team_prefix  # noqa: PLC0415
    from loader.display import orphans_json, orphans_table  # noqa: PLC0415
    from loader.verify import listed  # noqa: PLC0415

    all_local = bool(references) and all(each.is_local for each in references)
    is_local = settings.database is None or all_local
    prefixes = [team_prefix(team) for team in sorted(teams)] or [""]
    blobs = list(listed(_stores(settings)(is_local), references, prefixes))
    found = [blob for blob, is_referenced in blobs if not is_referenced]
    if args.json:
        print(orphans_json(found, len(blobs), settings.target))
    else:
        _print_all(orphans_table(found, len(blobs)))
    return _DONE


def _since(text: str | None, parser: argparse.ArgumentParser) -> "date | None":
    from loader.parsing.dates import ImpossibleDateError, iso_date  # noqa: PLC0415

    try:
        return iso_date(text) if text else None
    except ImpossibleDateError as error:
        parser.error(f"--since: {error}")


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


def _uploader(
    settings: "Settings", args: argparse.Namespace, parser: argparse.ArgumentParser
) -> "Uploader":
    from loader.blobs.manifest import load_manifest  # noqa: PLC0415
    from loader.uploads import Uploader  # noqa: PLC0415

    if args.no_upload and not args.blob_manifest:
        parser.error("--no-upload goes with --blob-manifest")
    manifest = None
    if args.blob_manifest:
        manifest = load_manifest(args.blob_manifest, settings.blob_access)
        strangers = [p for p in manifest.paths if not (args.workspace / p).is_file()]
        if strangers and not args.quiet:
            rest = f"{len(strangers):,} of {len(manifest.paths):,} uploads in {args.blob_manifest}"
            print(f"{rest} name no file of the workspace, as {min(strangers)}.", file=sys.stderr)
    is_remote = settings.database is not None and args.blob_store != "local"
    store = None if args.no_upload else _store(settings, is_local=not is_remote)
    concurrency = settings.blob_concurrency if is_remote else 0
    return Uploader(store, manifest, concurrency, is_dry=args.dry_run)


def _store(settings: "Settings", *, is_local: bool) -> "BlobStore":
    """Where the blobs of a target go."""
    if not is_local and not settings.is_blob_upload_enabled:
        raise SettingsError(_BLOB_MEND)
    return _stores(settings)(is_local)


def _stores(settings: "Settings") -> "Callable[[bool], BlobStore]":
    """Gives the local store (True) or Vercel Blob, whose settings are read when it is needed."""
    from loader.blobs.local import LocalBlobStore  # noqa: PLC0415
    from loader.settings import load_vercel_settings  # noqa: PLC0415

    @cache
    def store(is_local: bool) -> "BlobStore":  # noqa: FBT001
        if is_local:
            return LocalBlobStore(settings.blob_dir)
        from loader.blobs.vercel import VercelBlobClient, VercelBlobStore  # noqa: PLC0415

        return VercelBlobStore(VercelBlobClient(load_vercel_settings()))

    return store


def _print_all(parts: "Iterator[object]") -> None:
    from rich.text import Text  # noqa: PLC0415

    console = _console()
    for part in parts:
        console.print(part, soft_wrap=isinstance(part, Text))  # a line is wrapped by the terminal


def _console(*, is_stderr: bool = False) -> "Console":
    from rich.console import Console  # noqa: PLC0415

    stream = sys.stderr if is_stderr else sys.stdout
    width = None if stream.isatty() else _PLAIN_WIDTH
    return Console(file=stream, width=width, highlight=False)


@contextmanager
def _progress(title: str, *, is_shown: bool) -> "Iterator[Progress]":
    """A progress bar, on a terminal only."""
    from loader.run import Progress  # noqa: PLC0415

    if not (is_shown and sys.stderr.isatty()):
        yield Progress()
        return
    from rich import progress as bars  # noqa: PLC0415
    from rich.filesize import decimal  # noqa: PLC0415

    console = _console(is_stderr=True)
    state = bars.TextColumn("{task.fields[state]}")
    columns = (bars.TextColumn(title), bars.BarColumn(), bars.MofNCompleteColumn(), state)
    with bars.Progress(*columns, console=console, transient=True) as bar:
        task = bar.add_task(title, total=None, state="")
        moved = [0, 0]  # blobs, bytes

        class Bar(Progress):
            def start(self, files: int) -> None:
                bar.update(task, total=files)

            def advance(self, size: int | None = None) -> None:
                if size is not None:
                    moved[:] = moved[0] + 1, moved[1] + size
                    state = f"{moved[0]:,} blobs, {decimal(moved[1])}"
                    bar.update(task, state=state)
                bar.advance(task)

        yield Bar()
