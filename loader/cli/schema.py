"""`schema`: changes of the final tables."""

import argparse
from dataclasses import asdict
from typing import TYPE_CHECKING

from loader.cli import DONE, FAILED
from loader.cli.adopt import adopt
from loader.cli.generate import generate, generate_offline, left_out_of, lines_of, listed
from loader.cli.invocation import current
from loader.cli.options import add_actions, confirm, opened_settings, yes_option
from loader.cli.output import as_objects, line, listing, print_all, print_json, waiting
from loader.database import objects
from loader.database.environment import check
from loader.database.warehouse import Warehouse
from loader.settings import Settings

if TYPE_CHECKING:
    from loader.schema.migrations import Migrations
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
    from sqlalchemy import MetaData

    from loader.schema import migrations as of_files
    from loader.schema.connection import connected
    from loader.schema.contracts import read_contracts, read_views
    from loader.schema.final_tables import FinalTables
    from loader.schema.pull import pull
    from loader.schema.push import Push

    if getattr(args, "offline", False):
        return generate_offline(args)
    settings = opened_settings(args, is_data=args.action == "pull" or getattr(args, "sql", False))
    if args.action == "adopt":
        return adopt(settings, args)
    if settings.database and args.action in _OF_OURS:
        _check_ownership(settings, args)
    with connected(settings) as connection:
        if args.action == "pull":
            with waiting("Reading the tables", is_shown=not args.json):
                text = pull(connection)
            return _print_text("text", text)
        if args.action == "history" and FinalTables(connection, MetaData()).are_recorded():
            # Compare with the contracts only if the database has no record.
            made = of_files.Migrations(connection, MetaData(), target=settings.target)
            return _history(made, settings, args)
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
    """Refuse another owner's database and, for changes, another environment's database."""
    with Warehouse(settings, is_read_only=True) as warehouse:
        found = objects.check(warehouse, settings)
        if args.action not in _CHANGING:
            return
        check(warehouse, settings.target, is_adopting=False)
        shows = ("sql", "dry_run")
        is_only_shown = args.action == "generate" or any(getattr(args, each, 0) for each in shows)
        if not found.is_listed and not is_only_shown:
            objects.create(warehouse, found)


def _print_text(name: str, text: str) -> int:
    if current.is_json:
        print_json(**{name: text})
    else:
        print(text, end="")
    return DONE


def _diff(migrations: "Migrations", _: Settings, args: argparse.Namespace) -> int:
    with waiting("Comparing", is_shown=not args.json):
        drift, extras = migrations.drift(), migrations.extras()
    if args.json:
        print_json(drift=as_objects("what", drift), extras=as_objects("what", extras))
        return FAILED if drift else DONE
    print_all(line(each) for each in drift)
    if not drift:
        print_all([line("The final tables are as their contracts say.")])
    if extras:
        print_all([line("Only the database has these, and may keep them:")])
        print_all(line(each) for each in extras)
    return FAILED if drift else DONE


def _push(push: "Push", settings: Settings, args: argparse.Namespace) -> int:
    from loader.schema.rendering import described

    made = push.plan(args.allow_drop)
    removes = made.removes if made else []
    left_out = made.left_out if made else []
    if removes:
        warning = [f"This changes {settings.place}, and removes or narrows:", *lines_of(removes)]
        confirm(args, "\n".join(warning))
    done = list(described(made.changes.steps)) if made else []
    with waiting("Changing the tables", is_shown=not args.json):
        push.apply(made)
    if args.json:
        lost = {"removed": [asdict(e) for e in removes], "left_out": [asdict(e) for e in left_out]}
        print_json(changed=as_objects("what", done), **lost)
        return DONE
    print_all(line(f"Changed: {each}") for each in done)
    if not done:
        print_all([line("There was nothing to change.")])
    print_all(left_out_of(left_out))
    print_all([line(f"Next: dbt build --target {settings.target}")])
    return DONE


def _migrate(migrations: "Migrations", settings: Settings, args: argparse.Namespace) -> int:
    if args.sql:
        return _print_text("sql", migrations.sql())
    removes = migrations.losses()
    if removes:
        lines = [f"This migrates {settings.place}, which removes or narrows:", *lines_of(removes)]
        confirm(args, "\n".join(lines))
    with waiting("Migrating", is_shown=not args.json):
        applied = migrations.migrate()
        drift = migrations.drift()
    if args.json:
        print_json(
            applied=as_objects("migration", applied),
            removed=[asdict(each) for each in removes],
            drift=as_objects("what", drift),
        )
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
        return _print_text("sql", migrations.sql(is_rollback=True))
    latest, removes = migrations.undoing()
    if not args.dry_run:
        rest = ", which removes or narrows:" if removes else ". Nothing is removed."
        lines = [f"This undoes {latest} of {settings.place}{rest}", *lines_of(removes)]
        confirm(args, "\n".join(lines))
        with waiting("Undoing", is_shown=not args.json):
            latest = migrations.rollback()
    if args.json:
        document = {"undone": latest, "dry_run": args.dry_run}
        removed = [asdict(each) for each in removes]
        print_json(**document, removes=removed)
        return DONE
    if args.dry_run:
        print_all([line(f"Dry run: {latest} would be undone.")])
        print_all(listed("That would remove or narrow:", removes))
        return DONE
    hint = "Take its change back from the contracts, too: a build goes by them."
    print_all([line(f"Undone: {latest}."), line(hint)])
    return DONE


def _history(migrations: "Migrations", _: Settings, args: argparse.Namespace) -> int:
    revisions = migrations.history()
    if args.json:
        print_json(migrations=[asdict(each) for each in revisions])
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
    "generate": generate,
    "migrate": _migrate,
    "rollback": _rollback,
    "history": _history,
}
