{{
    config(
        pre_hook="{{ lock_people() }}",
        post_hook="{{ update_people() }}",
    )
}}

with

    people as (select * from {{ ref("people") }}),

    known as (select * from {{ ref("int_known_people") }}),

    named as (select * from {{ ref("int_named_people") }}),

    listed as ({{ people_names() }}),

    origins as (
        select
            team_id,
            spelling,
            case when min(place) < 4 then 'seed' else 'mapping file' end as origin
        from listed
        group by team_id, spelling
    ),

    spelled as (
        select
            spellings.team_id,
            spellings.spelling as alias,
            known.organization_id,
            known.folded_key,
            coalesce(origins.origin, 'spelling') as origin,
            1 as rank
        from bookkeeping.spellings as spellings
        inner join
            known
            on spellings.team_id = known.team_id
            and spellings.author_name = known.name
        left join
            origins
            on spellings.team_id = origins.team_id
            and spellings.spelling = origins.spelling
        union all
        select team_id, name, organization_id, folded_key, 'spelling', 2
        from known
        union all
        select team_id, spelling, organization_id, folded_key, 'text', 3
        from named
    ),

    aliases as (
        {{
            deduplicate(
                "spelled",
                partition_by=["team_id", "alias"],
                order_by=["rank", "folded_key"],
            )
        }}
    ),

    people_aliases as (
        select
            {{
                natural_key_uuid(
                    "people_aliases", ["cast(aliases.team_id as text)", "alias"]
                )
            }} as id,
            aliases.team_id,
            aliases.alias,
            people.id as person_id,
            aliases.origin,
            '{{ invocation_id }}' as changed_by,
            current_timestamp as created_at,
            current_timestamp as updated_at
        from aliases
        left join
            people
            on people.id
            = {{
                natural_key_uuid(
                    "people",
                    ["cast(aliases.organization_id as text)", "aliases.folded_key"],
                )
            }}
    )

select *
from people_aliases
