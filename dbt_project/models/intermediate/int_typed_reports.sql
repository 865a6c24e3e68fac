with

    reports as (select * from {{ ref("stg_raw__generated_reports") }}),

    patterns as (select * from {{ ref("stg_seeds__report_type_patterns") }}),

    claimed as (
        select reports.*, patterns.pattern, patterns.report_type
        from reports
        left join patterns on reports.filename like patterns.like_pattern escape '!'
    ),

    longest as (
        {{
            deduplicate(
                "claimed",
                partition_by=["row_id"],
                order_by=["length(pattern) desc", by_code_point("pattern")],
            )
        }}
    ),

    int_typed_reports as (
        select
            row_id,
            team_folder,
            source_path,
            filename,
            pattern,
            report_type,
            generated_at,
            date_range_start,
            triggered_by,
            output,
            content_hash,
            blob_key,
            blob_url,
            loaded_at,
            _dlt_load_id
        from longest
    )

select *
from int_typed_reports
