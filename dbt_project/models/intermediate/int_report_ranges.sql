with

    reports as (select * from {{ ref("generated_reports") }}),

    int_report_ranges as (
        select
            id as generated_report_id,
            team_id,
            cast(output ->> 'date_range_start' as date) as first_day,
            cast(output ->> 'date_range_end' as date) as last_day,
            loaded_at
        from reports
    )

select *
from int_report_ranges
