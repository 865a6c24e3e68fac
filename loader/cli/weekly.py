"""`weekly`: load, build and verify, in one process."""

import argparse
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from loader.blobs.opening import stores_of
from loader.cli import DONE, FAILED, run, verify
from loader.cli.failures import error_object, tell
from loader.cli.options import opened_settings
from loader.cli.output import line, print_all, print_json, progress, waiting
from loader.cli.run_result import document, summary
from loader.database.warehouse import Warehouse
from loader.loading.build import Build, build
from loader.maintenance.references import loaded_since, read_references, with_contents
from loader.maintenance.verify import FINE, BlobCheck, check
from loader.settings import Settings
from loader.words import counted

if TYPE_CHECKING:
    from datetime import date

    from rich.text import Text

_OF_RUN_ALONE = {
    "full": False,
    "dry_run": False,
    "verbose": False,
    "blob_manifest": None,
    "no_upload": False,
    "adopt_environment": False,
}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    run.load_options(parser)
    parser.set_defaults(**_OF_RUN_ALONE)


def main(args: argparse.Namespace) -> int:
    """Load a workspace, build the tables, verify today's blobs; stop at the first failure."""
    is_shown = not (args.quiet or args.json)
    settings = opened_settings(args, blob_store=args.blob_store)
    today = datetime.now(UTC).date()
    loaded = run.load(settings, args)
    if is_shown:
        print_all(summary(loaded.result, settings.target, args))
    with waiting("Building", is_shown=is_shown):
        built = build(settings.target)
    if is_shown:
        print_all(_report(built))
    checks = _verified(settings, today, is_shown=is_shown) if built.is_done else []
    if is_shown and built.is_done:
        print_all(verify.report(checks, len(checks), settings.target))
    wrong = sum(each.verdict not in FINE for each in checks)
    error = _error(built, wrong, settings)
    if args.json and not args.quiet:
        found = error or (("StrictError", loaded.problem) if loaded.problem else None)
        print_json(
            run=document(loaded.result, loaded.warning, is_dry=False),
            build={
                "seconds": round(built.seconds, 3),
                "nodes": [{"status": name, "count": n} for name, n in built.counts.items()],
                "problems": [{"name": name, "message": text} for name, text in built.problems],
            },
            verify=verify.document(checks, len(checks)) if built.is_done else None,
            **({"error": error_object(*found)} if found else {}),
        )
    if error:
        tell(*error)
        return FAILED
    code = run.told(loaded, args)
    if code == DONE and is_shown:
        print_all([line("The week is loaded, built and verified.")])
    return code


def _report(built: Build) -> "Iterator[Text]":
    """Yield what the build did, and its problems."""
    nodes = ", ".join(f"{count:,} {status}" for status, count in sorted(built.counts.items()))
    yield line(f"Built in {built.seconds:.1f} seconds: {nodes or 'nothing'}.")
    for name, text in built.problems:
        yield line(f"{name}: {text}")


def _verified(settings: Settings, since: "date", *, is_shown: bool) -> list[BlobCheck]:
    with Warehouse(settings, is_read_only=True) as warehouse:
        chosen = with_contents(warehouse, loaded_since(read_references(warehouse), since))
    with progress("Verifying", is_shown=is_shown) as shown:
        return list(check(chosen, stores_of(settings.blob_dir), settings.blob_concurrency, shown))


def _error(built: Build, wrong: int, settings: Settings) -> tuple[str, str] | None:
    """Return the failure of the build or of the blobs."""
    if not built.is_done:
        name, text = built.problems[0]
        message = f"The build failed: {name}: {text}\nBuild again: dbt build"
        return "BuildError", f"{message} --target {settings.target}"
    if wrong:
        message = f"{counted(wrong, 'blob')} of this week is missing or differs."
        return "VerifyError", f"{message}\nSee: python -m loader verify --target {settings.target}"
    return None
