"""`scrapy crawl flickr_names` from outside: what it stores, what it says, how it ends."""

import dataclasses
import hashlib
import json
import re
import signal
import socket
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, select

from agegap.errors import CatalogUnreachable, MissingKey, SettingsError, WrongUse
from crawler.crawl_settings import CrawlSettings, is_loopback
from crawler.spiders.commons_names import CommonsNames
from crawler.spiders.flickr_names import FlickrNames
from db.models import Photo, PhotoQuery, PhotoSubject, Query, Subject
from db.session import open_catalog
from db.windows import coverage
from tests.crawler.crawling import ROOT, Workplace, ended
from tests.crawler.fake_site import CUT_OFF, KEY, FakeSite, SitePhoto, drawn_image, fail

MARTA, TOM, NOBODY = "Marta Quillon", "Tom van Berg", "Nobody Known"


@pytest.fixture
def workplace(tmp_path: Path) -> Workplace:
    """A workplace on SQLite."""
    return Workplace(tmp_path, f"sqlite:///{tmp_path / 'catalog.db'}")


def _photos(catalog: Engine) -> dict[str, Any]:
    with catalog.connect() as connection:
        return {row.site_id: row for row in connection.execute(select(Photo.__table__))}


def _site_photos() -> list[SitePhoto]:
    """Eighteen photos: plain ones, shared ones, refused ones, and each fault once."""
    plain = [SitePhoto(str(1000 + number), (MARTA,), drawn_image(number)) for number in range(5)]
    return [
        *plain,
        SitePhoto("1100", (MARTA, TOM), drawn_image(100)),
        SitePhoto("1200", (TOM,), drawn_image(200, kind="PNG")),
        SitePhoto("1201", (TOM,), drawn_image(201), fault="flaky"),
        SitePhoto("1202", (TOM,), b"", fault="missing"),
        SitePhoto("1203", (TOM,), b"", fault="placeholder"),
        SitePhoto("1204", (TOM,), drawn_image(204), fault="truncated"),
        SitePhoto("1205", (TOM,), b"", fault="page"),
        SitePhoto("1206", (TOM,), drawn_image(206), fault="refused"),
        SitePhoto("1207", (TOM,), b"", record={"url_c": None}),
        SitePhoto("1208", (TOM,), drawn_image(208) + bytes(1 << 20)),
        SitePhoto("1300", (TOM,), drawn_image(300), record={"license": "0"}),
        SitePhoto("1301", (TOM,), drawn_image(301), record={"license": "77"}),
        SitePhoto("1302", (TOM,), drawn_image(302), record={"media": "video"}),
    ]


def test_a_crawl_stores_every_photo_once_and_says_what_became_of_it(tmp_path: Path, catalog_url: str) -> None:
    workplace = Workplace(tmp_path, catalog_url, {"AGEGAP_CRAWL_RETRY_DELAY_S": "0.02", "AGEGAP_CRAWL_RETRIES": "2"})
    workplace.write_names(MARTA, TOM, NOBODY)
    faults = [503, None, CUT_OFF, None, 429, fail(201, "Sorry, the Flickr API service is not currently available.")]
    with FakeSite(_site_photos(), api_faults=faults) as site:
        first = ended(workplace.start_crawl(site.api, "-a", "per_page=4", "-a", "max_image_megabytes=1", "--json"))
        asked = (site.hits["search"], site.images_served)
        second = ended(workplace.start_crawl(site.api, "-a", "per_page=4", "-a", "max_image_megabytes=1", "--json"))
        asked_again = (site.hits["search"] - asked[0], site.images_served - asked[1])

    assert (first.returncode, second.returncode) == (0, 0), first.stderr + second.stderr
    assert "Traceback" not in first.stderr
    assert site.hits["image 1201"] == 2
    assert asked[0] == 2 + 4 + 1 + 4  # pages of the three names, and one more for each fault
    assert asked_again[0] == 0
    assert asked_again[1] == 3 + 1 + 1  # the truncated one with its two retries, the page, the large one

    catalog = open_catalog(catalog_url)
    photos = _photos(catalog)
    states = {site_id: row.state for site_id, row in photos.items()}
    done = {"1000", "1001", "1002", "1003", "1004", "1100", "1200", "1201"}
    assert states == {
        **dict.fromkeys(done, "done"),
        **dict.fromkeys(("1202", "1203", "1206", "1207"), "gone"),
        **dict.fromkeys(("1204", "1205", "1208"), "failed"),
    }
    assert photos["1202"].error == "HTTP 404"
    assert "placeholder" in photos["1203"].error
    assert "truncated" in photos["1204"].error
    assert "not an image" in photos["1205"].error
    assert "max_image_megabytes" in photos["1208"].error
    assert "noai" in photos["1206"].error

    files = workplace.files()
    assert files == {photos[site_id].path: site.photos[site_id].content for site_id in done}
    assert set(files) == {f"photos/Marta_Quillon/{n}.jpg" for n in (*range(1000, 1005), 1100)} | {
        "photos/Tom_van_Berg/1200.jpg",
        "photos/Tom_van_Berg/1201.jpg",
    }
    for site_id in done:
        row, content = photos[site_id], site.photos[site_id].content
        assert row.sha256 == hashlib.sha256(content).hexdigest()
        assert (row.byte_count, row.width, row.height) == (len(content), 48, 32)

    with catalog.connect() as connection:
        links = connection.execute(
            select(Subject.name, Photo.site_id)
            .join(PhotoSubject, PhotoSubject.subject_id == Subject.id)
            .join(Photo, Photo.id == PhotoSubject.photo_id)
        )
        found = {(row.name.replace("_", " "), row.site_id) for row in links}
        assert found == {(name, site_id) for site_id in states for name in site.photos[site_id].names}
        queries = {row.text: row for row in connection.execute(select(Query.__table__))}
        assert {text: (row.state, row.photos_seen, row.photos_refused) for text, row in queries.items()} == {
            f'"{MARTA}"': ("done", 6, 0),
            f'"{TOM}"': ("done", 11, 1),  # beyond the first answer only licences that may be stored are asked for
            f'"{NOBODY}"': ("done", 0, 0),
        }
        ranks = connection.execute(
            select(Photo.site_id, PhotoQuery.rank).join(Photo).where(PhotoQuery.query_id == queries[f'"{TOM}"'].id)
        )
        assert {row.site_id: row.rank for row in ranks} == {
            "1100": 0,
            **{str(1200 + place): 1 + place for place in range(9)},
        }
        certificates = {row.query_text: row for row in coverage(connection, "flickr")}
    tom = certificates[f'"{TOM}"']
    assert (tom.site_total, tom.catalogued, dict(tom.refused)) == (13, 10, {"not_a_photo": 1})
    assert (tom.filtered_out, tom.unreachable, tom.missing) == (2, 0, 0)
    catalog.dispose()

    tally = json.loads(first.stdout)
    assert tally["names"] == {"total": 3, "done": 3, "pending": 0, "failed": 0}
    assert tally["windows"] == {"total": 4, "done": 4, "leased": 0, "pending": 0, "failed": 0}
    assert tally["photos"] == {"total": 15, "done": 8, "leased": 0, "pending": 0, "gone": 4, "failed": 3}
    assert tally["this_run"]["api_calls"] == 1 + 11  # the list of licences, and the searches
    assert tally["this_run"]["photos_refused"] == {"not_a_photo": 1}
    assert json.loads(second.stdout)["this_run"]["images_fetched"] == 0


def test_every_text_of_the_site_is_in_the_catalog_and_the_key_is_nowhere(workplace: Workplace) -> None:
    workplace.write_names(MARTA)
    with FakeSite([SitePhoto("1000", (MARTA,), drawn_image(1))], api_faults=[500, CUT_OFF]) as site:
        result = ended(workplace.start_crawl(site.api, "--loglevel", "DEBUG", "-a", "retry_delay_s=0.02"))
        (row,) = _photos(open_catalog(workplace.catalog_url)).values()
        record = site.record(site.photos["1000"])

    assert result.returncode == 0, result.stderr
    assert row.raw == record
    assert (row.title, row.description, row.tags) == ("Marta Quillon in 1998", "Somewhere, <b>1998</b>", "one two")
    assert (row.date_taken, row.date_taken_granularity, row.date_taken_unknown) == ("1998-01-01 00:00:00", 6, False)
    assert isinstance(row.uploaded, datetime)
    assert row.uploaded.timestamp() == int(record["dateupload"])
    assert (row.licence, row.owner_name) == (record["license"], "drawn")
    assert row.image_url == record["url_c"]

    assert {search["api_key"] for search in site.searches} == {KEY}
    assert {search["query_string"] for search in site.searches} == {""}
    assert "DEBUG" in result.stderr
    assert "HTTP 500; try 2" in result.stderr
    assert KEY not in result.stderr + result.stdout
    for path in workplace.folder.rglob("*"):
        assert not path.is_file() or KEY.encode() not in path.read_bytes(), path


def test_a_refused_key_stops_the_crawl_with_one_sentence_that_does_not_repeat_it(workplace: Workplace) -> None:
    workplace.write_names(MARTA, TOM)
    with FakeSite([]) as site:
        wrong = KEY.replace("5", "6")
        process = workplace.start(
            "crawl", "flickr_names", "-a", f"names={workplace.names}", "-a", f"api={site.api}", "-L", "DEBUG",
            environment={"FLICKR_API_KEY": wrong},
        )  # fmt: skip
        result = ended(process)
    assert result.returncode == 2
    assert (site.hits["licences"], site.hits["search"]) == (1, 0)
    assert "Invalid API Key ((key) has invalid format)" in result.stderr
    assert "FLICKR_API_KEY" in result.stderr
    assert wrong not in result.stderr + result.stdout
    assert "Traceback" not in result.stderr


def test_a_site_that_does_not_answer_ends_the_crawl_and_loses_nothing(workplace: Workplace) -> None:
    workplace.write_names(MARTA, TOM)
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        api = f"http://127.0.0.1:{unused.getsockname()[1]}/services/rest/"
        result = ended(workplace.start_crawl(api, "-a", "retries=1", "-a", "retry_delay_s=0.01"))
    assert result.returncode == 1
    assert "no answer (DownloadConnectionRefusedError)" in result.stderr
    assert "Traceback" not in result.stderr
    with FakeSite([SitePhoto("1", (MARTA,), drawn_image(1))]) as site:
        assert ended(workplace.start_crawl(site.api)).returncode == 0
    assert list(workplace.files()) == ["photos/Marta_Quillon/1.jpg"]


def test_a_name_the_site_refuses_fails_alone(workplace: Workplace) -> None:
    workplace.write_names(MARTA, TOM)
    with FakeSite([SitePhoto("1", (TOM,), drawn_image(1))], api_faults=[fail(18, "Illogical arguments")]) as site:
        result = ended(workplace.start_crawl(site.api, "--json"))
    assert result.returncode == 1
    assert "1 windows failed; run the same command again" in result.stderr
    assert json.loads(result.stdout)["names"] == {"total": 2, "done": 1, "pending": 0, "failed": 1}
    assert list(workplace.files()) == ["photos/Tom_van_Berg/1.jpg"]


def test_a_folder_that_cannot_be_written_stops_the_crawl_and_the_photos_wait(workplace: Workplace) -> None:
    workplace.write_names(MARTA)
    workplace.data.mkdir()
    (workplace.data / "photos").write_bytes(b"a file in its place")
    with FakeSite([SitePhoto(str(number), (MARTA,), drawn_image(number)) for number in range(30)]) as site:
        stopped = ended(workplace.start_crawl(site.api))
        (workplace.data / "photos").unlink()
        finished = ended(workplace.start_crawl(site.api))
    assert stopped.returncode == 1
    assert "photos/Marta_Quillon" in stopped.stderr
    assert "make room, and run the same command again" in stopped.stderr
    assert "Traceback" not in stopped.stderr
    assert finished.returncode == 0
    assert len(workplace.files()) == 30


def test_ctrl_c_ends_in_order_and_the_next_run_goes_on(workplace: Workplace) -> None:
    workplace.write_names(MARTA)
    site_photos = [SitePhoto(str(1000 + number), (MARTA,), drawn_image(number)) for number in range(60)]
    with FakeSite(site_photos, latency_s=0.15) as site:
        process = workplace.start_crawl(site.api, "-a", "image_concurrency=4")
        while site.images_served < 5:
            time.sleep(0.01)
            assert process.poll() is None
        process.send_signal(signal.SIGINT)
        stopped = ended(process)
        served = site.images_served
        site.latency_s = 0
        finished = ended(workplace.start_crawl(site.api))
    assert stopped.returncode == 130
    assert "run the same command again" in stopped.stderr
    assert served < 60
    assert finished.returncode == 0
    assert len(workplace.files()) == 60
    assert site.images_served <= 60 + 8  # what was finished before the signal was not fetched again


@pytest.mark.parametrize(
    ("arguments", "environment", "error", "said"),
    [
        ({}, {}, WrongUse, "-a names=FILE"),
        ({"names": "absent.txt"}, {}, WrongUse, "absent.txt: there is no such file"),
        ({"api": "ftp://host/"}, {}, WrongUse, "is not a web address"),
        ({"api": "http://[/"}, {}, WrongUse, "is not a web address"),
        ({"licenses": "1"}, {}, SettingsError, "did you mean 'licences'?"),
        ({"licences": "1,99"}, {}, SettingsError, "unknown licence '99'"),
        ({"licences": " "}, {}, SettingsError, "none is given"),
        ({"sizes": "c,xl"}, {}, SettingsError, "unknown size 'xl'"),
        ({"per_page": "9000"}, {}, SettingsError, "per_page"),
        ({"start_images_per_s": "60"}, {}, SettingsError, "must not be above max_images_per_s"),
        ({"contact": ""}, {}, WrongUse, "the operators of api.flickr.com must be able to reach you"),
        ({"contact": "me"}, {}, WrongUse, "contact 'me' is no mail address or URL"),
        ({"api_delay_s": "nan"}, {}, SettingsError, "api_delay_s"),
        ({}, {"AGEGAP_CRAWL_RETRIES": "many"}, SettingsError, "retries"),
        ({}, {"FLICKR_API_KEY": " "}, MissingKey, "FLICKR_API_KEY"),
        ({}, {"AGEGAP_CATALOG": "not a url"}, CatalogUnreachable, "not a database URL"),
    ],
)
def test_wrong_use_is_told_before_anything_starts(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: dict[str, str],
    environment: dict[str, str],
    error: type[WrongUse],
    said: str,
) -> None:
    names = tmp_path / "names.txt"
    names.write_text("Marta_Quillon\n")
    monkeypatch.chdir(tmp_path)
    surroundings = {"AGEGAP_CATALOG": f"sqlite:///{tmp_path / 'catalog.db'}", "FLICKR_API_KEY": KEY, **environment}
    for name, value in surroundings.items():
        monkeypatch.setenv(name, value)
    contact = {"contact": "mailto:someone@example.org"}
    given = {"names": str(names), **contact, **arguments} if arguments or environment else {}
    with pytest.raises(error) as caught:
        FlickrNames.plan_crawl(given)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.exit_code == 2
    assert not (tmp_path / "catalog.db").exists()


@pytest.mark.parametrize(
    ("arguments", "environment", "said"),
    [
        (("crawl", "flickr_names", "-a", "names=/dev/null"), {}, "/dev/null: is empty"),
        (("crawl", "flickr_name"), {}, "unknown spider 'flickr_name'; did you mean 'flickr_names'?"),
        (("extract-years",), {"AGEGAP_CATALOG": "mysql://host/x"}, "agegap works with sqlite and postgresql"),
    ],
)
def test_wrong_use_is_one_line_and_exit_code_2(
    workplace: Workplace, arguments: tuple[str, ...], environment: dict[str, str], said: str
) -> None:
    result = ended(workplace.start(*arguments, environment=environment))
    assert result.returncode == 2
    assert said in result.stderr
    assert len(result.stderr.strip().splitlines()) == 1
    assert result.stdout == ""


@pytest.mark.parametrize(
    ("url", "is_local"),
    [
        ("http://127.0.0.1:80/x", True),
        ("http://localhost/", True),
        ("http://[::1]:9/", True),
        ("https://api.flickr.com/services/rest/", False),
        ("http://127.0.0.1.example.org/", False),
    ],
)
def test_only_this_machine_is_asked_without_pause(url: str, is_local: bool) -> None:
    assert is_loopback(url) is is_local


def test_a_live_site_is_asked_once_a_second_at_most(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "names.txt").write_text("Marta_Quillon\n")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AGEGAP_CATALOG", f"sqlite:///{tmp_path / 'catalog.db'}")
    monkeypatch.setenv("FLICKR_API_KEY", KEY)
    for spider in (FlickrNames, CommonsNames):
        plan = spider.plan_crawl({"names": "names.txt", "contact": "mailto:someone@example.org"})
        assert not plan.is_local
        assert (plan.settings.api_delay_s, plan.settings.api_calls_per_hour) == (1.0, 3600)
        assert "(mailto:someone@example.org)" in plan.settings.user_agent
        plan.catalog.dispose()


def test_the_same_names_are_the_same_list_whatever_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("FLICKR_API_KEY", KEY)
    digests = []
    for number, text in enumerate(("Marta_Quillon\t3\nTom van Berg\n", "# mine\nMarta Quillon\nTom_van_Berg", "Tom")):
        monkeypatch.setenv("AGEGAP_CATALOG", f"sqlite:///{tmp_path / f'{number}.db'}")
        (tmp_path / "names.txt").write_text(text)
        plan = FlickrNames.plan_crawl({"names": "names.txt", "api": "http://127.0.0.1:1/"})
        digests.append(plan.asked_by)
        plan.catalog.dispose()
    assert digests[0] == digests[1] != digests[2]


def test_every_setting_is_documented_with_its_default() -> None:
    rows = dict(re.findall(r"^\| `(\w+)` \| (\S+) \|", (ROOT / "docs" / "crawl.md").read_text(), re.MULTILINE))
    documented = {name: value.strip("`") for name, value in rows.items()}
    defaults = {field.name: field.default for field in dataclasses.fields(CrawlSettings)}
    assert documented.keys() >= defaults.keys()
    for name, default in defaults.items():
        if isinstance(default, bool):
            assert documented[name] == str(default).lower(), name
        elif isinstance(default, int | float):
            assert float(documented[name]) == default, name
