"""What operators ask and do: status, check, verify, prune, forget, drop."""

from loader.tables import FILE_TABLES

# The tables whose rows refer to the blobs of their files.
WITH_BLOBS = tuple(f"{schema}.{kind}" for schema in ("raw", "public") for kind in FILE_TABLES)
