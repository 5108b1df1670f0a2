"""What a step of pre-training is made of, by settings."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from tests.train.conftest import Drawn
from tests.train.small import small_recipe
from train.checkpoint import fresh_net, load_checkpoint
from train.data import LabelledFaces, labelled_faces, open_datasets
from train.devices import choose_machine, to_input
from train.losses.gaussian import gaussian_labels, label_kl, label_sigma
from train.losses.triplet import triplet_loss
from train.run_folder import RunFolder
from train.stages.pretrain import pretrain
from train.stages.pretraining import Pretraining

MACHINE = choose_machine("float32")


@pytest.fixture(scope="module")
def faces(drawn: Drawn) -> LabelledFaces:
    """The labelled faces of the split train."""
    return labelled_faces(open_datasets([drawn.labelled]), "train", input_size=32)


def _stage(faces: LabelledFaces, **changes: Any) -> Pretraining:
    recipe = small_recipe(pretrain=changes)
    return Pretraining(faces, faces, settings=recipe.pretrain, augmentation=recipe.augment)


def _net() -> torch.nn.Module:
    return fresh_net(small_recipe().net, seed=1).eval()


def test_mixup_blends_images_and_labels_by_the_same_shares(faces: LabelledFaces) -> None:
    stage = _stage(faces, mixup=0.4, expectation_weight=0.0)
    batch, net = stage.batch(3), _net()
    assert batch.mix is not None
    assert sorted(batch.mix.partner) == list(range(len(batch.ages)))
    assert 0 <= batch.mix.share.min() < 0.2 < 0.8 < batch.mix.share.max() <= 1
    found = stage.loss(net, batch, machine=MACHINE).total
    share, partner = torch.from_numpy(batch.mix.share), torch.from_numpy(batch.mix.partner)
    images, ages = to_input(batch.images, MACHINE), torch.from_numpy(batch.ages)
    labels = gaussian_labels(ages, label_sigma(ages))
    of_images, of_labels = share[:, None, None, None], share[:, None]
    logits = net(of_images * images + (1 - of_images) * images[partner])
    expected = label_kl(logits, of_labels * labels + (1 - of_labels) * labels[partner]).mean()
    assert float(found.detach()) == pytest.approx(float(expected.detach()), rel=1e-5)


def test_without_mixup_nothing_is_blended(faces: LabelledFaces) -> None:
    assert _stage(faces).batch(3).mix is None


def test_label_noise_moves_each_label_anew_by_its_deviation(faces: LabelledFaces) -> None:
    noisy, exact = _stage(faces, label_noise=2.0), _stage(faces)
    moved = np.concatenate([noisy.batch(step).ages - exact.batch(step).ages for step in range(60)])
    adults = np.concatenate([exact.batch(step).ages for step in range(60)]) > 15
    assert moved[adults].std() == pytest.approx(2.0, rel=0.1)
    assert abs(moved[adults].mean()) < 0.3
    assert min(noisy.batch(step).ages.min() for step in range(60)) >= 0
    assert np.array_equal(noisy.batch(4).ages, noisy.batch(4).ages)


def test_the_deep_embedding_loss_is_sums_of_both_terms(faces: LabelledFaces) -> None:
    settings = {"loss": "cross-entropy", "expectation_weight": 0.0, "label_weight": 0.4, "triplet_weight": 1.0}
    ranking = {"triplet_top_k": 9, "triplet_margin": 0.5}
    net = _net()
    summed = _stage(faces, **settings, **ranking, batch_reduction="sum")
    mean = _stage(faces, **settings, **ranking)
    batch = summed.batch(0)
    images, ages = to_input(batch.images, MACHINE), torch.from_numpy(batch.ages)
    softmax = torch.nn.functional.cross_entropy(net(images), ages.long(), reduction="sum")
    worst = triplet_loss(net.features(images), ages, margin=0.5, top_k=9)  # type: ignore[operator]
    expected = float((0.4 * softmax + worst).detach())
    assert float(summed.loss(net, batch, machine=MACHINE).total) == pytest.approx(expected, rel=1e-4)
    assert float(mean.loss(net, batch, machine=MACHINE).total) == pytest.approx(expected / len(ages), rel=1e-4)


def test_the_votes_on_a_face_are_used_only_where_asked(faces: LabelledFaces) -> None:
    voted = LabelledFaces(faces.crops, faces.ages, np.full(len(faces), 6.0, np.float32))
    assert _stage(voted).batch(0).stds is None
    assert _stage(faces, std_labels=True).batch(0).stds is None  # this folder has none
    found = _stage(voted, std_labels=True, expectation_weight=0.0)
    batch, net = found.batch(0), _net()
    logits = net(to_input(batch.images, MACHINE))
    expected = label_kl(logits, gaussian_labels(torch.from_numpy(batch.ages), 6.0)).mean()
    assert float(found.loss(net, batch, machine=MACHINE).total) == pytest.approx(float(expected), rel=1e-5)


@pytest.mark.parametrize(
    "changes",
    [
        {"loss": "cross-entropy"},
        {"mixup": 0.2},
        {"optimiser": "sgd", "learning_rate": 0.02},
        {"triplet_weight": 0.3},
        {"label_kind": "cdf"},
        {"schedule": "step", "step_epochs": 4},
    ],
)
def test_each_variant_learns_the_drawn_ages(changes: dict[str, Any], drawn: Drawn, tmp_path: Path) -> None:
    pretrain([drawn.labelled], tmp_path / "run", recipe=small_recipe(pretrain=changes))
    looks = [one["val_mae"] for one in RunFolder(tmp_path / "run").metrics() if one["kind"] == "validation"]
    # Ages 2 to 80: said to be the middle of them all, the error would be 20 years.
    assert min(looks) < 10


def test_a_file_of_weights_is_what_the_net_begins_with(drawn: Drawn, tmp_path: Path) -> None:
    recipe = small_recipe(pretrain={"epochs": 0.01, "learning_rate": 1e-12, "weight_decay": 0.0, "ema_decay": 0.0})
    known = fresh_net(recipe.net, seed=77)
    torch.save(known.state_dict(), tmp_path / "weights.pt")
    given = small_recipe(
        net={"weights": str(tmp_path / "weights.pt")},
        pretrain={"epochs": 0.01, "learning_rate": 1e-12, "weight_decay": 0.0, "ema_decay": 0.0},
    )
    for name, asked in (("given", given), ("fresh", recipe)):
        pretrain([drawn.labelled], tmp_path / name, recipe=asked)
    answers = {name: load_checkpoint(tmp_path / name / "checkpoint.pt").answer for name in ("given", "fresh")}
    trunk = [name for name, one in known.named_parameters() if not name.startswith("head.")]
    assert all(torch.allclose(answers["given"][name], known.state_dict()[name], atol=1e-6) for name in trunk)
    assert not any(torch.allclose(answers["fresh"][name], known.state_dict()[name]) for name in trunk[:1])
    notes = RunFolder(tmp_path / "given").notes()
    assert notes["begins_with"] == "a file of weights"
    assert len(notes["start"]["weights_sha256"]) == 64
