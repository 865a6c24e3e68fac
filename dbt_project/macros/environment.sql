{#
Each database remembers its environment, as the loader does (loader/database/environment.py): a build of one environment in another's
database is refused. The variable `adopt_environment` makes it the target's.
#}
{% macro create_environment() %}
    create table if not exists bookkeeping.environment (
        is_only boolean primary key default true check (is_only),
        name text not null,
        since timestamp with time zone not null default current_timestamp
    );
{% endmacro %}

{# On run start, after `create_ledger`: refuse another environment's database, or remember this one. #}
{% macro claim_environment() %}
    {% if hooks_run() %}
        {% set found = run_query("select name from bookkeeping.environment") %}
        {% set known = (
            found.columns[0].values()[0]
            if found | length > 0
            else target.name
        ) %}
        {% if known != target.name and not var("adopt_environment", false) %}
            {% set message %}
                this is the database of {{ known }}, and the target is {{ target.name }}: nothing was built.
                Name the target that is meant, or give {{ target.name }} an address of its own: DATABASE_URL_{{ target.name | upper }}.
                If the database is to be {{ target.name }}'s from now on, once:
                dbt build --target {{ target.name }} --vars 'adopt_environment: true'
            {% endset %}
            {% do refuse(message) %}
        {% endif %}
        insert into bookkeeping.environment (name) values ('{{ target.name }}')
        on conflict (is_only) do update set name = excluded.name, since = excluded.since
        where environment.name <> excluded.name;
    {% endif %}
{% endmacro %}
