with

    reports as (select * from {{ ref("int_report_ranges") }}),

    daily_reports as (select * from {{ ref("daily_reports") }}),

    authors as (select distinct team_id, author_name as name from daily_reports),

    -- The file name counts if it identifies one known person: datasource_ana.py.
    named as (
        select
            generated_report_id,
            team_id,
            output ->> 'person' as person,
            coalesce(
                output ->> 'person',
                replace(
                    replace(
                        {{
                            regex_match(
                                "output ->> 'filename'", "^datasource_(.+)[.][^.]+$"
                            )
                        }},
                        '_',
                        ' '
                    ),
                    '-',
                    ' '
                )
            ) as spelling
        from reports
        where report_type = '1on1'
    ),

    known as ({{ people_by_spelling("named", "authors") }}),

    int_report_people as (
        select
            named.generated_report_id,
            named.team_id,
            coalesce(known.name, named.person) as name
        from named
        left join
            known on named.team_id = known.team_id and named.spelling = known.spelling
    )

select *
from int_report_people
