"""`schema`: changes of the final tables."""

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

from loader.cli import DONE, FAILED
from loader.cli.adopt import adopt
from loader.cli.options import add_actions, confirm, yes_option
from loader.cli.output import line, lines, listing, print_all, print_json, waiting
from loader.database import objects
from loader.database.environment import check
from loader.database.warehouse import Warehouse
from loader.settings import Settings, Target, load_settings

if TYPE_CHECKING:
    from rich.text import Text

    from loader.schema.losses import Loss
    from loader.schema.migrations import Migrations
    from loader.schema.plan import Plan
    from loader.schema.push import Push

_CHANGING = {"generate", "migrate", "rollback", "push"}
_OF_OURS = _CHANGING | {"diff", "history"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the actions and their options."""
    actions = add_actions(
        parser,
        diff="what of the database is not as the contracts say; exit 1 if anything",
        generate="write the migration that brings the database to the contracts",
        migrate="apply the migrations that the database lacks",
        rollback="undo the latest migration",
        push="dev only: bring the database to the contracts at once, without a migration",
        history="list the migrations, and which the database has",
        pull="print the tables of the database as contracts",
        adopt="make the tables that somebody else created under our names ours",
    )
    actions["generate"].add_argument(
        "-m", "--message", required=True, metavar="TEXT", help="what the migration is for"
    )
    actions["generate"].add_argument(
        "--offline",
        action="store_true",
        help="ask no database: compare with the tables as the latest migration leaves them",
    )
    for name in ("generate", "push"):
        actions[name].add_argument(
            "--allow-drop",
            action="append",
            default=[],
            metavar="NAME",
            help="drop this, or change it to a narrower type: TABLE.COLUMN, or the name of an index"
            " or a constraint; repeatable",
        )
    yes_option(actions["push"])
    for name in ("migrate", "rollback"):
        actions[name].add_argument(
            "--sql", action="store_true", help="print the statements instead of running them"
        )
        yes_option(actions[name])
    actions["rollback"].add_argument(
        "--dry-run", action="store_true", help="say what would be undone, and what that removes"
    )
    yes_option(actions["adopt"])
    actions["adopt"].add_argument(
        "--dry-run", action="store_true", help="say what would change, and change nothing"
    )
    actions["adopt"].add_argument(
        "names",
        nargs="*",
        metavar="SCHEMA.NAME",
        help="tables and views of models of your own; those of the project need no name",
    )


def main(args: argparse.Namespace) -> int:
    """Compare the final tables with their contracts, and change them with migrations.

    The contracts are in dbt_project/models/marts. A fresh database: dbt build makes everything.
    """
    from loader.schema import migrations as of_files
    from loader.schema.connection import connected
    from loader.schema.contracts import read_contracts, read_views
    from loader.schema.pull import pull
    from loader.schema.push import Push

    if getattr(args, "offline", False):
        return _generate_offline(args)
    settings = load_settings(args.target)
    if args.action == "adopt":
        return adopt(settings, args)
    if settings.database and args.action in _OF_OURS:
        _check_ownership(settings, args)
    with connected(settings) as connection:
        if args.action == "pull":
            print(pull(connection), end="")
            return DONE
        with waiting("Reading the contracts", is_shown=not args.json):
            contracts, views = read_contracts(settings.target), read_views(settings.target)
        parts = (connection, contracts, settings.target, views)
        if args.action == "push":
            code = _push(Push(*parts, of_files.VERSIONS), settings, args)
        else:
            made = of_files.Migrations(*parts[:2], target=settings.target, views=views)
            code = _ACTIONS[args.action](made, settings, args)
        connection.commit()
    return code


def _check_ownership(settings: Settings, args: argparse.Namespace) -> None:
    """Refuse a database of others, or for a change that of another environment."""
    with Warehouse(settings, is_read_only=True) as warehouse:
        found = objects.check(warehouse, settings)
        if args.action not in _CHANGING:
            return
        check(warehouse, settings.target, is_adopting=False)
        shows = ("sql", "dry_run")
        is_only_shown = args.action == "generate" or any(getattr(args, each, 0) for each in shows)
        if not found.is_listed and not is_only_shown:
            objects.create(warehouse, found)


def _diff(migrations: "Migrations", settings: Settings, args: argparse.Namespace) -> int:
    drift, extras = migrations.drift(), migrations.extras()
    if args.json:
        print_json(command="schema diff", target=settings.target, drift=drift, extras=extras)
        return FAILED if drift else DONE
    print_all(line(each) for each in drift)
    if not drift:
        print_all([line("The final tables are as their contracts say.")])
    if extras:
        print_all([line("Only the database has these, and may keep them:")])
        print_all(line(each) for each in extras)
    return FAILED if drift else DONE


def _generate(migrations: "Migrations", settings: Settings, args: argparse.Namespace) -> int:
    return _written(*migrations.generate(args.message, args.allow_drop), settings.target, args)


def _generate_offline(args: argparse.Namespace) -> int:
    from loader.schema.contracts import read_contracts, read_views
    from loader.schema.migrations import VERSIONS
    from loader.schema.plan import generate_offline
    from loader.settings.offline import without_database

    with without_database(args.target) as target:
        contracts, views = read_contracts(target), read_views(target)
    written = generate_offline(contracts, VERSIONS, args.message, args.allow_drop, views)
    return _written(*written, target, args)


def _written(path: Path, plan: "Plan", target: Target, args: argparse.Namespace) -> int:
    if args.json:
        print_json(
            command="schema generate",
            target=target,
            file=path,
            text=path.read_text(),
            removes=[asdict(each) for each in plan.removes],
            left_out=[asdict(each) for each in plan.left_out],
            chores=plan.chores,
        )
        return DONE
    print_all([lines(path.read_text()), line(f"Written: {path}"), *map(line, plan.chores)])
    print_all(_listed("It removes or narrows:", plan.removes))
    migrate = f"python -m loader schema migrate --target {target}"
    print_all([line(f"Review it, then: {migrate}")])
    print_all(_left_out(plan.left_out))
    return DONE


def _push(push: "Push", settings: Settings, args: argparse.Namespace) -> int:
    from loader.schema.rendering import described

    made = push.plan(args.allow_drop)
    removes = made.removes if made else []
    left_out = made.left_out if made else []
    if removes:
        warning = [f"This changes {settings.place}, and removes or narrows:", *_lines(removes)]
        confirm(args, "\n".join(warning))
    done = list(described(made.changes.steps)) if made else []
    push.apply(made)
    if args.json:
        lost = {"removed": [asdict(e) for e in removes], "left_out": [asdict(e) for e in left_out]}
        print_json(command="schema push", target=settings.target, changed=done, **lost)
        return DONE
    print_all(line(f"Changed: {each}") for each in done)
    if not done:
        print_all([line("There was nothing to change.")])
    print_all(_left_out(left_out))
    print_all([line(f"Next: dbt build --target {settings.target}")])
    return DONE


def _left_out(losses: "list[Loss]") -> "Iterator[Text]":
    if losses:
        yield line("Left out, because it would remove or narrow something:")
    for each in losses:
        yield line(f"- {each}. To do it: --allow-drop {each.name}")


def _migrate(migrations: "Migrations", settings: Settings, args: argparse.Namespace) -> int:
    if args.sql:
        print(migrations.sql(), end="")
        return DONE
    removes = migrations.losses()
    if removes:
        lines = [f"This migrates {settings.place}, which removes or narrows:", *_lines(removes)]
        confirm(args, "\n".join(lines))
    applied = migrations.migrate()
    drift = migrations.drift()
    if args.json:
        document = {"applied": applied, "removed": [asdict(e) for e in removes], "drift": drift}
        print_json(command="schema migrate", target=settings.target, **document)
        return DONE
    said = [f"Applied {revision}." for revision in applied]
    said += [] if applied else ["There was nothing to apply."]
    if drift:
        again = f"python -m loader schema diff --target {settings.target}"
        said.append(f"Something still differs: {again}")
    said.append(f"Next: dbt build --target {settings.target}")
    print_all(line(each) for each in said)
    return DONE


def _rollback(migrations: "Migrations", settings: Settings, args: argparse.Namespace) -> int:
    if args.sql:
        print(migrations.sql(is_rollback=True), end="")
        return DONE
    latest, removes = migrations.undoing()
    if not args.dry_run:
        rest = ", which removes or narrows:" if removes else ". Nothing is removed."
        lines = [f"This undoes {latest} of {settings.place}{rest}", *_lines(removes)]
        confirm(args, "\n".join(lines))
        latest = migrations.rollback()
    if args.json:
        document = {"undone": latest, "dry_run": args.dry_run}
        removed = [asdict(each) for each in removes]
        print_json(command="schema rollback", target=settings.target, **document, removes=removed)
        return DONE
    if args.dry_run:
        print_all([line(f"Dry run: {latest} would be undone.")])
        print_all(_listed("That would remove or narrow:", removes))
        return DONE
    hint = "Take its change back from the contracts, too: a build goes by them."
    print_all([line(f"Undone: {latest}."), line(hint)])
    return DONE


def _lines(losses: "Iterable[Loss]") -> "Iterator[str]":
    return (f"- {each}" for each in losses)


def _listed(title: str, losses: "list[Loss]") -> "Iterator[Text]":
    if losses:
        yield line(title)
        yield from map(line, _lines(losses))


def _history(migrations: "Migrations", settings: Settings, args: argparse.Namespace) -> int:
    revisions = migrations.history()
    if args.json:
        print_json(command="schema history", target=settings.target, migrations=revisions)
        return DONE
    columns = ("migration", "state", "message", "file")
    rows = (
        (
            each.id,
            "current" if each.is_current else "applied" if each.is_applied else "pending",
            each.message,
            each.file,
        )
        for each in revisions
    )
    print_all([listing("Migrations", columns, rows)])
    return DONE


_ACTIONS = {
    "diff": _diff,
    "generate": _generate,
    "migrate": _migrate,
    "rollback": _rollback,
    "history": _history,
}
