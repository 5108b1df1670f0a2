"""The hosts of the site over HTTP, with faults switched on while it runs."""

import json
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from http.client import IncompleteRead, RemoteDisconnected
from pathlib import Path
from typing import Any

import pytest

from crawler.photosite.faults import Faults
from tests.crawler.photosites import call, control, get, jpeg_of, photosite

SEARCH = "flickr.photos.search"
COUNT = 60


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, Any]]:
    folder = tmp_path_factory.mktemp("site")
    lines = []
    for number in range(COUNT):
        (folder / f"{number}.jpg").write_bytes(jpeg_of(60, 40, (number, 0, 0)))
        lines.append(json.dumps({"file": f"{number}.jpg", "id": str(700 + number), "title": "Marta Quillon"}))
    (folder / "photos.jsonl").write_text("\n".join(lines), encoding="utf-8")
    with photosite("--folder", str(folder), "--image-port", "0") as (_, ready):
        yield ready


@pytest.fixture
def api(site: dict[str, Any]) -> Iterator[str]:
    """The API of the site in good health, its counts at nought."""
    yield site["api"]
    healthy = Faults()
    control(site["api"], "faults", {name: getattr(healthy, name) for name in Faults.__dataclass_fields__})
    control(site["api"], "reset", {})


def search(api: str, **params: Any) -> dict[str, Any]:
    return call(api, method=SEARCH, text="quillon", per_page="500", extras="url_o", **params)


def urls(api: str) -> dict[str, str]:
    return {photo["id"]: photo["url_o"] for photo in search(api)["photos"]["photo"]}


def outcomes(fetch: Callable[[int], object], tries: int) -> list[object]:
    """What came of each try: a status, or the name of the error."""
    told: list[object] = []
    for number in range(tries):
        try:
            fetch(number)
            told.append(200)
        except urllib.error.HTTPError as fault:
            told.append(fault.code)
        except (urllib.error.URLError, OSError, IncompleteRead, RemoteDisconnected, ValueError) as fault:
            told.append(type(fault).__name__)
    return told


def test_the_site_counts_what_it_serves(api: str) -> None:
    told = urls(api)
    for url in [*told.values(), told["700"]]:
        get(url)
    call(api, method="flickr.test.echo")
    stats = control(api, "stats?served=1")
    assert stats["calls_by_method"] == {SEARCH: 1, "flickr.test.echo": 1}
    assert (stats["calls"], stats["images_served"], stats["photos_served"]) == (2, COUNT + 1, COUNT)
    assert stats["served"] == {**dict.fromkeys(told, 1), "700": 2}
    assert (stats["photos_served_again"], stats["largest_calls_in_a_window"]) == (1, 2)
    assert stats["image_bytes"] == sum(len(jpeg_of(60, 40, (number, 0, 0))) for number in (*range(COUNT), 0))


def test_images_live_on_a_host_of_their_own(site: dict[str, Any], api: str) -> None:
    assert all(url.startswith(site["images"] + "/65535/") for url in urls(api).values())
    assert urllib.parse.urlsplit(site["images"]).port != urllib.parse.urlsplit(api).port


@pytest.mark.parametrize(
    ("fault", "outcome"),
    [("api_429", 429), ("api_500", 500), ("api_502", 502), ("api_503", 503), ("api_reset", "RemoteDisconnected")],
)
def test_a_rate_of_calls_fails_and_a_run_repeats(api: str, fault: str, outcome: object) -> None:
    control(api, "faults", {fault: 0.5, "seed": 1})
    told = outcomes(lambda number: search(api, page=str(1 + number % 4)), 16)
    told = ["RemoteDisconnected" if outcome_ in ("URLError", "ConnectionResetError") else outcome_ for outcome_ in told]
    assert set(told) == {200, outcome}
    control(api, "reset", {})
    again = outcomes(lambda number: search(api, page=str(1 + number % 4)), 16)
    assert [code == 200 for code in again] == [code == 200 for code in told]


@pytest.mark.parametrize("code", [0, 10, 105, 201])
def test_flakes_are_answers_with_the_sites_codes(api: str, code: int) -> None:
    control(api, "faults", {f"api_code_{code}": 1.0})
    told = search(api)
    assert (told["stat"], told["code"]) == ("fail", code)
    assert "available" in told["message"] or "unavailable" in told["message"]
    assert control(api, "stats")["api_refused"] == {f"code {code}": 1}


def test_an_answer_is_cut_off_with_http_200(api: str) -> None:
    control(api, "faults", {"api_cut": 1.0})
    told = outcomes(lambda number: search(api, page=str(number + 1)), 5)
    assert told == ["JSONDecodeError"] * 5


def test_a_key_over_its_window_gets_the_html_429_and_others_do_not(api: str) -> None:
    control(api, "faults", {"api_per_window": 3, "api_window_s": 60, "api_retry_after_s": 7})
    for _ in range(3):
        search(api)
    with pytest.raises(urllib.error.HTTPError) as refused:
        search(api)
    assert refused.value.code == 429
    assert refused.value.headers["Retry-After"] == "7"
    assert "<h1>429 Too Many Requests</h1>" in refused.value.read().decode()
    assert search(api, api_key="other")["stat"] == "ok"
    stats = control(api, "stats")
    assert stats["largest_calls_by_key"] == {"k": 4, "other": 1}
    assert stats["api_refused"] == {"limit": 1}


def test_only_the_sites_key_is_let_in(api: str) -> None:
    control(api, "faults", {"key": "right"})
    assert search(api)["code"] == 100
    assert search(api, api_key="right")["stat"] == "ok"


def test_totals_and_numbers_come_in_either_type(api: str) -> None:
    assert search(api)["photos"]["total"] == str(COUNT)
    control(api, "faults", {"total": "int", "mixed_types": True})
    told = search(api)["photos"]
    assert told["total"] == COUNT
    assert {type(photo["height_o"]) for photo in told["photo"]} == {int, str}
    assert {int(photo["height_o"]) for photo in told["photo"]} == {40}


def test_an_image_host_over_its_rate_says_429(api: str) -> None:
    told = list(urls(api).values())
    control(api, "faults", {"image_rate": 0.01, "image_burst": 5})
    codes = outcomes(lambda number: get(told[number]), 9)
    assert codes == [200] * 5 + [429] * 4
    assert control(api, "stats")["image_refused"] == {"limit": 4}


@pytest.mark.parametrize("is_date", [False, True])
def test_retry_after_comes_as_seconds_or_as_a_date(api: str, is_date: bool) -> None:
    url = urls(api)["700"]
    control(api, "faults", {"image_429": 1.0})
    with pytest.raises(urllib.error.HTTPError) as bare:
        get(url)
    assert (bare.value.code, bare.value.headers["Retry-After"]) == (429, None)
    control(api, "faults", {"image_retry_after_s": 90, "retry_after_date": is_date})
    with pytest.raises(urllib.error.HTTPError) as told:
        get(url)
    value = told.value.headers["Retry-After"]
    seconds = (parsedate_to_datetime(value) - datetime.now(UTC)).total_seconds() if is_date else float(value)
    assert 80 < seconds <= 91


def test_bodies_are_cut_off_or_slow_and_connections_reset(api: str) -> None:
    url = urls(api)["700"]
    control(api, "faults", {"image_cut": 1.0})
    assert outcomes(lambda _: get(url), 1) == ["IncompleteRead"]
    control(api, "faults", {"image_cut": 0, "image_reset": 1.0})
    assert outcomes(lambda _: get(url), 1)[0] in ("ConnectionResetError", "RemoteDisconnected", "URLError")
    assert control(api, "stats")["images_served"] == 0
    control(api, "faults", {"image_reset": 0, "image_slow": 1.0, "image_slow_s": 0.4})
    started = time.monotonic()
    _, content = get(url)
    assert time.monotonic() - started > 0.3  # the site waits for 0.4 s: a lower bound, whatever the machine
    assert content == jpeg_of(60, 40, (0, 0, 0))


def test_shares_of_photos_are_missing_moved_or_opted_out(api: str) -> None:
    told = urls(api)
    control(api, "faults", {"missing": 0.3, "placeholder": 0.3, "noai": 0.3})
    codes, placed, opted_out = set(), 0, 0
    for url in told.values():
        try:
            response, content = get(url)  # follows the redirect
        except urllib.error.HTTPError as fault:
            codes.add(fault.code)
            assert fault.read() == b""
            continue
        if response.url.endswith("/pw/images/en-us/photo_unavailable.png"):
            placed += 1
            assert content.startswith(b"\x89PNG")
        else:
            opted_out += response.headers["X-Robots-Tag"] == "noai, noimageai"
    refused = control(api, "stats")["image_refused"]
    assert codes == {404}
    assert 0 < opted_out < COUNT
    assert refused == {"404": refused["404"], "placeholder": placed}
    assert all(5 <= count <= 30 for count in refused.values())  # 18 and 13 expected of 60


def test_photos_change_with_the_calls_and_the_images_follow(api: str) -> None:
    before = urls(api)
    control(api, "faults", {"deleted": 0.3, "change_calls": 5})
    for _ in range(5):
        call(api, method="flickr.test.echo")
    after = urls(api)
    gone = before.keys() - after.keys()
    assert 5 <= len(gone) <= 30
    response, _ = get(before[min(gone)])
    assert response.url.endswith("photo_unavailable.png")
    assert call(api, method="flickr.photos.getInfo", photo_id=min(gone))["code"] == 1


def test_robots_txt_tells_the_delay_and_what_is_closed(site: dict[str, Any], api: str) -> None:
    robots = api.replace("/services/rest/", "/robots.txt")
    assert get(robots)[1].decode() == "User-agent: *\nDisallow: /_control/\n"
    control(api, "faults", {"crawl_delay_s": 2.5, "robots_forbids": True})
    assert get(robots)[1].decode() == "User-agent: *\nDisallow: /\nCrawl-delay: 2.5\n"
    assert get(f"{site['images']}/robots.txt")[1] == get(robots)[1]


def test_a_bad_fault_is_told_and_changes_nothing(api: str) -> None:
    for body in ({"api_999": 1}, {"cap": "maybe"}):
        with pytest.raises(urllib.error.HTTPError) as refused:
            control(api, "faults", body)
        assert refused.value.code == 400
        assert next(iter(body)) in json.loads(refused.value.read())["error"]
    assert control(api, "faults") == {name: getattr(Faults(), name) for name in Faults.__dataclass_fields__}


def test_the_key_of_a_signed_call_is_that_of_its_header(api: str) -> None:
    request = urllib.request.Request(
        f"{api}?method=flickr.test.echo&format=json&nojsoncallback=1",
        headers={"Authorization": 'OAuth oauth_nonce="1", oauth_consumer_key="signed%2Dkey", oauth_version="1.0"'},
    )
    with urllib.request.urlopen(request, timeout=20) as response:
        assert json.load(response)["api_key"] == {"_content": "signed-key"}


def test_flags_and_a_file_set_faults_and_a_big_site_tells_its_truth(tmp_path: Path) -> None:
    (tmp_path / "faults.toml").write_text("crawl_delay_s = 4\n", encoding="utf-8")
    arguments = ["--big", "5,1,600", "--truth", str(tmp_path / "truth.json"), "--no-cap", "--fault", "total=int"]
    with photosite(*arguments, "--faults", str(tmp_path / "faults.toml")) as (_, ready):
        truth = json.loads((tmp_path / "truth.json").read_text(encoding="utf-8"))
        assert (ready["photos"], ready["names"]) == (truth["photos"], 5)
        told = control(ready["api"], "faults")
        assert (told["cap"], told["total"], told["crawl_delay_s"]) == (False, "int", 4.0)
        name = truth["names"][0]
        found = call(ready["api"], method=SEARCH, text=f'"{name["name"].replace("_", " ")}"')
        assert found["photos"]["total"] == name["found"] >= 600


def test_latency_comes_before_the_answer(api: str) -> None:
    url = urls(api)["700"]
    control(api, "faults", {"api_latency_s": 0.2, "image_latency_s": 0.2})
    started = time.monotonic()
    search(api)
    get(url)
    assert time.monotonic() - started > 0.4  # a lower bound, whatever the machine
    control(api, "faults", {"api_latency_s": 0, "image_latency_s": 0})


def test_asking_for_the_headers_alone_is_no_image_served(api: str) -> None:
    request = urllib.request.Request(urls(api)["700"], method="HEAD")
    with urllib.request.urlopen(request, timeout=20) as response:
        assert response.headers["ETag"]
    stats = control(api, "stats")
    assert (stats["image_requests"], stats["images_served"]) == (1, 0)
