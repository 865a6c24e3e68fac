"""The pages, one module each: it asks the database, and gives plain data to a template."""

from loader.studio.pages import (
    days,
    issues,
    loads,
    meetings,
    overview,
    people,
    reports,
    search,
    teams,
)

ROUTES = [
    *overview.ROUTES,
    *teams.ROUTES,
    *people.ROUTES,
    *meetings.ROUTES,
    *days.ROUTES,
    *issues.ROUTES,
    *reports.ROUTES,
    *search.ROUTES,
    *loads.ROUTES,
]
