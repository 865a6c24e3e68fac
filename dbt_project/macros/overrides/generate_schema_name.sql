{#
Replaces dbt's macro: use the schema in a model's config, without the target's name as a prefix, on
every target. Consumers query `public.*` and `reporting.*`.

Issue: none; dbt documents this macro as the place for it. It stays.
#}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
