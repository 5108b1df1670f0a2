"""Chance that repeats: every draw depends on a seed and on what is drawn for, never on the order of requests."""

import hashlib

import numpy as np
from numpy.typing import NDArray

Numbers = NDArray[np.uint64]
_TO_UNIT = 2.0**-64


def share(seed: int, *what: object) -> float:
    """Return a number in [0, 1) for these words, the same whenever they are asked for."""
    text = "\0".join(map(str, (seed, *what)))
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest(), "big") * _TO_UNIT


def number_of(photo_id: str) -> int:
    """Return the photo's id as a number below 2**64: itself where it is one."""
    if photo_id.isascii() and photo_id.isdigit() and len(photo_id) < 19:
        return int(photo_id)
    return int.from_bytes(hashlib.blake2b(photo_id.encode(), digest_size=8).digest(), "big")


def mixed(numbers: Numbers, salt: int) -> Numbers:
    """Return 64 well-mixed bits for each number (splitmix64, Steele et al. 2014: prng.di.unimi.it/splitmix64.c)."""
    with np.errstate(over="ignore"):
        bits = numbers + np.uint64((salt * 0x9E3779B97F4A7C15 + 0x9E3779B97F4A7C15) % 2**64)
        bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
        bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
        return bits ^ (bits >> np.uint64(31))


def shares(numbers: Numbers, salt: int) -> NDArray[np.float64]:
    """Return a number in [0, 1) for each number."""
    return (mixed(numbers, salt) >> np.uint64(11)).astype(np.float64) * 2.0**-53
