"""Messages say what failed and what to do: in sentences, with values in quotes."""

import re

from scripts.messages import Message, messages, raises
from tests.support.words import AVOIDED

MESSAGES = messages()
SENTENCES = [each for each in MESSAGES if each.kind not in {"help", "detail"}]
DETAILS = [each for each in MESSAGES if each.kind == "detail"]
HELP = [each for each in MESSAGES if each.kind == "help" and each.file.startswith("loader/cli/")]
LONGEST = 300  # characters of a line
PLACEHOLDER = re.compile(r"\{((?:[^{}]|\{[^{}]*\})*)\}")
PROGRAMS = "python -m|dbt|git|pip|make|orchestrator-elt|create database|grant|alter|unset|cd"
# A command ends with its line, or with the parenthesis that it is in.
COMMAND = re.compile(
    rf"(?<![\w/])(?:{PROGRAMS}) [\w{{\"'-][^\n;)]*"
    r"|--target dev, staging or prod$|--port N$|--help$|Bearer .*$"
)
# Placeholders that stand without quotes, by the last word of their name.
NO_VALUES = {
    "a count or a code": "counted len done times for_long size seconds count limit status"
    " status_code code number amount data line_num uploads",
    "a path, a host or a URL: it ends at the next blank": "path place url folder address _address"
    " database host file _root root duckdb_path warehouse_dir seeds here scheme bundle absolute"
    " blob_manifest port prog",
    "a list of names": "join _listed known several listed near shown folders columns found tables"
    " lines named missing STORES",
    "a sentence or words, ours or of others": "error problem problems hint message text words what"
    " lacks rest warning detail undone not_ours first more whose who holder role_of kind other"
    " _words _first_line _holder _renewal strerror orig verify_message refused redacted role"
    " condition AGAIN how_to_install install command load again migrations action seed_line",
    "a word of ours": "replace _EXPORTED setting variable value parser_versions byte token see",
}
UNQUOTED = {name for names in NO_VALUES.values() for name in names.split()}


def shown(message: Message) -> str:
    return f"{message.file}:{message.line}: {message.text}"


def word(placeholder: str) -> str:
    """Return what decides whether a placeholder is a value: the last word of its name."""
    if re.match(r"\d+$", placeholder):
        return "count"
    if "join" in placeholder:
        return "join"
    if re.match(r"['\"f%]+[^\w]*|.* if ", placeholder) and not re.match(
        r"\w+(\.\w+)*$", placeholder
    ):
        return "condition"
    return re.match(r"[\w.]*", placeholder)[0].rpartition(".")[2]  # type: ignore[index]


def unquoted(text: str) -> list[str]:
    """Return the values in a message that stand without quotes."""
    found = []
    text = COMMAND.sub("", text)
    for each in PLACEHOLDER.finditer(text):
        before, after = text[: each.start()][-1:], text[each.end() :][:1]
        is_quoted = each[1].endswith("!r") or (
            before in {"'", '"'} and before in text[each.end() :]
        )
        is_of_a_path_or_setting = before in {"/", "=", "_", "."} or after == "="
        is_of_a_path_or_setting |= text[each.end() :].startswith(".{")
        is_subject = before in {"", "\n"}  # `table.column: …`
        if (
            not (is_quoted or is_of_a_path_or_setting or is_subject)
            and word(each[1]) not in UNQUOTED
        ):
            found.append(each[1])
    return found


def ends(text: str) -> bool:
    """Return whether a message ends with a full stop, a command, an address or words of others."""
    last = text.splitlines()[-1]
    command = [each.end() for each in COMMAND.finditer(text)]
    return bool(
        last.endswith((".", ".)"))
        or len(text) in command
        or re.search(r"(?:^|[:.] |, )\{[^{}]+\}$|\n\{.*\}$", text)
        or re.search(r"[.?]\{[^{}]+(?:\{[^{}]*\}[^{}]*)?\}$", text)
        or re.search(r"^ *[A-Z_{}\w]+=\S+$", last)
    )


def listed(found: list[Message]) -> str:
    return "\n".join(f"{each.file}:{each.line}: {each.text}" for each in found)


def test_the_script_finds_a_message_for_each_error() -> None:
    """If it finds less, it has lost a way in which the code makes messages."""
    assert raises() > 150
    assert len([each for each in MESSAGES if each.kind == "error"]) >= raises()
    assert {"error", "note", "help", "description", "hint", "dbt", "detail"} == {
        each.kind for each in MESSAGES
    }


def test_lines_are_short_and_use_plain_words() -> None:
    found = [
        each
        for each in MESSAGES
        if max(map(len, each.text.splitlines())) > LONGEST or AVOIDED.search(each.text)
    ]
    assert not found, listed(found)


def test_a_message_begins_with_a_capital_letter() -> None:
    """Or with a value, an option, or the path or table that it is about."""
    found = [each for each in SENTENCES if re.match(r"[a-z](?!\w*[/.]\S)", each.text)]
    assert not found, listed(found)


def test_a_message_ends_with_a_full_stop() -> None:
    """Or with a command, an address, or what another program said."""
    found = [each for each in SENTENCES if not ends(each.text)]
    assert not found, listed(found)


def test_values_are_quoted() -> None:
    found = [f"{unquoted(each.text)} in {listed([each])}" for each in SENTENCES]
    assert not [each for each in found if not each.startswith("[]")], "\n".join(
        each for each in found if not each.startswith("[]")
    )


def test_the_detail_of_a_rejection_is_a_phrase() -> None:
    """It stands behind the reason and a colon."""
    found = [
        each for each in DETAILS if each.text.endswith(".") or re.match(r"[A-Z][a-z]", each.text)
    ]
    assert not found, listed(found)


def test_help_is_a_phrase_as_that_of_argparse() -> None:
    """`show this help message and exit`, says argparse."""
    found = [
        each for each in HELP if each.text.endswith(".") or not re.match(r"[a-z\d]|JSON", each.text)
    ]
    assert not found, listed(found)


def test_the_rules_see_what_breaks_them() -> None:
    assert ["name"] == unquoted("There is no branch {name}.")
    assert [] == unquoted("There is no branch {name!r}. Create it: python -m loader branch {name}")
    assert not ends("There is no branch")
    assert not ends("Wait {seconds} seconds")
    assert ends("Look: dbt parse")
