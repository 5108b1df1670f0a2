"""The faces a run judged best and worst, as pictures inside the page."""

import base64
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np

from agegap.errors import WrongUse
from agegap.html import Html, element
from dataset.images import encode_crop
from dataset.store import open_dataset
from train.evaluation.said_table import SaidTable
from train.report.markup import section

SHOWN = 16
"""Faces of each kind."""


def best_and_worst(said: SaidTable, folder: Path, measured: Mapping[str, Any]) -> Html:
    """Return the faces with the smallest and the largest errors; raise WrongUse where `folder` is another data set."""
    dataset = open_dataset(folder)
    if dataset.manifest_sha256 != measured["test"]["manifest_sha256"]:
        raise WrongUse(f"{folder} is not the folder that was measured on; run `train evaluate` on it first")
    row_of = {int(number): row for row, number in enumerate(dataset.faces.face_id)}
    order = np.argsort(np.abs(said.said - said.age), kind="stable")

    def shown(places: list[int]) -> Html:
        return element(
            "div", [_face(dataset.crops[row_of[int(said.face_id[at])]], said, at) for at in places], class_="faces"
        )

    return section(
        "Faces",
        element("p", "Furthest off", class_="note"),
        shown(order[::-1][:SHOWN].tolist()),
        element("p", "Nearest", class_="note"),
        shown(order[:SHOWN].tolist()),
        note="Photos of people: think before you pass this page on.",
    )


def _face(crop: Any, said: SaidTable, at: int) -> Html:
    picture = base64.b64encode(encode_crop(np.asarray(crop))).decode()
    words = f"{said.age[at]:.0f}, said {said.said[at]:.0f}"
    return element("div", element("img", src=f"data:image/jpeg;base64,{picture}", alt=words), element("span", words))
