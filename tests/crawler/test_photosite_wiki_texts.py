"""Commons on the photo site: extmetadata and commonmetadata say what the photo's record says, in many shapes."""

import html
import re
from collections import Counter

import pytest

from crawler.photosite.photos import SitePhoto
from crawler.photosite.wiki import WikiFile
from crawler.photosite.wiki.extmetadata import artist_of, commonmetadata_of, date_text_of, extmetadata_of
from crawler.photosite.wiki.licences import LICENCES, licence_of
from tests.crawler.photosites import site_photo

TAKEN = {0: "1987-05-17 14:30:09", 4: "1987-05-01 00:00:00", 6: "1987-01-01 00:00:00", 8: "1987-01-01 00:00:00"}
SHAPES = {
    0: (
        r"1987-05-17 14:30:09", r"1987-05-17T14:30:09Z", r"1987:05:17 14:30:09", r"1987-05-17", r"17 May 1987",
        r"Taken on 17 May 1987", r'<time class="dtstart" datetime="1987-05-17">17 May 1987</time>',
        r'<span .*<time class="dtstart" datetime="1987-05-17 14:30:09">17 May 1987, 14:30:09</time></span> .*Exif.*',
        r"17 May 1987<div .*date QS:P,\+1987-05-17T00:00:00Z/11</div>",
    ),
    4: (
        r"May 1987", r"1987-05", r'<time class="dtstart" datetime="1987-05">May 1987</time>',
        r"May 1987<div .*\+1987-05-00T00:00:00Z/10</div>",
    ),
    6: (r"1987", r'<time class="dtstart" datetime="1987">1987</time>', r"1987<div .*\+1987-00-00T00:00:00Z/9</div>"),
    8: (r"circa 1987", r"c\. 1987", r"circa 1987 <div .*\+1987-00-00T00:00:00Z/9,P1480,Q5727902</div>"),
}  # fmt: skip


def files(granularity: int, count: int = 300, *, unknown: bool = False) -> list[WikiFile]:
    """File pages of photos taken in May 1987, as far as this granularity tells."""
    found = []
    for number in range(count):
        photo = site_photo(
            number, date_taken=TAKEN[granularity], date_taken_granularity=granularity, date_taken_unknown=unknown,
            title=f"Boats & <people> {number}", ownername="R. Osk",
        )  # fmt: skip
        found.append(WikiFile(pageid=number, name=f"Boats {number}.jpg", photo=photo, uploaded=1_400_000_000))
    return found


def photo_of(file: WikiFile) -> SitePhoto:
    """The photo of a file page."""
    assert file.photo
    return file.photo


@pytest.mark.parametrize("granularity", SHAPES)
def test_a_date_has_every_shape_of_its_granularity_and_no_other(granularity: int) -> None:
    seen: Counter[str] = Counter()
    for file in files(granularity):
        text = date_text_of(photo_of(file).record)
        assert text
        (shape,) = [shape for shape in SHAPES[granularity] if re.fullmatch(shape, text, re.DOTALL)]
        seen[shape] += 1
        assert extmetadata_of(file)["DateTimeOriginal"] == {"value": text, "source": "commons-desc-page"}
    assert seen.keys() == set(SHAPES[granularity])


def test_an_unknown_date_tells_no_year() -> None:
    texts = {date_text_of(photo_of(file).record) for file in files(0, unknown=True)}
    assert {None, "unknown"} < texts
    assert not any(re.search(r"\d{4}", text) for text in texts if text)
    year_zero = site_photo(1, date_taken="0000-01-01 00:00:00", date_taken_granularity=6, date_taken_unknown=False)
    assert "0000" not in (date_text_of(year_zero.record) or "")


def test_the_upload_moment_is_datetime_and_never_the_taken_date() -> None:
    for file in files(6, 50):
        said = extmetadata_of(file)
        assert said["DateTime"]["value"] == "2014-05-13 16:53:20"
        assert "2014" not in said["DateTimeOriginal"]["value"]


def test_exif_is_the_cameras_date_or_the_scanners() -> None:
    kinds: Counter[str] = Counter()
    for file in files(0):
        exif = {entry["name"]: entry["value"] for entry in commonmetadata_of(file)}
        if "DateTimeOriginal" in exif:
            kinds["camera"] += 1
            assert exif["DateTimeOriginal"] == "1987:05:17 14:30:09"
        elif exif:
            kinds["scanner"] += 1
            assert exif["DateTimeDigitized"] == "2014:05:13 16:53:20"
        else:
            kinds["none"] += 1
    assert kinds.keys() == {"camera", "scanner", "none"}
    coarse = [entry["name"] for file in files(4) for entry in commonmetadata_of(file)]
    assert "DateTimeOriginal" not in coarse  # nobody's camera knows the month only


@pytest.mark.parametrize(
    ("flickr", "codes"),
    [
        ("4", {"cc-by-2.0"}), ("5", {"cc-by-sa-2.0"}), ("9", {"cc0"}), ("10", {"pd"}), ("8", {"pd"}),
        ("11", {"cc-by-4.0"}), ("12", {"cc-by-sa-4.0"}), ("7", {None}), ("0", {None}),
        ("2", {"cc-by-sa-4.0", "cc-by-3.0-de", "cc-by-sa-3.0", "cc-by-4.0", "pd"}),
        ("16", {"cc-by-sa-4.0", "cc-by-3.0-de", "cc-by-sa-3.0", "cc-by-4.0", "pd"}),
    ],
)  # fmt: skip
def test_a_licence_is_one_that_commons_takes(flickr: str, codes: set[str | None]) -> None:
    found = {licence_of(site_photo(number, license=flickr).record) for number in range(100)}
    assert {licence.code for licence in found} == codes
    assert all(licence.is_non_free == (flickr == "0") for licence in found)


def test_licence_fields_are_there_or_not_as_on_commons() -> None:
    for code, licence in LICENCES.items():
        assert not re.search(r"-n[cd]", code)
        assert (licence.url is None) == (code in ("pd", "fair-use"))
    (fair,) = files(0, 1)
    photo = site_photo(1, license="0")
    said = extmetadata_of(WikiFile(pageid=fair.pageid, name=fair.name, photo=photo))
    assert said["NonFree"]["value"] == "true"
    assert "License" not in said
    assert "LicenseUrl" not in said


def test_artists_are_html_of_several_shapes_that_all_hold_the_name() -> None:
    shown = {artist_of(file) for file in files(0)}
    assert {re.sub(r"<[^>]*>", "", text).strip() for text in shown} == {"R. Osk"}
    assert len(shown) == 6
    assert sum("redlink" in text for text in shown) == 1


def test_texts_of_the_owner_are_escaped_once() -> None:
    for file in files(0, 40):
        said = extmetadata_of(file)
        assert html.unescape(said["ImageDescription"]["value"]) == photo_of(file).record.title
