"""The current command: names for its output and options for its hints."""

import argparse
import re
import shlex
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from loader.settings import Settings

_ACTIONS = "diff|generate|push|migrate|rollback|history|pull|adopt|create|build|delete"
# A command in a message: subcommand, action, and options with at most one value each. `search`
# takes any words.
_WORD = r"(?:'[^']*'|\"[^\"]*\"|[^\s'\"();]+)"
COMMAND = re.compile(
    rf"(?P<program>python -m loader|dbt) (?P<name>[a-z]+)(?: (?P<action>{_ACTIONS})\b(?![-,]))?"
    rf"(?P<rest>(?<=loader search)[^\n;]*|(?: -[-\w]*\w(?: (?!-){_WORD})?)*)"
)
# Options that a hint copies from the command line, in addition to the target.
_OF_RUN = (
    *("workspace", "team", "report", "week_start", "week_end", "engine"),
    *("blob_store", "blob_manifest", "no_upload"),
)
_LOADS = ("run", "weekly")  # the commands with these options
_NEXT = re.compile(r"python -m loader|\bdbt |\n|;")
_DBT_WITH_TARGET = {"build", "seed", "run", "test", "source", "compile"}


@dataclass
class Invocation:
    """The command, as far as it has been parsed.

    Args:
        command: The command's name and action; empty before the command line is parsed.
        target: The value of `--target`; after the settings are read, the target.
        database: The database as shown in messages, without a password.
        options: The options for hints, as given, by the command that accepts them.
        is_json: Whether the result is a JSON document.
        is_quiet: Whether only errors are printed.
        is_printed: Whether the JSON document is printed.
    """

    command: str = ""
    target: str | None = None
    database: str | None = None
    options: dict[str, list[str]] = field(default_factory=dict)
    given_target: str | None = None
    is_json: bool = False
    is_quiet: bool = False
    is_printed: bool = False

    def read(self, args: argparse.Namespace) -> None:
        """Store the values of the command line."""
        words = (args.command, getattr(args, "action", None))
        self.command = " ".join(word for word in words if word)
        self.target = self.given_target = args.target
        self.is_json = args.json
        self.is_quiet = getattr(args, "quiet", False)
        if args.command in _LOADS:
            self.options = {name: _given(args, name) for name in _OF_RUN if _given(args, name)}

    def resolve(self, settings: "Settings") -> None:
        """Store the target and the database from the settings."""
        self.target, self.database = str(settings.target), str(settings.place)

    @property
    def header(self) -> dict[str, str | None]:
        """Return the first fields of each JSON document, except its version."""
        return {
            "command": self.command or None,
            "target": self.target,
            "database": self.database,
        }

    def with_options(self, text: str) -> str:
        """Return a message with the given options added to its commands."""
        return COMMAND.sub(self._command, text)

    def _command(self, match: re.Match[str]) -> str:
        program, rest = match["program"], match["rest"]
        words = [program, match["name"], *([match["action"]] if match["action"] else [])]
        takes_target = program != "dbt" or match["name"] in _DBT_WITH_TARGET
        # The option may follow later in the line, after words that are not options.
        line = _NEXT.split(match.string[match.start() + len(program) :], maxsplit=1)[0]
        if self.given_target and takes_target and "--target" not in line:
            words.append(f"--target {self.given_target}")
        if program != "dbt" and {match["name"], self.command} <= {*_LOADS}:
            workspace = self.options.get("workspace", [])
            if workspace:
                rest = rest.replace("--workspace DIR", shlex.join(workspace))
            for name, option in self.options.items():
                if f"--{name.replace('_', '-')}" not in line:
                    words.append(shlex.join(option))
        return " ".join(words) + rest


def _given(args: argparse.Namespace, name: str) -> list[str]:
    value = getattr(args, name)
    option = f"--{name.replace('_', '-')}"
    if value is None or value is False or value == [] or value == args.parser.get_default(name):
        return []
    if value is True:
        return [option]
    values = value if isinstance(value, list) else [value]
    return [word for each in values for word in (option, _text(each))]


def _text(value: object) -> str:
    return str(value) if isinstance(value, str | Path) else repr(value)


current = Invocation()


def begin() -> Invocation:
    """Reset the state of the previous command."""
    current.__init__()  # type: ignore[misc]
    return current
