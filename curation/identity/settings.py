"""[curate.verify] of agegap.toml: how faces are compared, and when one is taken for somebody else's.

The numbers of the model were chosen on half of the people of FG-NET and checked on the other half
(benchmarks/curation_identity.py); docs/identity.md says what each does.
"""

from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Gt, Interval


@dataclass(frozen=True)
class IdentitySettings:
    """How `curate verify` judges. Times in years."""

    embedder: str = "dlib"
    # A face is kept when it looks more like its subject than the faces most like it do, by so many of their standard
    # deviations: the rate of impostors that pass depends on it alone, not on the photos, so it holds elsewhere too.
    min_score: float = 1.6
    # Fewest faces of one other person under a name that are proposed as a split.
    min_split: Annotated[int, Ge(2)] = 3
    # Two subjects are proposed as one person when the faces of each look so much like the other's.
    min_merge_score: float = 2.5
    # Years a centre stands for; a face is shown with its cosine to the nearest one.
    centre_years: Annotated[int, Ge(1)] = 10

    # Faces most like a face, of other subjects, against which it is measured.
    rivals: Annotated[int, Ge(10)] = 80
    # Of the differences between photos of one person, the share that ageing makes; the rest is pose, light and print.
    ageing_share: Annotated[float, Interval(gt=0, lt=1)] = 0.45
    ageing_years: Annotated[float, Gt(0)] = 15.0
    # Faces that a plain guess of how people differ weighs as much as; a catalog with more speaks for itself.
    prior_faces: Annotated[float, Gt(0)] = 1000.0
