with

    seed_report_types as (select * from {{ ref("seed_report_types") }}),

    report_types as (
        select
            {{ natural_key_uuid("report_types", ["name"]) }} as id,
            name,
            description,
            current_timestamp as created_at,
            current_timestamp as updated_at
        from seed_report_types
    )

select *
from report_types
