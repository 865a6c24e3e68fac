"""Parse a search query in the syntax of PostgreSQL's `websearch_to_tsquery`.

A text must have all words. `"several words"` must follow each other, `or` separates alternatives,
and `-` excludes a term. `or` binds less than adjacent words. There are no parentheses.
"""

import re
from typing import NamedTuple

from loader.errors import SearchError
from loader.parsing.search_words import words_of

MOST_WORDS = 100
_BEFORE = re.compile(r"[\s!&|()<-]*")  # PostgreSQL ignores its other operators
_OPERAND = re.compile(r'"[^"]*"?|[^\s"!&|()<]+')
_OR = re.compile(r"[\s!&|()<]*or(?=[^\w-]\s*\S)", re.IGNORECASE)


class Term(NamedTuple):
    """A word or phrase.

    Args:
        words: The words, which follow each other in a text.
        is_excluded: Whether a text must not have the term.
    """

    words: tuple[str, ...]
    is_excluded: bool = False


class Query(NamedTuple):
    """A parsed search query.

    Args:
        alternatives: Lists of terms. A text must match all terms of one list.
    """

    alternatives: tuple[tuple[Term, ...], ...]

    @property
    def sought(self) -> tuple[Term, ...]:
        """Return the terms that are not excluded, each once."""
        terms = (term for each in self.alternatives for term in each if not term.is_excluded)
        return tuple(dict.fromkeys(terms))

    @property
    def words_to_look_up(self) -> str | None:
        """Return a query for `websearch_to_tsquery` that matches all hits, and maybe other texts.

        It has the single words of phrases, because a `tsvector` keeps only 256 positions of a word.
        Return None if a hit may have none of the words.
        """
        found = []
        for each in self.alternatives:
            words = [word for term in each if not term.is_excluded for word in term.words]
            if not words:
                return None
            found.append(" ".join(f'"{word}"' for word in dict.fromkeys(words)))
        return " or ".join(found)


def parse_query(text: str) -> Query:
    """Parse a query.

    Raises:
        SearchError: The query has no words, or too many.
    """
    alternatives: list[list[Term]] = [[]]
    place = 0
    while before := _BEFORE.match(text, place):
        operand = _OPERAND.match(text, before.end())
        if not operand:
            break
        place = operand.end()
        if words := words_of(operand[0]):
            alternatives[-1].append(Term(tuple(words), before[0].count("-") % 2 == 1))
        if either := _OR.match(text, place):
            alternatives.append([])
            place = either.end()
    query = Query(tuple(tuple(each) for each in alternatives if each))
    count = sum(len(term.words) for each in query.alternatives for term in each)
    if not count:
        raise SearchError(f"{text!r} has no word to search for: a word has letters or digits.")
    if count > MOST_WORDS:
        raise SearchError(f"{count:,} words are too many. Search for up to {MOST_WORDS} at once.")
    return query
