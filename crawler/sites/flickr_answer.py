"""Reading Flickr's answer to a search, with the types it really sends (recorded, see docs/crawl.md)."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from typing import Any
from urllib.parse import quote, urlsplit

from crawler.sites.flickr import LICENCES, RESULT_CAP, last_reachable_page, page_url
from crawler.sites.found import FoundPage, FoundPhoto, Refusal, SiteFault
from crawler.sites.loose import clean_json, load_json, to_bool, to_instant, to_int, to_text

# Codes of https://www.flickr.com/services/api/flickr.photos.search.html and of recorded answers.
_TRANSIENT_CODES = frozenset({0, 10, 105, 106, 201})
_FATAL_CODES = frozenset({95, 96, 97, 98, 99, 100, 111, 112, 114, 115, 116})  # key, rights, or no Flickr at all
_TRANSIENT_WORDS = "not currently available"  # codes 0 and 201 have been seen with it
_COLUMN_LETTERS = 255

_ORIGINAL = "o"
_MAX_ORIGINAL_PIXELS = 2048
"""Longest side up to which an original is fetched: the pixels of a face do not need more."""


def read_search(
    body: bytes, *, page: int, per_page: int, licences: Collection[str], sizes: Sequence[str]
) -> FoundPage | SiteFault:
    """Return what `body`, the answer to a search for `page`, says.

    `licences` are the ids that may be stored; `sizes` the letters of image sizes, the best one first.
    """
    try:
        answer = load_json(body)
    except ValueError:
        return SiteFault("transient", "the answer is not JSON, or cut off")
    if not isinstance(answer, Mapping):
        return SiteFault("transient", "the answer is not an object")
    if answer.get("stat") == "fail":
        return _fault(answer)
    results = answer.get("photos")
    if not isinstance(results, Mapping) or not isinstance(results.get("photo"), list):
        return SiteFault("transient", "the answer holds no results")
    return _page(results, page=page, per_page=per_page, licences=licences, sizes=sizes)


def read_photo(record: object, *, rank: int, licences: Collection[str], sizes: Sequence[str]) -> FoundPhoto | Refusal:
    """Return one result in the catalog's words, or why it is refused."""
    if not isinstance(record, Mapping):
        return Refusal.MALFORMED
    photo_id = to_text(record.get("id"))
    if photo_id is None or len(photo_id) > _COLUMN_LETTERS:
        return Refusal.MALFORMED
    if (to_text(record.get("media")) or "photo") != "photo":
        return Refusal.NOT_A_PHOTO
    licence = to_text(record.get("license"))
    if licence not in LICENCES:
        return Refusal.UNKNOWN_LICENCE
    if licence not in licences:
        return Refusal.LICENCE
    owner = to_text(record.get("owner"))
    alias = to_text(record.get("pathalias")) or owner
    return FoundPhoto(
        site_id=photo_id,
        rank=rank,
        page_url=page_url(quote(alias, safe="@"), quote(photo_id)) if alias else None,
        image_url=choose_image(record, sizes),
        licence=licence,
        owner_id=owner[:_COLUMN_LETTERS] if owner else None,
        owner_name=to_text(record.get("ownername")) or to_text(record.get("realname")),
        title=to_text(record.get("title")),
        description=to_text(record.get("description")),
        tags=to_text(record.get("tags")),
        machine_tags=to_text(record.get("machine_tags")),
        date_taken=to_text(record.get("datetaken")),
        date_taken_granularity=to_int(record.get("datetakengranularity")),
        date_taken_unknown=to_bool(record.get("datetakenunknown")),
        uploaded=to_instant(record.get("dateupload")),
        raw=clean_json(record),
    )


def choose_image(record: Mapping[str, Any], sizes: Sequence[str]) -> str | None:
    """Return the address of the first of `sizes` the photo has, a huge original passed over; None without any."""
    for size in sizes:
        url = record.get(f"url_{size}")
        if not isinstance(url, str) or not _is_web_address(url):
            continue
        if size == _ORIGINAL and _longest_side(record) > _MAX_ORIGINAL_PIXELS:
            continue
        return url
    return None


def _page(
    results: Mapping[str, Any], *, page: int, per_page: int, licences: Collection[str], sizes: Sequence[str]
) -> FoundPage:
    records: list[object] = results["photo"]
    photos: dict[str, FoundPhoto] = {}
    refused: Counter[Refusal] = Counter()
    for place, record in enumerate(records):
        found = read_photo(record, rank=(page - 1) * per_page + place, licences=licences, sizes=sizes)
        if isinstance(found, Refusal):
            refused[found] += 1
        else:
            photos.setdefault(found.site_id, found)
    pages, total = to_int(results.get("pages")), to_int(results.get("total"))
    said_page = to_int(results.get("page"))
    is_end = not records or said_page not in (None, page) or (pages is not None and page >= pages)
    is_capped = page >= last_reachable_page(per_page)
    note = None
    if is_capped and not is_end:
        note = f"stopped at the site's limit: the first {page * per_page} of {total or 'more'} results are read"
    elif total is not None and total > RESULT_CAP and is_end:
        note = f"the site says {total} results and shows {RESULT_CAP} at most"
    return FoundPage(
        page=page,
        pages=pages,
        total=total,
        seen=len(records),
        photos=tuple(photos.values()),
        refused=dict(refused),
        is_last=is_end or is_capped,
        note=note,
    )


def _fault(answer: Mapping[str, Any]) -> SiteFault:
    code = to_int(answer.get("code"))
    message = to_text(answer.get("message")) or "no reason given"
    if code in _TRANSIENT_CODES or _TRANSIENT_WORDS in message.lower():
        return SiteFault("transient", message, code)
    return SiteFault("fatal" if code in _FATAL_CODES else "permanent", message, code)


def _longest_side(record: Mapping[str, Any]) -> int:
    keys = ("width_o", "height_o", "o_width", "o_height")
    return max((to_int(record.get(key)) or 0 for key in keys), default=0)


def _is_web_address(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    # Scrapy reads file: and data: addresses too; a site has no business to send one.
    return parts.scheme in ("http", "https") and bool(parts.hostname) and url.isprintable() and " " not in url
