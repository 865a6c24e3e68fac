{# Stop with a message, whose lines are those of the text without their indentation. #}
{% macro refuse(message) %}
    {% do exceptions.raise_compiler_error(
        message.strip().split("\n") | map("trim") | join("\n")
    ) %}
{% endmacro %}
