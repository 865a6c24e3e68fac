"""The SQL of a search. It works on both engines, except the condition for PostgreSQL's index."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from loader.parsing.search_query import Query

TEAMS = "select id, name from teams"
_INDEXED = "stored.search @@ websearch_to_tsquery('simple', %(look_up)s)"
_HAS_TERM = "strpos(' ' || stored.search_text || ' ', %({param})s) > 0"
# Two spaces between words, so that adjacent words share no separator.
_SPACED = "' ' || replace(stored.search_text, ' ', '  ') || ' '"
_REMOVED = f"(length({_SPACED}) - length(replace({_SPACED}, %({{param}})s, '')))"
_SHARE = f"cast({_REMOVED} as double precision) / ({_REMOVED} + {{size}})"
_FILTERS = {
    "teams": "stored.team_id = any(cast(%(teams)s as uuid[]))",
    "person": "stored.person_id = cast(%(person)s as uuid)",
    "names": "stored.person_id is null and {written} = any(%(names)s)",
    "since": "stored.day >= %(since)s",
    "until": "{first_day} <= %(until)s",
}
_CANDIDATES = """
    {kind}_candidates as (
        select '{kind}' as kind, stored.id, stored.day, stored.position, stored.search_text
        from {rows} as stored
        {join}
        where {conditions}
        order by stored.day desc, stored.id desc
        limit %(most_ranked)s
    )
"""
# Each load of a week repeats its issues and messages.
_LATEST = """
    {kind}_matches as (
        select
            stored.*, rank() over (partition by {same} order by {order}) as place
        from content.{table} as stored
        {join}
        where {conditions}
    ),
"""
_RANKED = """
with {candidates},
    candidates as ({all_candidates}),
    ranked as (select stored.*, {rank} as rank from candidates as stored)
select kind, id, rank
from ranked
order by rank desc, day desc, kind, position, id
limit %(limit)s
"""
_LOADED_AT = "coalesce({}.loaded_at, cast('-infinity' as timestamp with time zone))"
_OF_LATEST_SNAPSHOT = f"""
    stored.id = (
        select later.id
        from content.jira_issues as later
        inner join jira_snapshots as parent on later.jira_snapshot_id = parent.id
        where
            later.issue_key = stored.issue_key and later.team_id = stored.team_id {{until}}
        order by later.day desc, {_LOADED_AT.format("parent")} desc, later.id desc
        limit 1
    )
"""
_DETAILS = """
select
    stored.id,
    shown.id,
    shown.position,
    {offset},
    shown.day,
    teams.name,
    coalesce(people.full_name, {written}),
    parent.{source},
    {text}
from content.{table} as stored
inner join content.{table} as shown on {shown}
inner join {parent} as parent on stored.{parent_id} = parent.id
inner join teams on stored.team_id = teams.id
left join content.people as people on shown.person_id = people.id
where stored.id = any(cast(%(ids)s as uuid[]))
order by stored.id, shown.position
"""
# A run has at most a hundred turns; search_words.py builds them.
_RUN = """
    shown.meeting_transcript_id = stored.meeting_transcript_id
    and shown.position between stored.position and stored.position + 99
    and (shown.id = stored.id or shown.search_text is null)
"""
_NAMES = """
select aliases.alias, teams.name, people.id, people.full_name
from content.people_aliases as aliases
inner join teams on aliases.team_id = teams.id
left join content.people as people on aliases.person_id = people.id
where {condition}
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The columns to search for a kind of hit.

    Args:
        table: The content table.
        parent: The final table with the texts.
        parent_id: The column that refers to the parent.
        written: The column with the name as written.
        source: The parent's column that names the text.
        text: The text to show.
        offset: The start of a turn.
        shown: The rows to show for a found row.
        first_day: The first day of a row.
        same: The columns that identify repetitions in later loads; empty if there are none.
        order: The order of these loads, the latest first.
        still: The condition that a row must meet even if its later versions have other words.
    """

    table: str
    parent: str
    parent_id: str
    written: str
    source: str = "blob_key"
    text: str = "shown.text"
    offset: str = "cast(null as bigint)"
    shown: str = "stored.id = shown.id"
    first_day: str = "stored.day"
    same: str = ""
    order: str = ""
    still: str = "true"


SOURCES = {
    "entry": Source(
        table="report_entries",
        parent="daily_reports",
        parent_id="daily_report_id",
        written="parent.author_name",
    ),
    "turn": Source(
        table="transcript_turns",
        parent="meeting_transcripts",
        parent_id="meeting_transcript_id",
        written="{row}.speaker",
        source="filename",
        offset="shown.offset_seconds",
        shown=_RUN,
    ),
    "issue": Source(
        table="jira_issues",
        parent="jira_snapshots",
        parent_id="jira_snapshot_id",
        written="{row}.assignee",
        text="shown.issue_key || ' ' || coalesce(shown.summary, '')",
        first_day="parent.collected_week_start",
        same="stored.team_id, stored.issue_key",
        order=f"stored.day desc, {_LOADED_AT.format('parent')} desc, stored.id desc",
        still=_OF_LATEST_SNAPSHOT,
    ),
    "message": Source(
        table="slack_messages",
        parent="slack_captures",
        parent_id="slack_capture_id",
        written="{row}.author",
        same=(
            "stored.team_id, parent.channel, parent.collected_week_start, stored.sent_at,"
            " stored.author, stored.text"
        ),
        order=f"{_LOADED_AT.format('parent')} desc",
    ),
}


def ranked(
    query: Query,
    kinds: Collection[str],
    filters: Mapping[str, object],
    *,
    is_postgres: bool,
    most_ranked: int,
) -> tuple[str, dict[str, object]]:
    """Return the query for kind, id and rank of hits, and its parameters except `limit`.

    Args:
        query: The parsed search words.
        kinds: The kinds to search, at least one.
        filters: Values by the names in `_FILTERS`.
        is_postgres: Whether there is an index.
        most_ranked: The maximum number of hits of a kind to rank.
    """
    has_term, params = _has_term(query)
    conditions = [has_term]
    look_up = query.words_to_look_up
    if is_postgres and look_up:
        conditions.append(_INDEXED)
        params["look_up"] = look_up
    candidates = ",".join(_candidates(kind, conditions, filters) for kind in kinds)
    rank, rank_params = _rank(query)
    statement = _RANKED.format(
        candidates=candidates,
        all_candidates=" union all ".join(f"select * from {kind}_candidates" for kind in kinds),
        rank=rank,
    )
    return statement, {**params, **rank_params, **filters, "most_ranked": most_ranked}


def details(kind: str) -> str:
    """Return the query for details of hits of a kind; the parameter `ids` selects them."""
    source = SOURCES[kind]
    return _DETAILS.format(
        table=source.table,
        parent=source.parent,
        parent_id=source.parent_id,
        source=source.source,
        text=source.text,
        offset=source.offset,
        shown=source.shown,
        written=source.written.format(row="shown"),
    )


def names(teams: Sequence[str] | None) -> tuple[str, dict[str, object]]:
    """Return the query for names, their teams and their people, and its parameters."""
    if teams is None:
        return _NAMES.format(condition="true"), {}
    condition = "teams.id = any(cast(%(teams)s as uuid[]))"
    return _NAMES.format(condition=condition), {"teams": teams}


def _candidates(kind: str, conditions: Sequence[str], filters: Mapping[str, object]) -> str:
    source = SOURCES[kind]
    written = source.written.format(row="stored")
    chosen = [
        _FILTERS[name].format(written=written, first_day=source.first_day) for name in filters
    ]
    join = ""
    if source.same or "names" in filters:
        join = f"inner join {source.parent} as parent on stored.{source.parent_id} = parent.id"
    of_all = {
        "kind": kind,
        "table": source.table,
        "join": join,
        "conditions": " and ".join([*conditions, *chosen]),
    }
    if not source.same:
        return _CANDIDATES.format(rows=f"content.{source.table}", **of_all)
    until = "and parent.collected_week_start <= %(until)s" if "until" in filters else ""
    still = source.still.format(until=until)
    of_latest = of_all | {"join": "", "conditions": f"stored.place = 1 and {still}"}
    return _LATEST.format(same=source.same, order=source.order, **of_all) + _CANDIDATES.format(
        rows=f"{kind}_matches", **of_latest
    )


def _has_term(query: Query) -> tuple[str, dict[str, object]]:
    """Return the condition that a text matches the search words, and its parameters."""
    params: dict[str, object] = {}
    alternatives = []
    for each in query.alternatives:
        parts = []
        for term in each:
            param = f"term_{len(params)}"
            params[param] = f" {' '.join(term.words)} "
            parts.append("not " * term.is_excluded + _HAS_TERM.format(param=param))
        alternatives.append(f"({' and '.join(parts)})")
    return f"({' or '.join(alternatives)})", params


def _rank(query: Query) -> tuple[str, dict[str, object]]:
    """Return the expression for the rank of a text, and its parameters."""
    params: dict[str, object] = {}
    shares = []
    for term in query.sought:
        param, words = f"sought_{len(params)}", f" {'  '.join(term.words)} "
        params[param] = words
        shares.append(_SHARE.format(param=param, size=len(words)))
    if not shares:
        return "cast(0 as double precision)", params
    return f"({' + '.join(shares)}) / {len(shares)}", params
