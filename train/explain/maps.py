"""The maps a net makes of a face, layer by layer."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

import torch
from torch import Tensor, nn

from agegap.errors import UnknownName
from train.backbones.frame import Backbone

LAYERS = 5
"""Layers that are shown where none is named: as many as AgeNet has convolutions."""

_ACTIVATIONS = (nn.ReLU, nn.Tanh)


def layer_names(net: Backbone) -> list[str]:
    """Return the layers of the trunk whose maps say something: what leaves an activation, or a whole block."""
    found = list(_walk(net.trunk, "trunk"))
    return found or [name for name, module in net.named_modules() if isinstance(module, nn.Conv2d)]


def choose_layers(net: Backbone, wanted: Sequence[str]) -> list[str]:
    """Return the layers to show: those named (any module that gives maps), or five spread over the trunk.

    Raises UnknownName with the nearest for a name the net has not.
    """
    known = dict(net.named_modules())
    for name in wanted:
        if name not in known:
            raise UnknownName("layer", name, [*layer_names(net), *known])
    if wanted:
        return list(wanted)
    names = layer_names(net)
    if len(names) <= LAYERS:
        return names
    return [names[round(place * (len(names) - 1) / (LAYERS - 1))] for place in range(LAYERS)]


@torch.no_grad()
def feature_maps(net: nn.Module, images: Tensor, names: Sequence[str]) -> dict[str, Tensor]:
    """Return the output of each named layer for `images` (B, 3, S, S); the net is left in evaluation mode."""
    net.eval()
    modules = dict(net.named_modules())
    kept: dict[str, Tensor] = {}

    def keeper(name: str) -> Any:
        def keep(_module: nn.Module, _inputs: Any, output: Tensor) -> None:
            # Whatever follows may write into the same memory.
            kept[name] = output.detach().float().clone()

        return keep

    with ExitStack() as stack:
        for name in names:
            stack.callback(modules[name].register_forward_hook(keeper(name)).remove)
        net(images)
    return {name: kept[name] for name in names if name in kept}


def strongest(maps: Tensor, count: int) -> list[int]:
    """Return the channels of the maps (C, H, W) of one image that differ most over the face, the first first."""
    spread = maps.flatten(1).std(dim=1, correction=0)
    return [int(channel) for channel in spread.argsort(descending=True, stable=True)[:count]]


def _walk(module: nn.Module, name: str) -> Iterator[str]:
    for part, child in module.named_children():
        path = f"{name}.{part}"
        if isinstance(child, nn.Sequential):
            yield from _walk(child, path)
        elif isinstance(child, _ACTIVATIONS) or _is_block(child):
            yield path


def _is_block(module: nn.Module) -> bool:
    """Say whether a module is convolutions with a way of their own through them, such as a residual block."""
    return not isinstance(module, nn.Conv2d) and any(isinstance(one, nn.Conv2d) for one in module.modules())
