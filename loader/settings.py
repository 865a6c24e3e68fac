"""Environment and `.env` to one frozen Settings. Nothing else reads the environment.

`.env` is read as dbt reads it: the first one found from the working directory upwards, the shell
wins. The rule for DATABASE_URL is the one of profiles.yml.
"""

import contextlib
import getpass
import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from dotenv import find_dotenv
from dotenv.main import DotEnv

from loader.database.url import DatabaseUrl, parse_database_url, passwords, without
from loader.errors import SettingsError
from loader.workspace import SCHEMES

EXAMPLE_URL = "postgresql://user:pass@host/db?sslmode=require"
_DATABASE_URL_MEND = (
    f"Add it to .env:\n\n    DATABASE_URL={EXAMPLE_URL}\n\n"
    "Get it from: Neon Console → Project → Connection Details.\n"
    "To load into DuckDB, with no database at all: python -m loader run --target local"
)
_BLOB_MEND = (
    "Get it from: Vercel → Storage → your store → .env.local, and add it to .env:\n\n"
    "    BLOB_READ_WRITE_TOKEN=vercel_blob_rw_…"
)
_TOKEN = re.compile(r"vercel_blob_rw_(?P<store>[A-Za-z0-9]+)_[!-~]+")
_API_URL = re.compile(
    r"https://[^/?#@\s]+(?:/[^?#\s]*)?|http://(?:localhost|127\.0\.0\.1|\[::1\])(?::\d+)?(?:/[^?#\s]*)?"
)
_DEFAULT_API_URL = "https://vercel.com/api/blob"
_NEON_MENDS = {
    "NEON_API_KEY": "Make one in Neon Console → Account settings → API keys",
    "NEON_PROJECT_ID": "Copy it from Neon Console → Project → Settings",
}
_DEFAULT_NEON_URL = "https://console.neon.tech/api/v2"
_MOST_CONCURRENCY = 64
_MOST_MEGABYTES = 1000  # PostgreSQL takes texts of 1 GB
_SECRETS = ("BLOB_READ_WRITE_TOKEN", "NEON_API_KEY")


class Target(StrEnum):
    """Where to load: DuckDB in a local folder, or one of three Neon environments."""

    LOCAL = "local"
    DEV = "dev"
    STAGING = "staging"
    PROD = "prod"


@dataclass(frozen=True, slots=True)
class VercelSettings:
    """How to reach a Vercel Blob store.

    Args:
        token: Of the store, to read and write; not in its `repr`.
        store_id: As the token tells it.
        access: `private` or `public`: what the store was made as.
        api_url: Of the HTTP API, without a slash at its end.
    """

    token: str = field(repr=False)
    store_id: str
    access: str
    api_url: str


@dataclass(frozen=True, slots=True)
class NeonSettings:
    """How to reach Neon's REST API.

    Args:
        api_key: Not in its `repr`.
        project_id: The project whose branches are meant.
        api_url: Of the API, without a slash at its end.
    """

    api_key: str = field(repr=False)
    project_id: str
    api_url: str


@dataclass(frozen=True, slots=True)
class Settings:
    """What a command runs with.

    Args:
        target: Where to load.
        warehouse_dir: Folder for DuckDB, local blobs and working files.
        database: The database of a Neon target; None for `local`.
        is_blob_upload_enabled: ENABLE_VERCEL_BLOB_UPLOAD.
        blob_access: `private` or `public`: which blobs may be referenced.
        blob_concurrency: How many blobs are on their way at once.
        triggered_by: TRIGGERED_BY, else the user's name: who had the reports generated.
        parts_url: PARTS_URL: path or URL of the folder for the parts of runs with `--engine`.
        max_file_bytes: MAX_FILE_MB: the size above which a file is rejected.
    """

    target: Target
    warehouse_dir: Path
    database: DatabaseUrl | None
    is_blob_upload_enabled: bool
    blob_access: str
    blob_concurrency: int
    triggered_by: str | None
    parts_url: str
    max_file_bytes: int

    def redacted(self, text: str) -> str:
        """A driver's message without the database's password."""
        return self.database.redacted(text) if self.database else text

    @property
    def pipeline_name(self) -> str:
        """A name that no other database shares."""
        suffix = f"_{self.database.fingerprint}" if self.database else ""
        return f"orchestrator_{self.target}{suffix}"

    @property
    def duckdb_path(self) -> Path:
        """The DuckDB file of the `local` target."""
        return self.warehouse_dir / "warehouse.duckdb"

    @property
    def blob_dir(self) -> Path:
        """Where the local blob store keeps its files."""
        return self.warehouse_dir / "blobs"

    @property
    def working_dir(self) -> Path:
        """Where dlt's working folder of the last run stays, for dlt's own tools."""
        return self.warehouse_dir / "dlt"

    @property
    def runs_dir(self) -> Path:
        """Where runs have their folders while they are under way."""
        return self.warehouse_dir / "runs" / self.pipeline_name


def environment() -> dict[str, str]:
    """The shell's variables and, below them, those of `.env`.

    Raises:
        SettingsError: `.env` cannot be read.
    """
    path = dotenv_path()
    try:
        values = DotEnv(path, override=False).dict()
    except (OSError, UnicodeDecodeError) as error:
        problem = error.strerror if isinstance(error, OSError) else "it is not UTF-8"
        message = f"{path} cannot be read: {problem}.\nMend it, or move it out of the way."
        raise SettingsError(message) from None
    return {key: value for key, value in values.items() if value is not None} | shell()


def shell() -> dict[str, str]:
    """The shell's variables."""
    return dict(os.environ)  # noqa: TID251 - the one place


def _readable_environment() -> dict[str, str]:
    """What there is for those who tell of an error: without a `.env` that cannot be read."""
    try:
        return environment()
    except SettingsError:
        return shell()


def dotenv_path() -> str:
    """The `.env` that is read; empty where there is none."""
    return find_dotenv(usecwd=True)


def describe_settings(environ: Mapping[str, str] | None = None) -> Iterator[tuple[str, str, str]]:
    """Every setting: its name, what of it may be shown, and what is wrong with it.

    Args:
        environ: Variables; by default `environment()`.
    """
    env = environment() if environ is None else environ
    for name, read in _READERS.items():
        try:
            shown, problem = read(env) if env.get(name, "").strip() else "not set", ""
        except SettingsError as error:
            shown, problem = "malformed", " ".join(str(error).split())
        yield name, shown, problem


def configure_libraries() -> None:
    """Keep the libraries' own variables from them; to be called before they are imported.

    dlt is configured in load/dlt_context.py.
    """
    # Arrow gives back what it does not use.
    os.environ["ARROW_DEFAULT_MEMORY_POOL"] = "system"  # noqa: TID251 - the one place
    # libpq would take from its variables what the address does not say (PGHOSTADDR, PGSSLMODE).
    for name in [name for name in os.environ if name.startswith("PG")]:  # noqa: TID251
        del os.environ[name]  # noqa: TID251


def redacted(text: str, environ: Mapping[str, str] | None = None) -> str:
    """A text without any secret of the environment; the last resort for what others word.

    Args:
        text: Such as a traceback.
        environ: Variables; by default `environment()`.
    """
    env = _readable_environment() if environ is None else environ
    secrets = {value for name in _SECRETS if (value := env.get(name, "").strip())}
    for name in ("DATABASE_URL", *(f"DATABASE_URL_{target.upper()}" for target in Target)):
        secrets |= passwords(env.get(name, ""))
    return without(secrets, text)


def is_debug() -> bool:
    """DEBUG: tracebacks instead of messages."""
    return _is_on(_readable_environment(), "DEBUG")


def neon_project_id() -> str | None:
    """NEON_PROJECT_ID."""
    return environment().get("NEON_PROJECT_ID", "").strip() or None


def load_settings(target: str | None = None, environ: Mapping[str, str] | None = None) -> Settings:
    """Resolve the settings.

    Args:
        target: What `--target` said; it wins over ENABLE_NEON_DB_STORAGE and NEON_ENV.
        environ: Variables; by default `environment()`.

    Raises:
        SettingsError: A setting is missing or malformed.
    """
    env = environment() if environ is None else environ
    resolved = _target(target, env)
    warehouse_dir = Path(env.get("WAREHOUSE_DIR") or ".warehouse")
    return Settings(
        target=resolved,
        warehouse_dir=warehouse_dir,
        database=None if resolved is Target.LOCAL else _database(resolved, env),
        is_blob_upload_enabled=_is_on(env, "ENABLE_VERCEL_BLOB_UPLOAD"),
        blob_access=_access(env),
        blob_concurrency=_concurrency(env.get("BLOB_CONCURRENCY") or "8"),
        triggered_by=(env.get("TRIGGERED_BY") or "").strip() or _user_name(),
        parts_url=_parts_url(env) or str((warehouse_dir / "parts").absolute()),
        max_file_bytes=_max_file_bytes(env.get("MAX_FILE_MB") or "100"),
    )


def load_vercel_settings(environ: Mapping[str, str] | None = None) -> VercelSettings:
    """Resolve what the commands need that speak to Vercel Blob.

    Args:
        environ: Variables; by default `environment()`.

    Raises:
        SettingsError: A setting is missing or malformed.
    """
    env = environment() if environ is None else environ
    token = env.get("BLOB_READ_WRITE_TOKEN", "").strip()
    if not token:
        raise SettingsError(f"BLOB_READ_WRITE_TOKEN not configured.\n{_BLOB_MEND}")
    parts = _TOKEN.fullmatch(token)
    if not parts:
        raise SettingsError(f"BLOB_READ_WRITE_TOKEN is malformed.\n{_BLOB_MEND}")
    return VercelSettings(token, parts["store"], _access(env), _api_url(env))


def load_neon_settings(environ: Mapping[str, str] | None = None) -> NeonSettings:
    """Resolve what the commands need that speak to Neon's API.

    Args:
        environ: Variables; by default `environment()`.

    Raises:
        SettingsError: A setting is missing or malformed.
    """
    env = environment() if environ is None else environ
    values = {name: env.get(name, "").strip() for name in _NEON_MENDS}
    for name, mend in _NEON_MENDS.items():
        if not values[name]:
            raise SettingsError(f"{name} not configured.\n{mend}, and add it to .env.")
    api_url = _https("NEON_API_URL", env.get("NEON_API_URL"), _DEFAULT_NEON_URL)
    return NeonSettings(values["NEON_API_KEY"], values["NEON_PROJECT_ID"], api_url)


def databases(environ: Mapping[str, str] | None = None) -> dict[Target, DatabaseUrl]:
    """The databases of all targets that have one.

    Args:
        environ: Variables; by default `environment()`.
    """
    env = environment() if environ is None else environ
    found = {}
    for target in (Target.DEV, Target.STAGING, Target.PROD):
        with contextlib.suppress(SettingsError):
            found[target] = _database(target, env)
    return found


def with_database(target: Target, url: str) -> dict[str, str]:
    """The environment for another process, with another database for the target."""
    return {**environment(), f"DATABASE_URL_{target.upper()}": url}


def _api_url(env: Mapping[str, str]) -> str:
    return _https("VERCEL_BLOB_API_URL", env.get("VERCEL_BLOB_API_URL"), _DEFAULT_API_URL)


def _https(name: str, value: str | None, default: str) -> str:
    """An address that a secret may be sent to."""
    address = (value or default).strip().rstrip("/")
    if not _API_URL.fullmatch(address):
        message = (
            f"{name} is malformed. Leave it out for {default}; secrets go to https addresses and to"
            " this machine only."
        )
        raise SettingsError(message)
    return address


def _max_file_bytes(value: str) -> int:
    megabytes = int(value) if re.fullmatch(r"[1-9]\d{0,3}", value.strip()) else 0
    if not 1 <= megabytes <= _MOST_MEGABYTES:
        message = f"MAX_FILE_MB is {value!r}. Use a whole number from 1 to {_MOST_MEGABYTES}."
        raise SettingsError(message)
    return megabytes * 1024 * 1024


def _parts_url(env: Mapping[str, str]) -> str:
    """Path or URL; empty where it is not set."""
    place = env.get("PARTS_URL", "").strip().rstrip("/")
    url = re.fullmatch(r"([^/:]*)://.+", place)
    if url and url[1] not in SCHEMES:
        known = ", ".join(f"{scheme}://" for scheme in SCHEMES)
        raise SettingsError(f"PARTS_URL is malformed. Use one of {known}, or a folder's path.")
    return place if url or not place else str(Path(place).absolute())


def _access(env: Mapping[str, str]) -> str:
    access = (env.get("BLOB_ACCESS") or "private").strip().lower()
    if access not in {"private", "public"}:
        message = f"BLOB_ACCESS is {access!r}. Use private or public: what the store was made as."
        raise SettingsError(message)
    return access


def _concurrency(text: str) -> int:
    if not re.fullmatch("[0-9]{1,2}", text) or not 1 <= int(text) <= _MOST_CONCURRENCY:
        message = f"BLOB_CONCURRENCY is {text!r}. Use a number from 1 to {_MOST_CONCURRENCY}."
        raise SettingsError(message)
    return int(text)


def _user_name() -> str | None:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container's user may have no name
        return None


def _is_on(env: Mapping[str, str], name: str) -> bool:
    value = env.get(name, "").strip().lower()
    if value not in {"true", "1", "false", "0", ""} and name.startswith("ENABLE_"):
        raise SettingsError(f"{name} is {value!r}. Use true or false.")
    return value in {"true", "1"}


def _target(target: str | None, env: Mapping[str, str]) -> Target:
    if target:
        return Target(target)
    if not _is_on(env, "ENABLE_NEON_DB_STORAGE"):
        return Target.LOCAL
    return _neon_environment(env)


def _neon_environment(env: Mapping[str, str]) -> Target:
    name = env.get("NEON_ENV") or Target.DEV
    if name not in set(Target) - {Target.LOCAL}:
        message = f"NEON_ENV is {name!r}. Use dev, staging or prod, for example NEON_ENV=dev."
        raise SettingsError(message)
    return Target(name)


def _database(target: Target, env: Mapping[str, str]) -> DatabaseUrl:
    names = (f"DATABASE_URL_{target.upper()}", "DATABASE_URL")
    name = next((name for name in names if env.get(name)), None)
    if not name:
        message = f"DATABASE_URL not configured (looked for {' and '.join(names)}).\n"
        raise SettingsError(message + _DATABASE_URL_MEND)
    return _database_url(name, env)


def _database_url(name: str, env: Mapping[str, str]) -> DatabaseUrl:
    try:
        return parse_database_url(env[name])
    except ValueError as error:
        message = f"{name} is malformed: {error}.\n{_DATABASE_URL_MEND}"
        raise SettingsError(message) from None  # the cause's text may hold the password


def _plain(name: str) -> Callable[[Mapping[str, str]], str]:
    return lambda env: env[name]


def _flag(name: str) -> Callable[[Mapping[str, str]], str]:
    return lambda env: str(_is_on(env, name)).lower()


def _address(name: str) -> Callable[[Mapping[str, str]], str]:
    return lambda env: str(_database_url(name, env))


# How each setting is shown; a reader raises SettingsError where it is malformed.
_READERS: dict[str, Callable[[Mapping[str, str]], str]] = {
    "ENABLE_NEON_DB_STORAGE": _flag("ENABLE_NEON_DB_STORAGE"),
    "NEON_ENV": _neon_environment,
    "DATABASE_URL": _address("DATABASE_URL"),
    **{
        name: _address(name)
        for target in Target
        if target is not Target.LOCAL
        for name in (f"DATABASE_URL_{target.upper()}",)
    },
    "ENABLE_VERCEL_BLOB_UPLOAD": _flag("ENABLE_VERCEL_BLOB_UPLOAD"),
    "BLOB_READ_WRITE_TOKEN": lambda env: f"of the store {load_vercel_settings(env).store_id}",
    "BLOB_ACCESS": _access,
    "BLOB_CONCURRENCY": lambda env: str(_concurrency(env["BLOB_CONCURRENCY"])),
    "VERCEL_BLOB_API_URL": _api_url,
    "NEON_API_KEY": lambda _: "set",
    "NEON_PROJECT_ID": _plain("NEON_PROJECT_ID"),
    "NEON_API_URL": lambda env: _https("NEON_API_URL", env["NEON_API_URL"], _DEFAULT_NEON_URL),
    "TRIGGERED_BY": _plain("TRIGGERED_BY"),
    "PARTS_URL": _parts_url,
    "MAX_FILE_MB": lambda env: (
        env["MAX_FILE_MB"].strip() if _max_file_bytes(env["MAX_FILE_MB"]) else ""
    ),
    "WAREHOUSE_DIR": _plain("WAREHOUSE_DIR"),
    "DEBUG": _flag("DEBUG"),
}
