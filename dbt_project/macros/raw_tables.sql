{#
On run start: create the raw tables that the database lacks, empty, as the sources declare them. So no model is compiled
without its tables, and `dbt build` works before the first load. The loader and other builds wait for it.
#}
{% macro create_raw_tables() %}
    {% if hooks_run() %}
        {% set missing = missing_raw_tables() %}
        {% if missing %}
            {{ take_turn("schema") }}
            {# Asked first: creating a schema needs a right on the database, which a transformer lacks. #}
            {% if not adapter.check_schema_exists(target.database, "raw") %}
                create schema if not exists raw;
            {% endif %}
            {% for table in missing %}
                create table if not exists raw.{{ table.identifier }} (
                {{
                    adapter.render_raw_columns_constraints(table.columns) | join(
                        ", "
                    )
                }}
                );
            {% endfor %}
        {% endif %}
    {% endif %}
{% endmacro %}

{# The declared raw tables that are not in the database. #}
{% macro missing_raw_tables() %}
    {# Not the information schema: it hides the tables that this user has no right on. #}
    {% set names = (
        run_query(
            "select tablename from pg_catalog.pg_tables where schemaname = 'raw'"
        )
        .columns[0]
        .values()
    ) %}
    {% set missing = [] %}
    {% for table in graph.sources.values() if table.source_name == "raw" and table.identifier not in names %}
        {% do missing.append(table) %}
    {% endfor %}
    {% do return(missing) %}
{% endmacro %}

{#
Whether this command runs the hooks on run start. `compile` and `docs generate` only compile them, and the database may be
empty.
#}
{% macro hooks_run() %}
    {% do return(execute and flags.WHICH not in ["compile", "generate"]) %}
{% endmacro %}
