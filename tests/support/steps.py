"""Count the steps of parsers: characters read or copied, calls, loop iterations.

The modules are imported again, with each call, loop, comparison and slice replaced by one that
counts its cost. So searching a list for each line counts, and so do regular expressions. No clock
is used.
"""

import ast
import builtins
import importlib
import re
import sys
import types
import unicodedata
from bisect import bisect_right
from collections.abc import Callable, Iterable, Iterator, Sized
from contextlib import contextmanager
from functools import cache, partial
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from itertools import groupby
from typing import Any

from tests.support import regex_steps

_COUNTED = ("loader.parsing", "loader.workspace", "loader.blobs.manifest")
_PARSERS = (
    "search_words",
    *("daily_reports", "transcripts", "weekly", "datasources", "decoding"),
    *("report_entries", "transcript_turns", "jira_issues", "slack_messages", "mentions"),
)
_SEARCHES = {"find", "index", "rfind", "rindex"}
_QUICK = (bisect_right, iter, next, isinstance, len, getattr, repr, id)
_TYPES = (str, bytes, list, tuple, set, frozenset, sorted)


class Steps:
    """The counter.

    Args:
        total: The steps so far.
    """

    def __init__(self) -> None:
        self.total = 0

    def of(self, act: Callable[[], object]) -> int:
        """Return the steps of a function of the counted modules."""
        before = self.total
        act()
        return self.total - before

    def call(self, function: Any, /, *args: Any, **named: Any) -> Any:  # noqa: ANN401
        owner = getattr(function, "__self__", None)
        name = getattr(function, "__name__", "")
        self.total += 1
        if isinstance(owner, re.Pattern):
            return self._regex(owner, name, function, args, named)
        if function in (re.sub, re.fullmatch, re.match, re.search, re.split):
            count = 3 if function is re.sub else 2
            pattern = re.compile(args[0], *args[count:], **named)
            return self.call(getattr(pattern, name), *args[1:count])
        result = function(*args, **named)
        if isinstance(owner, str | bytes):
            self.total += _cost_of_text(owner, name, args, result)
        elif isinstance(owner, list):
            is_long = name in {"index", "remove", "insert", "count", "sort", "reverse", "copy"}
            self.total += len(owner) if is_long else sum(map(_size, args))
        elif function is unicodedata.normalize:
            self.total += _cost_of_normalizing(args[1])
        elif _looks_at_all(function):
            self.total += sum(map(_size, args))
        return result

    def each(self, items: Iterable[Any]) -> Iterator[Any]:
        for item in items:
            self.total += 1
            yield item

    def text(self, made: Any) -> Any:  # noqa: ANN401
        """Count a new text, made by a slice, a sum or an f-string."""
        self.total += 1 + _size(made)
        return made

    def part(self, whole: Any, key: Any) -> Any:  # noqa: ANN401
        found = whole[key]
        is_slice = isinstance(key, slice) or isinstance(whole, re.Match)
        self.total += 1 + (_size(found) if is_slice else 0)
        return found

    def is_in(self, item: Any, container: Any) -> bool:  # noqa: ANN401
        self.total += 1
        if isinstance(container, str | bytes):
            self.total += _cost_of_text(container, "find", (item,), container.find(item))
        elif isinstance(container, list | tuple):
            found = next((at for at, each in enumerate(container) if each == item), len(container))
            self.total += found
        return item in container

    def _regex(
        self,
        pattern: "re.Pattern[Any]",
        name: str,
        function: Any,  # noqa: ANN401
        args: Any,  # noqa: ANN401
        named: Any,  # noqa: ANN401
    ) -> Any:  # noqa: ANN401
        at = 1 if name == "sub" else 0
        text = args[at]
        bounds = [*args[at + 1 :], *(0, len(text))[len(args) - at - 1 :]]
        start, end = bounds[0], min(bounds[1], len(text))
        if name in {"match", "fullmatch"}:
            starts, is_full = range(start, start + 1), name == "fullmatch"
            self.total += regex_steps.steps(pattern, text, starts, end, is_full=is_full)
            return function(*args, **named)
        found = self._found(pattern, text, start, end)
        if name == "finditer":
            return found
        if name == "search":
            return next(found, None)
        for _ in found:  # sub, split
            pass
        return self.text(function(*args, **named))

    def _found(
        self, pattern: "re.Pattern[Any]", text: "str | bytes", start: int, end: int
    ) -> Iterator["re.Match[Any]"]:
        for match in pattern.finditer(text, start, end):
            tried = range(start, match.start() + 1)
            self.total += regex_steps.steps(pattern, text, tried, end)
            yield match
            start = max(match.end(), match.start() + 1)
        self.total += regex_steps.steps(pattern, text, range(start, end + 1), end)


def _size(value: object) -> int:
    return len(value) if isinstance(value, Sized) and not isinstance(value, type) else 1


def _looks_at_all(function: Any) -> bool:  # noqa: ANN401
    is_built_in = isinstance(function, types.BuiltinFunctionType) or function in _TYPES
    return is_built_in and all(function is not each for each in _QUICK)


def _cost_of_text(owner: Any, name: str, args: Any, result: Any) -> int:  # noqa: ANN401
    if name in {"startswith", "endswith"}:
        return _size(args[0])
    start, end = (*args[1:], *(0, len(owner))[len(args[1:]) :])[:2]
    if name in _SEARCHES and name[0] != "r" and result >= 0:
        return int(result - start + _size(args[0]))
    if name in _SEARCHES or name == "count":
        return int(max(min(end, len(owner)) - start, 0))
    if name == "join":
        return len(result)
    return len(owner) + _size(result)


def _cost_of_normalizing(text: str) -> int:
    """Count combining characters, which are sorted by insertion."""
    groups = groupby(text, key=lambda each: unicodedata.combining(each) > 0)
    runs = [(is_mark, len(list(run))) for is_mark, run in groups]
    return sum(length * length if is_mark else length for is_mark, length in runs)


class _Counting(ast.NodeTransformer):
    def visit_Call(self, node: ast.Call) -> ast.AST:
        self.generic_visit(node)
        if isinstance(node.func, ast.Name) and node.func.id in {"super", "TypeVar", "NewType"}:
            return node
        return _counted("call", node, node.func, *node.args, keywords=node.keywords)

    def visit_Subscript(self, node: ast.Subscript) -> ast.AST:
        self.generic_visit(node)
        if not isinstance(node.ctx, ast.Load):
            return node
        key = node.slice
        if isinstance(key, ast.Slice):
            parts = [each or ast.Constant(None) for each in (key.lower, key.upper, key.step)]
            key = ast.Call(ast.Name("slice", ast.Load()), parts, [])
        return _counted("part", node, node.value, key)

    def visit_BinOp(self, node: ast.BinOp) -> ast.AST:
        self.generic_visit(node)
        return _counted("text", node, node)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> ast.AST:
        self.generic_visit(node)
        return _counted("text", node, node)

    def visit_FormattedValue(self, node: ast.FormattedValue) -> ast.AST:
        node.value = self.visit(node.value)  # its format is not a text
        return node

    def visit_Compare(self, node: ast.Compare) -> ast.AST:
        self.generic_visit(node)
        if len(node.ops) > 1 or not isinstance(node.ops[0], ast.In | ast.NotIn):
            return node
        found = _counted("is_in", node, node.left, node.comparators[0])
        is_not = isinstance(node.ops[0], ast.NotIn)
        return ast.copy_location(ast.UnaryOp(ast.Not(), found), node) if is_not else found

    def visit_For(self, node: ast.For) -> ast.AST:
        self.generic_visit(node)
        node.iter = _counted("each", node, node.iter)
        return node

    def visit_While(self, node: ast.While) -> ast.AST:
        self.generic_visit(node)
        node.test = _counted("text", node, node.test)
        return node

    def visit_comprehension(self, node: ast.comprehension) -> ast.AST:
        self.generic_visit(node)
        node.iter = _counted("each", node.iter, node.iter)
        return node

    def visit_AnnAssign(self, node: ast.AnnAssign) -> ast.AST:
        if node.value:
            node.value = self.visit(node.value)
        return node


def _counted(
    name: str,
    place: Any,  # noqa: ANN401
    *args: ast.expr,
    keywords: list[ast.keyword] | None = None,
) -> ast.expr:
    function = ast.Attribute(ast.Name("__steps__", ast.Load()), name, ast.Load())
    return ast.copy_location(ast.Call(function, list(args), keywords or []), place)


class _Finder(MetaPathFinder, Loader):
    def find_spec(self, name: str, path: Any, target: Any = None) -> ModuleSpec | None:  # noqa: ANN401
        if not name.startswith(_COUNTED) or not (spec := PathFinder.find_spec(name, path, target)):
            return None
        spec.loader_state, spec.loader = spec.loader, self
        return spec

    def create_module(self, spec: ModuleSpec) -> None:
        pass

    def exec_module(self, module: types.ModuleType) -> None:
        assert module.__spec__
        assert module.__spec__.origin
        with open(module.__spec__.origin, encoding="utf-8") as file:  # noqa: PTH123
            tree = _Counting().visit(ast.parse(file.read()))
        code = compile(ast.fix_missing_locations(tree), module.__spec__.origin, "exec")
        exec(code, vars(module))


class Counted:
    """The counted modules; `Counted()["loader.parsing.names"]` is one of them."""

    def __init__(self) -> None:
        self.steps = Steps()
        vars(builtins)["__steps__"] = self.steps
        packages = [sys.modules[name] for name in list(sys.modules) if name.startswith("loader")]
        before = [(package, dict(vars(package))) for package in packages]
        kept = {
            name: sys.modules.pop(name) for name in list(sys.modules) if name.startswith(_COUNTED)
        }
        finder = _Finder()
        sys.meta_path.insert(0, finder)
        try:
            for name in (*_COUNTED[:2], "loader.workspace.team_config", _COUNTED[2]):
                importlib.import_module(name)
            for name in _PARSERS:
                importlib.import_module(f"loader.parsing.{name}")
            self._modules = {
                name: sys.modules.pop(name)
                for name in list(sys.modules)
                if name.startswith(_COUNTED)
            }
        finally:
            sys.meta_path.remove(finder)
            sys.modules.update(kept)
            for package, names in before:
                vars(package).clear()
                vars(package).update(names)

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401
        return self._modules[name]

    def count(self, act: Callable[[], object]) -> int:
        """Return the steps of a function of these modules, with their caches empty."""
        for module in self._modules.values():
            for value in vars(module).values():
                if hasattr(value, "cache_clear"):
                    value.cache_clear()
                elif type(value).__name__ == "Remembered":
                    value.clear()
        return self.steps.of(act)


@contextmanager
def counting() -> Iterator[Counted]:
    """Return the counted modules, with a higher recursion limit for the matcher."""
    limit = sys.getrecursionlimit()
    sys.setrecursionlimit(100_000)
    yield Counted()
    sys.setrecursionlimit(limit)


_SMALL, _LARGE = (30, 60, 120), (120, 240, 480)
_EXPENSIVE = 400_000  # steps of a text of 120, half a second


def assert_linear(
    counted: Counted, act: Callable[[str], object], form: Callable[[int], str]
) -> None:
    """Check that twice the text takes at most twice the steps, and a little more.

    An expensive function is not tried on a large text if it is linear on a small one by a
    stricter measure: a quadratic part that matters on a large text would exceed it.
    """
    texts = {count: form(count) for count in {*_SMALL, *_LARGE}}
    steps = cache(lambda size: counted.count(partial(act, texts[size])))

    def growth(sizes: tuple[int, int, int]) -> float:
        # Subtract the fixed cost of each text.
        few, some, many = map(steps, sizes)
        return float((many - some) / max(some - few, len(texts[sizes[1]])))

    if steps(_LARGE[0]) < _EXPENSIVE or growth(_SMALL) > 2.06:
        assert growth(_LARGE) <= 2.25, [steps(size) for size in _LARGE]
