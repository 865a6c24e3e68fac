"""A meeting: participants and turns."""

from collections import defaultdict

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from loader.database.sessions import Session
from loader.questions import attendance
from loader.questions import meetings as asked
from loader.questions.asked import Asked, Part
from loader.questions.calendar import teams
from loader.questions.names import monday
from loader.questions.origins import Origins
from loader.studio.links import TURNS
from loader.studio.pages.asking import number_of
from loader.studio.rendering import page, studio_of


def meeting(request: Request) -> Response:
    """Show a meeting with a part of its turns."""
    skipped = number_of(request, "from")
    with studio_of(request).reading() as session:
        studio_of(request).check_contents(session)
        found = _meeting(session, request.path_params["id"])
        turns = asked.turns(session, found.id, Part(TURNS, skipped))
        first, last = (turns[0].position, turns[-1].position) if turns else (1, 0)
        references: dict[int, list[asked.Reference]] = defaultdict(list)
        for each in asked.references(session, found.id, first, last):
            references[each.position].append(each)
        participants = asked.participants(session, found.id)
        counts = attendance.counts(session, Asked(), id_=found.id).get(found.id)
        organizations = {each.name: each.organization for each in teams(session)}
        text = "" if turns or skipped else asked.text_of(session, found.id)
        origin = Origins(session, [found.blob_key]).path(found.blob_key)
    return page(
        request,
        "meeting.html",
        meeting=found,
        organization=organizations[found.team],
        week=monday(found.day),
        turns=turns[:TURNS],
        more=skipped + TURNS if len(turns) > TURNS else None,
        skipped=skipped,
        size=TURNS,
        references=references,
        participants=participants,
        most_words=max((each.words for each in participants), default=0),
        counts=counts,
        text=text,
        origin=origin,
    )


def text(request: Request) -> Response:
    """Show a transcript's original text."""
    with studio_of(request).reading() as session:
        found = _meeting(session, request.path_params["id"])
        written = asked.text_of(session, found.id)
        origin = Origins(session, [found.blob_key]).path(found.blob_key)
    return page(request, "written.html", meeting=found, text=written, origin=origin)


def _meeting(session: Session, id_: str) -> asked.Meeting:
    found = asked.meetings(session, Asked(), Part(1), id_=id_)
    if not found:
        raise HTTPException(404, f"There is no meeting {id_!r}.")
    return found[0]


ROUTES = [Route("/meetings/{id}", meeting), Route("/meetings/{id}/text", text)]
