{{ config(pre_hook="{{ claim_loads() }}", post_hook="{{ mark_loads_applied() }}") }}

-- Inserts every typed report that is missing here, even if its load was applied
-- long ago:
-- a type may be added to the seed later. A stored report keeps its type, and the
-- days of the first load that had any. The values of its text come from the latest.
with

    typed as (
        select
            *,
            _dlt_load_id in ({{ loads_to_apply("generated_reports") }}) as is_to_apply
        from {{ ref("int_typed_reports") }}
        where report_type is not null
    ),

    team_folders as (select * from {{ ref("int_team_folders") }}),

    report_types as (select * from {{ ref("report_types") }}),

    of_team as (
        select
            staged.*,
            {{ team_id_or_error() }} as team_id,
            team_folders.team_key,
            team_folders.organization_key,
            report_types.id as report_type_id
        from typed as staged
        inner join report_types on staged.report_type = report_types.name
        left join team_folders on staged.team_folder = team_folders.folder
        -- A team that was removed from the seeds is an error in new loads, not in
        -- applied ones.
        where team_folders.team_id is not null or staged.is_to_apply
    ),

    read_reports as ({{ read_reports("of_team") }}),

    missing as (
        select *
        from read_reports
        {% if is_incremental() %}
            where
                not exists (
                    select 1
                    from {{ this }} as held
                    where
                        held.team_id = read_reports.team_id
                        and held.content_hash = read_reports.content_hash
                        and (
                            held.report_type_id = read_reports.report_type_id
                            or held.output ->> 'source_path' = read_reports.source_path
                        )
                        and (
                            held.output ->> 'date_range_start' is not null
                            or read_reports.date_range_start is null
                        )
                )
        {% endif %}
    ),

    first_loaded as (
        {{
            deduplicate(
                "missing",
                partition_by=["team_id", "report_type_id", "content_hash"],
                order_by=[
                    "case when date_range_start is null then 1 else 0 end",
                    "loaded_at",
                    by_code_point("source_path"),
                    "row_id",
                ],
            )
        }}
    ),

    changes as (
        select *, false as is_held
        from first_loaded
        {% if is_incremental() %}
            -- The same bytes, which a newer parser read differently.
            union all
            select read_reports.*, 1, true
            from read_reports
            inner join
                {{ this }} as held
                on read_reports.team_id = held.team_id
                and read_reports.report_type_id = held.report_type_id
                and read_reports.content_hash = held.content_hash
                and read_reports.source_path = held.output ->> 'source_path'
            where
                read_reports.is_read_again
                and (
                    (held.output ->> 'date_range_start') is not null
                    or read_reports.date_range_start is null
                )
                and {{ json_merged("held.output", "read_reports.kept_output") }}
                is distinct from {{
                    json_merged(
                        "read_reports.output",
                        "read_reports.kept_output",
                    )
                }}
        {% endif %}
    ),

    generated_reports as (
        {% set key = [
            "organization_key",
            "team_key",
            "report_type",
            "content_hash",
        ] %}
        select
            {{ natural_key_uuid("generated_reports", key) }} as id,
            report_type_id,
            team_id,
            triggered_by,
            case
                when (kept_output ->> 'generated_at') is null
                then last_generated_at
                else generated_at
            end as generated_at,
            {{ natural_key_uuid("executions", key) }} as execution_id,
            blob_key,
            blob_url,
            {{ json_merged("output", "kept_output") }} as output,
            {{ as_json("null") }} as model_info,
            content_hash,
            case when is_held then last_loaded_at else loaded_at end as loaded_at,
            current_timestamp as created_at,
            current_timestamp as updated_at
        from changes
    )

select *
from generated_reports
