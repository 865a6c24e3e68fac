"""`check`: is everything fit for the other commands."""

import argparse
import time
from dataclasses import asdict

from loader.cli import DONE, FAILED
from loader.cli.output import line, listing, print_all, print_json, waiting
from loader.settings import Settings


def add_arguments(_: argparse.ArgumentParser) -> None:
    """Add no options."""


def main(args: argparse.Namespace) -> int:
    """Check what the other commands need, a line each; exit 1 if something fails."""
    try:  # a package may be missing
        from loader.maintenance.check import State, run_checks
    except ImportError as error:
        print_all([line(f"failed: {error}. Install everything: make setup")])
        return FAILED
    with waiting("Checking", is_shown=not args.json):
        checks = list(run_checks(args.target, _reach_store, _drift))
    failed = sum(check.state is State.FAILED for check in checks)
    warnings = sum(check.state is State.WARNING for check in checks)
    if args.json:
        print_json(command="check", failed=failed, checks=[asdict(check) for check in checks])
    else:
        columns = ("check", "state", "what was found", "hint")
        rows = ((c.name, c.state, c.detail, c.hint) for c in checks)
        print_all([listing("Checks", columns, rows)])
        print_all([line(f"{len(checks)} checks, {warnings} warnings, {failed} failed.")])
    return FAILED if failed else DONE


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
        return ""  # on DuckDB, a build makes what is missing
    from loader.schema.connection import connected
    from loader.schema.contracts import read_contracts
    from loader.schema.migrations import Migrations

    with connected(settings) as connection:
        contracts = read_contracts(settings.target)
        drift = Migrations(connection, contracts, target=settings.target).drift()
    return f"{len(drift):,} differences, as {drift[0]}" if drift else ""
