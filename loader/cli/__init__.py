"""The commands, a module each. The only package that prints and exits.

Exit codes: 0 done, 1 a failure that the message explains, 2 wrong usage or an unforeseen error,
130 interrupted, 143 terminated.
"""

import importlib
import logging
import signal
import sys
import traceback
from collections.abc import Sequence

from loader.cli.arguments import command_line
from loader.errors import LoaderError

DONE, FAILED, _UNFORESEEN, _SIGNALLED = 0, 1, 2, 128


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        argv: Arguments without the program's name; by default those of the process.

    Returns:
        The exit code.
    """
    args = command_line().parse_args(argv)
    signal.signal(signal.SIGTERM, _terminate)
    logging.getLogger("loader").handlers[:] = [logging.StreamHandler(sys.stderr)]
    try:
        # --help answers in a blink
        from loader.settings import configure_libraries  # noqa: PLC0415

        configure_libraries()
        command = importlib.import_module(f"loader.cli.{args.module}")
        code: int = command.main(args)
    except LoaderError as error:
        _print_error(f"Error: {error}")
        return FAILED
    except KeyboardInterrupt as error:
        rest = (
            " Nothing of the run counts; the next run starts over." if args.module == "run" else ""
        )
        print(f"Interrupted.{rest}", file=sys.stderr)
        return _SIGNALLED + int(getattr(error, "signal_code", signal.SIGINT))
    except BrokenPipeError:
        sys.stderr.close()  # whoever read the output has gone
        return FAILED
    except OSError as error:  # such as a full disk, below the working folder
        where = f": {error.filename}" if error.filename else ""
        _print_error(f"Error: {error.strerror or error}{where}")
        return FAILED
    except Exception as error:  # noqa: BLE001 - the last resort: a message instead of a traceback
        mend = "For the traceback, set DEBUG=true and run the command again."
        _print_error(f"Unforeseen error: {type(error).__name__}: {error}\n{mend}")
        return _UNFORESEEN
    return code


def _print_error(message: str) -> None:
    from loader.settings import is_debug, redacted  # noqa: PLC0415

    said = f"{traceback.format_exc()}{message}" if is_debug() else message
    print(redacted(said), file=sys.stderr)


class _Terminated(KeyboardInterrupt):
    """SIGTERM has come. dlt calls the signal of its own exception so, too."""

    signal_code = signal.SIGTERM


def _terminate(*_: object) -> None:
    raise _Terminated
