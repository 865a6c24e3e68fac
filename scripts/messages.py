"""List the messages that the loader and dbt can print: `python -m scripts.messages`."""

import ast
import re
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[1]
# Calls whose argument, at that position, is printed.
_FIRST = ("note", "notes", "warning", "error", "ArgumentTypeError")
_PRINTED = {
    **dict.fromkeys(_FIRST, 0),
    **dict.fromkeys(("tell", "wrong_usage", "HTTPException", "NotReadyError"), 1),
}
_REJECTIONS = ("Rejection", "ConfigError")  # their second argument is the detail
_NOT_OURS = re.compile(r"super\(\)|closest|line|each")  # objects with a method of such a name
_HELP = {"help": "help", "description": "description", "epilog": "description"}
_REFUSAL = re.compile(
    r"\{% set message %\}\s*(?P<text>.*?)\s*\{% endset %\}\s*\{% do refuse\(message\) %\}",
    re.DOTALL,
)
Names = dict[str, list[ast.expr]]
_SHOWN = 160  # characters of a message in the table


class Message(NamedTuple):
    """One text that somebody may see.

    Args:
        file: The path of its file, from the root of the project.
        line: Its line there.
        kind: `error`, `note`, `help` of an option, `description`, `hint`, `dbt`, or the `detail`
            that stands behind the reason of a rejection.
        text: The text, with `{placeholders}`.
    """

    file: str
    line: int
    kind: str
    text: str


@cache
def trees() -> dict[str, ast.Module]:
    """Return the syntax trees of the loader's modules, by path."""
    paths = sorted((ROOT / "loader").rglob("*.py"))
    return {path.relative_to(ROOT).as_posix(): ast.parse(path.read_text()) for path in paths}


@cache
def error_names() -> frozenset[str]:
    """Return the names of `LoaderError` and of all classes below it."""
    classes = [
        node
        for tree in trees().values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    ]
    names = {"LoaderError"}
    while more := {
        each.name
        for each in classes
        if each.name not in names and names & {ast.unparse(base) for base in each.bases}
    }:
        names |= more
    return frozenset(names)


def raises() -> int:
    """Return the number of `raise` statements that make one of our errors."""
    return sum(
        isinstance(node, ast.Raise)
        and isinstance(node.exc, ast.Call)
        and ast.unparse(node.exc.func) in error_names()
        for tree in trees().values()
        for node in ast.walk(tree)
    )


def messages() -> list[Message]:
    """Return all messages, by file and line."""
    found = {each for path in trees() for each in _of_module(path)}
    return sorted(found | set(_of_dbt()))


def _of_module(path: str) -> Iterator[Message]:
    tree = trees()[path]
    yield from _of_scope(path, tree, _assigned(tree.body))
    if path == "loader/parsing/rejections.py":
        for node in tree.body:
            if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "_HINTS":
                for value in getattr(node.value, "values", []):
                    yield Message(path, value.lineno, "hint", _text(value, {}))


def _of_scope(path: str, scope: ast.AST, known: Names) -> Iterator[Message]:
    """Yield the messages of a module or function, with the names that it knows."""
    for node in _nodes(scope):
        if isinstance(node, ast.FunctionDef):
            yield from _of_scope(path, node, known | _assigned(_nodes(node)))
        elif isinstance(node, ast.Call):
            for kind, argument in _arguments(node):
                for file, each in _variants(path, argument, known):
                    text = _text(each, known)
                    if re.search(r"[a-z]{2}", re.sub(r"\{[^}]*\}", "", text)):
                        yield Message(file, each.lineno, kind, text)


def _nodes(scope: ast.AST) -> Iterator[ast.AST]:
    """Yield what is in a scope, except the insides of its functions."""
    for child in ast.iter_child_nodes(scope):
        yield child
        if not isinstance(child, ast.FunctionDef):
            yield from _nodes(child)


def _arguments(call: ast.Call) -> Iterator[tuple[str, ast.expr]]:
    """Yield the arguments of a call that are printed."""
    last = getattr(call.func, "attr", getattr(call.func, "id", ""))
    is_known = last in _PRINTED or last in error_names()
    if last in _REJECTIONS:
        yield from (("detail", each) for each in call.args[1:2])
    name = ast.unparse(call.func) if is_known else ""
    if name in error_names() and name != "NotReadyError":
        yield from (("error", each) for each in call.args[:1])
    elif last in _PRINTED and not _NOT_OURS.match(name):
        kind = "note" if last in {"note", "notes", "warning"} else "error"
        position = _PRINTED[last]
        yield from ((kind, each) for each in call.args[position : position + 1])
    for each in call.keywords:
        if each.arg in _HELP:
            yield _HELP[each.arg], each.value


def _assigned(nodes: Iterable[ast.AST]) -> Names:
    """Return the expressions that are assigned to each name."""
    found: Names = {}
    for node in nodes:
        if isinstance(node, ast.Assign):
            for target in node.targets:
                if isinstance(target, ast.Name):
                    found.setdefault(target.id, []).append(node.value)
    return found


def _variants(
    path: str, node: ast.expr, known: Names, *, is_returned: bool = False
) -> Iterator[tuple[str, ast.expr]]:
    """Yield the expressions that a message may be: those of a name, and both of a condition."""
    parts: list[ast.expr] = []
    if isinstance(node, ast.Name):
        parts, known = known.get(node.id, []), {**known, node.id: []}
    elif isinstance(node, ast.IfExp):
        parts = [node.body, node.orelse]
    elif isinstance(node, ast.BoolOp):
        parts = node.values
    elif isinstance(node, ast.Subscript) and isinstance(node.value, ast.Name):
        for each in known.get(node.value.id, []):
            parts += each.values if isinstance(each, ast.Dict) else []
    elif isinstance(node, ast.Call):
        if not is_returned:  # no function of a function: those may call each other
            yield from _returned(path, getattr(node.func, "attr", getattr(node.func, "id", "")))
    else:
        yield path, node
    for each in parts:
        yield from _variants(path, each, known, is_returned=is_returned)


@cache
def _functions() -> dict[str, list[tuple[str, ast.FunctionDef]]]:
    """Return the loader's functions by name, with their files."""
    found: dict[str, list[tuple[str, ast.FunctionDef]]] = {}
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                found.setdefault(node.name, []).append((path, node))
    return found


def _returned(path: str, name: str) -> Iterator[tuple[str, ast.expr]]:
    """Yield what a function returns: one of this file, or the only one of that name."""
    functions = _functions().get(name, [])
    here = [each for each in functions if each[0] == path]
    for file, function in here or (functions if len(functions) == 1 else []):
        nodes = list(_nodes(function))
        known = _assigned(nodes)
        for node in nodes:
            if isinstance(node, ast.Return) and node.value:
                yield from _variants(file, node.value, known, is_returned=True)


@cache
def _constants() -> Names:
    """Return the constants of all modules: some are imported."""
    found: Names = {}
    for tree in trees().values():
        for name, values in _assigned(tree.body).items():
            if name.strip("_").isupper():
                found.setdefault(name, []).extend(values)
    return found


def _text(node: ast.expr, known: Names) -> str:
    """Return the text of an expression; an unknown part stands as a placeholder."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(_text(each, known) for each in node.values)
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
        return _text(node.left, known) + _text(node.right, known)
    inner: ast.expr = node
    conversion = ""
    if isinstance(node, ast.FormattedValue):
        inner = node.value
        conversion = "!r" if node.conversion == ord("r") else ""
    if isinstance(inner, ast.Name):
        values = known.get(inner.id) or _constants().get(inner.id, [])
        if len(values) == 1 and isinstance(values[0], (ast.Constant, ast.JoinedStr)):
            return _text(values[0], {**known, inner.id: []})
    return f"{{{ast.unparse(inner)}{conversion}}}"


def _of_dbt() -> Iterator[Message]:
    for path in sorted((ROOT / "dbt_project/macros").rglob("*.sql")):
        sql = path.read_text()
        for found in _REFUSAL.finditer(sql):
            line = sql.count("\n", 0, found.start("text")) + 1
            lines = [each.strip() for each in found["text"].splitlines()]
            text = "\n".join(re.sub(r"\{\{-? *(.*?) *-?\}\}", r"{\1}", each) for each in lines)
            yield Message(path.relative_to(ROOT).as_posix(), line, "dbt", text)


def main() -> None:
    """Print the table of messages."""
    for each in messages():
        text = each.text.replace("\n", "⏎")
        shown = text if len(text) <= _SHOWN else f"{text[: _SHOWN - 1]}…"
        print(f"{each.file}:{each.line}  {shown}")


if __name__ == "__main__":
    main()
