"""`check`: test whether the other commands can run."""

import argparse
import time
from dataclasses import asdict

from loader.cli import DONE, FAILED
from loader.cli.failures import tell
from loader.cli.options import opened_settings
from loader.cli.output import line, listing, print_all, print_json, waiting
from loader.errors import SettingsError
from loader.settings import Settings
from loader.words import counted


def add_arguments(_: argparse.ArgumentParser) -> None:
    """Add no options."""


def main(args: argparse.Namespace) -> int:
    """Check the needs of the other commands, one line each; exit 1 if something fails."""
    try:  # a package may be missing
        from loader.maintenance.check import State, run_checks
    except ImportError as error:
        tell("ImportError", f"{error}.\nInstall everything: make setup")
        return FAILED
    _name_database(args)
    with waiting("Checking", is_shown=not args.json):
        checks = list(run_checks(args.target, _reach_store, _drift))
    failed = sum(check.state is State.FAILED for check in checks)
    warnings = sum(check.state is State.WARNING for check in checks)
    if args.json:
        print_json(failed=failed, warnings=warnings, checks=[asdict(check) for check in checks])
    else:
        columns = ("check", "state", "what was found")
        rows = ((c.name, c.state, c.detail) for c in checks)
        print_all([listing("Checks", columns, rows)])
        print_all(line(f"{c.name}: {c.hint}") for c in checks if c.hint)
        counts = f"{counted(len(checks), 'check')}, {counted(warnings, 'warning')}"
        print_all([line(f"{counts}, {failed} failed.")])
    return FAILED if failed else DONE


def _name_database(args: argparse.Namespace) -> None:
    try:
        opened_settings(args)
    except SettingsError:  # a separate check reports it
        if not args.json:
            print_all([line(f"{args.target or 'the target'}: the settings name no database")])


def _reach_store(settings: Settings) -> str:
    from loader.loading.stores import configured_store

    store = configured_store(settings)
    if not store.is_remote:
        return str(store)
    began = time.perf_counter()
    next(iter(store.list("")), None)
    took = (time.perf_counter() - began) * 1000
    return f"{store}, {took:,.0f} ms to answer"


def _drift(settings: Settings) -> str:
    if settings.database is None:
        return ""  # on DuckDB, a build creates missing objects
    from loader.schema.connection import connected
    from loader.schema.contracts import read_contracts
    from loader.schema.migrations import Migrations

    with connected(settings) as connection:
        contracts = read_contracts(settings.target)
        drift = Migrations(connection, contracts, target=settings.target).drift()
    return f"{counted(len(drift), 'difference')}, as {drift[0]}" if drift else ""
