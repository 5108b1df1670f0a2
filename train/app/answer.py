"""What the page answers to a photo, as markup and as plain values; no part of it is written to a file."""

import base64
import io
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agegap.html import Html, element
from dataset.images import encode_crop
from train.app.drawing import distribution_drawing
from train.model import Model
from train.predict.answers import NoAge, PhotoFaces
from train.predict.draw import draw_photo_ages
from train.predict.photos import predict_photo
from train.retrieval.index import FaceIndex
from train.retrieval.sheet import caption, pairs_of
from train.retrieval.similar import similar_to

SHOWN_SIDE = 720
"""Longest side of the photo with its boxes: as wide as the page ever shows it."""

EMPTY = element("p", "Pick a photo, or take one with the camera.", class_="agegap-note")


@dataclass(frozen=True, eq=False)
class PageAnswer:
    """What is shown, and the same as values."""

    shown: Html
    facts: dict[str, Any]


def answer_photo(photo: Path, model: Model, index: FaceIndex | None, *, top: int) -> PageAnswer:
    """Say the age of the faces in a photo: the main one at length, with the most similar faces of an index."""
    found = predict_photo(photo, model, which="all", keep_pixels=True)
    if isinstance(found, NoAge):
        words = "No face found in this photo." if found.reason == "no_face" else f"This file {_clause(found.detail)}."
        return PageAnswer(element("p", words, class_="agegap-none"), {"reason": found.reason, "detail": found.detail})
    facts: dict[str, Any] = {"faces": [_facts(one) for one in found.ages]}
    parts = [_headline(found), _pictures(found), _plot(found)]
    if index is not None:
        similar = similar_to(found, model, index, top=top)
        facts["similar"] = [asdict(one) for one in similar.faces]
        tiles = [_tile(_jpeg(crop), *caption(face), alt="a similar face") for face, crop in pairs_of(similar)]
        parts += [
            element("h3", f"The most similar of {len(index):,} stored faces"),
            element("div", tiles, class_="agegap-faces"),
        ]
    return PageAnswer(element("div", parts, class_="agegap-answer"), facts)


def _headline(found: PhotoFaces) -> Html:
    main = found.ages[0]
    others = f" This is the largest of {main.faces} faces." if main.faces > 1 else ""
    return element(
        "div",
        element("p", element("b", f"{main.age:.0f}"), " years", class_="agegap-age"),
        element(
            "p", f"With 90 % probability between {main.low:.0f} and {main.high:.0f}.{others}", class_="agegap-note"
        ),
    )


def _pictures(found: PhotoFaces) -> Html:
    whole = found.pixels if found.pixels is not None else found.crops[0]
    image = draw_photo_ages(whole, found.ages, scale=found.scale)
    image.thumbnail((SHOWN_SIDE, SHOWN_SIDE))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=88)
    return element(
        "div",
        _tile(_address(buffer.getvalue()), "the face found", alt="The photo with a box around each face"),
        _tile(_jpeg(found.crops[0]), "as the net sees it", alt="The face, turned upright and cut out"),
        class_="agegap-pictures",
    )


def _plot(found: PhotoFaces) -> Html:
    drawing = distribution_drawing(found.shares[0], found.ages[0])
    note = element("p", "How likely each age is; in colour, the interval.", class_="agegap-note")
    return element("div", drawing, note)


def _tile(address: str, *lines: str, alt: str) -> Html:
    return element("div", element("img", src=address, alt=alt), [element("span", line) for line in lines])


def _facts(one: Any) -> dict[str, Any]:
    values = asdict(one)
    del values["image"]  # where the server keeps an upload is nobody's business
    return values


def _jpeg(crop: NDArray[np.uint8]) -> str:
    return _address(encode_crop(crop))


def _address(content: bytes) -> str:
    return "data:image/jpeg;base64," + base64.b64encode(content).decode()


def _clause(detail: str) -> str:
    return detail if detail.startswith(("is ", "cannot ", "has ")) else f"cannot be used: {detail}"
