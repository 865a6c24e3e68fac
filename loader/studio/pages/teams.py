"""A team's week."""

from collections import Counter
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from loader.database.sessions import Session
from loader.questions import attendance, days, generated, issues, meetings
from loader.questions.asked import Asked, Part
from loader.questions.calendar import Team, calendar, teams
from loader.questions.names import Team as Named
from loader.studio.pages.asking import days_of, week_of
from loader.studio.pages.overview import years
from loader.studio.rendering import page, studio_of

_MEETINGS = 200
_WORKDAYS = 5


def team(request: Request) -> Response:
    """Show a team's week: reports, meetings, obstacles and issues."""
    asked = week_of(request)
    with studio_of(request).reading() as session:
        studio_of(request).check_contents(session)
        found = _team(session, request)
        shown = calendar(session, asked, 1, found.id, has_people=True)
        week = asked or (shown.mondays[-1] if shown.mondays else None)
        about = _about(session, found, week) if week else {}
    every = [each.start for each in shown.weeks]
    is_weekend = any(day.weekday() >= _WORKDAYS for one in shown.authors for day in one.there)
    return page(
        request,
        "team.html",
        team=found,
        week=week,
        numbers=next((each for each in shown.weeks if each.start == week), None),
        days=days_of(week)[: 7 if is_weekend else _WORKDAYS] if week else [],
        authors=shown.authors,
        years=years(shown.weeks),
        earlier=next((each for each in every if week and each < week), None),
        later=next((each for each in reversed(every) if week and each > week), None),
        **about,
    )


def _team(session: Session, request: Request) -> Team:
    names = request.path_params["organization"], request.path_params["team"]
    for each in teams(session):
        if (each.organization, each.name) == names:
            return each
    raise HTTPException(404, f"There is no team {names[1]!r} in {names[0]!r}.")


def _about(session: Session, team: Team, week: date) -> dict[str, Any]:
    """Return a week's data other than the reports."""
    last = week + timedelta(days=6)
    asked = Asked(team=Named(UUID(team.id), team.name), since=week, until=last)
    held = meetings.meetings(session, asked, Part(_MEETINGS))
    tasks = issues.issues_of_team(session, team.id, week, last)
    return {
        "meetings": sorted(held, key=lambda each: (each.day, each.filename)),
        "counts": attendance.counts(session, asked),
        "blockers": days.blockers(session, team.id, week, last),
        "issues": tasks,
        "statuses": Counter(each.status or "no status" for each in tasks).most_common(),
        "reports": generated.reports_about(session, team.id, week, last),
    }


ROUTES = [Route("/teams/{organization}/{team:path}", team)]
