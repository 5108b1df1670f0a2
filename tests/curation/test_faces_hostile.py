"""What `curate faces` makes of files that mean harm, a disk that is full, and every photo there is."""

import errno
import io
import struct
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import Engine

from agegap.files import PART_SUFFIX
from curation import faces as faces_module
from curation.face_scan import ScanTask, scan_photo
from curation.faces import scan_faces
from dataset.face.reasons import DropReason
from dataset.face.settings import FaceSettings
from dataset.images import read_crop
from tests.curation.face_photos import add_photos, face_rows, nobody, person, scan_reasons

SETTINGS = FaceSettings()


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def picture(number: int = 0) -> Image.Image:
    return Image.open(io.BytesIO(person(number))).convert("RGB")


def saved(image: Image.Image, form: str, **options: Any) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


def png_bomb(side: int) -> bytes:
    """A PNG that says it has side x side pixels, all black: kilobytes that would be gigabytes."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    rows = zlib.compress(bytes(min(side + 1, 1_000_000)) * 64, 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def sixteen_bits() -> bytes:
    grey = np.asarray(picture().convert("L"), np.uint16) * 257
    return saved(Image.fromarray(grey), "PNG")


def turned() -> bytes:
    """The person lying on the side, with the EXIF tag that says so."""
    exif = Image.Exif()
    exif[0x0112] = 6
    return saved(picture().transpose(Image.Transpose.ROTATE_90), "JPEG", quality=95, exif=exif)


GOOD: dict[str, Callable[[], bytes]] = {
    "cmyk": lambda: saved(picture().convert("CMYK"), "JPEG", quality=95),
    "sixteen_bits": sixteen_bits,
    "animated": lambda: saved(picture(), "GIF", save_all=True, append_images=[picture(1)]),
    "png_called_jpg": lambda: saved(picture(), "PNG"),
    "webp_called_jpg": lambda: saved(picture(), "WEBP", quality=95),
    "turned": turned,
    "palette": lambda: saved(picture().convert("P", palette=Image.Palette.ADAPTIVE), "PNG"),
    "see_through": lambda: saved(picture().convert("RGBA"), "PNG"),
    "grey": lambda: saved(picture().convert("L"), "JPEG", quality=95),
    "with_a_tail": lambda: person(0) + b"\x00" * 5_000,
}
BAD: dict[str, tuple[Callable[[], bytes], str]] = {
    "bomb": (lambda: png_bomb(50_000), "too_large"),
    "greater_bomb": (lambda: png_bomb(2**31 - 1), "too_large"),
    "empty": (lambda: b"", "unreadable"),
    "html": (lambda: b"<html><body>404</body></html>", "unreadable"),
    "postscript": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 300 300\n", "unreadable"),
    "svg": (lambda: b'<svg xmlns="http://www.w3.org/2000/svg" width="300" height="300"/>', "unreadable"),
    "half": (lambda: person(0)[: len(person(0)) // 2], "truncated"),
    "header_only": (lambda: person(0)[:400], "unreadable"),
    "tiny": (lambda: saved(picture().resize((20, 20)), "PNG"), "too_small"),
    "wall": (nobody, "no_face"),
}


def test_odd_files_of_a_person_give_the_face_and_bad_ones_their_reason(catalog: Engine, data: Path) -> None:
    bad = {name: make for name, (make, _) in BAD.items()}
    photos = {name: make() for name, make in {**GOOD, **bad}.items()}
    add_photos(catalog, data, photos)
    result = scan_faces(catalog, data=data, settings=SETTINGS, workers=0)
    reasons = scan_reasons(catalog)
    assert {name: reasons[name] for name in GOOD} == dict.fromkeys(GOOD)
    expected = {name: reason for name, (_, reason) in BAD.items()}
    # Where a file ends decides whether Pillow calls it cut or damaged; both are counted.
    expected["header_only"] = reasons["header_only"] if reasons["header_only"] in ("truncated", "unreadable") else "?"
    assert {name: reasons[name] for name in BAD} == expected
    assert result["photos_with_face"] == len(GOOD)
    assert sum(result["photos_dropped"].values()) == len(BAD)
    on_disk = {str(path.relative_to(data)) for path in (data / "faces").rglob("*.jpg")}
    assert on_disk == {row["crop_path"] for row in face_rows(catalog)}


def test_a_turned_photo_gives_the_crop_of_the_upright_one(sqlite_catalog: Engine, data: Path) -> None:
    add_photos(sqlite_catalog, data, {"turned": turned(), "upright": saved(picture(), "JPEG", quality=95)})
    scan_faces(sqlite_catalog, data=data, settings=SETTINGS, workers=0)
    one, other = (read_crop(data / row["crop_path"]).astype(int) for row in face_rows(sqlite_catalog))
    assert np.abs(one - other).mean() < 3


def test_a_photo_cut_anywhere_or_with_any_byte_changed_is_a_result(tmp_path: Path) -> None:
    whole = person(0)
    rng = np.random.default_rng(5)
    hurt = [whole[: int(cut)] for cut in rng.integers(0, len(whole), 25)]
    for _ in range(25):
        broken = bytearray(whole)
        for place in rng.integers(2, len(whole), 20):
            broken[place] = int(rng.integers(256))
        hurt.append(bytes(broken))
    for number, content in enumerate(hurt):
        path = tmp_path / f"{number}.jpg"
        path.write_bytes(content)
        result = scan_photo(ScanTask(number, path, "faces/x"), data=tmp_path, settings=SETTINGS)
        assert result.faces or result.drop_reason is not None
        assert result.drop_reason is None or result.drop_reason in set(DropReason)


def test_a_full_disk_stops_the_run_and_leaves_no_half_face(
    sqlite_catalog: Engine, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(faces_module, "BATCH", 2)
    add_photos(sqlite_catalog, data, {str(number): person(number % 3) for number in range(5)})
    real = Path.write_bytes
    written: list[Path] = []

    def write(path: Path, content: bytes) -> int:
        written.append(path)
        if len(written) == 4:
            real(path, content[:100])
            raise OSError(errno.ENOSPC, "No space left on device", str(path))
        return real(path, content)

    with monkeypatch.context() as full:
        full.setattr(Path, "write_bytes", write)
        with pytest.raises(OSError, match="No space left"):
            scan_faces(sqlite_catalog, data=data, settings=SETTINGS, workers=0)
    assert not list(data.rglob(f"*{PART_SUFFIX}"))
    rows = face_rows(sqlite_catalog)
    assert len(rows) == 3
    for row in rows:
        assert read_crop(data / row["crop_path"]).shape == (128, 128, 3)
    result = scan_faces(sqlite_catalog, data=data, settings=SETTINGS, workers=0)
    assert (result["scanned"], result["faces_kept"]) == (2, 5)


@pytest.mark.real_data
@pytest.mark.slow
def test_every_photo_there_is_gives_faces_or_a_reason(shared_data: Path, tmp_path: Path) -> None:
    paths = sorted(path for path in (shared_data / "photos").rglob("*") if path.is_file())
    assert len(paths) > 50
    for number, path in enumerate(paths):
        result = scan_photo(ScanTask(number, path, "faces/all"), data=tmp_path, settings=SETTINGS)
        assert (result.drop_reason is None) == bool(result.faces), path.name
        if path.suffix.lower() not in (".jpg", ".jpeg", ".png", ".bmp", ".gif", ".webp"):
            assert result.drop_reason is DropReason.UNREADABLE, path.name
    assert not list(tmp_path.rglob(f"*{PART_SUFFIX}"))
