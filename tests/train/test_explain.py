"""What is said about a net's answer: exact where it can be known exactly."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from click.testing import CliRunner
from torch import Tensor, nn

from agegap.errors import BadInputFile, DataFailed, UnknownName, WrongUse
from dataset.store import open_dataset
from tests.train.conftest import Drawn, TrainedSystem
from train.backbones import build_backbone
from train.bins import BINS
from train.commands.features import features
from train.explain.asking import expected_age, saying, saying_from_maps, years_of
from train.explain.attribution import gradient_times_input, integrated_gradients
from train.explain.faces import faces_of_dataset
from train.explain.folder import FIGURES, PAGE, Wanted, explain
from train.explain.grad_cam import enlarged, grad_cam
from train.explain.maps import LAYERS, choose_layers, feature_maps, layer_names, strongest
from train.explain.occlusion import occlusion
from train.model import open_model

SIDE = 16
PNG = b"\x89PNG\r\n\x1a\n"


def _image(seed: int = 0, side: int = SIDE) -> Tensor:
    return torch.randn(3, side, side, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def test_of_a_linear_net_both_attributions_are_its_weights_times_the_pixels() -> None:
    weights = _image(1)

    def say(images: Tensor) -> Tensor:
        return (images * weights).sum(dim=(1, 2, 3)) + 30

    image, baseline = _image(), _image(2)
    for given in (None, baseline):
        wanted = weights * (image - (torch.zeros_like(image) if given is None else given))
        assert torch.allclose(gradient_times_input(say, image, baseline=given), wanted, atol=1e-12)
        found = integrated_gradients(say, image, baseline=given, steps=3)
        assert torch.allclose(found.years, wanted, atol=1e-12)
        assert abs(found.gap) < 1e-10
        assert found.age == pytest.approx(float(say(image[None])))


def test_integrated_gradients_of_squares_are_the_squares() -> None:
    image = _image()
    found = integrated_gradients(lambda images: (images**2).sum(dim=(1, 2, 3)), image, steps=4)
    assert torch.allclose(found.years, image**2, atol=1e-12)
    # Gradient x input gives twice as much: it does not sum to the difference.
    assert torch.allclose(gradient_times_input(lambda one: (one**2).sum(dim=(1, 2, 3)), image), 2 * image**2)


def test_integrated_gradients_sum_to_the_difference_of_the_ages_said() -> None:
    net = build_backbone("lenet", input_size=32, seed=0).double().eval()
    nn.init.normal_(net.head.weight, std=1.0, generator=torch.Generator().manual_seed(0))
    say, image = saying(net, ""), _image(3, side=32)
    coarse, fine = (integrated_gradients(say, image, steps=steps) for steps in (16, 256))
    assert abs(fine.age - fine.baseline_age) > 1
    assert abs(fine.gap) < 1e-3 * abs(fine.age - fine.baseline_age)
    assert abs(fine.gap) < abs(coarse.gap)


def test_an_unused_pixel_has_no_years() -> None:
    found = integrated_gradients(lambda images: images[:, 0, 2, 3].tanh(), _image(), steps=8)
    assert set(map(tuple, found.years.nonzero().tolist())) == {(0, 2, 3)}


def test_grad_cam_of_averaged_maps_shares_the_age_out_over_the_places() -> None:
    weights = torch.randn(6, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    maps = torch.randn(1, 6, 4, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(1))

    def say(asked: Tensor) -> Tensor:
        return asked.mean(dim=(2, 3)) @ weights + 20

    found = grad_cam(say, maps)
    assert torch.allclose(found, torch.einsum("c,chw->hw", weights, maps[0]) / 20)
    assert float(found.sum()) == pytest.approx(float(say(maps)) - 20)
    assert enlarged(torch.full((2, 3), 7.0), 9) == pytest.approx(torch.full((9, 9), 7.0))


def test_the_maps_of_the_trunk_say_the_same_age_as_the_image() -> None:
    net = build_backbone("tiny_age_net", input_size=32, seed=0).eval()
    image = _image(side=32).float()[None]
    assert torch.allclose(saying_from_maps(net, "")(net.trunk(image)), saying(net, "")(image), atol=1e-4)


def test_occlusion_of_a_linear_net_is_what_the_patch_gave() -> None:
    weights, image = _image(1), _image()
    found = occlusion(lambda images: (images * weights).sum(dim=(1, 2, 3)), image, patch=4, stride=4)
    gave = (weights * image).sum(dim=0).reshape(4, 4, 4, 4).sum(dim=(1, 3))
    assert torch.allclose(found, gave.repeat_interleave(4, 0).repeat_interleave(4, 1), atol=1e-10)


@pytest.mark.parametrize(("patch", "stride"), [(5, 3), (2, 1), (16, 8), (None, None)])
def test_occlusion_covers_every_pixel(patch: int | None, stride: int | None) -> None:
    found = occlusion(lambda images: images.mean(dim=(1, 2, 3)), torch.ones(3, SIDE, SIDE), patch=patch, stride=stride)
    assert (found > 0).all()


def test_a_group_stands_for_the_middle_of_its_years() -> None:
    years = years_of(10, "agenet")
    middles = [(low + high) / 2 for low, high in zip(BINS["agenet"].first, BINS["agenet"].last, strict=True)]
    assert years.tolist() == pytest.approx(middles, abs=1e-4)
    sure = torch.full((1, 10), -50.0)
    sure[0, 3] = 50
    assert float(expected_age(sure, "agenet")) == pytest.approx(15)
    assert float(expected_age(torch.zeros(1, 101), "")) == pytest.approx(50)


@pytest.mark.parametrize("backbone", ["age_net", "lenet", "small_resnet", "tiny_age_net", "googlenet", "resnet18"])
def test_every_layer_to_show_gives_maps(backbone: str) -> None:
    net = build_backbone(backbone, input_size=32, seed=0)
    layers = choose_layers(net, [])
    found = feature_maps(net, torch.randn(2, 3, 32, 32), layers)
    assert list(found) == layers
    assert 2 <= len(layers) <= LAYERS
    assert all(maps.ndim == 4 and len(maps) == 2 for maps in found.values())
    assert set(layers) <= set(layer_names(net))


def test_the_five_convolutions_of_age_net_are_shown() -> None:
    net = build_backbone("age_net", classes=10, input_size=32, seed=0)
    found = feature_maps(net, torch.randn(1, 3, 32, 32), choose_layers(net, []))
    assert [maps.shape[1] for maps in found.values()] == [64, 128, 256, 512, 1024]


def test_a_map_is_what_the_layer_gave_though_the_next_one_writes_into_it() -> None:
    net = build_backbone("age_net", classes=10, input_size=32, seed=0)
    image = torch.randn(1, 3, 32, 32)
    first = feature_maps(net, image, ["trunk.0"])["trunk.0"]
    with torch.no_grad():
        assert torch.equal(first, net.trunk[0](image))  # type: ignore[index]
    assert (first < 0).any()
    assert not net.trunk[0]._forward_hooks  # type: ignore[index]


def test_channels_that_differ_most_come_first() -> None:
    maps = torch.zeros(3, 4, 4)
    maps[0] += 9
    maps[1, 0, 0] = 1
    maps[2, :2] = 5
    assert strongest(maps, 2) == [2, 1]


def test_an_unknown_layer_is_answered_with_the_nearest() -> None:
    net = build_backbone("lenet", input_size=32, seed=0)
    with pytest.raises(UnknownName, match=r"did you mean 'trunk\.\d'"):
        choose_layers(net, ["trunk.33"])


def test_faces_of_a_dataset_are_spread_over_their_ages(drawn: Drawn, system: TrainedSystem) -> None:
    model = open_model(system.run)
    ages = sorted(open_dataset(drawn.test).faces.age.tolist())
    faces = faces_of_dataset(drawn.test, model, split="test", count=3)
    told = [face.true_age for face in faces if face.true_age is not None]
    assert (told[0], told[-1]) == (ages[0], ages[-1])
    assert abs(told[1] - np.median(ages)) < 10
    assert len(faces_of_dataset(drawn.test, model, split="all", count=50)) == 20
    with pytest.raises(DataFailed, match="no face in split 'val'"):
        faces_of_dataset(drawn.test, model, split="val", count=3)


def test_a_folder_of_sheets_is_written_and_written_again_alike(
    drawn: Drawn, system: TrainedSystem, tmp_path: Path
) -> None:
    model = open_model(system.run)
    faces = faces_of_dataset(drawn.test, model, split="test", count=2)
    content = explain(model, faces, tmp_path / "out", wanted=Wanted(channels=3, steps=64))
    written = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert sorted(written) == sorted([FIGURES, PAGE, *(name for one in content["faces"] for name in one["sheets"])])
    assert all(written[name].startswith(PNG) for one in content["faces"] for name in one["sheets"])
    assert written[PAGE].count(b"data:image/png;base64,") == 4
    assert b"http" not in written[PAGE]
    assert json.loads(written[FIGURES]) == json.loads(json.dumps(content))
    for one in content["faces"]:
        assert one["integrated_gap"] == pytest.approx(
            one["integrated_sum"] - (one["said"] - one["said_of_grey"]), abs=1e-3
        )
        assert abs(one["integrated_gap"]) < 0.5
    explain(model, faces, tmp_path / "out", wanted=Wanted(channels=3, steps=64))
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == written


def test_a_folder_of_somebody_else_is_left_alone(drawn: Drawn, system: TrainedSystem, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("kept", encoding="utf-8")
    model = open_model(system.run)
    with pytest.raises(BadInputFile, match="did not write"):
        explain(model, faces_of_dataset(drawn.test, model, split="test", count=1), tmp_path, wanted=Wanted())
    assert (tmp_path / "mine.txt").read_text(encoding="utf-8") == "kept"


def test_the_command_looks_into_a_photo(photo: Path, system: TrainedSystem, tmp_path: Path) -> None:
    words = [str(system.run), str(photo), "--out", str(tmp_path / "out"), "--channels", "2", "--steps", "8", "--json"]
    told = json.loads(CliRunner().invoke(features, words, catch_exceptions=False).stdout)
    assert told["faces"][0]["sheets"] == ["01-person-maps.png", "01-person-attribution.png"]
    assert told["faces"][0]["true"] is None
    listed = CliRunner().invoke(features, [str(system.run), "--list-layers", "--json"], catch_exceptions=False)
    assert set(told["layers"]) <= set(json.loads(listed.stdout)["layers"])


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["--out", "x"], "name photos, or a dataset folder"),
        (["photo.jpg", "--data", "d", "--out", "x"], "not both"),
        (["photo.jpg"], "say where to write"),
        (["photo.jpg", "--out", "x"], "no such file"),
    ],
)
def test_wrong_use_of_the_command_is_one_sentence(
    words: list[str], says: str, system: TrainedSystem, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    outcome = CliRunner().invoke(features, [str(system.run), *words])
    assert isinstance(outcome.exception, WrongUse)
    assert says in str(outcome.exception)
