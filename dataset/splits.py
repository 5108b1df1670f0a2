"""Who is trained on and who is tested on: by person, by hash, for ever.

A subject's split depends on its own name and the seed alone, so a crawl that adds people moves nobody who was
there before, and no subject is ever on both sides.
"""

import hashlib
from dataclasses import dataclass
from enum import IntEnum

from agegap.errors import WrongUse

BUCKETS = 10_000
"""Steps of a share: a hundredth of a percent, fine enough for a test set of a million people."""

_TOTAL_PERCENT = 100.0


class Split(IntEnum):
    """What a face is for; the number is what FaceTable.split holds."""

    TRAIN = 0
    VAL = 1
    TEST = 2

    @property
    def label(self) -> str:
        """The word used in files and flags."""
        return self.name.lower()


SPLITS = {split.label: split for split in Split}
"""Every split by its word."""


@dataclass(frozen=True)
class Shares:
    """Percent of the subjects in each split; they sum to 100."""

    train: float = 80.0
    val: float = 10.0
    test: float = 10.0

    def __post_init__(self) -> None:
        shares = (self.train, self.val, self.test)
        if not all(0 <= share <= _TOTAL_PERCENT for share in shares) or abs(sum(shares) - _TOTAL_PERCENT) > 1e-6:
            raise WrongUse(
                f"split train={self.train:g},val={self.val:g},test={self.test:g}: "
                "shares are percents from 0 to 100 that sum to 100; write for example train=80,val=10,test=10"
            )


def parse_shares(text: str) -> Shares:
    """Return the shares written as "train=80,val=10,test=10" or "all=test"; a split not named gets 0.

    Raises WrongUse with what was wrong and what to write.
    """
    shares: dict[str, float] = {}
    for part in text.split(","):
        name, _, value = (word.strip() for word in part.partition("="))
        if name == "all" and value in SPLITS and "," not in text:
            return Shares(**(dict.fromkeys(SPLITS, 0.0) | {value: _TOTAL_PERCENT}))
        if name not in SPLITS or name in shares or not _is_number(value):
            raise WrongUse(f"split '{text}': cannot read '{part}'; write train=80,val=10,test=10 or all=test")
        shares[name] = float(value)
    return Shares(**(dict.fromkeys(SPLITS, 0.0) | shares))


def split_of(subject_key: str, *, seed: int, shares: Shares) -> Split:
    """Return the split of a subject's name (of "site/site_id" for a face without a subject)."""
    digest = hashlib.sha256(f"split-{seed}|{subject_key}".encode()).digest()
    bucket = int.from_bytes(digest[:8], "big") % BUCKETS
    per_percent = BUCKETS / _TOTAL_PERCENT
    if bucket < round(shares.train * per_percent):
        return Split.TRAIN
    if bucket < round((shares.train + shares.val) * per_percent):
        return Split.VAL
    return Split.TEST


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
