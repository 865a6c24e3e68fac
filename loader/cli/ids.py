"""`ids`: write the ids of organizations, teams and report types into a file."""

import argparse
import os
import tempfile
from pathlib import Path

from loader.cli import DONE
from loader.cli.options import opened_settings
from loader.cli.output import json_text, line, print_all, print_json
from loader.database import objects
from loader.database.ids import read_ids
from loader.database.warehouse import Warehouse
from loader.words import counted
from loader.workspace.teams import load_teams


def add_arguments(_: argparse.ArgumentParser) -> None:
    """Add no options."""


def main(args: argparse.Namespace) -> int:
    """Write .neon-db-ids.TARGET.json: ids of organizations, teams and report types."""
    settings = opened_settings(args)
    with Warehouse(settings, is_read_only=True) as warehouse:
        objects.check(warehouse, settings)
        ids = read_ids(warehouse, load_teams(), settings.neon_project_id)
    path = Path(f".neon-db-ids.{settings.target}.json")
    _replace(path, f"{json_text(ids)}\n")
    if args.json:
        print_json(file=path, ids=ids)
    else:
        count = sum(len({*names.values()}) for names in ids.values() if isinstance(names, dict))
        print_all([line(f"{path}: {counted(count, 'id')}.")])
    return DONE


def _replace(path: Path, text: str) -> None:
    """Write a file atomically."""
    descriptor, name = tempfile.mkstemp(prefix=".neon-db-ids.", suffix=".json", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink()
        raise
