"""Weights in the layouts others publish: a loaded net gives what a net written by hand gives with the same file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from agegap.errors import BadInputFile, UnknownName
from agegap.files import sha256_of_file
from tests.train import published
from tests.train.published import Weights
from train.backbones import build_backbone
from train.backbones.fitting import LEVEL_OF_0, LEVELS_OF_1, for_our_pixels
from train.backbones.frame import Backbone
from train.backbones.layouts import IMAGENET, MINUS_ONE_TO_ONE, VGGFACE, Pixels
from train.devices import Machine, to_input
from train.weights_file import load_weights

Pictures = NDArray[Any]

SIZE = 64
FILE_SIDE = 3  # maps of a VGG file; published ones have 7, which is half a gigabyte
MEAN_VGGFACE_BGR = np.array([93.5940, 104.7624, 129.1863])
MEAN_IMAGENET, STD_IMAGENET = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def saved(tmp_path: Path, weights: object, name: str = "given.pth") -> Path:
    torch.save(weights, tmp_path / name)
    return tmp_path / name


def levels(count: int = 2, size: int = SIZE) -> Pictures:
    """Return pictures (N, S, S, 3) uint8 of noise."""
    return np.random.default_rng(0).integers(0, 256, (count, size, size, 3), dtype=np.uint8)


def ours(net: Backbone, pictures: Pictures) -> Tensor:
    images = to_input(pictures, Machine(torch.device("cpu"), torch.float32))
    with torch.no_grad():
        return net.eval().features(images)


def published_input(pictures: Pictures, kind: str) -> Tensor:
    """Return what the published net was fed, (N, 3, S, S) float32, by its authors' recipe."""
    if kind == "vggface":
        values = pictures[..., ::-1].astype(np.float64) - MEAN_VGGFACE_BGR
    elif kind == "vggface-rgb":
        values = pictures.astype(np.float64) - MEAN_VGGFACE_BGR[::-1]
    elif kind == "imagenet":
        values = (pictures / 255 - MEAN_IMAGENET) / STD_IMAGENET
    else:
        values = pictures / 127.5 - 1
    return torch.from_numpy(np.ascontiguousarray(values.transpose(0, 3, 1, 2))).float()


@pytest.mark.parametrize(
    ("pixels", "kind"), [(IMAGENET, "imagenet"), (MINUS_ONE_TO_ONE, "minus one to one"), (VGGFACE, "vggface")]
)
@pytest.mark.parametrize("is_mean", [False, True])
def test_a_first_convolution_sees_our_pixels_as_it_saw_its_own(pixels: Pixels, kind: str, is_mean: bool) -> None:
    generator = torch.Generator().manual_seed(0)
    weight, constant = (
        torch.randn(5, 3, 3, 3, generator=generator).double(),
        torch.randn(5, generator=generator).double(),
    )
    pictures = levels(1, 16)
    theirs = torch.nn.functional.conv2d(published_input(pictures, kind).double(), weight)
    turned, moved = for_our_pixels(weight, constant, pixels, is_mean=is_mean)
    seen = torch.nn.functional.conv2d(to_input(pictures, Machine(torch.device("cpu"), torch.float32)).double(), turned)
    sign = -1 if is_mean else 1
    torch.testing.assert_close(
        seen + sign * moved[:, None, None], theirs + sign * constant[:, None, None], rtol=1e-5, atol=1e-4
    )


def test_our_pixels_are_those_that_training_feeds() -> None:
    fed = to_input(np.full((1, 1, 1, 3), 200, np.uint8), Machine(torch.device("cpu"), torch.float32))
    assert fed.flatten().tolist() == pytest.approx([(200 - LEVEL_OF_0) / LEVELS_OF_1] * 3)


def by_hand(weights: Weights, pictures: Pictures, backbone: str, kind: str, *, side: int = 7) -> Tensor:
    """Return the features of the published net, fed by its authors' recipe."""
    images = published_input(pictures, kind)
    border = published_input(np.full((1, 1, 1, 3), LEVEL_OF_0), kind).flatten()
    with torch.no_grad():
        if backbone == "vgg16":
            return published.vgg16_features(weights, images, border, side=side)
        if backbone == "googlenet":
            return published.googlenet_features(weights, images, border)
        return published.resnet_features(weights, images, border, BLOCKS[backbone], is_deep=backbone == "resnet50")


BLOCKS = {"resnet18": (2, 2, 2, 2), "resnet50": (3, 4, 6, 3)}


def close(found: Tensor, expected: Tensor) -> None:
    assert (found - expected).norm() / expected.norm() < 1e-4


@pytest.mark.parametrize("backbone", BLOCKS)
def test_a_torchvision_resnet_gives_its_own_features(backbone: str, tmp_path: Path) -> None:
    weights = published.resnet_torchvision(BLOCKS[backbone], is_deep=backbone == "resnet50")
    net = build_backbone(backbone, input_size=SIZE, seed=0)
    loaded = load_weights(net, saved(tmp_path, weights))
    assert loaded.layout == "torchvision"
    assert loaded.left == ("head.weight", "head.bias")
    assert len(loaded.taken) == sum("num_batches" not in name for name in weights) - 2
    close(ours(net, levels()), by_hand(weights, levels(), backbone, "imagenet"))


def test_a_torchvision_googlenet_gives_its_own_features_with_its_small_kernels_in_our_large_ones(
    tmp_path: Path,
) -> None:
    weights = published.googlenet_torchvision()
    net = build_backbone("googlenet", input_size=SIZE, seed=0)
    loaded = load_weights(net, saved(tmp_path, weights))
    assert loaded.left == ("head.weight", "head.bias")
    close(ours(net, levels()), by_hand(weights, levels(), "googlenet", "minus one to one"))


@pytest.fixture(scope="module")
def vgg_torchvision() -> Weights:
    return published.vgg16_torchvision(side=FILE_SIDE, classes=10)


def test_a_torchvision_vgg_gives_its_own_features_at_another_size_than_224(
    vgg_torchvision: Weights, tmp_path: Path
) -> None:
    net = build_backbone("vgg16", input_size=SIZE, seed=0)
    loaded = load_weights(net, saved(tmp_path, vgg_torchvision))
    assert loaded.left == ("head.weight", "head.bias")
    # By hand the maps of 2x2 are averaged to those of the file, as torchvision does it.
    close(ours(net, levels()), by_hand(vgg_torchvision, levels(), "vgg16", "imagenet", side=FILE_SIDE))


def test_a_vggface_net_gives_its_own_features_from_our_pixels(tmp_path: Path) -> None:
    weights = published.vgg16_face(side=2)
    net = build_backbone("vgg16", input_size=SIZE, seed=0)
    loaded = load_weights(net, saved(tmp_path, weights))
    assert loaded.layout == "vggface"
    close(ours(net, levels()), by_hand(weights, levels(), "vgg16", "vggface", side=2))


def test_the_vggface_that_sees_red_first_and_dense_layers_as_convolutions(tmp_path: Path) -> None:
    weights = published.vgg16_face(side=1)
    given = weights | {"fc7.weight": weights["fc7.weight"][:, :, None, None]}
    given["fc6.weight"] = weights["fc6.weight"].view(4096, 512, 1, 1)
    net = build_backbone("vgg16", input_size=32, seed=0)
    loaded = load_weights(net, saved(tmp_path, given), names="vggface-rgb")
    assert loaded.layout == "vggface-rgb"
    pictures = levels(size=32)
    close(ours(net, pictures), by_hand(weights, pictures, "vgg16", "vggface-rgb", side=1))


def test_a_head_of_as_many_classes_is_taken_too(tmp_path: Path) -> None:
    weights = published.resnet_torchvision(BLOCKS["resnet18"], is_deep=False, classes=101)
    net = build_backbone("resnet18", seed=0)
    assert load_weights(net, saved(tmp_path, weights)).left == ()
    assert torch.equal(net.head.weight, weights["fc.weight"])


def test_dense_layers_stay_fresh_where_the_file_ends_before_them(tmp_path: Path, vgg_torchvision: Weights) -> None:
    weights = {name: value for name, value in vgg_torchvision.items() if name.startswith("features.")}
    net = build_backbone("vgg16", input_size=32, seed=0)
    fc6 = net.pool.get_submodule("fc6").get_parameter("weight").clone()
    loaded = load_weights(net, saved(tmp_path, weights))
    assert [name.split(".")[0] for name in loaded.left] == ["pool"] * 4 + ["head"] * 2
    assert torch.equal(net.pool.get_submodule("fc6").get_parameter("weight"), fc6)


def small_weights(seed: int = 5, *, classes: int = 101) -> Weights:
    return build_backbone("tiny_age_net", classes=classes, seed=seed).state_dict()


def same_trunk(net: nn.Module, weights: Weights) -> bool:
    found = net.state_dict()
    return all(torch.equal(found[name], value) for name, value in weights.items() if name.startswith("trunk."))


@pytest.mark.parametrize(
    "wrap",
    [
        lambda w: w,
        lambda w: {"state_dict": w, "epoch": 3},
        lambda w: {f"module.{name}": value for name, value in w.items()},
        lambda w: {"model": {f"module._orig_mod.{name}": value for name, value in w.items()}},
        lambda w: {"format": "agegap-checkpoint", "net": {"backbone": "tiny_age_net"}, "answer": w},
        lambda w: {name: value.half() if value.is_floating_point() else value for name, value in w.items()},
    ],
    ids=["plain", "state_dict", "module.", "compiled and parallel", "our checkpoint", "half"],
)
def test_wrappings_of_trainers_are_taken_off(wrap: object, tmp_path: Path) -> None:
    weights = small_weights()
    net = build_backbone("tiny_age_net", seed=0)
    loaded = load_weights(net, saved(tmp_path, wrap(weights)))  # type: ignore[operator]
    assert loaded.left == () and loaded.layout == "ours"
    found = net.state_dict()
    for name, value in weights.items():
        torch.testing.assert_close(found[name], value, rtol=1e-3, atol=1e-4)
    assert found["head.weight"].dtype == torch.float32


def test_safetensors_are_read_and_the_hash_is_that_of_the_file(tmp_path: Path) -> None:
    safetensors = pytest.importorskip("safetensors.torch")
    weights = small_weights()
    safetensors.save_file(weights, tmp_path / "given.safetensors")
    net = build_backbone("tiny_age_net", seed=0)
    loaded = load_weights(net, tmp_path / "given.safetensors")
    assert same_trunk(net, weights)
    assert loaded.sha256 == sha256_of_file(tmp_path / "given.safetensors")


def test_a_head_of_other_classes_is_left_as_it_was(tmp_path: Path) -> None:
    net = build_backbone("tiny_age_net", seed=0)
    head = net.head.weight.clone()
    loaded = load_weights(net, saved(tmp_path, small_weights(classes=10)))
    assert loaded.left == ("head.weight", "head.bias")
    assert torch.equal(net.head.weight, head)


def test_unknown_names_are_taken_by_order_where_every_shape_agrees(tmp_path: Path) -> None:
    weights = small_weights()
    strange = {f"layer_{place}": value for place, (name, value) in enumerate(weights.items()) if "num_b" not in name}
    net = build_backbone("tiny_age_net", seed=0)
    assert load_weights(net, saved(tmp_path, strange)).layout == "order"
    assert same_trunk(net, weights)


def refused(net: nn.Module, path: Path, *, names: str = "auto") -> str:
    """Return the sentence; the net must be as it was."""
    before = {name: value.clone() for name, value in net.state_dict().items()}
    with pytest.raises(BadInputFile) as told:
        load_weights(net, path, names=names)
    assert all(torch.equal(value, before[name]) for name, value in net.state_dict().items())
    assert str(told.value).startswith(str(path)) and "\n" not in str(told.value)
    return str(told.value)


def test_the_first_weight_that_does_not_fit_is_named(tmp_path: Path) -> None:
    net = build_backbone("tiny_age_net", seed=0)
    weights = small_weights()
    wrong = weights | {"trunk.3.weight": torch.zeros(16, 16, 5, 5)}
    assert "trunk.3.weight is (16, 16, 5, 5), trunk.3.weight of tiny_age_net needs (16, 16, 3, 3)" in refused(
        net, saved(tmp_path, wrong)
    )
    lacking = {name: value for name, value in weights.items() if name != "trunk.4.running_var"}
    assert "lacks trunk.4.running_var of tiny_age_net" in refused(net, saved(tmp_path, lacking))
    assert "holds trunk.99.weight, for which tiny_age_net has no place" in refused(
        net, saved(tmp_path, weights | {"trunk.99.weight": torch.zeros(1)})
    )
    broken = weights | {"trunk.0.weight": torch.full_like(weights["trunk.0.weight"], torch.nan)}
    assert "the weights for trunk.0.weight are not all numbers" in refused(net, saved(tmp_path, broken))
    strange = {f"layer_{place}": value for place, value in enumerate(weights.values())}
    assert "holds 80 weights under names no rule knows, tiny_age_net has 67" in refused(net, saved(tmp_path, strange))


def test_a_deeper_resnet_is_no_resnet18(tmp_path: Path) -> None:
    weights = published.resnet_torchvision((3, 4, 6, 3), is_deep=False)  # ResNet-34
    told = refused(build_backbone("resnet18", seed=0), saved(tmp_path, weights))
    assert "holds layer1.2.conv1.weight, for which resnet18 has no place" in told
    assert "net.backbone" in told


def test_files_that_hold_no_weights_are_told_in_one_sentence(tmp_path: Path) -> None:
    net = build_backbone("tiny_age_net", seed=0)
    assert "cannot be read" in refused(net, tmp_path / "absent.pth")
    (tmp_path / "text.pth").write_text("no weights", encoding="utf-8")
    refused(net, tmp_path / "text.pth")
    (tmp_path / "text.safetensors").write_text("no weights", encoding="utf-8")
    refused(net, tmp_path / "text.safetensors")
    assert "holds no weights by name" in refused(net, saved(tmp_path, {"epoch": 3}))
    assert "holds no weights by name" in refused(net, saved(tmp_path, torch.zeros(3)))
    assert "holds more than numbers" in refused(net, saved(tmp_path, net))


def test_a_layout_may_be_named_and_an_unknown_one_is_told(tmp_path: Path) -> None:
    net = build_backbone("tiny_age_net", seed=0)
    path = saved(tmp_path, small_weights())
    assert load_weights(net, path, names="order").layout == "order"
    with pytest.raises(UnknownName, match="layout of weights 'torchvision'"):
        load_weights(net, path, names="torchvision")
