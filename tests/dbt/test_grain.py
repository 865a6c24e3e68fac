"""The data test of a view's grain: it fails on a key that is there twice, and on a null."""

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
