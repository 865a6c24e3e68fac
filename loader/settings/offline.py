"""The models of a target that has no database yet."""

import contextlib
import os
from collections.abc import Iterator

from loader.settings import Target, environment, values

# dbt asks for an address before it reads the models, and connects to none for that.
_NO_DATABASE = "postgresql://nobody@no-database/none"


@contextlib.contextmanager
def without_database(target: str | None) -> Iterator[Target]:
    """Yield a target with PostgreSQL whose models dbt can read, though no address is set.

    Args:
        target: The value of `--target`; `dev` stands for none, and for `local`.
    """
    env = environment()
    named = Target(target or values.value(env, "NEON_ENV"))
    named = Target.DEV if named == Target.LOCAL else named
    if any(env.get(name, "").strip() for name in (f"DATABASE_URL_{named.upper()}", "DATABASE_URL")):
        yield named
        return
    before = os.environ.get("DATABASE_URL")  # noqa: TID251 - the one place
    os.environ["DATABASE_URL"] = _NO_DATABASE  # noqa: TID251
    try:
        yield named
    finally:
        os.environ.pop("DATABASE_URL")  # noqa: TID251
        if before is not None:
            os.environ["DATABASE_URL"] = before  # noqa: TID251
