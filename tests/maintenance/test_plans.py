"""PostgreSQL's plans: no list is searched for each row of millions."""

import re

import pytest

from loader.maintenance.contents import statements_of_no_text
from loader.tables.contents import RAW_CONTENT_TABLES
from loader.workspace.kinds import Kind
from tests.support.project import Project


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_contents_without_a_text_are_found_by_a_join(built: Project) -> None:
    there = {f"raw.{table.name}" for table in RAW_CONTENT_TABLES}
    there |= {f"{schema}{kind}" for schema in ("", "raw.") for kind in Kind}
    for _, statement in statements_of_no_text(there):
        plan = "\n".join(line for (line,) in built.query(f"explain {statement}"))
        # The ledger's few loads may be hashed.
        lists = re.findall(r"checksum_sha256\S* = \((?:hashed )?SubPlan", plan)
        assert not lists, plan
        # After the first of two, it would expect one row, and choose a nested loop.
        assert plan.count("Anti Join") == 1, plan
