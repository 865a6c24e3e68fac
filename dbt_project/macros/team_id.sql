{#
The team's id of a staged row that is left-joined to int_team_folders. A folder that is no team's stops the model, whatever
is selected: leaving the row out, and marking its load as applied, would lose it. The cast is the one way to raise an error
that both engines have; its text is the message.
#}
{% macro team_id_or_error() %}
    coalesce(
        team_folders.team_id,
        cast(
            'no seed has a team for the folder '
            || staged.team_folder
            || ', or it has another name since: build organizations and teams, too'
            as uuid
        )
    )
{% endmacro %}
