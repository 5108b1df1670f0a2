"""Sizes against the published figures and a formula, shapes, determinism, memory formats, precision."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

from agegap.errors import UnknownName, WrongUse
from train.backbones import BACKBONES, build_backbone
from train.backbones.age_net import AgeNet
from train.backbones.cost import count_cost
from train.backbones.small_resnet import BasicBlock
from train.losses.entropy import entropy
from train.losses.expectation import expected_age
from train.losses.gaussian import gaussian_labels, label_kl

PUBLISHED_MILLIONS = {"thin_age_net": 3.7, "tiny_age_net": 0.9}
FEATURES = {"thin_age_net": 256, "tiny_age_net": 128, "small_resnet": 256}

# (input channels, output channels, kernel, maps per side at an input of 64) of each convolution, by hand.
THIN_CONVOLUTIONS = [
    (3, 32, 3, 64), (32, 32, 3, 64),
    (32, 64, 3, 32), (64, 64, 3, 32),
    (64, 128, 3, 16), (128, 128, 3, 16), (128, 128, 3, 16),
    (128, 256, 3, 8), (256, 256, 3, 8), (256, 256, 3, 8),
    (256, 256, 3, 4), (256, 256, 3, 4), (256, 256, 3, 4),
]  # fmt: skip
RESNET_CONVOLUTIONS = [
    (3, 32, 3, 32), *[(32, 32, 3, 32)] * 2,
    (32, 64, 3, 16), (32, 64, 1, 16), *[(64, 64, 3, 16)] * 3,
    (64, 128, 3, 8), (64, 128, 1, 8), *[(128, 128, 3, 8)] * 3,
    (128, 256, 3, 4), (128, 256, 1, 4), *[(256, 256, 3, 4)] * 3,
]  # fmt: skip
CONVOLUTIONS = {
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


def to_channels_last(net: AgeNet) -> AgeNet:
    return net.to(memory_format=torch.channels_last)  # type: ignore[call-overload, no-any-return]


@pytest.fixture(params=list(BACKBONES))
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_parameters_and_multiply_adds_are_those_of_the_layout(name: str) -> None:
    cost = count_cost(build_backbone(name, seed=0), input_size=64)
    width = FEATURES[name]
    head = width * 101 + 101
    # a weight for each kernel position; a scale and a shift of the normalisation for each output channel
    assert cost.parameters == sum(a * b * k * k + 2 * b for a, b, k, _ in CONVOLUTIONS[name]) + head
    assert cost.multiply_adds == sum(a * b * k * k * s * s for a, b, k, s in CONVOLUTIONS[name]) + width * 101


@pytest.mark.parametrize("published", PUBLISHED_MILLIONS)
def test_parameters_are_as_published(published: str) -> None:
    parameters = sum(p.numel() for p in build_backbone(published, seed=0).parameters())
    assert round(parameters / 1e6, 1) == PUBLISHED_MILLIONS[published]


def test_small_resnet_stays_below_three_million_parameters() -> None:
    assert count_cost(build_backbone("small_resnet", seed=0), input_size=64).parameters < 3_000_000


def test_counting_the_cost_leaves_the_net_as_it_was() -> None:
    net = build_backbone("tiny_age_net", seed=0)
    net.trunk.eval()
    before = {key: value.clone() for key, value in net.state_dict().items()}
    count_cost(net, input_size=32)
    assert net.training and not net.trunk.training
    assert all(torch.equal(value, before[key]) for key, value in net.state_dict().items())
    assert not any(module._forward_hooks for module in net.modules())


@pytest.mark.parametrize("size", [32, 64, 96, 128])
def test_any_multiple_of_32_pixels_gives_logits_and_features(name: str, size: int) -> None:
    net = build_backbone(name, classes=77, input_size=size, seed=0).eval()
    with torch.no_grad():
        images = faces(2, size)
        assert net(images).shape == (2, 77)
        assert net.features(images).shape == (2, FEATURES[name])
    assert isinstance(net.head, nn.Linear)
    assert net.head.in_features == FEATURES[name]


def test_logits_are_the_head_of_the_features(name: str) -> None:
    net = build_backbone(name, seed=0).eval()
    with torch.no_grad():
        torch.testing.assert_close(net(faces(2)), net.head(net.features(faces(2))))


def test_the_same_seed_gives_the_same_weights_and_leaves_the_global_generator_alone(name: str) -> None:
    state = torch.random.get_rng_state()
    first, same, other = (build_backbone(name, seed=seed).state_dict() for seed in (1, 1, 2))
    assert torch.equal(torch.random.get_rng_state(), state)
    assert all(torch.equal(first[key], same[key]) for key in first)
    assert not torch.equal(first["head.weight"], other["head.weight"])


def test_weights_do_not_depend_on_the_input_size(name: str) -> None:
    small = build_backbone(name, input_size=64, seed=3)
    large = build_backbone(name, input_size=128, seed=4)
    large.load_state_dict(small.state_dict())
    assert torch.equal(large.head.weight, small.head.weight)


def test_a_fresh_net_says_every_age_is_about_as_likely(name: str) -> None:
    net = build_backbone(name, seed=0)
    with torch.no_grad():
        logits = net(faces(8))
    assert (entropy(logits) > 4.5).all()  # log 101 is 4.615
    assert (expected_age(logits) - 50).abs().max() < 5


def test_features_of_a_fresh_net_neither_vanish_nor_explode(name: str) -> None:
    net = build_backbone(name, seed=0)
    with torch.no_grad():
        features = net.features(faces(8))
    assert 0.05 < features.std() < 20


def test_convolutions_begin_with_the_spread_of_he_et_al(name: str) -> None:
    for module in build_backbone(name, seed=0).modules():
        if isinstance(module, nn.Conv2d) and module.weight.numel() > 5_000:
            fan_out = module.out_channels * module.kernel_size[0] * module.kernel_size[1]
            assert module.weight.std().item() == pytest.approx((2 / fan_out) ** 0.5, rel=0.05)


def test_a_residual_block_begins_as_the_identity() -> None:
    net = build_backbone("small_resnet", seed=0)
    blocks = [m for m in net.modules() if isinstance(m, BasicBlock) and isinstance(m.shortcut, nn.Identity)]
    assert len(blocks) == 4  # one a stage: the first of each later stage changes the shape
    maps = torch.rand(2, blocks[0].first.in_channels, 8, 8)
    torch.testing.assert_close(blocks[0](maps), maps, rtol=0, atol=0)


def test_evaluation_is_deterministic_and_leaves_the_statistics_alone(name: str) -> None:
    net = build_backbone(name, seed=0)
    net(faces(4))  # moves the running statistics
    net.eval()
    before = {key: value.clone() for key, value in net.state_dict().items()}
    with torch.no_grad():
        first, second, alone = net(faces(4)), net(faces(4)), net(faces(4)[:1])
    assert torch.equal(first, second)
    torch.testing.assert_close(alone, first[:1], rtol=1e-4, atol=1e-5)  # no face looks at its neighbours
    assert all(torch.equal(value, before[key]) for key, value in net.state_dict().items())


def test_training_moves_the_statistics(name: str) -> None:
    net = build_backbone(name, seed=0)
    before = [
        m.running_mean.clone() for m in net.modules() if isinstance(m, nn.BatchNorm2d) and m.running_mean is not None
    ]
    net(faces(4))
    after = [m.running_mean for m in net.modules() if isinstance(m, nn.BatchNorm2d)]
    assert all(not torch.equal(a, b) for a, b in zip(after, before, strict=True) if a is not None)


def test_channels_last_gives_the_same_logits(name: str) -> None:
    net = build_backbone(name, seed=0).double().eval()  # in float64 only the order of sums can differ
    images = faces(2).double()
    with torch.no_grad():
        usual = net(images)
        last = to_channels_last(net)(images.contiguous(memory_format=torch.channels_last))
    torch.testing.assert_close(last, usual, rtol=0, atol=1e-10)


def test_autocast_to_bfloat16_gives_float32_logits_near_those_of_float32(name: str) -> None:
    net = to_channels_last(build_backbone(name, seed=0))
    images = faces(8).contiguous(memory_format=torch.channels_last)
    net.eval()
    with torch.no_grad():
        exact = net(images)
        with torch.autocast("cpu", dtype=torch.bfloat16):
            rounded = net(images)
    assert rounded.dtype == torch.float32
    # bfloat16 keeps 8 bits, 0.4 %, of each map; errors of a dozen layers partly cancel
    assert (rounded - exact).norm() / exact.norm() < 0.05


def test_a_step_under_autocast_lowers_the_label_loss(name: str) -> None:
    torch.manual_seed(0)
    net = build_backbone(name, input_size=32, dropout=0.0, seed=0)
    images, labels = faces(8), gaussian_labels(torch.linspace(5, 80, 8), 2.0)
    optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
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


def test_the_document_lists_every_backbone_with_its_cost(name: str) -> None:
    text = (Path(__file__).parents[2] / "docs" / "losses.md").read_text(encoding="utf-8")
    net = build_backbone(name, seed=0)
    small, large = count_cost(net, input_size=64), count_cost(net, input_size=128)
    row = next(line for line in text.splitlines() if line.startswith(f"| `{name}` |"))
    costs = f"| {FEATURES[name]} | {small.parameters:,} | {small.multiply_adds:,} | {large.multiply_adds:,} |"
    assert row.endswith(costs)
