{#
Incremental strategy `upsert`: insert what is new by the unique key, and update a row only where a compared column differs.
`id` and `created_at` never move; all other columns move together. A row that carries `loaded_at` yields only to a later
one; one without a blob reference takes it. Without `meta.compared_columns`, rows that are there stay as they are.
#}
{% macro get_incremental_upsert_sql(arg_dict) %}
    {%- set existing = arg_dict["target_relation"] -%}
    {%- set key = arg_dict["unique_key"] -%}
    {%- set key = [key] if key is string else key -%}
    {%- set columns = arg_dict["dest_columns"] | map(attribute="name") | list -%}
    {%- set compared = config.get("meta", {}).get("compared_columns", []) -%}
    insert into {{ existing }} ({{ columns | join(", ") }})
    select {{ columns | join(", ") }}
    from {{ arg_dict["temp_relation"] }}
    on conflict ({{ key | join(", ") }}) do
    {% if not compared %} nothing
    {% else %}
        update set
        {% for column in columns if column not in key + ["id", "created_at"] %}
            {{ column }} = excluded.{{ column }}{{ "," if not loop.last }}
        {% endfor %}
        where
        {% if "loaded_at" in columns %}
                ({{ existing.identifier }}.loaded_at is null or excluded.loaded_at > {{ existing.identifier }}.loaded_at) and
        {% endif %}
            (
        {% if "blob_key" in columns %}
                    ({{ existing.identifier }}.blob_key is null and excluded.blob_key is not null) or
        {% endif %}
        {% for column in compared %}
            {{ existing.identifier }}.{{ column }} is distinct from excluded.{{ column }}
            {{ "or" if not loop.last }}
        {% endfor %}
            )
    {% endif %}
{% endmacro %}
