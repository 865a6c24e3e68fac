{{ config(pre_hook="{{ claim_loads() }}", post_hook="{{ mark_loads_applied() }}") }}

-- Takes every typed report that it does not hold, however long ago its load was
-- applied:
-- a type may be seeded after the load. One that it holds keeps its type, and the days
-- of its first load that gave it any.
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
            team_folders.team_name,
            team_folders.organization_name,
            report_types.id as report_type_id
        from typed as staged
        inner join report_types on staged.report_type = report_types.name
        left join team_folders on staged.team_folder = team_folders.folder
        -- A team that has left the seeds is an error in what is new, not in what was
        -- applied.
        where team_folders.team_id is not null or staged.is_to_apply
    ),

    missing as (
        select *
        from of_team
        {% if is_incremental() %}
            where
                not exists (
                    select 1
                    from {{ this }} as held
                    where
                        held.team_id = of_team.team_id
                        and held.content_hash = of_team.content_hash
                        and (
                            held.report_type_id = of_team.report_type_id
                            or held.output ->> 'source_path' = of_team.source_path
                        )
                        and (
                            held.output ->> 'date_range_start' is not null
                            or of_team.date_range_start is null
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

    generated_reports as (
        {% set key = [
            "organization_name",
            "team_name",
            "report_type",
            "content_hash",
        ] %}
        select
            {{ natural_key_uuid("generated_reports", key) }} as id,
            report_type_id,
            team_id,
            triggered_by,
            generated_at,
            {{ natural_key_uuid("executions", key) }} as execution_id,
            blob_key,
            blob_url,
            {{ as_json("output") }} as output,
            {{ as_json("null") }} as model_info,
            content_hash,
            loaded_at,
            current_timestamp as created_at,
            current_timestamp as updated_at
        from first_loaded
    )

select *
from generated_reports
