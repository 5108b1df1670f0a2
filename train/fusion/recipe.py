"""fusion.json: which models are fused, how, and that they are still the ones it was measured with.

    {"format": "agegap-fusion", "version": 1, "method", "members": [{"run", "weights_sha256", "weight"}],
     "interval_scale", "ridge", "layer_sha256", "weights_sha256", "crop", "split", "val", "faces", "mae"}

A member's "run" is relative to the folder, so that an ensemble can be moved with its members. A layer over features is
beside it, in layer.npz.
"""

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from agegap.errors import BadInputFile
from agegap.files import atomic_path, sha256_of_file
from train.fusion.layer import Layer

FILE, LAYER = "fusion.json", "layer.npz"
FORMAT, VERSION = "agegap-fusion", 1

_AGAIN = "run `train fuse` again"


@dataclass(frozen=True)
class MemberNote:
    """A member as fusion.json names it."""

    run: str
    weights_sha256: str
    weight: float


def relative(path: Path, folder: Path) -> str:
    """Return `path` as seen from `folder`, with forward slashes."""
    return Path(os.path.relpath(path.resolve(), folder.resolve())).as_posix()


def read_recipe(folder: Path) -> dict[str, Any]:
    """Return the content of fusion.json; raise BadInputFile where it is none."""
    path = folder / FILE
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise BadInputFile(path, "cannot be read", _AGAIN) from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise BadInputFile(path, f"is no {FORMAT}", _AGAIN)
    if content.get("version") != VERSION:
        raise BadInputFile(path, f"is of version {content.get('version')}, this program reads {VERSION}", _AGAIN)
    return content


def members_of(folder: Path, content: Mapping[str, Any]) -> list[MemberNote]:
    """Return the members fusion.json names; raise BadInputFile where it names none."""
    try:
        members = [
            MemberNote(str(one["run"]), str(one["weights_sha256"]), float(one["weight"])) for one in content["members"]
        ]
    except (KeyError, TypeError, ValueError):
        raise BadInputFile(folder / FILE, "has members with something missing", _AGAIN) from None
    if not members:
        raise BadInputFile(folder / FILE, "has no members", _AGAIN)
    return members


def combined_sha256(method: str, members: Sequence[MemberNote], layer_sha256: str | None) -> str:
    """Return the identity of an ensemble: its method, its members' weights, and what was learned over them."""
    known = [method, [[one.weights_sha256, repr(one.weight)] for one in members], layer_sha256]
    return hashlib.sha256(json.dumps(known).encode()).hexdigest()


def write_layer(folder: Path, layer: Layer) -> str:
    """Write layer.npz and return its sha256."""
    # numpy adds ".npz" to a name without it, so the file is given open.
    with atomic_path(folder / LAYER) as part, part.open("wb") as handle:
        np.savez(handle, middle=layer.middle, matrix=layer.matrix, bias=layer.bias)
    return sha256_of_file(folder / LAYER)


def read_layer(folder: Path, *, sha256: str) -> Layer:
    """Return the layer; raise BadInputFile where it is missing or another."""
    path = folder / LAYER
    if not path.is_file():
        raise BadInputFile(path, "is missing", _AGAIN)
    if sha256_of_file(path) != sha256:
        raise BadInputFile(path, "is not the layer that fusion.json was written with", _AGAIN)
    with np.load(path, allow_pickle=False) as found:
        return Layer(found["middle"], found["matrix"], found["bias"])
