"""`drop`: remove what this project made in a database."""

import argparse
import sys

from loader.cli import DONE
from loader.cli.output import line, note, print_all, print_json
from loader.errors import SettingsError
from loader.maintenance.drop import drop
from loader.settings import Settings, Target, load_settings


def main(args: argparse.Namespace) -> int:
    """Remove tables, views and schemas, once their database's name is typed."""
    settings = load_settings(args.target)
    name = settings.database.database if settings.database else settings.duckdb_path.name
    _confirm(settings, name, args.yes_i_mean)
    left = drop(settings)
    if args.json:
        print_json(command="drop", target=settings.target, database=name, left=left)
        return DONE
    said = [f"Dropped what the loader and dbt made in {settings.database or name}."]
    said += [f"Left, for it is not theirs: {', '.join(left)}."] if left else []
    said.append("Blobs stay; python -m loader verify --orphans lists them after the next load.")
    print_all(line(each) for each in said)
    return DONE


def _confirm(settings: Settings, name: str, given: str | None) -> None:
    """Have the user type the database's name.

    Raises:
        SettingsError: It is another one, or was not given where it must be.
    """
    again = f"python -m loader drop --target {settings.target} --yes-i-mean {name}"
    if given is None and settings.target is not Target.PROD and sys.stdin.isatty():
        place = settings.database or settings.duckdb_path
        note(f"This removes all tables that the loader and dbt made in {place}.")
        note(f"Type the database's name, {name}, to go on:")
        given = sys.stdin.readline().strip()
    if given is None:
        raise SettingsError(f"nothing was dropped. If you mean it: {again}")
    if given != name:
        message = f"nothing was dropped: the database is {name!r}, not {given!r}."
        raise SettingsError(message)
