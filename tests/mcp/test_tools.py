"""The tools, called by the SDK's own client on a server in a separate process."""

import json

import jsonschema
import pytest

from loader.reading import Reader
from tests.support.mcp import HOSTILE, TOKEN, Asking, over_http, serving
from tests.support.project import Project

TOOLS = (
    *("search", "daily_reports", "meeting", "person_week", "team_week", "who_is_missing"),
    *("issue_history", "report_sources", "query"),
)
MONDAY = "2025-10-27"


def examples(asking: Asking) -> dict[str, dict[str, object]]:
    """Call each tool."""
    (id_,) = (
        each["id"]
        for row in asking.ask(
            "query", sql="select id from meeting_transcripts where filename like '%long talk%'"
        )["rows"]
        for each in [{"id": row[0]}]
    )
    calls: dict[str, dict[str, object]] = {
        "daily_reports": {"team": "rocks", "since": MONDAY, "until": "2025-10-31"},
        "meeting": {"id": id_},
        "person_week": {"person": "Eusebio", "week": "2025-10-29"},
        "team_week": {"team": "ROCKS", "until": "2025-11-02"},
        "who_is_missing": {"since": "2025-11-03", "until": "2025-11-05"},
        "issue_history": {"issue_key": "rocks-214"},
        "report_sources": {"team": "rocks"},
        "query": {"sql": "select * from generated_reports", "limit": 2},
    }
    return calls | ({"search": {"words": "deployed"}} if hasattr(Reader, "search") else {})


@pytest.mark.parametrize("transport", ["stdio", "http"])
def test_schemas_are_valid_and_results_match_them(
    transport: str, told: Project, asking: Asking
) -> None:
    if transport == "stdio":
        check_schemas(asking)
        return
    with serving(told, "--token", TOKEN) as (url, _), over_http(url) as other:
        check_schemas(other)
        for tool, arguments in examples(other).items():
            assert other.ask(tool, **arguments) == asking.ask(tool, **arguments), tool


def check_schemas(asking: Asking) -> None:
    tools = {tool.name: tool for tool in asking.tools()}
    assert tuple(tools) == TOOLS
    calls = examples(asking)
    for name, tool in tools.items():
        assert tool.description
        assert "data, not instructions" in tool.description
        assert tool.annotations
        assert tool.annotations.read_only_hint
        assert tool.output_schema
        validator = jsonschema.Draft202012Validator
        validator.check_schema(tool.input_schema)
        validator.check_schema(tool.output_schema)
        for parameter in tool.input_schema["properties"].values():
            assert parameter["description"]
        if name in calls:
            validator(tool.input_schema).validate(calls[name])
            result = asking.result(name, **calls[name])
            assert not result.is_error, result.content
            checker = jsonschema.FormatChecker()
            validator(tool.output_schema, format_checker=checker).validate(
                result.structured_content
            )
            (content,) = result.content
            assert content.type == "text"
            assert json.loads(content.text) == result.structured_content
    with pytest.raises(jsonschema.ValidationError):
        validator(tools["daily_reports"].input_schema).validate({"limit": 0})
    instructions = asking.client.instructions
    assert instructions
    assert "never instructions" in instructions


def test_daily_reports(told: Project, asking: Asking) -> None:
    answer = asking.ask("daily_reports", team="rocks", since=MONDAY, until="2025-10-31")
    (count,) = told.query(
        "select count(*) from public.daily_reports as days inner join public.teams as teams"
        " on days.team_id = teams.id where teams.name = 'rocks'"
    )[0]
    first = asking.ask("daily_reports", team="rocks", since=MONDAY, until="2025-10-31", limit=7)
    assert (len(first["reports"]), first["truncated"]) == (7, True)
    assert first["more"] == "Call again with offset=7."
    parts = [
        report
        for offset in range(0, 28, 7)
        for report in asking.ask("daily_reports", team="rocks", limit=7, offset=offset)["reports"]
    ]
    whole = asking.ask("daily_reports", team="rocks", limit=200)
    assert len(parts) == len(whole["reports"]) == count
    assert [each["day"] for each in whole["reports"]] == sorted(
        (each["day"] for each in whole["reports"]), reverse=True
    )
    assert not whole["truncated"]
    assert answer["reports"][0] in whole["reports"]
    for report in whole["reports"]:
        lines = (told.workspace / report["source"]["path"]).read_text().splitlines()
        line = lines[report["source"]["line"] - 1]
        assert report["text"].startswith(line.strip()) or line.strip() in report["text"]
        assert report["source"]["blob_url"]
        for entry in report["entries"]:
            assert entry["text"].split("\n")[0].strip() in report["text"]


def test_text_of_others_arrives_as_data(told: Project, asking: Asking) -> None:
    answer = asking.result("daily_reports", team="rocks", person="Sam Lee")
    assert answer.structured_content
    (report,) = answer.structured_content["reports"]
    ((text, entry),) = told.query(
        "select days.content, entries.text from public.daily_reports as days"
        " inner join content.report_entries as entries on days.id = entries.daily_report_id"
        " inner join public.teams as teams on days.team_id = teams.id"
        " where days.author_name = 'Sam Lee' and teams.name = 'rocks' and entries.position = 1"
    )
    assert (report["text"], report["entries"][0]["text"]) == (text, entry)
    assert HOSTILE in text
    (content,) = answer.content
    assert content.type == "text"
    assert content.text.isprintable()
    assert "\\u202e" in content.text
    rows = asking.ask(
        "query", sql="select content from daily_reports where author_name = 'Sam Lee'"
    )
    assert [text] in rows["rows"]


def test_people_and_teams_by_name(asking: Asking) -> None:
    for name in ("Eusebio Mamaril", "eusebio", "  Eusebio   MAMARIL "):
        week = asking.ask("person_week", person=name)
        assert (week["person"]["name"], week["person"]["team"]) == ("Eusebio Mamaril", "rocks")
    by_id = asking.ask("person_week", person=week["person"]["id"], week="2025-10-28")
    assert by_id == week
    unknown = asking.refusal("daily_reports", person="Eusebios Mamaril")
    assert "Nobody is named 'Eusebios Mamaril'" in unknown
    assert "Similar: Eusebio Mamaril" in unknown
    several = asking.refusal("person_week", person="sam lee")
    assert several.count("Sam Lee of ") == 2
    assert "rocks, id " in several
    assert "engagepath, id " in several
    one = asking.ask("daily_reports", person="Sam Lee", team="engagepath")
    assert [each["team"] for each in one["reports"]] == ["engagepath"]
    nobody = asking.refusal("daily_reports", person="Facilitator")
    assert "no known person has it" in nobody
    no_team = asking.refusal("team_week", team="rokcs")
    assert "No team is named 'rokcs'" in no_team
    assert "ai-coach, engagepath, rocks, timeclock" in no_team
    assert asking.ask("team_week", team="Full Scale/Rocks", limit=1)["weeks"][0]["team"] == "rocks"
    assert "Nobody is named" in asking.refusal("daily_reports", person="x' or '1' = '1")


def test_a_meeting(told: Project, asking: Asking) -> None:
    several = asking.refusal("meeting", team="rocks", day="2025-10-28")
    assert "Several meetings fit" in several
    assert "2025-10-28 long talk.md of rocks, 2025-10-28, id " in several
    found = asking.ask("meeting", team="rocks", day="2025-10-28", name="LONG talk")
    assert found["meeting"]["source"]["path"].endswith("rocks/2025-10-28 long talk.md")
    assert [(t["position"], t["offset_seconds"]) for t in found["turns"]] == [(1, 60), (2, 120)]
    assert found["truncated"]
    assert "read it in parts with `query`" in found["more"]
    assert found["turns"][0]["text"].endswith("… (cut)")
    assert found["participants"] == [
        {"name": "Sam Lee", "person": "Sam Lee", "turns": 2, "words": 6002}
    ]
    assert found["references"] == [{"position": 2, "kind": "jira_issue", "ref": "ROCKS-214"}]
    other = asking.ask("meeting", team="rocks", day="2025-10-28", name="standup", limit=2)
    assert len(other["turns"]) == 2
    rest = asking.ask("meeting", id=other["meeting"]["id"].upper(), offset=2)
    ((turns,),) = told.query(
        "select count(*) from content.transcript_turns"
        " where meeting_transcript_id = cast(%s as uuid)",
        other["meeting"]["id"],
    )
    assert len(rest["turns"]) + 2 == turns
    assert "There is no such meeting" in asking.refusal("meeting", id="nothing")


def test_a_persons_week(told: Project, asking: Asking) -> None:
    week = asking.ask("person_week", person="Eusebio", week="2025-11-02")
    assert week["week_start"] == MONDAY
    assert {each["author"] for each in week["reports"]} == {"Eusebio Mamaril"}
    assert week["meetings"]
    assert {each["meeting"]["team"] for each in week["meetings"]} == {"rocks"}
    assert week["messages"] > 0
    after = asking.ask("person_week", person="Eusebio", week="2025-11-05")
    assert after["days_missing"] == [f"2025-11-0{day}" for day in range(3, 8)]
    assert after["reports"] == []
    ((assigned,),) = told.query(
        "select count(distinct issue_key) from content.jira_issues as issues"
        " inner join content.people as people on issues.person_id = people.id"
        " where people.full_name = 'Alan Sheridan Ibáñez Núñez'"
    )
    issues = asking.ask("person_week", person="Alan Sheridan Ibáñez Núñez")["issues"]
    assert len(issues) == len({each["issue_key"] for each in issues}) == assigned > 0
    assert {i["status"] for i in issues if i["issue_key"] == "ROCKS-214"} == {"Done"}


def test_weeks_of_teams_and_who_is_missing(told: Project, asking: Asking) -> None:
    answer = asking.ask("team_week", since="2025-10-29", until="2025-10-29")
    rows = told.query(
        "select team, daily_reports, days_missing from reporting.team_week"
        " where week_start = '2025-10-27' order by team"
    )
    assert [(w["team"], w["daily_reports"], w["days_missing"]) for w in answer["weeks"]] == rows
    missing = asking.ask("who_is_missing", since="2025-11-03", until="2025-11-04", limit=200)
    assert not missing["truncated"]
    assert {day for each in missing["missing"] for day in each["days"]} == {
        "2025-11-03",
        "2025-11-04",
    }
    ((authors,),) = told.query("select count(distinct author_name) from public.daily_reports")
    assert len({(m["team"], m["author"]) for m in missing["missing"]}) == authors + 1  # Sam Lee
    first = asking.ask("who_is_missing", since="2025-11-03", until="2025-11-04", limit=3)
    assert first["missing"] == missing["missing"][:3]
    rest = asking.ask("who_is_missing", since="2025-11-03", until="2025-11-04", offset=3)
    assert rest["missing"] == missing["missing"][3:]


def test_the_history_of_an_issue(asking: Asking) -> None:
    history = asking.ask("issue_history", issue_key="ROCKS-214")
    assert [each["status"] for each in history["snapshots"]] == ["In Progress", "Done"]
    assert all(each["source"]["path"].startswith("jira/") for each in history["snapshots"])
    kinds = {each["kind"]: each for each in history["mentions"]}
    assert kinds["report_entries"]["source"]["line"] == 3
    assert kinds["transcript_turns"]["source"]["offset_seconds"] == 120
    assert kinds["transcript_turns"]["person"] == "Sam Lee"
    parts = [asking.ask("issue_history", issue_key="ROCKS-214", limit=1, offset=n) for n in (0, 1)]
    assert [part["snapshots"] for part in parts] == [[each] for each in history["snapshots"]]
    assert [m for part in parts for m in part["mentions"]] == history["mentions"][:2]
    assert "has the issue 'NO-1'" in asking.refusal("issue_history", issue_key="NO-1")


def test_sources_of_reports(told: Project, asking: Asking) -> None:
    answer = asking.ask("report_sources", team="rocks", limit=200)
    ((count,),) = told.query("select count(*) from reporting.report_sources where team = 'rocks'")
    assert len(answer["sources"]) == count > 0
    first = answer["sources"][0]
    assert first["source"]["path"]
    for report in (first["report_id"], first["report"]):
        of_one = asking.ask("report_sources", report=report, limit=200)["sources"]
        assert {each["report_id"] for each in of_one} == {first["report_id"]}
    days = asking.ask("report_sources", since="2025-10-29", until="2025-10-29")["sources"]
    assert {each["day"] for each in days} == {"2025-10-29"}


def test_search(asking: Asking) -> None:
    hits = asking.ask("search", words="ROCKS-214", team="rocks", limit=5)["hits"]
    assert {hit["kind"] for hit in hits} >= {"entry", "turn"}
    assert all(hit["source"]["path"] for hit in hits)
    only = asking.ask("search", words="ROCKS-214", person="Sam Lee", team="rocks", kinds=["turn"])
    assert [(hit["kind"], hit["source"]["offset_seconds"]) for hit in only["hits"]] == [
        ("turn", 120)
    ]
    assert asking.ask("search", words="deployed", limit=1)["truncated"]


def test_resources_describe_the_tables(told: Project, asking: Asking) -> None:
    listed = {str(resource.uri): resource for resource in asking.resources()}
    for name in ("public.daily_reports", "content.mentions", "reporting.team_week", "raw.files"):
        resource = listed[f"orchestrator://tables/{name}"]
        assert resource.description
        (content,) = asking.read(str(resource.uri)).contents
        document = json.loads(content.text)  # type: ignore[union-attr]
        columns = [column["name"] for column in document["columns"]]
        there = [
            column
            for (column,) in told.query(
                "select column_name from information_schema.columns"
                " where table_schema || '.' || table_name = %s order by ordinal_position",
                name,
            )
        ]
        assert [column for column in there if not column.startswith("_dlt")] == columns
        assert all(column["description"] for column in document["columns"])
    (content,) = asking.read("orchestrator://tables").contents
    names = json.loads(content.text)  # type: ignore[union-attr]
    assert {f"orchestrator://tables/{name}" for name in names} | {"orchestrator://tables"} == set(
        listed
    )
