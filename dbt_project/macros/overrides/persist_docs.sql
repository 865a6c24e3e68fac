{#
Replaces dbt's macro: descriptions become comments in the database, and only those are written that
differ. dbt writes a comment for each column in each build, which locks tables of PostgreSQL and
costs DuckDB a write.

Issue: none known. Tried: dbt-core 1.12.6, dbt-adapters 1.24.5, dbt-postgres 1.11.0, dbt-duckdb
1.11.1.
Remove it when dbt compares a description with the existing comment.
#}
{% macro postgres__persist_docs(relation, model, for_relation, for_columns) %}
    {% do write_comments(relation, model, for_relation, for_columns) %}
{% endmacro %}

{% macro duckdb__persist_docs(relation, model, for_relation, for_columns) %}
    {% do write_comments(relation, model, for_relation, for_columns) %}
{% endmacro %}

{% macro write_comments(relation, model, for_relation, for_columns) %}
    {% set wanted = {} %}
    {% if for_relation and config.persist_relation_docs() and model.description %}
        {% do wanted.update({"": model.description}) %}
    {% endif %}
    {% for column in model.columns.values() if for_columns and config.persist_column_docs() and column.description %}
        {% do wanted.update({column.name: column.description}) %}
    {% endfor %}
    {% if wanted %}
        {% set there = {} %}
        {% for row in run_query(comments_there(relation)).rows %}
            {% do there.update({row[0]: row[1]}) %}
        {% endfor %}
        {% set statements = [] %}
        {% for name, text in wanted.items() if name in there and there[name] != text %}
            {% set what = (
                "column " ~ relation ~ "." ~ adapter.quote(name)
                if name
                else relation.type ~ " " ~ relation
            ) %}
            {% set escaped = text.replace("'", "''") %}
            {% do statements.append("comment on " ~ what ~ " is '" ~ escaped ~ "';") %}
        {% endfor %}
        {% do run_query(statements | join("\n")) if statements %}
    {% endif %}
{% endmacro %}

{# Query: the columns of a relation with their comments; its own comment has an empty name. #}
{% macro comments_there(relation) %}
    {{- return(adapter.dispatch("comments_there")(relation)) -}}
{% endmacro %}

{% macro default__comments_there(relation) %}
    select column_name, comment
    from duckdb_columns()
    where
        database_name = current_database()
        and schema_name = '{{ relation.schema }}'
        and table_name = '{{ relation.identifier }}'
    union all
    select '', comment
    from
        (
            select database_name, schema_name, table_name as name, comment
            from duckdb_tables()
            union all
            select database_name, schema_name, view_name, comment
            from duckdb_views()
        ) as relations
    where
        database_name = current_database()
        and schema_name = '{{ relation.schema }}'
        and name = '{{ relation.identifier }}'
{% endmacro %}

{% macro postgres__comments_there(relation) %}
    {% set id = "'" ~ relation.include(database=False) ~ "'::regclass" %}
    select '' as name, obj_description({{ id }}, 'pg_class') as text
    union all
    select attname, col_description(attrelid, attnum)
    from pg_catalog.pg_attribute
    where attrelid = {{ id }} and attnum > 0 and not attisdropped
{% endmacro %}
