{#
Operation: three roles with no more rights than their work needs, in the target's database. Run it
once, as the owner, and again at any time: it is idempotent. It changes our objects only
(`bookkeeping.objects`).

    loader_writer  owns the raw tables; reads what readers read, for `status` and `verify`
    transformer    reads raw; owns seeds, ledger, final tables and views
    reader         reads final tables and views, and nothing of raw

Objects that they create later get the same rights. `alter role reader login password '…'` lets
somebody connect as one.

    adopt_roles  whether to adopt roles of these names that somebody else created
#}
{% macro grant_roles(adopt_roles=false) %}
    {% if target.type != "postgres" %}
        {% do exceptions.raise_compiler_error(
            "DuckDB has no roles. Name a Neon target: dbt run-operation grant_roles --target prod"
        ) %}
    {% endif %}
    {% do check_database() %}
    {% if not adopt_roles %} {% do check_roles() %} {% endif %}
    {% set owners = {
        "raw": "loader_writer",
        "seeds": "transformer",
        "bookkeeping": "transformer",
        target.schema: "transformer",
        "content": "transformer",
        "reporting": "transformer",
    } %}
    {% set readers = [
        ("raw", "transformer"),
        (target.schema, "reader"),
        ("content", "reader"),
        ("reporting", "reader"),
        ("bookkeeping", "loader_writer"),
    ] %}
    {# The transformer may not create raw tables, so they must exist before the first build. #}
    {% do run_query(create_ledger() ~ create_raw_tables() ~ create_schemas(owners)) %}
    {% do run_query(create_roles()) %}
    {% set statements %}
        {# A user's model may be in another schema, whose rights that user grants. #}
        {% for table in our_tables() if table.schema_name in owners %}
            {% if table.owner != owners[table.schema_name] %}
                alter table {{ table.name }} owner to {{ owners[table.schema_name] }};
            {% endif %}
            {% for schema, role in readers if schema == table.schema_name %}
                grant select on {{ table.name }} to {{ role }};
            {% endfor %}
        {% endfor %}
        {% for schema, owner in owners.items() %}
            grant usage, create on schema {{ schema }} to {{ owner }};
        {% endfor %}
        {% for schema, role in readers %}
            grant usage on schema {{ schema }} to {{ role }};
            alter default privileges for role {{ owners[schema] }} in schema {{ schema }}
            grant select on tables to {{ role }};
        {% endfor %}
        grant insert, update on bookkeeping.environment to loader_writer;
        grant insert on bookkeeping.objects to loader_writer;
    {% endset %}
    {% do run_query(statements) %}
    {% do run_query("commit") %}
    {% do log("loader_writer, transformer and reader have their rights.", info=True) %}
{% endmacro %}

{# Statements: create the schemas that the database lacks, and record them as ours. #}
{% macro create_schemas(names) %}
    {% for name in names if not adapter.check_schema_exists(target.database, name) %}
        {{ record_object(name, "") }}
        create schema if not exists {{ name }};
    {% endfor %}
{% endmacro %}

{# Statement: create the roles that the server lacks. #}
{% macro create_roles() %}
    do $$
    begin
        {% for role in our_roles() %}
            if not exists (select from pg_roles where rolname = '{{ role }}') then
                create role {{ role }};
            end if;
            comment on role {{ role }} is '{{ role_comment() }}';
            grant {{ role }} to current_user;
        {% endfor %}
        grant reader to loader_writer;
    end
    $$
{% endmacro %}

{# The tables and views that are ours: `schema_name`, quoted `name` and `owner`. #}
{% macro our_tables() %}
    {% set query %}
        select
            objects.schema_name,
            format('%I.%I', objects.schema_name, objects.object_name) as name,
            pg_get_userbyid(relowner) as owner
        from bookkeeping.objects
        inner join pg_namespace on objects.schema_name = nspname
        inner join
            pg_class
            on pg_namespace.oid = relnamespace
            and objects.object_name = relname
        where relkind in ('r', 'p', 'v', 'm')
    {% endset %}
    {% do return(run_query(query).rows) %}
{% endmacro %}

{% macro our_roles() %}
    {% do return(["loader_writer", "transformer", "reader"]) %}
{% endmacro %}

{# Roles belong to the whole server; the comment records the owner. #}
{% macro role_comment() -%}
    created by orchestrator_elt:dbt run - operation grant_roles
{%- endmacro %}

{#
Refuse roles of our names that somebody else created: they would get rights on our tables, and we on
theirs.
#}
{% macro check_roles() %}
    {% set query %}
        select rolname from pg_roles
        where
            rolname in ('{{ our_roles() | join("', '") }}')
            and shobj_description(pg_roles.oid, 'pg_authid') is distinct from '{{ role_comment() }}'
        order by rolname
    {% endset %}
    {% set foreign = run_query(query).columns[0].values() %}
    {% if foreign %}
        {% set message %}
            This server already has these roles, and this release did not create them: {{ foreign | join(", ") }}.
            Nothing was granted. To adopt them:
            dbt run-operation grant_roles --target {{ target.name }} --args '{adopt_roles: true}'
        {% endset %}
        {% do refuse(message) %}
    {% endif %}
{% endmacro %}
