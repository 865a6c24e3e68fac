"""Wrap lines to the width of the screen."""

import textwrap

from loader.cli.invocation import COMMAND

_GLUE = "\ue000"  # replaces a blank at which a line must not break


def wrapped(text: str, width: int) -> str:
    """Break lines between words, but never inside a command, so that it can be copied."""
    joined = COMMAND.sub(lambda match: match[0].replace(" ", _GLUE), text)
    broken = (
        textwrap.wrap(
            each,
            width,
            break_long_words=False,
            break_on_hyphens=False,
            drop_whitespace=True,
            replace_whitespace=False,
        )
        or [""]
        if len(each) > width
        else [each]
        for each in joined.split("\n")
    )
    return "\n".join(line for lines in broken for line in lines).replace(_GLUE, " ")
