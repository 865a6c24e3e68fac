"""What becomes of a file on its way from the workspace to a part."""

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
        file: The file.
        data: Its bytes, or what of it is stored as a blob; None if it could not be read, or needs
            no parsing.
        modified_at: When the file last changed, in seconds since 1970.
        sha256: Of the file's bytes.
        byte_size: Of the file.
        blob_name: The blob's path below the team's folder.
        rows: Its rows, all of one kind.
        text_bytes: Bytes of text in the rows.
        rejections: What was left out or repaired.
        is_unchanged: Whether its bytes are those of the previous read.
        contents: What its texts say.
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
