{#
Each database records its environment (loader/database/environment.py): a build of one environment
in another's database is refused. The variable `adopt_environment` makes it the target's.
#}
{% macro create_environment() %}
    create table if not exists bookkeeping.environment (
        is_only boolean primary key default true check (is_only),
        name text not null,
        since timestamp with time zone not null default current_timestamp
    );
{% endmacro %}

{# Refuse another environment's database. #}
{% macro refuse_other_environment() %}
    {% set found = (
        run_query("select name from bookkeeping.environment")
        .columns[0]
        .values()
    ) %}
    {% if found and found[0] != target.name and not var("adopt_environment", false) %}
        {% set message %}
            This is the database of '{{ found[0] }}', and the target is '{{ target.name }}'. Nothing was built.
            Name the target that is meant, or give '{{ target.name }}' an address of its own: DATABASE_URL_{{ target.name | upper }}.
            If the database is to be of '{{ target.name }}' from now on, run once:
            dbt build --target {{ target.name }} --vars 'adopt_environment: true'
        {% endset %}
        {% do refuse(message) %}
    {% endif %}
{% endmacro %}

{# On run start, after `check_database`: remember the target as the database's environment. #}
{% macro claim_environment() %}
    insert into bookkeeping.environment (name) values ('{{ target.name }}')
    on conflict (is_only) do update set name = excluded.name, since = excluded.since
    where environment.name <> excluded.name;
{% endmacro %}
