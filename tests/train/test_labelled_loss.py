"""What a label is, by settings: a Gaussian over years, one class, age groups, blended with another's."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from train.bins import BINS, BinsName
from train.losses.cross_entropy import cross_entropy
from train.losses.gaussian import gaussian_labels, label_kl
from train.settings import FinetuneSettings, PretrainSettings
from train.stages.labelled import face_labels, label_rule, labelled_loss

AGES = torch.tensor([0.0, 4.0, 17.0, 33.0, 60.0, 99.0])
RULE = label_rule(PretrainSettings())


def _logits(classes: int, seed: int = 0) -> torch.Tensor:
    return torch.randn(len(AGES), classes, generator=torch.Generator().manual_seed(seed))


def test_a_cross_entropy_is_that_of_the_whole_year() -> None:
    rule = replace(RULE, loss="cross-entropy", expectation_weight=0.0)
    labels = face_labels(AGES + 0.3, rule, classes=101)
    found = labelled_loss(_logits(101), labels, rule).total
    assert torch.allclose(found, cross_entropy(_logits(101), AGES.long()).mean())


@pytest.mark.parametrize("bins", ["agenet", "adience"])
def test_a_cross_entropy_of_groups_is_that_of_the_group_of_the_age(bins: BinsName) -> None:
    groups = BINS[bins]
    rule = replace(RULE, loss="cross-entropy", expectation_weight=0.0, bins=bins)
    middles = torch.tensor([(low + min(high, 90)) / 2 for low, high in zip(groups.first, groups.last, strict=True)])
    labels = face_labels(middles, rule, classes=len(groups))
    assert labels.shares.argmax(dim=1).tolist() == list(range(len(groups)))
    assert torch.equal(labels.shares.sum(dim=1), torch.ones(len(groups)))


def test_the_last_month_of_a_group_belongs_to_it() -> None:
    rule = replace(RULE, loss="cross-entropy", bins="agenet")
    ages = torch.tensor([2.99, 3.0, 6.99, 59.9, 60.0])
    assert face_labels(ages, rule, classes=10).shares.argmax(dim=1).tolist() == [0, 1, 1, 8, 9]


def test_a_distribution_over_groups_is_the_mass_of_the_gaussian_in_each() -> None:
    rule = replace(RULE, bins="agenet", young_sigma=False, sigma=3.0)
    found = face_labels(torch.tensor([27.0]), rule, classes=10).shares[0].numpy()
    density = np.exp(-0.5 * ((np.arange(101) - 27) / 3.0) ** 2)
    density /= density.sum()
    expected = [
        density[low : high + 1].sum() for low, high in zip(BINS["agenet"].first, BINS["agenet"].last, strict=True)
    ]
    assert found == pytest.approx(expected, abs=1e-6)


def test_the_expected_age_of_groups_is_of_the_middles_of_their_years() -> None:
    rule = replace(RULE, bins="agenet", expectation_weight=1.0)
    logits = torch.full((1, 10), -1e4)
    logits[0, 4] = 0.0  # sure of 18-22
    labels = face_labels(torch.tensor([25.0]), rule, classes=10)
    assert float(labelled_loss(logits, labels, rule).expectation_l1) == pytest.approx(5.0, abs=1e-4)


def test_the_votes_of_raters_are_the_width_of_a_label_where_there_are_votes() -> None:
    rule = replace(RULE, young_sigma=False, sigma=2.0)
    stds = torch.tensor([5.0, float("nan")])
    found = face_labels(torch.tensor([40.0, 40.0]), rule, classes=101, stds=stds).shares
    expected = gaussian_labels(torch.tensor([40.0, 40.0]), torch.tensor([5.0, 2.0]))
    assert torch.allclose(found, expected)


def test_the_reduction_of_the_released_code_is_a_hundred_and_first() -> None:
    labels = face_labels(AGES, RULE, classes=101)
    whole = labelled_loss(_logits(101), labels, RULE).label_kl
    small = labelled_loss(_logits(101), labels, replace(RULE, reduction="element")).label_kl
    assert float(whole) == pytest.approx(101 * float(small), rel=1e-5)


def test_blended_labels_are_the_weighted_mean_and_still_sum_to_one() -> None:
    labels = face_labels(AGES, RULE, classes=101)
    partner, share = torch.tensor([1, 2, 3, 4, 5, 0]), torch.tensor([1.0, 0.0, 0.25, 0.5, 0.9, 0.1])
    mixed = labels.mixed(partner, share)
    assert torch.allclose(mixed.shares.sum(dim=1), torch.ones(6))
    assert torch.equal(mixed.shares[0], labels.shares[0])
    assert torch.equal(mixed.shares[1], labels.shares[2])
    assert torch.allclose(mixed.shares[2], 0.25 * labels.shares[2] + 0.75 * labels.shares[3])
    assert mixed.ages.tolist() == pytest.approx([0.0, 17.0, 29.0, 46.5, 63.9, 9.9], abs=1e-4)


def test_replay_learns_distributions_over_years_whatever_pretraining_learned() -> None:
    rule = label_rule(FinetuneSettings(sigma=3.0, expectation_weight=0.5))
    assert (rule.loss, rule.bins, rule.sigma, rule.expectation_weight) == ("distribution", "", 3.0, 0.5)


def test_the_loss_is_the_divergence_and_the_weighted_error_of_the_expected_age() -> None:
    labels = face_labels(AGES, RULE, classes=101)
    loss = labelled_loss(_logits(101), labels, replace(RULE, expectation_weight=0.7))
    q = torch.softmax(_logits(101).double(), dim=1)
    error = ((q @ torch.arange(101).double()) - AGES).abs().mean()
    divergence = label_kl(_logits(101).double(), labels.shares.double()).mean()
    assert float(loss.total) == pytest.approx(float(divergence + 0.7 * error), rel=1e-5)
