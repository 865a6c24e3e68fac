{#
Each row that is to be applied comes from the folder of a team in the seeds. The final tables wait for this test, so that no
row is passed over: the loader rejects such folders, but a team can leave the seeds after a load.

    table  name of the raw table, which is the model of a final table too
#}
{% test has_seeded_team(model, column_name, table) %}
    select {{ column_name }}, source_path
    from {{ raw_table(table) }}
    where
        _dlt_load_id in ({{ unapplied_loads(table) }})
        and {{ column_name }}
        not in (select folder from {{ ref("stg_seeds__team_folders") }})
{% endtest %}
