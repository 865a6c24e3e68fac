{#
Each row that is to be applied comes from the folder of a team in the seeds: the loader rejects other folders, but a team can
leave the seeds after a load. The final tables wait for this test, which lists the files; without it, they fail on the first.

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
