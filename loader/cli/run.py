"""`run`: load a workspace."""

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from loader.cli import DONE, FAILED
from loader.cli.failures import error_object, tell
from loader.cli.options import opened_settings, team_option, wrong_usage
from loader.cli.output import note, print_all, print_json, progress
from loader.cli.run_result import document, left_out, summary
from loader.extract.options import RunOptions, RunResult
from loader.parsing.dates import ImpossibleDateError
from loader.parsing.weekly import Week, parse_week
from loader.project import link_package
from loader.settings import Settings
from loader.words import counted
from loader.workspace.kinds import KINDS

if TYPE_CHECKING:
    from loader.blobs.manifest import Manifest


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    load_options(parser)
    parser.add_argument("--full", action="store_true", help="load what is unchanged too")
    parser.add_argument("--dry-run", action="store_true", help="do everything but write")
    parser.add_argument("--verbose", "-v", action="store_true", help="name the ignored files")
    parser.add_argument(
        "--blob-manifest",
        type=Path,
        metavar="FILE",
        help="JSON with uploads made elsewhere; their files are matched by path and SHA-256",
    )
    parser.add_argument(
        "--no-upload",
        action="store_true",
        help="reject files that the manifest does not name, instead of uploading them",
    )
    parser.add_argument(
        "--adopt-environment",
        action="store_true",
        help="take over a database that remembers another environment, as a copy of it does",
    )


def load_options(parser: argparse.ArgumentParser) -> None:
    """Add the options of `run` and `weekly`."""
    parser.add_argument(
        "--workspace",
        default=".",
        metavar="DIR",
        help="the orchestrator's folder, by default the current one; or a URL (s3://, gs://, az://)",
    )
    team_option(parser)
    parser.add_argument(
        "--report",
        metavar="TYPE",
        help="which config.TYPE.json gives the week; by default REPORT_TYPE, or weekly",
    )
    parser.add_argument("--week-start", metavar="DATE", help="first day of the week to load")
    parser.add_argument("--week-end", metavar="DATE", help="last day of the week to load")
    parser.add_argument("--strict", action="store_true", help="exit 1 if anything was left out")
    parser.add_argument("--quiet", "-q", action="store_true", help="print errors only")
    parser.add_argument(
        "--engine",
        metavar="NAME",
        help="who reads and parses: local for processes of this machine, or the scheduler of a Dask"
        " cluster (tcp://HOST:PORT, tls://HOST:PORT); by default this process alone",
    )
    parser.add_argument(
        "--blob-store",
        type=_blob_store,
        metavar="STORE",
        help="where files go, instead of BLOB_STORE: vercel, local (a folder below WAREHOUSE_DIR)"
        " or a URL (file:///, s3://, gs://, az://)",
    )


def _blob_store(text: str) -> str:
    from loader.blobs.opening import STORES, is_store

    store = text.rstrip("/")
    if not is_store(store):
        raise argparse.ArgumentTypeError(f"{text!r} is not a blob store. Use one of {STORES}.")
    return store


@dataclass(frozen=True)
class Loaded:
    """The result of a run.

    Args:
        result: Its counts and rejections.
        warning: About a workspace without a file to read; or empty.
        problem: What `--strict` does not allow; or empty.
    """

    result: RunResult
    warning: str
    problem: str


def main(args: argparse.Namespace) -> int:
    """Read a workspace, store its files as blobs, load raw rows, and print a summary."""
    settings = opened_settings(args, blob_store=args.blob_store)
    done = load(settings, args)
    if args.json and not args.quiet:
        error = {"error": error_object("StrictError", done.problem)} if done.problem else {}
        print_json(**document(done.result, done.warning, is_dry=args.dry_run), **error)
    elif not args.quiet:
        print_all(summary(done.result, settings.target, args))
    return told(done, args)


def load(settings: Settings, args: argparse.Namespace) -> Loaded:
    """Load the workspace that the options name; show the progress."""
    from loader.loading.load import in_process, on_engine, run_options

    link_package()  # for the build that follows
    options = run_options(
        settings,
        args.workspace,
        teams=args.team,
        report=args.report,
        week=_week(args),
        is_full=args.full,
        is_adopting=args.adopt_environment,
    )
    if args.engine:
        _refuse_with_engine(args)
        act = on_engine(settings, options, args.engine)
    else:
        manifest = _manifest(settings, options, args)
        act = in_process(
            settings, options, manifest, is_uploading=not args.no_upload, is_dry=args.dry_run
        )
    if settings.team and not args.team and not args.quiet:
        note(f"TEAM is {settings.team!r}: only this team is loaded.")
    if settings.database and settings.database.was_pooled and not args.quiet:
        note(f"The host of DATABASE_URL is pooled. Using the direct one, {settings.database}.")
    with progress("Loading", is_shown=not (args.quiet or args.json)) as shown:
        result = act(shown)
    warning = _no_input(options) if result.summary.is_empty else ""
    problem = ""
    if args.strict:
        problem = warning or left_out(result, settings.target, is_dry=args.dry_run)
    return Loaded(result, warning, problem)


def told(done: Loaded, args: argparse.Namespace) -> int:
    """Print what `--strict` does not allow, or the warning; return the exit code."""
    if done.problem:
        tell("StrictError", done.problem)
        return FAILED
    if done.warning and not args.quiet:
        note(f"Warning: {done.warning}")
    return DONE


def _no_input(options: RunOptions) -> str:
    """Return the warning for a workspace without any file to read."""
    folders = ", ".join(files.folder.format("TEAM") for files in KINDS.values())
    return (
        f"{options.workspace.url} has no input: there is no file in {folders}."
        " Name the workspace: python -m loader run --workspace FOLDER"
    )


def _week(args: argparse.Namespace) -> Week | None:
    if not args.week_start and not args.week_end:
        return None
    if not args.week_start or not args.week_end:
        wrong_usage(args, "--week-start and --week-end need each other.")
    try:
        return parse_week(args.week_start, args.week_end)
    except ImpossibleDateError as error:
        wrong_usage(args, f"--week-start, --week-end: {error}")


def _refuse_with_engine(args: argparse.Namespace) -> None:
    for option in ("dry_run", "blob_manifest", "no_upload"):
        if getattr(args, option):
            wrong_usage(args, f"--{option.replace('_', '-')} cannot be combined with --engine.")


def _manifest(
    settings: Settings, options: RunOptions, args: argparse.Namespace
) -> "Manifest | None":
    from loader.loading.load import read_manifest

    if args.no_upload and not args.blob_manifest:
        wrong_usage(args, "--no-upload needs --blob-manifest.")
    manifest = read_manifest(settings, args.blob_manifest)
    if manifest and not args.quiet:
        strangers = [p for p in manifest.paths if not options.workspace.exists(p)]
        if strangers:
            uploads = counted(len(manifest.paths), "upload")
            rest = f"{len(strangers):,} of {uploads} in {args.blob_manifest}"
            note(f"{rest} name no file of the workspace, such as {min(strangers)!r}.")
    return manifest
