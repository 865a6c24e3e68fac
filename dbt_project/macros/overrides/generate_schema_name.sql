{#
Replaces dbt's own: the schema that a model's config names, without the target's name in front, on every target. Consumers
query `public.*` and `reporting.*`.

Issue: none; dbt documents this macro as the place for it. Stays.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
