"""Every address people see of one photo speaks of that photo."""

import pytest

from agegap.photo_urls import PhotoAddress, file_name_of_title, plain_url, read_photo_url

FLICKR = PhotoAddress("flickr", site_id="49514337848")
CAT = PhotoAddress("commons", file_name="Collage of Six Cats-01.jpg")


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://www.flickr.com/photos/7478087@N06/49514337848/", FLICKR),
        ("https://www.flickr.com/photos/mark%20us/49514337848/in/album-72157/", FLICKR),
        ("http://flickr.com/photos/markus/49514337848#comments", FLICKR),
        ("https://m.flickr.com/photos/markus/49514337848/sizes/l/", FLICKR),
        ("https://www.flickr.com/photo.gne?id=49514337848", FLICKR),
        ("https://live.staticflickr.com/65535/49514337848_bbdbb5f761_b.jpg", FLICKR),
        ("https://live.staticflickr.com/65535/49514337848_bbdbb5f761.jpg", FLICKR),
        ("https://live.staticflickr.com/65535/49514337848_bbdbb5f761_o_d.png", FLICKR),
        ("https://farm66.staticflickr.com/65535/49514337848_bbdbb5f761_3k.jpg", FLICKR),
        ("https://farm66.static.flickr.com/65535/49514337848_bbdbb5f761_m.jpg", FLICKR),
        ("https://c1.staticflickr.com/66/65535/49514337848_bbdbb5f761_c.jpg", FLICKR),
        # The example of https://www.flickr.com/services/api/misc.urls.html is base 58 of the id.
        ("https://flic.kr/p/2", PhotoAddress("flickr", site_id="1")),
        ("https://flic.kr/p/21", PhotoAddress("flickr", site_id="58")),
        ("https://commons.wikimedia.org/wiki/File:Collage_of_Six_Cats-01.jpg", CAT),
        ("https://commons.m.wikimedia.org/wiki/File:Collage%20of%20Six%20Cats-01.jpg?uselang=de", CAT),
        ("https://commons.wikimedia.org/w/index.php?title=File:Collage_of_Six_Cats-01.jpg&oldid=7", CAT),
        ("https://en.wikipedia.org/wiki/File:Collage_of_Six_Cats-01.jpg", CAT),
        ("https://commons.wikimedia.org/wiki/Special:FilePath/collage_of_Six_Cats-01.jpg?width=300", CAT),
        ("https://upload.wikimedia.org/wikipedia/commons/a/ab/Collage_of_Six_Cats-01.jpg", CAT),
        (
            "https://upload.wikimedia.org/wikipedia/commons/thumb/a/ab/Collage_of_Six_Cats-01.jpg/"
            "960px-Collage_of_Six_Cats-01.jpg",
            CAT,
        ),
        ("https://commons.wikimedia.org/?curid=8398053", PhotoAddress("commons", site_id="8398053")),
        ("https://commons.wikimedia.org/entity/M8398053", PhotoAddress("commons", site_id="8398053")),
        ("https://www.flickr.com/photos/7478087@N06/", None),  # an owner's page
        ("https://commons.wikimedia.org/wiki/Category:Cats", None),
        ("https://flickr.com.evil.example/photos/a/1/", None),
        ("https://en.wikipedia.org/?curid=8398053", None),  # a page id of another wiki
        ("https://flic.kr/p/0OIl", None),  # letters base 58 leaves out
        ("ftp://www.flickr.com/photos/a/1/", None),
        ("https://[broken/photos/a/1/", None),
        ("49514337848", None),
    ],
)
def test_an_address_speaks_of_its_photo(url: str, expected: PhotoAddress | None) -> None:
    assert read_photo_url(url) == expected


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("HTTP://Photos.Example:80/A/b/#top", "https://photos.example/A/b"),
        ("https://photos.example:8443/a?x=1", "https://photos.example:8443/a?x=1"),
        ("mailto:me@photos.example", None),
        ("https://photos.example:port/", None),
    ],
)
def test_equal_addresses_have_one_spelling(url: str, expected: str | None) -> None:
    assert plain_url(url) == expected


def test_a_title_is_a_file_name_however_it_is_spelled() -> None:
    assert {file_name_of_title(text) for text in ("File:my_Cat.jpg", "image:My Cat.jpg", "My_Cat.jpg")} == {
        "My Cat.jpg"
    }
