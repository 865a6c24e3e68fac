with

    reports as (select * from {{ ref("int_typed_reports") }} where report_type is null),

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
