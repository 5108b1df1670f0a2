"""Reading a window of Commons to its end: continuation, unfinished batches, counts, the ceiling, subcategories."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crawler.law.presets import choose_licences
from crawler.names import Name
from crawler.sites.commons.asks import NEWEST_FIRST, SEARCH_CEILING
from crawler.sites.commons.choices import judge_by
from crawler.sites.commons.site import CommonsSite
from crawler.sites.found import Refusal, SiteFault, Step
from db.window_rows import Window
from tests.crawler.wiki_answers import body, facts, page, pages, window

SITE = CommonsSite(judge_by(choose_licences("commons", "all-open")))
API = "https://commons.example/w/api.php"


def step(now: Window, answer: object, headers: Mapping[str, str] | None = None) -> Step:
    read = SITE.read(now, body(answer), headers or {})
    assert isinstance(read, Step), read
    return read


def after(now: Window, read: Step) -> Window:
    """The window as the catalog keeps it: its cursor goes through JSON."""
    return replace(now, cursor=json.loads(json.dumps(read.cursor)), steps=now.steps + 1)


def ids(read: Step) -> list[str]:
    return [photo.site_id for photo in read.photos]


def test_a_person_is_searched_by_name_by_depicts_statement_and_by_category() -> None:
    name = Name("Marta_Quillon", "Marta Quillon")
    plain = SITE.wanted_queries(name, {})
    assert [(one.kind, one.text) for one in plain] == [
        ("search", '"Marta Quillon" filetype:bitmap'),
        ("category", "Category:Marta Quillon"),
    ]
    known = SITE.wanted_queries(name, {"wikidata_id": "Q42", "commons_category": "Marta_Quillon (actor)"})
    assert [(one.kind, one.text) for one in known][1:] == [
        ("depicts", "haswbstatement:P180=Q42"),
        ("category", "Category:Marta Quillon (actor)"),
    ]


def test_an_ask_names_batches_of_fifty_at_a_standard_width_and_waits_for_lagging_databases() -> None:
    ask = SITE.ask(window(), API)
    assert (ask.url, ask.needs_key) == (API, None)
    expected = {
        "generator": "search",
        "gsrsearch": '"Marta Quillon" filetype:bitmap',
        "gsrnamespace": "6",
        "gsrlimit": "50",
        "iiurlwidth": "960",
        "maxlag": "5",
        "formatversion": "2",
    }
    assert expected.items() <= ask.params.items()
    category = SITE.ask(window(kind="category", text="Category:Marta Quillon", sort="sortkey"), API)
    assert {"gcmtitle": "Category:Marta Quillon", "gcmtype": "file|subcat"}.items() <= category.params.items()


def test_one_answer_with_everything_ends_the_window_and_is_its_own_count() -> None:
    read = step(window(), pages([page(number, info=facts(number)) for number in (5, 6)]))
    assert (ids(read), read.seen, read.cursor) == (["5", "6"], 2, None)
    assert (read.total, read.query_total, read.unreachable) == (2, 2, 0)


def test_nothing_found_is_an_answer_without_pages() -> None:
    read = step(window(), {"batchcomplete": True})
    assert (read.seen, read.cursor, read.query_total) == (0, None, 0)


def test_pages_come_in_the_order_of_the_search_whatever_their_order_in_the_answer() -> None:
    found = [page(9, info=facts(9), index=2), page(3, info=facts(3), index=3), page(8, info=facts(8), index=1)]
    assert ids(step(window(), pages(found))) == ["8", "9", "3"]
    listed = {"batchcomplete": True, "query": {"pages": found}}  # the second format
    assert ids(step(window(), listed)) == ["8", "9", "3"]


def test_every_key_of_continue_goes_into_the_next_request() -> None:
    following = {"gsroffset": 50, "continue": "gsroffset||"}
    now = window()
    now = after(now, step(now, pages([page(5, info=facts(5))], **{"continue": following})))
    assert "srsearch" in SITE.ask(now, API).params  # more than one answer: how many are there?
    now = after(now, step(now, {"batchcomplete": True, "query": {"searchinfo": {"totalhits": 51}, "search": []}}))
    assert {"gsroffset": "50", "continue": "gsroffset||"}.items() <= SITE.ask(now, API).params.items()
    read = step(now, pages([page(6, info=facts(6))]))
    assert (read.cursor, read.query_total) == (None, 51)
    assert [photo.rank for photo in read.photos] == [1]


def test_an_unfinished_batch_is_read_as_its_facts_come_and_each_page_counts_once() -> None:
    now = window(kind="category", text="Category:Marta Quillon", sort="sortkey")
    first = [page(1, info=facts(1)), page(2), page(3)]
    inner = {"iicontinue": "Marta_2.jpg|2012", "continue": "||"}
    read = step(now, pages(first, batchcomplete=None, **{"continue": inner}))
    assert (ids(read), read.seen, read.refused) == (["1"], 1, {})
    now = after(now, read)
    assert inner.items() <= SITE.ask(now, API).params.items()
    read = step(
        now,
        pages(
            [page(1), page(2, info=facts(2)), page(3)], batchcomplete=None, **{"continue": {**inner, "iicontinue": "x"}}
        ),
    )
    assert (ids(read), read.seen) == (["2"], 1)
    now = after(now, read)
    read = step(now, pages([page(1), page(2), page(3)]))  # the last one never gets its facts
    assert (ids(read), read.seen, read.refused) == ([], 1, {Refusal.MALFORMED: 1})
    assert (read.cursor, read.query_total) == (None, 3)


def test_the_cursor_of_an_unfinished_batch_holds_numbers_and_no_pages() -> None:
    found = [page(number, info=facts(number, texts={"ImageDescription": "x" * 50_000})) for number in range(1, 51)]
    read = step(window(), pages(found, batchcomplete=None, **{"continue": {"iicontinue": "a", "continue": "||"}}))
    assert len(json.dumps(read.cursor)) < 1_000


def test_subcategories_of_the_persons_category_are_asked_for_and_their_own_are_not() -> None:
    now = window(kind="category", text="Category:Marta Quillon", sort="sortkey")
    below = {"pageid": 40, "ns": 14, "title": "Category:Marta Quillon in 2008"}
    read = step(now, pages([page(5, info=facts(5)), below]))
    assert (read.seen, [(one.kind, one.text) for one in read.follow_ups]) == (
        1,
        [("category", "Category:Marta Quillon in 2008")],
    )
    follow_up = read.follow_ups[0]
    assert (follow_up.name, follow_up.display_name) == ("Marta_Quillon", "Marta Quillon")
    inner = replace(now, text=follow_up.text, cursor=follow_up.window.cursor)
    assert SITE.ask(inner, API).params["gcmtype"] == "file"
    assert step(inner, pages([page(6, info=facts(6)), {**below, "pageid": 41}])).follow_ups == ()


@pytest.mark.parametrize(
    ("total", "rest", "unreachable"), [(10_000, None, 0), (10_001, 1, 0), (18_000, 8_000, 0), (23_000, 10_000, 3_000)]
)
def test_beyond_the_ceiling_the_search_is_read_from_its_other_end_too(
    total: int, rest: int | None, unreachable: int
) -> None:
    read = step(window(cursor={"is_counting": True, "seen": 50, "following": {"gsroffset": "50"}}),
                {"query": {"searchinfo": {"totalhits": total}}})  # fmt: skip
    assert (read.query_total, read.unreachable) == (total, unreachable)
    assert [one.sort for one in read.children] == ([NEWEST_FIRST] if rest else [])
    assert [one.cursor["stop_at"] for one in read.children if one.cursor] == ([rest] if rest else [])


def test_the_ceiling_ends_a_window() -> None:
    now = window(cursor={"seen": SEARCH_CEILING - 1, "total": 12_000, "following": {"gsroffset": "9999"}})
    following = {"gsroffset": SEARCH_CEILING, "continue": "gsroffset||"}
    read = step(now, pages([page(5, info=facts(5))], **{"continue": following}))
    assert (read.cursor, read.total, read.unreachable) == (None, SEARCH_CEILING, 0)


def test_files_that_the_index_counts_and_does_not_show_are_said() -> None:
    now = window(cursor={"seen": 50, "total": 60, "following": {"gsroffset": "50"}})
    read = step(now, pages([page(number, info=facts(number)) for number in range(1, 8)]))
    assert (read.unreachable, read.note) == (3, "3 of 60 results the site counts were not shown")


def test_a_site_that_continues_where_it_was_asked_from_is_no_endless_crawl() -> None:
    following = {"gsroffset": "50", "continue": "gsroffset||"}
    now = window(cursor={"following": following, "total": 100, "seen": 50})
    fault = SITE.read(now, body(pages([page(5, info=facts(5))], **{"continue": following})), {})
    assert isinstance(fault, SiteFault)


def test_warnings_are_kept_as_a_note() -> None:
    first = {"search": {"*": "Unrecognized value\nfor parameter"}}
    second = {"main": {"warnings": "Unrecognized parameter: x."}}
    assert step(window(), pages([], warnings=first)).note == "search: Unrecognized value for parameter"
    assert step(window(), pages([], warnings=second)).note == "main: Unrecognized parameter: x."


@pytest.mark.parametrize(
    ("answer", "headers", "kind", "wait_s"),
    [
        (
            {"error": {"code": "maxlag", "info": "Waiting for db1: 7 seconds lagged"}},
            {"Retry-After": "7"},
            "transient",
            7,
        ),
        ({"error": {"code": "maxlag", "info": "x"}}, {}, "transient", 5),
        ({"error": {"code": "ratelimited", "info": "x"}}, {"retry-after": "30"}, "transient", 30),
        ({"error": {"code": "readonly", "info": "x"}}, {}, "transient", 5),
        ({"error": {"code": "cirrussearch-too-busy-error", "info": "x"}}, {}, "transient", 5),
        ({"error": {"code": "internal_api_error_DBQueryError", "info": "x"}}, {}, "transient", 5),
        ({"errors": [{"code": "maxlag", "text": "x"}]}, {}, "transient", 5),
        ({"error": {"code": "blocked", "info": "You have been blocked"}}, {}, "fatal", None),
        ({"error": {"code": "invalidcategory", "info": "x"}}, {}, "permanent", None),
        ([], {}, "transient", None),
    ],
)
def test_errors_inside_http_200_are_classified(
    answer: object, headers: dict[str, str], kind: str, wait_s: float | None
) -> None:
    fault = SITE.read(window(), body(answer), headers)
    assert isinstance(fault, SiteFault)
    assert (fault.kind, fault.retry_after_s) == (kind, wait_s)


def test_a_cut_off_answer_is_asked_again() -> None:
    fault = SITE.read(window(), body(pages([page(5, info=facts(5))]))[:-9], {})
    assert isinstance(fault, SiteFault)
    assert fault.kind == "transient"


@pytest.mark.parametrize(
    ("status", "headers", "kind", "wait_s"),
    [
        (429, {"Retry-After": "60"}, "transient", 60),
        (
            503,
            {"retry-after": "Sun, 22 Nov 2026 10:01:00 GMT", "date": "Sun, 22 Nov 2026 10:00:00 GMT"},
            "transient",
            60,
        ),
        (500, {}, "transient", None),
        (403, {}, "fatal", None),
        (404, {}, "permanent", None),
    ],
)
def test_http_statuses_are_classified(status: int, headers: dict[str, str], kind: str, wait_s: float | None) -> None:
    fault = SITE.fault_of_status(status, headers, b"<html>no</html>")
    assert (fault.kind, fault.retry_after_s) == (kind, wait_s)


@given(
    st.integers(0, 120),
    st.lists(st.integers(1, 50), min_size=1, max_size=60),
    st.integers(1, 50),
    st.sampled_from(["search", "category"]),
)
def test_whatever_the_batches_every_file_is_read_once(total: int, cuts: list[int], batch: int, kind: str) -> None:
    site = _Site(total, batch, cuts)
    now = window(kind=kind)
    read_ids: list[str] = []
    seen, asks = 0, 0
    while True:
        asks += 1
        read = step(now, site.answer(SITE.ask(now, API).params))
        read_ids += ids(read)
        seen += read.seen
        if read.cursor is None:
            break
        now = after(now, read)
        assert asks < 2 * total + 10
    assert read_ids == [str(number) for number in range(1, total + 1)]
    assert (seen, read.query_total) == (total, total)


class _Site:
    """A wiki of `total` files that gives `batch` at a time, their facts in portions of the sizes `cuts`, in turn."""

    def __init__(self, total: int, batch: int, cuts: list[int]) -> None:
        self._total, self._batch, self._cuts, self._turn = total, batch, cuts, 0

    def answer(self, params: Mapping[str, str]) -> dict[str, Any]:
        if "list" in params:
            return {"batchcomplete": True, "query": {"searchinfo": {"totalhits": self._total}, "search": []}}
        start = int(params.get("gsroffset", 0))
        numbers = range(start + 1, min(start + self._batch, self._total) + 1)
        told = int(params.get("iicontinue", 0))
        upto = told + self._cuts[self._turn % len(self._cuts)]
        self._turn += 1
        found = [
            page(number, info=facts(number) if told <= place < upto else None, index=number)
            for place, number in enumerate(numbers)
        ]
        outer = {"gsroffset": start} if start else {}
        if upto < len(numbers):
            return pages(
                found[::-1], batchcomplete=None, **{"continue": {**outer, "iicontinue": upto, "continue": "||"}}
            )
        if numbers and numbers[-1] < self._total:
            return pages(found[::-1], **{"continue": {"gsroffset": numbers[-1], "continue": "gsroffset||"}})
        return pages(found[::-1])


@pytest.mark.real_data
def test_a_recorded_batch_in_three_answers_is_read_once(shared_data: Path) -> None:
    folder = shared_data / "recorded" / "openverse" / "wikimedia"
    now = window(kind="category", sort="sortkey")
    found: list[str] = []
    seen = 0
    for name in ("wmc_pretty1", "wmc_pretty2", "wmc_pretty3"):
        read = SITE.read(now, (folder / f"{name}.json").read_bytes(), {})
        assert isinstance(read, Step), read
        found += ids(read)
        seen += read.seen
        now = after(now, read)
    whole = json.loads((folder / "wmc_pretty123.json").read_text())["query"]["pages"]
    assert len(found) == len(set(found))
    assert set(found) == set(whole)
    assert seen == len(whole)
    assert SITE.ask(now, API).params["gaicontinue"].startswith("20151031230201|")
