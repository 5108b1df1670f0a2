"""From a stored photo to its credit: title, author, source, licence, date, and what was changed.

The four parts of a good credit are title, author, source and licence: https://wiki.creativecommons.org/wiki/Best_practices_for_attribution.
"""

import re
from dataclasses import dataclass, fields
from functools import lru_cache
from html import unescape
from urllib.parse import quote

from crawler.law.licences import licence_facts
from crawler.law.terms import LicenceFacts
from db.attribution import CreditedPhoto

CROPPED = "face cropped and resized to 128x128"
UNCHANGED = "none"
NO_TITLE = "(untitled)"

_WEB = ("https://", "http://")
_HREF = re.compile(r"""<a\s[^<>]{0,500}?href=["']([^"'<>\s]{1,2000})["']""", re.IGNORECASE)
# Characters that turn the direction of what follows, or cannot be seen: a title must not change the lines about it.
_INVISIBLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]+")


@dataclass(frozen=True, slots=True)
class Credit:
    """One photo's credit, in the order in which it is written; None is what is not known."""

    site: str
    site_id: str
    title: str
    author: str | None
    author_url: str | None
    page_url: str | None
    licence: str | None
    licence_url: str | None
    licence_version: str | None
    licence_seen: str | None
    crawled: str
    changes: str


COLUMNS = tuple(field.name for field in fields(Credit))


def credit_of(photo: CreditedPhoto) -> Credit:
    """Return the credit of a photo. Links lead to the page of the photo, never to the image file."""
    facts = _facts(photo.site, photo.licence)
    crawled = photo.fetched_at or photo.found_at
    return Credit(
        site=photo.site,
        site_id=photo.site_id,
        title=_line(photo.title) or NO_TITLE,
        author=_line(photo.owner_name) or _line(photo.owner_id),
        author_url=_author_url(photo),
        page_url=_web(photo.page_url),
        licence=facts.name if facts is not None else _line(photo.licence),
        licence_url=facts.url if facts is not None else None,
        licence_version=facts.version if facts is not None else None,
        licence_seen=photo.licence_at.date().isoformat() if photo.licence_at else None,
        crawled=crawled.date().isoformat(),
        changes=CROPPED if photo.is_cropped else UNCHANGED,
    )


@lru_cache(maxsize=4096)
def _facts(site: str, licence: str | None) -> LicenceFacts | None:
    return licence_facts(site, licence)


def _author_url(photo: CreditedPhoto) -> str | None:
    if photo.site == "flickr" and photo.owner_id:
        return f"https://www.flickr.com/people/{quote(photo.owner_id, safe='@')}/"
    return _commons_author(photo) if photo.site == "commons" else None


def _commons_author(photo: CreditedPhoto) -> str | None:
    """Return where the author's name leads on the file's page; the uploader may be somebody else."""
    raw = photo.raw or {}
    facts = raw.get("imageinfo")
    texts = facts[0].get("extmetadata") if isinstance(facts, list) and facts and isinstance(facts[0], dict) else None
    artist = texts.get("Artist") if isinstance(texts, dict) else None
    value = artist.get("value") if isinstance(artist, dict) else None
    found = _HREF.search(value) if isinstance(value, str) else None
    if found is None:
        return None
    url = unescape(found[1])
    return _web(f"https:{url}" if url.startswith("//") else url)


def _web(url: str | None) -> str | None:
    return url if url is not None and url.lower().startswith(_WEB) else None


def _line(text: str | None) -> str | None:
    return " ".join(_INVISIBLE.sub(" ", text).split()) or None if text else None
