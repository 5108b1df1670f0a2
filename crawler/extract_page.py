"""The HTML page of sampled photos. No script, no server; what strangers wrote is escaped, whatever it is.

Whoever judges ticks right, wrong or unsure; the page counts by itself (CSS counters).
"""

import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from urllib.parse import quote

from crawler.extract_photo import Reading, why_left
from crawler.extract_spans import MarkedField, marked_fields, shortened, years_of
from crawler.extract_style import STYLE
from crawler.taken_year import TakenYear, to_edtf
from db.photo_texts import StoredPhoto

_WEB = ("https://", "http://")
_JUDGEMENTS = ("right", "wrong", "unsure")


@dataclass(frozen=True)
class Shown:
    """A photo of the page; `image` is its stored file, None where there is none."""

    photo: StoredPhoto
    reading: Reading
    image: Path | None


def render_page(shown: Sequence[Shown], *, folder: Path, seed: int, version: str) -> str:
    """Return the page as it is to be stored in `folder`, from which the image files are linked."""
    dated = sum(one.reading.taken.year is not None for one in shown)
    cards = "\n".join(_card(number, one, folder) for number, one in enumerate(shown, start=1))
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src * file:">
<meta name="referrer" content="no-referrer">
<title>Taken years: {len(shown)} photos</title>
<style>{STYLE}</style>
</head>
<body>
<h1>Taken years of {len(shown)} random photos</h1>
<p>{dated} with a year, {len(shown) - dated} without. Seed {seed}, rules of version {escape(version)}.
Is the year the one in which the photo was taken, as far as its texts can tell? Tick; the line below counts.</p>
<p class="key"><mark class="chosen">the date the answer stands on</mark>
<mark class="agrees">agrees, or is weaker</mark> <mark class="left">the date of something else</mark></p>
<form>
{cards}
<footer></footer>
</form>
</body>
</html>
"""


def _card(number: int, one: Shown, folder: Path) -> str:
    fields = "".join(_field(field, one.reading) for field in marked_fields(one.reading))
    rows = "".join(_date(place, one.reading) for place in range(len(one.reading.found)))
    dates = f"<ol>{rows}</ol>" if rows else "<p class='none'>No date in any field.</p>"
    return f"""<article id="p{one.photo.id}">
{_image(one, folder)}
<div>
<h2>{number}. {_answer(one.reading.taken)}</h2>
<p class="where">{_link(one.photo)}</p>
<p class="judge">{_ticks(one.photo.id)}</p>
<dl>{fields}</dl>
{dates}
</div>
</article>"""


def _answer(taken: TakenYear) -> str:
    edtf = taken.edtf or to_edtf(taken) or ""
    if taken.year is None:
        shown = f"<b class='null'>{escape(edtf) or 'no year'}</b>"
        return f"{shown} <small>{escape(taken.reason or '')}</small>"
    how = f"{taken.precision}, {edtf}, confidence {taken.confidence:.2f}, {taken.rule} in {taken.source}"
    return f"<b>{taken.year}</b> <small>{escape(how)}</small>"


def _image(one: Shown, folder: Path) -> str:
    if one.image is None:
        return "<div class='noimage'>no image stored</div>"
    place = escape(quote(Path(os.path.relpath(one.image.resolve(), folder)).as_posix()))
    return f'<a href="{place}"><img src="{place}" alt="" loading="lazy"></a>'


def _link(photo: StoredPhoto) -> str:
    name = escape(f"{photo.site}:{photo.site_id}")
    url = photo.page_url
    if url is None or not url.lower().startswith(_WEB):  # never javascript:
        return name
    return f'<a href="{escape(url)}" rel="noreferrer noopener">{name}</a>'


def _ticks(photo_id: int) -> str:
    return " ".join(
        f'<label><input type="radio" name="j{photo_id}" class="{word}"> {word}</label>' for word in _JUDGEMENTS
    )


def _field(field: MarkedField, reading: Reading) -> str:
    return f"<dt>{escape(field.name.replace('_', ' '))}</dt><dd dir='auto'>{''.join(_marked(field, reading))}</dd>"


def _marked(field: MarkedField, reading: Reading) -> Iterable[str]:
    for segment in field.segments:
        text = escape(shortened(segment.text))
        if segment.places:
            numbers = ",".join(str(place + 1) for place in segment.places)
            yield f'<mark class="{_kind(segment.places, reading)}">{text}<sup>{numbers}</sup></mark>'
        else:
            yield text


def _kind(places: Iterable[int], reading: Reading) -> str:
    places = set(places)
    if places & reading.chosen:
        return "chosen"
    return "agrees" if any(reading.found[place].accepted for place in places) else "left"


def _date(place: int, reading: Reading) -> str:
    one = reading.found[place]
    left = why_left(reading, place)
    end = f"left: {escape(left)}" if left is not None else "<b>chosen</b>"
    role = escape(f"{one.role.replace('_', ' ')} ({one.rule}, {one.source})")
    words = escape(" ".join(one.words.split()))
    return f'<li><mark class="{_kind([place], reading)}">{words}</mark> {years_of(one)}: {role}; {end}</li>'
