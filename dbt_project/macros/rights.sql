{#
Before anything is written: refuse a PostgreSQL database that is read-only, and a role that may not
create the final tables that are missing. PostgreSQL 15 and later let only the database's owner
create tables in `public`.
#}
{% macro require_rights() %}
    {% if execute and target.type == "postgres" and flags.WHICH in [
        "build",
        "run",
        "seed",
    ] %}
        {% set query %}
            select
                quote_ident(current_user),
                current_setting('transaction_read_only'),
                has_schema_privilege(to_regnamespace('{{ target.schema }}')::oid, 'CREATE')
        {% endset %}
        {% set role, is_read_only, may_create = run_query(query).rows[0].values() %}
        {% if is_read_only == "on" %}
            {% set message %}
                The database is read-only: it is a replica, or default_transaction_read_only is on. Nothing was built.
                Put the address of the primary into DATABASE_URL_{{ target.name | upper }} or DATABASE_URL.
            {% endset %}
            {% do refuse(message) %}
        {% elif may_create == false and missing_final_tables() %}
            {% set message %}
                The role {{ role }} may not create tables in "{{ target.schema }}". Nothing was built.
                As the owner of the database: grant create on schema {{ target.schema }} to {{ role }}
            {% endset %}
            {% do refuse(message) %}
        {% endif %}
    {% endif %}
{% endmacro %}

{# The names of the final tables that are not in the database. #}
{% macro missing_final_tables() %}
    {% set query = (
        "select tablename from pg_catalog.pg_tables where schemaname = '"
        ~ target.schema
        ~ "'"
    ) %}
    {% set there = run_query(query).columns[0].values() %}
    {% set missing = [] %}
    {% for node in graph.nodes.values() if node.resource_type == "model" and node.config.materialized == "incremental" and is_ours(node) and node.alias not in there %}
        {% do missing.append(node.alias) %}
    {% endfor %}
    {% do return(missing) %}
{% endmacro %}
