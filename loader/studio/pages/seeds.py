"""The seed files, with `--write`: a form with all rows of one file."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from loader.errors import SettingsError
from loader.studio import seed_files
from loader.studio.context import Studio
from loader.studio.formats import url
from loader.studio.pages.edits import check_writing
from loader.studio.rendering import form_of, page, studio_of
from loader.studio.seed_files import Added

_SEE_OTHER, _BAD_REQUEST, _NOT_FOUND, _CONFLICT = 303, 400, 404, 409
_ABOUT_FOLDERS = ("seed_teams", "seed_team_aliases", "seed_people")


def seed(request: Request) -> Response:
    """Show a seed file as a form, or save the submitted form."""
    studio = studio_of(request)
    check_writing(studio)
    path = _path(request, studio)
    if request.method == "POST":
        return _save(request, path)
    file = seed_files.read(path)
    return _form(request, path, file.version, file.columns, file.rows)


def _path(request: Request, studio: Studio) -> Path:
    name = request.path_params["name"]
    path = seed_files.path_of(name, studio.seeds)
    if not path:
        message = f"There is no file '{name}.csv' in {studio.seeds}."
        raise HTTPException(_NOT_FOUND, message)
    return path


def _save(request: Request, path: Path) -> Response:
    form = form_of(request)
    columns = [form[f"column:{n}"] for n in range(len(form)) if f"column:{n}" in form]
    rows, new = _rows(form, len(columns)), _new(form, len(columns))

    def again(problem: str, status: int) -> Response:
        version = form.get("version", "")
        return _form(request, path, version, columns, rows, new, form, problem, status)

    try:
        file = seed_files.read(path)
        if file.version != form.get("version") or file.columns != columns:
            said = f"{path.name} has changed since it was shown. Nothing was saved."
            return again(said, _CONFLICT)
        known = dict(file.rows)
        changed = {
            number: [
                old if _same(typed, old) else typed
                for typed, old in zip(cells, known[number], strict=True)
            ]
            for number, cells in rows
            if number in known
        }
        removed = frozenset(number for number in known if f"remove:{number}" in form)
        above = form.get("above", "")
        place = int(above) if above.isdigit() and int(above) in known else None
        added = [Added(tuple(new), place)] if any(new) else []
        data = seed_files.edited(file, changed, removed, added)
        if data == path.read_bytes():
            return again("Nothing was saved, as nothing was changed.", _BAD_REQUEST)
        seed_files.save(file, data)
    except SettingsError as error:
        return again(str(error), _BAD_REQUEST)
    return RedirectResponse(url("seeds", path.stem, saved="yes"), _SEE_OTHER)


def _rows(form: Mapping[str, str], width: int) -> list[tuple[int, list[str]]]:
    numbers = dict.fromkeys(
        int(name.split(":")[1])
        for name in form
        if name.startswith("cell:") and name.split(":")[1].isdigit()
    )
    return [
        (number, [form.get(f"cell:{number}:{n}", "").replace("\r\n", "\n") for n in range(width)])
        for number in numbers
    ]


def _new(form: Mapping[str, str], width: int) -> list[str]:
    return [form.get(f"new:{n}", "").replace("\r\n", "\n") for n in range(width)]


def _same(typed: str, old: str) -> bool:
    return typed == old.replace("\r\n", "\n").replace("\r", "\n")


def _form(  # noqa: PLR0913, PLR0917 - values for the template
    request: Request,
    path: Path,
    version: str,
    columns: Sequence[str],
    rows: Sequence[tuple[int, list[str]]],
    new: Sequence[str] = (),
    form: Mapping[str, str] | None = None,
    problem: str = "",
    status: int = 200,
) -> Response:
    target = studio_of(request).settings.target
    load = f"python -m loader run --target {target} --workspace DIR"
    build = f"dbt build --target {target}"
    given = form or {}
    return page(
        request,
        "seed.html",
        status=status,
        name=path.stem,
        file=f"{seed_files.FOLDER_NAME}/{path.name}",
        file_version=version,
        columns=columns,
        rows=rows,
        new=new or [""] * len(columns),
        removed={number for number, _ in rows if f"remove:{number}" in given},
        above=given.get("above", ""),
        problem=problem,
        is_saved=request.query_params.get("saved") == "yes" and not problem,
        commands=[load, build] if path.stem in _ABOUT_FOLDERS else [build],
    )
