"""How much a report shows: `[curate.report]` of agegap.toml."""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Interval


@dataclass(frozen=True)
class ReportSettings:
    """Limits that keep the pages few and a phone able to open them."""

    subjects: Annotated[int, Ge(0)] = 5000  # pages of people; those with the most different years come first
    faces_per_subject: Annotated[int, Ge(2)] = 60  # spread over the subject's years
    subjects_per_page: Annotated[int, Ge(1)] = 50  # of the list
    drops_per_reason: Annotated[int, Ge(0)] = 60
    pair_examples: Annotated[int, Ge(0)] = 12  # on the first page
    pairs_per_gap: Annotated[int, Ge(0)] = 6  # pairs of each K in the pair viewer
    worst: Annotated[int, Ge(0)] = 100  # faces or pairs of each list of doubtful ones, and groups of duplicates
    small_gap: Annotated[int, Ge(0)] = 5  # years within which two faces of one person should look alike
    pairs: str = "default"  # the pair set shown; another one where this does not exist
    jpeg_quality: Annotated[int, Interval(ge=1, le=95)] = 80  # of the sheets: 2 kB a face
