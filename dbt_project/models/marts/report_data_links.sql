{% set parents = [
    "generated_reports",
    "daily_reports",
    "meeting_transcripts",
    "jira_snapshots",
    "slack_captures",
] %}
{% set columns = [
    "jira_snapshot_id",
    "slack_capture_id",
    "daily_report_id",
    "meeting_transcript_id",
] %}
{% set key = [
    "cast(generated_report_id as text)",
    "source_kind",
    "cast(source_id as text)",
] %}
{% set stored_key = [
    "cast(stored.generated_report_id as text)",
    "stored.source_kind",
    "cast(stored.source_id as text)",
] %}
{{
    config(
        pre_hook="{{ claim_loads(after=" ~ parents ~ ") }}",
        post_hook="{{ mark_loads_applied() }}",
    )
}}

with

    ranges as (select * from {{ ref("int_report_ranges") }}),

    staged as (select * from {{ ref("stg_raw__generated_reports") }}),

    -- once, and not for each report
    touched_spans as materialized(select * from {{ ref("int_touched_spans") }}),

    stored as ({{ stored_links(columns) }}),

    doubtful as ({{ doubtful_links("stored") }}),

    -- A report gets links if it has none, if one of its links cannot be right, if it is
    -- read again, and if a source for its days arrives. Not with `or`: PostgreSQL would
    -- read all links again for each report.
    touched as (
        select generated_report_id
        from ranges
        except
        select generated_report_id
        from stored
        union
        select generated_report_id
        from doubtful
        union
        select ranges.generated_report_id
        from ranges
        inner join staged on ranges.content_hash = staged.content_hash
        where staged._dlt_load_id in ({{ loads_to_apply("report_data_links") }})
        union
        select ranges.generated_report_id
        from ranges
        inner join
            touched_spans
            on coalesce(touched_spans.team_id, ranges.team_id) = ranges.team_id
            and coalesce(touched_spans.first_day <= ranges.last_day, true)
            and coalesce(touched_spans.last_day >= ranges.first_day, true)
    ),

    reports as (
        select *
        from ranges
        where generated_report_id in (select generated_report_id from touched)
    ),

    sources as ({{ report_sources("reports") }}),

    candidates as (
        select sources.*, stored.id is not null as is_linked
        from sources
        inner join reports on sources.generated_report_id = reports.generated_report_id
        left join
            stored
            on sources.generated_report_id = stored.generated_report_id
            and sources.source_id = stored.source_id
        where
            reports.loaded_at <= sources.loaded_at
            or sources.source_kind in ('daily_report', 'meeting_transcript')
    ),

    -- Each run appends Jira and Slack rows of the same week: the rows of one run count.
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

    linked as (
        select
            {{ natural_key_uuid("report_data_links", key) }} as id,
            generated_report_id,
            source_kind,
            source_id
        from runs
        -- neither has one: a day or a transcript of the replaced system
        where loaded_at is not distinct from run_loaded_at and not is_linked
    ),

    -- Only our own links, identified by their ids; other writers remove theirs.
    wrong as (
        select stored.id, stored.generated_report_id
        from stored
        inner join reports on stored.generated_report_id = reports.generated_report_id
        left join
            sources
            on stored.generated_report_id = sources.generated_report_id
            and stored.source_id = sources.source_id
        where
            sources.source_id is null
            and stored.id = {{ natural_key_uuid("report_data_links", stored_key) }}
    ),

    changes as (
        select id, generated_report_id, source_kind, source_id
        from linked
        union all
        select id, generated_report_id, null, null
        from wrong
    ),

    -- A row without a source deletes the stored link (meta.removed_where).
    report_data_links as (
        select
            id,
            generated_report_id,
            {% for column in columns %}
                case
                    when source_kind || '_id' = '{{ column }}' then source_id
                end as {{ column }},
            {% endfor %}
            current_timestamp as created_at,
            current_timestamp as updated_at
        from changes
    )

select *
from report_data_links
