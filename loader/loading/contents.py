"""Parse texts that earlier runs loaded but did not parse, for example before an upgrade.

`raw.runs.contents` holds the kinds of texts that the latest run parsed, with the versions of their
parsers. The texts of a new kind or version are parsed from `raw` and the blobs.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from loader.blobs import BlobStore
from loader.blobs.errors import BlobError
from loader.database.queries import FINISHED
from loader.database.warehouse import Warehouse
from loader.extract.contents import Contents, contents_described, too_long
from loader.extract.extraction import Extracted
from loader.extract.part_writer import Origin, PartWriter
from loader.extract.row_builders import rejection_row
from loader.parsing.rejections import Reason, Rejection
from loader.parsing.values import Sha256
from loader.tables import DATA_TABLES, REJECTIONS
from loader.workspace.kinds import Kind

# Positions of these rows, above those of any row of the same file.
_FIRST_POSITION = 1 << 41
_TEXTS = {
    Kind.DAILY_REPORTS: ("source_path", "content"),
    Kind.MEETING_TRANSCRIPTS: ("filename", "transcript_text"),
}
_LOADED = f"""
    select distinct on (checksum_sha256)
        checksum_sha256, team, source_path, file_sha256, {{columns}}
    from raw.{{table}}
    where {FINISHED} and {{column}} is not null
    order by checksum_sha256, loaded_at desc, source_path desc
"""
_Loaded = tuple[Sha256, Origin, str, bytes | None]


def add_contents(  # noqa: PLR0913, PLR0917 - all are needed
    kinds: Iterable[Kind],
    parsed: str,
    extracted: Extracted,
    warehouse: Warehouse,
    store_of: Callable[[str], BlobStore],
    part: Path,
) -> None:
    """Parse texts that are loaded but not parsed, and add their rows to the load.

    Args:
        kinds: The kinds whose texts are parsed.
        parsed: The kinds and versions that the latest run parsed, as stored in `raw.runs`.
        extracted: Receives the part, if it has rows.
        warehouse: The database with the earlier runs.
        store_of: Returns the store of a blob's URL.
        part: The file to write.
    """
    new = [kind for kind in sorted(kinds) if contents_described([kind]) not in parsed.split()]
    if not new:
        return
    position = _FIRST_POSITION
    with part.open("wb") as file, PartWriter(lambda: file, is_compressed=False) as writer:
        for kind in new:
            for checksum, origin, name, text in _loaded(warehouse, kind, store_of):
                problem = "its blob cannot be read" if text is None else too_long(text)
                if text is None or problem:
                    rejection = Rejection(Reason.CONTENTS_LEFT_OUT, problem)
                    rejected = [rejection_row(kind, rejection)]
                    writer.add(REJECTIONS, origin, rejected, first=position)
                    position += 1
                    extracted.summary.rejections.append((kind, origin.source_path, rejection))
                    continue
                contents = Contents()
                contents.add(kind, name, text, checksum)
                for table, columns in contents.columns.values():
                    size = contents.text_bytes
                    writer.add_columns(table, origin, columns, first=position, text_bytes=size)
                    position += len(columns["position"])
        if writer.rows:
            writer.finish()
            extracted.parts.append(part)
            extracted.rows += writer.rows


def _loaded(
    warehouse: Warehouse, kind: Kind, store_of: Callable[[str], BlobStore]
) -> Iterator[_Loaded]:
    """Yield each text of a kind once: checksum, origin, file name, and the bytes if readable."""
    table = DATA_TABLES[kind].name
    if texts := _TEXTS.get(kind):
        query = _LOADED.format(table=table, columns=", ".join(texts), column=texts[1])
        for checksum, team, path, file_sha256, name, text in warehouse.stream(query):
            origin = Origin(team=team, source_path=path, file_sha256=file_sha256)
            yield checksum, origin, name, text.encode()
        return
    query = _LOADED.format(table=table, columns="blob_url", column="blob_url")
    for checksum, team, path, file_sha256, url in warehouse.fetch(query):
        origin = Origin(team=team, source_path=path, file_sha256=file_sha256)
        yield checksum, origin, path, _download(store_of(url), url)


def _download(store: BlobStore, url: str) -> bytes | None:
    try:
        return store.download(url, b"".join)
    except BlobError:
        return None
