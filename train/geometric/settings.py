"""Every knob of the hand-made baseline, with its default and the reason for it: [geometric] of its preset.

The source gives neither the thresholds of Canny, nor the boxes, nor the classifier: all of them are chosen here.
Boxes are (left, top, right, bottom) in eye distances from the middle between the eyes, x along the eye line, y down;
those of a pair are on the right of the picture and mirrored for the left.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

LandmarkName = Literal["dlib", "yunet"]
ClassifierName = Literal["kmeans", "lda", "knn", "ridge"]
Wrinkles = Literal["sum", "regions", "none"]
Groups = Literal["agenet", "adience"]

Box = tuple[float, float, float, float]
Positive = Annotated[int, Field(ge=1)]
PositiveFloat = Annotated[float, Field(gt=0)]


@dataclass(frozen=True, kw_only=True)
class GeometricSettings:
    """How faces are measured, and what decides over the measures."""

    # "dlib": 68 points with a chin; "yunet": five points, the chin from the bottom of the box. "auto": dlib where the
    # extra is installed. A trained model keeps to the one it was made with.
    landmarks: Literal["auto", "dlib", "yunet"] = "auto"
    classifier: ClassifierName = "lda"
    # Age groups that clusters and classes are labelled with.
    groups: Groups = "agenet"
    # One sum of all shares as the source has it ("sum"), the regions side by side, or only the distances.
    wrinkles: Wrinkles = "sum"
    # Eye distance of the upright view in which edges are looked for: near that of the stored crops.
    view_eyes: Annotated[int, Field(ge=16, le=128)] = 48
    # Of the Gaussian before Canny, in pixels of the view; 0 = none. Below one JPEG blocks are edges.
    blur_sigma: Annotated[float, Field(ge=0)] = 1.5
    # Hysteresis thresholds, in grey levels of a view whose skin was brought to one contrast.
    canny_low: PositiveFloat = 10.0
    canny_high: PositiveFloat = 30.0
    forehead: Box = (-0.6, -0.95, 0.6, -0.5)
    eyelid: Box = (0.2, 0.14, 0.8, 0.38)
    cheek: Box = (0.4, 0.42, 0.95, 0.78)
    eye_corner: Box = (0.8, -0.15, 1.05, 0.25)
    clusters: Positive = 24
    neighbours: Positive = 40
    # Weight of ridge's squared coefficients, beside a mean squared error over standardised features.
    ridge_penalty: Annotated[float, Field(ge=0)] = 0.01
    # Age histograms are blurred by a Gaussian of so many years, and get the weight of so many faces of all ages.
    smooth_years: PositiveFloat = 2.0
    prior_faces: Annotated[float, Field(ge=0)] = 5.0
    seed: Annotated[int, Field(ge=0)] = 0
    # A folder for measured features that several runs share; "" = inside the run.
    cache: str = ""

    def __post_init__(self) -> None:
        """Refuse what no face can have."""
        if self.canny_high < self.canny_low:
            raise ValueError(f"'canny_high' {self.canny_high} must not be below 'canny_low' {self.canny_low}")
        for name in ("forehead", "eyelid", "cheek", "eye_corner"):
            left, top, right, bottom = getattr(self, name)
            if not (left < right and top < bottom):
                raise ValueError(f"'{name}' must be (left, top, right, bottom) with left < right and top < bottom")
