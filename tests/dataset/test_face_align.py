"""Five points to a crop."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dataset.face.align import CROP_SIDE, TEMPLATES, align_face, fit_similarity
from dataset.face.settings import Template

# As published by insightface, typed in once more: the test must not read the constant it checks.
ARCFACE = np.array([(38.2946, 51.6963), (73.5318, 51.5014), (56.0252, 71.7366), (41.5493, 92.3655), (70.7299, 92.2041)])


def umeyama(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Umeyama 1991, equations 38 to 43, by singular values: another road to the same similarity."""
    mean_s, mean_t = source.mean(0), target.mean(0)
    s, t = source - mean_s, target - mean_t
    u, d, vt = np.linalg.svd(t.T @ s / len(s))
    sign = np.diag([1.0, np.sign(np.linalg.det(u) * np.linalg.det(vt))])
    rotation = u @ sign @ vt
    scale = np.trace(np.diag(d) @ sign) / s.var(axis=0).sum()
    return np.column_stack([scale * rotation, mean_t - scale * rotation @ mean_s])


points = st.lists(st.tuples(st.floats(-500, 500), st.floats(-500, 500)), min_size=5, max_size=5, unique=True)


@given(points, points)
def test_the_similarity_is_that_of_umeyama(
    source: list[tuple[float, float]], target: list[tuple[float, float]]
) -> None:
    p, q = np.array(source), np.array(target)
    if np.ptp(p, axis=0).max() < 1 or np.ptp(q, axis=0).max() < 1:
        return
    fitted, other = fit_similarity(p, q), umeyama(p, q)
    ones = np.column_stack([p, np.ones(5)])
    # Compared by what is left over: for a mirrored target every rotation may be equally good.
    assert np.square(ones @ fitted.T - q).sum() == pytest.approx(
        np.square(ones @ other.T - q).sum(), rel=1e-6, abs=1e-6
    )


def test_a_known_similarity_is_found_again() -> None:
    angle, scale, shift = 0.4, 1.7, np.array([30.0, -12.0])
    rotation = scale * np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    matrix = fit_similarity(ARCFACE, ARCFACE @ rotation.T + shift)
    np.testing.assert_allclose(matrix, np.column_stack([rotation, shift]), atol=1e-9)


def test_points_that_coincide_are_refused() -> None:
    with pytest.raises(ValueError, match="coincide"):
        fit_similarity(np.ones((5, 2)), ARCFACE)


def test_tight_is_the_template_of_insightface_at_128() -> None:
    np.testing.assert_allclose(TEMPLATES["tight"], ARCFACE + np.array([8, 0]))


def test_age_shows_1_4_times_as_much_as_arcface_scaled_to_128() -> None:
    scaled = ARCFACE * 128 / 112
    np.testing.assert_allclose(np.ptp(TEMPLATES["age"], axis=0), np.ptp(scaled, axis=0) / 1.4)
    np.testing.assert_allclose(TEMPLATES["age"].mean(0) - 64, (scaled.mean(0) - 64) / 1.4)


def test_every_template_has_the_shape_of_the_arcface_points() -> None:
    for template in TEMPLATES.values():
        matrix = fit_similarity(ARCFACE, template)
        np.testing.assert_allclose(np.column_stack([ARCFACE, np.ones(5)]) @ matrix.T, template, atol=1e-9)
        assert matrix[1, 0] == pytest.approx(0)  # upright


def dotted(width: int, height: int, landmarks: np.ndarray, radius: int) -> np.ndarray:
    """Draw a soft white dot at each point on black."""
    y, x = np.mgrid[:height, :width]
    grey = sum(np.exp(-((x - px) ** 2 + (y - py) ** 2) / (2 * radius**2)) for px, py in landmarks)
    return np.repeat((np.clip(grey, 0, 1) * 255).astype(np.uint8)[..., None], 3, axis=2)


@pytest.mark.parametrize("template", TEMPLATES)
@pytest.mark.parametrize("scale", [0.6, 1.0, 3.3, 9.0])
@pytest.mark.parametrize("angle", [0.0, 0.5, -2.0])
def test_the_five_points_land_on_the_template(template: Template, scale: float, angle: float) -> None:
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    centred = (TEMPLATES[template] - 64) @ turn.T * scale
    side = int(200 * scale)
    landmarks = centred + side / 2 + [0.3, -0.2]
    for number in range(5):
        image = dotted(side, side, landmarks[number : number + 1], radius=max(2, int(2 * scale)))
        crop = align_face(image, landmarks, template=template)[..., 0].astype(float)
        y, x = np.mgrid[:CROP_SIDE, :CROP_SIDE]
        middle = np.array([(crop * x).sum(), (crop * y).sum()]) / crop.sum()
        np.testing.assert_allclose(middle, TEMPLATES[template][number], atol=0.25)


def test_a_large_face_is_averaged_and_not_sampled() -> None:
    # Stripes of one pixel become nearly even grey when 12 of them go into one pixel of the crop; sampling leaves them.
    image = np.zeros((1600, 1600, 3), np.uint8)
    image[:, ::2] = 255
    landmarks = (TEMPLATES["tight"] - 64) * 12 + 800
    crop = align_face(image, landmarks, template="tight")
    assert crop.std() < 10
    assert crop.mean() == pytest.approx(127.5, abs=2)  # sampling gives 255 or 0


def test_beyond_the_edge_the_last_pixels_are_repeated() -> None:
    image = np.full((40, 40, 3), 90, np.uint8)
    image[0] = 200
    crop = align_face(image, (TEMPLATES["age"] - 64) * 0.25 + 20, template="age")
    assert crop.shape == (128, 128, 3)
    assert (crop[0] == crop[0, 0]).all()
    # The photo of 40 pixels is enlarged four times, so its middle 32 rows fill the crop: no border is seen.
    assert (crop == 90).all()
    far = align_face(image, (TEMPLATES["age"] - 64) + 20, template="age")
    assert (far[:40] == 200).all()
    assert (far[60:] == 90).all()


@pytest.mark.parametrize("corner", [(0, 0), (899, 0), (0, 699), (899, 699), (-400, -400)])
def test_a_large_face_at_or_beyond_the_corner_gives_a_crop(corner: tuple[int, int]) -> None:
    image = np.random.default_rng(0).integers(0, 255, (700, 900, 3), dtype=np.uint8)
    crop = align_face(image, (TEMPLATES["age"] - 64) * 6 + corner, template="age")
    assert crop.shape == (128, 128, 3)
    assert crop.dtype == np.uint8
