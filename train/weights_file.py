"""First weights from a file the user has: published ones of VGG-16, ResNet, GoogLeNet and VGGFace, or our own.

Nothing is downloaded. How a file names its weights is found by rules (train/backbones/layouts.py).
"""

import re
from dataclasses import dataclass
from pathlib import Path

from torch import Tensor, nn

from agegap.errors import BadInputFile, UnknownName
from agegap.files import sha256_of_file
from train.backbones.fitting import fitted, for_our_pixels
from train.backbones.layouts import Layout, layouts_of
from train.weights_reading import COUNTER, Weights, read_weights

ORDER = "order"
"""The layout of a file with names that no rule knows: weight after weight, where every shape agrees."""

_REMEDY = "choose the backbone these weights were trained as (net.backbone), or another file (net.weights)"


@dataclass(frozen=True)
class LoadedWeights:
    """What a file gave to a net, in our names."""

    taken: tuple[str, ...]
    left: tuple[str, ...]
    """Weights that stay fresh: the head where the file has other classes."""
    sha256: str
    """Of the file."""
    layout: str
    """How the file names its weights: "ours", "torchvision", "vggface", "vggface-rgb" or "order"."""


def load_weights(net: nn.Module, path: Path, *, names: str = "auto") -> LoadedWeights:
    """Put the weights of the file `path` into `net`, a net of `build_backbone`, and say which.

    `names` is the layout of the file, "auto" to find out ("vggface-rgb" has to be said). A head of another shape is
    left as it is; so are the dense layers where the file ends before them. First convolutions of published nets are
    turned to our pixels (mean, scale, order of colours), and a dense layer over maps is brought to our input size. The
    net is changed only if all fits. Raises BadInputFile, which names the first weight that does not fit, and
    UnknownName.
    """
    tensors = read_weights(path)
    wanted = {name: tensor for name, tensor in net.state_dict().items() if not name.endswith(COUNTER)}
    backbone = str(getattr(net, "name", "")) or "this net"
    layouts = {layout.name: layout for layout in layouts_of(backbone)}
    if names not in ("auto", ORDER, *layouts):
        raise UnknownName("layout of weights", names, ("auto", ORDER, *layouts))
    layout = layouts.get(names)
    if names == "auto":
        best = max(layouts.values(), key=lambda known: len(wanted.keys() & known.renamed(tensors).keys()))
        # One name in two is no chance: then the file is meant so, and what does not fit is told in its names.
        layout = best if 2 * len(wanted.keys() & best.renamed(tensors).keys()) >= len(wanted) else None
    if layout is None:
        found = _by_order(path, tensors, wanted, backbone)
    else:
        found = _by_name(path, tensors, wanted, layout, backbone)
    _refuse_not_finite(path, found)
    net.load_state_dict(found, strict=False)
    return LoadedWeights(
        taken=tuple(name for name in wanted if name in found),
        left=tuple(name for name in wanted if name not in found),
        sha256=sha256_of_file(path),
        layout=layout.name if layout else ORDER,
    )


def _by_name(path: Path, tensors: Weights, wanted: Weights, layout: Layout, backbone: str) -> Weights:
    """Return our weights from a file whose names `layout` knows."""
    theirs = layout.renamed(tensors)
    for name in tensors:
        ours = layout.our_name(name)
        is_unused = bool(layout.unused) and re.fullmatch(layout.unused, name) is not None
        if not is_unused and (ours is None or ours not in wanted):
            raise BadInputFile(path, f"holds {name}, for which {backbone} has no place", _REMEDY)
    found: Weights = {}
    for name, tensor in wanted.items():
        if name not in theirs:
            if name.startswith("trunk.") or any(other.split(".")[0] == name.split(".")[0] for other in theirs):
                raise BadInputFile(path, f"lacks {name} of {backbone}", _REMEDY)
            continue
        given = tensors[theirs[name]].to(tensor.dtype)
        fits = fitted(name, given, tensor)
        if fits is not None:
            found[name] = fits
        elif not name.startswith("head."):
            raise _misfit(path, backbone, name, tensor, theirs[name], given)
    if layout.pixels:
        is_mean = layout.constant.endswith("running_mean")
        turned = for_our_pixels(found[layout.first], found[layout.constant], layout.pixels, is_mean=is_mean)
        found[layout.first], found[layout.constant] = turned
    return _whole_head(found)


def _by_order(path: Path, tensors: Weights, wanted: Weights, backbone: str) -> Weights:
    """Return our weights from a file with unknown names: as many, each of the shape of ours; the head may differ."""
    if len(tensors) != len(wanted):
        fault = f"holds {len(tensors)} weights under names no rule knows, {backbone} has {len(wanted)}"
        raise BadInputFile(path, fault, _REMEDY)
    found: Weights = {}
    for (name, tensor), (theirs, given) in zip(wanted.items(), tensors.items(), strict=True):
        if given.shape == tensor.shape:
            found[name] = given.to(tensor.dtype)
        elif not name.startswith("head."):
            raise _misfit(path, backbone, name, tensor, theirs, given)
    return _whole_head(found)


def _whole_head(found: Weights) -> Weights:
    """Leave out a head of which only half fits."""
    is_whole = {"head.weight", "head.bias"} <= found.keys()
    return found if is_whole else {name: value for name, value in found.items() if not name.startswith("head.")}


def _misfit(path: Path, backbone: str, name: str, wanted: Tensor, theirs: str, given: Tensor) -> BadInputFile:
    fault = f"{theirs} is {tuple(given.shape)}, {name} of {backbone} needs {tuple(wanted.shape)}"
    return BadInputFile(path, fault, _REMEDY)


def _refuse_not_finite(path: Path, found: Weights) -> None:
    for name, tensor in found.items():
        if not bool(tensor.isfinite().all()):
            raise BadInputFile(path, f"the weights for {name} are not all numbers", "name a file of a sound net")
