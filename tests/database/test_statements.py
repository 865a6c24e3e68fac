"""The functions that a typed statement calls."""

import pytest

from loader.database.statements import called_names
from loader.errors import WarehouseError


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("select count(*) from teams", {"count"}),
        ("select PG_Read_File ('x')", {"pg_read_file"}),
        ("select pg_catalog . pg_read_file/* a /* b */ c */('x')", {"pg_read_file"}),
        ("select \"pg_read_file\"('x')", {"pg_read_file"}),
        ("select 'pg_read_file(' || $$ lo_get( $$ || $a$ $$ lo_get( $a$", set()),
        ("select 'it''s lo_get(' -- lo_get(\n, upper('x')", {"upper"}),
        ("select 1pg_read_file('x')", {"pg_read_file"}),
        ("select a$b$(1), '$b$'", {"a$b$"}),
        ("select '\\', lo_get(1) --'", {"lo_get"}),
        ("select '", set()),
        ("select 1 /* lo_get(", set()),
    ],
)
def test_the_names_of_functions(text: str, names: set[str]) -> None:
    assert called_names(text) == names


@pytest.mark.parametrize(
    "text",
    [
        "select E'\\'', pg_read_file('x') --'",
        "select U&\"pg_re\\0061d_file\"('x')",
        "select rolpassword from pg_catalog.pg_authid",
        'select * from "pg_shadow"',
        "select table_to_xml('pg_'||'authid', true, true, '')",
    ],
)
def test_obfuscated_statements_are_refused(text: str) -> None:
    with pytest.raises(WarehouseError):
        called_names(text)
