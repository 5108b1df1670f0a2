"""Credits name title, author, source, licence, date and change of every stored photo, whatever strangers wrote."""

import csv
import json
import re
import sys
from datetime import UTC, datetime
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, insert

from agegap.errors import BadInputFile, NothingToDo, UnknownName
from crawler.law import attribution_html
from crawler.law.attribution import write_attribution
from crawler.law.credits import COLUMNS, CROPPED, UNCHANGED
from crawler.law.photo_list import read_photo_list
from db.models import Photo
from db.removal import hidden_id
from tests.crawler.crawling import Workplace, ended
from tests.curation.filled import filling, noise

SEEN = datetime(2026, 3, 4, tzinfo=UTC)
HOSTILE = '<script>alert(1)</script>"onmouseover="x\' &amp; =2+3 \u202egnp\u0000.'


class Parsed(HTMLParser):
    """The tags, links and texts of a page."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.names: set[str] = set()
        self.links: list[str] = []
        self.text = ""
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.names |= {name for name, _ in attrs}
        self.links += [value or "" for name, value in attrs if name == "href"]

    def handle_data(self, data: str) -> None:
        self.text += data


def fill(engine: Engine, tmp_path: Path) -> None:
    flickr: dict[str, Any] = {
        "title": "A day",
        "owner_id": "12@N00",
        "owner_name": "Ada L.",
        "page_url": "https://www.flickr.com/photos/ada/1/",
        "image_url": "https://live.staticflickr.com/1/1_a_c.jpg",
        "licence": "5",
        "licence_at": SEEN,
        "fetched_at": SEEN,
    }
    artist = '<a href="//commons.wikimedia.org/wiki/User:Bo" title="User:Bo">Bo</a>'
    commons: dict[str, Any] = {
        "title": "Cat.jpg",
        "owner_id": "An uploader",
        "owner_name": "Bo",
        "page_url": "https://commons.wikimedia.org/wiki/File:Cat.jpg",
        "licence": "cc-by-sa-3.0-de",
        "raw": {"imageinfo": [{"extmetadata": {"Artist": {"value": artist}}}]},
    }
    with filling(engine, tmp_path / "data") as filler:
        filler.face(filler.photo("1", **flickr), crop=noise(1))
        filler.photo("2", **{**flickr, "title": HOSTILE, "owner_name": HOSTILE, "page_url": "javascript:alert(1)"})
        filler.photo("3", **{**flickr, "title": "=HYPERLINK(1)", "owner_name": None, "licence": "0"})
        filler.photo("9", state="pending", image_url="https://x.example/9.jpg")
        filler.photo("4711", site="commons", **commons)


def rows_of(folder: Path) -> dict[str, dict[str, str]]:
    with (folder / "attribution.csv").open(encoding="utf-8", newline="") as handle:
        return {row["site_id"]: row for row in csv.DictReader(handle)}


def records_of(folder: Path) -> dict[str, dict[str, Any]]:
    return {record["site_id"]: record for record in json.loads((folder / "attribution.json").read_text("utf-8"))}


def test_every_stored_photo_is_credited_in_all_three_forms(catalog: Engine, tmp_path: Path) -> None:
    fill(catalog, tmp_path)
    result = write_attribution(catalog, tmp_path / "out")
    assert (result["photos"], result["pages"]) == (4, 1)
    records, rows = records_of(tmp_path / "out"), rows_of(tmp_path / "out")
    assert list(records) == list(rows) == ["4711", "1", "2", "3"]
    assert records["1"] == {
        "site": "flickr",
        "site_id": "1",
        "title": "A day",
        "author": "Ada L.",
        "author_url": "https://www.flickr.com/people/12@N00/",
        "page_url": "https://www.flickr.com/photos/ada/1/",
        "licence": "CC BY-SA 2.0",
        "licence_url": "https://creativecommons.org/licenses/by-sa/2.0/",
        "licence_version": "2.0",
        "licence_seen": "2026-03-04",
        "crawled": "2026-03-04",
        "changes": CROPPED,
    }
    assert records["4711"]["author_url"] == "https://commons.wikimedia.org/wiki/User:Bo"
    assert records["4711"]["licence_url"] == "https://creativecommons.org/licenses/by-sa/3.0/de/"
    assert (records["3"]["author"], records["3"]["changes"]) == ("12@N00", UNCHANGED)
    assert {name: rows["1"][name] for name in COLUMNS} == records["1"]
    page = Parsed(tmp_path / "out" / "page-00001.html")
    for record in records.values():
        assert record["title"] in page.text
        assert record["licence"] in page.text
    assert "https://www.flickr.com/photos/ada/1/" in page.links


def test_no_form_leads_to_an_image_file(catalog: Engine, tmp_path: Path) -> None:
    fill(catalog, tmp_path)
    write_attribution(catalog, tmp_path / "out")
    assert not [path for path in (tmp_path / "out").iterdir() if "staticflickr" in path.read_text(encoding="utf-8")]


def test_what_strangers_wrote_breaks_nothing(sqlite_catalog: Engine, tmp_path: Path) -> None:
    fill(sqlite_catalog, tmp_path)
    write_attribution(sqlite_catalog, tmp_path / "out")
    page = Parsed(tmp_path / "out" / "page-00001.html")
    assert "script" not in page.tags
    assert not [name for name in page.names if name.startswith("on")]
    assert not [link for link in page.links if not re.match(r"https://|index\.html$|page-", link)]
    assert "<script>alert(1)</script>" in page.text  # as words
    assert "\u202e" not in page.text
    assert rows_of(tmp_path / "out")["3"]["title"] == "'=HYPERLINK(1)"  # a spreadsheet would run it
    assert records_of(tmp_path / "out")["3"]["title"] == "=HYPERLINK(1)"


def test_many_photos_are_paged_and_an_older_folder_goes_as_a_whole(
    sqlite_catalog: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(sqlite_catalog, tmp_path)
    monkeypatch.setattr("crawler.law.attribution.PER_PAGE", 1)
    monkeypatch.setattr(attribution_html, "PER_PAGE", 1)
    assert write_attribution(sqlite_catalog, tmp_path / "out")["pages"] == 4
    index = Parsed(tmp_path / "out" / "index.html")
    assert [link for link in index.links if link.startswith("page-")] == [f"page-{n:05}.html" for n in range(1, 5)]
    second = Parsed(tmp_path / "out" / "page-00002.html")
    assert {"page-00001.html", "page-00003.html", "index.html"} <= set(second.links)
    assert "page-00005.html" not in Parsed(tmp_path / "out" / "page-00004.html").links
    write_attribution(sqlite_catalog, tmp_path / "out", sites=["commons"])
    assert sorted(path.name for path in (tmp_path / "out").glob("page-*")) == ["page-00001.html"]
    assert [path.name for path in tmp_path.iterdir() if path.name.endswith(".part")] == []


def test_a_failure_on_the_way_leaves_the_older_folder(
    sqlite_catalog: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(sqlite_catalog, tmp_path)
    write_attribution(sqlite_catalog, tmp_path / "out")
    before = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}

    def dying(*_: Any, **__: Any) -> str:
        raise KeyboardInterrupt

    monkeypatch.setattr("crawler.law.attribution.index_of", dying)
    with pytest.raises(KeyboardInterrupt):
        write_attribution(sqlite_catalog, tmp_path / "out", sites=["commons"])
    assert {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()} == before


def test_the_photos_can_be_named_by_a_list_a_table_or_a_dataset(sqlite_catalog: Engine, tmp_path: Path) -> None:
    import pyarrow as pa
    import pyarrow.parquet as pq

    fill(sqlite_catalog, tmp_path)
    (tmp_path / "list.txt").write_text("# two\nflickr:1\ncommons:4711\n")
    (tmp_path / "list.csv").write_text("site,site_id,more\nflickr,1,x\ncommons,4711,y\n")
    index = {"site": ["flickr", "commons"], "site_id": [hidden_id("flickr", "1"), "4711"]}
    pq.write_table(pa.table(index), tmp_path / "index.parquet")
    for name in ("list.txt", "list.csv", "index.parquet"):
        write_attribution(sqlite_catalog, tmp_path / "out", only=read_photo_list(tmp_path / name))
        assert set(records_of(tmp_path / "out")) == {"1", "4711"}, name


def test_faults_are_told(sqlite_catalog: Engine, tmp_path: Path) -> None:
    fill(sqlite_catalog, tmp_path)
    with pytest.raises(UnknownName, match="did you mean 'flickr'"):
        write_attribution(sqlite_catalog, tmp_path / "out", sites=["flick"])
    (tmp_path / "list.txt").write_text("flickr:77\n")
    with pytest.raises(NothingToDo, match="no stored photo"):
        write_attribution(sqlite_catalog, tmp_path / "out", only=read_photo_list(tmp_path / "list.txt"))
    assert not (tmp_path / "out").exists()
    (tmp_path / "list.txt").write_text("flickr:77\n12\n")
    with pytest.raises(BadInputFile, match="line 2 is not SITE:ID"):
        read_photo_list(tmp_path / "list.txt")
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "letter.txt").write_text("dear")
    with pytest.raises(BadInputFile, match="did not write"):
        write_attribution(sqlite_catalog, tmp_path / "mine")


def test_the_command_writes_and_prints_one_line_of_json(sqlite_catalog: Engine, tmp_path: Path) -> None:
    fill(sqlite_catalog, tmp_path)
    place = Workplace(tmp_path, str(sqlite_catalog.url))
    run = ended(place.start("attribution", "--out", str(tmp_path / "out"), "--site", "flickr", "--json"))
    assert run.returncode == 0, run.stderr
    assert json.loads(run.stdout)["photos"] == 3
    assert ended(place.start("attribution", "--out", str(tmp_path / "out"), "--site", "x")).returncode == 2


@pytest.mark.slow
@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads peak memory from /proc")
def test_memory_does_not_grow_with_the_photos(sqlite_catalog: Engine, tmp_path: Path) -> None:
    row = {"site": "flickr", "state": "done", "title": "t" * 80, "owner_name": "o" * 20, "found_at": SEEN}
    place = Workplace(tmp_path, str(sqlite_catalog.url))
    peaks = []
    for start, end in ((0, 2_000), (2_000, 40_000)):
        with sqlite_catalog.begin() as connection:
            connection.execute(insert(Photo), [{**row, "site_id": str(number)} for number in range(start, end)])
        code = (
            "from pathlib import Path\nfrom crawler.law.attribution import write_attribution\n"
            "from db.session import open_catalog\n"
            f"assert write_attribution(open_catalog(), Path({str(tmp_path / 'out')!r}))['photos'] == {end}\n"
            "print([line.split()[1] for line in open('/proc/self/status') if line.startswith('VmHWM')][0])"
        )
        peaks.append(int(_python(place, code)))
    # KiB. SQLite's cache grows with a small catalog.
    assert peaks[1] < peaks[0] + 20_000, peaks


def _python(place: Workplace, code: str) -> str:
    import os
    import subprocess

    surroundings = {**os.environ, "AGEGAP_CATALOG": place.catalog_url, "AGEGAP_DATA": str(place.data)}
    run = subprocess.run([sys.executable, "-c", code], env=surroundings, capture_output=True, text=True, check=True)
    return run.stdout
