{#
Replaces dbt's macro: the error names the columns and the command to run. Columns that only the
table has are allowed; a build leaves them alone. dbt's own error tells the user to run
--full-refresh, which is switched off. With `append_new_columns`, dbt would append a column without
its constraints, or next to the column with its old name: no migration could then fix it.

Issue: none known. Tried: dbt-core 1.12.6, dbt-adapters 1.24.5.
Remove it when dbt's error can be replaced, columns that only the table has can be allowed, and dbt
appends columns with their constraints.
#}
{% macro process_schema_changes(on_schema_change, source_relation, target_relation) %}
    {% set is_failing = on_schema_change == "fail" %}
    {# DuckDB has no migrations: other changes need a rebuild. #}
    {% if target.type != "postgres" %}
        {% do return(
            dbt.process_schema_changes(
                on_schema_change, source_relation, target_relation
            )
        ) %}
    {% endif %}
    {% set changes = check_for_schema_changes(source_relation, target_relation) %}
    {% set lacking, typed = [], [] %}
    {% for column in changes["source_not_in_target"] if is_failing or not can_be_appended(column.name) %}
        {% do lacking.append(column.name) %}
    {% endfor %}
    {% for change in changes["new_target_types"] if is_failing %}
        {% set same = [] %}
        {% for column in changes["source_columns"] + changes["target_columns"] if column.name == change["column_name"] and column.is_string() %}
            {% do same.append(column) %}
        {% endfor %}
        {# `varchar` and `text` are the same. #}
        {% do typed.append(change["column_name"]) if same | length < 2 %}
    {% endfor %}
    {% set problems = [] %}
    {% do problems.append("it lacks " ~ lacking | join(", ")) if lacking %}
    {% do problems.append("of another type is " ~ typed | join(", ")) if typed %}
    {% for name in columns_that_need_a_value(target_relation) if name not in model.columns %}
        {% do problems.append("the contract has no " ~ name ~ ", which is not null") %}
    {% endfor %}
    {% if problems %}
        {% set command = "migrate" if is_failing else "push" %}
        {% set message %}
            {{ target_relation.identifier }} is not as its contract says: {{ problems | join(" and ") }}. Nothing was built into it.
            Look: python -m loader schema diff --target {{ target.name }}
            Then: python -m loader schema {{ command }} --target {{ target.name }}
        {% endset %}
        {% do refuse(message) %}
    {% endif %}
    {% if is_failing %} {% do return(changes["source_columns"]) %} {% endif %}
    {% do return(
        dbt.process_schema_changes(
            on_schema_change, source_relation, target_relation
        )
    ) %}
{% endmacro %}

{# Whether a new column of the model has a type only, without constraints or an old name. #}
{% macro can_be_appended(name) %}
    {% set column = model.columns[name] %}
    {% set is_renamed = "renamed_from" in column.get("config", {}).get("meta", {}) %}
    {% do return(not (column.constraints or is_renamed)) %}
{% endmacro %}

{# The names of a table's columns that each new row needs. #}
{% macro columns_that_need_a_value(relation) %}
    {% set query %}
        select attname
        from pg_catalog.pg_attribute
        where
            attrelid = to_regclass('{{ relation.include(database=false) }}')
            and attnum > 0
            and not attisdropped
            and attnotnull
            and not atthasdef
            and attidentity = ''
    {% endset %}
    {% do return(run_query(query).columns[0].values()) %}
{% endmacro %}
