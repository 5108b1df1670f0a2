"""Recipes: the named thresholds by which found faces are kept; `[curate.recipes.NAME]` in agegap.toml.

All that they look at are columns of the catalog, so another recipe is a query (`curate filter --recipe NAME`) and never
a new detection. The thresholds of `default` are lenient on purpose: old prints are grey and soft, and an age model must
see them.
"""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from annotated_types import Ge, Interval

from agegap.errors import SettingsError, UnknownName
from agegap.settings import SETTINGS_FILE, load_settings, read_settings_file
from dataset.face.settings import FaceSettings, short_hash

SECTION = "curate.recipes"
_NAME = re.compile(r"[a-z0-9_-]{1,10}")  # with the longest scan recipe it fits the 64 characters of face_scan.recipe

Share = Annotated[float, Interval(ge=0, le=1)]
Angle = Annotated[float, Interval(gt=0, le=180)]


@dataclass(frozen=True)
class Thresholds:
    """What a face must have to be kept; a measure that a face lacks (null) never drops it. Angles in degrees."""

    # Of the detector. No wrong box of FG-NET reaches 0.7; three true faces in a hundred do not reach 0.9.
    min_score: Share = 0.7
    # Pixels of the photo. In an `age` crop the eyes are 29 pixels apart: below 12 a face is enlarged more than twice.
    min_eye_distance: Annotated[float, Ge(0)] = 12.0
    # Shorter side of the face's box, pixels of the photo.
    min_face_side: Annotated[float, Ge(0)] = 0.0
    # Variance of the Laplacian of the crop. Only a smear is below 2.
    min_blur: Annotated[float, Ge(0)] = 2.0
    # Beyond 65 one eye is hidden and the five points are guesses.
    max_yaw: Annotated[float, Interval(gt=0, le=90)] = 65.0
    max_pitch: Angle = 180.0
    max_roll: Angle = 180.0
    # Share of the crop's pixels that are black, or white.
    max_dark_share: Share = 1.0
    max_bright_share: Share = 1.0
    # Least score of the five points, where the detector gives any: hands and masks before a face lower it.
    min_landmark_score: Share = 0.0
    # A crop without colour is no fault: most photos before 1970 have none.
    keep_grey: bool = True


RECIPES: dict[str, Thresholds] = {
    "default": Thresholds(),
    # Faces that recognition nets and sharp age models are trained on.
    "strict": Thresholds(
        min_score=0.85,
        min_eye_distance=24,
        min_face_side=64,
        min_blur=15,
        max_yaw=35,
        max_pitch=35,
        max_roll=45,
        max_dark_share=0.5,
        max_bright_share=0.3,
        min_landmark_score=0.3,
    ),
    # All that is a face.
    "lenient": Thresholds(min_score=0.6, min_eye_distance=8, min_blur=0, max_yaw=90),
}


def recipe_names(file: Path | None = None) -> list[str]:
    """Return the names of all recipes, built in and of agegap.toml; raise SettingsError for a name that cannot be."""
    return sorted({*RECIPES, *_tables(file or Path(SETTINGS_FILE))})


def load_recipe(name: str, *, file: Path | None = None) -> Thresholds:
    """Return the thresholds called `name`: those of agegap.toml over the built-in ones of that name, else `default`.

    Raises UnknownName, or SettingsError with every fault of the table.
    """
    file = file or Path(SETTINGS_FILE)
    if name not in (known := recipe_names(file)):
        raise UnknownName("recipe", name, known)
    base = dataclasses.asdict(RECIPES.get(name, RECIPES["default"]))
    return load_settings(f"{SECTION}.{name}", Thresholds, base=base, file=file)


def recipe_mark(settings: FaceSettings, thresholds: Thresholds) -> str:
    """Return what `face_scan.recipe` holds: how faces were found, `#`, and the recipe they were judged by.

    A change of the part after `#` alone only judges anew.
    """
    values = short_hash(*dataclasses.astuple(thresholds), settings.main_face)
    return f"{settings.scan_recipe}#{settings.recipe}-{values}"


def _tables(file: Path) -> list[str]:
    tables: Any = read_settings_file(file)
    for part in SECTION.split("."):
        tables = tables.get(part, {}) if isinstance(tables, Mapping) else {}
    if not isinstance(tables, Mapping):
        return []
    faults = [
        f"{file} [{SECTION}.{name}]: a recipe's name is 1 to 10 of a-z, 0-9, '-' and '_'"
        for name in tables
        if not _NAME.fullmatch(str(name))
    ]
    faults += [
        f"{file} [{SECTION}]: '{name}' belongs into a table [{SECTION}.NAME]"
        for name, table in tables.items()
        if not isinstance(table, Mapping)
    ]
    if faults:
        raise SettingsError(faults)
    return list(tables)
