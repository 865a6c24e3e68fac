"""`schema generate`: write a migration."""

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from loader.cli import DONE
from loader.cli.invocation import current
from loader.cli.output import as_objects, line, lines, print_all, print_json, waiting
from loader.settings import Settings, Target

if TYPE_CHECKING:
    from rich.text import Text

    from loader.schema.losses import Loss
    from loader.schema.migrations import Migrations
    from loader.schema.plan import Plan


def generate(migrations: "Migrations", settings: Settings, args: argparse.Namespace) -> int:
    """Write a migration that makes the database match the contracts."""
    with waiting("Comparing", is_shown=not args.json):
        made = migrations.generate(args.message, args.allow_drop)
    return _written(*made, settings.target, args)


def generate_offline(args: argparse.Namespace) -> int:
    """Write a migration without a database."""
    from loader.schema import plan
    from loader.schema.contracts import read_contracts, read_views
    from loader.schema.migrations import VERSIONS
    from loader.settings.offline import without_database

    with (
        without_database(args.target) as target,
        waiting("Reading the contracts", is_shown=not args.json),
    ):
        current.target = str(target)
        if not args.json:
            print_all([line(f"{target}: no database, with --offline")])
        contracts, views = read_contracts(target), read_views(target)
    written = plan.generate_offline(contracts, VERSIONS, args.message, args.allow_drop, views)
    return _written(*written, target, args)


def _written(path: Path, plan: "Plan", target: Target, args: argparse.Namespace) -> int:
    if args.json:
        print_json(
            file=path,
            text=path.read_text(),
            removes=[asdict(each) for each in plan.removes],
            left_out=[asdict(each) for each in plan.left_out],
            chores=as_objects("what", plan.chores),
        )
        return DONE
    print_all([lines(path.read_text()), line(f"Written: {path}"), *map(line, plan.chores)])
    print_all(listed("It removes or narrows:", plan.removes))
    migrate = f"python -m loader schema migrate --target {target}"
    print_all([line(f"Review it, then: {migrate}")])
    print_all(left_out_of(plan.left_out))
    return DONE


def left_out_of(losses: "list[Loss]") -> "Iterator[Text]":
    """Yield the changes that a migration leaves out, and the option that includes each."""
    if losses:
        yield line("Left out, because it would remove or narrow something:")
    for each in losses:
        yield line(f"- {each}. To do it: --allow-drop {each.name}")


def lines_of(losses: "Iterable[Loss]") -> "Iterator[str]":
    """Yield a line for each loss."""
    return (f"- {each}" for each in losses)


def listed(title: str, losses: "list[Loss]") -> "Iterator[Text]":
    """Yield the losses under a title; yield nothing if there are none."""
    if losses:
        yield line(title)
        yield from map(line, lines_of(losses))
