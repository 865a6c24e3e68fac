{#
A UUID (version 8, RFC 9562) of a natural key: the same in every environment and after every
rebuild. Each part is hashed separately, so that two different lists of parts never give the same
input.

    table_name  the table, so that equal keys of two tables differ
    parts       expressions of type text
#}
{% macro natural_key_uuid(table_name, parts) %}
    {%- set hash %} md5(md5('{{ table_name }}'){% for part in parts %} || md5({{ part }}){% endfor %}) {% endset -%}
    cast({{ marked_as_version_8(hash) }} as uuid)
{% endmacro %}

{# The 32 digits of a hash, with the version and the variant of a UUID of version 8. #}
{% macro marked_as_version_8(hash) %}
    {{- return(adapter.dispatch("marked_as_version_8")(hash)) -}}
{% endmacro %}

{% macro default__marked_as_version_8(hash) %}
    substr({{ hash }}, 1, 12)
    || '8'
    || substr({{ hash }}, 14, 3)
    || '8'
    || substr({{ hash }}, 18, 15)
{% endmacro %}

{# With `substr`, PostgreSQL would compute the hash three times. #}
{% macro postgres__marked_as_version_8(hash) %}
    overlay(overlay({{ hash }} placing '8' from 13) placing '8' from 17)
{% endmacro %}
