"""The list that `curate apply-rejects` takes: one JSON object a doubted face, the worst first."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from agegap.files import write_text
from dataset.store import Dataset
from train.bins import bin_of, bins_named
from train.cleaning.rules import Doubts, RuleName

Fix = Literal["drop", "age"]


@dataclass(frozen=True)
class Reject:
    """One doubted face."""

    face_id: int
    reason: str
    """In words: a person reads it in `curate audit --list`."""
    fix: Fix
    crop_sha256: str
    """Of the pixels, as the catalog has it: a list of another catalog, or of before a new scan, does no harm."""
    rule: RuleName
    label: float
    said: float
    figure: float
    site: str
    site_id: str


def rejects_of(
    dataset: Dataset,
    rows: NDArray[np.int64],
    found: Doubts,
    *,
    said: NDArray[np.float64],
    rule: RuleName,
    fix: Fix,
) -> list[Reject]:
    """Return the doubted faces of `rows` (N,), the worst first; `said` (N,) is the age the model says."""
    faces = dataset.faces
    worst = np.argsort(-found.score, kind="stable")
    rejects = []
    for place in worst[found.is_doubted[worst]].tolist():
        row = int(rows[place])
        label, age, figure = float(faces.age[row]), float(said[place]), float(found.figure[place])
        rejects.append(
            Reject(
                face_id=int(faces.face_id[row]),
                reason=_words(rule, label, age, figure),
                fix=fix,
                crop_sha256=hashlib.sha256(np.ascontiguousarray(dataset.crops[row]).tobytes()).hexdigest(),
                rule=rule,
                label=round(label, 2),
                said=round(age, 2),
                figure=round(figure, 4),
                site=faces.site[row],
                site_id=faces.site_id[row],
            )
        )
    return rejects


def write_rejects(path: Path, rejects: Sequence[Reject]) -> None:
    """Write the list, whole or not at all; one without a line where nothing is doubted."""
    write_text(path, "".join(json.dumps(asdict(one), ensure_ascii=False) + "\n" for one in rejects))


def _words(rule: RuleName, label: float, said: float, figure: float) -> str:
    if rule == "agenet":
        bins = bins_named("agenet")
        group = bins.labels[int(bin_of([max(label, 0.0)], bins)[0])]
        return f"labelled {label:.0f}, looks {said:.0f}: {group} and its neighbours have {figure:.0%} of the mass"
    return f"labelled {label:.0f}, looks {said:.0f}: {figure:.1f} standard deviations of its decade off"
