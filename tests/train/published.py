"""State dicts in the layouts that others publish, with random numbers, and the nets they belong to in plain functions.

Written from the published lists of layers, without our backbones: what a loaded net is compared with.
"""

import torch
from torch import Tensor
from torch.nn import functional as F  # noqa: N812 - its usual name

Weights = dict[str, Tensor]

VGG_GROUPS = ((64, 64), (128, 128), (256,) * 3, (512,) * 3, (512,) * 3)
INCEPTION = {
    "3a": (192, 64, 96, 128, 16, 32, 32),
    "3b": (256, 128, 128, 192, 32, 96, 64),
    "4a": (480, 192, 96, 208, 16, 48, 64),
    "4b": (512, 160, 112, 224, 24, 64, 64),
    "4c": (512, 128, 128, 256, 24, 64, 64),
    "4d": (512, 112, 144, 288, 32, 64, 64),
    "4e": (528, 256, 160, 320, 32, 128, 128),
    "5a": (832, 256, 160, 320, 32, 128, 128),
    "5b": (832, 384, 192, 384, 48, 128, 128),
}


class Drawn:
    """Random weights of the right spread, by name, in the order they are asked for."""

    def __init__(self, seed: int = 0) -> None:
        self.generator = torch.Generator().manual_seed(seed)
        self.weights: Weights = {}

    def layer(self, name: str, *shape: int, bias: bool) -> None:
        """A convolution or dense layer."""
        fan_in = torch.Size(shape[1:]).numel()
        self.weights[f"{name}.weight"] = torch.randn(shape, generator=self.generator) * (2 / fan_in) ** 0.5
        if bias:
            self.weights[f"{name}.bias"] = torch.randn(shape[0], generator=self.generator) * 0.1

    def norm(self, name: str, width: int) -> None:
        """A batch normalisation as after some training."""
        u = torch.rand(4, width, generator=self.generator)
        values = {"weight": u[0] + 0.5, "bias": u[1] - 0.5, "running_mean": u[2] - 0.5, "running_var": u[3] + 0.5}
        self.weights |= {f"{name}.{key}": value for key, value in values.items()}
        self.weights[f"{name}.num_batches_tracked"] = torch.tensor(7)


def framed(images: Tensor, border: Tensor, width: int) -> Tensor:
    """Put a frame of the colour `border` (3,) around: our zeros are a middle grey, which theirs are not."""
    count, _, high, wide = images.shape
    canvas = border[None, :, None, None].repeat(count, 1, high + 2 * width, wide + 2 * width).to(images.dtype)
    canvas[:, :, width:-width, width:-width] = images
    return canvas


def vgg16_torchvision(*, side: int = 7, classes: int = 1000) -> Weights:
    """features.0 ... features.28, classifier.0, .3, .6."""
    drawn, place, channels = Drawn(), 0, 3
    for group in VGG_GROUPS:
        for width in group:
            drawn.layer(f"features.{place}", width, channels, 3, 3, bias=True)
            place, channels = place + 2, width
        place += 1
    drawn.layer("classifier.0", 4096, 512 * side * side, bias=True)
    drawn.layer("classifier.3", 4096, 4096, bias=True)
    drawn.layer("classifier.6", classes, 4096, bias=True)
    return drawn.weights


def vgg16_face(*, side: int, classes: int = 2622) -> Weights:
    """conv1_1 ... conv5_3, fc6, fc7, fc8: Caffe's names."""
    drawn, channels = Drawn(1), 3
    for number, group in enumerate(VGG_GROUPS, start=1):
        for place, width in enumerate(group, start=1):
            drawn.layer(f"conv{number}_{place}", width, channels, 3, 3, bias=True)
            channels = width
    drawn.layer("fc6", 4096, 512 * side * side, bias=True)
    drawn.layer("fc7", 4096, 4096, bias=True)
    drawn.layer("fc8", classes, 4096, bias=True)
    # VGGFace saw levels to 255: of the spread of our pixels, and smaller weights in front.
    drawn.weights["conv1_1.weight"] /= 64
    return drawn.weights


def vgg16_features(weights: Weights, images: Tensor, border: Tensor, *, side: int) -> Tensor:
    """What leaves the second dense layer, from either layout: only the order of the weights is used."""
    tensors = [value.to(images.dtype) for value in weights.values()]
    for number, group in enumerate(VGG_GROUPS):
        for place, _ in enumerate(group):
            images = framed(images, border, 1) if number == place == 0 else F.pad(images, (1, 1, 1, 1))
            images = F.conv2d(images, tensors.pop(0), tensors.pop(0)).relu()
        images = F.max_pool2d(images, 2)
    images = F.adaptive_avg_pool2d(images, side).flatten(1)
    images = F.linear(images, tensors.pop(0), tensors.pop(0)).relu()
    return F.linear(images, tensors.pop(0), tensors.pop(0)).relu()


def resnet_torchvision(blocks: tuple[int, ...], *, is_deep: bool, classes: int = 1000) -> Weights:
    """conv1, bn1, layer1.0.conv1 ..., fc."""
    drawn, channels = Drawn(2), 64
    drawn.layer("conv1", 64, 3, 7, 7, bias=False)
    drawn.norm("bn1", 64)
    for stage, count in enumerate(blocks, start=1):
        width = 32 << stage
        for block in range(count):
            name = f"layer{stage}.{block}"
            if is_deep:
                shapes = [(width, channels, 1, 1), (width, width, 3, 3), (4 * width, width, 1, 1)]
            else:
                shapes = [(width, channels, 3, 3), (width, width, 3, 3)]
            for number, shape in enumerate(shapes, start=1):
                drawn.layer(f"{name}.conv{number}", *shape, bias=False)
                drawn.norm(f"{name}.bn{number}", shape[0])
            if channels != shapes[-1][0] or (stage > 1 and block == 0):
                drawn.layer(f"{name}.downsample.0", shapes[-1][0], channels, 1, 1, bias=False)
                drawn.norm(f"{name}.downsample.1", shapes[-1][0])
            channels = shapes[-1][0]
    drawn.layer("fc", classes, channels, bias=True)
    return drawn.weights


def resnet_features(
    weights: Weights, images: Tensor, border: Tensor, blocks: tuple[int, ...], *, is_deep: bool
) -> Tensor:
    """What the last linear layer sees."""
    maps = _conv_norm(weights, framed(images, border, 3), "conv1", "bn1", stride=2).relu()
    maps = F.max_pool2d(maps, 3, 2, 1)
    for stage, count in enumerate(blocks, start=1):
        for block in range(count):
            name, stride = f"layer{stage}.{block}", 2 if stage > 1 and block == 0 else 1
            shortcut = maps
            if f"{name}.downsample.0.weight" in weights:
                shortcut = _conv_norm(weights, maps, f"{name}.downsample.0", f"{name}.downsample.1", stride=stride)
            for number, padding in enumerate((0, 1, 0) if is_deep else (1, 1), start=1):
                where = (f"{name}.conv{number}", f"{name}.bn{number}")
                here = stride if number == (2 if is_deep else 1) else 1
                maps = _conv_norm(weights, maps, *where, stride=here, padding=padding)
                maps = maps.relu() if number < (3 if is_deep else 2) else maps
            maps = (maps + shortcut).relu()
    return maps.mean((2, 3))


def googlenet_torchvision(*, classes: int = 1000) -> Weights:
    """conv1.conv, conv1.bn, ... inception5b.branch4.1.bn, fc, and the auxiliary heads."""
    drawn = Drawn(3)

    def conv(name: str, channels: int, width: int, kernel: int) -> None:
        drawn.layer(f"{name}.conv", width, channels, kernel, kernel, bias=False)
        drawn.norm(f"{name}.bn", width)

    conv("conv1", 3, 64, 7)
    conv("conv2", 64, 64, 1)
    conv("conv3", 64, 192, 3)
    for module, (channels, plain, before3, width3, before5, width5, pooled) in INCEPTION.items():
        name = f"inception{module}"
        conv(f"{name}.branch1", channels, plain, 1)
        conv(f"{name}.branch2.0", channels, before3, 1)
        conv(f"{name}.branch2.1", before3, width3, 3)
        conv(f"{name}.branch3.0", channels, before5, 1)
        conv(f"{name}.branch3.1", before5, width5, 3)  # 3x3: torchvision's known difference from the paper
        conv(f"{name}.branch4.1", channels, pooled, 1)
    for head, channels in (("aux1", 512), ("aux2", 528)):
        conv(f"{head}.conv", channels, 128, 1)
        drawn.layer(f"{head}.fc1", 1024, 2048, bias=True)
        drawn.layer(f"{head}.fc2", classes, 1024, bias=True)
    drawn.layer("fc", classes, 1024, bias=True)
    return drawn.weights


def googlenet_features(weights: Weights, images: Tensor, border: Tensor) -> Tensor:
    """What the last linear layer sees."""

    def conv(maps: Tensor, name: str) -> Tensor:
        padding = weights[f"{name}.conv.weight"].shape[2] // 2
        where = (f"{name}.conv", f"{name}.bn")
        return _conv_norm(weights, maps, *where, padding=padding, epsilon=1e-3).relu()

    first = _conv_norm(weights, framed(images, border, 3), "conv1.conv", "conv1.bn", stride=2, epsilon=1e-3).relu()
    maps = F.max_pool2d(first, 3, 2, ceil_mode=True)
    maps = F.max_pool2d(conv(conv(maps, "conv2"), "conv3"), 3, 2, ceil_mode=True)
    for module in INCEPTION:
        if module == "4a":
            maps = F.max_pool2d(maps, 3, 2, ceil_mode=True)
        elif module == "5a":
            maps = F.max_pool2d(maps, 2, 2, ceil_mode=True)
        name = f"inception{module}"
        third = conv(conv(maps, f"{name}.branch3.0"), f"{name}.branch3.1")
        second = conv(conv(maps, f"{name}.branch2.0"), f"{name}.branch2.1")
        fourth = conv(F.max_pool2d(maps, 3, 1, 1), f"{name}.branch4.1")
        maps = torch.cat([conv(maps, f"{name}.branch1"), second, third, fourth], 1)
    return maps.mean((2, 3))


def _conv_norm(
    weights: Weights,
    maps: Tensor,
    conv: str,
    norm: str,
    *,
    stride: int = 1,
    padding: int = 0,
    epsilon: float = 1e-5,
) -> Tensor:
    of = {key: weights[f"{norm}.{key}"].to(maps.dtype) for key in ("running_mean", "running_var", "weight", "bias")}
    maps = F.conv2d(maps, weights[f"{conv}.weight"].to(maps.dtype), stride=stride, padding=padding)
    return F.batch_norm(maps, of["running_mean"], of["running_var"], of["weight"], of["bias"], eps=epsilon)
