"""Parse dbt's models for a target without a database."""

import contextlib
import os
from collections.abc import Iterator

from loader.settings import Target, environment, values

# dbt needs an address to parse the models, but does not connect to it.
_NO_DATABASE = "postgresql://nobody@no-database/none"


@contextlib.contextmanager
def without_database(target: str | None) -> Iterator[Target]:
    """Yield a PostgreSQL target whose models dbt can parse without a real address.

    Args:
        target: The value of `--target`; None and `local` become `dev`.
    """
    env = environment()
    named = Target(target or values.value(env, "NEON_ENV"))
    named = Target.DEV if named == Target.LOCAL else named
    if any(env.get(name, "").strip() for name in (f"DATABASE_URL_{named.upper()}", "DATABASE_URL")):
        yield named
        return
    before = os.environ.get("DATABASE_URL")  # noqa: TID251 - settings may read it
    os.environ["DATABASE_URL"] = _NO_DATABASE  # noqa: TID251
    try:
        yield named
    finally:
        os.environ.pop("DATABASE_URL")  # noqa: TID251
        if before is not None:
            os.environ["DATABASE_URL"] = before  # noqa: TID251
