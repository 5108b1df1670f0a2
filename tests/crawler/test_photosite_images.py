"""The image host: original bytes where they belong, smaller JPEGs elsewhere, nothing under a wrong name."""

import io
from pathlib import Path

import pytest
from PIL import Image

from crawler.photosite.answers import ending_of, image_path
from crawler.photosite.images import CACHED_FILES, ImageStore, find_file
from crawler.photosite.photos import UNKNOWN_EXTENT, SitePhoto, photos_of_folder
from crawler.photosite.search import PhotoIndex
from crawler.photosite.sizes import BY_KEY, SIZES, Extent, has_size
from tests.crawler.photosites import jpeg_of, site_photo


def served(photo: SitePhoto, key: str) -> bytes | None:
    """The bytes the host gives for a size's own URL, or None for 404."""
    size = BY_KEY[key]
    _, server, name = image_path(photo.record.id, size, ending_of(photo, size)).split("/")
    file = find_file(PhotoIndex([photo]), server, name)
    return None if file is None else ImageStore().load(file).content


@pytest.mark.parametrize("key", ["o", "m"])
def test_the_owners_bytes_are_served_as_original_and_as_the_size_that_holds_them(key: str) -> None:
    photo = site_photo(width=480, height=360)
    assert served(photo, key) == photo.load()


@pytest.mark.parametrize(("key", "extent"), [("t", (100, 75)), ("s", (240, 180)), ("q", (150, 150)), ("z", (640, 480))])
def test_smaller_sizes_are_jpegs_of_their_extent(key: str, extent: tuple[int, int]) -> None:
    content = served(site_photo(width=1600, height=1200), key)
    assert content is not None
    with Image.open(io.BytesIO(content)) as image:
        assert (image.format, image.size) == ("JPEG", extent)


def test_larger_sizes_than_the_photo_are_not_there() -> None:
    photo = site_photo(width=480, height=360)
    for size in SIZES:
        assert (served(photo, size.key) is not None) == has_size(photo.extent, size), size.key
    assert served(photo, "z") is None


@pytest.mark.parametrize(
    "name",
    ["{id}_ffffffffff.jpg", "{id}_{secret}_x.jpg", "{id}_{secret}.png", "{id}.jpg", "1_{secret}.jpg", "../{id}.jpg"],
)
def test_a_wrong_name_is_not_found(name: str) -> None:
    photo = site_photo()
    secret = image_path(photo.record.id, BY_KEY["m"], "jpg").split("_")[1].removesuffix(".jpg")
    assert find_file(PhotoIndex([photo]), "65535", name.format(id=photo.record.id, secret=secret)) is None
    assert find_file(PhotoIndex([photo]), "65534", f"{photo.record.id}_{secret}.jpg") is None


def test_a_resized_photo_is_upright_and_without_exif() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turned by 90 degrees
    buffer = io.BytesIO()
    Image.new("RGB", (800, 600)).save(buffer, "JPEG", exif=exif)
    photo = SitePhoto(site_photo().record, Extent(600, 800), "jpg", buffer.getvalue)
    content = served(photo, "m")
    assert content is not None
    with Image.open(io.BytesIO(content)) as image:
        assert image.size == (375, 500)
        assert not image.getexif()


@pytest.mark.parametrize("content", [jpeg_of(1600, 1200)[:3000], b"no picture at all", b""])
def test_what_cannot_be_decoded_is_served_as_it_is(content: bytes) -> None:
    photo = SitePhoto(site_photo().record, Extent(1600, 1200), "jpg", lambda: content)
    assert served(photo, "z") == content


def test_a_huge_photo_is_never_decoded() -> None:
    photo = SitePhoto(site_photo().record, Extent(20_000, 20_000), "jpg", lambda: b"\xff\xd8\xff rest")
    assert served(photo, "c") == b"\xff\xd8\xff rest"


def test_the_host_keeps_a_bounded_number_of_files() -> None:
    loads: list[int] = []

    def photo(number: int) -> SitePhoto:
        def load() -> bytes:
            loads.append(number)
            return b"\xff\xd8\xff%d" % number

        return SitePhoto(site_photo(number).record, Extent(480, 360), "jpg", load)

    photos = [photo(number) for number in range(CACHED_FILES + 10)]
    index, store = PhotoIndex(photos), ImageStore()

    def ask(number: int) -> bytes:
        size = BY_KEY["m"]
        _, server, name = image_path(photos[number].record.id, size, "jpg").split("/")
        file = find_file(index, server, name)
        assert file is not None
        return store.load(file).content

    assert ask(0) == ask(0) == photos[0].load()
    assert loads.count(0) == 2  # one for the store, one for the comparison above
    for number in range(1, len(photos)):
        ask(number)
    ask(0)
    assert loads.count(0) == 3


def test_a_folder_tells_the_extent_of_its_photos(tmp_path: Path) -> None:
    (tmp_path / "wide.jpg").write_bytes(jpeg_of(300, 200))
    Image.new("RGB", (10, 20)).save(tmp_path / "tall.png")
    (tmp_path / "odd.jpg").write_bytes(b"nothing")
    lines = [f'{{"file": "{name}"}}' for name in ("wide.jpg", "tall.png", "odd.jpg")]
    (tmp_path / "photos.jsonl").write_text("\n".join(lines), encoding="utf-8")
    wide, tall, odd = photos_of_folder(tmp_path)
    assert (wide.extent, wide.format) == (Extent(300, 200), "jpg")
    assert (tall.extent, tall.format) == (Extent(10, 20), "png")
    assert odd.extent == UNKNOWN_EXTENT
    assert odd.load() == b"nothing"
