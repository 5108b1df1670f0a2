"""Image files: their headers against Pillow, their places, and their EXIF dates."""

import io
import os
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from crawler.exif import ExifDates, read_exif_dates
from crawler.image_header import ImageHeader, read_image_header
from crawler.images import folder_name, photo_path
from tests.crawler.fake_site import drawn_image


def _saved(kind: str, size: tuple[int, int], mode: str = "RGB", **options: object) -> bytes:
    stream = io.BytesIO()
    Image.new(mode, size).save(stream, kind, **options)
    return stream.getvalue()


@pytest.mark.parametrize("size", [(1, 1), (37, 501), (800, 600)])
@pytest.mark.parametrize(
    ("kind", "mode", "options"),
    [
        ("JPEG", "RGB", {}),
        ("JPEG", "L", {"progressive": True}),
        ("JPEG", "CMYK", {"optimize": True}),
        ("JPEG", "RGB", {"comment": b"c" * 65_000, "icc_profile": b"p" * 200_000}),
        ("PNG", "RGBA", {}),
        ("GIF", "P", {}),
        ("BMP", "RGB", {}),
        ("WEBP", "RGB", {"quality": 50}),
        ("WEBP", "RGB", {"lossless": True}),
        ("WEBP", "RGBA", {"exif": b"Exif\x00\x00"}),
    ],
)
def test_a_header_says_what_pillow_says(
    kind: str, mode: str, options: dict[str, object], size: tuple[int, int]
) -> None:
    content = _saved(kind, size, mode, **options)
    with Image.open(io.BytesIO(content)) as image:
        assert read_image_header(content) == ImageHeader(str(image.format).lower(), *image.size)


def test_the_header_of_a_huge_picture_is_read_without_its_pixels() -> None:
    header = struct.pack(">IIBBBBB", 20_000, 20_000, 8, 2, 0, 0, 0)
    chunk = b"IHDR" + header
    content = b"\x89PNG\r\n\x1a\n" + struct.pack(">I", 13) + chunk + struct.pack(">I", zlib.crc32(chunk))
    assert read_image_header(content) == ImageHeader("png", 20_000, 20_000)


@pytest.mark.parametrize(
    "content",
    [b"", b"<html>sign in</html>", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n\x00", b"RIFF\x00\x00\x00\x00WAVE", b"%PDF-1.7"],
)
def test_what_is_no_image_has_no_header(content: bytes) -> None:
    assert read_image_header(content) is None


@given(start=st.sampled_from([b"", b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"GIF89a", b"RIFF", b"BM"]), rest=st.binary())
def test_no_bytes_make_the_header_reader_fail(start: bytes, rest: bytes) -> None:
    header = read_image_header(start + rest)
    assert header is None or (header.width > 0 and header.height > 0)


@given(cut=st.integers(0, 5000))
def test_a_cut_off_jpeg_gives_its_size_or_nothing(cut: int) -> None:
    whole = drawn_image(3, size=(640, 480))
    assert read_image_header(whole[:cut]) in (None, ImageHeader("jpeg", 640, 480))


def test_a_damaged_or_missing_file_has_no_exif_dates(tmp_path: Path) -> None:
    whole = drawn_image(1)
    for number, content in enumerate(
        [b"", b"\xff\xd8\xff", whole[:60], whole.replace(b"Exif", b"Exi\xff"), whole[:200]]
    ):
        path = tmp_path / f"{number}.jpg"
        path.write_bytes(content)
        assert read_exif_dates(path).digitised is None
    assert read_exif_dates(tmp_path / "absent.jpg") == ExifDates()


@pytest.mark.parametrize(
    ("site_id", "url", "place"),
    [
        ("123", "https://host/65535/123_ab_c.jpg", "photos/Marta_Quillon/123.jpg"),
        ("123", "https://host/123_ab_o.PNG?x=1.gif", "photos/Marta_Quillon/123.png"),
        ("123", "https://host/123", "photos/Marta_Quillon/123.jpg"),
        ("123", "https://host/evil.php", "photos/Marta_Quillon/123.jpg"),
    ],
)
def test_a_photo_goes_to_the_folder_of_its_query(site_id: str, url: str, place: str) -> None:
    assert photo_path("Marta_Quillon", site_id, url) == place


@given(name=st.text(min_size=1), site_id=st.text(min_size=1))
def test_no_name_or_id_leads_out_of_the_photos_folder(name: str, site_id: str) -> None:
    parts = photo_path(name, site_id, "https://host/a.jpg").split("/")
    assert len(parts) == 3
    assert parts[0] == "photos"
    for part in parts[1:]:
        assert part not in ("", ".", "..")
        assert "\x00" not in part
        assert len(os.fsencode(part) if part.isprintable() else part.encode(errors="replace")) <= 255


def test_ids_that_differ_only_in_odd_letters_keep_apart() -> None:
    assert photo_path("A", "a/b", "http://h/1.jpg") != photo_path("A", "a:b", "http://h/1.jpg")


def test_a_long_name_is_shortened_and_stays_itself() -> None:
    one, other = folder_name("Ö" * 250), folder_name("Ö" * 249 + "A")
    assert one != other
    assert len(one.encode()) <= 200
