"""Whose images set the statistics of batch normalisation while pairs of new photos and replayed old ones share a step.

New photos are darker, greyer, softer than the labelled set. Statistics of both together describe neither.

    live         one forward of both, one set of batch statistics
    frozen       the statistics of pre-training stay
    pairs-only   the pairs set them; the replay is passed by itself and normalised with the running ones
    per-domain   each is passed by itself with its own batch statistics; only the pairs move the running ones
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from train.settings import BatchNormMode


@dataclass(frozen=True)
class BothLogits:
    """Logits of the pairs' faces and of the replayed faces; None where a step has none of them."""

    pairs: Tensor | None
    replay: Tensor | None

    def map(self, what: Callable[[Tensor, int], Tensor], pairs: int, replay: int) -> "BothLogits":
        """Return `what` of each that is there and of its number of faces in all."""
        of_pairs = None if self.pairs is None else what(self.pairs, pairs)
        return BothLogits(of_pairs, None if self.replay is None else what(self.replay, replay))


def set_training(net: nn.Module, mode: BatchNormMode) -> None:
    """Put the net into training mode, its normalisation as `mode` says."""
    net.train()
    if mode == "frozen":
        for norm in norms(net):
            norm.eval()


def forward_both(net: nn.Module, pairs: Tensor, replay: Tensor, *, mode: BatchNormMode) -> BothLogits:
    """Return the logits of the pairs' faces (2B, 3, S, S) and of the replay (R, 3, S, S); one may be of zero rows."""
    if mode in ("live", "frozen"):
        logits = net(torch.cat([pairs, replay]))
        of_pairs, of_replay = logits[: len(pairs)], logits[len(pairs) :]
        return BothLogits(of_pairs if len(pairs) else None, of_replay if len(replay) else None)
    of_pairs = net(pairs) if len(pairs) else None
    with unmoved(net) if mode == "per-domain" else evaluated(net):
        of_replay = net(replay) if len(replay) else None
    return BothLogits(of_pairs, of_replay)


def norms(net: nn.Module) -> list[_BatchNorm]:
    """Return the batch normalisations of a net."""
    return [module for module in net.modules() if isinstance(module, _BatchNorm)]


@contextmanager
def evaluated(net: nn.Module) -> Iterator[None]:
    """Let the batch normalisations use their running statistics."""
    training = [norm for norm in norms(net) if norm.training]
    for norm in training:
        norm.eval()
    try:
        yield
    finally:
        for norm in training:
            norm.train()


@contextmanager
def unmoved(net: nn.Module) -> Iterator[None]:
    """Let the batch normalisations use batch statistics and leave the running ones as they are."""
    before = [(norm, norm.momentum) for norm in norms(net)]
    for norm, _ in before:
        norm.momentum = 0.0
    try:
        yield
    finally:
        for norm, momentum in before:
            norm.momentum = momentum
