"""Print failures: a message on stderr, or with `--json` a document on stdout."""

import re
import traceback

from loader.cli.invocation import current

# Messages about a file begin with its path and often its line. Hosts look like paths, too.
_PLACE = re.compile(
    r"(?P<file>[^\s:,][^:,\n]*\.\w+)(?:, line |:)(?P<line>\d+): "
    r"|(?P<whole>[^\s:]+\.(?:csv|json|md|py|sql|ya?ml)): "
)


def tell(type_: str, message: str, prefix: str = "Error: ") -> None:
    """Print a failure.

    Args:
        type_: Name of the error's class.
        message: The failure on the first line, the hint on the following lines.
        prefix: Text before the message on stderr.
    """
    from loader.cli.output import notes, print_json
    from loader.settings import is_debug, redacted

    text = redacted(current.with_options(message))
    if is_debug() or not current.is_json:
        trace = traceback.format_exc() if is_debug() else ""
        notes(redacted(f"{trace}{prefix}{message}"))
    if current.is_json and not current.is_printed:
        print_json(error=error_object(type_, text))


def error_object(type_: str, message: str) -> dict[str, object]:
    """Return a failure for JSON: `type`, `message`, and if known `hint`, `file` and `line`.

    Args:
        type_: Name of the error's class.
        message: The failure on the first line, the hint on the following lines.
    """
    what, _, hint = message.partition("\n")
    place = _PLACE.match(what)
    file, line = (place["file"] or place["whole"], place["line"]) if place else ("", None)
    made: dict[str, object] = {"type": type_, "message": what}
    made |= {"hint": hint.strip()} if hint.strip() else {}
    made |= {"file": file} if file else {}
    return made | ({"line": int(line)} if line else {})
