with

    reports as (select * from {{ ref("int_report_ranges") }}),

    said as (
        select
            generated_report_id, {{ json_texts("output -> 'sources'") }} as source_kind
        from reports
    ),

    -- Earlier releases recorded the sizes of blocks for weekly digests only.
    blocks as (
        select *
        from
            (
                values
                    ('daily_report', 'DAILY_REPORTS_DATA'),
                    ('meeting_transcript', 'TRANSCRIPT_DATA'),
                    ('jira_snapshot', 'JIRA_DATA'),
                    ('slack_capture', 'SLACK_DATA')
            ) as kinds(source_kind, block)
    ),

    not_said as (
        select reports.generated_report_id, blocks.source_kind
        from reports
        cross join blocks
        where
            (reports.output -> 'sources') is null
            and case
                when (reports.output -> 'block_sizes') is null
                then true
                when reports.report_type = 'weekly-digest'
                then
                    coalesce(
                        cast(
                            (reports.output -> 'block_sizes') ->> blocks.block as bigint
                        ),
                        0
                    )
                    > 0
                else
                    reports.report_type <> '1on1'
                    or blocks.source_kind <> 'slack_capture'
            end
    ),

    int_report_kinds as (
        select *
        from said
        union all
        select *
        from not_said
    )

select *
from int_report_kinds
