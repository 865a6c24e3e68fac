"""People, and a person's week on one page."""

from datetime import timedelta
from itertools import groupby
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from loader.questions import attendance, days, issues, meetings, people
from loader.questions.asked import Asked, Part
from loader.questions.names import find_person, monday
from loader.studio.pages.asking import days_of, week_of
from loader.studio.rendering import page, studio_of

_MOST_REPORTS = 100
_WORKDAYS = 5


def everybody(request: Request) -> Response:
    """Show all people, by team."""
    with studio_of(request).reading() as session:
        studio_of(request).check_contents(session)
        found = people.everybody(session)
    groups = groupby(found, key=lambda each: (each.organization, each.team))
    return page(request, "people.html", teams=[(*key, list(some)) for key, some in groups])


def person(request: Request) -> Response:
    """Show a person's texts, meetings and issues of a week."""
    asked = week_of(request)
    with studio_of(request).reading() as session:
        studio_of(request).check_contents(session)
        who = find_person(session, request.path_params["person"])
        seen = people.seen(session, who)
        week = asked or (monday(seen.last) if seen.last else None)
        values: dict[str, Any] = {}
        if week:
            last = week + timedelta(days=6)
            of_week = Asked(person=who, since=week, until=last)
            reports = days.days(session, of_week, Part(_MOST_REPORTS))
            values = {
                "entries": days.entries(session, [each.id for each in reports]),
                "missing": people.days_missing(session, who, of_week),
                "meetings": meetings.attended(session, who.id, week, last),
                "said": attendance.said(session, who.id, week, last),
                "issues": issues.issues_of_person(session, who.id, week, last),
                "messages": people.messages(session, who, week),
            }
            values["reports"] = {
                day: [each for each in reports if each.day == day]
                for day in {each.day for each in reports}
            }
        spellings = people.spellings(session, who)
    shown = days_of(week) if week else []
    return page(
        request,
        "person.html",
        person=seen,
        spellings=spellings,
        week=week,
        earlier=week - timedelta(weeks=1) if week and seen.first and week > seen.first else None,
        later=week + timedelta(weeks=1) if week else None,
        days=[day for day in shown if day.weekday() < _WORKDAYS or day in values["reports"]],
        **values,
    )


ROUTES = [Route("/people", everybody), Route("/people/{person:path}", person)]
