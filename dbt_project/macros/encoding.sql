{#
On run start, before anything is written: refuse a PostgreSQL database or connection that is not
UTF-8. dbt-postgres cannot set the encoding of a connection, and libpq takes it from the
environment.
#}
{% macro require_utf8() %}
    {% if execute and target.type == "postgres" %}
        {% set found = run_query(
            "select current_setting('server_encoding'), current_setting('client_encoding'), current_user"
        ).rows[0] %}
        {% if found[0] != "UTF8" %}
            {% set message %}
                The database "{{ target.dbname }}" is encoded in "{{ found[0] }}", not in UTF8. Nothing was written.
                Create another one, and put its name into DATABASE_URL:
                create database NAME encoding 'UTF8' template template0
            {% endset %}
            {% do refuse(message) %}
        {% elif found[1] != "UTF8" %}
            {% set message %}
                The connection is encoded in "{{ found[1] }}", not in UTF8. Nothing was written.
                If PGCLIENTENCODING is set: unset PGCLIENTENCODING
                Otherwise it is a setting of the role or database: alter role {{ found[2] }} set client_encoding = 'UTF8'
            {% endset %}
            {% do refuse(message) %}
        {% endif %}
    {% endif %}
{% endmacro %}
