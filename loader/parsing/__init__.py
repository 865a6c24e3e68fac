"""Parsers: pure functions from text to rows and rejections. None of them raises."""

# Raise it when a parser would read the same text otherwise: every file is then read again.
PARSER_VERSION = 2
