{{
    config(
        pre_hook=[
            "{{ claim_loads(after=['daily_reports']) }}",
            "{{ remove_contents({'daily_reports': ('daily_report_id', 'report_entries')}) }}",
        ],
        post_hook=["{{ mark_loads_applied() }}", "{{ create_search_column() }}"],
    )
}}

with

    staged as (select * from {{ ref("stg_raw__report_entries") }}),

    aliases as (select * from {{ ref("people_aliases") }}),

    parents as (
        {{ touched_parents("report_entries", "daily_reports", ref("daily_reports")) }}
    ),

    parsed as ({{ latest_parsing("staged", "parents") }}),

    report_entries as (
        select
            {{ content_id("report_entries", "parents.id", "parsed.position") }} as id,
            parents.id as daily_report_id,
            parents.team_id,
            parents.report_date as day,
            aliases.person_id,
            parsed.position,
            parsed.project,
            parsed.section,
            parsed.section_kind,
            parsed.text,
            parsed.search_text,
            parsed.loaded_at,
            current_timestamp as created_at,
            current_timestamp as updated_at
        from parsed
        inner join parents on parsed.checksum_sha256 = parents.checksum_sha256
        left join
            aliases
            on parents.team_id = aliases.team_id
            and parents.author_name = aliases.alias
    )

select *
from report_entries
