"""The date field of a site in words: wiki templates and HTML of Wikimedia Commons, or plain words, to candidates.

Commons writes roles down already ({{Taken on}}, {{Original upload date}}): they are read before any free text. Its
rendered form is HTML with `<time datetime>` and hidden machine dates. The field means creation, never upload or scan.
"""

import re
from collections.abc import Callable
from dataclasses import replace

from crawler.taken_year.circa import convention_of
from crawler.taken_year.clean import clean
from crawler.taken_year.expression import DateText, read_expression
from crawler.taken_year.records import Candidate, Precision, Role
from crawler.taken_year.scan import scan

_TEMPLATE = re.compile(r"\{\{\s*([^{}|]{1,40}?)\s*(?:\|([^{}]{0,200}))?\}\}")
_TIME = re.compile(
    r"<time\b[^>]{0,200}\bdatetime=[\"']([^\"'<>]{4,30})[\"'][^>]{0,100}>(?:[^<]{0,80}</time>)?", re.IGNORECASE
)
_HIDDEN = re.compile(r"<(\w+)[^>]{0,100}display:\s?none[^>]{0,100}>[^<]{0,300}</\1>|date QS:\S{1,200}", re.IGNORECASE)
_MACHINE = re.compile(
    r"\(?(?:according to|from|selon|laut|según) (?:the )?(?:<a [^>]{0,300}>)?exif[^)]{0,60}\)?", re.IGNORECASE
)
_UPLOADED = re.compile(r"original upload|upload date|uploaded|hochgeladen|date de téléversement", re.IGNORECASE)
_COLONS = re.compile(r"^\s*(\d{4}):(\d\d):(\d\d)\b")  # as EXIF writes dates
_NO_DAY = re.compile(r"(?<!\d)\d{4}(?:-(?!00)\d\d)?((?:-00)+)(?!\d)")  # 1925-00-00
_NOT_TAKEN: tuple[tuple[Role, re.Pattern[str]], ...] = (
    (
        "publication",
        re.compile(
            r"\b(?:first )?(?:published|publication|publié|veröffentlicht|publicad[ao]|issued)\b( in| on)?", re.I
        ),
    ),
    (
        "digitised",
        re.compile(r"\b(?:scan(?:ned)?|digiti[sz](?:ed|ation)|gescannt|numérisé|scansione)\b( in| on)?", re.I),
    ),
)
"""Words beside the date of a field that make it another one's."""

_TAKEN = re.compile(r"\b(?:taken|photographed|negative|created|aufgenommen|prise?)\b", re.IGNORECASE)
_SURE_OF_CAPTION = 0.95
_SHOWN = 60  # letters of the field kept as the words
_LONGEST_FIELD = 2000  # letters; a date field with more is a page
_LEAD = re.compile(r"^\s*(?:taken|photographed|photo taken|shot|created)\b\s*(?:on|in|at)?\s*:?\s*", re.IGNORECASE)

_OTHER: dict[str, str] = {
    "~": "circa {0}", "ca": "circa {0}", "circa": "circa {0}", "c": "circa {0}", "about": "circa {0}",
    "?": "{0}?", "probably": "{0}?", "presumably": "{0}?", "or": "{0} or {1}", "-": "{0} - {1}", "and": "{0} - {1}",
    "between": "between {0} and {1}", "from": "from {0} to {1}", "until": "before {0}", "s": "{0}s", "decade": "{0}s",
    "before": "before {0}", "<": "before {0}", "by": "before {0}", "after": "after {0}", ">": "after {0}",
    "century": "{0}th century", "early": "early {0}", "mid": "mid {0}", "late": "late {0}", "spring": "{0}",
    "summer": "{0}", "fall": "{0}", "autumn": "{0}", "winter": "{0}",
}  # fmt: skip
"""First word of {{other date|...}} to the words for it."""

_UNKNOWN = re.compile(r"^(?:unknown|undated|n/?a|none|date unknown|unknown date|not provided)?[\s.]*$", re.IGNORECASE)


def read_date_field(raw: str, *, source: str | None, latest: int) -> list[Candidate]:
    """Return the date of a date field as candidates of source `date_text`, rejected where it is no date of taking."""
    text = raw[:_LONGEST_FIELD]
    role: Role = "taken"
    rule = "date_field"
    roles: list[tuple[Role, str]] = []
    while (match := _TEMPLATE.search(text)) is not None:
        words, found = _of_template(match[1], (match[2] or "").split("|"))
        roles += [found] if found is not None else []
        text = f"{text[: match.start()]} {words} {text[match.end() :]}"
    text = _HIDDEN.sub(" ", text)
    text = _COLONS.sub(r"\1-\2-\3", _NO_DAY.sub(lambda match: match[0][: match.start(1) - match.start()], text))
    if _MACHINE.search(text):
        roles.append(("caption", "date_field_of_exif"))
        text = _MACHINE.sub(" ", text)
    if _UPLOADED.search(text):
        roles.append(("upload", "original_upload_date"))
        text = _UPLOADED.sub(" ", text)
    if roles:
        role, rule = roles[0]
    text = _TIME.sub(lambda m: f" {m[1][:10]} ", text)
    text = _LEAD.sub(
        "", re.sub(r"\d{1,2}:\d\d(?::\d\d)?(?:[.]\d+)?Z?(?:[+-]\d\d:?\d\d)?", " ", _strip_tags(text))
    ).strip(" \n;,.")
    if _UNKNOWN.match(text):
        return []
    for other, pattern in _NOT_TAKEN:
        if role in ("taken", "caption") and pattern.search(text) and not _TAKEN.search(text):
            role, rule = other, "date_field_words"
            text = pattern.sub(" ", text).strip(" \n;,.:()")
    text = re.sub(r"(?<=\d)T(?=\s|$)", " ", text)
    read = read_expression(text, convention_of(source), latest=latest)
    if read is None:
        return _read_as_caption(raw, text, role, rule, latest=latest)
    if read.year_min is None and read.year_max is None:
        return []
    return [_candidate(raw, read, role, rule)]


def _read_as_caption(raw: str, text: str, role: Role, rule: str, *, latest: int) -> list[Candidate]:
    # More than a date ("12 May 1934, at dawn"): what a caption's rules find counts as the field's date.
    found = scan(clean(text), "date_text", latest=latest)
    end, said = min(len(raw), _SHOWN), raw[:_SHOWN]
    found = [replace(c, start=0, end=end, words=said) for c in found]
    is_taken = role in ("taken", "caption")
    why = None if is_taken else f"{role}: {rule}"
    return [
        replace(c, role=role, rule=rule, accepted=is_taken, why=why, confidence=_SURE_OF_CAPTION if is_taken else 0.0)
        if c.accepted
        else c
        for c in found
    ]


def _strip_tags(text: str) -> str:
    return re.sub(r"<[^<>]{1,500}>", " ", text)


def _of_template(name: str, arguments: list[str]) -> tuple[str, tuple[Role, str] | None]:
    name = name.strip().lower().replace("_", " ")
    plain = [argument.strip() for argument in arguments if "=" not in argument]
    plain = [argument for argument in plain if argument]
    first = plain[0] if plain else ""
    reader = _TEMPLATES.get(name)
    if reader is not None:
        return reader(plain), None
    if name in ("taken on", "taken in", "date taken"):
        return first, ("taken", "taken_on")
    if name in ("according to exif data", "according to exif", "exif date"):
        return first, ("caption", "date_field_of_exif")
    if name in ("original upload date", "upload date", "uploaded"):
        return first, ("upload", "original_upload_date")
    if name.startswith("invalid exif"):
        return first, ("digitised", "invalid_exif_date")
    return " ".join(plain), None


def _other_date(arguments: list[str]) -> str:
    if not arguments:
        return ""
    form = _OTHER.get(arguments[0].lower())
    if form is None:
        return " ".join(arguments)
    dates = [*arguments[1:], "", ""]
    return form.format(dates[0], dates[1]) if dates[0] else ""


_TEMPLATES: dict[str, Callable[[list[str]], str]] = {
    "other date": _other_date, "otherdate": _other_date, "complex date": _other_date,
    "circa": lambda a: f"circa {a[0]}" if a else "", "ca": lambda a: f"circa {a[0]}" if a else "",
    "date": lambda a: "-".join(part.zfill(2) for part in a[:3]), "isodate": lambda a: a[0] if a else "",
    "unknown": lambda a: "", "undated": lambda a: "", "before": lambda a: f"before {a[0]}" if a else "",
    "after": lambda a: f"after {a[0]}" if a else "", "between": lambda a: " - ".join(a[:2]),
    "decade": lambda a: f"{a[0]}s" if a else "",
}  # fmt: skip


def _candidate(raw: str, read: DateText, role: Role, rule: str) -> Candidate:
    first = read.year_min if read.year_min is not None else read.year_max
    last = read.year_max if read.year_max is not None else first
    first, last = first or 0, last or 0
    precision: Precision = "range"
    # Two dates that disagree ("4000" beside a machine's "0054") are a span, whatever the words call exact.
    if read.is_exact_year and (read.is_approximate or first == last):
        precision = "circa" if read.is_approximate else ("day" if read.grain == "day" else "year")
    why = None
    confidence = 0.98 if role == "taken" else 0.95
    if read.year_min is None or read.year_max is None:
        role, rule, why = "bound", "open_interval", "bound: one side is open"
    elif role not in ("taken", "caption"):
        why = f"{role}: {rule}"
    return Candidate(
        "date_text", 0, min(len(raw), _SHOWN), raw[:_SHOWN], first, last, precision, role, rule,
        0.0 if why else confidence, accepted=why is None, why=why,
    )  # fmt: skip
