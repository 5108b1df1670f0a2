"""Sizes against the published figures and a formula, shapes, determinism, memory formats, precision."""

from collections.abc import Iterator
from copy import deepcopy
from functools import cache
from itertools import pairwise
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from agegap.errors import UnknownName, WrongUse
from train.backbones import BACKBONES, SIZED, build_backbone
from train.backbones.cost import Cost, count_cost
from train.backbones.frame import Backbone
from train.backbones.lenet import SmallGrey
from train.backbones.residual import BasicBlock, Bottleneck
from train.losses.entropy import entropy
from train.losses.expectation import expected_age
from train.losses.gaussian import gaussian_labels, label_kl

FEATURES = {
    "thin_age_net": 256,
    "tiny_age_net": 128,
    "small_resnet": 256,
    "age_net": 128,
    "lenet": 500,
    "vgg16": 4096,
    "resnet18": 512,
    "resnet50": 2048,
    "googlenet": 1024,
}

# Name, pixels, millions of parameters, billions of multiply-adds, with 101 outputs: the reference's table (records, 5).
PUBLISHED = [
    ("thin_age_net", 128, 3.71, 1.260),
    ("thin_age_net", 224, 3.71, 3.858),
    ("tiny_age_net", 128, 0.93, 0.319),
    ("age_net", 128, 10.5, 0.313),
    ("age_net", 256, 23.1, 1.253),
    ("vgg16", 128, 65.5, 5.062),
    ("vgg16", 224, 134.7, 15.47),
    ("resnet18", 128, 11.2, 0.592),
    ("resnet50", 128, 23.7, 1.335),
    ("resnet50", 224, 23.7, 4.087),
    ("googlenet", 128, 6.1, 0.517),
]
# Counts of the published nets with their 1,000 classes, as printed by everyone's model summaries.
THOUSAND_CLASSES = {"vgg16": 138_357_544, "resnet18": 11_689_512, "resnet50": 25_557_032}

# (input channels, output channels, kernel, maps per side at an input of 64) of each convolution, by hand.
THIN_CONVOLUTIONS = [
    (3, 32, 3, 64), (32, 32, 3, 64),
    (32, 64, 3, 32), (64, 64, 3, 32),
    (64, 128, 3, 16), (128, 128, 3, 16), (128, 128, 3, 16),
    (128, 256, 3, 8), (256, 256, 3, 8), (256, 256, 3, 8),
    (256, 256, 3, 4), (256, 256, 3, 4), (256, 256, 3, 4),
]  # fmt: skip
RESNET_CONVOLUTIONS = [
    (3, 16, 3, 32), (16, 32, 3, 16), *[(32, 32, 3, 16)] * 2,
    (32, 64, 3, 8), (32, 64, 1, 8), *[(64, 64, 3, 8)] * 3,
    (64, 128, 3, 4), (64, 128, 1, 4), *[(128, 128, 3, 4)] * 3,
    (128, 256, 3, 2), (128, 256, 1, 2), *[(256, 256, 3, 2)] * 3,
]  # fmt: skip
CONVOLUTIONS: dict[str, list[tuple[int, int, int, int]]] = {
    "thin_age_net": THIN_CONVOLUTIONS,
    "tiny_age_net": [(max(3, a // 2), b // 2, k, s) for a, b, k, s in THIN_CONVOLUTIONS],
    "small_resnet": RESNET_CONVOLUTIONS,
}


def faces(count: int, size: int = 32) -> Tensor:
    return torch.randn(count, 3, size, size, generator=torch.Generator().manual_seed(count))


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    """Threads that wait for each other cost more than they bring at this size, above all beside other tests."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


def to_channels_last(net: Backbone) -> Backbone:
    return net.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


@pytest.fixture(params=list(BACKBONES))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@cache
def _built(name: str) -> Backbone:
    return build_backbone(name, input_size=32, seed=0)


def small_net(name: str) -> Backbone:
    """Return a net of its own for 32 pixels, in training mode, with the weights of seed 0."""
    return deepcopy(_built(name))


def cost_of(name: str, size: int, classes: int = 101) -> Cost:
    with torch.device("meta"):  # shapes without numbers: VGG-16 is counted in no time
        net = build_backbone(name, classes=classes, input_size=size)
    return count_cost(net, input_size=size)


@pytest.mark.parametrize("name", CONVOLUTIONS)
def test_parameters_and_multiply_adds_are_those_of_the_layout(name: str) -> None:
    cost = cost_of(name, 64)
    width = FEATURES[name]
    head = width * 101 + 101
    # a weight for each kernel position; a scale and a shift of the normalisation for each output channel
    assert cost.parameters == sum(a * b * k * k + 2 * b for a, b, k, _ in CONVOLUTIONS[name]) + head
    assert cost.multiply_adds == sum(a * b * k * k * s * s for a, b, k, s in CONVOLUTIONS[name]) + width * 101


@pytest.mark.parametrize(("published", "size", "millions", "billions"), PUBLISHED)
def test_parameters_and_multiply_adds_are_as_published(
    published: str, size: int, millions: float, billions: float
) -> None:
    cost = cost_of(published, size)
    assert cost.parameters / 1e6 == pytest.approx(millions, abs=0.05 if millions > 4 else 0.005)
    assert cost.multiply_adds / 1e9 == pytest.approx(billions, abs=0.005 if billions > 10 else 0.0005)


@pytest.mark.parametrize("published", THOUSAND_CLASSES)
def test_with_a_thousand_classes_parameters_are_the_published_number(published: str) -> None:
    assert cost_of(published, 224, classes=1000).parameters == THOUSAND_CLASSES[published]


def test_googlenet_is_the_published_number_and_the_wider_kernels_of_the_paper() -> None:
    # 6,624,904 with 3x3 in the third branch, as in torchvision; the paper's 5x5 has 16 weights more for each of these.
    third = [(16, 32), (32, 96), (16, 48), (24, 64), (24, 64), (32, 64), (32, 128), (32, 128), (48, 128)]
    more = sum(16 * before * after for before, after in third)
    assert cost_of("googlenet", 224, classes=1000).parameters == 6_624_904 + more


def test_age_net_of_ten_groups_is_the_sum_of_its_layers() -> None:
    widths = [3, 64, 128, 256, 512, 1024]
    convolutions = sum(9 * a * b + b for a, b in pairwise(widths))
    dense = sum(a * b + b for a, b in pairwise([1024 * 8 * 8, 256, 128, 10]))
    assert cost_of("age_net", 256, classes=10).parameters == convolutions + dense


def test_lenet_is_the_sum_of_its_layers_at_every_size() -> None:
    expected = (25 * 20 + 20) + (20 * 25 * 50 + 50) + (800 * 500 + 500) + (500 * 101 + 101)
    assert {cost_of("lenet", size).parameters for size in (32, 128, 256)} == {expected}


def test_small_resnet_stays_below_three_million_parameters() -> None:
    assert cost_of("small_resnet", 64).parameters < 3_000_000


def test_counting_the_cost_leaves_the_net_as_it_was() -> None:
    net = build_backbone("tiny_age_net", seed=0)
    net.trunk.eval()
    before = {key: value.clone() for key, value in net.state_dict().items()}
    count_cost(net, input_size=32)
    assert net.training and not net.trunk.training
    assert all(torch.equal(value, before[key]) for key, value in net.state_dict().items())
    assert not any(module._forward_hooks for module in net.modules())


@pytest.mark.parametrize("size", [32, 64, 96, 128, 160, 256])
def test_any_multiple_of_32_pixels_gives_logits_and_features(name: str, size: int) -> None:
    with torch.device("meta"):
        net = build_backbone(name, classes=77, input_size=size).eval()
        images = torch.zeros(2, 3, size, size)
        assert net(images).shape == (2, 77)
        assert net.features(images).shape == (2, FEATURES[name])
    assert isinstance(net.head, nn.Linear)
    assert net.head.in_features == FEATURES[name]
    assert net.name == name


def test_logits_are_the_head_of_the_features(name: str) -> None:
    net = small_net(name).eval()
    with torch.no_grad():
        torch.testing.assert_close(net(faces(2)), net.head(net.features(faces(2))))


def test_the_same_seed_gives_the_same_weights_and_leaves_the_global_generator_alone(name: str) -> None:
    state = torch.random.get_rng_state()
    first, same = _built(name).state_dict(), build_backbone(name, input_size=32, seed=0).state_dict()
    assert torch.equal(torch.random.get_rng_state(), state)
    assert all(torch.equal(first[key], same[key]) for key in first)


def test_another_seed_gives_other_weights() -> None:
    first, other = (build_backbone("tiny_age_net", seed=seed).state_dict() for seed in (1, 2))
    assert not torch.equal(first["head.weight"], other["head.weight"])


def test_weights_depend_on_the_input_size_only_where_it_is_said(name: str) -> None:
    small, large = (
        {key: value.shape for key, value in build_on_meta(name, size).state_dict().items()} for size in (64, 128)
    )
    assert (small != large) == (name in SIZED)


def build_on_meta(name: str, size: int) -> Backbone:
    with torch.device("meta"):
        return build_backbone(name, input_size=size)


def test_a_fresh_net_says_every_age_is_about_as_likely(name: str) -> None:
    net = small_net(name)
    with torch.no_grad():
        logits = net(faces(8))
    assert (entropy(logits) > 4.5).all()  # log 101 is 4.615
    assert (expected_age(logits) - 50).abs().max() < 5


def test_features_of_a_fresh_net_neither_vanish_nor_explode(name: str) -> None:
    net = small_net(name)
    with torch.no_grad():
        features = net.features(faces(8))
    assert 0.05 < features.std() < 20


@pytest.mark.parametrize("name", sorted(set(BACKBONES) - {"lenet"}))
def test_convolutions_begin_with_the_spread_of_he_et_al(name: str) -> None:
    for module in _built(name).modules():
        if isinstance(module, nn.Conv2d) and module.weight.numel() > 5_000:
            fan_out = module.out_channels * module.kernel_size[0] * module.kernel_size[1]
            assert module.weight.std().item() == pytest.approx((2 / fan_out) ** 0.5, rel=0.05)


@pytest.mark.parametrize(("name", "layers"), [("vgg16", ("fc6", "fc7")), ("age_net", ("fc1", "fc2"))])
def test_dense_layers_begin_with_the_spread_of_he_et_al(name: str, layers: tuple[str, ...]) -> None:
    for layer in (_built(name).pool.get_submodule(layer) for layer in layers):
        assert isinstance(layer, nn.Linear)
        assert layer.weight.std().item() == pytest.approx((2 / layer.in_features) ** 0.5, rel=0.05)


def test_biases_begin_at_zero(name: str) -> None:
    biased = [m for m in _built(name).modules() if isinstance(m, nn.Conv2d | nn.Linear) and m.bias is not None]
    assert all(m.bias is not None and m.bias.count_nonzero() == 0 for m in biased if name != "lenet")


def test_lenet_begins_with_the_spread_of_glorot_and_bengio() -> None:
    weight = _built("lenet").trunk.get_submodule("4").get_parameter("weight")
    spread = (6 / (20 * 25 + 50 * 25 / 4)) ** 0.5  # of four outputs one passes the pooling
    assert weight.std().item() == pytest.approx(spread / 3**0.5, rel=0.05)
    assert weight.abs().max().item() <= spread


@pytest.mark.parametrize("size", [32, 64, 96, 224])
def test_lenet_sees_grey_pictures_averaged_to_28_pixels(size: int) -> None:
    image = np.random.default_rng(0).random((size, size, 3), dtype=np.float32)
    grey = cv2.resize(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY), (28, 28), interpolation=cv2.INTER_AREA)
    seen = SmallGrey()(torch.from_numpy(image).permute(2, 0, 1)[None])
    np.testing.assert_allclose(seen[0, 0].numpy(), grey, rtol=0, atol=1e-5)


def test_residual_blocks_begin_as_the_identity() -> None:
    counts = {"small_resnet": 4, "resnet18": 5, "resnet50": 12}  # the first of most stages changes the shape
    for name, count in counts.items():
        modules = [m for m in small_net(name).modules() if isinstance(m, BasicBlock | Bottleneck)]
        blocks = [m for m in modules if isinstance(m.shortcut, nn.Identity)]
        assert len(blocks) == count
        maps = torch.rand(2, blocks[0].first.in_channels, 8, 8)
        torch.testing.assert_close(blocks[0](maps), maps, rtol=0, atol=0)


def test_googlenet_has_the_channels_of_the_papers_table() -> None:
    maps, channels = torch.zeros(1, 3, 224, 224, device="meta"), []
    for name, layer in build_on_meta("googlenet", 224).trunk.named_children():
        maps = layer(maps)
        if name.startswith(("inception", "maxpool")):
            channels.append((name.removeprefix("inception"), maps.shape[1], maps.shape[2]))
    assert channels == [
        ("maxpool1", 64, 56), ("maxpool2", 192, 28), ("3a", 256, 28), ("3b", 480, 28), ("maxpool3", 480, 14),
        ("4a", 512, 14), ("4b", 512, 14), ("4c", 512, 14), ("4d", 528, 14), ("4e", 832, 14), ("maxpool4", 832, 7),
        ("5a", 832, 7), ("5b", 1024, 7),
    ]  # fmt: skip


def test_evaluation_is_deterministic_and_leaves_the_statistics_alone(name: str) -> None:
    net = small_net(name)
    net(faces(4))  # moves the running statistics
    net.eval()
    before = {key: value.clone() for key, value in net.state_dict().items()}
    with torch.no_grad():
        first, second, alone = net(faces(4)), net(faces(4)), net(faces(4)[:1])
    assert torch.equal(first, second)
    torch.testing.assert_close(alone, first[:1], rtol=1e-4, atol=1e-5)  # no face looks at its neighbours
    assert all(torch.equal(value, before[key]) for key, value in net.state_dict().items())


@pytest.mark.parametrize("name", sorted(set(BACKBONES) - {"lenet", "age_net", "vgg16"}))
def test_training_moves_the_statistics(name: str) -> None:
    net = small_net(name)
    norms = [m for m in net.modules() if isinstance(m, nn.BatchNorm2d)]
    before = [m.running_mean.clone() for m in norms if m.running_mean is not None]
    net(faces(4))
    after = [m.running_mean for m in norms if m.running_mean is not None]
    assert len(after) > 5
    assert all(not torch.equal(a, b) for a, b in zip(after, before, strict=True))


def test_channels_last_gives_the_same_logits(name: str) -> None:
    net = small_net(name).double().eval()  # in float64 only the order of sums can differ
    images = faces(2).double()
    with torch.no_grad():
        usual = net(images)
        last = to_channels_last(net)(images.contiguous(memory_format=torch.channels_last))
    torch.testing.assert_close(last, usual, rtol=0, atol=1e-10)


def test_autocast_to_bfloat16_gives_float32_logits_near_those_of_float32(name: str) -> None:
    net = to_channels_last(small_net(name))
    images = faces(8).contiguous(memory_format=torch.channels_last)
    net.eval()
    with torch.no_grad():
        exact = net(images)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            rounded = net(images)
    assert rounded.dtype == torch.float32
    # bfloat16 keeps 8 bits, 0.4 %, of each map; errors of a dozen layers partly cancel
    assert (rounded - exact).norm() / exact.norm() < 0.05


@pytest.mark.slow
@pytest.mark.parametrize("name", ["small_resnet", "age_net", "lenet", "resnet18", "googlenet"])
def test_a_net_is_one_graph_for_the_compiler(name: str) -> None:
    torch.compiler.reset()
    net = small_net(name).eval()
    compiled = torch.compile(net, backend="eager", fullgraph=True)  # raises where Python must decide something
    with torch.no_grad():
        torch.testing.assert_close(compiled(faces(2)), net(faces(2)))


def test_a_step_under_autocast_lowers_the_label_loss(name: str) -> None:
    torch.manual_seed(0)
    net = small_net(name)
    for module in net.modules():
        if isinstance(module, nn.Dropout):
            module.p = 0.0
    # At 32 pixels the last norms of GoogLeNet see one place of eight faces: too few for the slope to be a descent.
    images, labels = faces(8, 64 if name == "googlenet" else 32), gaussian_labels(torch.linspace(5, 80, 8), 2.0)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.0005)
    values = []
    for _ in range(3):
        with torch.autocast("cpu", dtype=torch.bfloat16):
            logits = net(images)
        value = label_kl(logits, labels).mean()
        optimizer.zero_grad()
        torch.autograd.backward(value)
        assert all(p.grad is not None and p.grad.isfinite().all() for p in net.parameters())
        optimizer.step()
        values.append(value.item())
    assert values[2] < values[1] < values[0]


def test_a_net_in_float64_gives_float64() -> None:
    net = build_backbone("tiny_age_net", input_size=32, seed=0).double()
    assert net(faces(2).double()).dtype == torch.float64


def test_dropout_is_the_backbones_own_unless_given() -> None:
    assert build_backbone("small_resnet").dropout.p > 0
    assert build_backbone("small_resnet", dropout=0.0).dropout.p == 0.0
    assert build_backbone("thin_age_net", dropout=0.3).dropout.p == 0.3


def test_an_unknown_backbone_is_told_with_the_nearest_name() -> None:
    with pytest.raises(UnknownName, match="did you mean 'tiny_age_net'"):
        build_backbone("tinyagenet")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"input_size": 100}, "multiple of 32"),
        ({"input_size": 0}, "multiple of 32"),
        ({"classes": 1}, "at least 2 classes"),
        ({"dropout": 1.0}, "dropout"),
    ],
)
def test_options_that_cannot_be_are_told_in_one_sentence(options: dict[str, float], words: str) -> None:
    with pytest.raises(WrongUse, match=words):
        build_backbone("tiny_age_net", **options)  # type: ignore[arg-type]


def test_age_net_of_another_shape_is_the_sum_of_its_layers() -> None:
    shape = {"filters": 8, "layers": 3, "kernel": 5, "dense": 20}
    net = build_backbone("age_net", classes=10, input_size=64, shape=shape, seed=0)
    convolutions = (3 * 25 + 1) * 8 + (8 * 25 + 1) * 16 + (16 * 25 + 1) * 32
    # Three halvings leave 8x8 maps of 32 channels.
    dense = (32 * 64 + 1) * 20 + (20 + 1) * 10 + (10 + 1) * 10
    assert sum(one.numel() for one in net.parameters()) == convolutions + dense
    assert net.eval()(faces(2, 64)).shape == (2, 10)
    same = build_backbone(
        "age_net", input_size=64, shape={"filters": 64, "layers": 5, "kernel": 3, "dense": 256}, seed=1
    )
    own = build_backbone("age_net", input_size=64, seed=1)
    assert all(torch.equal(a, b) for a, b in zip(same.parameters(), own.parameters(), strict=True))


@pytest.mark.parametrize(
    ("name", "shape", "words"),
    [
        ("age_net", {"layers": 6}, "32 pixels bear fewer"),
        ("age_net", {"kernel": 4}, "must be odd"),
        ("tiny_age_net", {"filters": 8}, "the shape of tiny_age_net is fixed"),
    ],
)
def test_shapes_that_cannot_be_are_told(name: str, shape: dict[str, int], words: str) -> None:
    with pytest.raises(WrongUse, match=words):
        build_backbone(name, input_size=32, shape=shape)


def test_dropout_that_is_given_is_that_of_every_layer_that_drops() -> None:
    given = {"vgg16": [0.3, 0.3], "age_net": [0.3] * 5 + [0.0], "googlenet": [0.3], "resnet50": [0.3]}
    for name, rates in given.items():
        with torch.device("meta"):
            net = build_backbone(name, dropout=0.3)
        assert [m.p for m in net.modules() if isinstance(m, nn.Dropout)] == rates
    assert [m.p for m in _built("vgg16").modules() if isinstance(m, nn.Dropout)] == [0.5, 0.5]
    assert [m.p for m in _built("age_net").modules() if isinstance(m, nn.Dropout)] == [0.187] * 5 + [0.0]


def test_the_document_lists_every_backbone_with_its_cost(name: str) -> None:
    text = (Path(__file__).parents[2] / "docs" / "backbones.md").read_text(encoding="utf-8")
    row = next(line for line in text.splitlines() if line.startswith(f"| `{name}` |"))
    costs = [cost_of(name, size) for size in (64, 128, 224)]
    parameters = [f"{cost.parameters:,}" for cost in costs]
    cells = [str(FEATURES[name]), *(parameters if name in SIZED else [parameters[0]])]
    cells += [f"{cost.multiply_adds / 1e6:,.1f}" for cost in costs]
    for cell in cells:
        assert cell in row.replace("|", " ").split(), cell
