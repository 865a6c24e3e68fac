"""Search returns the same hits in the same order on both engines."""

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any
from uuid import UUID, uuid4

import duckdb
import psycopg
import pytest
from hypothesis import given
from hypothesis import strategies as st

from loader.errors import SearchError, WarehouseError
from loader.parsing.search_query import Query, parse_query
from loader.parsing.search_words import search_text, words_of
from loader.reading import Hit, Reader, ReportEntry
from loader.reading.search_queries import ranked
from loader.settings import load_settings
from tests.support.postgres import Postgres
from tests.support.project import Project
from tests.support.searchable import OfEngine, reader_of

ENGINES = ("duckdb", "postgres")


def found(searchable: OfEngine, words: str, **options: Any) -> list[Hit]:  # noqa: ANN401
    """Return the hits, which must be equal on both engines, except ids of issues and messages."""
    answers = []
    for engine in ENGINES:
        with reader_of(searchable(engine)) as reader:
            hits = reader.search(words, **options)
        answers.append(
            [
                replace(hit, id=UUID(int=0)) if hit.kind in {"issue", "message"} else hit
                for hit in hits
            ]
        )
    assert answers[0] == answers[1]
    return answers[0]


def shown(searchable: OfEngine, words: str, **options: object) -> list[str]:
    return [f"{hit.kind} {hit.snippet}" for hit in found(searchable, words, **options)]


def test_a_hit_says_what_it_is(searchable: OfEngine) -> None:
    hits = found(searchable, "ROCKS-214")
    assert [(hit.kind, hit.person, hit.team, hit.snippet, hit.rank) for hit in hits] == [
        ("issue", "Ana Reyes", "rocks", "«ROCKS-214» Search page", 0.5),
        ("entry", "Ana Reyes", "rocks", "Deployed the search page, see «ROCKS-214»", 0.5),
    ]
    issue, entry = hits
    assert (issue.date, entry.date) == (date(2025, 11, 2), date(2025, 10, 27))
    assert (entry.position, entry.offset_seconds) == (1, None)
    assert "/epic_tree_ROCKS_2025-10-27" in str(issue.source)
    assert "/Ana Reyes-" in str(entry.source)
    (row,) = searchable("duckdb").query(
        "select text from content.report_entries where id = cast(%s as uuid)", str(entry.id)
    )
    assert row == ("Deployed the search page, see ROCKS-214",)


def test_the_best_comes_first_and_the_newest_among_equals(searchable: OfEngine) -> None:
    hits = found(searchable, "deployed")
    assert [(hit.rank, str(hit.date)) for hit in hits] == [
        (0.6667, "2025-10-28"),
        (0.5, "2025-10-30"),
        (0.5, "2025-10-27"),
    ]
    assert hits[:1] == found(searchable, "deployed", limit=1)


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ("search page -rocks", ["entry"]),
        ('"page search"', []),
        ('"search page" -issue', ["issue", "entry", "entry"]),
        ("wizard or clock", ["entry", "turn", "turn", "message"]),
        ("clock -slow -deployed or wizard", ["turn", "message"]),
        ("strasse café", ["entry"]),
        ("https://example.com/docs", ["entry"]),
        ("it's", ["entry"]),
        ("its", []),
        ("depl", []),
        ("-clock -page -rocks -build -red -nightly -ok -wizard -again -deployed", ["entry"]),
    ],
)
def test_the_syntax(searchable: OfEngine, words: str, expected: list[str]) -> None:
    assert sorted(hit.kind for hit in found(searchable, words)) == sorted(expected)


def test_short_turns_of_one_speaker_are_one_text_and_the_hit_names_the_turn(
    searchable: OfEngine,
) -> None:
    (over,) = found(searchable, '"build is red again since"')
    assert (over.position, over.offset_seconds) == (1, 10)
    assert over.snippet == "The nightly «build»"
    (third,) = found(searchable, "monday")
    assert (third.position, third.offset_seconds, third.snippet) == (3, 30, "since «Monday»")
    (row,) = searchable("postgres").query(
        "select text from content.transcript_turns where id = cast(%s as uuid)", str(third.id)
    )
    assert row == ("since Monday",)
    # Not across another speaker's turn.
    assert found(searchable, '"nightly build a clock"') == []
    assert [hit.position for hit in found(searchable, "nightly", kinds=["turn"])] == [1, 4]


def test_the_latest_text_the_latest_snapshot_of_an_issue_and_a_message_once(
    searchable: OfEngine,
) -> None:
    assert shown(searchable, "login") == []
    assert shown(searchable, "again", kinds=["entry"]) == []
    assert shown(searchable, "once")[0].startswith("entry ")
    assert shown(searchable, "logout") == ["issue ROCKS-215 «Logout» page"]
    assert shown(searchable, "wizard") == ["message the «wizard» is PR 395"]
    for engine in ENGINES:
        counts = searchable(engine).query(
            "select (select count(*) from content.jira_issues),"
            " (select count(*) from content.slack_messages)"
        )
        # Of two equal captures, the later one has the messages.
        assert counts == [(4, 2)]


def test_filters(searchable: OfEngine) -> None:
    def days(**options: object) -> list[str]:
        return [str(hit.date) for hit in found(searchable, "deployed or clock or page", **options)]

    def kinds(**options: object) -> set[str]:
        return {hit.kind for hit in found(searchable, "deployed or clock or page", **options)}

    assert set(days(since=date(2025, 10, 28), until=date(2025, 10, 28))) == {
        "2025-10-28",
        "2025-11-02",  # the week's snapshot
    }
    assert set(days(until=date(2025, 10, 27))) == {"2025-10-27", "2025-11-02"}
    assert set(days(since=date(2025, 10, 30))) == {"2025-10-30", "2025-11-02"}
    assert days(since=date(2025, 11, 3)) == days(until=date(2025, 10, 26)) == []
    assert kinds(team="timeclock") == {"entry", "turn"}
    assert kinds(kinds=["issue", "message"]) == {"issue"}
    assert kinds(person="bo lind") == {"issue"}
    assert {hit.person for hit in found(searchable, "deployed", person="Ana Cruz")} == {"Ana Cruz"}
    # A name in texts, as that of their team's person, or of nobody.
    ours = found(searchable, "nightly or clock", person="ana", team="rocks")
    assert [hit.person for hit in ours] == ["Ana Reyes"]
    unknown = found(searchable, "clock", person="facilitator")
    assert [(hit.person, hit.snippet) for hit in unknown] == [("Facilitator", "build a «clock»")]


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"person": "Ana"}, "'Ana' is the name of several people: Ana Cruz .*, Ana Reyes .*full"),
        ({"person": "Reyes"}, "Nobody has the name 'Reyes'. There are: Ana Reyes."),
        ({"team": "rock"}, "No team 'rock'. There are: ai-coach, engagepath, rocks, timeclock."),
        ({"kinds": ["report"]}, "No kind 'report'. There are: entry, turn, issue, message."),
        ({"limit": 0}, "A limit of 0 returns nothing"),
        ({"words": "... --"}, "has no word to search for"),
        ({"words": "a " * 101}, "101 words are too many"),
    ],
)
def test_invalid_searches(searchable: OfEngine, options: dict[str, Any], message: str) -> None:
    words = options.pop("words", "clock") if "words" in options else "clock"
    for engine in ENGINES:
        with reader_of(searchable(engine)) as reader, pytest.raises(SearchError, match=message):
            reader.search(words, **options)


def test_a_search_uses_the_index(searchable: OfEngine) -> None:
    project = searchable("postgres")
    tables = ("report_entries", "transcript_turns", "jira_issues", "slack_messages")
    query = "select indexname from pg_indexes where schemaname = 'content' and indexdef like %s"
    made = {name for (name,) in project.query(query, "%USING gin (search)")}
    assert made == {f"idx_{table}_search" for table in tables}
    with psycopg.connect(str(project.url)) as connection:
        connection.execute("set enable_seqscan = off")
        connection.execute("set enable_indexscan = off")
        statement, params = ranked(
            parse_query("nightly"), ["entry", "turn"], {}, is_postgres=True, most_ranked=9
        )
        plan = connection.execute(f"explain {statement}".encode(), params | {"limit": 9})
        lines = "\n".join(line for (line,) in plan)
    for table in tables[:2]:
        assert f"Bitmap Index Scan on idx_{table}_search" in lines


def test_another_schema_of_the_final_tables(searchable: OfEngine, postgres: Postgres) -> None:
    project = replace(
        searchable("postgres"), url=postgres.create_database("other", template="searched")
    )
    project.execute("alter schema public rename to finals")
    settings = load_settings(project.target, project.environ | {"FINAL_SCHEMA": "finals"})
    with Reader(settings) as reader:
        hits = reader.search("rocks-214 or logout or wizard or nightly", person="Ana", team="rocks")
    assert {hit.kind for hit in hits} == {"entry", "turn", "issue", "message"}


@pytest.mark.long
@pytest.mark.parametrize("engine", ["postgres"])
def test_the_column_is_no_drift(built: Project) -> None:
    assert built.loader("schema", "diff").code == 0
    (generated,) = built.query(
        "select is_generated from information_schema.columns"
        " where table_name = 'report_entries' and column_name = 'search'"
    )
    assert generated == ("ALWAYS",)


def test_missing_tables(project: Project) -> None:
    project.copy_example()
    project.load("--team", "rocks")
    with (
        reader_of(project) as reader,
        pytest.raises(WarehouseError, match=f"dbt build --target {project.target}"),
    ):
        reader.search("deployed")


def test_content_tables_of_an_earlier_release(project: Project) -> None:
    """The tables lack a column, for which DuckDB has another error than for a missing table."""
    for statement in OLDER.split(";"):
        project.execute(statement)
    with (
        reader_of(project) as reader,
        pytest.raises(WarehouseError, match=f"dbt build --target {project.target}"),
    ):
        reader.search("deployed")
    with (
        reader_of(project) as reader,
        pytest.raises(WarehouseError, match=f"dbt build --target {project.target}"),
    ):
        list(reader.rows(ReportEntry))


ALPHABET = "ab1AÉéßñж한中ا२हिİ²ﬁ\u0301 \n-\"'./_@:,|&!()«’…"
TEXTS = st.lists(st.text(ALPHABET, max_size=30) | st.text(max_size=10), min_size=1, max_size=8)
QUERIES = st.text(ALPHABET + '"-', max_size=20) | st.lists(
    st.sampled_from(["a", "b", "or", "-a", '"a b"', '-"b 1"', "a-b", "OR", "é", "ab", '"'])
).map(" ".join)
OLDER = """
    create schema content;
    create table content.report_entries (id uuid, daily_report_id uuid, position bigint);
    create table content.transcript_turns (id uuid, text text);
    create table content.jira_issues (id uuid, summary text);
    create table content.slack_messages (id uuid, text text)
"""
TABLE = """
    create schema content;
    create table content.report_entries (
        id uuid, day date, position bigint, search_text text {generated}
    )
"""
GENERATED = ", search tsvector generated always as (to_tsvector('simple', search_text)) stored"


class Both:
    """Create a table of texts on both engines."""

    def __init__(self, postgres: Postgres) -> None:
        self.url = postgres.create_database("texts")
        self.postgres = psycopg.connect(self.url, autocommit=True)
        self.postgres.execute(TABLE.format(generated=GENERATED).encode())
        self.duckdb = duckdb.connect()
        self.duckdb.execute(TABLE.format(generated=""))

    def fill(self, texts: list[str]) -> None:
        day = date(2025, 10, 27)
        rows = [(str(uuid4()), day, n, search_text(each)) for n, each in enumerate(texts)]
        self.ids = [row[0] for row in rows]
        for each, marks in ((self.postgres, "%s, %s, %s, %s"), (self.duckdb, "?, ?, ?, ?")):
            each.execute("delete from content.report_entries")
            columns = "id, day, position, search_text"
            statement = f"insert into content.report_entries ({columns}) values ({marks})"
            each.cursor().executemany(statement, rows)

    def search(self, query: Query) -> list[list[tuple[int, float]]]:
        """Return positions and ranks of the matching texts on each engine."""
        answers = []
        for is_postgres in (True, False):
            statement, params = ranked(
                query, ["entry"], {}, is_postgres=is_postgres, most_ranked=100
            )
            params["limit"] = 100
            if is_postgres:
                rows = self.postgres.execute(statement.encode(), params).fetchall()
            else:
                for name in params:
                    statement = statement.replace(f"%({name})s", f"${name}")
                rows = self.duckdb.execute(statement, params).fetchall()
            answers.append([(self.ids.index(str(id_)), rank) for _, id_, rank in rows])
        return answers


@pytest.fixture(scope="module")
def both(postgres: Postgres) -> Iterator[Both]:
    both = Both(postgres)
    yield both
    both.postgres.close()


def has(text: str, query: Query) -> bool:
    words = words_of(text)

    def follows(phrase: tuple[str, ...]) -> bool:
        return any(tuple(words[n : n + len(phrase)]) == phrase for n in range(len(words)))

    return any(
        all(follows(term.words) != term.is_excluded for term in each) for each in query.alternatives
    )


def test_long_texts(both: Both) -> None:
    """A tsvector stores 256 positions of a word, 2 kB of a word and 1 MB of words."""
    texts = ["a b " * 300 + "a c", " ".join(map(str, range(400_000))), "é" * 5000 + " a c"]
    both.fill(texts)
    for asked, expected in (
        ('"a c"', {0, 2}),
        ("9999 10000", {1}),
        ("399999", set()),
        ("é" * 5000, {2}),
        ("é" * 300, {2}),
        ("é" * 200, set()),
    ):
        for answer in both.search(parse_query(asked)):
            assert {place for place, _ in answer} == expected, asked[:20]


@given(texts=TEXTS, asked=QUERIES)
def test_both_engines_find_the_same(both: Both, texts: list[str], asked: str) -> None:
    try:
        query = parse_query(asked)
    except SearchError:
        return
    both.fill(texts)
    in_postgres, in_duckdb = both.search(query)
    assert in_postgres == in_duckdb
    assert {place for place, _ in in_duckdb} == {
        place for place, text in enumerate(texts) if has(text, query)
    }


@given(
    texts=st.lists(st.lists(st.sampled_from(["a", "b", "or", "12", "c"])).map(" ".join)),
    asked=st.lists(
        st.sampled_from(
            ["a", "or", "b", " ", '"', "12", " -", "-", " or ", "Or", "|", "(", "<", "!"]
        )
    )
    .map("".join)
    .filter(lambda asked: not re.search(r"\w-+\w", asked)),  # it also searches `a-b` as one word
)
def test_the_syntax_is_that_of_postgres(both: Both, texts: list[str], asked: str) -> None:
    """Also for words that its parser accepts as words."""
    try:
        query = parse_query(asked)
    except SearchError:
        return
    theirs = both.postgres.execute(
        "select text from unnest(%s::text[]) as text"
        " where to_tsvector('simple', text) @@ websearch_to_tsquery('simple', %s)",
        [texts, asked],
    )
    assert [text for text in texts if has(text, query)] == [text for (text,) in theirs]
