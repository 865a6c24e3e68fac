{#
The sources of reports: each pair of a report and a source.

- Only kinds of data that the report has a text of.
- Daily reports: the days in its text; if it names none for certain, those of its date range.
- Transcripts of its date range; if its text names some of these, only those.
- Jira and Slack of the weeks that overlap its date range.
- A 1on1: only its person's days, and meetings that this person takes part in.

    reports  a CTE with rows of int_report_ranges
#}
{% macro report_sources(reports) %}
    with
        kinds as (select * from {{ ref("int_report_kinds") }}),

        persons as (select * from {{ ref("int_report_people") }}),

        sources as (select * from {{ ref("int_sources") }}),

        daily_reports as (select * from {{ ref("daily_reports") }}),

        meeting_transcripts as (select * from {{ ref("meeting_transcripts") }}),

        -- The key of a name takes long: not once per daily report.
        author_keys as (
            select team_id, author_name, {{ person_key("author_name") }} as name_key
            from
                (
                    select distinct team_id, author_name
                    from daily_reports
                    where team_id in (select team_id from {{ reports }})
                ) as authors
        ),

        people as (
            select team_id, author_name as name
            from author_keys
            union
            select team_id, name
            from persons
        ),

        elements as (
            select
                generated_report_id,
                team_id,
                {{ json_elements("output -> 'days'") }} as element
            from {{ reports }}
        ),

        days as (
            select
                generated_report_id,
                team_id,
                element ->> 'author_name' as spelling,
                cast(element ->> 'report_date' as date) as report_date
            from elements
        ),

        dated as (select distinct generated_report_id from days),

        authors as ({{ people_by_spelling("days", "people") }}),

        titles as (
            select
                generated_report_id, {{ json_texts("output -> 'meetings'") }} as title
            from {{ reports }}
        ),

        pairs as (
            select reports.generated_report_id, reports.report_type, sources.*
            from {{ reports }} as reports
            inner join kinds on reports.generated_report_id = kinds.generated_report_id
            inner join
                sources
                on reports.team_id = sources.team_id
                and kinds.source_kind = sources.source_kind
                and reports.first_day <= sources.last_day
                and reports.last_day >= sources.first_day
            left join dated on reports.generated_report_id = dated.generated_report_id
            where
                sources.source_kind <> 'daily_report'
                or dated.generated_report_id is null
            union all
            select reports.generated_report_id, reports.report_type, sources.*
            from {{ reports }} as reports
            inner join days on reports.generated_report_id = days.generated_report_id
            inner join
                authors
                on days.team_id = authors.team_id
                and days.spelling = authors.spelling
            inner join
                author_keys
                on authors.team_id = author_keys.team_id
                and {{ person_key("authors.name") }} = author_keys.name_key
            inner join
                sources
                on reports.team_id = sources.team_id
                and days.report_date = sources.first_day
                and sources.source_kind = 'daily_report'
                and author_keys.author_name = sources.title
        ),

        -- Titles that are not a file name are ignored.
        titled as (
            select pairs.generated_report_id, pairs.source_id
            from pairs
            inner join
                titles
                on pairs.generated_report_id = titles.generated_report_id
                and {{ file_stem("titles.title") }} in (
                    {{ file_stem("pairs.title") }},
                    {{ file_stem("regexp_replace(pairs.title, '^.*/', '')") }}
                )
            where pairs.source_kind = 'meeting_transcript'
        ),

        with_titles as (select distinct generated_report_id from titled),

        transcripts as (
            select id as transcript_id, team_id, transcript_text
            from meeting_transcripts
            where
                id in (
                    select source_id
                    from pairs
                    where report_type = '1on1' and source_kind = 'meeting_transcript'
                )
        ),

        heard as ({{ names_in_transcripts("transcripts") }}),

        participants as ({{ people_by_spelling("heard", "people") }}),

        of_person as (
            select persons.generated_report_id, heard.transcript_id as source_id
            from persons
            inner join
                participants
                on persons.team_id = participants.team_id
                and {{ person_key("persons.name") }}
                = {{ person_key("participants.name") }}
            inner join
                heard
                on participants.team_id = heard.team_id
                and participants.spelling = heard.spelling
            union
            select persons.generated_report_id, daily_reports.id
            from persons
            inner join
                author_keys
                on persons.team_id = author_keys.team_id
                and {{ person_key("persons.name") }} = author_keys.name_key
            inner join
                daily_reports
                on author_keys.team_id = daily_reports.team_id
                and author_keys.author_name = daily_reports.author_name
        )
    select distinct pairs.*
    from pairs
    left join
        of_person
        on pairs.generated_report_id = of_person.generated_report_id
        and pairs.source_id = of_person.source_id
    left join with_titles on pairs.generated_report_id = with_titles.generated_report_id
    left join
        titled
        on pairs.generated_report_id = titled.generated_report_id
        and pairs.source_id = titled.source_id
    where
        (
            pairs.report_type <> '1on1'
            or pairs.source_kind in ('jira_snapshot', 'slack_capture')
            or of_person.source_id is not null
        )
        and (
            pairs.source_kind <> 'meeting_transcript'
            or with_titles.generated_report_id is null
            or titled.source_id is not null
        )
{% endmacro %}

{# A path without its suffix. #}
{% macro file_stem(path) %}
    regexp_replace({{ path }}, '[.][A-Za-z]+$', '')
{% endmacro %}
