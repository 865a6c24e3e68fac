{#
Pre-hook of meeting_transcripts, after the claim: a transcript whose date was corrected is the same
transcript. Its row gets the new date and keeps its id, before the model itself brings the new text.
Only rows of our loads move: another system may have used one file name for many meetings.
#}
{% macro move_transcripts() %}
    {% set folders = folders_of_teams() %}
    {% set raw = source("raw", "meeting_transcripts").render() %}
    {% set needed = ["team_id", "filename", "transcript_date", "loaded_at"] %}
    {% if is_incremental() and has_columns(this, needed) %}
        update {{ this }} as stored
        set transcript_date = moved.transcript_date, updated_at = current_timestamp
        from
            (
                select
                    earlier.id,
                    claimed.transcript_date,
                    row_number() over (
                        partition by earlier.team_id, earlier.filename
                        order by earlier.loaded_at desc, earlier.id
                    ) as place
                from {{ this }} as earlier
                inner join
                    (
                        select
                            folders.team_id,
                            loaded.filename,
                            cast(loaded.transcript_date as timestamp) as transcript_date,
                            row_number() over (
                                partition by folders.team_id, loaded.filename
                                order by
                                    loaded.loaded_at desc,
        {{ by_code_point("loaded.source_path") }} desc,
                                    loaded.row_id desc
                            ) as place
                        from {{ raw }} as loaded
                        inner join
                            ({{ folders }}) as folders
                            on loaded.team = folders.folder
                        where
                            loaded._dlt_load_id
                            in ({{ loads_to_apply("meeting_transcripts") }})
                    ) as claimed
                    on earlier.team_id = claimed.team_id
                    and earlier.filename = claimed.filename
                left join
        {{ this }} as known
                    on claimed.team_id = known.team_id
                    and claimed.filename = known.filename
                    and claimed.transcript_date = known.transcript_date
                where
                    claimed.place = 1
                    and earlier.loaded_at is not null
                    and known.id is null
            ) as moved
        where stored.id = moved.id and moved.place = 1
    {% endif %}
{% endmacro %}
