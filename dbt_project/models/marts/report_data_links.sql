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

    -- once, and not for each report
    touched_spans as materialized(select * from {{ ref("int_touched_spans") }}),

    sources as (select * from {{ ref("int_sources") }}),

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
                        coalesce(touched_spans.team_id, ranges.team_id) = ranges.team_id
                        and touched_spans.first_day <= ranges.last_day
                        and touched_spans.last_day >= ranges.first_day
                )
        {% endif %}
    ),

    candidates as (
        select
            reports.generated_report_id,
            sources.*,
            {% if is_incremental() %} stored.id is not null
            {% else %} false
            {% endif %} as is_linked
        from reports
        inner join
            sources
            on reports.team_id = sources.team_id
            and reports.first_day <= sources.last_day
            and reports.last_day >= sources.first_day
        {% if is_incremental() %}
            left join
                {{ this }} as stored
                on reports.generated_report_id = stored.generated_report_id
                and sources.source_id = coalesce(
                    stored.daily_report_id,
                    stored.meeting_transcript_id,
                    stored.jira_snapshot_id,
                    stored.slack_capture_id
                )
        {% endif %}
        where
            reports.loaded_at <= sources.loaded_at
            or sources.source_kind in ('daily_report', 'meeting_transcript')
    ),

    -- Each run appends Jira and Slack rows of the same week: one run's count, for good.
    runs as (
        select
            *,
            coalesce(
                min(case when is_linked then loaded_at end) over same_source,
                min(loaded_at) over same_source
            ) as run_loaded_at
        from candidates
        window
            same_source as (
                partition by
                    generated_report_id, source_kind, title, first_day, last_day
            )
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
            {% for column in [
                "jira_snapshot_id",
                "slack_capture_id",
                "daily_report_id",
                "meeting_transcript_id",
            ] %}
                case
                    when source_kind || '_id' = '{{ column }}' then source_id
                end as {{ column }},
            {% endfor %}
            current_timestamp as created_at,
            current_timestamp as updated_at
        from runs
        -- neither has one: a day or a transcript of the replaced system
        where loaded_at is not distinct from run_loaded_at and not is_linked
    )

select *
from report_data_links
