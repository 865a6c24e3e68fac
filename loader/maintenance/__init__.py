"""What operators ask and do: status, check, verify, prune, forget, drop."""

from loader.tables import FILE_TABLES, FINAL_TABLES, RAW_TABLES, VIEWS

# The tables whose rows refer to the blobs of their files.
WITH_BLOBS = tuple(f"{schema}.{kind}" for schema in ("raw", "public") for kind in FILE_TABLES)
# What a role has to read for `status`, by schema.
OURS = {
    "public": tuple(FINAL_TABLES),
    "reporting": VIEWS,
    "raw": tuple(RAW_TABLES),
    "bookkeeping": ("applied_loads", "environment"),
}
