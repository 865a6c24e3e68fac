with

    seed_organizations as (select * from {{ ref("seed_organizations") }}),

    organizations as (
        select
            {{ natural_key_uuid("organizations", ["name"]) }} as id,
            name,
            description,
            current_timestamp as created_at,
            current_timestamp as updated_at
        from seed_organizations
    )

select *
from organizations
