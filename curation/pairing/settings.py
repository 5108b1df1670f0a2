"""What `curate build-pairs` is told: `[curate.pairs]` of agegap.toml."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Ge, Interval

from agegap.errors import SettingsError
from dataset.splits import parse_shares

_K_LIMIT = 150  # nobody is photographed over a longer life

K = Annotated[int, Interval(ge=0, le=_K_LIMIT)]
Share = Annotated[float, Interval(ge=0, le=1)]


@dataclass(frozen=True)
class PairSettings:
    """The recipe of a pair set."""

    k: tuple[K, ...] = ()  # these Ks alone, such as 5, 10, 20, 30; empty: every K from k_min to k_max
    k_min: Annotated[int, Ge(0)] = 1  # K = 0 is mostly one event: 35 % of MORPH's pairs
    k_max: K = 60  # beyond it a wrong year is likelier than a pair
    per_subject_k: Annotated[int, Ge(1)] = 4  # of one subject with one K: all pairs of CACD are 6.6 M at ten Ks
    per_subject: Annotated[int, Ge(1)] | None = None  # most pairs of one subject, spread over its Ks
    max_per_face: Annotated[int, Ge(1)] | None = None  # most pairs one face is in
    per_k: Annotated[int, Ge(1)] | None = None  # most pairs of one K over all subjects, as many subjects as there are
    # Of each taken year; below a half it is likelier wrong than right.
    min_confidence: Share = 0.5
    # Floors of a face's quality; a score that is not known counts as the worst.
    min_score: Share = 0.0
    min_eye_distance: Annotated[float, Ge(0)] = 0.0
    min_blur: Annotated[float, Ge(0)] = 0.0
    max_yaw: Annotated[float, Interval(ge=0, le=90)] = 90.0
    # Perceptual hashes that differ in so few bits are one picture; -1 leaves only the same crops out.
    near_duplicate_bits: Annotated[int, Interval(ge=-1, le=64)] = 3
    not_same_event: bool = True  # no pairs within a page, or of days that lie so near:
    event_days: Annotated[int, Interval(ge=0, le=366)] = 1  # New Year's Eve and the morning after are K = 1
    direction: Literal["young-old", "both"] = "young-old"
    negatives: Annotated[float, Interval(ge=0, le=100)] = 0.0  # pairs of strangers for each pair
    split: str = "train=80,val=10,test=10"  # percent of the subjects, as for `curate export`
    split_seed: int = 0
    leaks: Literal["refuse", "drop", "allow"] = "refuse"  # pictures that lie in two splits
    storage: Literal["rows", "parquet", "virtual"] = "rows"
    seed: int = 0

    def __post_init__(self) -> None:
        """Raise SettingsError when no K is left or when a set cannot be stored as it is asked for."""
        faults = []
        if not self.k and self.k_max < self.k_min:
            faults.append(f"[curate.pairs]: 'k_max' {self.k_max} is below 'k_min' {self.k_min}")
        if len(set(self.k)) < len(self.k):
            faults.append(f"[curate.pairs]: 'k' names a K twice: {', '.join(map(str, self.k))}")
        if self.direction == "both" and self.storage == "rows":
            faults.append(
                "[curate.pairs]: direction 'both' needs storage 'parquet' or 'virtual'; a row is younger first"
            )
        if faults:
            raise SettingsError(faults)
        parse_shares(self.split)

    @property
    def runs(self) -> list[tuple[int, int]]:
        """The Ks as (first, last) of runs without a hole, ascending."""
        if not self.k:
            return [(self.k_min, self.k_max)]
        runs: list[tuple[int, int]] = []
        for k in sorted(self.k):
            if runs and runs[-1][1] == k - 1:
                runs[-1] = (runs[-1][0], k)
            else:
                runs.append((k, k))
        return runs
