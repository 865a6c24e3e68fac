"""`schema adopt`: take over tables that others created, with their rows."""

import argparse
from collections.abc import Iterator
from dataclasses import asdict
from typing import TYPE_CHECKING

from loader.cli import DONE
from loader.cli.options import confirm
from loader.cli.output import as_objects, line, print_all, print_json, waiting
from loader.database.warehouse import Warehouse
from loader.settings import Settings
from loader.words import counted

if TYPE_CHECKING:
    from loader.takeover import Takeover
    from loader.takeover.plan import Join, Plan

_MOST_SHOWN = 12  # lines per kind; --json lists all


def adopt(settings: Settings, args: argparse.Namespace) -> int:
    """Try the takeover, roll it back, print what it does, and run it after confirmation."""
    from loader.loading.lock import only_writer
    from loader.takeover import take_over

    is_shown = not args.json
    with (
        Warehouse(settings, is_read_only=True) as warehouse,
        waiting("Reading the rows", is_shown=is_shown),
    ):
        takeover = take_over(warehouse, args.names, is_kept=False)
    said = list(_steps(takeover))
    if not takeover.is_empty and not args.dry_run:
        what = "\n".join((f"This takes over tables in {settings.place}:", *said))
        confirm(args, what, undone="adopted")
        with (
            only_writer(settings, (), allows_foreign=True) as warehouse,
            waiting("Changing the rows", is_shown=is_shown),
        ):
            takeover = take_over(warehouse, args.names, is_kept=True)
    if args.json:
        _print_json(takeover, is_dry_run=args.dry_run)
        return DONE
    print_all(map(line, said or ["There was nothing to adopt."]))
    if args.dry_run:
        print_all([line("Dry run: nothing was changed.")])
    elif said:
        print_all([line(f"Done. Next: python -m loader schema diff --target {settings.target}")])
    return DONE


def _steps(takeover: "Takeover") -> Iterator[str]:
    """Yield the steps of a takeover in the imperative: they are printed before and after it."""
    for (schema, name), rows in takeover.adopted:
        count = counted(rows, "row")
        yield f"Adopt {schema}.{name} ({count}): builds, migrations and drop will change it."
    for renaming in takeover.renamed:
        yield f"Rename {renaming.before} to {renaming.after}."
    for trigger in takeover.triggers:
        yield (
            f"Drop the trigger {trigger.name} on {trigger.table}: here updated_at moves only with"
            " the content."
        )
    yield from _row_steps(takeover.plan)


def _row_steps(plan: "Plan") -> Iterator[str]:
    for table in dict.fromkeys(join.table for join in plan.joins):
        joins = [join for join in plan.joins if join.table == table]
        count = counted(sum(len(join.gone) for join in joins), "row")
        yield f"Join in {table}: {count} with {len(joins):,} that say the same."
        yield from _first([words for join in joins for words in _joined(join)])
    for table in dict.fromkeys(change.table for change in plan.changes):
        changes = [change for change in plan.changes if change.table == table]
        yield f"Correct in {table}, as the texts and the seeds say: {counted(len(changes), 'row')}."
        yield from _first(
            [
                f"  {', '.join(map(str, change.before))} is {', '.join(map(str, change.after))}"
                for change in changes
            ]
        )
    doubtful = [left for left in plan.left if not left.is_blocking]
    if doubtful:
        yield f"Leave as it is what no text decides: {counted(len(doubtful), 'row')}."
        yield from _first([f"  {left.table} {left.label}: {left.why}" for left in doubtful])
    for left in plan.left:
        if left.is_blocking:
            yield (
                f"Do not join in {left.table} {', '.join(map(str, left.ids))} ({left.label}):"
                f" {left.why}. Make them equal in that, or give one another name; then run this"
                " again."
            )


def _joined(join: "Join") -> Iterator[str]:
    yield f"  {join.label}"
    for id_, counts in join.behind.items():
        rows = ", ".join(f"{count:,} {table}" for table, count in counts.items()) or "nothing"
        yield f"    {'keep' if id_ == join.kept else 'end '} {id_}: {rows}"


def _first(said: list[str]) -> Iterator[str]:
    yield from said[:_MOST_SHOWN]
    if len(said) > _MOST_SHOWN:
        again = "python -m loader schema adopt --dry-run --json"
        yield f"  and {len(said) - _MOST_SHOWN:,} more. All of them: {again}"


def _print_json(takeover: "Takeover", *, is_dry_run: bool) -> None:
    plan = takeover.plan
    print_json(
        dry_run=is_dry_run,
        adopted=[
            {"name": f"{schema}.{name}", "rows": rows} for (schema, name), rows in takeover.adopted
        ],
        renamed=[{"before": each.before, "after": each.after} for each in takeover.renamed],
        triggers=[asdict(each) for each in takeover.triggers],
        joined=[
            {
                **asdict(each),
                "gone": as_objects("id", each.gone),
                "behind": [
                    {"id": id_, "table": table, "rows": count}
                    for id_, rows in each.behind.items()
                    for table, count in rows.items()
                ],
            }
            for each in plan.joins
        ],
        changed=[
            {
                **asdict(each),
                "before": as_objects("value", each.before),
                "after": as_objects("value", each.after),
            }
            for each in plan.changes
        ],
        left=[{**asdict(each), "ids": as_objects("id", each.ids)} for each in plan.left],
    )
