"""The result of reading and parsing a file."""

from dataclasses import dataclass, field

from loader.extract.contents import Contents
from loader.parsing.rejections import Rejection
from loader.parsing.values import Sha256
from loader.tables import DataRow
from loader.workspace import SourceFile


@dataclass(slots=True)
class FileResult:
    """The rows and rejections of a file.

    Args:
        file: The file in the workspace.
        data: The bytes to store as a blob; None if the file could not be read or needs no parsing.
        modified_at: The time of the file's last change, in seconds since 1970.
        sha256: SHA-256 of the file's bytes.
        byte_size: Size of the file in bytes.
        blob_name: The blob's path below the team's folder.
        rows: Its rows, all of one kind.
        text_bytes: Bytes of text in the rows.
        rejections: Parts that were left out or repaired.
        is_unchanged: Whether its bytes equal those of the previous read.
        contents: The content rows of its texts.
    """

    file: SourceFile
    data: bytes | None = None
    modified_at: float = 0.0
    sha256: Sha256 | None = None
    byte_size: int | None = None
    blob_name: str = ""
    rows: list[DataRow] = field(default_factory=list)
    text_bytes: int = 0
    rejections: list[Rejection] = field(default_factory=list)
    is_unchanged: bool = False
    contents: Contents = field(default_factory=Contents)
