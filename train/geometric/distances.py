"""F1 to F4: ratios of distances between the points of a face. Reference equations 1.5, "existing system"."""

import numpy as np
from numpy.typing import NDArray

from train.geometric.landmarks import Landmarks

RATIOS = ("F1", "F2", "F3", "F4")

INDEPENDENT = ("F1", "F3", "F4")
"""F2 = F1 F4 (E/L = E/N N/L): the fourth ratio says nothing of its own and is left out of what is learned from."""


def ratios(points: Landmarks) -> NDArray[np.float64]:
    """Return F1 = E/N, F2 = E/L, F3 = N/Ch and F4 = N/L, (4,).

    E is the distance of the eye centres; N, L and Ch are those from the middle between them to nose tip, mouth centre
    and chin. None of them changes when the face is moved, turned or scaled.
    """
    middle = points.middle
    eyes = np.linalg.norm(points.right_eye - points.left_eye)
    nose, lips, chin = (np.linalg.norm(one - middle) for one in (points.nose, points.mouth, points.chin))
    return np.array([eyes / nose, eyes / lips, nose / chin, nose / lips])
