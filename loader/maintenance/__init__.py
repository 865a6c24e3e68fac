"""Commands for operators: status, check, verify, prune, forget, drop."""

from loader.tables import CONTENT, FILE_TABLES, FINAL_TABLES, RAW_TABLES, VIEWS
from loader.tables.contents import CONTENT_TABLES

# The tables whose rows refer to the blobs of their files.
WITH_BLOBS = (*(f"raw.{kind}" for kind in FILE_TABLES), *FILE_TABLES)


def read_by_status(final_schema: str) -> dict[str, tuple[str, ...]]:
    """Return the tables that a role must be able to read for `status`, by schema."""
    return {
        final_schema: tuple(FINAL_TABLES),
        CONTENT: tuple(CONTENT_TABLES),
        "reporting": VIEWS,
        "raw": tuple(RAW_TABLES),
        "bookkeeping": ("applied_loads", "environment"),
    }
