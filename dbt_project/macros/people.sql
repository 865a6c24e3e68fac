{# A spelling of a person's name, in the form in which two spellings are compared. #}
{% macro plain_name(spelling) %}
    {{- return(adapter.dispatch("plain_name")(spelling)) -}}
{% endmacro %}

{% macro default__plain_name(spelling) %}
    trim(lower(regexp_replace(nfc_normalize({{ spelling }}), '\s+', ' ', 'g')))
{% endmacro %}

{% macro postgres__plain_name(spelling) %}
    trim(lower(regexp_replace(normalize({{ spelling }}, nfc), '\s+', ' ', 'g')))
{% endmacro %}

{#
Whose name a spelling is: the full name, or its first words if they are nobody else's in the team ("Jan Carlo" is Jan Carlo
Cruz, "Jan" is nobody if there is a Jan Lerick, too). The one place where names are compared.

    spellings  relation with `team_id` and `spelling`
    people     relation with `team_id` and `name`
#}
{% macro people_by_spelling(spellings, people) %}
    select team_id, spelling, min(name) as name
    from
        (
            select
                written.team_id,
                written.spelling,
                people.name,
                people.person_key,
                rank() over (
                    partition by written.team_id, written.spelling
                    order by
                        case
                            when written.person_key = people.person_key then 0 else 1
                        end
                ) as place
            from
                (
                    select distinct
                        team_id, spelling, {{ plain_name("spelling") }} as person_key
                    from {{ spellings }}
                    where spelling is not null
                ) as written
            inner join
                (
                    select distinct
                        team_id, name, {{ plain_name("name") }} as person_key
                    from {{ people }}
                    where name is not null
                ) as people
                on written.team_id = people.team_id
                and starts_with(people.person_key || ' ', written.person_key || ' ')
            where written.person_key <> ''
        ) as fitting
    where place = 1
    group by team_id, spelling
    having count(distinct person_key) = 1
{% endmacro %}

{#
The names in transcripts: those in the list of participants, and who speaks.

    transcripts  relation with `transcript_id`, `team_id` and `transcript_text`
#}
{% macro names_in_transcripts(transcripts) %}
    {%- set clock = "[0-9]{1,2}:[0-9]{2}(?::[0-9]{2})?" -%}
    {%- set at = "[\\[(]?" ~ clock ~ "[\\])]?" -%}
    {%- set name = "[^:*<>#\\n]{1,100}?" -%}
    {%- set bullet = "[ \\t]*(?:[-*+]|[0-9]+[.)])[ \\t]+" -%}
    {%- set heading = (
        "^#+[ \\t]+(?:Meeting[ \\t]+)?(?:Participants|Attendees)[^\\n]*"
    ) -%}
    {%- set lists = heading ~ "((?:\\n(?:" ~ bullet ~ "[^\\n]*|[ \\t]*))+)" -%}
    {%- set turns = [
        "^#+[ \\t]+" ~ at ~ "[ \\t]*[-–—]?[ \\t]*([^\\n]{1,100}?)[ \\t]*$",
        "^\\[" ~ clock ~ "\\][ \\t]*(" ~ name ~ "):",
        "^[*][*](" ~ name ~ "):?[*][*]:?[ \\t]*" ~ at,
        "^(" ~ name ~ ")[ \\t]+" ~ at ~ "[ \\t]*$",
        "<v[^ >\\n]*[ \\t]+([^>\\n]{1,100})>",
        "-->[^\\n]*\\n(" ~ name ~ "):[ \\t]",
    ] -%}
    with
        texts as (
            select
                transcript_id,
                team_id,
                -- a line ends in a line feed
                replace(transcript_text, chr(13), '') as transcript_text
            from {{ transcripts }}
        ),

        participants as (
            select
                transcript_id,
                team_id,
                {{ regex_matches("transcript_text", lists) }} as names
            from texts
        )
    select
        transcript_id,
        team_id,
        {{
            regex_matches(
                "names",
                "^" ~ bullet ~ "[*]{0,2}([^\\n*(<]{1,100}?)[ \\t]*(?:[*(<][^\\n]*)?$",
            )
        }} as spelling
    from participants
    {% for turn in turns %}
        union
        select transcript_id, team_id, {{ regex_matches("transcript_text", turn) }}
        from texts
    {% endfor %}
{% endmacro %}
