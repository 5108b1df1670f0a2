"""The file pages of Commons that the photos become, with their categories and depicts statements."""

import hashlib
import html
import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from crawler.photosite.chance import share
from crawler.photosite.photos import SitePhoto
from crawler.photosite.wiki.people import WikiPerson

SEED = 23
DEPICTS_SHARE = 0.6  # of a person's photos have a depicts statement
CATEGORY_SHARE = 0.7  # of a person's photos are in the category, some of them one level below it
MOST_TITLE_BYTES = 200  # the wiki allows 240, ending included
FIRST_PAGEID = 1_000_000
EXTRA_UPLOAD = 1_500_000_000

MIMES = {"jpg": "image/jpeg", "png": "image/png", "gif": "image/gif", "svg": "image/svg+xml", "pdf": "application/pdf"}
MEDIATYPES = {"svg": "DRAWING", "pdf": "OFFICE"}  # all others are BITMAP
_ILLEGAL = re.compile(r"[\[\]{}|#<>:/\\\x00-\x1f\x7f]+|_|\s+|\u200e")
_MARKUP = re.compile(r"<[^>]*>")


@dataclass(frozen=True, kw_only=True)
class WikiFile:
    """One file page. `photo` is None for what is no photo (a signature, a document) and for a page without a file."""

    pageid: int
    name: str  # with spaces, without "File:"
    format: str = "jpg"
    photo: SitePhoto | None = None
    has_file: bool = True
    categories: tuple[str, ...] = ()
    depicts: tuple[str, ...] = ()
    uploaded: int = EXTRA_UPLOAD

    @property
    def title(self) -> str:
        """The page's title."""
        return f"File:{self.name}"

    @property
    def key(self) -> str:
        """The name as URLs and continuations hold it."""
        return self.name.replace(" ", "_")

    @property
    def mime(self) -> str:
        """The type of the original."""
        return MIMES.get(self.format, "image/jpeg")

    @property
    def mediatype(self) -> str:
        """BITMAP for anything a search with filetype:bitmap finds."""
        return MEDIATYPES.get(self.format, "BITMAP")

    @property
    def timestamp(self) -> datetime:
        """When this version was uploaded."""
        return datetime.fromtimestamp(self.uploaded, UTC)

    @property
    def texts(self) -> tuple[str, ...]:
        """What a search looks through, one text a field."""
        found: tuple[str, ...] = (self.name, *self.categories)
        if self.photo is None:
            return found
        record = self.photo.record
        return (*found, record.title, record.description, *record.tags, record.ownername)


def wiki_files(photos: Sequence[SitePhoto], people: Iterable[WikiPerson]) -> list[WikiFile]:
    """Return the file pages of these photos and what else is in the people's categories, by page id."""
    by_name = {person.name: person for person in people}
    files, taken = [], set[int]()
    for photo in photos:
        person = by_name.get(photo.record.subject or "")
        files.append(_file(photo, person, _pageid(f"photo {photo.record.id}", taken)))
    for place, person in enumerate(by_name.values()):
        files += _extras(person, place, taken)
    return sorted(files, key=lambda file: file.pageid)


def subcategory_of(category: str) -> str:
    """Return the name of the one category below a person's."""
    return f"{category} by year"


def _file(photo: SitePhoto, person: WikiPerson | None, pageid: int) -> WikiFile:
    record = photo.record
    categories, depicts = ["Portrait photographs"], []
    if person and person.own:
        draw = share(SEED, record.id, "category")
        if person.own.category and draw < CATEGORY_SHARE:
            below = draw < CATEGORY_SHARE / 4
            categories.insert(0, subcategory_of(person.own.category) if below else person.own.category)
        if share(SEED, record.id, "depicts") < DEPICTS_SHARE:
            depicts.append(person.own.id)
    return WikiFile(
        pageid=pageid,
        name=_file_name(photo, person),
        format=photo.format,
        photo=photo,
        categories=tuple(categories),
        depicts=tuple(depicts),
        uploaded=record.date_upload,
    )


def _file_name(photo: SitePhoto, person: WikiPerson | None) -> str:
    text = html.unescape(_MARKUP.sub(" ", photo.record.title)) or (person.display_name if person else "Photo")
    text = unicodedata.normalize("NFC", " ".join(_ILLEGAL.sub(" ", text).split())) or "Photo"
    while len(text.encode()) > MOST_TITLE_BYTES:
        text = text[:-1]
    ending = photo.format.upper() if share(SEED, photo.record.id, "ending") < 0.2 else photo.format
    return f"{text[:1].upper()}{text[1:].rstrip()} ({photo.record.id}).{ending}"


def _extras(person: WikiPerson, place: int, taken: set[int]) -> list[WikiFile]:
    """Return what a crawler for photos must bear in this person's category: by place, so that few people show all."""
    if person.own is None or person.own.category is None:
        return []
    kinds = (("signature", "svg", True), ("biography", "pdf", True), ("portrait, lost", "jpg", False))
    what, ending, has_file = kinds[place % 3]
    return [
        WikiFile(
            pageid=_pageid(f"{what} {person.name}", taken),
            name=f"{person.display_name} {what}.{ending}",
            format=ending,
            has_file=has_file,
            categories=(person.own.category,),
        )
    ]


def _pageid(what: str, taken: set[int]) -> int:
    pageid = FIRST_PAGEID + int(hashlib.sha256(what.encode()).hexdigest()[:12], 16) % 150_000_000
    while pageid in taken:
        pageid += 1
    taken.add(pageid)
    return pageid
