"""Who a drawn person is: everything about a face that does not change with the years.

An identity is a handful of numbers from one seed. Proportions are deviations around 0 (about -1..1), so that
`geometry.py` alone decides what one step of them is in pixels.
"""

from dataclasses import dataclass
from typing import Literal

import numpy as np

HairStyle = Literal["short", "parted", "bob", "long", "curly", "buzz", "bun"]
BeardStyle = Literal["none", "stubble", "full", "moustache", "goatee"]
Colour = tuple[float, float, float]
"""Red, green, blue, 0..255."""

HAIR_STYLES_OF_MEN: tuple[HairStyle, ...] = ("short", "parted", "buzz", "curly", "short", "parted")
HAIR_STYLES_OF_WOMEN: tuple[HairStyle, ...] = ("bob", "long", "curly", "bun", "parted", "long", "bob")
BEARD_STYLES: tuple[BeardStyle, ...] = ("none", "none", "none", "stubble", "full", "moustache", "goatee")

_SKINS: tuple[Colour, ...] = ((242, 203, 184), (230, 182, 157), (206, 152, 122), (164, 112, 84), (116, 76, 58))
_HAIRS: tuple[Colour, ...] = (
    (38, 30, 27),
    (62, 44, 34),
    (96, 66, 44),
    (134, 96, 58),
    (186, 150, 98),
    (142, 72, 40),
    (28, 26, 28),
)
_IRISES: tuple[Colour, ...] = ((72, 48, 32), (96, 66, 40), (88, 104, 70), (92, 124, 146), (110, 118, 122))


@dataclass(frozen=True, kw_only=True)
class Identity:
    """One drawn person, ageless."""

    is_male: bool
    skin: Colour
    hair: Colour
    iris: Colour
    hair_style: HairStyle
    beard: BeardStyle
    has_fringe: bool
    parting: float  # -1 left .. 1 right
    baldness: float  # 0 keeps all hair .. 1 loses it early
    wears_glasses: bool
    face_width: float
    face_length: float
    jaw_width: float
    chin_width: float
    cheek_fullness: float
    eye_spacing: float
    eye_size: float
    eye_tilt: float
    brow_height: float
    brow_thickness: float
    brow_arch: float
    nose_length: float
    nose_width: float
    mouth_width: float
    lip_fullness: float
    ear_size: float
    grey_onset_age: float
    ageing_offset: float  # years this face looks older (+) or younger (-) than others of its age
    line_seed: int  # the pattern of this face's wrinkles, moles and blotches


def make_identity(identity_seed: int) -> Identity:
    """Return the person of this seed; the same seed is the same person."""
    rng = np.random.default_rng([identity_seed, 11])
    is_male = bool(rng.random() < 0.5)
    styles = HAIR_STYLES_OF_MEN if is_male else HAIR_STYLES_OF_WOMEN
    skin = _between(_SKINS, rng.random() ** 1.3)
    # dark skin goes with dark hair and eyes more often than not
    is_dark = skin[0] < 190
    hair = _HAIRS[int(rng.integers(0, 2 if is_dark else len(_HAIRS)))]
    iris = _IRISES[int(rng.integers(0, 2 if is_dark else len(_IRISES)))]

    def spread(mean: float = 0.0) -> float:
        return float(np.clip(rng.normal(mean, 0.5), -1.2, 1.2))

    return Identity(
        is_male=is_male,
        skin=_jitter(rng, skin, 6),
        hair=_jitter(rng, hair, 8),
        iris=_jitter(rng, iris, 10),
        hair_style=styles[int(rng.integers(len(styles)))],
        beard=BEARD_STYLES[int(rng.integers(len(BEARD_STYLES)))] if is_male else "none",
        has_fringe=bool(rng.random() < (0.15 if is_male else 0.35)),
        parting=float(rng.uniform(-0.8, 0.8)),
        baldness=float(rng.beta(1.2, 1.6)) if is_male else float(0.25 * rng.random()),
        wears_glasses=bool(rng.random() < 0.22),
        face_width=spread(0.15 if is_male else -0.15),
        face_length=spread(0.15 if is_male else -0.1),
        jaw_width=spread(0.4 if is_male else -0.35),
        chin_width=spread(0.3 if is_male else -0.3),
        cheek_fullness=spread(),
        eye_spacing=spread(),
        eye_size=spread(-0.1 if is_male else 0.2),
        eye_tilt=spread(),
        brow_height=spread(-0.3 if is_male else 0.3),
        brow_thickness=spread(0.5 if is_male else -0.4),
        brow_arch=spread(-0.2 if is_male else 0.4),
        nose_length=spread(),
        nose_width=spread(0.2 if is_male else -0.2),
        mouth_width=spread(),
        lip_fullness=spread(-0.3 if is_male else 0.3),
        ear_size=spread(),
        grey_onset_age=float(np.clip(rng.normal(48, 6), 34, 62)),
        ageing_offset=float(np.clip(rng.normal(0, 2.5), -5, 5)),
        line_seed=int(rng.integers(2**31)),
    )


def _between(colours: tuple[Colour, ...], position: float) -> Colour:
    place = position * (len(colours) - 1)
    low = min(int(place), len(colours) - 2)
    share = place - low
    red, green, blue = (a + (b - a) * share for a, b in zip(colours[low], colours[low + 1], strict=True))
    return (red, green, blue)


def _jitter(rng: np.random.Generator, colour: Colour, spread: float) -> Colour:
    """Vary brightness, and red against blue, but never towards green: no skin or hair is green."""
    bright, warm = rng.normal(0, spread), abs(rng.normal(0, 0.5 * spread))
    red, green, blue = (float(np.clip(value + bright, 8, 250)) for value in colour)
    return (min(red + warm, 250.0), green, max(blue - 0.6 * warm, 8.0))
