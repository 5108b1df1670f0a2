"""Whether an image has its end: against drawn images, whole and cut at every place."""

import io
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from crawler.fetching.image_end import has_end
from crawler.fetching.part_file import PartFile
from crawler.image_header import read_image_header


def _drawn(kind: str, mode: str = "RGB", **options: object) -> bytes:
    image = Image.frombytes("RGB", (90, 70), random.Random(5).randbytes(90 * 70 * 3)).convert(mode)
    stream = io.BytesIO()
    image.save(stream, kind, **options)
    return stream.getvalue()


def _with_thumbnail() -> bytes:
    """A JPEG whose EXIF holds another, whole JPEG."""
    exif = b"Exif\0\0" + b"II*\0\x08\0\0\0\0\0\0\0\0\0" + _drawn("JPEG", quality=5)
    return _drawn("JPEG", exif=exif)


IMAGES = {
    "jpeg": _drawn("JPEG"),
    "jpeg, progressive": _drawn("JPEG", progressive=True),
    "jpeg, grey, with restarts": _drawn("JPEG", "L", restart_marker_rows=1),
    "jpeg, with a thumbnail": _with_thumbnail(),
    "png": _drawn("PNG"),
    "gif": _drawn("GIF", "P"),
    "gif, animated": _drawn(
        "GIF", "P", save_all=True, append_images=[Image.new("P", (90, 70), n) for n in (1, 2)], comment=b"c" * 600
    ),
    "webp": _drawn("WEBP"),
    "webp, lossless": _drawn("WEBP", lossless=True),
    "bmp": _drawn("BMP"),
}


def _kind(content: bytes) -> str:
    header = read_image_header(content)
    assert header is not None
    return header.kind


@pytest.mark.parametrize("name", IMAGES)
def test_a_whole_image_has_its_end_whatever_was_appended(name: str) -> None:
    content = IMAGES[name]
    assert has_end(content, _kind(content))
    assert has_end(content + b"\0" * 300, _kind(content))
    assert has_end(content + random.Random(1).randbytes(1000), _kind(content))


@pytest.mark.parametrize("name", IMAGES)
def test_a_cut_off_image_has_no_end(name: str) -> None:
    content = IMAGES[name]
    for cut in range(len(content)):
        assert not has_end(content[:cut], _kind(content)), cut


def test_a_thumbnails_end_is_not_the_photos() -> None:
    content = IMAGES["jpeg, with a thumbnail"]
    assert content.count(b"\xff\xd9") == 2
    first = content.index(b"\xff\xd9") + 2
    assert not has_end(content[:first], "jpeg")


@given(kind=st.sampled_from(["jpeg", "png", "gif", "webp", "bmp"]), rest=st.binary(max_size=400))
def test_no_bytes_make_it_fail(kind: str, rest: bytes) -> None:
    start = {"jpeg": b"\xff\xd8\xff", "png": b"\x89PNG\r\n\x1a\n", "gif": b"GIF89a", "webp": b"RIFF", "bmp": b"BM"}[
        kind
    ]
    assert has_end(start + rest, kind) in (True, False)


def test_a_part_file_lends_what_was_written_and_appears_only_when_kept(tmp_path: Path) -> None:
    place = tmp_path / "new" / "folder" / "1.jpg"
    part = PartFile(str(place))
    try:
        for start in range(0, len(IMAGES["png"]), 1000):
            part.write(IMAGES["png"][start : start + 1000])
        with part.content() as content:
            assert has_end(content, "png")
            header = read_image_header(content)
            assert header is not None
            assert (header.width, header.height) == (90, 70)
        assert not place.exists()
        part.keep()
    finally:
        part.drop()
    assert [file.name for file in place.parent.iterdir()] == ["1.jpg"]
    assert place.read_bytes() == IMAGES["png"]


def test_a_dropped_part_file_leaves_nothing_and_an_empty_one_can_be_lent(tmp_path: Path) -> None:
    part = PartFile(str(tmp_path / "1.jpg"))
    with part.content() as content:
        assert len(content) == 0
    part.drop()
    part.drop()
    assert list(tmp_path.iterdir()) == []
