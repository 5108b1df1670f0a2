"""In which order pairs are taken where a cap cuts: by the pixels of both crops and the seed, alike on every machine.

The key is (a.order_key * ma + b.order_key * mb) mod 2^31 - 1: plain integers that SQL can compute too.
"""

import hashlib

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

PRIME = 2_147_483_647
"""2^31 - 1: keys stay below it, so that products with the multipliers fit 63 bits in every engine."""

KEY_BITS = 31


def multipliers(seed: int | str) -> tuple[int, int]:
    """Return the two factors of the order key, each in [1, 2^30), from the sha256 of the seed.

    An added seed would only turn the order round: seeds 1 and 2 then choose the very same pairs.
    """
    digest = hashlib.sha256(str(seed).encode()).digest()
    ma, mb = (int.from_bytes(digest[start : start + 8], "big") % (2**30 - 1) + 1 for start in (0, 8))
    return ma, mb


def halves(order_key: NDArray[np.int32], seed: int | str) -> tuple[Ints, Ints]:
    """Return what each face brings to the key as the younger and as the older one, int64 below PRIME."""
    wide = order_key.astype(np.int64)
    ma, mb = multipliers(seed)
    return wide * ma % PRIME, wide * mb % PRIME


def joined(younger_half: Ints, older_half: Ints) -> Ints:
    """Return the keys of pairs from the halves of their faces: one addition and no division a pair."""
    key = younger_half + older_half
    # Unsigned, so that what is below PRIME wraps to something huge and stays as it was.
    reduced: Ints = np.minimum(key.view(np.uint64), (key - PRIME).view(np.uint64)).view(np.int64)
    return reduced
