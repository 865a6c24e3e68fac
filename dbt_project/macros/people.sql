{#
The person of a spelling: an alias's person, the full name in any order and letter case, or its
first words if they are nobody else's in the team ("Jan Carlo" is Jan Carlo Cruz, "Jan" is nobody if
there is a Jan Lerick, too).

    spellings  relation with `team_id` and `spelling`
    people     relation with `team_id` and `name`
#}
{% macro people_by_spelling(spellings, people) %}
    with
        aliases as (
            select distinct
                team_id, spelling_key, {{ person_key("author_name") }} as name_key
            from bookkeeping.spellings
            where
                author_name <> spelling
                and {{ person_key("author_name") }} <> spelling_key
        ),

        written as (
            select
                keyed.*,
                coalesce(aliases.name_key, spelling_key) as name_key,
                aliases.name_key is not null as is_alias
            from
                (
                    select *, {{ sorted_words("folded") }} as spelling_key
                    from
                        (
                            select distinct
                                team_id,
                                spelling,
                                {{ folded_name("spelling") }} as folded
                            from {{ spellings }}
                            where spelling is not null
                        ) as spelled
                ) as keyed
            left join aliases using (team_id, spelling_key)
            where spelling_key <> ''
        ),

        listed as (
            select
                team_id,
                name,
                {{ sorted_words("folded") }} as name_key,
                string_to_array(folded, ' ') as words
            from
                (
                    select distinct team_id, name, {{ folded_name("name") }} as folded
                    from {{ people }}
                    where
                        name is not null
                        and team_id in (select team_id from {{ spellings }})
                ) as named
        ),

        -- Otherwise PostgreSQL would compare each spelling with each beginning.
        beginnings as materialized(
            select
                listed.team_id,
                listed.name,
                listed.name_key,
                array_to_string(listed.words[1:places.place], ' ') as words
            from listed
            cross join lateral unnest(listed.words)
            with ordinality as places(word, place)
        ),

        fitting as (
            select
                written.team_id,
                written.spelling,
                listed.name,
                listed.name_key,
                1 as choice
            from written
            inner join listed using (team_id, name_key)
            union all
            select
                written.team_id,
                written.spelling,
                beginnings.name,
                beginnings.name_key,
                2 as choice
            from written
            inner join
                beginnings
                on written.team_id = beginnings.team_id
                and written.folded = beginnings.words
                and not written.is_alias
        )

    select team_id, spelling, min(name) as name
    from
        (
            select *, min(choice) over (partition by team_id, spelling) as first_choice
            from fitting
        ) as chosen
    -- The best choice, if it is one person. With `=` twice, PostgreSQL would expect a
    -- single row, and what joins this would compare all pairs of names.
    where choice <= first_choice
    group by team_id, spelling
    having min(name_key) >= max(name_key)
{% endmacro %}

{#
The names in transcripts: the list of participants, and the speakers.

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
