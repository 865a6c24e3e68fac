"""`init`: create a project for an installed wheel."""

import argparse
import os
from pathlib import Path

from loader.cli import DONE
from loader.cli.output import line, print_all, print_json
from loader.project import create, link_package


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options."""
    parser.add_argument("folder", metavar="DIR", type=Path, help="a new or empty folder")


def main(args: argparse.Namespace) -> int:
    """Make a project: seeds, profiles.yml, and a dbt project with our models as a package."""
    files = create(args.folder)
    os.chdir(args.folder)
    link_package()
    if args.json:
        print_json(command="init", folder=Path.cwd(), files=[str(each) for each in files])
        return DONE
    print_all(
        [
            *(line(f"Written: {each}") for each in files),
            line("Put your organizations and teams into seeds/. For Neon: cp .env.example .env"),
            line(f"Next: cd {args.folder}"),
            line("orchestrator-elt run --target local --workspace DIR"),
            line("dbt build --target local"),
        ]
    )
    return DONE
