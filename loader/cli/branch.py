"""`branch`: try a build on a branch of the database."""

import argparse
import contextlib
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import TYPE_CHECKING

from loader.cli import DONE, FAILED
from loader.cli.invocation import current
from loader.cli.options import add_actions, confirm, opened_settings, yes_option
from loader.cli.output import as_objects, line, listing, note, print_all, print_json, waiting
from loader.database.url import DatabaseUrl, parse_database_url
from loader.database.warehouse import Warehouse
from loader.errors import NeonError, SettingsError
from loader.project import link_package
from loader.settings import (
    Settings,
    Target,
    environment,
    load_neon_settings,
    load_settings,
)

if TYPE_CHECKING:
    from rich.text import Text

    from loader.cli.tables import Listing
    from loader.schema.neon import Branch, NeonClient
    from loader.schema.preview import Preview


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the actions and their options."""
    actions = add_actions(
        parser,
        create="make a branch of the target's database",
        build="migrate and build on a branch, which is made if it is not there",
        diff="compare rows and columns of a branch with the target's database",
        delete="delete a branch",
    )
    for action in actions.values():
        action.add_argument("name", metavar="NAME", help="the name of the branch")
    actions["build"].add_argument(
        "--rm", action="store_true", help="compare it, too, and delete it in any case"
    )
    yes_option(actions["delete"])


def main(args: argparse.Namespace) -> int:
    """Make, build, compare and delete branches of a Neon database."""
    from loader.schema.neon import NeonClient

    settings = opened_settings(args)
    if settings.database is None:
        message = "Only Neon has branches. Name a Neon target: --target dev, staging or prod"
        raise SettingsError(message)
    neon = NeonClient(load_neon_settings())
    return _ACTIONS[args.action](_Previewer(settings, settings.database, neon), args)


class _Previewer:
    """Create, build and compare branches of the target's database."""

    def __init__(self, settings: Settings, database: DatabaseUrl, neon: "NeonClient") -> None:
        self.settings = settings
        self.neon = neon
        self._database = database

    def create(self, name: str) -> "Branch":
        parent = self.neon.parent_of(self._database)
        with waiting(f"Making the branch {name}", is_shown=True):
            return self.neon.create(name, parent)

    def existing(self, name: str) -> "Branch":
        branch = self.neon.find(name)
        if not branch:
            raise NeonError(
                f"There is no branch {name!r}. Create it: python -m loader branch create {name}"
            )
        return branch

    def build(self, branch: "Branch") -> int:
        """Migrate and build on a branch; return dbt's exit code. Its output goes to stderr."""
        name = f"DATABASE_URL_{self.settings.target.upper()}"
        address = self._address(branch)
        environ = {**environment(), name: address.url, **address.environment}
        environ["DBT_USE_COLORS"] = "false"
        loader = [sys.executable, "-m", "loader", "schema", "migrate"]
        dbt = [str(Path(sys.executable).parent / "dbt"), "build"]
        for command, answer in ((loader, ["--yes"]), (dbt, [])):  # only the branch loses data
            note(f"On {branch.name}: {' '.join(command[-2:])}")
            told = [*command, *answer, "--target", self.settings.target]
            code = _run_command(told, environ)
            if code:
                return code
        return DONE

    def diff(self, branch: "Branch") -> "Preview":
        from loader.schema.preview import compare

        there = replace(self.settings, database=self._address(branch))
        with (
            Warehouse(self.settings, is_read_only=True) as parent,
            Warehouse(there, is_read_only=True) as other,
        ):
            return compare(parent, other)

    def delete(self, branch: "Branch") -> None:
        hosts = self.neon.hosts(branch)
        for target in Target:
            with contextlib.suppress(SettingsError):  # the target has no database
                database = load_settings(target).database
                if database and database.host in hosts:
                    raise NeonError(
                        f"Cannot delete the branch {branch.name!r}: the target '{target}' is on it."
                    )
        self.neon.delete(branch)

    def _address(self, branch: "Branch") -> DatabaseUrl:
        found = self.neon.address(branch, self._database.database, self._database.user)
        try:
            return parse_database_url(found)
        except ValueError as error:
            raise NeonError(
                f"Neon's address of the branch {branch.name!r} is malformed: {error}."
            ) from None


def _run_command(command: list[str], environ: dict[str, str]) -> int:
    """Run a command, write its output to stderr with escapes, and return its exit code."""
    with subprocess.Popen(  # noqa: S603
        command,
        cwd=link_package(),
        env=environ,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
        errors="backslashreplace",
    ) as process:
        for said in process.stdout or ():
            sys.stderr.write(said)
    return process.returncode


def _create(previewer: _Previewer, args: argparse.Namespace) -> int:
    branch = previewer.create(args.name)
    _say(args, [f"Made the branch {branch.name!r}."], branch=asdict(branch))
    return DONE


def _build(previewer: _Previewer, args: argparse.Namespace) -> int:
    if not args.rm:
        branch = previewer.neon.find(args.name) or previewer.create(args.name)
        code = _built(previewer, branch)
        if not code:
            _say(args, [f"Built on the branch {branch.name!r}."], branch=asdict(branch))
        return code
    branch = previewer.create(args.name)  # never delete a branch that existed before
    try:
        code = _built(previewer, branch, is_compared=True)
        _show(previewer, branch, args)
    finally:
        try:
            previewer.delete(branch)
        except NeonError as error:
            hint = f"Delete it: python -m loader branch delete {branch.name}"
            raise NeonError(
                f"The branch {branch.name!r} is still there: {error}\n{hint}"
            ) from error
        note(f"Deleted the branch {branch.name!r}.")
    return code


def _built(previewer: _Previewer, branch: "Branch", *, is_compared: bool = False) -> int:
    if previewer.build(branch):
        message = (
            f"The build on the branch {branch.name!r} failed. The database itself did not change."
        )
        if current.is_json and not is_compared:
            raise NeonError(message)
        note(f"Error: {message}")
        return FAILED
    return DONE


def _diff(previewer: _Previewer, args: argparse.Namespace) -> int:
    _show(previewer, previewer.existing(args.name), args)
    return DONE


def _delete(previewer: _Previewer, args: argparse.Namespace) -> int:
    branch = previewer.existing(args.name)
    confirm(args, f"This deletes the branch {branch.name!r}, with all that is only there.")
    previewer.delete(branch)
    _say(args, [f"Deleted the branch {branch.name!r}."], branch=asdict(branch))
    return DONE


_ACTIONS = {"create": _create, "build": _build, "diff": _diff, "delete": _delete}


def _show(previewer: _Previewer, branch: "Branch", args: argparse.Namespace) -> None:
    preview = previewer.diff(branch)
    if args.json:
        print_json(
            branch=asdict(branch),
            counts=[asdict(each) for each in preview.counts],
            only_parent=as_objects("what", preview.only_parent),
            only_branch=as_objects("what", preview.only_branch),
        )
    else:
        print_all(_tables(preview, branch))


def _tables(preview: "Preview", branch: "Branch") -> "Iterator[Listing | Text]":
    columns = ("table", "parent", branch.name, "difference")
    rows = (
        (
            each.table,
            "none" if each.parent is None else f"{each.parent:,}",
            "none" if each.branch is None else f"{each.branch:,}",
            f"{(each.branch or 0) - (each.parent or 0):+,}" if each.parent != each.branch else "",
        )
        for each in preview.counts
    )
    yield listing("Rows", columns, rows, right=columns[1:])
    for each in preview.only_parent:
        yield line(f"- {each}")
    for each in preview.only_branch:
        yield line(f"+ {each}")
    if not preview.only_parent and not preview.only_branch:
        yield line("Columns, constraints and indexes are the same.")


def _say(args: argparse.Namespace, lines: list[str], **document: object) -> None:
    if args.json:
        print_json(**document)
    else:
        print_all(line(each) for each in lines)
