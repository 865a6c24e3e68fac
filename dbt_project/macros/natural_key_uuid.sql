{#
A UUID (version 8, RFC 9562) of a natural key: the same in every environment and after every rebuild. Each part is hashed
by itself, so that no two lists of parts run together.

    table_name  the table, so that equal keys of two tables differ
    parts       expressions of type text
#}
{% macro natural_key_uuid(table_name, parts) %}
    {%- set hash %} md5(md5('{{ table_name }}'){% for part in parts %} || md5({{ part }}){% endfor %}) {% endset -%}
    cast(
        substr({{ hash }}, 1, 12)
        || '8'
        || substr({{ hash }}, 14, 3)
        || '8'
        || substr({{ hash }}, 18, 15) as uuid
    )
{% endmacro %}
