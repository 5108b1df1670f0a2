"""The hand-made baseline as a system: it learns, runs twice, goes on after a kill, and is opened like any model."""

import json
import re
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner

from agegap.errors import BadInputFile, DataFailed, SettingsError, WrongUse
from dataset.splits import Split
from dataset.store import open_dataset
from tests.train.drawn import write_labelled
from tests.train.drawn_people import write_people
from train.commands.features import features
from train.crops import join, part_of
from train.evaluation.compare import compare
from train.geometric import measuring
from train.geometric.fit import CACHE, fit_geometric
from train.geometric.model import ABOUT, ARRAYS, GeometricModel
from train.geometric.settings import GeometricSettings
from train.model import open_model
from train.presets import Recipe, load_recipe
from train.stages.system import run_system

ROOT = Path(__file__).resolve().parent.parent.parent
# The five points are everywhere; dlib is an extra.
YUNET = {"geometric": {"landmarks": "yunet"}}


def _recipe(**settings: Any) -> Recipe:
    return load_recipe("geometric", typed={"geometric": {**YUNET["geometric"], **settings}})


@dataclass(frozen=True)
class Trained:
    """A trained baseline, what it learned from and was measured on."""

    run: Path
    labelled: Path
    test: Path
    table: dict[str, Any]


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Trained:
    """Return a baseline of 120 drawn people, measured on 40 others."""
    folder = tmp_path_factory.mktemp("geometric")
    labelled = write_people(folder / "labelled", count=120)
    test = write_people(folder / "test", count=40, first_seed=1000, only=Split.TEST)
    table = run_system(folder / "run", recipe=_recipe(), labelled=[labelled], pairs=None, test=test)
    return Trained(folder / "run", labelled, test, table)


def test_it_learns_drawn_faces_better_than_the_constant_median(trained: Trained) -> None:
    learned, asked = open_dataset(trained.labelled).faces, open_dataset(trained.test).faces
    median = np.median(learned.age[learned.split == int(Split.TRAIN)])
    constant = np.abs(asked.age - median).mean()
    assert trained.table["result"]["mae"] < 0.8 * constant
    assert trained.table["test_faces"] == 40
    assert trained.table["faces"]["train"] == int((learned.split == int(Split.TRAIN)).sum())
    assert trained.table["landmarks"] == "yunet"


def test_it_stands_in_the_same_tables_as_a_net(trained: Trained, tmp_path: Path) -> None:
    told = json.loads((trained.run / "evaluation.json").read_text(encoding="utf-8"))
    assert told["mae"] == trained.table["result"]["mae"]
    assert told["stage"] == "geometric"
    assert told["groups"]["agenet"]["native"] == trained.table["groups_agenet"]
    assert all((trained.run / name).is_file() for name in ("report.html", "MODEL_CARD.md", "predictions.parquet"))
    other = tmp_path / "other"
    run_system(other, recipe=_recipe(classifier="ridge"), labelled=[trained.labelled], pairs=None, test=trained.test)
    assert compare([trained.run, other]).faces == 40


def test_the_second_run_does_nothing(trained: Trained) -> None:
    before = {path: path.stat().st_mtime_ns for path in trained.run.rglob("*") if path.is_file()}
    table = run_system(trained.run, recipe=_recipe(), labelled=[trained.labelled], pairs=None, test=trained.test)
    assert {**table, "seconds": None} == {**trained.table, "seconds": None}
    assert table["seconds"] == 0
    assert {path: path.stat().st_mtime_ns for path in trained.run.rglob("*") if path.is_file()} == before


def test_other_settings_need_another_folder(trained: Trained) -> None:
    with pytest.raises(WrongUse, match="holds a run with other settings"):
        run_system(
            trained.run, recipe=_recipe(classifier="knn"), labelled=[trained.labelled], pairs=None, test=trained.test
        )
    with pytest.raises(WrongUse, match="holds no run"):
        fit_geometric([trained.labelled], trained.labelled, settings=GeometricSettings(landmarks="yunet"))


@pytest.mark.parametrize("killed_after", [3, 45])
def test_killed_while_measuring_it_goes_on_and_ends_the_same(
    killed_after: int, trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "CHUNK", 20)
    asked: list[int] = []
    measure, ends = measuring.measure_face, [killed_after]

    def counted(crop: Any, *args: Any) -> Any:
        asked.append(1)
        if len(asked) in ends:
            raise KeyboardInterrupt
        return measure(crop, *args)

    monkeypatch.setattr(measuring, "measure_face", counted)
    settings = GeometricSettings(landmarks="yunet")
    with pytest.raises(KeyboardInterrupt):
        fit_geometric([trained.labelled], tmp_path / "run", settings=settings)
    assert not (tmp_path / "run" / ABOUT).exists()
    kept = killed_after // 20 * 20
    asked.clear()
    ends.clear()
    done = fit_geometric([trained.labelled], tmp_path / "run", settings=settings)
    assert len(asked) == 100 - kept  # of 120 faces, 20 are for the test
    assert done.model.weights_sha256 == open_model(trained.run).weights_sha256


def test_killed_between_the_arrays_and_the_last_file_it_ends_the_same(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = GeometricSettings(landmarks="yunet", cache=str(trained.run / CACHE))
    model = "train.geometric.model.write_json"
    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(model, lambda *_args: (_ for _ in ()).throw(KeyboardInterrupt))
        fit_geometric([trained.labelled], tmp_path / "run", settings=settings)
    assert (tmp_path / "run" / ARRAYS).is_file()
    done = fit_geometric([trained.labelled], tmp_path / "run", settings=settings)
    assert done.model.weights_sha256 == open_model(trained.run).weights_sha256


def test_measured_faces_are_shared_through_a_cache(
    trained: Trained, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(measuring, "measure_face", lambda *_args: pytest.fail("measured before"))
    settings = GeometricSettings(landmarks="yunet", classifier="kmeans", cache=str(trained.run / CACHE))
    fitted = fit_geometric([trained.labelled], tmp_path / "run", settings=settings)
    assert fitted.model.arrays["faces"].sum() == fitted.model.faces["train"]  # type: ignore[index]
    with pytest.raises(pytest.fail.Exception):  # other edges are other measures
        fit_geometric([trained.labelled], tmp_path / "two", settings=replace(settings, canny_low=11.0))


def test_the_model_that_is_opened_answers_as_the_one_that_was_trained(trained: Trained) -> None:
    model = open_model(trained.run)
    assert isinstance(model, GeometricModel)
    test = open_dataset(trained.test)
    crops = join([part_of(test.crops, np.arange(40), input_size=model.input_size)])
    shares, bins = model.native(crops)
    assert (shares.shape, bins) == ((40, 101), "")
    assert shares.sum(axis=1) == pytest.approx(np.ones(40), abs=1e-5)
    assert np.array_equal(shares, model.distributions(crops, flip=False))
    error = np.abs(shares @ np.arange(101) - test.faces.age).mean()
    assert error == pytest.approx(trained.table["result"]["mae"], abs=1e-3)
    assert model.features(crops).shape == (40, 4)
    assert model.interval_scale is not None
    assert model.notes["settings"]["landmarks"] == "yunet"


def test_a_face_without_landmarks_gets_the_mean_features(trained: Trained) -> None:
    model = open_model(trained.run)
    blank = np.full((1, 128, 128, 3), 140, np.uint8)
    assert model.features(join([part_of(blank, np.arange(1), input_size=128)])).tolist() == [[0, 0, 0, 0]]


def test_faces_without_landmarks_are_counted_and_too_many_are_told(tmp_path: Path) -> None:
    labelled = write_labelled(tmp_path / "labelled")  # bright squares: nobody has eyes
    with pytest.raises(DataFailed, match="landmarks were found on 0 of 42 training faces"):
        fit_geometric([labelled], tmp_path / "run", settings=GeometricSettings(landmarks="yunet"))


def test_a_model_of_another_run_is_damaged(trained: Trained, tmp_path: Path) -> None:
    folder = tmp_path / "run"
    folder.mkdir()
    about = json.loads((trained.run / ABOUT).read_text(encoding="utf-8"))
    (folder / ABOUT).write_text(json.dumps(about), encoding="utf-8")
    with pytest.raises(BadInputFile, match=r"no readable geometric\.json and geometric\.npz"):
        open_model(folder)
    (folder / ARRAYS).write_bytes((trained.run / ARRAYS).read_bytes())
    assert open_model(folder).weights_sha256 == about["weights_sha256"]
    (folder / ABOUT).write_text(json.dumps({**about, "weights_sha256": "0"}), encoding="utf-8")
    with pytest.raises(BadInputFile, match="does not belong"):
        open_model(folder)
    (folder / ABOUT).write_text(json.dumps({**about, "version": 2}), encoding="utf-8")
    with pytest.raises(BadInputFile, match="not a geometric model of version 1"):
        open_model(folder)


def test_what_was_measured_is_shown(trained: Trained, tmp_path: Path) -> None:
    out = tmp_path / "out"
    words = [str(trained.run), "--data", str(trained.test), "--faces", "2", "--out", str(out), "--json"]
    told = json.loads(CliRunner().invoke(features, words, catch_exceptions=False).stdout)
    model = open_model(trained.run)
    for one in told["faces"]:
        assert (out / one["sheets"][0]).read_bytes().startswith(b"\x89PNG")
        assert one["measures"]["F2"] == pytest.approx(one["measures"]["F1"] * one["measures"]["F4"])
    dataset = open_dataset(trained.test)
    youngest = int(np.argmin(dataset.faces.age))
    shares = model.distributions(join([part_of(dataset.crops, np.array([youngest]), input_size=128)]))
    assert told["faces"][0]["said"] == pytest.approx(float(shares[0] @ np.arange(101)), abs=1e-3)
    assert (out / "features.html").read_text(encoding="utf-8").count("data:image/png") == 2


def test_settings_of_the_baseline_are_no_settings_of_a_net() -> None:
    with pytest.raises(SettingsError, match="preset dldl trains a net"):
        load_recipe("dldl", typed={"geometric": {"clusters": "3"}})
    assert load_recipe("dldl").geometric is None
    assert not load_recipe("geometric").needs_pairs


def test_every_setting_of_the_baseline_is_documented_with_its_default() -> None:
    page = (ROOT / "docs" / "geometric.md").read_text(encoding="utf-8")
    told = dict(re.findall(r"^\| `(\w+)` \| `([^`]*)` \|", page, flags=re.MULTILINE))
    assert {name: "" if default == '""' else default for name, default in told.items()} == {
        field.name: str(field.default) for field in fields(GeometricSettings)
    }


def test_nothing_of_the_test_split_is_measured(trained: Trained) -> None:
    index = open_dataset(trained.labelled).faces
    blocks = [np.load(path) for path in (trained.run / CACHE).rglob("*.npy")]
    assert sum(len(block) for block in blocks) == int((index.split != int(Split.TEST)).sum())
