"""Load Parquet parts into raw tables.

lock       allow one writer at a time
runs       raw.runs: remove rows of unfinished runs, begin a run, finish it in one statement
resolve    make the decisions that need the whole run: conflicts, known days, ended rejections
files      parts → one Parquet file for each raw table
pipeline   dlt: create or migrate the raw tables, load the files
run        all steps, in order
"""
