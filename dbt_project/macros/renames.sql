{#
Organizations and teams keep their rows, and so their ids, when the seeds give them other names or
another organization. `bookkeeping.seed_ids` records the row of each key, because an id from another
system cannot be computed from the key.
#}
{% macro create_seed_ids() %}
    {{ record_object("bookkeeping", "seed_ids") }}
    create table if not exists bookkeeping.seed_ids (
        table_name text not null,
        key text not null,
        id uuid not null,
        primary key (table_name, id)
    );
{% endmacro %}

{#
Pre-hook of organizations and teams: existing rows get the names and organizations in the seed.
#}
{% macro follow_renames() %}
    {% if not is_incremental() %}
        delete from bookkeeping.seed_ids
        where table_name = '{{ this.identifier }}'
        ;
    {% elif execute %}
        {# Run in the model's transaction, which `run_query` would not start. #}
        {% call statement("forget_lost_keys") %} {{ forget_lost_keys() }}
        {% endcall %}
        {% call statement("remember_keys") %} {{ remember_keys() }}
        {% endcall %}
        {% do refuse_unclear_renames() %}
        {{ give_seeded_names() }}
    {% endif %}
{% endmacro %}

{#
Query: the seed's values for the table: key, name, organization (null for organizations) and id of a
new row.
#}
{% macro seeded_rows() %}
    {% if this.identifier == "organizations" %}
        select
            key,
            name,
            cast(null as uuid) as organization_id,
            {{ natural_key_uuid("organizations", ["key"]) }} as new_id
        from ({{ seeded_organizations() }}) as seed
    {% else %}
        select
            seed.key,
            seed.name,
            organizations.id as organization_id,
            {{ natural_key_uuid("teams", ["seed.organization_key", "seed.key"]) }}
            as new_id
        from ({{ seeded_teams() }}) as seed
        inner join
            {{ ref("organizations").render() }} as organizations
            on seed.organization_name = organizations.name
    {% endif %}
{% endmacro %}

{#
Query: the rows of the table, with the recorded key, that key if the seed still has it, and whether
a build of an earlier release made the id from the names that the row has.
#}
{% macro stored_rows() %}
    select
        stored.id,
        stored.name,
        seed_ids.key as known_key,
        seeded.key,
        {% if this.identifier == "organizations" %}
            cast(null as uuid) as organization_id,
            false as is_in_ours,
            stored.id = {{ natural_key_uuid("organizations", ["stored.name"]) }}
        {% else %}
            stored.organization_id,
            parent_ids.key is not null as is_in_ours,
            stored.id
            = {{
                natural_key_uuid(
                    "teams",
                    ["coalesce(parent_ids.key, parents.name)", "stored.name"],
                )
            }}
        {% endif %} as is_named_by_id
    from {{ this }} as stored
    left join
        bookkeeping.seed_ids as seed_ids
        on stored.id = seed_ids.id
        and seed_ids.table_name = '{{ this.identifier }}'
    left join ({{ seeded_rows() }}) as seeded on seed_ids.key = seeded.key
    {% if this.identifier == "teams" %}
        inner join
            {{ ref("organizations").render() }} as parents
            on stored.organization_id = parents.id
        left join
            bookkeeping.seed_ids as parent_ids
            on parents.id = parent_ids.id
            and parent_ids.table_name = 'organizations'
    {% endif %}
{% endmacro %}

{# Statement: forget keys whose row somebody deleted. #}
{% macro forget_lost_keys() %}
    delete from bookkeeping.seed_ids
    where table_name = '{{ this.identifier }}' and id not in (select id from {{ this }})
{% endmacro %}

{#
Statement, and post-hook of organizations and teams: record the row of each key that has none yet.
Of several, choose the row whose id is made from the key; then one named like the key, the name or
an alias, in the same organization; then a team of ours in another organization, because a team may
have moved.
#}
{% macro remember_keys() %}
    insert into bookkeeping.seed_ids (table_name, key, id)
    select '{{ this.identifier }}', key, id
    from
        (
            select
                key,
                id,
                row_number() over (
                    partition by key
                    order by rank, {{ by_code_point("name") }}, id
                ) as place_of_row,
                row_number() over (
                    partition by id order by rank, {{ by_code_point("key") }}
                ) as place_of_key
            from
                (
                    select
                        seeded.key,
                        stored.id,
                        stored.name,
                        case
                            when stored.id = seeded.new_id then 1
                            when
                                stored.organization_id
                                is not distinct from seeded.organization_id
                            then
                                case
                                    when stored.name = seeded.key then 2
                                    when stored.name = seeded.name then 3
    {% if this.identifier == "teams" %}
                                        when folders.team_key = seeded.key then 4
    {% endif %}
                                end
                            when
                                (stored.is_in_ours or stored.is_named_by_id)
                                and stored.name in (seeded.key, seeded.name)
                            then 5
                        end as rank
                    from ({{ seeded_rows() }}) as seeded
                    cross join ({{ stored_rows() }}) as stored
    {% if this.identifier == "teams" %}
                        left join
                            ({{ seeded_folders() }}) as folders
                            on stored.name = folders.folder
    {% endif %}
                    where
                        stored.key is null
                        and not exists (
                            select 1
                            from bookkeeping.seed_ids as known
                            where
                                known.table_name = '{{ this.identifier }}'
                                and known.key = seeded.key
                        )
                ) as pairs
            where rank is not null
        ) as ranked
    where place_of_row = 1 and place_of_key = 1
    on conflict (table_name, id) do update set key = excluded.key
{% endmacro %}

{#
Refuse an ambiguous edit of the seed, which may be a rename or a new row, and one that would merge
two rows. A name edited while its key is empty is a new key, and would duplicate the row.
#}
{% macro refuse_unclear_renames() %}
    {% set seed = "seed_" ~ this.identifier %}
    {% set new_and_left %}
        select seeded.name, coalesce(stored.known_key, stored.name), stored.name
        from ({{ seeded_rows() }}) as seeded
        inner join
            ({{ stored_rows() }}) as stored
            on seeded.organization_id is not distinct from stored.organization_id
        where
            stored.key is null
            and (stored.known_key is not null or stored.is_named_by_id)
            and seeded.key not in (
                select key from bookkeeping.seed_ids where table_name = '{{ this.identifier }}'
            )
        order by 1, 2
        limit 1
    {% endset %}
    {% for name, key, old_name in run_query(new_and_left).rows %}
        {% set message %}
            seeds/{{ seed }}.csv has "{{ name }}", which is new, and no longer has "{{ old_name }}", whose rows are in the database. Nothing was built.
            If "{{ name }}" is its new name, give that line of seeds/{{ seed }}.csv the key "{{ key }}":
            {{ seed_line(name, key) }}
            If it is another one, put the line of "{{ old_name }}" back: what is in the database stays in the seeds. Or delete its row of "{{ this.identifier }}".
        {% endset %}
        {% do refuse(message) %}
    {% endfor %}
    {% set taken %}
        select seeded.name, seeded.key
        from ({{ seeded_rows() }}) as seeded
        inner join ({{ stored_rows() }}) as stored on seeded.key = stored.key
        inner join
            ({{ stored_rows() }}) as held
            on seeded.name = held.name
            and seeded.organization_id is not distinct from held.organization_id
        where stored.id <> held.id and held.key is null
        order by 1
        limit 1
    {% endset %}
    {% for name, key in run_query(taken).rows %}
        {% set message %}
            seeds/{{ seed }}.csv gives "{{ key }}" the name "{{ name }}", which another row of "{{ this.identifier }}" has. Nothing was built.
            If they are two, the key of that row is its name:
            {{ seed_line(name, name) }}
            Otherwise delete that row of "{{ this.identifier }}" first, with all that refers to it.
        {% endset %}
        {% do refuse(message) %}
    {% endfor %}
{% endmacro %}

{# The line of a seed, in the order of its columns, with a key of its own. #}
{% macro seed_line(name, key) %}
    {% set relation = ref("seed_" ~ this.identifier) %}
    {% set columns = (
        adapter.get_columns_in_relation(relation)
        | map(attribute="name")
        | list
    ) %}
    {% set literal = dbt.string_literal(dbt.escape_single_quotes(name)) %}
    {% set query = "select * from " ~ relation.render() ~ " where name = " ~ literal %}
    {% set cells = [] %}
    {% set row = run_query(query).rows[0] %}
    {% for column in ["key", "name", "organization", "description", "first_organization"] if column in columns %}
        {% set cell = key if column == "key" else row[column] or "" %}
        {% set is_quoted = modules.re.search('[",]', cell) %}
        {% do cells.append(
            '"' ~ cell.replace('"', '""') ~ '"' if is_quoted else cell
        ) %}
    {% endfor %}
    {% do return(cells | join(",")) %}
{% endmacro %}

{#
Statements: recorded rows get the names in the seed. All get temporary names first, because two rows
may swap names.
#}
{% macro give_seeded_names() %}
    {% set is_team = this.identifier == "teams" %}
    {% set changed %}
        (
            select stored.id, seeded.name, seeded.organization_id
            from ({{ seeded_rows() }}) as seeded
            inner join ({{ stored_rows() }}) as stored on seeded.key = stored.key
            where
                seeded.name <> stored.name
                or seeded.organization_id is distinct from stored.organization_id
        )
    {% endset %}
    {% set found = run_query(
        "select id, name, organization_id from " ~ changed ~ " as changed"
    ) %}
    {% for row in found.rows %}
        update {{ this }} set name = '{{ row[0] }}' where id = '{{ row[0] }}';
    {% endfor %}
    {% for row in found.rows %}
        update {{ this }}
        set
            name = {{ dbt.string_literal(dbt.escape_single_quotes(row[1])) }},
        {% if is_team %} organization_id = '{{ row[2] }}', {% endif %}
            updated_at = current_timestamp
        where id = '{{ row[0] }}';
    {% endfor %}
{% endmacro %}
