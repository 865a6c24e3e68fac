{# Stop with a message; the text's indentation is removed. #}
{% macro refuse(message) %}
    {% do exceptions.raise_compiler_error(
        message.strip().split("\n") | map("trim") | join("\n")
    ) %}
{% endmacro %}
