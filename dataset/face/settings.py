"""The recipe by which faces are found and kept: `[curate.faces]` in agegap.toml.

The thresholds are lenient on purpose: old prints are grey and soft, and an age model must see them. All scores are
columns of the catalog, so a stricter choice is a query, or another run of `curate faces`, never a new detection.
"""

import hashlib
from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Interval

VERSION = 1
"""Raised whenever detection, alignment or a quality measure changes its result: photos are then looked at again."""

Template = Literal["age", "tight", "close"]


@dataclass(frozen=True)
class FaceSettings:
    """How faces are found, aligned and judged. Sizes in pixels of the photo, angles in degrees."""

    detector: str = "yunet"
    # 480 finds as many FG-NET faces as 640 in half the time, and places the eyes better than 320
    # (5.4 % of the eye distance off, 6.2 % at 320; measured 2026 on 821 photos).
    detection_side: Annotated[int, Interval(ge=64, le=4096)] = 480
    # `age` keeps hairline and chin, `tight` is what face recognition nets are trained on, `close` ends where the
    # aligned chips of UTKFace end.
    template: Template = "age"
    # No wrong box of FG-NET reaches 0.7; three true faces in a hundred do not reach 0.9.
    min_score: Annotated[float, Interval(ge=0, le=1)] = 0.7
    # In an `age` crop the eyes are 29 pixels apart: below 12 a face is enlarged more than twice.
    min_eye_distance: Annotated[float, Ge(0)] = 12.0
    # Variance of the Laplacian of the crop. Only a smear is below it.
    min_blur: Annotated[float, Ge(0)] = 2.0
    # Beyond it one eye is hidden and the five points are guesses.
    max_yaw: Annotated[float, Interval(gt=0, le=90)] = 65.0
    # Shorter side of a photo; a face of 12 pixels between the eyes needs about this much.
    min_side: Annotated[int, Ge(1)] = 32
    # 64 million pixels are 192 MB once decoded; cameras stay below.
    max_megapixels: Annotated[float, Interval(gt=0, le=170)] = 64.0

    @property
    def scan_recipe(self) -> str:
        """Return the name of what was run on the photo: a change means that photos are looked at again."""
        limits = _short_hash(self.min_side, self.max_megapixels)
        return f"{self.detector}-{self.detection_side}-{self.template}-v{VERSION}-{limits}"

    @property
    def recipe(self) -> str:
        """Return the scan recipe and the thresholds; a change of the latter alone only judges anew."""
        thresholds = _short_hash(self.min_score, self.min_eye_distance, self.min_blur, self.max_yaw)
        return f"{self.scan_recipe}#{thresholds}"


def _short_hash(*values: float) -> str:
    return hashlib.sha256(repr([float(value) for value in values]).encode()).hexdigest()[:6]
