"""Pictures by person with LFW's lists, for the evaluation scripts of face recognition.

http://vis-www.cs.umass.edu/lfw/README.txt: images/NAME/NAME_0001.jpg, `people.txt` (NAME, how many) and lists whose
first line is "folds, pairs"; a fold is then its same pairs "NAME 1 4" and its different ones "NAME 1 OTHER 2".
`protocols.csv` says the same for whoever prefers paths, with the years.
"""

import csv
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

from dataset.tables import FaceTable, PairTable
from dataset.writers.face_pairs import by_row
from dataset.writers.imagefolder import read_picture
from dataset.writers.layout import Layout, LayoutOptions
from dataset.writers.protocols import GAPS, Protocol, build_protocol
from dataset.writers.row_table import FILE_NAME, RowTable, read_named_rows, read_rows
from dataset.writers.rows import ExportedFace, FaceRow

_NAME_BYTES = 200
"""Of the 255 that file systems allow: a number and an ending come after."""

IMAGES, TABLE, PEOPLE, PROTOCOLS = "images", "faces.parquet", "people.txt", "protocols.csv"


class PairListWriter:
    """Writes the faces of everybody who has a name, and at the end the lists."""

    def __init__(self, folder: Path, options: LayoutOptions) -> None:
        self._folder = folder
        self._seed = options.seed
        self._table = RowTable(folder / TABLE, leading=FILE_NAME)
        self._folders: dict[str, str] = {}
        self._taken: set[str] = set()
        self._counts: dict[str, int] = {}
        self._numbers: list[int] = []  # of each face within its person, from 1

    def add(self, face: ExportedFace) -> None:
        """Write one face."""
        subject = cast(str, face.row.subject)
        name = self._folders.get(subject) or self._new_folder(subject)
        number = self._counts[name] = self._counts[name] + 1
        file_name = f"{IMAGES}/{name}/{picture_name(name, number)}"
        (self._folder / file_name).write_bytes(face.jpeg)
        self._table.add(face, file_name)
        self._numbers.append(number)

    def finish(self, faces: FaceTable, pairs: PairTable) -> dict[str, Any]:
        """Complete the folder."""
        self._table.close()
        people = [f"{name}\t{count}" for name, count in sorted(self._counts.items())]
        (self._folder / PEOPLE).write_text("\n".join([str(len(people)), *people]) + "\n", encoding="utf-8")
        rows = by_row(pairs, faces.face_id)
        protocols = [build_protocol(faces, rows, gap_years=gap, seed=self._seed) for gap in GAPS]
        for protocol in protocols:
            if protocol.folds:
                (self._folder / list_name(protocol.gap_years)).write_text(self._list(protocol, faces), encoding="utf-8")
        self._write_table(protocols, faces)
        return {"protocols": {str(protocol.gap_years): _figures(protocol) for protocol in protocols}}

    def _new_folder(self, subject: str) -> str:
        """Return a folder name of the subject's own: LFW's lists are split at white space, folders at slashes."""
        plain = plain_name(subject)
        name, number = plain, 2
        while name.casefold() in self._taken:  # some file systems do not tell a from A
            name, number = f"{plain}-{number}", number + 1
        self._taken.add(name.casefold())
        self._folders[subject], self._counts[name] = name, 0
        (self._folder / IMAGES / name).mkdir(parents=True)
        return name

    def _place(self, faces: FaceTable, row: int) -> tuple[str, int]:
        return self._folders[faces.subject_names[faces.subject[row]]], self._numbers[row]

    def _list(self, protocol: Protocol, faces: FaceTable) -> str:
        lines = [f"{len(protocol.folds)}\t{protocol.pairs_of_a_fold}"]
        for fold in protocol.folds:
            for one, other in fold.same.tolist():
                (name, first), (_, second) = self._place(faces, one), self._place(faces, other)
                lines.append(f"{name}\t{first}\t{second}")
            for one, other in fold.different.tolist():
                (name, first), (stranger, second) = self._place(faces, one), self._place(faces, other)
                lines.append(f"{name}\t{first}\t{stranger}\t{second}")
        return "\n".join(lines) + "\n"

    def _write_table(self, protocols: list[Protocol], faces: FaceTable) -> None:
        with (self._folder / PROTOCOLS).open("w", encoding="utf-8", newline="") as handle:
            table = csv.writer(handle, lineterminator="\n")
            table.writerow(["gap_years", "fold", "younger", "older", "is_same", "younger_year", "older_year"])
            for protocol in protocols:
                for number, fold in enumerate(protocol.folds, start=1):
                    for is_same, rows in ((1, fold.same), (0, fold.different)):
                        for one, other in rows.tolist():
                            files = [self._file(faces, row) for row in (one, other)]
                            years = (int(faces.year[one]), int(faces.year[other]))
                            table.writerow([protocol.gap_years, number, *files, is_same, *years])

    def _file(self, faces: FaceTable, row: int) -> str:
        name, number = self._place(faces, row)
        return f"{IMAGES}/{name}/{picture_name(name, number)}"


def plain_name(subject: str) -> str:
    """Return a subject's name as a folder may be called: no blanks, slashes or signs nobody sees, not too long."""
    words = "_".join(subject.split())
    plain = "".join("-" if sign in "/\\" or not sign.isprintable() else sign for sign in words).lstrip(".")
    return plain.encode()[:_NAME_BYTES].decode(errors="ignore") or "unnamed"


def picture_name(name: str, number: int) -> str:
    """Return LFW's name of a person's picture."""
    return f"{name}_{number:04}.jpg"


def list_name(gap_years: int) -> str:
    """Return the name of a protocol's list."""
    return f"pairs_{gap_years:02}.txt"


def _figures(protocol: Protocol) -> dict[str, Any]:
    figures: dict[str, Any] = {"folds": len(protocol.folds), "same_and_different_of_a_fold": protocol.pairs_of_a_fold}
    return figures if protocol.reason is None else {**figures, "reason": protocol.reason}


def _rows(folder: Path) -> Iterator[FaceRow]:
    yield from read_rows(folder / TABLE)


def _faces(folder: Path) -> Iterator[ExportedFace]:
    for name, row in read_named_rows(folder / TABLE):
        yield ExportedFace(row, read_picture(folder / name))


PAIR_LISTS = Layout(
    "pairs-lists",
    (IMAGES, TABLE, PEOPLE, PROTOCOLS, *(list_name(gap) for gap in GAPS)),
    PairListWriter,
    _rows,
    _faces,
    has_strangers=False,
)
