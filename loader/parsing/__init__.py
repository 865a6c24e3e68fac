"""Parsers: pure functions from text to rows and rejections. None of them raises."""
