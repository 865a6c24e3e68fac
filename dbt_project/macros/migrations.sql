{#
`bookkeeping.alembic_version` records the current migration of a PostgreSQL database. It determines
the migrations that `schema migrate` applies.
#}
{#
On run start: in a database without final tables, this build creates them all by the contracts.
Record that it lacks no migration.
#}
{% macro record_migration() %}
    {% if hooks_run() and target.type == "postgres" and flags.WHICH in [
        "build",
        "run",
    ] %}
        {% set named = our_names() %}
        {% set there = objects_there(named) %}
        {% set latest = known_migrations() | last if known_migrations() else none %}
        {% if not has_final_tables(there, named) and recorded_migration(
            there
        ) != latest %}
            {{ take_lock("schema") }}
            create table if not exists bookkeeping.alembic_version (
                version_num varchar(32) not null,
                constraint alembic_version_pkc primary key (version_num)
            );
            delete from bookkeeping.alembic_version
            ;
            {% if latest %}
                insert into bookkeeping.alembic_version (version_num) values ('{{ latest }}');
            {% endif %}
        {% endif %}
    {% endif %}
{% endmacro %}

{#
The current migration of the database: none before the first, false if there is no record. A record
that this role may not read counts as an unknown migration.
#}
{% macro recorded_migration(there) %}
    {% if ("bookkeeping", "alembic_version") not in there %}
        {% do return(false) %}
    {% endif %}
    {% set may_read = (
        "select has_table_privilege('bookkeeping.alembic_version', 'select')"
    ) %}
    {% if not run_query(may_read).rows[0][0] %} {% do return("?") %} {% endif %}
    {% set recorded = (
        run_query("select version_num from bookkeeping.alembic_version")
        .columns[0]
        .values()
    ) %}
    {% do return(recorded[0] if recorded else none) %}
{% endmacro %}

{# Whether one of the final tables is in the database. #}
{% macro has_final_tables(there, named) %}
    {% for schema, name in named if schema == target.schema and (schema, name) in there %}
        {% do return(true) %}
    {% endfor %}
    {% do return(false) %}
{% endmacro %}

{#
In staging and prod: refuse a database that lacks a migration, before anything is written. The build
would follow contracts that its tables do not match yet.
#}
{% macro refuse_pending_migrations(there, named) %}
    {% if target.name in ["staging", "prod"] and flags.WHICH in ["build", "run"] %}
        {% set known = known_migrations() %}
        {% set recorded = recorded_migration(there) %}
        {% set pending = [] %}
        {% if recorded is none %} {% set pending = known %}
        {% elif recorded in known %}
            {% set pending = known[known.index(recorded) + 1 :] %}
        {% endif %}
        {% if pending and has_final_tables(there, named) %}
            {% set message %}
                The database lacks {{ "migrations" if pending | length > 1 else "the migration" }} {{ pending | join(", ") }}. Nothing was built.
                Look: python -m loader schema diff --target {{ target.name }}
                Then: python -m loader schema migrate --target {{ target.name }}
            {% endset %}
            {% do refuse(message) %}
        {% endif %}
    {% endif %}
{% endmacro %}
