"""The page of sampled photos: each has an equal chance, strangers' texts stay texts, and image links lead to files."""

from collections import Counter
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from sqlalchemy import Engine, insert

from agegap.errors import NothingToDo
from crawler.extract_sample import choose, write_sample
from db.models import Photo
from tests.crawler.fake_site import drawn_image

NOW = datetime(2026, 1, 2, tzinfo=UTC)
HOSTILE = "<script>alert(1)</script>\"><img src=x onerror=alert(2)> ' & 3 May 1968"


class Page(HTMLParser):
    """What a browser would see: tags with their attributes, and the text."""

    def __init__(self, page: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.feed(page.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note a tag."""
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        """Note text."""
        self.text += data

    def all(self, tag: str) -> list[dict[str, str | None]]:
        """Return the attributes of each `tag`."""
        return [attributes for name, attributes in self.tags if name == tag]


def _fill(catalog: Engine, photos: list[dict[str, Any]]) -> None:
    names = sorted({name for photo in photos for name in photo})
    with catalog.begin() as connection:
        for number, photo in enumerate(photos, start=1):
            row = {"id": number, "site": "flickr", "site_id": str(number), "found_at": NOW, "state": "pending"}
            connection.execute(insert(Photo), {**row, **{name: photo.get(name, row.get(name)) for name in names}})


def test_each_photo_is_as_likely_as_any_other() -> None:
    times = Counter(number for seed in range(2000) for number in choose(range(10), count=3, seed=seed))
    # 600 expected each, with a standard deviation of 20.
    assert set(times) == set(range(10))
    assert max(abs(count - 600) for count in times.values()) < 100


def test_a_seed_chooses_the_same_photos_again_and_another_one_others() -> None:
    assert choose(range(1000), count=9, seed=1) == choose(iter(range(1000)), count=9, seed=1)
    assert choose(range(1000), count=9, seed=1) != choose(range(1000), count=9, seed=2)
    assert sorted(choose(range(4), count=9, seed=1)) == [0, 1, 2, 3]


def test_the_page_shows_each_photo_with_its_dates_and_decision(catalog: Engine, tmp_path: Path) -> None:
    _fill(catalog, [{"title": "Marta (born 1931), 3 May 1968"}, {"title": "Marta"}])
    out = tmp_path / "new" / "page.html"
    result = write_sample(catalog, tmp_path, out, count=5, seed=0)
    assert (result["photos"], result["dated"]) == (2, 1)
    page = Page(out)
    assert len(page.all("article")) == 2
    kinds = [mark["class"] for mark in page.all("mark")][3:]  # after the key
    assert Counter(kinds) == {"chosen": 2, "left": 2}  # in the text and in the list
    assert "1968" in page.text
    assert "No date in any field." in page.text


def test_what_strangers_wrote_stays_text(sqlite_catalog: Engine, tmp_path: Path) -> None:
    fields = dict.fromkeys(("title", "description", "tags", "file_name", "date_text", "date_taken"), HOSTILE)
    _fill(
        sqlite_catalog,
        [{**fields, "page_url": "javascript:alert(1)"}, {"title": HOSTILE, "page_url": f"https://x/{HOSTILE}"}],
    )
    write_sample(sqlite_catalog, tmp_path, tmp_path / "page.html", count=9, seed=0)
    page = Page(tmp_path / "page.html")
    assert page.all("script") == []
    assert page.all("img") == []
    assert {name for _, attributes in page.tags for name in attributes if name.startswith("on")} == set()
    assert [link["href"] for link in page.all("a")] == [f"https://x/{HOSTILE}"]
    assert page.text.count("<script>alert(1)</script>") >= 6


def test_the_page_links_the_stored_file_from_where_it_lies(sqlite_catalog: Engine, tmp_path: Path) -> None:
    data = tmp_path / "my data"
    (data / "photos").mkdir(parents=True)
    (data / "photos" / "ü #1?.jpg").write_bytes(drawn_image(1))
    _fill(sqlite_catalog, [{"state": "done", "path": "photos/ü #1?.jpg"}, {"state": "pending", "path": "photos/2.jpg"}])
    out = tmp_path / "pages" / "page.html"
    write_sample(sqlite_catalog, data, out, count=9, seed=0)
    (image,) = Page(out).all("img")
    source = image["src"]
    assert source is not None
    assert not source.startswith(("/", "file:", "http"))
    assert "#" not in source
    assert (out.parent / unquote(source)).resolve() == (data / "photos" / "ü #1?.jpg").resolve()


def test_the_page_needs_no_other_file_and_runs_no_script(sqlite_catalog: Engine, tmp_path: Path) -> None:
    _fill(sqlite_catalog, [{"title": "1968"}])
    write_sample(sqlite_catalog, tmp_path, tmp_path / "page.html", count=1, seed=0)
    page = Page(tmp_path / "page.html")
    assert page.all("link") == []
    (policy,) = [meta["content"] for meta in page.all("meta") if meta.get("http-equiv")]
    assert policy is not None
    assert policy.startswith("default-src 'none'")
    assert "script-src" not in policy
    assert any(meta.get("name") == "viewport" for meta in page.all("meta"))


def test_a_catalog_without_photos_is_told_in_a_sentence(sqlite_catalog: Engine, tmp_path: Path) -> None:
    with pytest.raises(NothingToDo, match="no photos"):
        write_sample(sqlite_catalog, tmp_path, tmp_path / "page.html", count=1, seed=0)
    assert not (tmp_path / "page.html").exists()
