"""Load a workspace: the implementation of `run`, and of `from loader import load`."""

from collections.abc import Callable, Sequence
from datetime import date
from pathlib import Path

from loader.blobs.manifest import Manifest, load_manifest
from loader.extract.executors import InProcess, open_executor
from loader.extract.extraction import Extraction
from loader.extract.options import Progress, RunOptions, RunResult, RunSummary
from loader.extract.uploads import Uploader
from loader.guards.private import private_files
from loader.loading.run import dry_run as run_dry
from loader.loading.run import run
from loader.loading.stores import configured_store
from loader.parsing.weekly import Week
from loader.settings import Settings, configured_libraries, load_settings
from loader.workspace import open_workspace
from loader.workspace.people import load_people
from loader.workspace.teams import load_teams


def load(  # noqa: PLR0913 - the options of `run`, by keyword
    workspace: str | Path = ".",
    *,
    target: str | None = None,
    teams: Sequence[str] = (),
    report: str | None = None,
    week: tuple[date, date] | None = None,
    full: bool = False,
    dry_run: bool = False,
    engine: str | None = None,
    blob_store: str | None = None,
    blob_manifest: Path | None = None,
    upload: bool = True,
    adopt_environment: bool = False,
    progress: Progress | None = None,
) -> RunSummary:
    """Load a workspace, as `python -m loader run` does. Print nothing.

    Settings come from the shell and `.env`, as for all commands.

    Args:
        workspace: The orchestrator's folder, or a URL.
        target: `local`, `dev`, `staging` or `prod`; by default the same as for the commands.
        teams: Folders or names of the teams to load; by default TEAM, or all.
        report: The report type, which selects the config of the week; by default REPORT_TYPE.
        week: First and last day of the week of Jira and Slack; by default the configured week.
        full: Whether to load unchanged files too.
        dry_run: Whether to write nothing.
        engine: `local`, or the address of a Dask scheduler; by default this process.
        blob_store: The store for new blobs; by default BLOB_STORE.
        blob_manifest: A JSON file with uploads made elsewhere.
        upload: Whether to upload files that are not in the manifest.
        adopt_environment: Whether to take over a database of another environment.
        progress: Receives the progress.

    Returns:
        Counts and rejections, by kind.

    Raises:
        LoaderError: The run could not begin or finish. None of its rows are visible.
        ValueError: The options contradict each other.
    """
    if engine and (dry_run or blob_manifest or not upload):
        raise ValueError("dry_run, blob_manifest and upload=False do not go with engine.")
    if not upload and not blob_manifest:
        raise ValueError("upload=False goes with blob_manifest.")
    with private_files(), configured_libraries():
        settings = load_settings(target, blob_store=blob_store)
        options = run_options(
            settings,
            str(workspace),
            teams=teams,
            report=report,
            week=Week(*week) if week else None,
            is_full=full,
            is_adopting=adopt_environment,
        )
        if engine:
            act = on_engine(settings, options, engine)
        else:
            manifest = read_manifest(settings, blob_manifest)
            act = in_process(settings, options, manifest, is_uploading=upload, is_dry=dry_run)
        return act(progress or Progress()).summary


def run_options(  # noqa: PLR0913 - by keyword
    settings: Settings,
    workspace: str,
    *,
    teams: Sequence[str],
    report: str | None,
    week: Week | None,
    is_full: bool,
    is_adopting: bool,
) -> RunOptions:
    """Return the options of a run; settings fill in missing values.

    Raises:
        WorkspaceError: The workspace does not exist.
        SettingsError: A seed is invalid.
    """
    load_people()  # refuses an invalid line of the seed, with its number
    return RunOptions(
        workspace=open_workspace(workspace),
        teams=load_teams(),
        only=teams or ([settings.team] if settings.team else []),
        report=report or settings.report,
        config_file=settings.config_file,
        week=week,
        is_full=is_full,
        triggered_by=settings.triggered_by,
        is_adopting=is_adopting,
        max_file_bytes=settings.max_file_bytes,
        contents=settings.contents,
    )


def read_manifest(settings: Settings, path: Path | None) -> Manifest | None:
    """Return the manifest of uploads in a file; None without a file.

    Raises:
        ManifestError: The file cannot be read.
    """
    if not path:
        return None
    return load_manifest(path, settings.blob_access, settings.max_file_bytes)


def in_process(
    settings: Settings,
    options: RunOptions,
    manifest: Manifest | None,
    *,
    is_uploading: bool,
    is_dry: bool,
) -> Callable[[Progress], RunResult]:
    """Prepare a run in this process.

    Raises:
        SettingsError: No blob store is configured.
    """
    store = configured_store(settings) if is_uploading else None
    concurrency = settings.blob_concurrency if store and store.is_remote else 0
    uploader = Uploader(store, manifest, concurrency, is_dry=is_dry)
    extraction = Extraction(InProcess(), uploader)

    def act(progress: Progress) -> RunResult:
        return (run_dry if is_dry else run)(settings, options, extraction, progress)

    return act


def on_engine(
    settings: Settings, options: RunOptions, engine: str
) -> Callable[[Progress], RunResult]:
    """Prepare a run in other processes.

    Raises:
        SettingsError: No blob store is configured.
    """
    store = configured_store(settings).url  # fails early if its settings are missing

    def act(progress: Progress) -> RunResult:
        with open_executor(engine) as executor:
            return run(settings, options, Extraction(executor, blob_store=store), progress)

    return act
