"""How other people's files name and shape the weights of our backbones: a table of name rules for each.

The first rule whose pattern is the whole name gives our name. What the file's net expects of pixels is part of its
layout, because its first convolution only means something for that.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from torch import Tensor

from train.backbones.vgg16 import GROUPS

Rules = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Pixels:
    """What a net was fed: for its channel c, (level of colour order[c], 0..255, / unit - mean[c]) / std[c]."""

    order: tuple[int, int, int]
    unit: float
    mean: tuple[float, float, float]
    std: tuple[float, float, float]


@dataclass(frozen=True)
class Layout:
    """The names of one kind of file for one backbone."""

    name: str
    rules: Rules
    pixels: Pixels | None = None
    first: str = ""
    """Our name of the first convolution's weight."""
    constant: str = ""
    """Our name of what takes up a constant added to its output: its bias, or the running mean of its normalisation."""
    unused: str = ""
    """Pattern of names for which we have no place and need none."""

    def our_name(self, theirs: str) -> str | None:
        """Return our name of the weight that the file calls `theirs`, None where no rule knows it."""
        for pattern, ours in self.rules:
            found = re.fullmatch(pattern, theirs)
            if found:
                return found.expand(ours)
        return None

    def renamed(self, tensors: Mapping[str, Tensor]) -> dict[str, str]:
        """Return {our name: the file's name} of all weights that a rule knows."""
        pairs = ((self.our_name(theirs), theirs) for theirs in tensors)
        return {ours: theirs for ours, theirs in pairs if ours is not None}


OURS = Layout("ours", ((r"((?:trunk|pool|head)\..+)", r"\1"),))

# torchvision's reference preprocessing of every classification weight, docs of torchvision.models.
IMAGENET = Pixels((0, 1, 2), 255.0, (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))
# GoogLeNet's weights came from TensorFlow: torchvision's `transform_input` undoes the above and gives -1..1.
MINUS_ONE_TO_ONE = Pixels((0, 1, 2), 255.0, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))
# VGGFace: Caffe's order blue, green, red; levels 0..255 less the mean face. Parkhi et al., Deep Face Recognition, 2015.
VGGFACE = Pixels((2, 1, 0), 1.0, (93.5940, 104.7624, 129.1863), (1.0, 1.0, 1.0))
# The conversion from MatConvNet (pytorch-mcn, vgg_face_dag) has the same names and sees red first.
VGGFACE_RGB = Pixels((0, 1, 2), 1.0, (129.1863, 104.7624, 93.5940), (1.0, 1.0, 1.0))


def _vgg_conv_rules() -> Rules:
    """Return the rules for conv1_1..conv5_3, whose places in the trunk count ReLUs and poolings too."""
    rules, place = [], 0
    for group, widths in enumerate(GROUPS, start=1):
        for number in range(1, len(widths) + 1):
            rules.append((rf"(?:features\.)?conv_?{group}_{number}\.(weight|bias)", rf"trunk.{place}.\1"))
            place += 2
        place += 1
    return tuple(rules)


_VGG_TORCHVISION: Rules = (
    (r"features\.(\d+\.(?:weight|bias))", r"trunk.\1"),
    (r"classifier\.0\.(weight|bias)", r"pool.fc6.\1"),
    (r"classifier\.3\.(weight|bias)", r"pool.fc7.\1"),
    (r"classifier\.6\.(weight|bias)", r"head.\1"),
)
_VGG_FACE: Rules = (
    *_vgg_conv_rules(),
    (r"(?:fc\.|classifier\.)?(fc[67]\.(?:weight|bias))", r"pool.\1"),
    (r"(?:fc\.|classifier\.)?fc8\.(weight|bias)", r"head.\1"),
)
_RESNET_ENDS: Rules = (
    (r"conv1\.(.+)", r"trunk.conv1.\1"),
    (r"bn1\.(.+)", r"trunk.norm1.\1"),
    (r"(layer\d\.\d+)\.downsample\.(.+)", r"trunk.\1.shortcut.\2"),
    (r"fc\.(weight|bias)", r"head.\1"),
    (r"(layer\d\.\d+)\.conv1\.(.+)", r"trunk.\1.first.\2"),
    (r"(layer\d\.\d+)\.bn1\.(.+)", r"trunk.\1.first_norm.\2"),
)
_RESNET_BASIC: Rules = (
    *_RESNET_ENDS,
    (r"(layer\d\.\d+)\.conv2\.(.+)", r"trunk.\1.last.\2"),
    (r"(layer\d\.\d+)\.bn2\.(.+)", r"trunk.\1.last_norm.\2"),
)
_RESNET_BOTTLENECK: Rules = (
    *_RESNET_ENDS,
    (r"(layer\d\.\d+)\.conv2\.(.+)", r"trunk.\1.middle.\2"),
    (r"(layer\d\.\d+)\.bn2\.(.+)", r"trunk.\1.middle_norm.\2"),
    (r"(layer\d\.\d+)\.conv3\.(.+)", r"trunk.\1.last.\2"),
    (r"(layer\d\.\d+)\.bn3\.(.+)", r"trunk.\1.last_norm.\2"),
)
_GOOGLENET: Rules = (
    (r"((?:conv\d|inception\w+)(?:\..+)?)\.conv\.(.+)", r"trunk.\1.conv.\2"),
    (r"((?:conv\d|inception\w+)(?:\..+)?)\.bn\.(.+)", r"trunk.\1.norm.\2"),
    (r"fc\.(weight|bias)", r"head.\1"),
)

LAYOUTS = {
    "vgg16": (
        Layout("torchvision", _VGG_TORCHVISION, IMAGENET, "trunk.0.weight", "trunk.0.bias"),
        Layout("vggface", _VGG_FACE, VGGFACE, "trunk.0.weight", "trunk.0.bias"),
        Layout("vggface-rgb", _VGG_FACE, VGGFACE_RGB, "trunk.0.weight", "trunk.0.bias"),
    ),
    "resnet18": (Layout("torchvision", _RESNET_BASIC, IMAGENET, "trunk.conv1.weight", "trunk.norm1.running_mean"),),
    "resnet50": (
        Layout("torchvision", _RESNET_BOTTLENECK, IMAGENET, "trunk.conv1.weight", "trunk.norm1.running_mean"),
    ),
    "googlenet": (
        Layout(
            "torchvision",
            _GOOGLENET,
            MINUS_ONE_TO_ONE,
            "trunk.conv1.conv.weight",
            "trunk.conv1.norm.running_mean",
            unused=r"aux\d\..+",
        ),
    ),
}
"""Layouts of each backbone beside our own."""


def layouts_of(backbone: str) -> tuple[Layout, ...]:
    """Return the layouts that `backbone` may be given in, our own names first."""
    return (OURS, *LAYOUTS.get(backbone, ()))
