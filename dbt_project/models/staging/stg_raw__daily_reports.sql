with

    source as ({{ rows_to_apply("daily_reports") }}),

    stg_raw__daily_reports as (
        select
            cast(row_id as uuid) as row_id,
            team as team_folder,
            source_path,
            author_name,
            cast(report_date as date) as report_date,
            content,
            checksum_sha256,
            line_number,
            blob_key,
            blob_url,
            loaded_at
        from source
    )

select *
from stg_raw__daily_reports
