"""What goes into an export: `[curate.export]` of agegap.toml."""

from dataclasses import dataclass
from typing import Annotated, Literal

from annotated_types import Gt, Interval

Format = Literal["packed", "imagefolder", "parquet", "webdataset", "pairs-lists"]

MEGABYTE = 1 << 20


@dataclass(frozen=True)
class ExportSettings:
    """Which faces, with which pairs, in which splits, in which format."""

    format: Format = "packed"
    site: tuple[str, ...] = ()  # empty: every site
    pairs: str | None = None  # name of the pair set; None: the default one where it exists
    no_pairs: bool = False
    labelled_only: bool = False  # leave out the faces without an age
    min_age: Annotated[int, Interval(ge=0, le=120)] | None = None  # leave out who is or may be younger
    drop_unknown_age: bool = False  # leave out the faces of whom nothing says how old they are
    hide_ages: bool = False  # a set used for its years alone must not bring its ages along
    split: str = "train=80,val=10,test=10"  # percent of the subjects
    leaks: Literal["refuse", "drop", "allow"] = "refuse"  # pictures that would lie in two splits
    seed: int = 0  # of the split, and of what the lists of pairs-lists draw
    min_year_confidence: Annotated[float, Interval(ge=0, le=1)] = 0.0  # below it a year is written as unknown
    # Of pictures, for parquet and webdataset: some 50,000 faces, between what the Hub (500) and WebDataset (100 to
    # 1000) recommend, and small enough that a shard is opened in a second.
    shard_mb: Annotated[float, Gt(0)] = 256.0
