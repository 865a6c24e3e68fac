"""Count the steps of a regular expression with a backtracking matcher.

It walks through a pattern like Python's own matcher, but without shortcuts. If this one is linear,
so is Python's, which reports no steps.
"""

import re
from collections.abc import Callable
from functools import cache
from re import _constants as op  # type: ignore[attr-defined]
from re import _parser  # type: ignore[attr-defined]
from typing import Any

_Next = Callable[[int], int | None]
_Test = Callable[[int], bool]


class Matcher:
    """Counts the steps of a pattern.

    Args:
        pattern: The pattern to match.
    """

    def __init__(self, pattern: "re.Pattern[Any]") -> None:
        self.steps = 0
        self._text: Any = ""
        self._end = 0
        self._groups: dict[int, tuple[int, int]] = {}
        self._is_full = False
        self._flags = pattern.flags
        self._is_bytes = isinstance(pattern.pattern, bytes)
        self._begin = self._sequence(_parser.parse(pattern.pattern, pattern.flags), self._last)

    def attempt(self, text: "str | bytes", start: int, end: int, *, is_full: bool) -> None:
        """Count the steps of a match that begins at `start`."""
        self._text, self._end, self._is_full = text, end, is_full
        self._groups.clear()
        self._begin(start)

    def _last(self, at: int) -> int | None:
        return at if at == self._end or not self._is_full else None

    def _sequence(self, items: Any, then: _Next) -> _Next:  # noqa: ANN401
        for code, value in reversed(list(items)):
            then = self._node(code, value, then)
        return then

    def _node(self, code: Any, value: Any, then: _Next) -> _Next:  # noqa: ANN401
        if test := self._test(code, value):

            def one(at: int) -> int | None:
                self.steps += 1
                return then(at + 1) if at < self._end and test(at) else None

            return one
        return getattr(self, f"_{str(code).lower()}")(value, then)  # type: ignore[no-any-return]

    def _code(self, at: int) -> int:
        found = self._text[at]
        return found if isinstance(found, int) else ord(found)

    def _test(self, code: Any, value: Any) -> _Test | None:  # noqa: ANN401
        """Return the test for a single character."""
        if code is op.ANY:
            return lambda at: bool(self._flags & re.DOTALL) or self._code(at) != ord("\n")
        if code not in (op.LITERAL, op.NOT_LITERAL, op.IN):
            return None
        items = [(code, value)] if code is not op.IN else value
        one = cache(lambda found: self._is_in(items, found))
        return lambda at: one(self._code(at))

    def _is_in(self, items: Any, found: int) -> bool:  # noqa: ANN401
        is_negated = items[0][0] is op.NEGATE
        cases = {found}
        if self._flags & re.IGNORECASE:
            cases |= {
                ord(each) for each in (chr(found).lower(), chr(found).upper()) if each[1:] == ""
            }
        return (
            any(self._is(code, value, each) for code, value in items for each in cases)
            != is_negated
        )

    def _is(self, code: Any, value: Any, found: int) -> bool:  # noqa: ANN401
        if code is op.LITERAL:
            return bool(found == value)
        if code is op.NOT_LITERAL:
            return bool(found != value)
        if code is op.RANGE:
            return bool(value[0] <= found <= value[1])
        if code is op.CATEGORY:
            return bool(_category(value, self._is_bytes, self._flags).match(self._one(found)))
        return False  # NEGATE

    def _one(self, found: int) -> "str | bytes":
        return bytes([found]) if self._is_bytes else chr(found)

    def _max_repeat(self, value: Any, then: _Next, *, is_lazy: bool = False) -> _Next:  # noqa: ANN401
        least, most, item = value
        if len(item) == 1 and (test := self._test(*item[0])):
            return (self._lazy_run if is_lazy else self._run)(test, least, most, then)
        began: list[tuple[int, int]] = []

        def again(at: int, count: int) -> int | None:
            self.steps += 1
            if is_lazy and count >= least and (end := then(at)) is not None:
                return end
            if count < most:
                began.append((at, count))
                end = body(at)
                began.pop()
                if end is not None:
                    return end
            return then(at) if count >= least and not is_lazy else None

        def after(at: int) -> int | None:
            start, count = began.pop()
            end = None if at == start and count >= least else again(at, count + 1)
            began.append((start, count))
            return end

        body = self._sequence(item, after)
        return lambda at: again(at, 0)

    def _run(self, test: _Test, least: int, most: int, then: _Next) -> _Next:
        def run(at: int) -> int | None:
            longest = at + min(most, self._end - at)
            last = next((each for each in range(at, longest) if not test(each)), longest)
            self.steps += last - at
            for each in range(last, at + least - 1, -1):
                self.steps += 1
                if (end := then(each)) is not None:
                    return end
            return None

        return run

    def _lazy_run(self, test: _Test, least: int, most: int, then: _Next) -> _Next:
        def run(at: int) -> int | None:
            longest = at + min(most, self._end - at)
            for each in range(at, longest + 1):
                self.steps += 1
                if each >= at + least and (end := then(each)) is not None:
                    return end
                if each < longest and not test(each):
                    return None
            return None

        return run

    def _min_repeat(self, value: Any, then: _Next) -> _Next:  # noqa: ANN401
        return self._max_repeat(value, then, is_lazy=True)

    def _possessive_repeat(self, value: Any, then: _Next) -> _Next:  # noqa: ANN401
        least, most, item = value
        body = self._sequence(item, lambda at: at)

        def run(at: int) -> int | None:
            count = 0
            while count < most and (end := body(at)) is not None and end > at:
                at = end
                count += 1
                self.steps += 1
            return then(at) if count >= least else None

        return run

    def _branch(self, value: Any, then: _Next) -> _Next:  # noqa: ANN401
        branches = [self._sequence(each, then) for each in value[1]]

        def any_of(at: int) -> int | None:
            for branch in branches:
                self.steps += 1
                if (end := branch(at)) is not None:
                    return end
            return None

        return any_of

    def _subpattern(self, value: Any, then: _Next) -> _Next:  # noqa: ANN401
        group, _, _, item = value
        if group is None:
            return self._sequence(item, then)
        starts: list[int] = []

        def close(at: int) -> int | None:
            before = self._groups.get(group)
            self._groups[group] = starts[-1], at
            end = then(at)
            if end is None and before:
                self._groups[group] = before
            return end

        body = self._sequence(item, close)

        def opened(at: int) -> int | None:
            starts.append(at)
            end = body(at)
            starts.pop()
            return end

        return opened

    def _groupref(self, group: int, then: _Next) -> _Next:
        def same(at: int) -> int | None:
            start, end = self._groups.get(group, (0, 0))
            self.steps += end - start + 1
            found = self._text[at : at + end - start]
            return then(at + end - start) if found == self._text[start:end] else None

        return same

    def _assert(self, value: Any, then: _Next, *, is_not: bool = False) -> _Next:  # noqa: ANN401
        direction, item = value
        body = self._sequence(item, lambda at: at)
        width = 0 if direction > 0 else item.getwidth()[0]

        def look(at: int) -> int | None:
            self.steps += 1
            is_there = at >= width and body(at - width) is not None
            return then(at) if is_there != is_not else None

        return look

    def _assert_not(self, value: Any, then: _Next) -> _Next:  # noqa: ANN401
        return self._assert(value, then, is_not=True)

    def _at(self, value: Any, then: _Next) -> _Next:  # noqa: ANN401
        def place(at: int) -> int | None:
            self.steps += 1
            return then(at) if self._is_at(value, at) else None

        return place

    def _is_at(self, value: Any, at: int) -> bool:  # noqa: ANN401
        if value in {op.AT_BEGINNING, op.AT_BEGINNING_STRING}:
            return at == 0
        if value in {op.AT_END, op.AT_END_STRING}:
            return at == self._end
        if value is op.AT_BOUNDARY:
            sides = [each for each in (at - 1, at) if 0 <= each < self._end]
            word = _category(op.CATEGORY_WORD, self._is_bytes, self._flags)
            found = {bool(word.match(self._one(self._code(each)))) for each in sides}
            return len(found) > 1 or (len(sides) == 1 and found == {True})
        raise NotImplementedError(value)


@cache
def _category(value: Any, is_bytes: bool, flags: int) -> "re.Pattern[Any]":  # noqa: ANN401, FBT001
    words = {
        op.CATEGORY_DIGIT: r"\d",
        op.CATEGORY_NOT_DIGIT: r"\D",
        op.CATEGORY_SPACE: r"\s",
        op.CATEGORY_NOT_SPACE: r"\S",
        op.CATEGORY_WORD: r"\w",
        op.CATEGORY_NOT_WORD: r"\W",
    }
    word = words[value]
    return re.compile(word.encode() if is_bytes else word, flags & re.ASCII)


@cache
def _matcher(pattern: "re.Pattern[Any]") -> Matcher:
    return Matcher(pattern)


def steps(
    pattern: "re.Pattern[Any]",
    text: "str | bytes",
    starts: range,
    end: int,
    *,
    is_full: bool = False,
) -> int:
    """Return the steps of matching attempts at these offsets."""
    matcher = _matcher(pattern)
    before = matcher.steps
    for at in starts:
        matcher.attempt(text, at, end, is_full=is_full)
    return matcher.steps - before
