"""What every page but those of the people is written with."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Connection

from agegap.html import Child, Html
from curation.report.faces import FaceWriter
from curation.report.pages import Page, write_page
from curation.report.settings import ReportSettings
from curation.report.sheets import Sheets, Source
from db.gallery import ShownFace


@dataclass(frozen=True)
class Context:
    """A report that is being written."""

    connection: Connection
    folder: Path
    data: Path
    sheets: Sheets
    writer: FaceWriter
    settings: ReportSettings

    def write(self, page: Page) -> None:
        """Write a page."""
        write_page(self.folder, page)

    def faces(
        self, name: str, faces: Sequence[ShownFace], captions: Sequence[Child] | None = None, *, prefix: str = "f"
    ) -> list[Html]:
        """Draw faces on sheets called `name` and return them with their cards; `captions` stand below them.

        `prefix` must differ between the lists of one page, for a face may be in several.
        """
        tiles = self.sheets.draw(name, [Source(self.crop(face)) for face in faces])
        below = captions or [None] * len(faces)
        return [
            self.writer.face(face, tile, prefix=prefix, caption=caption)
            for face, tile, caption in zip(faces, tiles, below, strict=True)
        ]

    def faces_numbered(self, name: str, faces: Sequence[ShownFace], captions: Sequence[Child]) -> list[Html]:
        """Do the same for faces of which one may stand there several times."""
        tiles = self.sheets.draw(name, [Source(self.crop(face)) for face in faces])
        return [
            self.writer.face(face, tile, prefix=f"{name}-{number}-", caption=caption)
            for number, (face, tile, caption) in enumerate(zip(faces, tiles, captions, strict=True))
        ]

    def crop(self, face: ShownFace) -> Path | None:
        """Return where a face's crop lies."""
        return self.data / face.crop_path if face.crop_path else None
