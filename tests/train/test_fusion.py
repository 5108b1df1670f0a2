"""`train fuse`: an ensemble is a model like any other."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from agegap.errors import BadInputFile, UnknownName, WrongUse
from tests.train.conftest import Drawn, TrainedSystem
from tests.train.drawn import write_labelled
from tests.train.test_systems import tiny_recipe
from train.data import labelled_faces, open_datasets
from train.evaluation.evaluate import evaluate
from train.fusion.fuse import fuse_runs
from train.fusion.recipe import read_recipe
from train.model import open_model
from train.stages.pretrain import pretrain
from train.stages.system import run_system


@pytest.fixture(scope="module")
def nets(system: TrainedSystem, drawn: Drawn, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Two nets of different sizes of crop, in a folder that tests may copy."""
    folder = tmp_path_factory.mktemp("nets")
    shutil.copytree(system.run / "pretrain", folder / "small")
    recipe = tiny_recipe("dldl", net={"input_size": 64}, pretrain={"epochs": 2})
    pretrain([drawn.labelled], folder / "large", recipe=recipe)
    return [folder / "small", folder / "large"]


def test_one_member_alone_is_itself(nets: list[Path], drawn: Drawn, tmp_path: Path) -> None:
    alone, fused = open_model(nets[0]), open_model(fuse_runs(nets[:1], [drawn.labelled], tmp_path / "one", "average"))
    crops = labelled_faces(open_datasets([drawn.test]), "test", input_size=alone.input_size).crops
    assert np.array_equal(fused.distributions(crops), alone.distributions(crops))
    assert fused.interval_scale == pytest.approx(alone.interval_scale)


@pytest.mark.parametrize("method", ["average", "ages", "learned", "likelihood", "features"])
def test_an_ensemble_is_evaluated_as_a_run(method: str, nets: list[Path], drawn: Drawn, tmp_path: Path) -> None:
    out = fuse_runs(nets, [drawn.labelled], tmp_path / "fused", method)
    measured = evaluate(out, drawn.test)
    said = [open_model(net) for net in nets]
    sizes = [labelled_faces(open_datasets([drawn.test]), "test", input_size=one.input_size) for one in said]
    ages = np.stack([one.distributions(at.crops) @ np.arange(101) for one, at in zip(said, sizes, strict=True)])
    weights = [one["weight"] for one in read_recipe(out)["members"]]
    assert sum(weights) == pytest.approx(1)
    if method != "features":  # each member saw crops of its own size, as if it were alone
        assert measured["mae"] == pytest.approx(np.abs(weights @ ages - sizes[0].ages).mean(), abs=0.15)
    assert measured["stage"] == "fusion"
    assert measured["count"] == 20
    assert (out / "report.html").is_file()
    # The card names what the members learned from.
    assert f"labelled: {drawn.labelled.name}" in (out / "MODEL_CARD.md").read_text(encoding="utf-8")


def test_the_better_net_counts_more(nets: list[Path], drawn: Drawn, tmp_path: Path) -> None:
    content = read_recipe(fuse_runs(nets, [drawn.labelled], tmp_path / "fused"))
    weights, errors = [one["weight"] for one in content["members"]], content["mae"]["members"]
    assert np.argmax(weights) == np.argmin(errors)
    assert content["faces"] == 12


def test_a_second_call_asks_no_net_and_another_method_neither(
    nets: list[Path], drawn: Drawn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = fuse_runs(nets, [drawn.labelled], tmp_path / "fused")
    before = (out / "fusion.json").read_bytes()
    monkeypatch.setattr("train.model.NetModel.distributions", lambda *_, **__: pytest.fail("a net was asked"))
    assert fuse_runs(nets, [drawn.labelled], out) == out
    assert (out / "fusion.json").read_bytes() == before
    fuse_runs(nets, [drawn.labelled], out, "likelihood")
    assert read_recipe(out)["method"] == "likelihood"


def test_saved_predictions_of_the_very_faces_stand_for_the_net(
    nets: list[Path], drawn: Drawn, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(nets[0], tmp_path / "net")
    wanted = read_recipe(fuse_runs([tmp_path / "net"], [drawn.labelled], tmp_path / "asked"))["mae"]["fused"]
    evaluate(tmp_path / "net", drawn.labelled, split="val")
    monkeypatch.setattr("train.model.NetModel.distributions", lambda *_, **__: pytest.fail("the net was asked"))
    read = read_recipe(fuse_runs([tmp_path / "net"], [drawn.labelled], tmp_path / "read"))["mae"]["fused"]
    assert read == pytest.approx(wanted, abs=0.05)  # they are kept in half precision


def test_an_ensemble_moves_with_its_members(nets: list[Path], drawn: Drawn, tmp_path: Path) -> None:
    for net in nets:
        shutil.copytree(net, tmp_path / "here" / net.name)
    fused = fuse_runs(
        [tmp_path / "here" / net.name for net in nets], [drawn.labelled], tmp_path / "here" / "fused", "features"
    )
    known = open_model(fused).weights_sha256
    shutil.move(tmp_path / "here", tmp_path / "there")
    assert open_model(tmp_path / "there" / "fused").weights_sha256 == known


def test_a_missing_or_changed_member_is_one_sentence(nets: list[Path], drawn: Drawn, tmp_path: Path) -> None:
    for net in nets:
        shutil.copytree(net, tmp_path / net.name)
    members = [tmp_path / net.name for net in nets]
    out = fuse_runs(members, [drawn.labelled], tmp_path / "fused")
    (members[0] / "checkpoint.pt").rename(tmp_path / "away.pt")
    with pytest.raises(BadInputFile, match=r"names the member \.\./small/checkpoint\.pt, which is not there"):
        open_model(out)
    shutil.copy(members[1] / "checkpoint.pt", members[0] / "checkpoint.pt")
    with pytest.raises(BadInputFile, match=r"fused from other weights of \.\./small"):
        open_model(out)


def test_a_changed_layer_is_one_sentence(nets: list[Path], drawn: Drawn, tmp_path: Path) -> None:
    out = fuse_runs(nets, [drawn.labelled], tmp_path / "fused", "features")
    (out / "layer.npz").write_bytes(b"something else")
    with pytest.raises(BadInputFile, match="is not the layer"):
        open_model(out)


def test_what_cannot_be_fused_is_one_sentence(nets: list[Path], drawn: Drawn, tmp_path: Path) -> None:
    with pytest.raises(UnknownName, match="did you mean 'average'"):
        fuse_runs(nets, [drawn.labelled], tmp_path / "out", "averages")
    with pytest.raises(WrongUse, match="name each model once"):
        fuse_runs([nets[0], nets[0]], [drawn.labelled], tmp_path / "out")
    with pytest.raises(WrongUse, match="holds no ensemble"):
        fuse_runs(nets, [drawn.labelled], nets[0])
    close = write_labelled(tmp_path / "close", crop={"size": 128, "template": "close"})
    with pytest.raises(WrongUse, match="the net was trained on"):
        fuse_runs(nets, [close], tmp_path / "out")
    pretrain([close], tmp_path / "other", recipe=tiny_recipe("dldl"))
    with pytest.raises(WrongUse, match="one crop recipe"):
        fuse_runs([nets[0], tmp_path / "other"], [drawn.labelled], tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_dadl_trains_four_nets_and_fuses_their_features(drawn: Drawn, tmp_path: Path) -> None:
    recipe = tiny_recipe("dadl")
    table = run_system(tmp_path / "run", recipe=recipe, labelled=[drawn.labelled], pairs=None, test=drawn.test)
    told = json.loads((tmp_path / "run" / "fused" / "evaluation.json").read_text(encoding="utf-8"))
    assert table["fused"]["mae"] == told["mae"]
    assert read_recipe(tmp_path / "run" / "fused")["method"] == "features"
    assert len(read_recipe(tmp_path / "run" / "fused")["members"]) == 4


@pytest.mark.slow
def test_two_stream_averages_its_five_nets(drawn: Drawn, tmp_path: Path) -> None:
    recipe = tiny_recipe("two-stream")
    table = run_system(tmp_path / "run", recipe=recipe, labelled=[drawn.labelled], pairs=None, test=drawn.test)
    content = read_recipe(tmp_path / "run" / "fused")
    assert [one["weight"] for one in content["members"]] == pytest.approx([0.2] * 5)
    assert table["fused"]["mae"] < max(one["mae"] for one in table["results"].values())
