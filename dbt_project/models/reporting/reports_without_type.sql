with

    typed as (select * from {{ ref("int_typed_reports") }}),

    generated_reports as (select * from {{ ref("generated_reports") }}),

    team_folders as (select * from {{ ref("int_team_folders") }}),

    teams as (select * from {{ ref("teams") }}),

    -- A stored report keeps its type, even if its pattern changes.
    reports as (
        select *
        from typed
        where
            report_type is null
            and not exists (
                select 1
                from generated_reports as held
                where
                    held.content_hash = typed.content_hash
                    and held.output ->> 'source_path' = typed.source_path
            )
    ),

    latest as (
        {{
            deduplicate(
                "reports",
                partition_by=["source_path", "content_hash"],
                order_by=["loaded_at desc", "row_id desc"],
            )
        }}
    ),

    reports_without_type as (
        select
            latest.team_folder,
            latest.filename,
            latest.pattern,
            latest.generated_at,
            latest.source_path,
            latest.content_hash,
            latest.blob_url,
            latest.loaded_at,
            teams.name as team
        from latest
        left join team_folders on latest.team_folder = team_folders.folder
        left join teams on team_folders.team_id = teams.id
    )

select *
from reports_without_type
