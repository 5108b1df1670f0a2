"""What the years do to a drawn face: an age in, the strength of every sign of it out.

Two halves, as in life: growth (birth to about 18: proportions) and ageing (from about 25: skin, hair, sagging).
Every sign is 0 (absent) to 1 (strongest) and changes smoothly, so that no age is a step.
"""

import math
from dataclasses import dataclass

import numpy as np

from crawler.photosite.drawn.identity import Identity

OLDEST_AGE = 95.0
GROWTH_YEARS = 6.5  # time constant of head growth: about 80 % of it is done by ten


@dataclass(frozen=True, kw_only=True)
class AgeSigns:
    """How strongly each sign of age shows, 0..1."""

    growth: float  # 0 newborn proportions .. 1 adult
    maturity: float  # 0 child .. 1 adult: jaw, nose, brow ridge, beard
    blush: float  # round red cheeks of a child
    infant_hair: float  # 0 bald newborn .. 1 full hair
    lines: float  # forehead and frown lines
    crows_feet: float
    folds: float  # nose to mouth, and mouth to chin
    bags: float  # under the eyes
    hood: float  # sagging upper lids, lower brows
    jowls: float
    hollow: float  # sunken cheeks and temples
    thin_lips: float
    cartilage: float  # nose and ears that keep growing
    blotches: float
    pallor: float  # colour leaves the skin
    grey: float
    recession: float  # of the hairline


def age_signs(identity: Identity, age: float) -> AgeSigns:
    """Return the signs of `age` (years, 0..95) on this person; raise ValueError outside that range."""
    if not 0 <= age <= OLDEST_AGE:
        raise ValueError(f"age {age} is not in 0..{OLDEST_AGE:.0f}")
    # the pace of ageing is part of who one is; children are told apart by growth alone
    looks = max(age + identity.ageing_offset * ramp(age, 18, 35), 0.0)
    return AgeSigns(
        growth=(1 - math.exp(-age / GROWTH_YEARS)) / (1 - math.exp(-20 / GROWTH_YEARS)) if age < 20 else 1.0,
        maturity=ramp(age, 9, 20),
        blush=1 - ramp(age, 3, 16),
        infant_hair=ramp(age, 0.2, 3.0),
        lines=ramp(looks, 24, 82),
        crows_feet=ramp(looks, 28, 78),
        folds=ramp(looks, 22, 74),
        bags=ramp(looks, 30, 80),
        hood=ramp(looks, 36, 85),
        jowls=ramp(looks, 38, 85),
        hollow=ramp(looks, 50, 92),
        thin_lips=ramp(looks, 35, 85),
        cartilage=ramp(looks, 30, 90),
        blotches=ramp(looks, 45, 90),
        pallor=ramp(looks, 30, 85),
        grey=1 / (1 + math.exp(-(looks - identity.grey_onset_age) / 6.0)) if looks > 22 else 0.0,
        recession=identity.baldness * ramp(looks, 22, 68),
    )


def ramp(value: float, start: float, end: float) -> float:
    """Return 0 up to `start`, 1 from `end`, a straight line with rounded ends between."""
    share = float(np.clip((value - start) / (end - start), 0, 1))
    return 0.65 * share + 0.35 * share * share * (3 - 2 * share)
