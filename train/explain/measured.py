"""What the hand-made baseline saw of a face: its points and distances, its boxes, the edges in them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from agegap.files import write_json, write_text
from agegap.folders import replaced_folder
from agegap.progress import track
from train.crops import join, part_of
from train.explain.faces import FaceToExplain
from train.explain.folder import FIGURES, FORMAT, PAGE, is_ours, plain, sheet
from train.explain.sheets import draw_measures
from train.geometric.distances import RATIOS, ratios
from train.geometric.landmarks import find_landmarks
from train.geometric.model import GeometricModel
from train.geometric.wrinkles import REGIONS, look, wrinkle_shares
from train.report.markup import section
from train.report.page import page

_TITLE = "Points and distances; boxes on the upright view; edges"


def explain_measures(model: GeometricModel, faces: Sequence[FaceToExplain], out: Path) -> dict[str, Any]:
    """Write a sheet for each face, features.html and features.json into `out`, as `explain` does for a net.

    A face without points has no sheet and is told so. Raises BadInputFile where `out` holds something else.
    """
    found: list[dict[str, Any]] = []
    with replaced_folder(out, is_ours=is_ours) as part:
        for number, face in enumerate(track(faces, label="faces", unit="face"), start=1):
            found.append(_one(model, face, part, f"{number:02d}-{plain(face.name)}"))
        parts = [
            section(one["name"], *(sheet(part, name, _TITLE) for name in one["sheets"]), note=_sentence(one))
            for one in found
        ]
        content = {"format": FORMAT, "model": model.name, "weights_sha256": model.weights_sha256, "faces": found}
        write_text(part / PAGE, page("What is measured", model.name, parts))
        write_json(part / FIGURES, content)
    return content


def _one(model: GeometricModel, face: FaceToExplain, folder: Path, stem: str) -> dict[str, Any]:
    crops = join([part_of(face.crop[None], np.arange(1), input_size=model.input_size)])
    shares = model.distributions(crops)[0].astype(np.float64)
    said = float(shares @ np.arange(len(shares)))
    told: dict[str, Any] = {"name": face.name, "said": said, "true": face.true_age, "measures": None, "sheets": []}
    points = find_landmarks(face.crop, model.landmarks)
    if points is None:
        return told
    measures = [*ratios(points), *wrinkle_shares(face.crop, points, model.settings)]
    name = f"{stem}-measures.png"
    title = f"{face.name}: said {said:.1f}" + ("" if face.true_age is None else f", true age {face.true_age:.0f}")
    draw_measures(folder / name, face.crop, points, look(face.crop, points, model.settings), title=title)
    named = {key: float(value) for key, value in zip((*RATIOS, *REGIONS), measures, strict=True)}
    return {**told, "measures": {**named, "F5": sum(named[region] for region in REGIONS)}, "sheets": [name]}


def _sentence(one: dict[str, Any]) -> str:
    if one["measures"] is None:
        return f"said {one['said']:.1f}, by mean features: no points were found"
    return f"said {one['said']:.1f}: " + ", ".join(f"{key} {value:.2f}" for key, value in one["measures"].items())
