"""An issue: its state in each snapshot, and the texts that mention it."""

from datetime import timedelta
from itertools import groupby

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from loader.questions import issues as asked
from loader.questions.asked import Part
from loader.studio.pages.asking import number_of
from loader.studio.rendering import page, studio_of

_SNAPSHOTS = 1000
_MENTIONS = 100  # per page


def issue(request: Request) -> Response:
    """Show an issue."""
    key, skipped = request.path_params["key"].strip(), number_of(request, "from")
    with studio_of(request).reading() as session:
        studio_of(request).check_contents(session)
        snapshots = asked.snapshots_of(session, key, Part(_SNAPSHOTS))
        mentions = asked.mentions_of(session, key, Part(_MENTIONS, skipped))
        if not snapshots and not mentions and not skipped:
            raise HTTPException(404, f"No snapshot and no text has the issue {key!r}.")
        latest = snapshots[-1] if snapshots else None
        children = []
        if latest:
            week = latest.week_start
            children = asked.children_of(session, key, week, week + timedelta(days=6))
    return page(
        request,
        "issue.html",
        key=latest.issue_key if latest else key,
        latest=latest,
        history=history(snapshots),
        count=len(snapshots),
        mentions=mentions[:_MENTIONS],
        skipped=skipped,
        more=skipped + _MENTIONS if len(mentions) > _MENTIONS else None,
        children=children,
    )


def history(snapshots: list[asked.Issue]) -> list[tuple[asked.Issue, asked.Issue, int]]:
    """Return the states of an issue, the latest first: first and last snapshot, and their count."""
    found = []
    for _, some in groupby(
        snapshots, key=lambda each: (each.team, each.status, each.assignee, each.priority)
    ):
        same = list(some)
        found.append((same[0], same[-1], len(same)))
    return found[::-1]


ROUTES = [Route("/issues/{key:path}", issue)]
