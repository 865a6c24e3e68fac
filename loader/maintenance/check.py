"""Check that this machine, the settings, the database and the blob store are ready to use.

Checks are independent: one that fails reports its own line, and the others still run.
"""

import os
import platform
import shutil
import statistics
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from importlib import metadata

from dotenv import find_dotenv

from loader.database import objects
from loader.database.environment import check
from loader.database.refusals import role_of
from loader.database.warehouse import Warehouse
from loader.errors import LoaderError
from loader.maintenance import read_by_status
from loader.maintenance.rights import read_rights
from loader.project import how_to_install
from loader.settings import (
    Settings,
    describe_settings,
    environment,
    load_settings,
    redacted,
)
from loader.tables import FINAL_TABLES, object_names
from loader.words import counted

_PYTHONS = ((3, 11), (3, 14))
_PACKAGES = (
    *("dlt", "dbt-core", "dbt-duckdb", "dbt-postgres", "duckdb", "psycopg", "pyarrow"),
    *("adbc-driver-postgresql", "alembic", "rich", "urllib3"),
)
_POSTGRES_VERSIONS = (14, 18)
_LEAST_FREE, _LITTLE_FREE = 100_000_000, 1_000_000_000  # bytes
_MOST_SKEW = 60.0  # seconds
_LONG_LATENCY = 0.2  # seconds


class State(StrEnum):
    """The result of a check."""

    OK = "ok"
    WARNING = "warning"
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Check:
    """A line of the result; `hint` says what to do if the check is not ok."""

    name: str
    state: State
    detail: str
    hint: str = ""


def run_checks(
    target: str | None, reach_store: Callable[[Settings], str], drift: Callable[[Settings], str]
) -> Iterator[Check]:
    """Run all checks in order.

    Args:
        target: The value of `--target`.
        reach_store: Sends a request to the target's blob store and returns its name. Raises
            LoaderError.
        drift: Describes how the final tables differ from their contracts; empty if they do not.

    Returns:
        The checks, each as soon as it has run. None raises.
    """
    yield _python()
    yield _packages()
    yield _guarded(".env", _dotenv)
    environ = environment(is_lenient=True)  # the check of .env above reports what is wrong with it
    for name, shown, problem in describe_settings(environ):
        state = State.FAILED if problem else State.OK
        yield Check(name, state, shown, problem)
    try:
        settings = load_settings(target, environ)
    except LoaderError as error:
        yield _failed("target", error)
        return
    yield Check("target", State.OK, f"{settings.target}: {settings.database or 'DuckDB'}")
    yield _guarded("disk", lambda: _disk(settings))
    yield from _database(settings, drift)
    yield _guarded("blob store", lambda: Check("blob store", State.OK, reach_store(settings)))


def _guarded(name: str, check: Callable[[], Check]) -> Check:
    try:
        return check()
    except Exception as error:  # noqa: BLE001 - a check that crashes is reported as failed
        return _failed(name, error)


def _failed(name: str, error: Exception) -> Check:
    problem, _, hint = redacted(str(error) or type(error).__name__).partition("\n")
    return Check(name, State.FAILED, problem, " ".join(hint.split()))


def _python() -> Check:
    is_fit = _PYTHONS[0] <= sys.version_info[:2] <= _PYTHONS[1]
    detail = f"{platform.python_version()} on {platform.system()} {platform.machine()}"
    hint = "Use Python 3.11 to 3.14: make setup PYTHON=python3.12"
    return (
        Check("Python", State.OK, detail) if is_fit else Check("Python", State.FAILED, detail, hint)
    )


def _packages() -> Check:
    versions, missing = [], []
    for name in _PACKAGES:
        try:
            versions.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            missing.append(name)
    if missing:
        detail = f"not installed: {', '.join(missing)}"
        return Check("packages", State.FAILED, detail, f"Install them: {how_to_install('studio')}")
    return Check("packages", State.OK, ", ".join(versions))


def _dotenv() -> Check:
    environment()
    shown = find_dotenv(usecwd=True) or "none found; the shell's variables alone count"
    return Check(".env", State.OK, shown)


def _disk(settings: Settings) -> Check:
    folder = settings.warehouse_dir.absolute()
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free
    detail = f"{free / 1e9:,.1f} GB free for {folder}"
    if not os.access(there, os.W_OK):
        return Check("disk", State.FAILED, f"{there} cannot be written", "Set WAREHOUSE_DIR.")
    hint = "Free some space, or set WAREHOUSE_DIR to a folder that has it."
    if free < _LITTLE_FREE:
        return Check("disk", State.FAILED if free < _LEAST_FREE else State.WARNING, detail, hint)
    return Check("disk", State.OK, detail)


def _database(settings: Settings, drift: Callable[[Settings], str]) -> Iterator[Check]:
    if not settings.database and not settings.duckdb_path.exists():
        hint = f"Load: python -m loader run --target {settings.target} --workspace DIR"
        yield Check("database", State.WARNING, f"there is no {settings.duckdb_path} yet", hint)
        return
    with Warehouse(settings, is_read_only=True) as warehouse:
        try:
            took = [_seconds(lambda: warehouse.fetch("select 1")) for _ in range(4)][1:]
        except Exception as error:  # noqa: BLE001
            yield _failed("database", error)
            return
        checks: dict[str, Callable[[], Check]] = {
            "database": lambda: _server(warehouse, settings, statistics.median(took)),
            "environment": lambda: _environment(warehouse, settings),
            "ownership": lambda: _ownership(warehouse, settings),
            "schemas": lambda: _schemas(warehouse, settings),
        }
        if settings.database:
            checks |= {
                "TLS": lambda: _tls(warehouse, settings),
                "clock": lambda: _clock(warehouse),
            }
        for name, check in checks.items():
            yield _guarded(name, check)
    yield _guarded("contracts", lambda: _contracts(settings, drift))


def _seconds(act: Callable[[], object]) -> float:
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def _server(warehouse: Warehouse, settings: Settings, latency: float) -> Check:
    version = str(warehouse.fetch("select version()")[0][0]).split(" on ")[0]
    if not settings.database:
        return Check("database", State.OK, f"DuckDB {version}, {settings.duckdb_path}")
    pooled = ", the direct host of a pooled address" if settings.database.was_pooled else ""
    detail = f"{version}, direct{pooled}, {latency * 1000:,.1f} ms to answer"
    number = int(warehouse.fetch("select current_setting('server_version_num')")[0][0]) // 10000
    if not _POSTGRES_VERSIONS[0] <= number <= _POSTGRES_VERSIONS[1]:
        return Check("database", State.WARNING, detail, "Use PostgreSQL 14 to 18.")
    if latency > _LONG_LATENCY:
        hint = "Run the loader near the database: each statement waits so long."
        return Check("database", State.WARNING, detail, hint)
    return Check("database", State.OK, detail)


def _tls(warehouse: Warehouse, settings: Settings) -> Check:
    query = "select ssl, version, cipher from pg_stat_ssl where pid = pg_backend_pid()"
    (is_on, version, cipher) = warehouse.fetch(query)[0]
    if is_on:
        return Check("TLS", State.OK, f"{version}, {cipher}")
    if settings.database and settings.database.is_local:
        return Check("TLS", State.OK, "off, on this machine")
    return Check("TLS", State.WARNING, "off", "Add sslmode=require to the address.")


def _clock(warehouse: Warehouse) -> Check:
    skew = (warehouse.fetch("select clock_timestamp()")[0][0] - datetime.now(UTC)).total_seconds()
    detail = f"the database's is {abs(skew):,.1f} s {'ahead' if skew > 0 else 'behind'}"
    if abs(skew) > _MOST_SKEW:
        hint = "Set this machine's clock, as with NTP. No load depends on it, signatures do."
        return Check("clock", State.WARNING, detail, hint)
    return Check("clock", State.OK, detail)


def _environment(warehouse: Warehouse, settings: Settings) -> Check:
    if "environment" in warehouse.unreadable("bookkeeping"):
        return Check("environment", State.OK, f"{role_of(settings)} may not read which")
    name = check(warehouse, settings.target, is_adopting=False)
    return Check("environment", State.OK, name or "none yet: the first run or build decides")


def _ownership(warehouse: Warehouse, settings: Settings) -> Check:
    found = objects.check(warehouse, settings)
    adopted = f", {len(found.adopted):,} of them adopted" if found.adopted else ""
    count = sum(1 for _, name in found.ours if name)
    return Check(
        "ownership",
        State.OK,
        f"{counted(count, 'table or view', 'tables and views')} of ours{adopted}",
    )


def _schemas(warehouse: Warehouse, settings: Settings) -> Check:
    schemas, final = object_names(settings.final_schema), settings.final_schema
    missing = [name for name in schemas if name not in warehouse.schemas()]
    if not settings.database:
        detail = f"not there yet: {', '.join(missing)}" if missing else ", ".join(schemas)
        hint = _first_steps(settings) if missing else ""
        return Check("schemas", State.WARNING if missing else State.OK, detail, hint)
    rights = read_rights(warehouse)
    words = [word for word, is_able in rights.abilities.items() if is_able]
    unbuilt = FINAL_TABLES.keys() - warehouse.final_tables()
    if unbuilt and rights.for_build and (rights.lacks_final_schema_only or not words):
        # PostgreSQL 15 and later let only the database's owner create tables in public.
        detail = f"{rights.role} may not create the final tables in {final}"
        grants = "; ".join(rights.for_build)
        return Check("schemas", State.FAILED, detail, f"As the owner of the database: {grants}")
    if not words:
        hint = f"As the owner: dbt run-operation grant_roles --target {settings.target}"
        detail = f"{rights.role} may neither load nor build nor read the tables"
        return Check("schemas", State.FAILED, detail, hint)
    can = f"{rights.role} may {', '.join(words)}; "
    if missing:
        detail = f"{can}not there yet: {', '.join(missing)}"
        return Check("schemas", State.WARNING, detail, _first_steps(settings))
    read = read_by_status(final)
    hidden = [name for name, ours in read.items() if warehouse.unreadable(name) & {*ours}]
    but = f"; it may not read all of {', '.join(hidden)}" if hidden else ""
    return Check("schemas", State.OK, f"{can}{', '.join(schemas)}{but}")


def _first_steps(settings: Settings) -> str:
    target = settings.target
    return f"python -m loader run --target {target}, then dbt build --target {target}"


def _contracts(settings: Settings, drift: Callable[[Settings], str]) -> Check:
    found = drift(settings)
    if found:
        hint = f"python -m loader schema diff --target {settings.target} shows all."
        return Check("contracts", State.WARNING, found, hint)
    return Check("contracts", State.OK, "the final tables are as their contracts say")
