"""The pages, one module each: it asks the database, and gives plain data to a template."""

from loader.studio.pages import overview

ROUTES = [*overview.ROUTES]
