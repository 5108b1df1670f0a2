"""The one file of a run that holds weights: what answers, and what training needs to go on exactly.

Read with `weights_only=True`: a checkpoint from a stranger can hold numbers and words, no code.
"""

import dataclasses
import hashlib
import json
import pickle
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from agegap.errors import BadInputFile, CheckpointMismatch
from agegap.files import atomic_open
from train.backbones import SIZED, build_backbone
from train.settings import NetSettings

FORMAT = "agegap-checkpoint"
VERSION = 1
FILE = "checkpoint.pt"

SCHEDULE_FILE = "schedule.json"
"""In the folder of a `train run` of several steps: {"steps": [folder, ...], "members": [name, ...]}."""

Weights = dict[str, Tensor]


@dataclass
class Checkpoint:
    """What is saved. There is no random state: the draws of a step are a function of (seed, step)."""

    stage: str
    net: NetSettings
    # How the crops it learned from are cut: {"size", "template"}.
    crop: dict[str, Any]
    # Settings, seed, commit, manifest hashes: the content of settings.json.
    notes: dict[str, Any]
    # Steps done, of how many.
    step: int
    steps: int
    is_finished: bool
    # The weights that answer: the best average so far.
    answer: Weights
    # Factor on the half-widths of intervals, from the validation split; None before it was measured.
    interval_scale: float | None = None
    # What training goes on from: "net", "averaged", "optimiser", "meter", "best".
    training: dict[str, Any] = field(default_factory=dict)


def save_checkpoint(path: Path, checkpoint: Checkpoint) -> None:
    """Write `checkpoint` to `path`, whole or not at all."""
    content = {item.name: getattr(checkpoint, item.name) for item in dataclasses.fields(checkpoint)}
    content["net"] = dataclasses.asdict(checkpoint.net)
    with atomic_open(path) as handle:
        torch.save({"format": FORMAT, "version": VERSION, **content}, handle)


def load_checkpoint(path: Path) -> Checkpoint:
    """Read a checkpoint onto the processor; raise BadInputFile on anything else."""
    remedy = "name a run folder or a checkpoint.pt that `train` wrote"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch muses about pickles it then refuses
            content = torch.load(path, map_location="cpu", weights_only=True)
    except OSError as fault:
        raise BadInputFile(path, f"cannot be read ({fault.strerror or fault})", remedy) from None
    except (RuntimeError, pickle.UnpicklingError, EOFError, ValueError, KeyError, TypeError):
        raise BadInputFile(path, "is not a checkpoint, or is damaged", remedy) from None
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise BadInputFile(path, "is not a checkpoint of agegap", remedy)
    if content.get("version") != VERSION:
        raise BadInputFile(path, f"is of version {content.get('version')}, this program reads {VERSION}", remedy)
    try:
        names = [item.name for item in dataclasses.fields(Checkpoint) if item.name != "net"]
        return Checkpoint(net=NetSettings(**content["net"]), **{name: content[name] for name in names})
    except (KeyError, TypeError) as fault:
        raise BadInputFile(path, f"is a checkpoint with something missing ({fault})", remedy) from None


def find_checkpoint(path: Path) -> Path:
    """Return the checkpoint of a run folder, of a `train run` folder (its last finished stage), or the file itself.

    Raises BadInputFile where there is none, and for an ensemble: none of its members is the answer.
    """
    if path.is_file():
        return path
    if (path / FILE).is_file():
        return path / FILE
    stages = [path / stage / FILE for stage in _stages(path)]
    there = [place for place in stages if place.is_file()]
    for place in there:
        if load_checkpoint(place).is_finished:
            return place
    if there:
        return there[-1]
    fault = f"holds no {FILE}" if path.is_dir() else "there is no such file or folder"
    raise BadInputFile(path, fault, "name a run folder that `train` wrote")


def _stages(path: Path) -> list[str]:
    """Return the folders of the stages of a `train run` folder, the last one first."""
    try:
        schedule = json.loads((path / SCHEDULE_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ["finetune", "pretrain"]
    if schedule["members"]:
        members = ", ".join(schedule["members"])
        raise BadInputFile(path, f"holds the nets {members}", "name the folder of one of them, or fuse them")
    return list(reversed(schedule["steps"]))


def check_same_net(path: Path, checkpoint: Checkpoint, wanted: NetSettings) -> None:
    """Raise CheckpointMismatch unless `wanted` has backbone and classes (or groups) of the checkpoint.

    The input size is free where the weights do not depend on it: a net may begin with what it learned from smaller
    crops (Touvron et al. 2019, Fixing the train-test resolution discrepancy).
    """
    held = checkpoint.net
    if held.backbone == wanted.backbone and held.backbone not in SIZED:
        held = replace(held, input_size=wanted.input_size)
    if _shape(held) != _shape(wanted):
        raise CheckpointMismatch(path, _shape(wanted), _shape(checkpoint.net))


def restore_net(path: Path, checkpoint: Checkpoint) -> nn.Module:
    """Return the net with the weights that answer; raise CheckpointMismatch where they do not fit its backbone."""
    net = fresh_net(checkpoint.net, seed=0)
    expected, found = net.state_dict(), checkpoint.answer
    for name in sorted(expected.keys() | found.keys()):
        if name not in expected or name not in found or expected[name].shape != found[name].shape:
            raise CheckpointMismatch(path, _shape(checkpoint.net), f"other weights (the first that differs: {name})")
    net.load_state_dict(found)
    return net


def fresh_net(settings: NetSettings, *, seed: int) -> nn.Module:
    """Return a net with first weights that depend on `seed` alone."""
    return build_backbone(
        settings.backbone,
        classes=settings.classes,
        input_size=settings.input_size,
        dropout=settings.dropout,
        shape=settings.shape,
        seed=seed,
    )


def weights_sha256(weights: Mapping[str, Tensor]) -> str:
    """Return the sha256 of the names and bytes of `weights`, in the order of the names."""
    digest = hashlib.sha256()
    for name in sorted(weights):
        digest.update(name.encode())
        digest.update(weights[name].detach().cpu().contiguous().numpy().tobytes())
    return digest.hexdigest()


def _shape(net: NetSettings) -> str:
    kind = f"{net.classes} groups of {net.bins}" if net.bins else f"{net.classes} classes"
    shape = "".join(f", {name} {value}" for name, value in net.shape.items())
    return f"{net.backbone} at {net.input_size} pixels with {kind}{shape}"
