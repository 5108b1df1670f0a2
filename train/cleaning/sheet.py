"""The doubted faces as a page to look through: photos of people, for one's own machine."""

import base64
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from agegap.files import write_text
from agegap.html import Html, element
from dataset.images import encode_crop
from dataset.store import Dataset
from train.cleaning.rejects import Reject
from train.report.markup import section, tile
from train.report.page import page

SHOWN = 100


def write_sheet(path: Path, dataset: Dataset, rejects: Sequence[Reject], result: Mapping[str, Any]) -> None:
    """Write the page with the worst hundred faces, whole or not at all."""
    row_of = {int(number): row for row, number in enumerate(dataset.faces.face_id)}
    shown = [_face(dataset.crops[row_of[one.face_id]], one) for one in rejects[:SHOWN]]
    planted = result["planted"]
    tiles = [
        tile(str(result["doubted"]), "doubted", f"of {result['faces']} faces"),
        tile(_percent(planted["recall_far"]), "of labels 10 years off found", "exchanged on purpose"),
        tile(_percent(planted["precision_at_least"]), "precision at least", f"{planted['share']:.0%} exchanged"),
    ]
    parts = [
        element("div", tiles, class_="tiles"),
        section(
            "Doubted labels",
            element("div", shown, class_="faces"),
            note=f"The worst {len(shown)} of {len(rejects)}. Photos of people: think before you pass this page on.",
        ),
    ]
    write_text(path, page(f"Labels of {dataset.folder.name}", f"rule {result['rule']}", parts))


def _face(crop: Any, one: Reject) -> Html:
    picture = base64.b64encode(encode_crop(np.asarray(crop))).decode()
    words = f"{one.label:.0f}, looks {one.said:.0f}"
    where = f"{one.site} {one.site_id}, face {one.face_id}: {one.reason}"
    return element(
        "div", element("img", src=f"data:image/jpeg;base64,{picture}", alt=words, title=where), element("span", words)
    )


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{share:.0%}"
