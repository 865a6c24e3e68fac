"""The commands: one module per command, with its options. Only this package prints and exits.

Exit codes: 0 done, 1 a handled failure, 2 wrong usage or an unhandled error, 130 interrupted,
143 terminated.
"""

import argparse
import errno
import importlib
import logging
import signal
import sys
from collections.abc import Collection, Sequence
from typing import NoReturn

from loader import __version__
from loader.cli.failures import tell
from loader.cli.invocation import begin, current
from loader.cli.options import common_options
from loader.errors import LoaderError
from loader.guards import terminal
from loader.guards.private import private_files

_SPACE = (
    "\nFree some space, or set WAREHOUSE_DIR to a folder that has it;"
    " then run the same command again."
)
_RIGHT = (
    "\nGive this user the right to it, or set WAREHOUSE_DIR to another folder;"
    " then run the same command again."
)
_HINTS = {
    **dict.fromkeys((errno.ENOSPC, errno.EDQUOT), _SPACE),
    **dict.fromkeys((errno.EACCES, errno.EPERM, errno.EROFS), _RIGHT),
}
_REQUIRED = "the following arguments are required: "
_NO_COMMAND = (f"{_REQUIRED}COMMAND", f"{_REQUIRED}ACTION")
DONE, FAILED, _UNFORESEEN, _SIGNALLED = 0, 1, 2, 128
COMMANDS = {
    "init": "make a project for an installed wheel",
    "run": "load a workspace",
    "weekly": "load a workspace, build the tables, verify the blobs",
    "status": "show what the database holds",
    "search": "find words in reports, meetings, issues and messages",
    "check": "check settings, database and blob store",
    "ids": "write the ids of teams and types into a file",
    "verify": "check the blobs that the database references",
    "schema": "compare and change the final tables",
    "branch": "try a build on a branch of the database",
    "studio": "look at the database in the browser",
    "mcp": "serve the database to MCP clients",
    "forget": "erase a person or a file",
    "prune": "remove old versions from raw",
    "drop": "remove what this project made in a database",
}


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: Arguments without the program's name; by default `sys.argv[1:]`.

    Returns:
        The exit code.
    """
    with terminal.guarded(), private_files():
        return _main(list(sys.argv[1:] if argv is None else argv))


def _main(given: list[str]) -> int:
    signal.signal(signal.SIGTERM, _terminate)
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(_Masking())
    logging.getLogger("loader").handlers[:] = [handler]
    invocation = begin()
    invocation.is_json = "--json" in given
    invocation.command = given[0] if given and given[0] in COMMANDS else ""
    try:
        args = command_line(given).parse_args(given)
        args.given = given
        invocation.read(args)
        from loader.settings import configure_libraries

        configure_libraries()
        code: int = args.main(args)
    except LoaderError as error:
        tell(type(error).__name__, str(error))
        return FAILED
    except KeyboardInterrupt as error:
        is_run = given[:1] == ["run"]
        rest = " Nothing of the run counts; the next run starts over." if is_run else ""
        tell("Interrupted", f"Interrupted.{rest}", prefix="")
        return _SIGNALLED + int(getattr(error, "signal_code", signal.SIGINT))
    except BrokenPipeError:
        sys.stderr.close()  # the reader of the output has closed it
        return FAILED
    except OSError as error:  # for example a full disk under the working folder
        where = f": {error.filename}" if error.filename else ""
        hint = _HINTS.get(error.errno or 0, "")
        tell("OSError", f"{error.strerror or error}{where}{hint}")
        return FAILED
    except Exception as error:  # noqa: BLE001 - the last resort: a message instead of a traceback
        hint = "For the traceback, set DEBUG=true and run the command again."
        name = type(error).__name__
        message = f"{error}\n{hint}"
        tell(name, message, prefix=f"Unforeseen error: {name}: ")
        return _UNFORESEEN
    return code


def command_line(words: Collection[str] = COMMANDS) -> argparse.ArgumentParser:
    """Return the parser of the command line.

    Args:
        words: The command line. Only the commands that it names are imported and get options,
            which keeps `--help` fast. By default all commands get options.
    """
    parser: argparse.ArgumentParser = _Parser(
        prog="python -m loader",
        description="Load a Data Source Orchestrator workspace into Neon Postgres or DuckDB.",
        allow_abbrev=False,
    )
    parser.add_argument("--version", action="version", version=f"loader {__version__}")
    commands = parser.add_subparsers(
        title="commands", required=True, metavar="COMMAND", dest="command"
    )
    for name, help_ in COMMANDS.items():
        made = commands.add_parser(name, parents=[common_options()], allow_abbrev=False, help=help_)
        if name in words:
            command = importlib.import_module(f"loader.cli.{name}")
            made.description = command.main.__doc__
            made.set_defaults(main=command.main, parser=made)
            command.add_arguments(made)
    return parser


class _Parser(argparse.ArgumentParser):
    """A parser that hides secrets in messages about wrong arguments."""

    def error(self, message: str) -> NoReturn:
        from loader.settings import redacted

        if current.is_json:
            tell("UsageError", f"{message}\nSee: {self.prog} --help")
            self.exit(_UNFORESEEN)
        if message.startswith(_NO_COMMAND):
            self.print_help(sys.stderr)
            self.exit(_UNFORESEEN)
        super().error(redacted(message))


class _Masking(logging.Formatter):
    """A log formatter that hides secrets."""

    def format(self, record: logging.LogRecord) -> str:
        from loader.settings import redacted

        return redacted(super().format(record))


class _Terminated(KeyboardInterrupt):
    """SIGTERM was received. dlt has an exception of the same name."""

    signal_code = signal.SIGTERM


def _terminate(*_: object) -> None:
    raise _Terminated
