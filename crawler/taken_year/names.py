"""Dates in tags and file names: short words glued together, counters of cameras, stamps of phones."""

import re
from dataclasses import replace
from pathlib import PurePosixPath

from crawler.taken_year.clean import clean, fold
from crawler.taken_year.records import Candidate
from crawler.taken_year.scan import scan
from crawler.taken_year.verdict import CIRCA_WIDTH
from crawler.taken_year.words import vocabulary

_TAG = re.compile(r"([^\W\d_]*)((?:1[89]|20)\d\d)([^\W\d_]*)")
_TAG_DATE = re.compile(r"(?:19|20)\d\d[-_.]?(?:0[1-9]|1[0-2])[-_.]?(?:0[1-9]|[12]\d|3[01])")
_TAG_DECADE = re.compile(r"((?:1[89]|20)\d0)'?s")
_SENT_NOT_TAKEN = re.compile(
    r"(?<![a-z])wa\d{3,}|whatsapp|screenshot|screen shot|received|fb_img|bildschirmfoto|capture|signal-|telegram"
    r"|messenger|viber|mmexport|snapchat|instagram|insta_|(?<![a-z])ig_|download|image from|photo_\d{4}|line_\d"
    r"|kakaotalk|captura|schermata|capture d|skarmavbild|schermafbeelding"
)
_SCANNED = re.compile(r"(?<![a-z])(?:scan|scans|scanned|img_scan|camscanner|epson|digitized|digitised)(?![a-z])")
_STAMP = re.compile(r"(?<!\d)((?:19|20)\d\d)([-_.]?)(?:0[1-9]|1[0-2])\2(?:0[1-9]|[12]\d|3[01])(?!\d)")
_AGED_TAGS = frozenset({"old", "new", "rare", "vintage", "antique", "classic"})
"""Words that mark an object in a sentence and a photo among tags."""

_RECENT = 12  # years before the upload in which a word and a year in one tag name an event of the photo
_SETTLED_AGE = 1  # years between a photo and its upload that are usual
_WEAK_TAG = 0.85
_SUREST_NAME = 0.92  # a file may be renamed long after
_MOST_TAGS = 200
_LONGEST_TAG = 60  # letters; longer ones are text without its spaces
_LONGEST_NAME = 255  # letters of a file name, as file systems have it


def scan_tags(tags: str, *, latest: int) -> list[Candidate]:
    """Return the dates of space-separated tags: 1976, summer1976, 19760703, 1970s, easter2008."""
    words, found, offset = vocabulary(), [], 0
    parts = tags.split(" ")[:_MOST_TAGS]
    has_object = any(
        words.of(fold(part)) & {"brand", "work", "object_lead"} for part in parts if part not in _AGED_TAGS
    )
    for part in parts:
        start, offset = offset, offset + len(part) + 1
        if len(part) <= _LONGEST_TAG and any(letter.isdecimal() for letter in part):
            candidate = _tag(part, start, latest=latest)
            if candidate is not None and has_object and candidate.accepted and candidate.year_max < latest - _RECENT:
                why = "object: the tags name a make or a work"
                candidate = replace(candidate, role="object", rule="object_tags", accepted=False, why=why)
            if candidate is not None and candidate.rule == "tag_year" and candidate.accepted:
                candidate = _by_age(candidate, latest)
            if candidate is not None:
                found.append(candidate)
    return found


def _tag(part: str, start: int, *, latest: int) -> Candidate | None:
    word = fold(clean(part).plain).strip("\"'#,;")
    blank = Candidate("tags", start, start + len(part), part, 0, 0, "year", "caption", "tag_year", 0.92, accepted=True)
    if match := _TAG_DATE.fullmatch(word):
        year = int(match[0][:4])
        return replace(blank, year_min=year, year_max=year, precision="day", rule="tag_date", confidence=0.95)
    if match := _TAG_DECADE.fullmatch(word):
        year = int(match[1])
        return replace(blank, year_min=year, year_max=year + 9, precision="range", rule="tag_decade")
    match = _TAG.fullmatch(word)
    if match is None:
        return None
    before, year, after = match[1], int(match[2]), match[3]
    kinds = vocabulary().of(before) | vocabulary().of(after)
    blank = replace(blank, year_min=year, year_max=year)
    if not before and not after:
        return blank
    if "circa" in kinds and not after:
        return replace(
            blank, year_min=year - CIRCA_WIDTH, year_max=year + CIRCA_WIDTH, precision="circa", rule="tag_circa"
        )
    if kinds & {"month", "season", "winter", "holiday"}:
        return replace(blank, rule="tag_month", confidence=0.94)
    if len(before) >= 3 and not after and latest - _RECENT <= year and not kinds & {"brand", "identifier"}:
        return replace(blank, role="event", rule="tag_event", confidence=0.91)
    return replace(blank, role="identifier", rule="tag_letters", confidence=0.0, accepted=False, why="identifier: tag")


def _by_age(candidate: Candidate, latest: int) -> Candidate:
    # A bare year a few years before the upload is as often that of the trip, the band or the purchase; an old one is
    # the photo's, because nobody tags a new photo 1966.
    if not _SETTLED_AGE < latest - candidate.year_max <= _RECENT:
        return candidate
    return replace(candidate, confidence=_WEAK_TAG, accepted=False, why="caption: a lone tag of a few years ago")


def scan_file_name(file_name: str, title: str, *, latest: int) -> list[Candidate]:
    """Return the dates of a file name; counters, messenger names and copies of the title date nothing."""
    stem = PurePosixPath(file_name[:_LONGEST_NAME].replace("\\", "/")).stem
    if not stem or fold(stem).strip() == fold(title).strip():
        return []
    is_sent = bool(_SENT_NOT_TAKEN.search(fold(stem)))
    found: list[Candidate] = []
    if match := _STAMP.search(stem):
        year = int(match[1])
        found = [
            Candidate(
                "file_name", match.start(), match.end(), match[0], year, year, "day", "caption", "file_stamp", 0.93,
                accepted=True,
            )
        ]  # fmt: skip
        if _SCANNED.search(fold(stem)):
            why = "digitised: the stamp of a scan"
            found = [replace(found[0], role="digitised", rule="scan_stamp", accepted=False, why=why)]
    elif _has_words(stem):
        text = clean(stem.replace("_", " "))
        scanned = scan(replace(text, raw=stem), "file_name", latest=latest)
        found = [replace(c, confidence=min(c.confidence, _SUREST_NAME)) for c in scanned]
    if is_sent:
        why = "upload: a name given when the file was sent or saved"
        found = [replace(c, role="upload", rule="sent_or_saved", accepted=False, why=why) for c in found]
    return found


def _has_words(stem: str) -> bool:
    letters = [word for word in re.findall(r"[^\W\d_]+", fold(stem)) if "identifier" not in vocabulary().of(word)]
    return sum(len(word) for word in letters) >= 4
