"""How faces are found and aligned: `[curate.faces]` in agegap.toml. What is kept of them: dataset/face/recipes.py."""

import hashlib
from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Interval

VERSION = 2
"""Raised whenever detection, alignment or a quality measure changes its result: photos are then looked at again."""

Template = Literal["age", "tight", "close"]
MainFace = Literal["largest", "centre", "best_score", "subject"]


@dataclass(frozen=True)
class FaceSettings:
    """How faces are found and aligned, and by which recipe they are judged. Sizes in pixels of the photo."""

    detector: str = "yunet"
    # Folder of a detector's files, for `face_alignment`; empty: where torch keeps what it downloaded.
    weights: str = ""
    # Finds all of FG-NET's 821 faces, and as many in other photos as 480 and 512 do, in a tenth less time than 480.
    # Where the eyes are does not hang on it any more (measured 2026).
    detection_side: Annotated[int, Interval(ge=64, le=4096)] = 448
    # The eyes are found again in the pixels: off by 1.8 % of the eye distance instead of 5.2 % (median, FG-NET, 2026).
    refine_eyes: bool = True
    # `age` keeps hairline and chin, `tight` is what face recognition nets are trained on, `close` ends where the
    # aligned chips of UTKFace end.
    template: Template = "age"
    # Of several faces: the largest, the one nearest to the middle, the one the detector is surest of, or the one that
    # looks like the subject (after `curate verify`).
    main_face: MainFace = "largest"
    # The name of the thresholds; those of [curate.recipes.NAME], or built in.
    recipe: str = "default"
    # Shorter side of a photo; a face of 12 pixels between the eyes needs about this much.
    min_side: Annotated[int, Ge(1)] = 32
    # 64 million pixels are 192 MB once decoded; cameras stay below.
    max_megapixels: Annotated[float, Interval(gt=0, le=170)] = 64.0

    @property
    def scan_recipe(self) -> str:
        """Return the name of what was run on the photo: a change means that photos are looked at again."""
        limits = short_hash(self.min_side, self.max_megapixels, self.refine_eyes, self.found_order)
        return f"{self.detector}-{self.detection_side}-{self.template}-v{VERSION}-{limits}"

    @property
    def found_order(self) -> MainFace:
        """Return the rule by which a photo's faces are ordered as they are found: before anybody knows the subject."""
        return "largest" if self.main_face == "subject" else self.main_face


def short_hash(*values: object) -> str:
    """Return six hex digits that change with any of `values`; whole and broken numbers of one value are one."""
    plain = [float(value) if isinstance(value, int | float) else value for value in values]
    return hashlib.sha256(repr(plain).encode()).hexdigest()[:6]
