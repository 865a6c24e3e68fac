"""`drop`: remove all objects that this project created in a database."""

import argparse

from loader.cli import DONE
from loader.cli.options import confirm, opened_settings
from loader.cli.output import as_objects, line, print_all, print_json
from loader.settings import Target


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument(
        "--yes-i-mean",
        dest="answer",
        metavar="NAME",
        help="the database's name, instead of typing it; in prod the only way",
    )


def main(args: argparse.Namespace) -> int:
    """Remove the tables, views and schemas that the loader and dbt made. Blobs stay."""
    from loader.maintenance.drop import drop

    settings = opened_settings(args)
    name = settings.database.database if settings.database else settings.duckdb_path.name
    what = f"This removes all tables that the loader and dbt made in {settings.place}."
    confirm(args, what, name=name, can_ask=settings.target is not Target.PROD)
    left = drop(settings)
    if args.json:
        print_json(left=as_objects("name", left))
        return DONE
    said = [f"Dropped what the loader and dbt made in {settings.database or name}."]
    said += [f"Left, for it is not theirs: {', '.join(left)}."] if left else []
    said.append("Blobs stay; python -m loader verify --orphans lists them after the next load.")
    print_all(line(each) for each in said)
    return DONE
