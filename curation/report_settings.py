"""How much a report shows: `[curate.report]` of agegap.toml."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Interval


@dataclass(frozen=True)
class ReportSettings:
    """Limits that keep the page under about 20 MB and a phone able to open it."""

    subjects: Annotated[int, Ge(0)] = 40  # timelines; those with the most different years come first
    faces_per_subject: Annotated[int, Ge(2)] = 24  # spread over the subject's years
    drops_per_reason: Annotated[int, Ge(0)] = 24
    pair_examples: Annotated[int, Ge(0)] = 12
    pairs: str = "default"  # the pair set shown; another one where this does not exist
    jpeg_quality: Annotated[int, Interval(ge=1, le=95)] = 85  # of the copies, 4 kB each
