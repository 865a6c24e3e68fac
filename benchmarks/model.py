"""What very many files would take, from what a million took: a model, with its assumptions."""

from collections.abc import Iterator
from dataclasses import dataclass

_HOUR = 3600.0
_GB = 1e9


@dataclass(frozen=True)
class Measured:
    """What a run in parts took, here, for each file.

    Args:
        cpu: Seconds of driver and workers, on one core; blobs went into a local folder.
        rows: Rows of all raw tables.
        bytes: Of the file.
        manifest: Bytes of its row in the manifest.
        part: Bytes of its rows in a part's file.
        database: Bytes in PostgreSQL.
        commit: Seconds until its rows were committed, by two committers on two cores.
    """

    cpu: float
    rows: float
    bytes: float
    manifest: float
    part: float
    database: float
    commit: float


@dataclass(frozen=True)
class Assumed:
    """What cannot be measured here. Prices in US dollars, of 2026, in the cheapest class.

    Args:
        files: How many.
        cores: Of the workers.
        reads_at_once: Of each worker; the loader's own number.
        get_seconds: Until a GET of a small object has answered.
        put_seconds: Until the blob store has confirmed an upload.
        blobs_at_once: Of each worker; BLOB_CONCURRENCY.
        list_seconds: Until a LIST of 1,000 keys has answered; each prefix goes page by page.
        prefixes: Team folders with a kind of file, listed side by side.
        per_million_gets: Price of a million GETs of S3.
        per_million_lists: Price of a million LISTs or PUTs of S3.
        per_million_uploads: Price of a million uploads to Vercel Blob.
        per_core_hour: Price of a core for an hour.
        per_gigabyte_month: Price of a gigabyte in the blob store for a month.
    """

    files: int = 100_000_000
    cores: int = 100
    reads_at_once: int = 16
    get_seconds: float = 0.03
    put_seconds: float = 0.1
    blobs_at_once: int = 8
    list_seconds: float = 0.15
    prefixes: int = 48
    per_million_gets: float = 0.40
    per_million_lists: float = 5.00
    per_million_uploads: float = 5.00
    per_core_hour: float = 0.04
    per_gigabyte_month: float = 0.023


def extrapolate(measured: Measured, assumed: Assumed) -> Iterator[tuple[str, str, str]]:
    """The rows of a table: what, how much, and where that comes from."""
    files, cores = assumed.files, assumed.cores
    cpu_hours = files * measured.cpu / _HOUR
    read = assumed.get_seconds / assumed.reads_at_once
    send = assumed.put_seconds / assumed.blobs_at_once
    # A worker of one core parses while it waits for reads; its uploads come on top of neither.
    per_file = max(measured.cpu, read, send)
    work_hours = files * per_file / cores / _HOUR
    pages = files / 1000
    list_hours = pages * assumed.list_seconds / assumed.prefixes / _HOUR
    commit_hours = files * measured.commit / _HOUR
    listing = pages * assumed.per_million_lists / 1e6
    gets = files * assumed.per_million_gets / 1e6
    uploads = files * assumed.per_million_uploads / 1e6
    compute = max(cpu_hours, work_hours * cores) * assumed.per_core_hour
    blobs = files * measured.bytes / _GB * assumed.per_gigabyte_month
    yield (
        "files",
        f"{files:,}",
        f"{measured.bytes:,.0f} bytes each: {files * measured.bytes / _GB:,.0f} GB",
    )
    yield "rows", f"{files * measured.rows:,.0f}", f"{measured.rows:.1f} for each file"
    yield "parts", f"{files / 1000:,.0f}", "of 1,000 files"
    yield (
        "manifest",
        f"{files * measured.manifest / _GB:,.1f} GB",
        f"{measured.manifest:.0f} bytes for each file",
    )
    yield (
        "part files",
        f"{files * measured.part / _GB:,.0f} GB",
        f"{measured.part:,.0f} bytes for each file, removed at the end",
    )
    yield "LISTs", f"{pages:,.0f}", "a page for 1,000 files"
    yield (
        "listing",
        f"{list_hours:,.1f} h",
        f"{assumed.list_seconds} s a page, {assumed.prefixes} prefixes side by side",
    )
    yield "GETs", f"{files:,}", "one for each file, where the mark is its MD5"
    yield "uploads", f"{files:,}", "one for each file"
    yield "CPU", f"{cpu_hours:,.1f} h", f"{measured.cpu * 1e6:,.0f} µs for each file"
    yield (
        "reading and parsing",
        f"{work_hours:,.1f} h",
        (
            f"{cores} cores; the most of CPU, {read * 1e6:,.0f} µs of reads and"
            f" {send * 1e6:,.0f} µs of uploads for each file"
        ),
    )
    yield (
        "COPY",
        f"{commit_hours:,.1f} h",
        (f"{measured.rows / measured.commit:,.0f} rows/s by two committers; beside the parsing"),
    )
    yield (
        "database",
        f"{files * measured.database / _GB:,.0f} GB",
        f"{measured.database:,.0f} bytes for each file, in raw alone",
    )
    yield (
        "wall",
        f"{list_hours + max(work_hours, commit_hours):,.1f} h",
        "listing, then the longer of the two",
    )
    yield (
        "LISTs and GETs",
        f"${listing + gets:,.0f}",
        f"${assumed.per_million_lists} and ${assumed.per_million_gets} a million",
    )
    yield "uploads", f"${uploads:,.0f}", f"${assumed.per_million_uploads} a million"
    yield "blobs", f"${blobs:,.0f} a month", f"${assumed.per_gigabyte_month} a gigabyte"
    yield "workers", f"${compute:,.0f}", f"${assumed.per_core_hour} an hour and core"
