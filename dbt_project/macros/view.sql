{#
Replaces dbt's own materialization, which renames the old view and drops it behind its transaction: two builds at once
fail on that name, and the rights that were granted on it go with it. Here a view is replaced in place; one whose columns
have other names is made anew, in the same transaction.
#}
{% materialization view, default %}
    {%- set existing = load_cached_relation(this) -%}
    {%- set relation = this.incorporate(type="view") -%}
    {{ run_hooks(pre_hooks, inside_transaction=False) }}
    {{ run_hooks(pre_hooks, inside_transaction=True) }}
    {%- set found = adapter.get_columns_in_relation(existing) if existing else [] -%}
    {%- set names = found | map(attribute="name") | list -%}
    {% call statement("main") %}
        {% if existing and not (
            existing.is_view and names == model.columns.keys() | list
        ) %}
            drop {{ existing.type }} {{ existing }};
        {% endif %}
        create or replace view {{ relation }}
        {{ get_assert_columns_equivalent(sql) }}
        as ({{ sql }});
    {% endcall %}
    {% do persist_docs(relation, model) %}
    {{ run_hooks(post_hooks, inside_transaction=True) }}
    {{ adapter.commit() }}
    {{ run_hooks(post_hooks, inside_transaction=False) }}
    {{ return({"relations": [relation]}) }}
{% endmaterialization %}
