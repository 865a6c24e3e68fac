"""The data test of a grain: it fails on a key that is there twice, and on a null."""

import re

import pytest

from tests.support.project import Project

pytestmark = pytest.mark.either_engine

COLUMNS = "team_id, team, person_id, person, week_start, missing_date"
UNKNOWN = COLUMNS.replace("person_id", "cast(null as uuid) as person_id")


def test_a_row_per_key_and_no_null(built: Project) -> None:
    built.execute("create table public.kept as select * from reporting.missing_days")
    built.execute("drop view reporting.missing_days")
    for rows, code in (
        (f"select {COLUMNS} from public.kept", 0),
        (f"select {COLUMNS} from public.kept union all select {COLUMNS} from public.kept", 1),
        # People who are not in the list have no id: a null in the key.
        (f"select {UNKNOWN} from public.kept union all select {UNKNOWN} from public.kept", 0),
        (f"select {COLUMNS.replace(' team,', ' null as team,')} from public.kept", 1),
    ):
        built.execute(f"create view reporting.missing_days as {rows}")
        ended = built.dbt("test", "--select", "grain_missing_days")
        assert ended.code == code, (rows, ended.out)
        assert "1 of 1 START test grain_missing_days" in ended.out
        built.execute("drop view reporting.missing_days")


SEEDS = {
    "seed_organizations": "name",
    "seed_teams": "name, organization",
    "seed_team_aliases": "alias, team",
    "seed_report_types": "name",
    "seed_report_type_patterns": "pattern",
}


def test_a_seed_has_each_name_once_and_no_empty_one(built: Project) -> None:
    """Break all seeds in three ways: a second row, no name, and no value in the last column."""
    for seed in SEEDS:
        built.execute(f"create table seeds.kept_{seed} as select * from seeds.{seed}")
    for change in ("a second row", "first", "last"):
        for seed, columns in SEEDS.items():
            column = columns.split(", ")[0 if change == "first" else -1]
            built.execute(
                f"insert into seeds.{seed} ({columns}) select {columns} from seeds.kept_{seed}"
                if change == "a second row"
                else f"update seeds.{seed} set {column} = null"
            )
        ended = built.dbt("test", "--select", "test_name:grain,seed_*")
        failed = re.findall(r"FAIL \d+ grain_(seed_\w+?)_(?:name|alias|pattern)__", ended.out)
        assert set(failed) == set(SEEDS), (change, ended.out)
        for seed in SEEDS:
            built.execute(f"delete from seeds.{seed}")
            built.execute(f"insert into seeds.{seed} select * from seeds.kept_{seed}")
    assert built.dbt("test", "--select", "test_name:grain,seed_*").code == 0
