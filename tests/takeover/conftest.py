from collections.abc import Iterator

import psycopg
import pytest

from tests.support.project import Project


@pytest.fixture
def connection(project: Project) -> Iterator[psycopg.Connection]:
    assert project.url
    with psycopg.connect(project.url, autocommit=True) as connection:
        yield connection
