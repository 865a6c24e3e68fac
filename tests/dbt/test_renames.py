"""Renamed organizations, teams and folders keep their ids and rows, without duplicates."""

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.support.checkout import Checkout
from tests.support.project import Project
from tests.support.seeds import Seeds

pytestmark = [pytest.mark.either_engine, pytest.mark.with_tables]

Copy = Callable[[str], Project]
_STAY = ("daily_reports", "meeting_transcripts", "generated_reports")
_TEAMS = """
    select cast(teams.id as text), teams.name, organizations.name
    from public.teams as teams
    inner join public.organizations as organizations on teams.organization_id = organizations.id
"""
OURS = "key = 'Full Scale'"


def uuid(number: int) -> str:
    return f"22222222-2222-4222-8222-{number:012}"


@pytest.fixture
def seeds(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Seeds:
    folder = tmp_path / "checkout"
    folder.mkdir()
    return Seeds(Checkout(folder, monkeypatch), monkeypatch)


def ids(project: Project) -> dict[str, set[tuple[str, ...]]]:
    """Return the ids of all rows, except those that runs append."""
    return {
        table: set(project.query(f"select cast(id as text) from public.{table}"))
        for table in ("organizations", "teams", *_STAY)
    }


def name_rows(project: Project, *args: str) -> str:
    """Build organizations and teams from the seeds in the database."""
    ended = project.dbt("run", "--select", "organizations", "teams", *args)
    return "" if ended.code == 0 else ended.out


def rename_folder(project: Project, old: str, new: str) -> None:
    for folder in sorted(project.workspace.rglob(old)):
        folder.rename(folder.with_name(new))


def test_names_organization_and_folder_change_and_ids_and_rows_stay(
    built: Project, seeds: Seeds
) -> None:
    before, found = ids(built), {name: id_ for id_, name, _ in built.query(_TEAMS)}
    seeds.edit("organizations", "Full Scale", name='Full, Scale\'s "Inc"')
    seeds.edit("teams", "rocks", name="null", organization="Full Scale Ventures")
    # Two teams swap their names; a folder keeps its key.
    seeds.edit("teams", "ai-coach", name="engagepath")
    seeds.edit("teams", "engagepath", name="ai-coach")
    built.load()  # before the build, under the old folders
    seeds.build(built)
    assert before == ids(built)
    ventures = "Full Scale Ventures"
    expected = {
        (found["rocks"], "null", ventures),
        (found["timeclock"], "timeclock", 'Full, Scale\'s "Inc"'),
        (found["ai-coach"], "engagepath", ventures),
        (found["engagepath"], "ai-coach", ventures),
    }
    assert expected == set(built.query(_TEAMS))
    # The folder is renamed too, and everything is loaded from it, before the name changes back.
    rename_folder(built, "rocks", "null")
    built.load("--full")
    seeds.edit("teams", "rocks", name="007")
    seeds.write("team_aliases", [*seeds.rows("team_aliases"), {"alias": "null", "team": "rocks"}])
    seeds.build(built)
    assert before == ids(built)
    assert (found["rocks"], "007", ventures) in built.query(_TEAMS)
    # Old name, new name and folder all identify the team.
    for name in ("rocks", "007", "null"):
        assert built.load("--team", name)["kinds"]["daily_reports"]["unchanged"] > 0
    # A complete rebuild gives the same ids.
    built.start_over()
    built.load()
    seeds.build(built)
    assert before == ids(built)


@pytest.mark.long
def test_rows_that_another_system_made_keep_their_ids_through_renames(project: Project) -> None:
    """These ids do not follow from a key: they are remembered."""
    project.build()
    project.execute("delete from public.teams")
    project.execute("delete from public.organizations")
    project.execute("delete from bookkeeping.seed_ids")
    organization, theirs = "11111111-1111-4111-8111-111111111111", uuid(9)
    project.execute(
        f"insert into public.organizations (id, name) values ('{organization}', 'Full Scale'),"
        f" ('{theirs}', 'Not of the seeds')"
    )
    for number, (name, parent) in enumerate(
        [("rocks", organization), ("aicoach", organization), ("timeclock", theirs)]
    ):
        project.execute(
            "insert into public.teams (id, organization_id, name)"
            f" values ('{uuid(number)}', '{parent}', '{name}')"
        )
    # An alias identifies a team of its own organization only.
    project.execute("update seeds.seed_teams set organization = 'Full Scale'")
    # The first build with keys already sees the new name.
    project.execute("update seeds.seed_teams set name = 'stones' where key = 'rocks'")
    assert not name_rows(project)
    assert (uuid(0), "stones", "Full Scale") in project.query(_TEAMS)
    assert (uuid(1), "ai-coach", "Full Scale") in project.query(_TEAMS)
    assert (uuid(2), "timeclock", "Not of the seeds") in project.query(_TEAMS)
    assert project.query("select count(*) from public.teams") == [(5,)]
    # Afterwards, any name and any organization works.
    for name, parent in (
        ("a", "Full Scale"),
        ("b", "Full Scale Ventures"),
        ("rocks", "Full Scale"),
    ):
        project.execute(
            f"update seeds.seed_teams set name = '{name}', organization = '{parent}'"
            " where key = 'rocks'"
        )
        project.execute(f"update seeds.seed_organizations set name = '{name}, Inc' where {OURS}")
        assert not name_rows(project)
        named = f"{name}, Inc" if parent == "Full Scale" else parent
        assert (uuid(0), name, named) in project.query(_TEAMS)
        assert (organization, f"{name}, Inc") in project.query(
            "select cast(id as text), name from public.organizations"
        )
    # Keys added to the seed later apply to the existing rows.
    project.execute("update seeds.seed_teams set key = 'team 1' where name = 'rocks'")
    assert not name_rows(project)
    project.execute("update seeds.seed_teams set name = 'pebbles' where name = 'rocks'")
    assert not name_rows(project)
    assert (uuid(0), "pebbles", "rocks, Inc") in project.query(_TEAMS)
    assert project.query("select count(*) from public.teams") == [(5,)]
    # A row that somebody deleted comes back.
    project.execute("delete from public.teams where name = 'pebbles'")
    assert not name_rows(project)
    assert project.query("select count(*) from public.teams") == [(5,)]


def test_a_rename_without_a_key_is_refused_with_the_line_to_write(built: Project) -> None:
    before = ids(built)
    built.execute(
        "update seeds.seed_teams set key = null, name = 'stones, red' where key = 'rocks'"
    )
    said = name_rows(built)
    assert 'seeds/seed_teams.csv has "stones, red", which is new, and no longer has "rocks"' in said
    assert 'rocks,"stones, red",Full Scale,,Full Scale\n' in said
    assert before == ids(built)
    built.execute("update seeds.seed_teams set key = 'rocks' where name = 'stones, red'")
    built.execute(f"update seeds.seed_organizations set key = '', name = 'Elsewhere' where {OURS}")
    built.execute("update seeds.seed_organizations set key = null where key = ''")
    said = name_rows(built)
    assert "Full Scale,Elsewhere,Client organization\n" in said
    built.execute("update seeds.seed_organizations set key = 'Full Scale' where name = 'Elsewhere'")
    assert not name_rows(built)
    assert before == ids(built)
    # If a team moves, an empty key suffices: no other team has its name.
    built.execute("update seeds.seed_teams set key = null, first_organization = null")
    built.execute("update seeds.seed_teams set name = 'rocks' where name = 'stones, red'")
    built.execute("update seeds.seed_teams set organization = 'Full Scale Ventures'")
    assert not name_rows(built)
    assert before == ids(built)
    # A name that somebody else's row has.
    built.execute(
        "insert into public.teams (organization_id, name)"
        " select id, 'taken' from public.organizations where name = 'Full Scale Ventures'"
    )
    built.execute("update seeds.seed_teams set key = 'rocks', name = 'taken' where name = 'rocks'")
    said = name_rows(built)
    assert 'gives "rocks" the name "taken", which another row of "teams" has' in said
    assert "taken,taken,Full Scale Ventures,,\n" in said


def test_a_database_without_keys_gets_them_and_keeps_its_ids(built: Project) -> None:
    """An earlier release had no keys in its seeds, and remembered none."""
    before = ids(built)
    for table, columns in (("organizations", "key"), ("teams", "key first_organization")):
        for column in columns.split():
            built.execute(f"alter table seeds.seed_{table} drop column {column} cascade")
    built.execute("drop table bookkeeping.seed_ids")
    built.execute("delete from bookkeeping.objects where object_name = 'seed_ids'")
    ended = built.dbt("seed")
    assert ended.code == 0, ended.out
    # Renamed, and names swapped, before the first build of this release.
    built.execute("update seeds.seed_organizations set name = 'Elsewhere' where key = 'Full Scale'")
    for key, name in (("rocks", "timeclock"), ("timeclock", "rocks"), ("ai-coach", "coach")):
        built.execute(f"update seeds.seed_teams set name = '{name}' where key = '{key}'")
    built.execute(
        "update seeds.seed_teams set organization = 'Full Scale Ventures' where key = 'rocks'"
    )
    names = {id_: name for id_, name, _ in built.query(_TEAMS)}
    assert not name_rows(built)
    assert before == ids(built)
    others = {"rocks": "timeclock", "timeclock": "rocks", "ai-coach": "coach"}
    expected = {id_: others.get(name, name) for id_, name in names.items()}
    assert expected == {id_: name for id_, name, _ in built.query(_TEAMS)}
