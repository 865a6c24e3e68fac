"""Write the answers into docs/questions.md, from a database loaded with the page's data.

python -m scripts.answers local
"""

import re
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

from loader.database.connect import connect_duckdb, connect_postgres
from loader.database.warehouse import Connection
from loader.settings import Settings, load_settings

PAGE = Path(__file__).parents[1] / "docs/questions.md"
_QUESTION = re.compile(r"^## (?P<title>.+\?)\n(?P<how>(?:(?!^## )[\s\S])+?)^```sql\n", re.MULTILINE)
_SQL = re.compile(r"(?P<sql>[\s\S]+?)^```\n\n?(?P<answer>(?:\|.*\n)*)", re.MULTILINE)
_FILE = re.compile(r"^`(?P<path>[^`]+)`:\n\n```markdown\n(?P<text>[\s\S]+?)^```$", re.MULTILINE)


class Question(NamedTuple):
    """A question of the page with its answer.

    Args:
        title: The question's heading.
        how: How the statement answers the question.
        sql: The SQL statement.
        answer: The table with the answer.
        span: Start and end of the answer in the page.
    """

    title: str
    how: str
    sql: str
    answer: str
    span: tuple[int, int]


def questions(page: str) -> Iterator[Question]:
    """Yield the questions of the page."""
    for asked in _QUESTION.finditer(page):
        if found := _SQL.match(page, asked.end()):
            how = asked["how"].strip()
            yield Question(asked["title"], how, found["sql"], found["answer"], found.span("answer"))


def files(page: str) -> dict[str, str]:
    """Return the files that the page adds to the example, by path in the workspace."""
    return {found["path"]: found["text"] for found in _FILE.finditer(page)}


def as_table(columns: Iterable[str], rows: Iterable[Iterable[object]]) -> str:
    """Return rows as a Markdown table."""
    names = list(columns)
    lines = [names, ["---"] * len(names), *(map(_cell, row) for row in rows)]
    return "".join(f"| {' | '.join(cells)} |\n" for cells in lines)


def connect(settings: Settings) -> Connection:
    """Connect to a target's database."""
    connection: Connection = (
        connect_postgres(settings.database)
        if settings.database
        else connect_duckdb(settings, is_read_only=True)
    )
    return connection


def ask(connection: Connection, sql: str) -> str:
    """Return the answer to a statement, as shown on the page."""
    found = connection.execute(sql)
    return as_table((column[0] for column in found.description), found.fetchall())


def _cell(value: object) -> str:
    text = "" if value is None else str(value)
    return text.replace("|", "\\|").replace("\n", " ")


def rewritten(page: str, connection: Connection) -> str:
    """Return the page with the answers from a database."""
    for each in reversed(list(questions(page))):
        start, end = each.span
        page = page[:start] + ask(connection, each.sql) + page[end:]
    return page


def main(target: str) -> None:
    """Rewrite the page.

    Args:
        target: The database's, such as `local`.
    """
    PAGE.write_text(rewritten(PAGE.read_text(), connect(load_settings(target))))


if __name__ == "__main__":
    main(*sys.argv[1:])
