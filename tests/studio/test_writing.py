"""Editing with `--write` over HTTP, without scripts."""

import hashlib
import json
import shutil
import subprocess
import sys
from html import unescape
from pathlib import Path

import pytest

from loader import __version__
from loader.database.sessions import Sessions
from loader.errors import WarehouseError
from loader.project import CORE
from loader.settings import load_settings
from loader.studio import edits
from loader.studio.tables import Tables
from tests.support.project import Project
from tests.support.studio import Here, fields_of

pytestmark = pytest.mark.either_engine

NOBODY = "00000000-0000-0000-0000-000000000001"


def form_address(project: Project, table: str, where: str) -> str:
    """Return the address of the form for a row."""
    ((key,),) = project.query(f"select id from {table} where {where}")
    return f"/tables/{table}/edit?row={key}"


def logged(project: Project) -> list[tuple[str, dict[str, str], dict[str, str]]]:
    exists = "select 1 from information_schema.tables where table_name = 'edits'"
    if not project.query(exists):
        return []
    rows = project.query("select table_name, before, after from bookkeeping.edits order by 1, 3")
    return [(name, json.loads(before), json.loads(after)) for name, before, after in rows]


def test_a_text_is_edited(built: Project) -> None:
    where = "author_name = 'Eusebio Mamaril' and report_date = '2025-10-27'"
    state = f"select * from public.daily_reports where {where}"
    with Here(built, is_writing=True) as served:
        address = form_address(built, "public.daily_reports", where)
        page = served.html(address.replace("/edit", ""))
        assert ">Edit</a>" in page
        form = fields_of(served.html(address), address)
        before = built.query(state)
        # An unchanged form writes nothing.
        same = served.send(address, form)
        assert (same.status_code, "nothing was changed" in same.text) == (400, True)
        assert (built.query(state), logged(built)) == (before, [])
        # After an error, the form has the typed text.
        for name, value, said in (
            ("value:team_id", NOBODY, "foreign key"),
            ("value:report_date", "someday", "date"),
            *([("value:report_date", "2025-10-28", "unique")] if built.url else []),
        ):
            wrong = served.send(address, {**form, name: value, "value:content": "typed\n<b>"})
            assert wrong.status_code == 400, name
            assert any(each in wrong.text for each in said.split("|")), wrong.text
            again = fields_of(wrong.text, address)
            assert (again["value:content"], again[name]) == ("typed\n<b>", value)
        assert (built.query(state), logged(built)) == (before, [])
        # An edit, with checksum and time.
        old = built.query(f"select updated_at, id from public.daily_reports where {where}")[0]
        text = "\nseñor 小龍\n\n- new\n"
        saved = served.send(address, {**form, "value:content": text})
        assert saved.status_code == 200
        assert "/tables/public.daily_reports?row=" in saved.url
        html = unescape(saved.text)
        assert "and logged in bookkeeping.edits: content" in html
        assert f"python -m loader run --target {built.target} --workspace DIR" in html
        assert "still those of the old text" in html
        now = built.query(
            "select content, checksum_sha256, updated_at, id, created_at <= updated_at"
            f" from public.daily_reports where {where}"
        )[0]
        assert now[0] == text
        assert now[1] == hashlib.sha256(text.encode()).hexdigest()
        assert now[2] > old[0]
        assert (now[3], now[4]) == (old[1], True)
        ((name, _, after),) = logged(built)
        assert (name, after["content"]) == ("public.daily_reports", text)
        # The old form is rejected, and shows the typed text.
        late = served.send(address, {**form, "value:content": "mine"})
        assert late.status_code == 409
        assert "has changed since it was shown" in late.text
        assert fields_of(late.text, address)["value:content"] == "mine"
        assert len(logged(built)) == 1


def test_null_and_empty_texts_are_choices(built: Project) -> None:
    state = "select description from public.teams where name = 'rocks'"
    built.execute("update public.teams set description = null")
    with Here(built, is_writing=True) as served:
        address = form_address(built, "public.teams", "name = 'rocks'")
        form = fields_of(served.html(address), address)
        assert form["null:description"] == "on"
        assert served.send(address, {**form, "value:description": "typed"}).status_code == 200
        assert built.query(state) == [("typed",)]
        form = fields_of(served.html(address), address)
        assert "null:description" not in form
        assert served.send(address, {**form, "value:description": ""}).status_code == 200
        assert built.query(state) == [("",)]
        form = fields_of(served.html(address), address)
        assert served.send(address, {**form, "null:description": "on"}).status_code == 200
        assert built.query(state) == [(None,)]


def test_only_the_studios_own_forms_are_accepted(built: Project) -> None:
    with Here(built, is_writing=True) as served:
        address = form_address(built, "public.teams", "name = 'rocks'")
        form = {**fields_of(served.html(address), address), "value:name": "other"}
        without = {name: value for name, value in form.items() if name != "form_token"}
        assert served.send(address, without).status_code == 403
        assert served.send(address, {**form, "form_token": "0" * 64}).status_code == 403
        assert served.send(address, form, origin="http://127.0.0.1:1").status_code == 403
        assert served.send(address, form, host="evil.example").status_code == 421
        assert served.send(address, form, **{"sec-fetch-site": "same-site"}).status_code == 403
        assert served.send("/query", {"sql": "select 1"}).status_code == 403
        assert served.send("/query/cancel", {"job": "x"}).status_code == 403
        assert served.send("/seeds/seed_teams", {}).status_code == 403
        assert served.get(address.replace("public.teams", "raw.files")).status_code == 403
        assert served.get(f"/tables/public.teams/edit?row={NOBODY}").status_code == 404
    with Here(built) as served:
        assert served.get(address).status_code == 403
        assert served.send(address, form).status_code == 403
        assert served.get("/seeds/seed_teams").status_code == 403
    assert built.query("select count(*) from public.teams where name = 'rocks'") == [(1,)]


def test_an_unavailable_database_loses_nothing(built: Project) -> None:
    with Here(built, is_writing=True) as served:
        address = form_address(built, "public.teams", "name = 'rocks'")
        form = {**fields_of(served.html(address), address), "value:description": "typed <b>"}
        # The database became another environment's after the studio looked.
        built.execute("update bookkeeping.environment set name = 'staging'")
        refused = served.send(address, form)
        assert refused.status_code == 400
        assert "the database of" in refused.text
        assert fields_of(refused.text, address)["value:description"] == "typed <b>"
    with Here(built, is_writing=True) as served:
        page = served.get("/tables")
        assert (page.status_code, "another environment" in page.text) == (503, True)
        lost = served.send(address, {**form, "form_token": form["form_token"]})
        assert lost.status_code == 409
        assert fields_of(lost.text, address)["value:description"] == "typed <b>"
    assert built.query("select count(*) from public.teams where description like 'typed%'") == [
        (0,)
    ]


@pytest.mark.parametrize("engine", ["duckdb"])
def test_a_file_used_by_a_load_is_available_later(
    built: Project, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("loader.database.sessions._PATIENCE", 0)
    code = "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print(1, flush=True); input()"
    with Here(built, is_writing=True) as served:
        address = form_address(built, "public.teams", "name = 'rocks'")
        form = {**fields_of(served.html(address), address), "value:description": "typed"}
        file = str(built.folder / "warehouse/warehouse.duckdb")
        command = [sys.executable, "-c", code, file]
        with subprocess.Popen(command, stdin=-1, stdout=-1, text=True) as holder:
            assert holder.stdout
            holder.stdout.readline()
            refused = served.send(address, form)
            holder.communicate("\n")
        assert "is in use by" in refused.text
        again = fields_of(refused.text, address)
        assert again["value:description"] == "typed"
        assert served.send(address, again).status_code == 200
    assert built.query("select count(*) from public.teams where description = 'typed'") == [(1,)]


def test_an_edit_is_one_transaction(built: Project) -> None:
    tables = Tables(Sessions(load_settings(built.target, built.environ)), "an editor")
    key = [built.query("select id from public.daily_reports limit 1")[0][0]]
    with tables.connections.reading() as session:
        there = tables.all(session)
        table = there["public.daily_reports"]
        row = tables.row(session, table, key)
    assert row
    for change, said in (
        ({"author_name": None}, "null"),
        ({"nothing": "x"}, "no column"),
        ({}, "nothing is changed"),
        ({"report_date": str(row["report_date"])}, "has these values already"),
    ):
        with pytest.raises(WarehouseError, match=f"(?i){said}"):
            edits.edit(tables, table, key, row, change)
    now = edits.edit(tables, table, key, row, {"author_name": "New Name"})
    assert now["author_name"] == "New Name"
    with pytest.raises(edits.ChangedError, match="has changed since it was shown"):
        edits.edit(tables, table, key, row, {"author_name": "Newer Name"})
    ((who, which),) = built.query("select edited_by, row_key from bookkeeping.edits")
    assert (who, which) == ("an editor", str(key[0]))
    with pytest.raises(WarehouseError, match="Cannot edit"):
        edits.edit(tables, there["raw.files"], ["x"], {}, {"team": "x"})


@pytest.mark.parametrize("engine", ["duckdb"])
def test_the_file_of_a_seed(built: Project, tmp_path: Path) -> None:
    seeds = tmp_path / "seeds"
    shutil.copytree(CORE / "seeds", seeds)
    path, address = seeds / "seed_teams.csv", "/seeds/seed_teams"
    before = path.read_text()
    with Here(built, is_writing=True, seeds=seeds) as served:
        assert address in served.html("/tables/seeds.seed_teams")
        html = served.html(address)
        assert f"<span>version {__version__}</span>" in html
        assert '<a href="/tables" aria-current="page">Tables</a>' in html
        form = fields_of(html, address)
        same = served.send(address, form)
        assert (same.status_code, "nothing was changed" in same.text) == (400, True)
        wrong = served.send(address, {**form, "cell:1:2": "No Such", "cell:1:3": "typed"})
        assert (wrong.status_code, "no organization" in wrong.text) == (400, True)
        twice = served.send(address, {**form, "cell:2:1": "rocks", "cell:1:3": "typed"})
        assert (twice.status_code, "is there already" in twice.text) == (400, True)
        assert fields_of(twice.text, address)["cell:1:3"] == "typed"
        saved = served.send(address, {**form, "cell:1:3": 'Rocks, "the" team'})
        assert saved.status_code == 200
        assert "dbt build --target local" in saved.text
        assert "python -m loader run --target local" in saved.text
        changed = before.replace("Full Scale,,", 'Full Scale,"Rocks, ""the"" team",', 1)
        assert path.read_text() == changed
        late = served.send(address, {**form, "cell:2:3": "mine"})
        assert (late.status_code, "has changed since" in late.text) == (409, True)
        assert fields_of(late.text, address)["cell:2:3"] == "mine"
        assert path.read_text() == changed
        for name in ("..%2f..%2fpyproject", "nothing", "_seeds"):
            assert served.get(f"/seeds/{name}").status_code == 404
