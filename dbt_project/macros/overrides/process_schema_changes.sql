{#
Replaces dbt's own, for `on_schema_change: fail`: the error names the columns and the command to run. Columns that only the
table has are allowed; a build leaves them alone. dbt's own error tells the user to run --full-refresh, which is switched off.

Issue: none known. Tried: dbt-core 1.12.6, dbt-adapters 1.24.5.
Can go when dbt's error can be replaced, and columns that only the table has can be allowed.
#}
{% macro process_schema_changes(on_schema_change, source_relation, target_relation) %}
    {% if on_schema_change == "fail" %}
        {% set changes = check_for_schema_changes(source_relation, target_relation) %}
        {% set lacking = (
            changes["source_not_in_target"] | map(attribute="name") | list
        ) %}
        {% set typed = [] %}
        {% for change in changes["new_target_types"] %}
            {% set same = [] %}
            {% for column in changes["source_columns"] + changes["target_columns"] if column.name == change["column_name"] and column.is_string() %}
                {% do same.append(column) %}
            {% endfor %}
            {# `varchar` and `text` are the same. #}
            {% do typed.append(change["column_name"]) if same | length < 2 %}
        {% endfor %}
        {% if lacking or typed %}
            {% set message %}
                {{ target_relation.identifier }} is not as its contract says:
                {{- " it lacks " ~ lacking | join(", ") if lacking }}
                {{- " and" if lacking and typed }}
                {{- " of another type is " ~ typed | join(", ") if typed }}. Nothing was built into it.
                Look: python -m loader schema diff --target {{ target.name }}
                Then: python -m loader schema migrate --target {{ target.name }}
            {% endset %}
            {% do refuse(message) %}
        {% endif %}
        {% do return(changes["source_columns"]) %}
    {% endif %}
    {% do return(
        dbt.process_schema_changes(
            on_schema_change, source_relation, target_relation
        )
    ) %}
{% endmacro %}
