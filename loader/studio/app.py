# /// script
# [tool.marimo.display]
# theme = "system"
# ///
"""The studio's page: a cell for each part. What it shows comes from the modules beside it."""

import marimo

app = marimo.App(width="full", app_title="orchestrator studio")


@app.cell
def _():
    import marimo as mo

    from loader.studio import job as jobs
    from loader.studio import pages
    from loader.studio.server import served

    studio = served()
    return jobs, mo, pages, studio


@app.cell
def _(mo, pages, studio):
    page = mo.ui.radio(["Overview", "Tables", "Query"], value="Overview", inline=True)
    get_place, set_place = mo.state(pages.start(studio))
    get_text, set_text = mo.state(pages.FIRST_QUERY)
    get_history, set_history = mo.state([])
    get_edited, set_edited = mo.state(None)
    get_job, set_job = mo.state(None)
    mo.hstack([mo.md(pages.heading(studio)), page], justify="space-between", align="center")
    return (
        get_edited,
        get_history,
        get_job,
        get_place,
        get_text,
        page,
        set_edited,
        set_history,
        set_job,
        set_place,
        set_text,
    )


@app.cell
def _(mo, page, pages, studio):
    mo.stop(page.value != "Overview")
    team = mo.ui.dropdown(pages.teams(studio), label="team", value="all teams")
    team
    return (team,)


@app.cell
def _(mo, page, pages, studio, team):
    mo.stop(page.value != "Overview")
    pages.shown(lambda: mo.Html(pages.overview(studio, team.value)))
    return


@app.cell
def _(get_place, mo, page, pages, studio):
    mo.stop(page.value != "Tables")
    there = pages.attempt(lambda: pages.tables(studio))
    mo.stop(not isinstance(there, tuple), pages.callout(there))
    tables, counts = there
    labels = {name: pages.label(name, counts) for name in tables}
    begin = labels.get(get_place().table, next(iter(labels.values())))
    table_choice = mo.ui.dropdown(
        {label: name for name, label in labels.items()}, value=begin, label="table", searchable=True
    )
    return table_choice, tables


@app.cell
def _(get_place, mo, page, pages, table_choice, tables):
    mo.stop(page.value != "Tables")
    table = tables[table_choice.value]
    place = get_place()
    filters = place.filters if place.table == table.name else ()
    search = mo.ui.text(label="search", placeholder="words in any text")
    sort = mo.ui.dropdown(list(table.columns), label="sort by")
    is_descending = mo.ui.checkbox(label="from the end")
    conditions = mo.ui.array(pages.conditions(table, filters))
    mo.vstack(
        [
            mo.hstack([table_choice, search, sort, is_descending], justify="start", wrap=True),
            mo.hstack(list(conditions), justify="start", wrap=True),
            mo.accordion({"columns": mo.md(pages.columns(table))}),
        ]
    )
    return conditions, is_descending, search, sort, table


@app.cell
def _(conditions, is_descending, mo, page, pages, search, sort):
    mo.stop(page.value != "Tables")
    view = pages.view(search.value, conditions.value, sort.value, is_descending=is_descending.value)
    get_number, set_number = mo.state(0, allow_self_loops=True)
    size = mo.ui.dropdown(["25", "100", "500"], value="25", label="rows a page")
    return get_number, set_number, size, view


@app.cell
def _(get_edited, get_number, mo, page, pages, set_number, size, studio, table, view):
    mo.stop(page.value != "Tables")
    number, rows_a_page = get_number(), int(size.value)
    found = pages.attempt(lambda: studio.tables.page(table, view, number, rows_a_page))
    last = pages.last_page(found, rows_a_page)
    turns = [
        mo.ui.button(label=label, disabled=to == number, on_change=lambda _, to=to: set_number(to))
        for label, to in (
            ("first", 0),
            ("previous", max(number - 1, 0)),
            ("next", min(number + 1, last)),
            ("last", last),
        )
    ]
    rows = mo.ui.table(
        pages.records(found),
        selection="single",
        initial_selection=pages.positions(found, get_edited()),
        pagination=False,
        show_download=False,
        show_column_summaries=False,
        show_data_types=False,
        show_search=False,
        max_height=640,
        header_tooltip={each.name: each.description for each in table.columns.values()},
    )
    bar = [mo.md(pages.range_of(found, number, rows_a_page)), *turns, size]
    bar += [
        mo.download(
            lambda kind=kind: pages.export(studio, table, view, kind),
            filename=f"{table.name}.{kind}",
            label=kind.upper(),
        )
        for kind in ("csv", "parquet")
    ]
    mo.vstack([mo.hstack(bar, justify="start", align="center"), pages.callout(found) or rows])
    return found, rows


@app.cell
def _(found, get_edited, mo, page, pages, rows, studio, table, tables):
    mo.stop(page.value != "Tables" or not rows.value or not table.key)
    get_edited()
    key = found.keys[rows.value[0]["#"] - 1]
    row = pages.attempt(lambda: studio.tables.row(table, key))
    mo.stop(not isinstance(row, dict), pages.callout(row))
    links = pages.attempt(lambda: pages.links(studio, table, tables, row))
    mo.stop(not isinstance(links, list), pages.callout(links))
    go = mo.ui.array([mo.ui.run_button(label=link.label) for link in links])
    mo.vstack(
        [mo.md("### Row"), mo.hstack(list(go), justify="start", wrap=True), pages.row(table, row)]
    )
    return go, key, links, row


@app.cell
def _(go, links, set_place):
    for link, is_pressed in zip(links, go.value, strict=True):
        if is_pressed:
            set_place(link.place)
    return


@app.cell
def _(get_edited, key, mo, pages, row, studio, table):
    mo.stop(not (studio.is_writing and table.is_editable))
    column = mo.ui.dropdown(list(table.columns), value=list(table.columns)[-1], label="column")
    mo.vstack([mo.md(f"### Edit\n\n{table.warning}"), pages.saved(key == get_edited()), column])
    return (column,)


@app.cell
def _(column, mo, pages, row):
    text = mo.ui.text_area(value=pages.text(row[column.value]), full_width=True, rows=6)
    is_null = mo.ui.checkbox(value=row[column.value] is None, label="null")
    save = mo.ui.run_button(label="Save", kind="warn")
    mo.vstack([text, mo.hstack([is_null, save], justify="start")])
    return is_null, save, text


@app.cell
def _(column, is_null, key, mo, pages, row, save, set_edited, studio, table, text):
    mo.stop(not save.value)
    value = None if is_null.value else text.value
    saved = pages.attempt(lambda: studio.tables.edit(table, key, row, {column.value: value}))
    if isinstance(saved, dict):
        set_edited(key)
    pages.callout(saved)
    return


@app.cell
def _(get_text, mo, page):
    mo.stop(page.value != "Query")
    editor = mo.ui.code_editor(value=get_text(), language="sql", min_height=140)
    most = mo.ui.number(start=1, stop=10_000, value=200, label="rows at most")
    seconds = mo.ui.number(start=1, stop=600, value=30, label="seconds at most")
    run = mo.ui.run_button(label="Run", kind="success")
    cancel = mo.ui.run_button(label="Cancel")
    mo.vstack([editor, mo.hstack([run, cancel, most, seconds], justify="start", wrap=True)])
    return cancel, editor, most, run, seconds


@app.cell
def _(get_history, mo, page, set_text):
    mo.stop(page.value != "Query")
    history = mo.ui.dropdown(list(get_history()), label="history", on_change=set_text)
    history
    return


@app.cell
def _(editor, jobs, most, run, seconds, set_history, set_job, studio):
    if run.value:
        set_job(jobs.Job(studio, editor.value, int(most.value), float(seconds.value)))
        set_history(lambda past: [editor.value, *(q for q in past if q != editor.value)][:20])
    return


@app.cell
def _(cancel, get_job):
    if cancel.value and get_job():
        get_job().cancel()
    return


@app.cell
def _(get_job, mo, page):
    mo.stop(page.value != "Query" or not get_job())
    tick = mo.ui.refresh(default_interval="0.5s")
    return (tick,)


@app.cell
def _(get_job, mo, pages, tick):
    tick.value
    job = get_job()
    if job.is_done:
        answer = job.answer
        output = pages.callout(answer) or mo.vstack(
            [
                mo.md(pages.summary(job)),
                mo.ui.table(
                    pages.records(answer),
                    selection=None,
                    page_size=50,
                    show_column_summaries=False,
                    show_data_types=False,
                ),
            ]
        )
    else:
        output = mo.hstack([mo.md(f"Running for {job.seconds:.0f} s …"), tick], justify="start")
    output
    return


if __name__ == "__main__":
    app.run()
