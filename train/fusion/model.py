"""An ensemble that answers as a single net does: see train.model.Model."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from agegap.errors import AgegapError, BadInputFile
from agegap.files import sha256_of_file
from train.crops import Crops
from train.fusion.combining import Combiner, method_named
from train.fusion.members import common_size, crops_for, side_by_side
from train.fusion.recipe import FILE, combined_sha256, members_of, read_layer, read_recipe
from train.run_folder import SETTINGS, RunFolder

if TYPE_CHECKING:
    from train.model import Model

Shares = NDArray[np.float32]
Features = NDArray[np.float32]

_AGAIN = "put it back, or run `train fuse` again"


class FusionModel:
    """Several models and how their answers become one."""

    stage = "fusion"

    def __init__(
        self,
        path: Path,
        members: Sequence["Model"],
        combiner: Combiner,
        *,
        interval_scale: float | None,
        weights_sha256: str,
        notes: dict[str, Any],
    ) -> None:
        self.path, self.members, self.combiner = path, tuple(members), combiner
        self.interval_scale, self.weights_sha256, self.notes = interval_scale, weights_sha256, notes
        self.crop = dict(members[0].crop)
        self.input_size = common_size(members)
        self.name = f"{combiner.method} of {len(members)}: {', '.join(one.name for one in members)}"

    def distributions(self, crops: Crops, *, flip: bool = True) -> Shares:
        """See Model."""
        said = [one.distributions(self._for(one, crops), flip=flip) for one in self.members]
        features = None
        if self.combiner.layer is not None:
            features = side_by_side(self.members, crops, size=self.input_size)
        return self.combiner.combine(np.stack(said), features)

    def native(self, crops: Crops, *, flip: bool = True) -> tuple[Shares, str]:
        """Return the mixture in the members' own groups where all have the same ones, else the answer in years."""
        if self.combiner.layer is None and self.combiner.method != "ages":
            answers = [one.native(self._for(one, crops), flip=flip) for one in self.members]
            bins = {name for _, name in answers}
            if len(bins) == 1:
                return self.combiner.combine(np.stack([shares for shares, _ in answers])), bins.pop()
        return self.distributions(crops, flip=flip), ""

    def features(self, crops: Crops) -> Features:
        """Return the members' features side by side, each member's of length 1, so that none outweighs the others."""
        parts = [one.features(self._for(one, crops)) for one in self.members]
        lengths = (np.linalg.norm(part, axis=1, keepdims=True) for part in parts)
        return np.concatenate(
            [part / np.maximum(length, 1e-12) for part, length in zip(parts, lengths, strict=True)], 1
        )

    def _for(self, member: "Model", crops: Crops) -> Crops:
        return crops_for(member, crops, size=self.input_size)


def open_fusion(folder: Path) -> FusionModel:
    """Open the ensemble of a folder that `train fuse` wrote.

    Raises BadInputFile where a member is not there any more, or has other weights than those it was fused with.
    """
    from train.model import open_model

    content = read_recipe(folder)
    notes = members_of(folder, content)
    members: list[Model] = []
    for one in notes:
        place = folder / one.run
        if not place.exists():
            raise BadInputFile(folder / FILE, f"names the member {one.run}, which is not there", _AGAIN)
        if place.resolve() in (folder.resolve(), (folder / FILE).resolve()):
            raise BadInputFile(folder / FILE, "names itself as a member", "run `train fuse` again")
        try:
            member = open_model(place)
        except AgegapError as fault:
            raise BadInputFile(folder / FILE, f"has a member that cannot be opened ({fault})", _AGAIN) from None
        if member.weights_sha256 != one.weights_sha256:
            raise BadInputFile(
                folder / FILE, f"was fused from other weights of {one.run} than are there now", "run `train fuse` again"
            )
        members.append(member)
    try:
        method = method_named(str(content["method"]))
        scale, sha256 = content["interval_scale"], content["layer_sha256"]
    except KeyError as fault:
        raise BadInputFile(folder / FILE, f"has no {fault}", "run `train fuse` again") from None
    layer = read_layer(folder, sha256=sha256) if sha256 else None
    return FusionModel(
        folder / FILE,
        members,
        Combiner(method, np.array([one.weight for one in notes]), layer),
        interval_scale=None if scale is None else float(scale),
        weights_sha256=combined_sha256(method, notes, sha256_of_file(folder / "layer.npz") if layer else None),
        notes=RunFolder(folder).notes() if (folder / SETTINGS).is_file() else {},
    )
