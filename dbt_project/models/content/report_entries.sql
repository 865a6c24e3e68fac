{{
    config(
        pre_hook=[
            "{{ claim_loads(after=['daily_reports']) }}",
            "{{ remove_contents() }}",
        ],
        post_hook=["{{ mark_loads_applied() }}", "{{ create_search_column() }}"],
    )
}}

with

    staged as (select * from {{ ref("stg_raw__report_entries") }}),

    aliases as (select * from {{ ref("people_aliases") }}),

    parents as ({{ parents_with_contents("report_entries") }}),

    contents as ({{ latest_parsing("staged", "parents") }}),

    report_entries as (
        select
            {{ content_id("report_entries", "parents.text_id", "contents.position") }}
            as id,
            parents.id as daily_report_id,
            parents.team_id,
            parents.report_date as day,
            aliases.person_id,
            contents.position,
            contents.project,
            contents.section,
            contents.section_kind,
            contents.text,
            contents.search_text,
            contents.loaded_at,
            current_timestamp as created_at,
            current_timestamp as updated_at
            {{ from_contents("report_entries") }}
    )

select *
from report_entries
