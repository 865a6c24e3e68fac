{# Written by `schema generate`. #}
{% macro known_migrations() %}
    {% do return(
        [
            "0001",
        ]
    ) %}
{% endmacro %}
