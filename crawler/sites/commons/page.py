"""A page of Commons as a found photo: texts, dates and licence as the site gives them, or why it is refused.

https://www.mediawiki.org/wiki/Extension:CommonsMetadata has the keys of `extmetadata`.
"""

import html
import re
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any

from crawler.sites.commons.image import choose_image, web_address
from crawler.sites.found import FoundPhoto, Refusal
from crawler.sites.loose import clean_json, to_text
from crawler.sites.mediawiki import has_flag

JudgeLicence = Callable[[Mapping[str, str]], "str | Refusal"]
"""From the texts of `extmetadata` to the licence's code, or why the file may not be stored."""

_TAG = re.compile(r"<[^<>]{0,2000}>")
_HIDDEN = re.compile(r"<(\w+)[^<>]{0,500}display:\s*none[^<>]{0,500}>.{0,500}?</\1>", re.IGNORECASE | re.DOTALL)
_COLUMN_LETTERS = 255


def read_page(page: Mapping[str, Any], *, rank: int, width: int | None, judge: JudgeLicence) -> FoundPhoto | Refusal:
    """Return a page with its `imageinfo` in the catalog's words, or why it is refused.

    The upload time is that of the file's newest version, the only one the batch tells: as a bound on when the
    photo was taken it is true, but not the tightest.
    """
    page_id, facts = page.get("pageid"), image_facts(page)
    if facts is None or isinstance(page_id, bool) or not isinstance(page_id, int) or page_id <= 0:
        return Refusal.MALFORMED
    image = choose_image(facts, width=width)
    if isinstance(image, Refusal):
        return image
    texts = extended_texts(facts)
    licence = judge(texts)
    if isinstance(licence, Refusal):
        return licence
    file_name = (to_text(page.get("title")) or to_text(facts.get("canonicaltitle")) or "").removeprefix("File:")
    owner = to_text(facts.get("user"))
    return FoundPhoto(
        site_id=str(page_id),
        rank=rank,
        page_url=web_address(facts.get("descriptionurl")),
        image_url=image.url,
        image_size=image.size,
        licence=licence,
        owner_id=owner[:_COLUMN_LETTERS] if owner else None,
        owner_name=html_text(texts.get("Artist")) or owner,
        title=texts.get("ObjectName") or file_name or None,
        description=texts.get("ImageDescription"),
        tags=_tags(texts.get("Categories")),
        file_name=file_name or None,
        date_text=texts.get("DateTimeOriginal"),
        exif_taken=common_texts(facts).get("DateTimeOriginal"),
        uploaded=_instant(facts.get("timestamp")),
        raw=clean_json(page),
    )


def image_facts(page: Mapping[str, Any]) -> Mapping[str, Any] | None:
    """Return the `imageinfo` of a page, or None where it has none or says that the file is not there."""
    found = page.get("imageinfo")
    facts = found[0] if isinstance(found, list) and found else None
    if not isinstance(facts, Mapping) or has_flag(facts, "filemissing") or has_flag(facts, "filehidden"):
        return None
    return facts


def extended_texts(facts: Mapping[str, Any]) -> dict[str, str]:
    """Return `extmetadata` as texts; what is empty or of another kind is left out."""
    found = facts.get("extmetadata")
    if not isinstance(found, Mapping):
        return {}
    values = {str(key): to_text(value.get("value")) for key, value in found.items() if isinstance(value, Mapping)}
    return {key: value for key, value in values.items() if value is not None}


def common_texts(facts: Mapping[str, Any]) -> dict[str, str]:
    """Return `commonmetadata`, the EXIF of the original, as texts."""
    found = facts.get("commonmetadata")
    if not isinstance(found, list):
        return {}
    values = {
        str(entry.get("name")): to_text(entry.get("value"))
        for entry in found
        if isinstance(entry, Mapping) and isinstance(entry.get("value"), str | int | float)
    }
    return {key: value for key, value in values.items() if value is not None}


def html_text(raw: str | None) -> str | None:
    """Return HTML as one line of text, what it hides left out; None for what is empty."""
    if raw is None:
        return None
    text = raw if "<" not in raw else _TAG.sub(" ", _HIDDEN.sub(" ", raw))
    return " ".join(html.unescape(text).split()) or None


def _tags(categories: str | None) -> str | None:
    # Tags are parted by spaces: "Museums built in 1753|2012 in Porto" must not become a bare 1753.
    return " ".join("_".join(name.split()) for name in (categories or "").split("|") if name.strip()) or None


def _instant(value: object) -> datetime | None:
    if not isinstance(value, str):
        return None
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else moment.replace(tzinfo=UTC)
