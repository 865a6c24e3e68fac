with

    reports as (select * from {{ ref("generated_reports") }}),

    report_types as (select * from {{ ref("report_types") }}),

    staged as (select * from {{ ref("stg_raw__generated_reports") }}),

    team_folders as (select * from {{ ref("int_team_folders") }}),

    -- A later load of the same bytes changes nothing here.
    first_loads as (
        select
            team_folders.team_id,
            staged.content_hash,
            min(staged.loaded_at) as loaded_at
        from staged
        inner join team_folders on staged.team_folder = team_folders.folder
        where staged.date_range_start is not null
        group by team_folders.team_id, staged.content_hash
    ),

    int_report_ranges as (
        select
            reports.id as generated_report_id,
            reports.team_id,
            report_types.name as report_type,
            cast(reports.output ->> 'date_range_start' as date) as first_day,
            cast(reports.output ->> 'date_range_end' as date) as last_day,
            reports.output,
            reports.content_hash,
            coalesce(first_loads.loaded_at, reports.loaded_at) as loaded_at
        from reports
        inner join report_types on reports.report_type_id = report_types.id
        left join
            first_loads
            on reports.team_id = first_loads.team_id
            and reports.content_hash = first_loads.content_hash
    )

select *
from int_report_ranges
