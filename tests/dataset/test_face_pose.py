"""How a head is turned, from five points and from 68: heads turned by hand, seen from far away."""

import numpy as np
import pytest

from dataset.face.pose import (
    HEAD,
    MOUTH_DROP,
    NOSE_DEPTH,
    NOSE_DROP,
    RIGID,
    estimate_pitch,
    estimate_pose,
    estimate_roll,
    estimate_yaw,
    eye_distance,
)

# Eyes, nose tip, corners of the mouth; eye distance 1, y down, z towards the viewer.
FIVE = np.array(
    [
        (-0.5, 0.0, 0.0),
        (0.5, 0.0, 0.0),
        (0.0, NOSE_DROP, NOSE_DEPTH),
        (-0.4, MOUTH_DROP, 0.0),
        (0.4, MOUTH_DROP, 0.0),
    ]
)


def turned(head: np.ndarray, *, yaw: float = 0, pitch: float = 0, roll: float = 0, size: float = 60) -> np.ndarray:
    """Nod the head down by `pitch`, turn it to the right of the photo by `yaw`, lean it clockwise by `roll`."""
    a, b, c = np.radians([yaw, pitch, roll])
    nod = np.array([[1, 0, 0], [0, np.cos(b), np.sin(b)], [0, -np.sin(b), np.cos(b)]])
    turn = np.array([[np.cos(a), 0, np.sin(a)], [0, 1, 0], [-np.sin(a), 0, np.cos(a)]])
    lean = np.array([[np.cos(c), -np.sin(c), 0], [np.sin(c), np.cos(c), 0], [0, 0, 1]])
    return np.asarray((head @ (lean @ turn @ nod).T)[:, :2] * size + 100)


def points_of_68(**angles: float) -> np.ndarray:
    """68 points of which only those that count are in their places."""
    points = np.random.default_rng(0).uniform(0, 200, (68, 2))
    points[RIGID] = turned(HEAD, **{"size": 0.2, **angles})
    return points


@pytest.mark.parametrize("yaw", [-70, -30, -5, 0, 12, 45, 80])
@pytest.mark.parametrize("roll", [-90, -20, 0, 35])
def test_yaw_and_roll_of_a_turned_head_are_found(yaw: float, roll: float) -> None:
    points = turned(FIVE, yaw=yaw, roll=roll)
    assert estimate_yaw(points) == pytest.approx(yaw, abs=1e-6)
    assert estimate_roll(points) == pytest.approx(roll, abs=1e-6)


@pytest.mark.parametrize("pitch", [-60, -25, -3, 0, 18, 40])
@pytest.mark.parametrize("roll", [-90, 0, 35])
def test_the_pitch_of_a_nodding_head_is_found(pitch: float, roll: float) -> None:
    assert estimate_pitch(turned(FIVE, pitch=pitch, roll=roll)) == pytest.approx(pitch, abs=1e-6)


@pytest.mark.parametrize("angles", [(0, 0, 0), (40, 0, 0), (0, -30, 0), (0, 0, 120), (-35, 20, 15), (60, -40, -170)])
def test_68_points_say_all_three_angles_at_once(angles: tuple[float, float, float]) -> None:
    yaw, pitch, roll = angles
    pose = estimate_pose(turned(FIVE), points_of_68(yaw=yaw, pitch=pitch, roll=roll))
    assert (pose.yaw, pose.pitch, pose.roll) == pytest.approx(angles, abs=1e-6)


def test_noise_of_a_hundredth_of_the_head_moves_the_angles_by_a_few_degrees() -> None:
    rng = np.random.default_rng(1)
    for _ in range(20):
        points = points_of_68(yaw=20, pitch=10, roll=5) + rng.normal(0, 0.2 * 4.5, (68, 2))
        pose = estimate_pose(turned(FIVE), points)
        assert (pose.yaw, pose.pitch, pose.roll) == pytest.approx((20, 10, 5), abs=8)


def test_without_68_points_the_five_say_it() -> None:
    pose = estimate_pose(turned(FIVE, yaw=20, roll=10))
    assert (pose.yaw, pose.roll) == pytest.approx((20, 10), abs=1e-6)


def test_the_nose_on_the_right_of_the_photo_is_a_positive_yaw_and_low_a_positive_pitch() -> None:
    right, low = turned(FIVE), turned(FIVE)
    right[2, 0] += 10
    low[2, 1] += 10
    assert estimate_yaw(right) > 0
    assert estimate_pitch(low) > 0


def test_points_in_one_place_are_no_error() -> None:
    points = turned(FIVE)
    points[1] = points[0]
    assert eye_distance(points) == 0
    assert -90 <= estimate_yaw(points) <= 90
    assert estimate_pitch(points) == 0
    pose = estimate_pose(points, np.full((68, 2), 5.0))
    assert (pose.yaw, pose.pitch, pose.roll) == (0, 0, 0)


def test_a_mouth_above_the_eyes_has_no_pitch() -> None:
    points = turned(FIVE)
    points[3:, 1] = 0
    assert estimate_pitch(points) == 0
