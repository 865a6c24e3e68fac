{{ config(pre_hook="{{ follow_renames() }}", post_hook="{{ remember_keys() }}") }}

with

    seed_organizations as ({{ seeded_organizations() }}),

    organizations as (
        select
            {{ natural_key_uuid("organizations", ["key"]) }} as id,
            name,
            description,
            current_timestamp as created_at,
            current_timestamp as updated_at
        from seed_organizations
    )

select *
from organizations
