{# The schema that a model asks for, as it is: consumers query public.*, on every target. #}
{% macro generate_schema_name(custom_schema_name, node) -%}
    {{ custom_schema_name or target.schema }}
{%- endmacro %}
