"""Read the environment and `.env` into one frozen Settings. No other module reads them.

`.env` is found as dbt finds it: the first one from the working directory upwards. Variables of the
shell win. DATABASE_URL follows the same rules as in profiles.yml.
"""

import contextlib
import getpass
import io
import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from pathlib import Path

from dotenv import find_dotenv
from dotenv.main import DotEnv

from loader.blobs import VercelSettings
from loader.database.url import DatabaseUrl
from loader.database.url_rules import FROM_ENVIRONMENT, variable_of
from loader.errors import SettingsError
from loader.guards.masking import masked, passwords_in
from loader.schema import NeonSettings
from loader.settings import values
from loader.settings.definitions import DATABASE_URLS, SECRETS, SETTINGS, WITH_PASSWORDS
from loader.settings.network import read_network
from loader.workspace.kinds import Kind
from loader.workspace.regular import SMALL, read_regular

_Environ = Mapping[str, str]
_HIDDEN: dict[str, str] = {}  # the shell's variables for libpq, hidden from the loader's libpq


class Target(StrEnum):
    """The destination: DuckDB in a local folder, or one of three Neon environments."""

    LOCAL = "local"
    DEV = "dev"
    STAGING = "staging"
    PROD = "prod"


@dataclass(frozen=True, slots=True)
class Settings:
    """The settings of a command.

    Args:
        target: The destination.
        warehouse_dir: Folder for DuckDB, local blobs and working files.
        database: The database of a Neon target; None for `local`.
        blob_store: BLOB_STORE: `vercel`, or the URL of another store.
        is_blob_upload_enabled: ENABLE_VERCEL_BLOB_UPLOAD.
        blob_access: `private` or `public`: which blobs may be referenced.
        blob_concurrency: The maximum number of simultaneous uploads.
        neon_project_id: NEON_PROJECT_ID, if set.
        triggered_by: TRIGGERED_BY, else the user's name: the person who generated the reports.
        team: TEAM: the only team that a run loads, if set.
        report: REPORT_TYPE: which `config.{report}.json` a run reads.
        config_file: CONFIG_FILE: another config file of the workspace, if set.
        parts_url: PARTS_URL: path or URL of the folder for the parts of runs with `--engine`.
        max_file_bytes: MAX_FILE_MB: the size above which a file is rejected.
        contents: CONTENT and SLACK_CONTENT: kinds whose texts are parsed into content tables.
        final_schema: FINAL_SCHEMA: the schema of the nine final tables.
        pipeline_name: The name of the dlt pipeline, unique for each database.
        duckdb_path: The DuckDB file of the `local` target.
        blob_dir: Folder of the local blob store.
        working_dir: Folder that keeps dlt's working folder of the last run, for dlt's own tools.
        dbt_target_dir: Folder of dbt's compiled files.
        dbt_log_dir: Folder of dbt's log.
        runs_dir: Folder of the temporary folders of runs.
    """

    target: Target
    warehouse_dir: Path
    database: DatabaseUrl | None
    blob_store: str
    is_blob_upload_enabled: bool
    blob_access: str
    blob_concurrency: int
    neon_project_id: str | None
    triggered_by: str | None
    team: str | None
    report: str
    config_file: str | None
    parts_url: str
    max_file_bytes: int
    contents: frozenset[Kind]
    final_schema: str
    dbt_target_dir: Path
    dbt_log_dir: Path
    pipeline_name: str = field(init=False)
    duckdb_path: Path = field(init=False)
    blob_dir: Path = field(init=False)
    working_dir: Path = field(init=False)
    runs_dir: Path = field(init=False)

    def __post_init__(self) -> None:
        """Derive names and folders."""
        suffix = f"_{self.database.fingerprint}" if self.database else ""
        name = f"orchestrator_{self.target}{suffix}"
        folder = self.warehouse_dir
        for field_name, value in (
            ("pipeline_name", name),
            ("duckdb_path", folder / "warehouse.duckdb"),
            ("blob_dir", folder / "blobs"),
            ("working_dir", folder / "dlt"),
            ("runs_dir", folder / "runs" / name),
        ):
            object.__setattr__(self, field_name, value)

    def redacted(self, text: str) -> str:
        """Return a driver's message without the database's password."""
        return self.database.redacted(text) if self.database else text

    @property
    def place(self) -> "DatabaseUrl | Path":
        """Return the database's name for messages."""
        return self.database or self.duckdb_path


def environment(*, is_lenient: bool = False) -> dict[str, str]:
    """Return the variables of the shell and of `.env`; the shell wins.

    Args:
        is_lenient: Ignore an unreadable `.env`, so that another error can be reported.

    Raises:
        SettingsError: `.env` cannot be read.
    """
    path = find_dotenv(usecwd=True)
    for_dbt = {variable_of(option) for option in FROM_ENVIRONMENT} & _HIDDEN.keys()
    hidden = {name: _HIDDEN[name] for name in for_dbt}
    shell = hidden | dict(os.environ)  # noqa: TID251 - settings may read it
    try:
        text = read_regular(path, SMALL).decode() if path else ""
        found = DotEnv(None, io.StringIO(text, newline=None), override=False).dict()
    except (OSError, UnicodeDecodeError) as error:
        if is_lenient:
            return shell
        problem = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        message = f"Cannot read {path}: {problem}.\nFix it, or move it out of the way."
        raise SettingsError(message) from None
    return {key: value for key, value in found.items() if value is not None} | shell


def describe_settings(environ: _Environ | None = None) -> Iterator[tuple[str, str, str]]:
    """Yield the name, the displayable value and the error of every setting."""
    env = environment() if environ is None else environ
    for name in SETTINGS:
        is_set = bool(env.get(name, "").strip())
        read = values.database_url if name in DATABASE_URLS else values.value
        try:
            shown = str(read(env, name)) if is_set else "not set"
            yield name, "set" if is_set and name in (*SECRETS, "HTTPS_PROXY") else shown, ""
        except SettingsError as error:
            yield name, "malformed", " ".join(str(error).split())


def configure_libraries() -> None:
    """Hide environment variables from libraries before their import (dlt: dlt_overrides.py)."""
    # The system's allocator returns unused memory; Arrow's own keeps it.
    os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"  # noqa: TID251 - settings may read it
    # libpq would read options from them that the address lacks (PGHOSTADDR, PGSSLMODE).
    for name in [name for name in os.environ if name.startswith("PG")]:  # noqa: TID251
        _HIDDEN[name] = os.environ.pop(name)  # noqa: TID251


@contextlib.contextmanager
def configured_libraries() -> Iterator[None]:
    """Configure the libraries, and restore the calling program's variables at the end."""
    own = {k: v for k, v in os.environ.items() if k.startswith("PG")}  # noqa: TID251
    configure_libraries()
    try:
        yield
    finally:
        os.environ.update(own)  # noqa: TID251


def redacted(text: str) -> str:
    """Return a text without the secrets of the environment, for tracebacks."""
    env = environment(is_lenient=True)
    secrets = {env.get(name, "").strip() for name in SECRETS}
    return masked(
        secrets.union(*(passwords_in(env.get(name, "")) for name in WITH_PASSWORDS)), text
    )


def is_debug() -> bool:
    """Return whether DEBUG asks for tracebacks instead of messages."""
    return values.is_on(environment(is_lenient=True), "DEBUG")


def load_settings(
    target: str | None = None, environ: _Environ | None = None, *, blob_store: str | None = None
) -> Settings:
    """Resolve the settings.

    Args:
        target: The value of `--target`; overrides ENABLE_NEON_DB_STORAGE and NEON_ENV.
        environ: The variables; by default `environment()`.
        blob_store: The value of `--blob-store`; overrides BLOB_STORE.

    Raises:
        SettingsError: A setting is missing or malformed.
    """
    env = environment() if environ is None else environ
    if not target:
        is_neon = values.is_on(env, "ENABLE_NEON_DB_STORAGE")
        target = values.value(env, "NEON_ENV") if is_neon else Target.LOCAL
    triggered_by = values.value(env, "TRIGGERED_BY")
    if not triggered_by:
        with contextlib.suppress(KeyError, OSError):  # the user of a container may have no name
            triggered_by = getpass.getuser()
    warehouse_dir = Path(values.value(env, "WAREHOUSE_DIR"))
    parts = values.value(env, "PARTS_URL").rstrip("/") or str(warehouse_dir / "parts")
    store = blob_store or values.value(env, "BLOB_STORE").rstrip("/")
    store = store or ("local" if target == Target.LOCAL else "vercel")
    final_schema = values.value(env, "FINAL_SCHEMA")
    database = None if target == Target.LOCAL else values.database(Target(target), env)
    return Settings(
        target=Target(target),
        warehouse_dir=warehouse_dir,
        database=database and replace(database, schema=final_schema),
        blob_store=f"local:{warehouse_dir / 'blobs'}" if store == "local" else store,
        is_blob_upload_enabled=values.is_on(env, "ENABLE_VERCEL_BLOB_UPLOAD"),
        blob_access=values.value(env, "BLOB_ACCESS").lower(),
        blob_concurrency=int(values.value(env, "BLOB_CONCURRENCY")),
        neon_project_id=values.value(env, "NEON_PROJECT_ID") or None,
        triggered_by=triggered_by or None,
        team=values.value(env, "TEAM") or None,
        report=values.value(env, "REPORT_TYPE"),
        config_file=values.value(env, "CONFIG_FILE") or None,
        parts_url=parts if "://" in parts else str(Path(parts).absolute()),
        max_file_bytes=int(values.value(env, "MAX_FILE_MB")) * 1024 * 1024,
        contents=_contents(env),
        final_schema=final_schema,
        # Same defaults as dbt.
        dbt_target_dir=Path(env.get("DBT_TARGET_PATH") or "target"),
        dbt_log_dir=Path(env.get("DBT_LOG_PATH") or "logs"),
    )


def _contents(env: _Environ) -> frozenset[Kind]:
    named = values.value(env, "CONTENT")
    kinds = [] if named == "none" else [Kind(each.strip()) for each in named.split(",")]
    return frozenset(kinds + [Kind.SLACK_CAPTURES] * values.is_on(env, "SLACK_CONTENT"))


def other_settings(
    settings: Settings, environ: _Environ | None = None
) -> dict[Target, Settings | SettingsError]:
    """Return the settings of the other targets that have their own database.

    Args:
        settings: The settings of this target.
        environ: The variables; by default `environment()`.

    Returns:
        Settings by target, or the error for a malformed address. Leave out a target that has no
        database or shares the database of an earlier target.
    """
    env = environment() if environ is None else environ
    found: dict[Target, Settings | SettingsError] = {}
    known = {
        settings.pipeline_name.rpartition("_")[2]
    }  # the database's fingerprint; `local` for DuckDB
    for target in reversed(Target):  # prod first: it names a database that several targets share
        names = (f"DATABASE_URL_{target.upper()}", "DATABASE_URL")
        if target != Target.LOCAL and not any(env.get(name) for name in names):
            continue
        try:
            other = load_settings(target, env)
        except SettingsError as error:
            found[target] = error
            continue
        place = other.pipeline_name.rpartition("_")[2]
        if place not in known:
            known.add(place)
            found[target] = other
    return found


def load_vercel_settings(environ: _Environ | None = None) -> VercelSettings:
    """Resolve the settings of Vercel Blob, like `load_settings`."""
    env = environment() if environ is None else environ
    token = values.value(env, "BLOB_READ_WRITE_TOKEN", is_required=True)
    return VercelSettings(
        token=token,
        store_id=token.split("_")[3],
        access=values.value(env, "BLOB_ACCESS").lower(),
        api_url=values.value(env, "VERCEL_BLOB_API_URL").rstrip("/"),
        network=read_network(env),
    )


def load_neon_settings() -> NeonSettings:
    """Resolve the settings of Neon's API, like `load_settings`."""
    env = environment()
    return NeonSettings(
        api_key=values.value(env, "NEON_API_KEY", is_required=True),
        project_id=values.value(env, "NEON_PROJECT_ID", is_required=True),
        api_url=values.value(env, "NEON_API_URL").rstrip("/"),
        network=read_network(env),
    )
