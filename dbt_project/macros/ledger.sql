{#
The ledger of applied loads: which load each final table has taken in. Claiming, building and marking are one transaction,
the model's own. So a load that commits late, a build that fails half-way, two builds at once or a replay lose nothing, and
a build costs what is new. (A high-water mark on load time would lose what commits late.)
#}
{% macro create_ledger() %}
    {{ take_turn("schema") }}
    {# Asked first: making one needs a right on the database, which a transformer lacks. #}
    {% if not adapter.check_schema_exists(target.database, "bookkeeping") %}
        create schema if not exists bookkeeping;
    {% endif %}
    create table if not exists bookkeeping.applied_loads (
        model text not null,
        load_id text not null,
        claimed_by text not null,
        applied_at timestamp with time zone,
        primary key (model, load_id)
    );
    {{ create_environment() }}
{% endmacro %}

{# The ids of finished loads. A kill can leave two rows for one load: use it with `in`, never with a join. #}
{% macro finished_loads() %}
    select distinct load_id from {{ raw_table("_dlt_loads") }} where status = 0
{% endmacro %}

{#
The finished loads that a final table has not taken in.

    after  names of final tables that must have taken a load in before
#}
{% macro unapplied_loads(model_name, after=[]) %}
    {{ finished_loads() }}
    {% for parent in after %}
        intersect
        select load_id
        from bookkeeping.applied_loads
        where model = '{{ parent }}' and applied_at is not null
    {% endfor %}
    except
    select load_id
    from bookkeeping.applied_loads
    where model = '{{ model_name }}' and applied_at is not null
{% endmacro %}

{#
Pre-hook: claim what is finished and not yet applied; everything, where the table is not there.

    after  names of final tables that must have taken a load in before
#}
{% macro claim_loads(after=[]) %}
    {% if not is_incremental() %}
        delete from bookkeeping.applied_loads
        where model = '{{ this.identifier }}'
        ;
    {% endif %}
    insert into bookkeeping.applied_loads (model, load_id, claimed_by)
    select '{{ this.identifier }}', load_id, '{{ invocation_id }}'
    from ({{ unapplied_loads(this.identifier, after) }}) as unapplied
    on conflict (model, load_id) do update
        set claimed_by = excluded.claimed_by
        where applied_loads.applied_at is null;
{% endmacro %}

{# The loads that a model takes in: those that it has claimed, or all with the variable `reapply`. #}
{% macro loads_to_apply(model_name) %}
    {%- if var("reapply", false) -%} {{ finished_loads() }}
    {%- else -%}
        select load_id
        from bookkeeping.applied_loads
        where
            model = '{{ model_name }}'
            and claimed_by = '{{ invocation_id }}'
            and applied_at is null
    {%- endif -%}
{% endmacro %}

{# The rows of a raw table that its final table takes in. #}
{% macro rows_to_apply(name) %}
    {{ rows_of_loads(name, loads_to_apply(name)) }}
{% endmacro %}

{# A raw table's rows of some loads, one per `row_id`: a load that was replayed after a kill has its rows twice. #}
{% macro rows_of_loads(name, loads) %}
    {%- set of_loads -%}
        (select * from {{ raw_table(name) }} where _dlt_load_id in ({{ loads }})) as of_loads
    {%- endset -%}
    {{ deduplicate(of_loads, partition_by=["row_id"], order_by=["_dlt_load_id"]) }}
{% endmacro %}

{# Post-hook: what was claimed is applied. #}
{% macro mark_loads_applied() %}
    update bookkeeping.applied_loads
    set applied_at = current_timestamp
    where model = '{{ this.identifier }}' and claimed_by = '{{ invocation_id }}' and applied_at is null
{% endmacro %}
