"""The two stages on drawn faces: they learn, they read only what they may, and a second call does the right thing."""

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from agegap.errors import CheckpointMismatch, DataFailed, NothingToDo, WrongUse
from dataset.splits import Split
from dataset.store import open_dataset
from tests.train.conftest import Drawn, TrainedSystem
from tests.train.drawn import write_labelled, write_pairs
from tests.train.small import small_recipe
from train.checkpoint import load_checkpoint, weights_sha256
from train.data import FacePairs, LabelledFaces, face_pairs, labelled_faces
from train.devices import choose_machine
from train.evaluation.calibrating import calibrate
from train.run_folder import RunFolder
from train.settings import FinetuneSettings
from train.stages.budget import LEAST_STEPS
from train.stages.finetune import finetune
from train.stages.finetuning import FinetuneData, Finetuning
from train.stages.pretrain import pretrain

MACHINE = choose_machine("float32")
SHORT = {"pretrain": {"epochs": 1}}


def _looks(run: Path, name: str) -> list[float]:
    return [line[name] for line in RunFolder(run).metrics() if line["kind"] == "validation" and name in line]


def test_pretraining_learns_the_ages_of_faces_it_has_not_seen(system: TrainedSystem, drawn: Drawn) -> None:
    held_out = labelled_faces([open_dataset(drawn.labelled)], "val", input_size=32)
    of_a_constant = float(np.abs(held_out.ages - np.median(held_out.ages)).mean())
    errors = _looks(system.run / "pretrain", "val_mae")
    assert min(errors) < of_a_constant / 2


def test_pretraining_answers_with_its_best_look_at_the_validation_split(system: TrainedSystem) -> None:
    saved = load_checkpoint(system.run / "pretrain" / "checkpoint.pt").training
    looks = [line for line in RunFolder(system.run / "pretrain").metrics() if line["kind"] == "validation"]
    best = min(looks, key=lambda line: line["val_mae"])
    assert (saved["best_step"], saved["best_score"]) == (best["step"], best["val_mae"])


def test_a_run_folder_says_what_was_asked_of_which_data_by_which_program(system: TrainedSystem, drawn: Drawn) -> None:
    notes = json.loads((system.run / "finetune" / "settings.json").read_text(encoding="utf-8"))
    assert notes["stage"] == "finetune"
    assert notes["seed"] == notes["settings"]["seed"] == 0
    assert notes["net"]["backbone"] == "tiny_age_net"
    assert notes["data"]["pairs"]["manifest_sha256"] == open_dataset(drawn.pairs).manifest_sha256
    assert notes["data"]["labelled"][0]["manifest_sha256"] == open_dataset(drawn.labelled).manifest_sha256
    assert notes["torch"] == torch.__version__
    first = load_checkpoint(system.run / "pretrain" / "checkpoint.pt")
    assert notes["start"]["weights_sha256"] == weights_sha256(first.answer)
    assert load_checkpoint(system.run / "finetune" / "checkpoint.pt").notes == notes


def test_a_run_folder_holds_metrics_plots_and_a_checkpoint(system: TrainedSystem) -> None:
    for stage in ("pretrain", "finetune"):
        run = system.run / stage
        assert (run / "checkpoint.pt").stat().st_size > 0
        assert {"loss.png", "val_mae.png"} <= {path.name for path in (run / "plots").iterdir()}
        assert all((path.read_bytes()[:8] == b"\x89PNG\r\n\x1a\n") for path in (run / "plots").iterdir())
        assert not list(run.rglob("*.part"))
    lines = RunFolder(system.run / "finetune").metrics()
    steps = [line for line in lines if line["kind"] == "train"]
    assert [line["step"] for line in steps] == [4, 8, 12]
    parts = {"loss", "entropy", "bounds", "translated", "label_kl", "expectation_l1", "mean_entropy", "mean_age"}
    assert all(parts | {"learning_rate", "images_per_s"} <= line.keys() for line in steps)


def test_the_logged_loss_is_the_weighted_sum_of_its_parts(system: TrainedSystem) -> None:
    settings = small_recipe().finetune
    for line in RunFolder(system.run / "finetune").metrics():
        if line["kind"] == "train":
            pairs = line["entropy"] + line["bounds"] + line["translated"]
            replay = line["label_kl"] + settings.expectation_weight * line["expectation_l1"]
            assert line["loss"] == pytest.approx(pairs + settings.replay_weight * replay, rel=1e-5)


def test_pairs_alone_teach_the_years_between(system: TrainedSystem, drawn: Drawn, tmp_path: Path) -> None:
    # From a net that has seen hardly any label; what it knows of age differences comes from K.
    recipe = small_recipe(
        finetune={"steps": 60, "replay_weight": 0.0, "learning_rate": 2e-3, "checkpoint_every": 60, "w_entropy": 0.3}
    )
    first = pretrain([drawn.labelled], tmp_path / "first", recipe=small_recipe(**SHORT))
    finetune(first.run, tmp_path / "second", pairs=drawn.pairs, labelled=[drawn.labelled], recipe=recipe)
    missed = _looks(tmp_path / "second", "val_gap_mae")
    assert missed[-1] < 0.6 * missed[0]


def test_replay_only_never_looks_at_a_pair(system: TrainedSystem, drawn: Drawn, tmp_path: Path) -> None:
    recipe = small_recipe(finetune={"use_pairs": False})
    start = system.run / "pretrain"
    results = [
        finetune(
            start,
            tmp_path / name,
            pairs=write_pairs(tmp_path / f"{name}-pairs", seed=seed),
            labelled=[drawn.labelled],
            recipe=recipe,
        )
        for name, seed in (("one", 1), ("two", 2))
    ]
    assert results[0].weights_sha256 == results[1].weights_sha256
    assert results[0].steps == recipe.finetune.steps
    names = {name for line in RunFolder(tmp_path / "one").metrics() if line["kind"] == "train" for name in line}
    assert "translated" not in names


def test_hidden_or_told_ages_of_the_pairs_make_no_difference(
    system: TrainedSystem, drawn: Drawn, tmp_path: Path
) -> None:
    told = write_pairs(tmp_path / "told", ages=True)
    assert np.array_equal(open_dataset(told).crops, open_dataset(drawn.pairs).crops)
    assert np.isfinite(open_dataset(told).faces.age).all()
    result = finetune(
        system.run / "pretrain", tmp_path / "run", pairs=told, labelled=[drawn.labelled], recipe=small_recipe()
    )
    hidden = load_checkpoint(system.run / "finetune" / "checkpoint.pt")
    assert result.weights_sha256 == weights_sha256(hidden.answer)


def test_training_never_reads_the_test_split(tmp_path: Path) -> None:
    weights = []
    for name, seed in (("one", 1), ("two", 2)):
        folder = write_labelled(tmp_path / f"{name}-faces", seed=0)
        dataset = open_dataset(folder)
        crops = np.lib.format.open_memmap(folder / "faces.npy", mode="r+")
        crops[dataset.faces.split == Split.TEST] = seed  # other pixels, the same manifest
        crops.flush()
        weights.append(pretrain([folder], tmp_path / name, recipe=small_recipe(**SHORT)).weights_sha256)
    assert weights[0] == weights[1]


def test_another_seed_gives_other_weights(drawn: Drawn, tmp_path: Path) -> None:
    one, two = (
        pretrain([drawn.labelled], tmp_path / str(seed), recipe=small_recipe(pretrain={"epochs": 1, "seed": seed}))
        for seed in (1, 2)
    )
    assert one.weights_sha256 != two.weights_sha256


def test_a_finished_run_is_left_alone(system: TrainedSystem, drawn: Drawn) -> None:
    path = system.run / "pretrain" / "checkpoint.pt"
    before = (path.stat().st_mtime_ns, path.read_bytes())
    again = pretrain([drawn.labelled], system.run / "pretrain", recipe=small_recipe())
    assert again.was_finished
    assert again.weights_sha256 == weights_sha256(load_checkpoint(path).answer)
    assert (path.stat().st_mtime_ns, path.read_bytes()) == before


def test_a_run_with_other_settings_is_not_gone_on_with(system: TrainedSystem, drawn: Drawn) -> None:
    with pytest.raises(WrongUse, match=r"settings\.batch_size = 16, not 15"):
        pretrain([drawn.labelled], system.run / "pretrain", recipe=small_recipe(pretrain={"batch_size": 15}))


def test_a_run_on_other_data_is_not_gone_on_with(system: TrainedSystem, tmp_path: Path) -> None:
    other = write_labelled(tmp_path / "other", seed=99)
    with pytest.raises(WrongUse, match="manifest_sha256"):
        pretrain([other], system.run / "pretrain", recipe=small_recipe())


def test_a_folder_with_something_else_in_it_is_not_written_to(drawn: Drawn, tmp_path: Path) -> None:
    (tmp_path / "letter.txt").write_text("dear", encoding="utf-8")
    with pytest.raises(WrongUse, match="is not empty and holds no run"):
        pretrain([drawn.labelled], tmp_path, recipe=small_recipe())
    with pytest.raises(WrongUse, match="is a file"):
        pretrain([drawn.labelled], tmp_path / "letter.txt", recipe=small_recipe())


def test_a_checkpoint_of_another_net_is_not_fine_tuned(system: TrainedSystem, drawn: Drawn, tmp_path: Path) -> None:
    recipe = small_recipe(net={"backbone": "thin_age_net"})
    with pytest.raises(CheckpointMismatch, match="tiny_age_net at 32 pixels"):
        finetune(system.run / "pretrain", tmp_path / "run", pairs=drawn.pairs, labelled=[drawn.labelled], recipe=recipe)
    assert not (tmp_path / "run").exists()


def test_pairs_cut_differently_from_what_the_net_knows_are_refused(system: TrainedSystem, tmp_path: Path) -> None:
    tight = write_labelled(tmp_path / "tight", crop={"size": 128, "template": "tight"})
    with pytest.raises(WrongUse, match="tight"):
        finetune(system.run / "pretrain", tmp_path / "run", pairs=tight, labelled=[tight], recipe=small_recipe())


def test_a_folder_without_pairs_says_which_step_is_missing(system: TrainedSystem, drawn: Drawn, tmp_path: Path) -> None:
    with pytest.raises(NothingToDo, match="curate build-pairs"):
        finetune(
            system.run / "pretrain",
            tmp_path / "run",
            pairs=drawn.labelled,
            labelled=[drawn.labelled],
            recipe=small_recipe(),
        )


def test_replay_without_labelled_faces_is_told(system: TrainedSystem, drawn: Drawn, tmp_path: Path) -> None:
    with pytest.raises(WrongUse, match="--labelled"):
        finetune(system.run / "pretrain", tmp_path / "run", pairs=drawn.pairs, labelled=[], recipe=small_recipe())


def test_pairs_without_any_labelled_face_keep_the_intervals_of_the_start(
    system: TrainedSystem, drawn: Drawn, tmp_path: Path
) -> None:
    recipe = small_recipe(finetune={"replay_per_batch": 0, "steps": 2})
    finetune(system.run / "pretrain", tmp_path / "run", pairs=drawn.pairs, labelled=[], recipe=recipe)
    start, end = (load_checkpoint(run / "checkpoint.pt") for run in (system.run / "pretrain", tmp_path / "run"))
    assert start.interval_scale is not None
    assert end.interval_scale == start.interval_scale


def test_held_out_pairs_of_enough_people_have_a_say_in_the_intervals(
    system: TrainedSystem, drawn: Drawn, tmp_path: Path
) -> None:
    many = write_pairs(tmp_path / "many", subjects=60, seed=8)
    recipe = small_recipe(finetune={"steps": 2})
    for name, changes in (("pairs", {}), ("replay", {"use_pairs": False})):
        told = small_recipe(finetune={"steps": 2, **changes}) if changes else recipe
        finetune(system.run / "pretrain", tmp_path / name, pairs=many, labelled=[drawn.labelled], recipe=told)
        trained = load_checkpoint(tmp_path / name / "checkpoint.pt").interval_scale
        # The same from the finished run, read anew: with the pairs, and without them for the control.
        again = calibrate(tmp_path / name, [drawn.labelled], pairs=None if changes else many)
        assert trained == pytest.approx(again["scale"], rel=1e-4)
        assert changes or again["scale"] != pytest.approx(again["scale_labelled"], rel=1e-3)


def test_a_rate_that_blows_up_ends_in_one_sentence(drawn: Drawn, tmp_path: Path) -> None:
    recipe = small_recipe(pretrain={"learning_rate": 1e30, "gradient_clip": 1e30, "log_every": 1, "warmup": 0.0})
    with pytest.raises(DataFailed, match="the loss is not a number any more at step"):
        pretrain([drawn.labelled], tmp_path / "run", recipe=recipe)


def test_a_collapse_while_fine_tuning_ends_in_one_sentence(system: TrainedSystem, drawn: Drawn, tmp_path: Path) -> None:
    # Entropy weighed away and nothing replayed: the translated divergence flattens the answers.
    recipe = small_recipe(
        finetune={
            "steps": 200,
            "replay_per_batch": 0,
            "w_entropy": 0.0,
            "w_bounds": 0.0,
            "w_translated": 10.0,
            "learning_rate": 5e-3,
            "log_every": 5,
            "checkpoint_every": 500,
        }
    )
    with pytest.raises(DataFailed, match="finetune: the net says nearly"):
        finetune(system.run / "pretrain", tmp_path / "run", pairs=drawn.pairs, labelled=[], recipe=recipe)


def test_patience_ends_a_run_that_gets_no_better(drawn: Drawn, tmp_path: Path) -> None:
    recipe = small_recipe(pretrain={"epochs": 30, "learning_rate": 1e-12, "patience": 2, "ema_decay": 0.0})
    result = pretrain([drawn.labelled], tmp_path / "run", recipe=recipe)
    steps_per_epoch = round(42 / 16)
    saved = load_checkpoint(tmp_path / "run" / "checkpoint.pt")
    assert saved.is_finished
    assert result.steps == saved.training["best_step"] + 2 * steps_per_epoch < saved.steps


def test_a_budget_of_minutes_cuts_the_steps_and_the_plan_is_kept(drawn: Drawn, tmp_path: Path) -> None:
    recipe = small_recipe(pretrain={"epochs": 1e5, "max_minutes": 1e-4})
    result = pretrain([drawn.labelled], tmp_path / "run", recipe=recipe)
    notes = RunFolder(tmp_path / "run").notes()
    assert result.steps == notes["plan"]["steps"] == LEAST_STEPS
    assert notes["plan"]["seconds_per_step"] > 0


def test_a_batch_holds_younger_then_older_then_replay(drawn: Drawn) -> None:
    dataset = open_dataset(drawn.pairs)
    pairs = face_pairs(dataset, "train", input_size=32, k_max=60)
    replay = labelled_faces([open_dataset(drawn.labelled)], "train", input_size=32)
    stage = _stage(pairs, replay, small_recipe().finetune)
    batch = stage.batch(3)
    assert batch.images.shape == (2 * 8 + 8, 32, 32, 3)
    assert np.array_equal(stage.batch(3).images, batch.images)
    # Drawn faces are brighter the older they are, 2 grey levels a year.
    centre = np.asarray(batch.images)[:, 10:22, 10:22].mean(axis=(1, 2, 3))
    assert np.abs(centre[8:16] - centre[:8] - 2 * batch.gap_years).max() < 12
    assert np.abs(centre[16:] - 40 - 2 * batch.ages).max() < 12


def _stage(pairs: FacePairs, replay: LabelledFaces, settings: FinetuneSettings) -> Finetuning:
    recipe = small_recipe()
    still = replace(recipe.augment, noise_probability=0.0, blur_probability=0.0, colour=0.0, saturation=0.0)
    data = FinetuneData(pairs=pairs, held_out_pairs=pairs, replay=replay, held_out=None)
    net = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(32 * 32 * 3, 101))
    return Finetuning(data, net, settings=settings, augmentation=still, machine=MACHINE)
