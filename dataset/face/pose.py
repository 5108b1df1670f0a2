"""How a head is turned, from five points or from 68, seen from far away. Angles in degrees.

Yaw is positive when the nose points to the right of the photo, pitch when the face looks down, roll when the head leans
clockwise.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

# A head in eye distances, about 63 mm in an adult: x to the right of the photo, y down, z towards the viewer.
NOSE_DEPTH = 0.55
"""How far the nose tip stands before the eye line."""
NOSE_DROP, MOUTH_DROP = 0.578, 1.0
"""How far nose tip and corners of the mouth lie below the eye line where YuNet sees them: medians of half of FG-NET's
people, the same for the other half to 0.006; their share hardly moves with age (0.566 to 0.583)."""

POINTS = 68
# Of the 68 points those that no smile and no age moves much, and where they lie in the generic head that is used for
# head pose all over (https://learnopencv.com/head-pose-estimation-using-opencv-and-dlib), here with y down.
RIGID = np.array([8, 30, 36, 45, 48, 54])
HEAD = np.array(
    [
        (0.0, 330.0, -65.0),  # chin
        (0.0, 0.0, 0.0),  # nose tip
        (-225.0, -170.0, -135.0),  # outer corner of the eye on the left of the photo
        (225.0, -170.0, -135.0),
        (-150.0, 150.0, -125.0),  # corner of the mouth on the left
        (150.0, 150.0, -125.0),
    ]
)


@dataclass(frozen=True)
class Pose:
    """Degrees."""

    yaw: float
    pitch: float
    roll: float


def estimate_pose(landmarks: Floats, points: Floats | None = None) -> Pose:
    """Return the pose from all 68 `points` (68, 2) where there are any, else from the five `landmarks`."""
    if points is not None and len(points) == POINTS:
        return pose_of_68(points)
    return Pose(estimate_yaw(landmarks), estimate_pitch(landmarks), estimate_roll(landmarks))


def eye_distance(landmarks: Floats) -> float:
    """Return the distance of the two eyes."""
    return float(np.linalg.norm(landmarks[1] - landmarks[0]))


def estimate_roll(landmarks: Floats) -> float:
    """Return the angle of the eye line, clockwise positive (y points down)."""
    dx, dy = landmarks[1] - landmarks[0]
    return float(np.degrees(np.arctan2(dy, dx)))


def estimate_yaw(landmarks: Floats) -> float:
    """Return the turn of the head, -90..90, from where the nose tip stands between the eyes.

    Seen from far, eyes at (-1/2, 0) and (1/2, 0) with the nose tip d before them turn by t to an eye distance cos t
    and a nose d sin t off the middle: tan t = (offset / eye distance) / d.
    """
    left, right, nose = landmarks[0], landmarks[1], landmarks[2]
    along = right - left
    length = float(np.linalg.norm(along))
    offset = float((nose - (left + right) / 2) @ along) / length if length > 0 else 0.0
    return float(np.degrees(np.arctan2(offset, length * NOSE_DEPTH)))


def estimate_pitch(landmarks: Floats) -> float:
    """Return the nod of the head, -90..90, from where the nose tip stands between eyes and mouth.

    A nod by t puts the nose n cos t + d sin t below the eye line and the mouth m cos t: with r, the share of the way
    from eyes to mouth at which the nose is seen, tan t = (r m - n) / d. 0 where the mouth is not below the eyes.
    """
    left, right, nose = landmarks[0], landmarks[1], landmarks[2]
    along = right - left
    length = float(np.linalg.norm(along))
    if length == 0:
        return 0.0
    down = np.array([-along[1], along[0]]) / length
    middle = (left + right) / 2
    to_nose, to_mouth = float((nose - middle) @ down), float((landmarks[3:5].mean(axis=0) - middle) @ down)
    if to_mouth <= 0:
        return 0.0
    return float(np.degrees(np.arctan2(to_nose * MOUTH_DROP - to_mouth * NOSE_DROP, to_mouth * NOSE_DEPTH)))


def pose_of_68(points: Floats) -> Pose:
    """Return the pose of the generic head that is seen at these 68 points (68, 2), by scaled orthography.

    The best linear map from head to photo, brought to the nearest rotation (orthogonal Procrustes): closed form, and no
    camera to guess.
    """
    head = HEAD - HEAD.mean(axis=0)
    seen = points[RIGID] - points[RIGID].mean(axis=0)
    rows = np.linalg.lstsq(head, seen, rcond=None)[0].T  # (2, 3): scale times the first two rows of the rotation
    left, scales, right = np.linalg.svd(rows, full_matrices=False)
    if scales[0] <= 0:
        return Pose(0.0, 0.0, 0.0)
    x_row, y_row = left @ right
    facing = np.cross(x_row, y_row)  # where the head's own z goes; y is down, so towards the viewer is positive
    rotation = np.array([x_row, y_row, facing])
    # Its columns are where the head's axes point. A head nods, then turns, then leans: taken apart in that order, the
    # eye line alone says how it leans and turns, as it does for five points.
    along, out = rotation[:, 0], rotation[:, 2]
    roll = np.arctan2(along[1], along[0])
    down = out[1] * np.cos(roll) - out[0] * np.sin(roll)
    return Pose(
        yaw=float(np.degrees(np.arctan2(-along[2], np.hypot(along[0], along[1])))),
        pitch=float(np.degrees(np.arcsin(np.clip(down, -1, 1)))),
        roll=float(np.degrees(roll)),
    )
