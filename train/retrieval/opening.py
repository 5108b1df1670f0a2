"""The index that a command means: the one named, or one of the folders named, built at first use."""

from collections.abc import Sequence
from pathlib import Path

from train.model import Model
from train.retrieval.index import FaceIndex, build_index, index_beside, open_index


def open_or_build(model: Model, run: Path, index: Path | None, data: Sequence[Path]) -> FaceIndex:
    """Open `index`, or the one of the dataset folders `data`: kept at `index`, else beside the run by their hashes.

    An index named with `data` that is of other faces or weights is built anew. Raises what `build_index` and
    `open_index` raise.
    """
    if not data:
        if index is None:
            raise ValueError("neither an index nor data")
        return open_index(index, model)
    place = index or index_beside(run, model, data)
    return open_index(build_index(model, data, place), model, folders=data)
