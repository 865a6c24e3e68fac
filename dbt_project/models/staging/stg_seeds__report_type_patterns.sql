with

    patterns as (select * from {{ ref("seed_report_type_patterns") }}),

    report_types as (select * from {{ ref("seed_report_types") }}),

    stg_seeds__report_type_patterns as (
        select
            patterns.pattern,
            report_types.name as report_type,
            -- For `like … escape '!'`: `*` is the only wildcard.
            replace(
                replace(
                    replace(replace(patterns.pattern, '!', '!!'), '%', '!%'), '_', '!_'
                ),
                '*',
                '%'
            ) as like_pattern
        from patterns
        left join report_types on patterns.report_type = report_types.name
    )

select *
from stg_seeds__report_type_patterns
