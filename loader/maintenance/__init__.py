"""What operators ask and do: status, check, verify, prune, forget, drop."""

from loader.tables import FILE_TABLES

# The tables whose rows refer to the blobs of their files.
WITH_BLOBS = (*(f"raw.{kind}" for kind in FILE_TABLES), *FILE_TABLES)
