"""Pages of a table, as the studio reads them."""

from collections.abc import Iterator
from contextlib import contextmanager

from loader.database.sessions import Session, Sessions
from loader.settings import load_settings
from loader.studio.catalogue import TableView
from loader.studio.paging import Page
from loader.studio.sql import RowQuery
from loader.studio.tables import Tables
from tests.support.project import Project


@contextmanager
def opened(project: Project) -> Iterator[tuple[Tables, Session, dict[str, TableView]]]:
    tables = Tables(Sessions(load_settings(project.target, project.environ)), memory=0)
    with tables.connections.reading() as session:
        yield tables, session, tables.all(session)


def walk(
    tables: Tables, session: Session, table: TableView, query: RowQuery, size: int
) -> tuple[list[tuple[str, ...]], list[tuple[str, ...]]]:
    """Return the keys of all rows, page by page to the end and back."""
    pages: list[Page] = [tables.page(session, table, query, table.listed, size=size)]
    while pages[-1].following:
        cursor = pages[-1].following
        pages.append(tables.page(session, table, query, table.listed, size=size, cursor=cursor))
    there = [key for page in pages for key in page.keys]
    back, page = [*pages[-1].keys], pages[-1]
    while page.previous:
        page = tables.page(session, table, query, table.listed, size=size, cursor=page.previous)
        back = [*page.keys, *back]
    return there, back
