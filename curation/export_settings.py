"""What goes into an export: `[curate.export]` of agegap.toml."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Interval


@dataclass(frozen=True)
class ExportSettings:
    """Which faces, with which pairs, in which splits."""

    site: tuple[str, ...] = ()  # empty: every site
    pairs: str | None = None  # name of the pair set; None: the default one where it exists
    no_pairs: bool = False
    labelled_only: bool = False  # leave out the faces without an age
    hide_ages: bool = False  # a set used for its years alone must not bring its ages along
    split: str = "train=80,val=10,test=10"  # percent of the subjects
    seed: int = 0  # of the split
    min_year_confidence: Annotated[float, Interval(ge=0, le=1)] = 0.0  # below it a year is written as unknown
