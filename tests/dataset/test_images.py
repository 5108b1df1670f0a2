"""Bytes become pixels, or a reason."""

import io
import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from dataset.face.reasons import DropReason
from dataset.images import (
    ImageLimits,
    ImageRefused,
    decode_crop,
    encode_crop,
    read_crop,
    read_image,
    read_photo,
)

RED, GREEN, BLUE, WHITE = (220, 20, 20), (20, 200, 20), (20, 20, 220), (255, 255, 255)


def four_corners(width: int = 96, height: int = 64) -> Image.Image:
    """Return a picture whose four quarters are red, green (top), blue, white (bottom)."""
    pixels = np.zeros((height, width, 3), np.uint8)
    half_y, half_x = height // 2, width // 2
    pixels[:half_y, :half_x], pixels[:half_y, half_x:] = RED, GREEN
    pixels[half_y:, :half_x], pixels[half_y:, half_x:] = BLUE, WHITE
    return Image.fromarray(pixels)


def saved(path: Path, image: Image.Image, kind: str, **options: object) -> Path:
    image.save(path, kind, **options)
    return path


def corners(pixels: np.ndarray) -> list[str]:
    """Name the colours of the four quarters."""
    names = {"red": RED, "green": GREEN, "blue": BLUE, "white": WHITE}
    height, width = pixels.shape[:2]
    middles = [(height // 4, width // 4), (height // 4, 3 * width // 4)]
    middles += [(3 * height // 4, width // 4), (3 * height // 4, 3 * width // 4)]
    return [min(names, key=lambda name: int(np.abs(pixels[y, x].astype(int) - names[name]).sum())) for y, x in middles]


UPRIGHT = ["red", "green", "blue", "white"]

# How a camera that is held so stores an upright scene: the inverse of what EXIF says must be done to show it.
STORED_BY = {
    1: lambda scene: scene,
    2: np.fliplr,
    3: lambda scene: np.rot90(scene, 2),
    4: np.flipud,
    5: lambda scene: np.transpose(scene, (1, 0, 2)),
    6: lambda scene: np.rot90(scene, 1),
    7: lambda scene: np.rot90(np.transpose(scene, (1, 0, 2)), 2),
    8: lambda scene: np.rot90(scene, -1),
}


@pytest.mark.parametrize("orientation", STORED_BY)
def test_a_photo_is_read_upright_whatever_its_exif_orientation(orientation: int, tmp_path: Path) -> None:
    stored = Image.fromarray(np.ascontiguousarray(STORED_BY[orientation](np.asarray(four_corners()))))
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = read_photo(saved(tmp_path / "a.jpg", stored, "JPEG", exif=exif, quality=95))
    assert corners(photo.pixels) == UPRIGHT
    assert (photo.width, photo.height) == (96, 64)
    assert photo.pixels.shape == (64, 96, 3)


@pytest.mark.parametrize(
    ("kind", "mode"),
    [("PNG", "RGB"), ("PNG", "RGBA"), ("PNG", "P"), ("JPEG", "CMYK"), ("TIFF", "CMYK"), ("WEBP", "RGB"), ("GIF", "P")],
)
def test_every_colour_mode_becomes_8_bit_rgb(kind: str, mode: str, tmp_path: Path) -> None:
    pixels = read_image(saved(tmp_path / "photo", four_corners().convert(mode), kind))
    assert pixels.dtype == np.uint8
    assert pixels.shape == (64, 96, 3)
    assert corners(pixels) == UPRIGHT


def test_grey_and_16_bit_grey_keep_their_greys(tmp_path: Path) -> None:
    ramp = np.linspace(0, 255, 64 * 64).reshape(64, 64)
    eight = read_image(saved(tmp_path / "8.png", Image.fromarray(ramp.astype(np.uint8)), "PNG"))
    deep = read_image(saved(tmp_path / "16.png", Image.fromarray((ramp * 257).astype(np.uint16)), "PNG"))
    assert np.abs(eight[..., 0] - ramp).max() <= 1
    assert np.abs(deep[..., 1] - ramp).max() <= 1


def test_what_is_transparent_becomes_white(tmp_path: Path) -> None:
    clear = Image.new("RGBA", (64, 64), (200, 0, 0, 0))
    assert (read_image(saved(tmp_path / "a.png", clear, "PNG")) == 255).all()


def test_of_an_animation_the_first_frame_is_read(tmp_path: Path) -> None:
    frames = [Image.new("RGB", (64, 64), colour) for colour in (RED, BLUE)]
    frames[0].save(tmp_path / "a.gif", save_all=True, append_images=frames[1:])
    assert corners(read_image(tmp_path / "a.gif")) == ["red"] * 4


def test_a_png_named_jpg_is_read_by_its_content(tmp_path: Path) -> None:
    assert corners(read_image(saved(tmp_path / "a.jpg", four_corners(), "PNG"))) == UPRIGHT


def test_a_picture_of_a_stereo_camera_is_read(tmp_path: Path) -> None:
    four_corners().save(tmp_path / "a.mpo", "MPO", save_all=True, append_images=[four_corners()])
    assert corners(read_image(tmp_path / "a.mpo")) == UPRIGHT


@pytest.mark.parametrize("kind", ["JPEG", "PNG"])
@pytest.mark.parametrize("orientation", [1, 6])
def test_a_large_photo_is_read_smaller_and_says_so(kind: str, orientation: int, tmp_path: Path) -> None:
    exif = Image.Exif()
    exif[0x0112] = orientation
    photo = read_photo(saved(tmp_path / "a", four_corners(1000, 400), kind, exif=exif), ImageLimits(max_side=300))
    assert max(photo.pixels.shape) <= 300
    assert (photo.width, photo.height) == ((1000, 400) if orientation == 1 else (400, 1000))
    assert photo.scale == pytest.approx(4, rel=0.01)


def refusal(path: Path, limits: ImageLimits | None = None) -> DropReason:
    with pytest.raises(ImageRefused) as caught:
        read_image(path, limits or ImageLimits())
    assert str(path) in str(caught.value)
    return caught.value.reason


def content(kind: str) -> bytes:
    noise = np.random.default_rng(1).integers(0, 255, (80, 80, 3), dtype=np.uint8)
    buffer = io.BytesIO()
    Image.fromarray(noise).save(buffer, kind)
    return buffer.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "GIF", "WEBP"])
@pytest.mark.parametrize("share", [0.3, 0.9])
def test_a_photo_whose_end_is_missing_is_refused(kind: str, share: float, tmp_path: Path) -> None:
    whole = content(kind)
    path = tmp_path / "a.jpg"
    path.write_bytes(whole[: int(len(whole) * share)])
    # A WebP says at once that its length is wrong: to its reader it is no image at all.
    expected = {DropReason.TRUNCATED, DropReason.UNREADABLE} if kind == "WEBP" else {DropReason.TRUNCATED}
    assert refusal(path) in expected


@pytest.mark.parametrize(
    "junk",
    [b"", b"no image", b"<html><body>404</body></html>", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 90 90\n"],
)
def test_what_is_no_photo_is_unreadable(junk: bytes, tmp_path: Path) -> None:
    path = tmp_path / "a.jpg"
    path.write_bytes(junk)
    assert refusal(path) is DropReason.UNREADABLE


def test_a_file_that_is_not_there_is_missing(tmp_path: Path) -> None:
    assert refusal(tmp_path / "a.jpg") is DropReason.MISSING
    (tmp_path / "file").write_bytes(b"")
    assert refusal(tmp_path / "file" / "a.jpg") is DropReason.MISSING


def test_a_folder_is_unreadable(tmp_path: Path) -> None:
    assert refusal(tmp_path) is DropReason.UNREADABLE


def test_one_pixel_is_too_small(tmp_path: Path) -> None:
    assert refusal(saved(tmp_path / "a.png", Image.new("RGB", (1, 1)), "PNG")) is DropReason.TOO_SMALL


def test_the_limits_are_those_asked_for(tmp_path: Path) -> None:
    path = saved(tmp_path / "a.png", four_corners(100, 50), "PNG")
    assert refusal(path, ImageLimits(min_side=51)) is DropReason.TOO_SMALL
    assert refusal(path, ImageLimits(max_megapixels=0.004)) is DropReason.TOO_LARGE
    assert read_image(path, ImageLimits(min_side=50, max_megapixels=0.005)).shape == (50, 100, 3)


def png_of_size(side: int) -> bytes:
    """Return a PNG that is whole: `side` x `side` black pixels, in a few kilobytes."""

    def chunk(name: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))

    packer = zlib.compressobj(9)
    row = bytes(1 + (side + 7) // 8)
    body = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", body) + chunk(b"IEND", b"")


_MEASURE = """
import resource, sys
from pathlib import Path
from dataset.images import ImageRefused, read_image
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    read_image(Path(sys.argv[1]))
except ImageRefused as refusal:
    after = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(refusal.reason, (after - before) // 1024)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="needs the resource module")
def test_a_picture_of_20000_by_20000_is_refused_without_its_memory(tmp_path: Path) -> None:
    path = tmp_path / "bomb.png"
    path.write_bytes(png_of_size(20_000))
    run = subprocess.run(
        [sys.executable, "-c", _MEASURE, str(path)],
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
    )
    reason, grown_mib = run.stdout.split()
    assert reason == "too_large"
    assert int(grown_mib) < 20  # decoded it would be 400 MiB


def test_the_large_picture_of_that_test_is_a_whole_png() -> None:
    with Image.open(io.BytesIO(png_of_size(64))) as image:
        image.load()
        assert image.size == (64, 64)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(kind=st.sampled_from(["JPEG", "PNG", "GIF", "TIFF", "WEBP", "BMP"]), data=st.data())
def test_damaged_bytes_give_pixels_or_a_reason_and_nothing_else(kind: str, data: st.DataObject, tmp_path: Path) -> None:
    damaged = bytearray(content(kind))
    places = data.draw(st.lists(st.integers(0, min(len(damaged), 700) - 1), min_size=1, max_size=8))
    for place in places:
        damaged[place] = data.draw(st.integers(0, 255))
    path = tmp_path / "damaged"
    path.write_bytes(damaged)
    try:
        assert read_image(path).dtype == np.uint8
    except ImageRefused as refused:
        assert refused.reason in DropReason


def test_a_crop_is_read_back_nearly_as_it_was(tmp_path: Path) -> None:
    y, x = np.mgrid[:128, :128]
    crop = np.stack([x * 2, y * 2, (x + y)], axis=2).astype(np.uint8)
    path = tmp_path / "crop.jpg"
    path.write_bytes(encode_crop(crop))
    read = read_crop(path)
    assert read.shape == (128, 128, 3)
    assert np.abs(read.astype(int) - crop).mean() < 2
    assert (read == decode_crop(path.read_bytes())).all()


@pytest.mark.parametrize("stored", [b"", b"junk", content("PNG")])
def test_what_is_no_crop_is_refused(stored: bytes, tmp_path: Path) -> None:
    path = tmp_path / "crop.jpg"
    path.write_bytes(stored)
    with pytest.raises(ImageRefused, match=r"crop\.jpg"):
        read_crop(path)


def test_a_crop_that_is_not_there_is_missing(tmp_path: Path) -> None:
    with pytest.raises(ImageRefused) as caught:
        read_crop(tmp_path / "crop.jpg")
    assert caught.value.reason is DropReason.MISSING
