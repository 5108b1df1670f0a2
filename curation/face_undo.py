"""Faces that come back after an `--undo` are judged as `curate filter` judged the others, not kept unseen.

While a face is held for an impostor or a duplicate nobody applies a recipe to it; when it comes back, the recipe of its
photo may have changed, and the photo may be noted as one without a face.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sqlalchemy import Connection

from agegap.settings import load_settings
from curation.face_judgements import BATCH, judge_stored, write_judged
from dataset.face.recipes import Thresholds, load_recipe, recipe_mark, recipe_names
from dataset.face.settings import FaceSettings
from db.scan_recipes import recipes_of


@dataclass(frozen=True)
class Judge:
    """A recipe as the settings file has it now."""

    settings: FaceSettings
    thresholds: Thresholds


Judges = Mapping[str, Judge]
"""By the part of `face_scan.recipe` behind the `#`."""


def known_judges() -> Judges:
    """Return every recipe of agegap.toml and the built-in ones; raise SettingsError for a bad table."""
    settings = load_settings("curate.faces", FaceSettings, flags={})
    named = (Judge(replace(settings, recipe=name), load_recipe(name)) for name in recipe_names())
    return {recipe_mark(judge.settings, judge.thresholds).partition("#")[2]: judge for judge in named}


def judge_kept_again(connection: Connection, photo_ids: Iterable[int], judges: Judges) -> None:
    """Judge the photos' faces by the recipe each photo was judged by last.

    Where that recipe is no more as it was, the faces stay as they are until `curate faces` or `curate filter` runs.
    """
    by_recipe: dict[str, list[int]] = defaultdict(list)
    for photo_id, recipe in recipes_of(connection, sorted(set(photo_ids))).items():
        by_recipe[recipe].append(photo_id)
    for recipe, ids in by_recipe.items():
        judge = judges.get(recipe.partition("#")[2])
        if judge is None:
            continue
        for start in range(0, len(ids), BATCH):
            marks = dict.fromkeys(ids[start : start + BATCH], recipe)
            write_judged(connection, judge_stored(connection, marks, judge.settings, judge.thresholds), marks)
