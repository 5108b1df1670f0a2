"""The ONNX file says what torch says, on every batch size, and the example reads it without torch."""

import json
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
import pytest

from agegap.errors import DataFailed, WrongUse
from tests.train.conftest import Drawn, TrainedSystem
from tests.train.test_commands import Typed, typed  # noqa: F401  a fixture
from train import export_onnx as module
from train.bins import BINS, spread
from train.checkpoint import FILE, load_checkpoint, save_checkpoint
from train.crops import Crops
from train.data import labelled_faces, open_datasets
from train.export_onnx import TOLERANCE, export_onnx
from train.model import Model, NetModel, open_model
from train.predict.answers import PhotoFaces
from train.predict.photos import predict_photo

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def model(system: TrainedSystem) -> Model:
    return open_model(system.run)


@pytest.fixture(scope="module")
def crops(drawn: Drawn) -> Crops:
    return labelled_faces(open_datasets([drawn.test]), "all", input_size=32).crops


@pytest.fixture(scope="module")
def exported(model: Model, crops: Crops, tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("onnx") / "age.onnx"
    done = export_onnx(model, path, crops)
    assert done.age_difference <= TOLERANCE
    assert done.compared == len(crops)
    return path


def session_of(path: Path) -> onnxruntime.InferenceSession:
    return onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])


@pytest.mark.parametrize("batch", [1, 3, 20])
def test_the_file_says_what_the_model_says_at_every_batch_size(
    exported: Path, model: Model, crops: Crops, batch: int
) -> None:
    images = crops.gather(np.arange(batch))
    distribution, age, features = session_of(exported).run(None, {"crops": images})
    expected = model.distributions(crops)[:batch]
    np.testing.assert_allclose(distribution, expected, atol=1e-5)
    np.testing.assert_allclose(age, expected @ np.arange(101), atol=TOLERANCE)
    np.testing.assert_allclose(features, model.features(crops)[:batch], rtol=1e-3, atol=1e-4)


def test_the_file_is_sound_and_knows_what_it_wants(exported: Path, model: Model) -> None:
    onnx.checker.check_model(str(exported), full_check=True)
    facts = session_of(exported).get_modelmeta().custom_metadata_map
    assert facts["agegap.weights_sha256"] == model.weights_sha256
    assert json.loads(facts["agegap.crop"]) == model.crop
    assert json.loads(facts["agegap.normalisation"])["mean"] == pytest.approx(127.5)
    assert json.loads(facts["agegap.normalisation"])["std"] == pytest.approx(64)
    assert json.loads(facts["agegap.interval_scale"]) == model.interval_scale


def test_the_file_names_no_path_of_this_machine(exported: Path) -> None:
    content = exported.read_bytes()
    for place in (str(ROOT), sys.prefix, str(exported.parent)):
        assert place.encode() not in content


@pytest.mark.slow
def test_groups_of_ages_are_spread_over_years_in_the_file(system: TrainedSystem, crops: Crops, tmp_path: Path) -> None:
    checkpoint = load_checkpoint(system.run / "finetune" / FILE)
    count = len(BINS["adience"])
    answer = {name: value[:count] if name.startswith("head.") else value for name, value in checkpoint.answer.items()}
    net = replace(checkpoint.net, classes=count, bins="adience")
    save_checkpoint(tmp_path / FILE, replace(checkpoint, net=net, answer=answer))
    model = open_model(tmp_path / FILE)
    export_onnx(model, tmp_path / "groups.onnx", crops)
    images = crops.gather(np.arange(5))
    distribution = np.asarray(session_of(tmp_path / "groups.onnx").run(["distribution"], {"crops": images})[0])
    native, _ = model.native(crops)
    np.testing.assert_allclose(distribution, spread(native[:5], BINS["adience"]), atol=1e-5)


def test_a_file_that_differs_is_not_written(
    exported: Path, system: TrainedSystem, crops: Crops, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exporter is made to write the net of another stage."""
    monkeypatch.setattr(module, "_write", lambda _net, path, *_: path.write_bytes(exported.read_bytes()))
    with pytest.raises(DataFailed, match="years from those of torch"):
        export_onnx(open_model(system.run / "pretrain"), tmp_path / "age.onnx", crops)
    assert list(tmp_path.iterdir()) == []


def test_an_ensemble_is_exported_net_by_net(model: Model, crops: Crops, tmp_path: Path) -> None:
    class Several:
        path, name = Path("both"), "2 nets"

    assert isinstance(model, NetModel)
    with pytest.raises(WrongUse, match="both: 2 nets is no single net; name the folder"):
        export_onnx(Several(), tmp_path / "age.onnx", crops)  # type: ignore[arg-type]


def test_the_example_says_what_predict_says_and_loads_no_torch(exported: Path, model: Model, photo: Path) -> None:
    said = predict_photo(photo, model)
    assert isinstance(said, PhotoFaces)
    script = (
        "import runpy, sys; sys.argv[0] = 'onnx_age.py'; sys.modules['torch'] = None\n"
        f"runpy.run_path({str(ROOT / 'examples' / 'onnx_age.py')!r}, run_name='__main__')"
    )
    told = subprocess.run(
        [sys.executable, "-c", script, str(exported), str(photo)], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert told.returncode == 0, told.stderr
    numbers = [float(word) for word in re.findall(r"\d+\.\d", told.stdout.removeprefix(str(photo)))]
    expected = said.ages[0]
    np.testing.assert_allclose(numbers, [expected.age, expected.low, expected.high], atol=0.11)


@pytest.mark.slow
def test_the_command_prints_how_near_it_is(typed: Typed, system: TrainedSystem, drawn: Drawn) -> None:  # noqa: F811
    outcome = typed("export", system.run, "--out", "age.onnx", "--data", drawn.test, "--compare", 7, "--json")
    assert outcome.code == 0, outcome.err
    done = json.loads(outcome.out)
    assert done["compared"] == 7
    assert 0 <= done["age_difference"] <= TOLERANCE
    assert Path("age.onnx").stat().st_size == done["bytes"]


def test_a_file_of_another_name_is_refused(typed: Typed, system: TrainedSystem) -> None:  # noqa: F811
    outcome = typed("export", system.run, "--out", "age.bin")
    assert (outcome.code, outcome.err) == (
        2,
        "train: age.bin: does not end in .onnx; name the file so, that other programs know it\n",
    )
