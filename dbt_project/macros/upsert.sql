{#
Incremental strategy `upsert`: insert new rows by the unique key, and change an existing row only if
a compared column differs (or if it has no blob reference yet): then all columns change together,
except `id` and `created_at`. Without `meta.compared_columns`, existing rows stay unchanged.

With `meta.removed_where`, a row that meets the condition deletes the stored row of its id.

A table without `loaded_at` is filled from a seed: an empty cell of it changes nothing, unless
`meta.nulls_count` is true.

A row with `loaded_at` is replaced only by a later load. An equal text of a later load changes
`loaded_at` only, so that an older load that commits later loses against it.
#}
{% macro get_incremental_upsert_sql(arg_dict) %}
    {%- set target_table = arg_dict["target_relation"] -%}
    {%- set existing = target_table.identifier -%}
    {%- set key = arg_dict["unique_key"] -%}
    {%- set key = [key] if key is string else key -%}
    {%- set columns = arg_dict["dest_columns"] | map(attribute="name") | list -%}
    {%- set removed = config.get("meta", {}).get("removed_where") -%}
    {%- set compared = config.get("meta", {}).get("compared_columns", []) -%}
    {%- set nulls_count = "loaded_at" in columns or config.get("meta", {}).get(
        "nulls_count", false
    ) -%}
    {%- set is_changed -%}
        (
            {% for column in compared %}
                {% if not nulls_count %} excluded.{{ column }} is not null and {% endif %}
                {{ existing }}.{{ column }} is distinct from excluded.{{ column }}
                {{ "or" if not loop.last }}
            {% endfor %}
            {% if "blob_key" in columns %}
                or ({{ existing }}.blob_key is null and excluded.blob_key is not null)
            {% endif %}
        )
    {%- endset -%}
    {{ remove_rows(target_table, arg_dict["temp_relation"], removed) if removed }}
    insert into {{ target_table }} ({{ columns | join(", ") }})
    select {{ columns | join(", ") }}
    from {{ arg_dict["temp_relation"] }}
    where {{ "not (" ~ removed ~ ")" if removed else "true" }}
    on conflict ({{ key | join(", ") }}) do
    {% if not compared %} nothing
    {% else %}
        update set
        {% for column in columns if column not in key + ["id", "created_at"] %}
            {{ column }} =
            {% if column == "loaded_at" %} excluded.loaded_at
            {% else %}
                case when {{ is_changed }} then
                {% if nulls_count %} excluded.{{ column }}
                {% else %} coalesce(excluded.{{ column }}, {{ existing }}.{{ column }})
                {% endif %}
                else {{ existing }}.{{ column }} end
            {% endif %}
            {{ "," if not loop.last }}
        {% endfor %}
        where
        {% if "loaded_at" in columns %}
            ({{ existing }}.loaded_at is null or excluded.loaded_at > {{ existing }}.loaded_at)
        {% else %} {{ is_changed }}
        {% endif %}
    {% endif %}
{% endmacro %}

{#
Statement: delete the rows of a table whose ids are in the rows of a relation that meet a condition.
#}
{% macro remove_rows(target_table, relation, condition) %}
    delete from {{ target_table }}
    where id in (select id from {{ relation }} where {{ condition }})
    ;
{% endmacro %}

{#
Whether a table has all columns of a list. A table that lacks some is left to the check of its
contract.
#}
{% macro has_columns(relation, names) %}
    {% set there = (
        adapter.get_columns_in_relation(relation)
        | map(attribute="name")
        | list
    ) %}
    {% do return(names | reject("in", there) | list | length == 0) %}
{% endmacro %}
