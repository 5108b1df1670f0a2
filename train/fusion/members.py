"""The members of an ensemble: opened, checked against each other, and each shown crops of its own size."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from agegap.errors import WrongUse
from dataset.tables import CROP_SIZE
from train.crops import Crops, Images, Rows, shrink

if TYPE_CHECKING:
    from train.model import Model

Features = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class SizedCrops(Crops):
    """Crops that are gathered at another size."""

    size: int = CROP_SIZE

    def gather(self, chosen: Rows) -> Images:
        """Return the crops (B, size, size, 3) at `chosen` (B,)."""
        images = super().gather(chosen)
        small = np.empty((len(images), self.size, self.size, 3), dtype=np.uint8)
        for place, image in enumerate(images):
            small[place] = shrink(image, self.size)
        return small


def common_size(members: Sequence["Model"]) -> int:
    """Return the size at which crops are gathered for all: their own where it is one, else that of stored crops.

    Each member then averages down, or enlarges, the stored pixels as it does by itself.
    """
    sizes = {one.input_size for one in members}
    return sizes.pop() if len(sizes) == 1 else CROP_SIZE


def crops_for(member: "Model", crops: Crops, *, size: int) -> Crops:
    """Return `crops`, gathered at `size`, at the size that `member` wants."""
    return crops if member.input_size == size else SizedCrops(crops.parts, member.input_size)


def open_members(runs: Sequence[Path]) -> list["Model"]:
    """Open the models; raise WrongUse where one is named twice or their crops are cut differently."""
    from train.model import open_model

    members = [open_model(run) for run in runs]
    seen: dict[str, Path] = {}
    for run, member in zip(runs, members, strict=True):
        if member.weights_sha256 in seen:
            raise WrongUse(f"{run} holds the weights of {seen[member.weights_sha256]}; name each model once")
        seen[member.weights_sha256] = run
        if dict(member.crop) != dict(members[0].crop):
            raise WrongUse(
                f"{run} looks at crops {dict(member.crop)}, {runs[0]} at {dict(members[0].crop)}; "
                "fuse models that were trained on one crop recipe"
            )
    return members


def side_by_side(members: Sequence["Model"], crops: Crops, *, size: int) -> Features:
    """Return the features of all members as they are, (N, D) with D the sum of theirs."""
    return np.concatenate([one.features(crops_for(one, crops, size=size)) for one in members], axis=1)
