{% set parents = [
    "generated_reports",
    "daily_reports",
    "meeting_transcripts",
    "jira_snapshots",
    "slack_captures",
] %}
{{
    config(
        pre_hook="{{ claim_loads(after=" ~ parents ~ ") }}",
        post_hook="{{ mark_loads_applied() }}",
    )
}}

with

    ranges as (select * from {{ ref("int_report_ranges") }}),

    touched_spans as (select * from {{ ref("int_touched_spans") }}),

    daily_reports as (select * from {{ ref("daily_reports") }}),

    meeting_transcripts as (select * from {{ ref("meeting_transcripts") }}),

    weekly_sources as (select * from {{ ref("int_weekly_sources") }}),

    -- A report gets links when it has none, and when something arrives for its days.
    reports as (
        select *
        from ranges
        {% if is_incremental() %}
            where
                not exists (
                    select 1
                    from {{ this }} as stored
                    where stored.generated_report_id = ranges.generated_report_id
                )
                or exists (
                    select 1
                    from touched_spans
                    where
                        touched_spans.team_id = ranges.team_id
                        and touched_spans.first_day <= ranges.last_day
                        and touched_spans.last_day >= ranges.first_day
                )
        {% endif %}
    ),

    weekly as (
        select
            reports.generated_report_id,
            weekly_sources.*,
            {{ "stored.id is not null" if is_incremental() else "false" }} as is_linked
        from reports
        inner join
            weekly_sources
            on reports.team_id = weekly_sources.team_id
            and reports.first_day <= weekly_sources.collected_week_end
            and reports.last_day >= weekly_sources.collected_week_start
            and reports.loaded_at <= weekly_sources.loaded_at
        {% if is_incremental() %}
            left join
                {{ this }} as stored
                on reports.generated_report_id = stored.generated_report_id
                and weekly_sources.source_id
                = coalesce(stored.jira_snapshot_id, stored.slack_capture_id)
        {% endif %}
    ),

    -- Each run appends rows of the same week: those of one run count, for good.
    weekly_runs as (
        select
            *,
            coalesce(
                min(case when is_linked then loaded_at end) over same_source,
                min(loaded_at) over same_source
            ) as run_loaded_at
        from weekly
        window
            same_source as (
                partition by
                    generated_report_id,
                    source_kind,
                    channel,
                    collected_week_start,
                    collected_week_end
            )
    ),

    sources as (
        select generated_report_id, source_kind, source_id
        from weekly_runs
        where loaded_at = run_loaded_at
        union all
        select reports.generated_report_id, 'daily_reports', daily_reports.id
        from reports
        inner join
            daily_reports
            on reports.team_id = daily_reports.team_id
            and daily_reports.report_date between reports.first_day and reports.last_day
        union all
        select reports.generated_report_id, 'meeting_transcripts', transcripts.id
        from reports
        inner join
            meeting_transcripts as transcripts
            on reports.team_id = transcripts.team_id
            and cast(transcripts.transcript_date as date)
            between reports.first_day and reports.last_day
    ),

    report_data_links as (
        {% set key = [
            "cast(generated_report_id as text)",
            "source_kind",
            "cast(source_id as text)",
        ] %}
        select
            {{ natural_key_uuid("report_data_links", key) }} as id,
            generated_report_id,
            {% for kind, column in {
                "jira_snapshots": "jira_snapshot_id",
                "slack_captures": "slack_capture_id",
                "daily_reports": "daily_report_id",
                "meeting_transcripts": "meeting_transcript_id",
            }.items() %}
                case when source_kind = '{{ kind }}' then source_id end as {{ column }},
            {% endfor %}
            current_timestamp as created_at,
            current_timestamp as updated_at
        from sources
    )

select *
from report_data_links
