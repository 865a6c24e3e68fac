"""From Parquet parts to raw tables.

lock       be the one writer
runs       raw.runs: remove what unfinished runs left, begin a run, finish it in one statement
resolve    decide what needs the whole run: conflicts, known days, ended rejections
files      parts → one Parquet file for each raw table
pipeline   dlt: create or migrate the raw tables, load the files
run        all of it, in order
"""
