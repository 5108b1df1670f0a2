"""The head of a dataset card, which machines read: the Hub's lists, and `datasets.load_dataset(FOLDER)`.

It says which files make which split, and of what types the columns are where `datasets` would guess. The values are
JSON, which is YAML too.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from dataset.writers.attribution import ATTRIBUTION
from dataset.writers.hub import HUB_SPLITS, card_features

Manifest = Mapping[str, Any]

_SIZES = ((1_000, "n<1K"), (10_000, "1K<n<10K"), (100_000, "10K<n<100K"), (1_000_000, "100K<n<1M"))
_LARGEST = "1M<n<10M"


def head_of(manifest: Manifest, *, title: str) -> str:
    """Return the head of the card, its lines of dashes included."""
    faces = manifest["counts"]["faces"]
    head: dict[str, Any] = {
        "pretty_name": title,
        "license": "other",
        "license_name": "one-licence-a-photo",
        "license_link": ATTRIBUTION,
        "size_categories": [next((name for limit, name in _SIZES if faces < limit), _LARGEST)],
        "tags": ["face", "age-estimation", "face-verification", "biometric"],
    }
    head |= _configs(manifest)
    return "\n".join(
        ["---", *(f"{key}: {json.dumps(value, ensure_ascii=False)}" for key, value in head.items()), "---"]
    )


def _configs(manifest: Manifest) -> dict[str, Any]:
    """Return which files are which split, for the layouts that `datasets` reads."""
    layout = manifest["layout"]
    # `datasets` reads all configurations of a folder by one kind of file.
    pairs = {"config_name": "pairs", "data_files": [{"split": "train", "path": "pairs.parquet"}]}
    path, features = _FACES_AT.get(layout["name"], (None, None))
    if path is None or not layout.get("splits"):
        return {"configs": [pairs]} if layout["name"] == "pairs-lists" else {}
    files = [{"split": s, "path": path.format(s)} for s in HUB_SPLITS.values() if s in layout["splits"]]
    faces = {"config_name": "faces", "default": True, "data_files": files}
    head: dict[str, Any] = {"configs": [faces, pairs] if layout["name"] == "parquet" else [faces]}
    return head if features is None else head | {"dataset_info": [{"config_name": "faces", "features": features}]}


_SAMPLE_FEATURES: list[object] = [
    {"name": "jpg", "dtype": "image"},
    {"name": "json", "struct": card_features()},
    {"name": "__key__", "dtype": "string"},
    {"name": "__url__", "dtype": "string"},
]
_FACES_AT: Mapping[str, tuple[str, Sequence[object] | None]] = {
    "imagefolder": ("{}/**", None),
    "parquet": ("data/{}-*.parquet", None),
    # Without them `datasets` takes the types from the first five samples, where a value may be missing.
    "webdataset": ("{}-*.tar", _SAMPLE_FEATURES),
}
