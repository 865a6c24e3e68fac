"""Search in all texts."""

from dataclasses import dataclass
from datetime import date, timedelta

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from loader.errors import SearchError
from loader.questions.searching import Found, Place, search_page
from loader.reading.search import Hit, SearchOptions
from loader.reading.search_queries import SOURCES
from loader.studio import formats, links
from loader.studio.pages.asking import number_of, week_of
from loader.studio.rendering import page, studio_of

_A_PAGE = 25
_MOST_VALUES = 12  # values per facet
_LONGEST = 500  # characters
_BAD_REQUEST = 400
_KINDS = {"entry": "report entries", "turn": "meeting turns", "issue": "issues", "message": "Slack"}


@dataclass(frozen=True, slots=True)
class Choice:
    """A value of a facet.

    Args:
        label: The value as text.
        count: The number of hits with this value.
        href: The address of the search with this value.
        is_chosen: Whether the search has this value; then the address removes it.
    """

    label: str
    count: int
    href: str
    is_chosen: bool


def search(request: Request) -> Response:
    """Show a page of hits, or an error in the words."""
    studio, params = studio_of(request), request.query_params
    words, skipped, week = params.get("q", "").strip(), number_of(request, "from"), week_of(request)
    if len(words) > _LONGEST:
        raise HTTPException(_BAD_REQUEST, f"Search for at most {_LONGEST} characters.")
    chosen = {name: params.get(name, "").strip() for name in ("team", "person", "kind")}
    options = SearchOptions(
        team=chosen["team"] or None,
        person=chosen["person"] or None,
        since=week,
        until=week + timedelta(days=6) if week else None,
        kinds=[chosen["kind"]] if chosen["kind"] else (),
        limit=_A_PAGE,
    )
    found, error = None, None
    # For other kinds, no texts need to be searched again.
    contents = studio.settings.contents
    with studio.reading() as session:
        studio.check_contents(session)
        if words:
            try:
                is_postgres = studio.sessions.is_postgres
                found = search_page(session, words, options, skipped, is_postgres=is_postgres)
            except SearchError as refused:
                error = str(refused)
    asked = {"q": words, **chosen, "week": str(week) if week else ""}
    return page(
        request,
        "search.html",
        status=_BAD_REQUEST if error else 200,
        words=words,
        found=found,
        error=error,
        hits=[(hit, href(hit, found.places[hit.id])) for hit in found.hits] if found else [],
        kinds=_KINDS,
        facets=_facets(found, asked) if found else [],
        chosen=_chosen(asked),
        asked=asked,
        skipped=skipped,
        earlier=_to(asked, **{"from": max(skipped - _A_PAGE, 0)}) if skipped else None,
        later=_to(asked, **{"from": skipped + _A_PAGE})
        if found and found.total > skipped + _A_PAGE
        else None,
        left_out=[each.parent for each in SOURCES.values() if each.parent not in contents],
    )


def href(hit: Hit, place: Place) -> str:
    """Return the address of the page with a hit's text."""
    match hit.kind:
        case "entry":
            return links.entry(place.parent_id, hit.position)
        case "turn":
            return links.turn(place.parent_id, hit.position)
        case "issue":
            return formats.url("issues", place.issue_key)
        case _:
            return formats.url("people", place.person_id) if place.person_id else ""


def _facets(found: Found, asked: dict[str, str]) -> list[tuple[str, list[Choice]]]:
    def choices(name: str, values: list[tuple[str, str, int]]) -> list[Choice]:
        return [
            Choice(
                label,
                count,
                _to(asked, **{name: "" if asked[name] == value else value}),
                asked[name] == value,
            )
            for value, label, count in values[:_MOST_VALUES]
        ]

    def week(day: date) -> tuple[str, str]:
        return str(day), formats.week(day)

    facets = [
        ("Kind", "kind", [(kind, _KINDS[kind], count) for kind, count in found.kinds]),
        ("Team", "team", [(name, name, count) for name, count in found.teams]),
        ("Person", "person", [(name, name, count) for name, count in found.people]),
        ("Week", "week", [(*week(day), count) for day, count in found.weeks]),
    ]
    return [(title, choices(name, values)) for title, name, values in facets if values]


def _chosen(asked: dict[str, str]) -> list[tuple[str, str]]:
    """Return the filters of the search, each with the address of the search without it."""
    labels = {
        "kind": _KINDS.get(asked["kind"], asked["kind"]),
        "week": formats.week(date.fromisoformat(asked["week"])) if asked["week"] else "",
    }
    return [
        (labels.get(name, value), _to(asked, **{name: ""}))
        for name, value in asked.items()
        if value and name != "q"
    ]


def _to(asked: dict[str, str], **changed: object) -> str:
    return formats.url("search", **{**asked, **changed})
