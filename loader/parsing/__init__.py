"""Parsers: pure functions from text to rows and rejections. They never raise."""
