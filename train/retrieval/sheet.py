"""A contact sheet of a query and what it brought back, as a page or as one picture."""

import base64
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from agegap.files import atomic_open, write_text
from agegap.html import Html, element
from dataset.images import encode_crop
from train.report.page import page
from train.retrieval.similar import Similar, SimilarFace

_COLUMNS = 6
_SIDE, _CAPTION = 128, 34
_LETTER = 12
_CUT = 20  # letters of a name that fit below a crop


def write_page(found: Similar, path: Path) -> None:
    """Write the sheet as HTML that needs no other file."""
    query = found.query.ages[0]
    parts = [
        element("div", _tile(found.query.crops[0], "the photo", f"said {query.age:.0f}"), class_="faces"),
        element("h2", f"The {len(found.faces)} most similar faces"),
        element("div", [_tile(crop, *caption(face)) for face, crop in pairs_of(found)], class_="faces"),
        element("p", "Photos of people: think before you pass this page on.", class_="note"),
    ]
    write_text(path, page(f"Similar to {Path(query.image).name}", "nearest first, by cosine", parts))


def write_picture(found: Similar, path: Path) -> None:
    """Write the sheet as one picture, the query first; PNG where the name ends so, else JPEG."""
    query = found.query.ages[0]
    tiles = [(found.query.crops[0], ("the photo", f"said {query.age:.0f}"))]
    tiles += [(crop, caption(face)) for face, crop in pairs_of(found)]
    rows = -(-len(tiles) // _COLUMNS)
    sheet = Image.new("RGB", (_COLUMNS * _SIDE, rows * (_SIDE + _CAPTION)), "white")
    pen, font = ImageDraw.Draw(sheet), ImageFont.load_default(size=_LETTER)
    for number, (crop, lines) in enumerate(tiles):
        x, y = number % _COLUMNS * _SIDE, number // _COLUMNS * (_SIDE + _CAPTION)
        sheet.paste(Image.fromarray(crop), (x, y))
        for line, text in enumerate(lines):
            pen.text((x + 3, y + _SIDE + 2 + line * 15), text[:_CUT], fill="black", font=font)
    with atomic_open(path) as handle:
        sheet.save(handle, "PNG" if path.suffix.lower() == ".png" else "JPEG")


def pairs_of(found: Similar) -> list[tuple[SimilarFace, NDArray[np.uint8]]]:
    """Return each face with its crop."""
    return list(zip(found.faces, found.crops, strict=True))


def caption(face: SimilarFace) -> tuple[str, str]:
    """Return two lines: who, and year, age and distance as far as they are known."""
    who = (face.subject or f"face {face.face_id}").replace("_", " ")
    known = [None if face.year is None else str(face.year), None if face.age is None else f"aged {face.age:.0f}"]
    return who, ", ".join([*(one for one in known if one), f"{face.distance:.3f}"])


def _tile(crop: NDArray[np.uint8], *lines: str) -> Html:
    picture = base64.b64encode(encode_crop(crop)).decode()
    words = " · ".join(lines)
    return element("div", element("img", src=f"data:image/jpeg;base64,{picture}", alt=words), element("span", words))
