"""The rows of the replaced system get the values of their texts, and keep their ids."""

from typing import Any

import psycopg
import pytest

from loader.parsing.daily_reports import parse_daily_reports
from tests.support.documents import short
from tests.support.old_system import STATES, State, prepare
from tests.support.project import EXAMPLE, Project

pytestmark = pytest.mark.parametrize("engine", ["postgres"], indirect=True)

ROWS = """
    select organizations.name, teams.name, author_name, report_date, content
    from daily_reports
    inner join teams on team_id = teams.id
    inner join organizations on organization_id = organizations.id
    order by 1, 2, 3, 4
"""


def adopt(project: Project, *args: str) -> dict[str, Any]:
    ended = project.loader("schema", "adopt", "--json", *args)
    assert ended.code == 0, ended
    found: dict[str, Any] = short(ended.out)
    return found


def in_example() -> set[tuple[str, str, str]]:
    """Return author, day and text of all days of the example."""
    files = sorted(EXAMPLE.glob("daily-reports/md-output/*/*.md"))
    reports = [each for file in files for each in parse_daily_reports(file.read_bytes())[0]]
    return {(each.author_name, str(each.report_date), each.content.decode()) for each in reports}


@pytest.mark.parametrize("name", STATES)
def test_each_row_matches_its_text(
    project: Project, connection: psycopg.Connection, name: str
) -> None:
    system = prepare(connection, STATES[name])
    before = system.ids("daily_reports"), system.ids("meeting_transcripts")
    dry = adopt(project, "--dry-run")
    assert dry["adopted"]
    assert before == (system.ids("daily_reports"), system.ids("meeting_transcripts"))
    done = adopt(project, "--yes")
    assert {**done, "dry_run": True} == dry
    assert done["left"] == []
    rows = project.query(ROWS)
    found = {(author, str(day), text) for _, _, author, day, text in rows}
    assert len(rows) == len(found) == 64
    assert found <= in_example()
    assert {(org, team) for org, team, *_ in rows} == {
        ("Full Scale", "rocks"),
        ("Full Scale", "timeclock"),
        ("Full Scale Ventures", "ai-coach"),
        ("Full Scale Ventures", "engagepath"),
    }
    kept = {id_ for (id_,) in project.query("select id from daily_reports")}
    assert kept <= before[0]
    days = project.query("select filename, cast(transcript_date as text) from meeting_transcripts")
    assert len(days) == len(before[1]) // STATES[name].rounds
    assert project.query("select count(*) from teams") == [(4,)]
    expected = ["daily_reports", "teams"] if "first" in name else []
    assert [each["table"] for each in done["triggers"]] == expected
    assert project.query("select tgname from pg_trigger where not tgisinternal") == []
    again = adopt(project, "--yes")
    assert (again["adopted"], again["joined"], again["changed"]) == ([], [], [])


def test_indistinguishable_people_stay_with_their_teams(
    project: Project, connection: psycopg.Connection
) -> None:
    """Two days of an Ana in a team that was seeded twice; their texts name nobody."""
    prepare(connection, State(rounds=2))
    project.execute(
        "insert into daily_reports (team_id, report_date, content, author_name)"
        " select id, '2025-12-01', '## 2025-12-01' || chr(10) || chr(10) || id, 'Zoe'"
        " from teams where name = 'rocks'"
    )
    done = adopt(project, "--yes")
    (left,) = (each for each in done["left"] if each["is_blocking"])
    assert (left["table"], len(left["ids"])) == ("daily_reports", 2)
    assert project.query("select count(*) from daily_reports where author_name = 'Zoe'") == [(2,)]
    assert project.query("select count(*) from teams") == [(5,)]
    project.execute(
        "update daily_reports set author_name = 'Zoe Li' where id in"
        " (select id from daily_reports where author_name = 'Zoe' limit 1)"
    )
    adopt(project, "--yes")
    assert project.query("select count(*) from teams") == [(4,)]
    assert project.query("select count(*) from daily_reports") == [(66,)]


def test_days_of_a_one_word_name_that_each_move_to_the_next(
    project: Project, connection: psycopg.Connection
) -> None:
    """Each day has the date of one that is moved later."""
    prepare(connection, State())
    for day in (1, 2, 3):
        project.execute(
            "insert into daily_reports (team_id, report_date, content, author_name)"
            f" select id, '2025-12-0{day}', '## 2025-12-0{day + 1}' || chr(10) || chr(10) ||"
            " '**Employee**: Zoe' || chr(10) || chr(10) || '- x', 'Zoe'"
            " from teams where name = 'rocks'"
        )
    adopt(project, "--yes")
    days = (
        "select cast(report_date as text) from daily_reports where author_name = 'Zoe' order by 1"
    )
    assert project.query(days) == [("2025-12-02",), ("2025-12-03",), ("2025-12-04",)]


def test_the_later_of_two_texts_stays(project: Project, connection: psycopg.Connection) -> None:
    prepare(connection, State(rounds=2))
    project.execute(
        "update daily_reports set content = content || '!', blob_key = 'later',"
        " updated_at = now() + interval '1 hour' where team_id ="
        " (select id from teams where name = 'rocks' order by created_at desc limit 1)"
    )
    before = project.query("select count(*) from daily_reports where blob_key = 'later'")
    adopt(project, "--yes")
    assert before == project.query(
        "select count(*) from daily_reports where content like '%!' and blob_key = 'later'"
    )


def test_a_description_of_any_of_the_rows_stays(
    project: Project, connection: psycopg.Connection
) -> None:
    prepare(connection, State(rounds=2))
    project.execute(
        "update teams set description = 'ours' where id ="
        " (select id from teams where name = 'rocks' order by created_at desc limit 1)"
    )
    adopt(project, "--yes")
    assert project.query("select description from teams where name = 'rocks'") == [("ours",)]


def test_rows_that_others_refer_to_stay_and_equal_links_are_merged(
    project: Project, connection: psycopg.Connection
) -> None:
    prepare(connection, State(rounds=2))
    project.execute(
        "create table orders (id int, team uuid references teams (id));"
        " insert into orders select 1, id from teams where name = 'rocks'"
        " order by created_at desc limit 1;"
        " create table report_data_links (id uuid default gen_random_uuid(),"
        " created_at timestamp default now(), updated_at timestamp default now(),"
        " generated_report_id uuid, jira_snapshot_id uuid, slack_capture_id uuid,"
        " daily_report_id uuid, meeting_transcript_id uuid);"
        " insert into report_data_links (generated_report_id, daily_report_id)"
        " select '00000000-0000-0000-0000-000000000001', id from daily_reports"
    )
    (team,) = project.query("select team from orders")
    adopt(project, "--yes")
    assert project.query("select id from teams where name = 'rocks'") == [team]
    assert project.query("select team from orders") == [team]
    assert project.query("select count(*) from report_data_links") == [(64,)]
    assert project.query(
        "select count(*) from report_data_links as l inner join daily_reports as d"
        " on l.daily_report_id = d.id"
    ) == [(64,)]


def test_objects_given_by_name_are_adopted_with_the_first_schema(
    project: Project, connection: psycopg.Connection
) -> None:
    prepare(connection, State({"is_first": True}))
    project.execute("create schema mine create table of_a_model (id int)")
    done = adopt(project, "--yes", "mine.of_a_model")
    assert {"mine.of_a_model", "public.teams"} <= {each["name"] for each in done["adopted"]}
