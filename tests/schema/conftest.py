"""What the tests of the schema share: dbt takes seconds to read the contracts."""

import pytest
import sqlalchemy as sa

from loader.schema.contracts import read_contracts
from loader.settings import Target
from tests.support.project import ROOT


@pytest.fixture(scope="session")
def contracts() -> sa.MetaData:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(ROOT)
        patch.setenv("DATABASE_URL", "postgresql://u:p@h/d")
        return read_contracts(Target.PROD)


@pytest.fixture
def changed(contracts: sa.MetaData) -> sa.MetaData:
    """A copy of the contracts, to change."""
    copy = sa.MetaData()
    for table in contracts.tables.values():
        table.to_metadata(copy)
    return copy
