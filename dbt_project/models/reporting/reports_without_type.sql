with

    typed as (select * from {{ ref("int_typed_reports") }}),

    generated_reports as (select * from {{ ref("generated_reports") }}),

    -- A stored report keeps its type, whatever becomes of its pattern.
    reports as (
        select *
        from typed
        where
            report_type is null
            and not exists (
                select 1
                from generated_reports as held
                where
                    held.content_hash = typed.content_hash
                    and held.output ->> 'source_path' = typed.source_path
            )
    ),

    latest as (
        {{
            deduplicate(
                "reports",
                partition_by=["source_path", "content_hash"],
                order_by=["loaded_at desc", "row_id desc"],
            )
        }}
    ),

    reports_without_type as (
        select
            team_folder,
            filename,
            pattern,
            generated_at,
            source_path,
            content_hash,
            blob_url,
            loaded_at
        from latest
    )

select *
from reports_without_type
