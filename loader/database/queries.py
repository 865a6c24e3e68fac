"""SQL conditions and queries that several packages share."""

from collections.abc import Iterable

from loader.tables import FINAL_TABLES
from loader.tables.contents import CONTENT_TABLES


def _listed(names: Iterable[str]) -> str:
    return ", ".join(map("'{}'".format, names))


# Rows of all other loads are ignored.
FINISHED = "_dlt_load_id in (select load_id from raw.runs where finished_at is not null)"

_LOADED = [table.name for table in FINAL_TABLES.values() if table.is_loaded]
_CONTENTS = [table.name for table in CONTENT_TABLES.values() if table.parents]
# The loads that are applied to every final table and to every content table that was ever built.
# Each table records its applied loads separately.
APPLIED = f"""
    select load_id
    from bookkeeping.applied_loads
    where applied_at is not null and model in ({_listed([*_LOADED, *_CONTENTS])})
    group by load_id
    having
        count(*) = {len(_LOADED)} + (
            select count(distinct model)
            from bookkeeping.applied_loads
            where model in ({_listed(_CONTENTS)})
        )
"""
# The latest read of each path by finished runs, with which the next run compares.
LATEST_READS = f"""
    select distinct on (kind, source_path)
        kind, source_path, team, file_sha256, outcome, parser_version, worst
    from raw.files
    left join
        (
            -- Of the two severities, the worse comes first in the alphabet.
            select kind, source_path, run_id, min(severity) as worst
            from raw.rejections
            group by kind, source_path, run_id
        ) as rejected
        using (kind, source_path, run_id)
    where {FINISHED}
    order by kind, source_path, loaded_at desc
"""
