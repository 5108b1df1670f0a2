"""Every refusal of Flickr is tried again, given up, or stops the crawl."""

import json
from pathlib import Path

import pytest

from crawler.crawl_settings import CrawlSettings
from crawler.sites.flickr.envelope import read_envelope
from crawler.sites.flickr.faults import FAULTS, fault_of_status, read_fault
from crawler.sites.flickr.info import PhotoToday, read_info
from crawler.sites.flickr.site import FlickrSite
from crawler.sites.found import SiteFault, Step
from db.window_rows import Window

SORRY = "Sorry, the Flickr API service is not currently available."


@pytest.mark.parametrize(
    ("code", "message", "kind"),
    [
        (0, SORRY, "transient"),
        ("201", SORRY, "transient"),
        (10, "The Flickr API search databases are temporarily unavailable.", "transient"),
        (105, "Service currently unavailable", "transient"),
        (106, "Write operation failed", "transient"),
        (1, "Too many tags in ALL query", "permanent"),
        (2, "Unknown user", "permanent"),
        (3, "Parameterless searches have been disabled", "permanent"),
        (18, "Illogical arguments", "permanent"),
        (20, "Excessive photo offset in search", "permanent"),
        (116, "Bad URL found", "permanent"),
        (99, "Insufficient permissions. Method requires read privileges; none granted.", "fatal"),
        (100, "Invalid API Key (Key has invalid format)", "fatal"),
        (100, "Invalid API Key (Key has expired)", "fatal"),
        (111, 'Format "x" not found', "fatal"),
        (112, 'Method "x" not found', "fatal"),
        (777, "Something new", "permanent"),
        (None, "Something new", "permanent"),
    ],
)
def test_a_code_of_the_search_is_transient_permanent_or_fatal(code: object, message: str, kind: str) -> None:
    fault = read_fault({"stat": "fail", "code": code, "message": message})
    assert fault.kind == kind
    assert message in str(fault)


@pytest.mark.parametrize("code", [1, 3, 100, 777])
def test_not_currently_available_is_transient_whatever_the_code(code: int) -> None:
    assert read_fault({"stat": "fail", "code": code, "message": SORRY}).kind == "transient"


@pytest.mark.parametrize("code", [0, *range(1, 6), *range(10, 19), 20, *range(95, 101), 105, 106, 108, 111, 112, 201])
def test_every_documented_code_of_the_search_is_in_the_table(code: int) -> None:
    assert code in FAULTS["flickr.photos.search"]


@pytest.mark.parametrize(
    ("status", "body", "kind", "said"),
    [
        (
            401,
            b"oauth_problem=signature_invalid&debug_sbs=POST&api_key%3Dsecret",
            "fatal",
            "HTTP 401: signature_invalid",
        ),
        (400, b"oauth_problem=parameter_absent&oauth_parameters_absent=oauth_token", "fatal", "parameter_absent"),
        (401, b"", "fatal", "HTTP 401"),
        (403, b"<html>Forbidden</html>", "fatal", "HTTP 403"),
        (404, b"<html>Not Found</html>", "fatal", "HTTP 404"),
        (302, b"", "fatal", "sends us elsewhere, to https://other.example/x"),
        (400, b"", "permanent", "HTTP 400"),
        (414, b"", "permanent", "HTTP 414"),
        (408, b"", "transient", "HTTP 408"),
        (429, b"<html>Too Many Requests</html>", "transient", "HTTP 429"),
        (500, b"", "transient", "HTTP 500"),
        (503, b"", "transient", "HTTP 503"),
    ],
)
def test_a_status_is_transient_permanent_or_fatal(status: int, body: bytes, kind: str, said: str) -> None:
    fault = fault_of_status(status, {"Location": "https://other.example/x?api_key=secret"}, body)
    assert fault.kind == kind
    assert said in str(fault)
    assert "secret" not in str(fault)


@pytest.mark.parametrize(("value", "wait"), [("120", 120.0), (None, None), ("soon", None), ("0", 0.0)])
@pytest.mark.parametrize("status", [429, 503])
def test_the_wait_that_the_site_asks_for_is_kept(value: str | None, wait: float | None, status: int) -> None:
    headers = {} if value is None else {"retry-after": value}
    assert fault_of_status(status, headers, b"").retry_after_s == wait


@pytest.mark.parametrize(
    ("body", "kind", "code"),
    [
        (b'<?xml version="1.0" ?>\n<rsp stat="fail">\n\t<err code="100" msg="Invalid" />\n</rsp>', "fatal", 100),
        (b'<rsp stat="fail"><err code="201" msg="Sorry" /></rsp>', "transient", 201),
        (b'<rsp stat="ok"><photos page="1" /></rsp>', "fatal", None),
        (b'jsonFlickrApi({"stat":"fail","code":105,"message":"Service currently unavailable"})', "transient", 105),
        (b'jsonFlickrApi({"stat":"fail","code":105,"mess', "transient", None),
    ],
)  # fmt: skip
def test_other_wrappings_are_understood_or_clearly_refused(body: bytes, kind: str, code: int | None) -> None:
    fault = read_envelope(body)
    assert isinstance(fault, SiteFault)
    assert (fault.kind, fault.code) == (kind, code)


def test_the_words_of_an_xml_fault_are_unescaped() -> None:
    fault = read_envelope(b'<rsp stat="fail"><err code="1" msg="Photo &quot;1&quot; not found" /></rsp>')
    assert isinstance(fault, SiteFault)
    assert fault.message == 'Photo "1" not found'


def _info(photo: object) -> PhotoToday | SiteFault:
    return read_info(json.dumps({"stat": "ok", "photo": photo}).encode(), "7")


def test_a_photos_state_of_today_is_read() -> None:
    photo = {"id": "7", "license": "4", "visibility": {"ispublic": 1}, "usage": {"candownload": "0"}}
    assert _info(photo) == PhotoToday("7", licence="4", is_public=True, may_download=False)


@pytest.mark.parametrize("photo", [{}, None, [], {"id": "8", "license": "4"}])
def test_an_answer_of_another_photo_is_tried_again(photo: object) -> None:
    fault = _info(photo)
    assert isinstance(fault, SiteFault)
    assert fault.kind == "transient"


@pytest.mark.parametrize(
    ("code", "message"), [(1, 'Photo "7" not found (invalid ID)'), (2, "Permission denied"), (5, "User deleted")]
)
def test_a_photo_that_is_not_to_be_had_is_gone_and_no_fault(code: int, message: str) -> None:
    today = read_info(json.dumps({"stat": "fail", "code": code, "message": message}).encode(), "7")
    assert isinstance(today, PhotoToday)
    assert today.is_gone


@pytest.mark.parametrize("code", [100, 105])
def test_other_refusals_take_no_photo_away(code: int) -> None:
    assert isinstance(read_info(json.dumps({"stat": "fail", "code": code, "message": "x"}).encode(), "7"), SiteFault)


def test_an_excessive_offset_is_the_end_of_the_pages_not_a_fault() -> None:
    cursor = {"end": 500, "seen": ["1"], "reached": 500}
    window = Window(1, 1, 1, "M", "M", '"M"', "phrase", "4", 5, 5, "date-posted-asc", cursor, 1, 900)
    body = b'{"stat":"fail","code":20,"message":"Excessive photo offset in search"}'
    step = FlickrSite(CrawlSettings(), planned_at=9).read(window, body, {})
    assert isinstance(step, Step)
    assert [child.sort for child in step.children] == ["date-posted-desc"]


@pytest.mark.real_data
def test_recorded_refusals_are_read(shared_data: Path) -> None:
    count = 0
    for name in ("flickr_photos_api.jsonl", "flickr_objects_cassettes.jsonl", "flinumeratr.jsonl"):
        for line in (shared_data / "recorded" / name).read_text().splitlines():
            call = json.loads(line)
            body = call["body"].encode()
            if call["status"] != 200:
                assert fault_of_status(call["status"], call["headers"], body).kind == "fatal"
                count += 1
            elif "fail" in call["body"][:80] and "stat" in call["body"][:80]:
                fault = read_envelope(body)
                assert isinstance(fault, SiteFault)
                assert fault.code in (1, 2, 5, 99, 100)
                count += 1
    assert count > 20


@pytest.mark.real_data
def test_a_recorded_photos_state_is_read(shared_data: Path) -> None:
    lines = (shared_data / "recorded" / "flickr_objects_cassettes.jsonl").read_text().splitlines()
    calls = [json.loads(line) for line in lines]
    (call,) = [call for call in calls if call["params"].get("method") == "flickr.photos.getInfo"]
    photo_id = json.loads(call["body"])["photo"]["id"]
    today = read_info(call["body"].encode(), photo_id)
    assert today == PhotoToday(photo_id, licence="0", is_public=True, may_download=True)
