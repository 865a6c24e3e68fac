{#
Operation: three roles with no more rights than their work needs, in the target's database. Run it once, as the owner, and again
whenever you like: it changes nothing that is right.

    loader_writer  owns the raw tables; reads what readers read, for `status` and `verify`
    transformer    reads raw; owns seeds, ledger, final tables and views
    reader         reads final tables and views, and nothing of raw

What they make later comes with the same rights. `alter role reader login password '…'` lets somebody connect as one.
#}
{% macro grant_roles() %}
    {% if target.type != "postgres" %}
        {% do exceptions.raise_compiler_error(
            "grant_roles: DuckDB has no roles. Name a Neon target, as --target prod."
        ) %}
    {% endif %}
    {% set owners = {
        "raw": "loader_writer",
        "seeds": "transformer",
        "bookkeeping": "transformer",
        "public": "transformer",
        "reporting": "transformer",
    } %}
    {% set readers = [
        ("raw", "transformer"),
        ("public", "reader"),
        ("reporting", "reader"),
        ("bookkeeping", "loader_writer"),
    ] %}
    {% set statements %}
        do $$
        declare
            found record;
        begin
            {% for role in ["loader_writer", "transformer", "reader"] %}
                if not exists (select from pg_roles where rolname = '{{ role }}') then
                    create role {{ role }};
                end if;
                grant {{ role }} to current_user;
            {% endfor %}
            grant reader to loader_writer;
            {% for schema, owner in owners.items() %}
                create schema if not exists {{ schema }};
                grant usage, create on schema {{ schema }} to {{ owner }};
                {% if schema == "bookkeeping" %}
                    {{ create_environment() }}
                    grant insert, update on bookkeeping.environment to loader_writer;
                {% endif %}
                for found in
                    select relname from pg_class
                    where
                        relnamespace = '{{ schema }}'::regnamespace
                        and relkind in ('r', 'v')
                        and pg_get_userbyid(relowner) <> '{{ owner }}'
                loop
                    execute format('alter table {{ schema }}.%I owner to {{ owner }}', found.relname);
                end loop;
            {% endfor %}
            {% for schema, role in readers %}
                grant usage on schema {{ schema }} to {{ role }};
                grant select on all tables in schema {{ schema }} to {{ role }};
                alter default privileges for role {{ owners[schema] }} in schema {{ schema }}
                grant select on tables to {{ role }};
            {% endfor %}
        end
        $$
    {% endset %}
    {# The transformer may not create raw tables: the first build must find them. #}
    {% set raw_tables = create_raw_tables() %}
    {% if raw_tables.strip() %} {% do run_query(raw_tables) %} {% endif %}
    {% do run_query(statements) %}
    {% do run_query("commit") %}
    {% do log("loader_writer, transformer and reader have their rights.", info=True) %}
{% endmacro %}
