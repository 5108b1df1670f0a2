"""Whatever answers with a distribution over ages: a net, an ensemble of nets, hand-made features.

Everything that uses a trained model (evaluate, predict, similar, app, compare) opens it here and asks no further what
it is made of. A new kind is a class with these members and a line in KINDS.
"""

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
from numpy.typing import NDArray

from agegap.errors import BadInputFile
from train.bins import bins_named, spread
from train.crops import Crops

if TYPE_CHECKING:
    from collections.abc import Callable

    from train.evaluation.evaluate import TrainedNet

Shares = NDArray[np.float32]
Features = NDArray[np.float32]

KINDS = {
    "fusion.json": "train.fusion.model:open_fusion",
    "geometric.json": "train.geometric.model:open_geometric",
}
"""The file by which a run folder says that it is no single net, and what opens it: a function of the folder."""


FUSED = "fused"
"""Where `train run` puts the ensemble of a preset with members."""


class Model(Protocol):
    """A trained model; ages are in years, class k of a distribution is age k."""

    @property
    def path(self) -> Path:
        """The file that holds it."""
        ...

    @property
    def name(self) -> str:
        """What it is, such as "small_resnet at 64 pixels"."""
        ...

    @property
    def stage(self) -> str:
        """What trained it last: "pretrain", "finetune", "fusion", "geometric"."""
        ...

    @property
    def crop(self) -> dict[str, Any]:
        """How the crops it wants are cut: {"size", "template"}."""
        ...

    @property
    def input_size(self) -> int:
        """Side in pixels of the crops that are to be gathered for it."""
        ...

    @property
    def interval_scale(self) -> float | None:
        """Factor on the half-widths of its intervals, from validation; None before it was measured."""
        ...

    @property
    def weights_sha256(self) -> str:
        """Identity of what was learned."""
        ...

    @property
    def notes(self) -> dict[str, Any]:
        """Settings, data and program of the run it is from: the content of its settings.json."""
        ...

    def distributions(self, crops: Crops, *, flip: bool = True) -> Shares:
        """Return the distribution over ages 0..100 of each crop, (N, 101); `flip` averages in the mirror image."""
        ...

    def native(self, crops: Crops, *, flip: bool = True) -> tuple[Shares, str]:
        """Return what it says in its own classes, (N, C), and the name of its bins ("" = years)."""
        ...

    def features(self, crops: Crops) -> Features:
        """Return one row of features a crop, (N, D); raise WrongUse where it has none to compare."""
        ...


class NetModel:
    """One net of a checkpoint."""

    def __init__(self, trained: "TrainedNet") -> None:
        from train.checkpoint import weights_sha256
        from train.devices import choose_machine, place

        self.path = trained.path
        self.checkpoint = trained.checkpoint
        self.stage = trained.checkpoint.stage
        self.crop = trained.checkpoint.crop
        self.input_size = trained.checkpoint.net.input_size
        self.interval_scale = trained.checkpoint.interval_scale
        self.notes = trained.checkpoint.notes
        self.weights_sha256 = weights_sha256(trained.checkpoint.answer)
        self.name = f"{trained.checkpoint.net.backbone} at {self.input_size} pixels"
        self.machine = choose_machine(trained.checkpoint.net.precision)
        self.net = place(trained.net, self.machine)

    def distributions(self, crops: Crops, *, flip: bool = True) -> Shares:
        """See Model."""
        shares, bins = self.native(crops, flip=flip)
        return spread(shares, bins_named(bins)) if bins else shares

    def native(self, crops: Crops, *, flip: bool = True) -> tuple[Shares, str]:
        """See Model."""
        from train.devices import repeatable
        from train.inference import distributions

        with repeatable():
            shares = distributions(self.net, crops, machine=self.machine, flip=flip)
        return shares, getattr(self.checkpoint.net, "bins", "")

    def features(self, crops: Crops) -> Features:
        """Return the pooled features before the head, as float32, of the crops as they are."""
        from train.devices import repeatable
        from train.inference import features

        with repeatable():
            return features(self.net, crops, machine=self.machine)


def open_model(run: Path) -> Model:
    """Open the model of a run folder or of a checkpoint file; raise BadInputFile or CheckpointMismatch."""
    from train.evaluation.evaluate import open_net

    if (run / FUSED / "fusion.json").is_file():  # a folder of `train run` whose members answer together
        run = run / FUSED
    for file, opener in KINDS.items():
        if (run / file).is_file() or run.name == file:
            module, function = opener.split(":")
            open_kind: Callable[[Path], Model] = getattr(importlib.import_module(module), function)
            return open_kind(run if run.is_dir() else run.parent)
    if not run.exists():
        raise BadInputFile(run, "there is no such file or folder", "name a run folder that `train` wrote")
    return NetModel(open_net(run))
