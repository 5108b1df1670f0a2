"""The dates in EXIF, IPTC and XMP of files that were drawn and marked here; damaged blocks cost only themselves."""

import io
import struct
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from crawler.embedded_dates import XmpDates, read_iptc_date, read_xmp_dates
from crawler.exif import ExifDates, read_exif_dates


def _dataset(record: int, number: int, value: bytes) -> bytes:
    return bytes([0x1C, record, number]) + struct.pack(">H", len(value)) + value


def _photoshop_segment(iptc: bytes) -> bytes:
    """Return the JPEG segment APP13 with one resource, 0x0404 (Adobe Photoshop File Formats, Image Resources)."""
    resource = b"8BIM" + struct.pack(">H", 0x0404) + b"\x00\x00" + struct.pack(">I", len(iptc)) + iptc
    content = b"Photoshop 3.0\x00" + resource + b"\x00" * (len(iptc) % 2)
    return b"\xff\xed" + struct.pack(">H", len(content) + 2) + content


def _jpeg(*, exif: Image.Exif | None = None, xmp: bytes | None = None, iptc: bytes | None = None) -> bytes:
    out = io.BytesIO()
    marks = {name: value for name, value in (("exif", exif), ("xmp", xmp)) if value is not None}
    Image.new("RGB", (8, 8), (9, 9, 90)).save(out, "JPEG", **marks)
    content = out.getvalue()
    return content if iptc is None else content[:2] + _photoshop_segment(iptc) + content[2:]


def _exif(**values: str) -> Image.Exif:
    exif = Image.Exif()
    for name, number in (("make", 0x010F), ("model", 0x0110), ("software", 0x0131), ("modified", 0x0132)):
        if name in values:
            exif[number] = values[name]
    for name, number in (("original", 0x9003), ("digitised", 0x9004)):
        if name in values:
            exif.get_ifd(0x8769)[number] = values[name]
    return exif


def _read(tmp_path: Path, content: bytes, name: str = "a.jpg") -> ExifDates:
    (tmp_path / name).write_bytes(content)
    return read_exif_dates(tmp_path / name)


def test_all_three_exif_dates_and_the_device_are_read(tmp_path: Path) -> None:
    exif = _exif(
        original="2004:05:06 07:08:09", digitised="2005:01:02 03:04:05", modified="2006:01:01 01:01:01",
        make="Canon", model="Canon EOS 5D", software="Tool 7",
    )  # fmt: skip
    assert _read(tmp_path, _jpeg(exif=exif)) == ExifDates(
        "2004:05:06 07:08:09", "2005:01:02 03:04:05", "2006:01:01 01:01:01", "Canon EOS 5D / Tool 7"
    )


@pytest.mark.parametrize(
    ("values", "device"),
    [
        ({"make": "EPSON", "model": "Perfection V600", "software": "EPSON Scan"}, "EPSON Perfection V600 / EPSON Scan"),
        ({"software": "Tool 7"}, "Tool 7"),
        ({"make": "NIKON"}, "NIKON"),
        ({"software": "x" * 900}, "x" * 200),
        ({"original": "2004:05:06 07:08:09"}, None),
    ],
)
def test_the_device_is_machine_and_program(tmp_path: Path, values: dict[str, str], device: str | None) -> None:
    assert _read(tmp_path, _jpeg(exif=_exif(**values))).device == device


def test_iptc_and_xmp_dates_of_a_jpeg_are_read(tmp_path: Path) -> None:
    iptc = _dataset(2, 120, b"caption") + _dataset(2, 55, b"19840506")
    xmp = b'<x:xmpmeta><rdf:Description photoshop:DateCreated="1984-05" xmp:CreateDate="2009-01-02T03:04:05"/>'
    found = _read(tmp_path, _jpeg(iptc=iptc, xmp=xmp))
    assert (found.iptc_date, found.xmp_date, found.digitised) == ("1984-05-06", "1984-05", "2009-01-02T03:04:05")


def test_iptc_of_a_tiff_is_read(tmp_path: Path) -> None:
    out = io.BytesIO()
    Image.new("L", (8, 8)).save(out, "TIFF", tiffinfo={33723: _dataset(2, 55, b"19610000")})
    assert _read(tmp_path, out.getvalue(), "a.tif").iptc_date == "1961-00-00"


def test_exif_goes_before_xmp_for_the_digital_file(tmp_path: Path) -> None:
    xmp = b"<xmp:CreateDate>2009-01-02</xmp:CreateDate><xmp:ModifyDate>2010-01-02</xmp:ModifyDate>"
    found = _read(tmp_path, _jpeg(exif=_exif(digitised="2005:01:02 03:04:05"), xmp=xmp))
    assert (found.digitised, found.modified) == ("2005:01:02 03:04:05", "2010-01-02")


def test_a_damaged_exif_block_does_not_cost_the_others(tmp_path: Path) -> None:
    exif = _exif(original="2004:05:06 07:08:09").tobytes()
    content = _jpeg(exif=_exif(original="2004:05:06 07:08:09"), iptc=_dataset(2, 55, b"19840506"))
    assert exif in content
    found = _read(tmp_path, content.replace(exif[6:], b"\xff" * len(exif[6:])))
    assert (found.original, found.iptc_date) == (None, "1984-05-06")


@pytest.mark.parametrize(
    ("block", "date"),
    [
        (_dataset(2, 55, b"19840506"), "1984-05-06"),
        (_dataset(1, 90, b"\x1b%G") + _dataset(2, 55, b"19840000"), "1984-00-00"),
        (_dataset(2, 55, b"00000000"), None),
        (_dataset(2, 55, b"May 1984"), None),
        (_dataset(2, 62, b"19840506"), None),  # the digital file's
        (_dataset(2, 55, b"19840506")[:-3], None),
        (b"\x1c\x02\x37\x80\x04" + b"19840506", None),  # a length in the long form
        (b"", None),
    ],
)
def test_iptc_date_created(block: bytes, date: str | None) -> None:
    assert read_iptc_date(block) == date


@pytest.mark.parametrize(
    ("text", "dates"),
    [
        ("<photoshop:DateCreated>1984-05-06T07:08:09+02:00</photoshop:DateCreated>", ("1984-05-06T07:08:09+02:00",)),
        ("exif:DateTimeOriginal='1984'", ("1984",)),
        ('photoshop:DateCreated = "1984" exif:DateTimeOriginal="1999-01-01"', ("1984",)),
        ('xmp:ModifyDate="2010-01-02" xmp:CreateDate="2009-01-02"', (None, "2009-01-02", "2010-01-02")),
        ('photoshop:DateCreated="yesterday"', ()),
        ('myphotoshop:DateCreatedX="1984"', ()),
    ],
)
def test_xmp_dates(text: str, dates: tuple[str | None, ...]) -> None:
    assert read_xmp_dates(text.encode()) == XmpDates(*dates)


@given(block=st.binary(max_size=400))
def test_no_bytes_break_the_readers(block: bytes) -> None:
    for date in (read_iptc_date(block), read_iptc_date(b"\x1c\x02\x37" + block), *vars(read_xmp_dates(block)).values()):
        assert date is None or date[:4].isdigit()
