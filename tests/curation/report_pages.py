"""A small catalog for tests of the report, and a reader of its pages."""

import json
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from sqlalchemy import Engine

from curation.report import write_report
from curation.report.settings import ReportSettings
from tests.curation.filled import Filler, noise

ATTACK = "<script>alert('x')</script>"
_VOID = {"meta", "img", "br", "link", "input"}


class Page(HTMLParser):
    """What a browser would see: tags with their attributes, and the text between."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in {"style", "script"}:
            self.text += data

    def values(self, tag: str, attribute: str) -> list[str]:
        """Return the values of an attribute wherever it is not empty."""
        return [value for name, attributes in self.tags if name == tag and (value := attributes.get(attribute))]


def fill_people(fill: Filler) -> dict[str, int]:
    """Add Anna, whose texts are attacks, and Bo; return their ids."""
    anna = f"Anna_{ATTACK}"
    for number, year in enumerate((1960, 1961, 1985)):
        photo_id = fill.photo(
            f"a{number}",
            subject=anna,
            title=f"{ATTACK} & co",
            page_url=f"javascript:alert({number})",
            owner_name=f"owner {ATTACK}",
            licence=ATTACK,
        )
        fill.year(photo_id, year, words=f'"summer" {ATTACK} {year}')
        fill.scan(photo_id)
        fill.face(photo_id, subject=anna, crop=noise(number))
    for number, year in enumerate((1990, 2020)):
        fill.dated_face("Bo", f"b{number}", year, crop=noise(10 + number))
    dropped = fill.photo("c", subject="Bo")
    fill.scan(dropped)
    fill.face(dropped, subject="Bo", crop=noise(20), drop_reason="blurred")
    empty = fill.photo("d", subject="Bo", path="photos/d.png", title=ATTACK)
    fill.scan(empty, drop_reason="no_face", faces=0)
    fill.scan(fill.photo("e", subject="Bo", path="photos/e.jpg"), drop_reason="truncated", faces=0)
    return {"Anna": fill.subject(anna), "Bo": fill.subject("Bo")}


def make_photos(data: Path) -> None:
    """Write the photos in which no face was kept: one that can be read, and one that cannot."""
    (data / "photos").mkdir(parents=True)
    Image.fromarray(np.zeros((300, 400, 3), np.uint8)).save(data / "photos" / "d.png")
    (data / "photos" / "e.jpg").write_bytes(b"\xff\xd8\xff")


def write(engine: Engine, data: Path, *, runs: tuple[Path, ...] = (), **settings: Any) -> dict[str, Any]:
    """Write the report beside the data, in this process; return its figures."""
    return write_report(
        engine, data.parent / "report", data=data, runs=runs, settings=ReportSettings(**settings), workers=0
    )


def report(engine: Engine, data: Path, **options: Any) -> Page:
    """Write the report and return its first page."""
    write(engine, data, **options)
    return page(data)


def page(data: Path, name: str = "index.html") -> Page:
    """Return a page of the report beside the data."""
    return Page(data.parent / "report" / name)


def all_pages(data: Path) -> list[Page]:
    """Return every page of the report beside the data."""
    return [Page(path) for path in sorted((data.parent / "report").rglob("*.html"))]


def files_of(folder: Path) -> dict[str, bytes]:
    """Return the content of each file below a folder."""
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def make_run(folder: Path) -> Path:
    """Write a run folder of `train run` with two stages; the second has a plot."""
    for name, mae in (("pretrain", 9.5), ("finetune", 5.25)):
        (folder / name / "plots").mkdir(parents=True)
        lines = [json.dumps({"kind": "validation", "step": step, "mae": mae + 3 / (1 + step)}) for step in range(5)]
        (folder / name / "metrics.jsonl").write_text("\n".join(lines) + '\n{"cut off')
        evaluation = {"mae": mae, "cs5": 0.5, "per_decade": {"20-29": {"count": 7, "mae": 4.5}}}
        (folder / name / "evaluation.json").write_text(json.dumps(evaluation))
    Image.new("RGB", (20, 20)).save(folder / "finetune" / "plots" / "loss.png")
    return folder
