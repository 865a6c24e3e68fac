"""Statements of the resolve step, for DuckDB; LATEST_DAYS runs in the target's database."""

from loader.database.queries import FINISHED, LATEST_READS

# `stored_days` has the latest texts of finished runs, by path, for the people and days of the run.
# Teams are joined by name, because a team may have several folders.
DAYS = """
    create view days as
    select days.*, teams.team_name
    from part_rows as days
    inner join teams using (team)
    where raw_table = 'daily_reports'
"""
WANTED = "select distinct author_name, report_date from days"
CONFLICTS = """
    with differing as (
        select team_name, author_name, report_date
        from (
            select team_name, author_name, report_date, checksum_sha256 from days
            union all
            select team_name, author_name, report_date, checksum_sha256
            from stored_days
            inner join teams using (team)
        ) as texts
        group by all
        having min(checksum_sha256) <> max(checksum_sha256)
    ),

    candidates as (
        select days.* from days inner join differing using (team_name, author_name, report_date)
    ),

    -- The path before it, in the order of reading, that has the same person and day.
    in_order as (
        select
            *,
            lag(source_path) over same_day as path_before,
            lag(checksum_sha256) over same_day as checksum_before
        from candidates
        window same_day as (
            partition by team_name, author_name, report_date
            order by team, source_path, line_number
        )
    ),

    stored_others as (
        select
            candidates.part_file,
            candidates.file_row_number,
            list(distinct stored.source_path order by stored.source_path) as paths
        from candidates
        inner join
            (select * from stored_days inner join teams using (team)) as stored
            using (team_name, author_name, report_date)
        where
            stored.source_path <> candidates.source_path
            and stored.checksum_sha256 <> candidates.checksum_sha256
            -- A text that this run has read again is in the order above.
            and not exists (
                select 1
                from days as read_again
                where
                    read_again.source_path = stored.source_path
                    and read_again.author_name = stored.author_name
                    and read_again.report_date = stored.report_date
            )
        group by all
    ),

    rejections_of as (
        select source_path, count(*) as rejections
        from part_rows
        where raw_table = 'rejections' and kind = 'daily_reports'
        group by source_path
    )

    select
        team,
        source_path,
        file_sha256,
        line_number,
        author_name,
        report_date,
        case
            when path_before <> source_path and checksum_before <> checksum_sha256
                then path_before
        end as read_path,
        paths as stored_paths,
        -- The note's place among the rejections of its path.
        coalesce(rejections, 0)
        + row_number() over (partition by source_path order by line_number, author_name)
        - 1 as position
    from in_order
    left join stored_others using (part_file, file_row_number)
    left join rejections_of using (source_path)
    where read_path is not null or stored_paths is not null
    order by team, source_path, line_number
"""
# Also skips the content rows of texts for which no row is loaded.
KNOWN = """
    with known as (
        select days.part_file, days.file_row_number
        from days
        inner join stored_days using (source_path, author_name, report_date, checksum_sha256)
        where
            not exists (
                select 1
                from restored
                where
                    restored.source_path = days.source_path
                    and restored.author_name = days.author_name
                    and restored.report_date = days.report_date
            )
    ),

    loaded as (
        select source_path, checksum_sha256
        from days
        anti join known using (part_file, file_row_number)
    ),

    contents as (
        select part_file, file_row_number
        from part_rows
        anti join loaded using (source_path, checksum_sha256)
        where raw_table = 'report_entries'
    )

    select
        part_file,
        list(file_row_number order by file_row_number) as row_numbers,
        count(*) filter (is_day) as number_of_days
    from (
        select *, true as is_day from known
        union all
        select *, false from contents
    ) as skipped
    group by part_file
"""
READ_AGAIN = "select distinct source_path from part_rows where raw_table = 'files'"
ENDED = """
    select kind, source_path, team
    from open_rejections
    where
        not exists (
            select 1
            from part_rows
            where
                raw_table = 'files'
                and part_rows.kind = open_rejections.kind
                and part_rows.source_path = open_rejections.source_path
        )
        -- These are written for files without rejections, too.
        and not exists (
            select 1
            from gone
            where
                gone.kind = open_rejections.kind
                and gone.source_path = open_rejections.source_path
        )
        -- A run reads only the best Jira file.
        and not exists (
            select 1
            from listing
            where
                listing.kind = open_rejections.kind
                and listing.path = open_rejections.source_path
                and listing.reason is null
                and listing.kind <> 'jira_snapshots'
        )
    order by kind, source_path
"""

GONE = f"""
    select source_path
    from ({LATEST_READS}) as reads
    where kind = 'daily_reports' and outcome = 'gone'
"""
LATEST_DAYS = f"""
    select distinct on (source_path, author_name, report_date)
        team, source_path, author_name, report_date, checksum_sha256
    from raw.daily_reports
    inner join wanted_days using (author_name, report_date)
    where
        {FINISHED}
        -- A file that was gone is loaded whole when it is there again.
        and source_path not in ({GONE})
    order by source_path, author_name, report_date, loaded_at desc, line_number desc
"""
