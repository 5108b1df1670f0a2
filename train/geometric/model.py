"""A trained hand-made model: measures, their scale, and a classifier; answers as every model does.

geometric.json   what it is, settings, crop, columns, counts, interval factor; written last: with it the run is done
geometric.npz    what was learned
"""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agegap.errors import BadInputFile
from agegap.files import atomic_open, write_json
from dataset.tables import CROP_SIZE
from train.crops import Crops
from train.geometric.classifiers import classifier
from train.geometric.landmarks import choose_landmarks
from train.geometric.measuring import Measures, feature_names, features_of, measure_faces
from train.geometric.settings import GeometricSettings, LandmarkName
from train.run_folder import RunFolder

ABOUT, ARRAYS = "geometric.json", "geometric.npz"
FORMAT, VERSION = "agegap-geometric", 1

_REMEDY = "train it again with `train run geometric`"
_MOST_DEVIATIONS = 4.0  # a feature further off is a wrong landmark, and would rule every distance


@dataclass(frozen=True, eq=False)
class Scale:
    """Mean and deviation of each feature over the training faces that have landmarks, (D,)."""

    mean: NDArray[np.float64]
    std: NDArray[np.float64]

    @classmethod
    def of(cls, features: Measures) -> "Scale":
        """Return the scale of features (N, D); rows of NaN do not count."""
        known = features[np.isfinite(features).all(axis=1)]
        std = known.std(axis=0)
        return cls(known.mean(axis=0), np.where(std > 0, std, 1.0))

    def standardised(self, features: Measures) -> Measures:
        """Return features (N, D) in deviations from the mean; a face without landmarks gets the mean of all."""
        even = np.clip((features - self.mean) / self.std, -_MOST_DEVIATIONS, _MOST_DEVIATIONS)
        return np.where(np.isfinite(even), even, 0.0)


@dataclass(frozen=True, eq=False)
class GeometricModel:
    """See train.model.Model."""

    path: Path
    settings: GeometricSettings
    landmarks: LandmarkName
    scale: Scale
    arrays: Mapping[str, NDArray[np.float64]]
    crop: dict[str, Any]
    interval_scale: float | None = None
    faces: Mapping[str, int] | None = None
    """How many faces it was trained and validated on, and how many of them had no landmarks."""

    stage = "geometric"
    input_size = CROP_SIZE

    @property
    def name(self) -> str:
        """See Model."""
        return f"geometric features ({self.landmarks}) and {self.settings.classifier}"

    @property
    def weights_sha256(self) -> str:
        """Return the sha256 of names and bytes of all arrays, in the order of the names."""
        digest = hashlib.sha256()
        for name, array in sorted({**self.arrays, "mean": self.scale.mean, "std": self.scale.std}.items()):
            digest.update(name.encode())
            digest.update(np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    @property
    def notes(self) -> dict[str, Any]:
        """See Model."""
        return RunFolder(self.path.parent).notes()

    def distributions(self, crops: Crops, *, flip: bool = True) -> NDArray[np.float32]:
        """See Model; a mirror image has the same measures, so `flip` changes nothing."""
        return self.shares(self.features(crops).astype(np.float64))

    def native(self, crops: Crops, *, flip: bool = True) -> tuple[NDArray[np.float32], str]:
        """See Model: groups and clusters are told by the ages of their faces, so it answers in years."""
        return self.distributions(crops, flip=flip), ""

    def features(self, crops: Crops) -> NDArray[np.float32]:
        """Return the standardised features (N, D) of crops at 128 pixels."""
        measured = measure_faces(crops, self.landmarks, self.settings)
        features = features_of(measured, self.settings.wrinkles)
        return self.scale.standardised(features).astype(np.float32)

    def shares(self, features: Measures) -> NDArray[np.float32]:
        """Return the distributions over ages (N, 101) for standardised features (N, D)."""
        said = classifier(self.settings.classifier).shares(features, self.arrays)
        shares: NDArray[np.float32] = (said / said.sum(axis=1, keepdims=True)).astype(np.float32)
        return shares


def save_geometric(model: GeometricModel) -> None:
    """Write the model into the folder of `model.path`: arrays first, geometric.json last."""
    with atomic_open(model.path.parent / ARRAYS) as handle:
        np.savez(handle, scale_mean=model.scale.mean, scale_std=model.scale.std, **_named(model.arrays))
    write_json(
        model.path,
        {
            "format": FORMAT,
            "version": VERSION,
            "settings": asdict(model.settings),
            "landmarks": model.landmarks,
            "features": list(feature_names(model.settings.wrinkles)),
            "crop": model.crop,
            "interval_scale": model.interval_scale,
            "faces": dict(model.faces or {}),
            "weights_sha256": model.weights_sha256,
        },
    )


def open_geometric(folder: Path) -> GeometricModel:
    """Open the model of a run folder; raise BadInputFile for a damaged one, WrongUse where dlib is missing for it."""
    path = folder / ABOUT
    try:
        about = json.loads(path.read_text(encoding="utf-8"))
        with np.load(folder / ARRAYS, allow_pickle=False) as held:
            arrays = {name: np.asarray(held[name]) for name in held.files}
    except (OSError, ValueError, EOFError):
        raise BadInputFile(folder, f"holds no readable {ABOUT} and {ARRAYS}", _REMEDY) from None
    if not isinstance(about, dict) or about.get("format") != FORMAT or about.get("version") != VERSION:
        raise BadInputFile(path, f"is not a geometric model of version {VERSION}", _REMEDY)
    try:
        scale = Scale(arrays.pop("scale_mean"), arrays.pop("scale_std"))
        model = GeometricModel(
            path=path,
            settings=_settings(about["settings"]),
            landmarks=choose_landmarks(about["landmarks"]),
            scale=scale,
            arrays={name.removeprefix(_PREFIX): array for name, array in arrays.items()},
            crop=dict(about["crop"]),
            interval_scale=about["interval_scale"],
            faces=dict(about["faces"]),
        )
    except (KeyError, TypeError, ValueError) as fault:
        raise BadInputFile(path, f"has something missing ({fault})", _REMEDY) from None
    if model.weights_sha256 != about.get("weights_sha256"):
        raise BadInputFile(folder / ARRAYS, f"does not belong to its {ABOUT}", _REMEDY)
    return model


_PREFIX = "learned_"


def _named(arrays: Mapping[str, NDArray[np.float64]]) -> dict[str, Any]:
    return {f"{_PREFIX}{name}": array for name, array in arrays.items()}


def _settings(told: Mapping[str, Any]) -> GeometricSettings:
    from pydantic import TypeAdapter

    return TypeAdapter(GeometricSettings).validate_python(dict(told))
