with

    patterns as (select * from {{ ref("seed_report_type_patterns") }}),

    stg_seeds__report_type_patterns as (
        select
            pattern,
            nullif(report_type, '') as report_type,
            -- For `like … escape '!'`: `*` alone stands for anything.
            replace(
                replace(replace(replace(pattern, '!', '!!'), '%', '!%'), '_', '!_'),
                '*',
                '%'
            ) as like_pattern
        from patterns
    )

select *
from stg_seeds__report_type_patterns
