"""From wrong labels in the catalog to dropped faces: export, `train clean-labels`, `curate apply-rejects`.

The two packages do not know each other; what they share is the list, and this test reads both ends of it.
"""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray
from sqlalchemy import Engine, select

from curation.apply_rejects import apply_rejects
from curation.export import export_dataset
from curation.export_settings import ExportSettings
from dataset.face.fingerprint import fingerprint
from dataset.images import decode_crop, encode_crop
from db.models import Face
from tests.curation.filled import filling
from tests.train.drawn import CROP, draw_crop
from train.cleaning.clean import CleanOrder, clean_labels
from train.crops import Crops

WRONG = (1, 3, 11)
"""Numbers of faces; at 60 and above AgeNet's groups are too wide to see an error of 35 years."""


class _SaysTheBrightness:
    """A model that says the age that was drawn: the centre of a crop has the brightness 40 + 2 age."""

    path, name, stage, crop, input_size, interval_scale = Path("none"), "brightness", "pretrain", CROP, 128, 1.0
    weights_sha256, notes = "0" * 64, dict[str, Any]()

    def native(self, crops: Crops, *, flip: bool = True) -> tuple[NDArray[np.float32], str]:
        """Return a bump five years wide about the age."""
        images = crops.gather(np.arange(len(crops), dtype=np.int64))
        ages = (images[:, 30:98, 30:98].mean(axis=(1, 2, 3)) - 40) / 2
        shares = np.exp(-0.5 * ((np.arange(101) - ages[:, None]) / 5) ** 2)
        return np.asarray(shares / shares.sum(axis=1, keepdims=True), np.float32), ""


def _fill(engine: Engine, data: Path, *, seed: int) -> list[int]:
    """Add thirty labelled faces, three with a wrong age; return their ids."""
    rng = np.random.default_rng(seed)
    faces = []
    with filling(engine, data) as fill:
        for number in range(30):
            age = 5.0 + 2.5 * number
            crop = draw_crop(age, rng)
            sha256 = fingerprint(decode_crop(encode_crop(crop))).sha256  # as `curate faces` has it: of what is stored
            label = age + 35 if number in WRONG else age
            photo = fill.photo(f"photo-{number}", site="album", age_label=label)
            faces.append(fill.face(photo, crop=crop, age=label, crop_sha256=sha256))
    return faces


def _states(engine: Engine) -> dict[int, tuple[str, str | None]]:
    with engine.connect() as connection:
        return {row.id: (row.status, row.drop_reason) for row in connection.execute(select(Face.__table__))}


@pytest.mark.parametrize("rule", ["agenet", "errors"])
def test_faces_with_wrong_labels_are_dropped_in_the_catalog(
    rule: Any, catalog: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faces = _fill(catalog, tmp_path / "data", seed=0)
    export_dataset(catalog, tmp_path / "set", data=tmp_path / "data", settings=ExportSettings())
    monkeypatch.setattr("train.model.open_model", lambda _run: _SaysTheBrightness())
    result = clean_labels(CleanOrder(tmp_path / "set", runs=(Path("run"),), rule=rule), tmp_path / "rejects.jsonl")
    tally = apply_rejects(catalog, tmp_path / "rejects.jsonl").as_dict()
    assert result["doubted"] == tally["lines"] == tally["applied"] == len(WRONG)
    assert tally["skipped"] == {}
    dropped = {faces[number] for number in WRONG}
    assert _states(catalog) == {
        face: ("dropped", "label_rejected") if face in dropped else ("kept", None) for face in faces
    }


def test_a_list_of_another_catalog_does_no_harm(
    sqlite_catalog: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from db.session import open_catalog

    other = open_catalog(f"sqlite:///{tmp_path / 'other.db'}")
    _fill(sqlite_catalog, tmp_path / "data", seed=0)
    _fill(other, tmp_path / "other", seed=1)
    export_dataset(sqlite_catalog, tmp_path / "set", data=tmp_path / "data", settings=ExportSettings())
    monkeypatch.setattr("train.model.open_model", lambda _run: _SaysTheBrightness())
    clean_labels(CleanOrder(tmp_path / "set", runs=(Path("run"),)), tmp_path / "rejects.jsonl")
    before = _states(other)
    assert apply_rejects(other, tmp_path / "rejects.jsonl").as_dict()["skipped"] == {"another_crop": len(WRONG)}
    assert _states(other) == before
    other.dispose()
