"""What imageinfo says of a file beyond its bytes: `extmetadata` from the page's templates, `commonmetadata` from EXIF.

Shapes, sources and hidden marks are those of 142 recorded files (openverse/wikimedia): every value has a `source`,
some a `hidden` of "", and dates are whatever the uploader's template made of them.
"""

import html
from collections.abc import Callable
from typing import Any

from crawler.photosite.chance import share
from crawler.photosite.records import PhotoRecord
from crawler.photosite.wiki.files import WikiFile
from crawler.photosite.wiki.licences import LICENCES, licence_of

SEED = 31
EXTENSION_VERSION = 1.2
CAMERAS = (("Canon", "Canon EOS 5D"), ("NIKON CORPORATION", "NIKON D70"), ("SONY", "DSC-F717"))
SCANNER = ("EPSON", "Perfection V370")
_UNKNOWN_DATES = (None, "unknown", "", 'Unknown date<div style="display: none;">Unknown date</div>')
_MONTHS = (
    "January", "February", "March", "April", "May", "June",
    "July", "August", "September", "October", "November", "December",
)  # fmt: skip


def extmetadata_of(file: WikiFile) -> dict[str, Any]:
    """Return `extmetadata` of a file."""
    record = file.photo.record if file.photo else None
    licence = licence_of(record) if record else LICENCES["cc-by-sa-4.0"]
    object_name = file.name.rsplit(".", 1)[0]
    found: dict[str, Any] = {
        "DateTime": _said(f"{file.timestamp:%Y-%m-%d %H:%M:%S}", "mediawiki-metadata", is_hidden=True),
        "ObjectName": _said(object_name, "mediawiki-metadata", is_hidden=True),
        "CommonsMetadataExtension": _said(EXTENSION_VERSION, "extension", is_hidden=True),
        "Categories": _said("|".join(file.categories), "commons-categories", is_hidden=True),
        "Assessments": _said("", "commons-categories", is_hidden=True),
    }
    if record and record.title and share(SEED, record.id, "object name") < 0.1:  # an Artwork template's own title
        found["ObjectName"] = _said(html.escape(record.title), "commons-desc-page", is_hidden=True)
    description = record.description or html.escape(record.title) if record else ""
    if description:
        found["ImageDescription"] = _said(description, "commons-desc-page")
    date = date_text_of(record) if record else None
    if date is not None:
        found["DateTimeOriginal"] = _said(date, "commons-desc-page")
    found["Credit"] = _page('<span class="int-own-work" lang="en">Own work</span>')
    if record is None or share(SEED, record.id, "no artist") >= 0.05:
        found["Artist"] = _said(artist_of(file), "commons-desc-page")
    found["LicenseShortName"] = _page(licence.short_name)
    found["UsageTerms"] = _page(licence.usage_terms)
    found["AttributionRequired"] = _page("true" if licence.needs_attribution else "false")
    if licence.url:
        found["LicenseUrl"] = _page(licence.url)
    found["Copyrighted"] = _page("True" if licence.is_copyrighted else "False")
    found["Restrictions"] = _page("personality" if record and share(SEED, record.id, "rights") < 0.3 else "")
    if licence.code:
        found["License"] = _said(licence.code, "commons-templates", is_hidden=True)
    if licence.is_non_free:
        found["NonFree"] = _page("true")
    if record and licence.needs_attribution and share(SEED, record.id, "attribution") < 0.1:
        found["Attribution"] = _page(html.escape(f"{record.ownername}, {licence.short_name}"))
    return found


def date_text_of(record: PhotoRecord) -> str | None:
    """Return the taken date as the file page shows it, in one of many shapes; None where it has no such field.

    Text or HTML. It says no more than the record does: a day, a month, a year or about a year.
    """
    if record.date_taken_unknown or record.date_taken.startswith("0000"):
        return _UNKNOWN_DATES[int(share(SEED, record.id, "date") * len(_UNKNOWN_DATES))]
    shapes = _DATE_SHAPES.get(record.date_taken_granularity, _DATE_SHAPES[6])
    return shapes[int(share(SEED, record.id, "date") * len(shapes))](record.date_taken)


def commonmetadata_of(file: WikiFile) -> list[dict[str, Any]]:
    """Return `commonmetadata`: what EXIF the original has; empty for most scans.

    A scan's own dates are when it was scanned (`DateTimeDigitized`), never when the picture was taken.
    """
    if file.photo is None or file.mime != "image/jpeg":
        return []
    record = file.photo.record
    draw = share(SEED, record.id, "exif")
    if draw < 0.4 and record.date_taken_granularity == 0 and not record.date_taken_unknown:
        make, model = CAMERAS[int(draw / 0.4 * len(CAMERAS))]
        taken = record.date_taken.replace("-", ":")
        found: dict[str, Any] = {"Make": make, "Model": model, "Orientation": 1, "DateTime": taken,
                                 "DateTimeOriginal": taken, "DateTimeDigitized": taken}  # fmt: skip
    elif draw > 0.85:
        scanned = f"{file.timestamp:%Y:%m:%d %H:%M:%S}"
        found = {"Make": SCANNER[0], "Model": SCANNER[1], "DateTimeDigitized": scanned, "Software": "EPSON Scan"}
    else:
        return []
    return [{"name": name, "value": value} for name, value in found.items()]


def artist_of(file: WikiFile) -> str:
    """Return the author as HTML, in one of the recorded shapes."""
    name = file.photo.record.ownername if file.photo else "Archivist"
    shown, part = html.escape(name), html.escape(name.replace(" ", "_"))
    shapes = (
        f'<a href="//commons.wikimedia.org/wiki/User:{part}" title="User:{shown}">{shown}</a>',
        f'<a href="//commons.wikimedia.org/w/index.php?title=User:{part}&amp;action=edit&amp;redlink=1" class="new" '
        f'title="User:{shown} (page does not exist)">{shown}</a>',
        f'<a rel="nofollow" class="external text" href="https://www.flickr.com/people/{part}">{shown}</a>',
        f'<bdi><a href="https://en.wikipedia.org/wiki/en:{part}" class="extiw" title="w:en:{shown}">{shown}</a></bdi>',
        f'<div class="fn value">\n{shown}\n</div>',
        shown,
    )
    return shapes[int(share(SEED, file.key, "artist") * len(shapes))]


def _page(value: str) -> dict[str, Any]:
    return _said(value, "commons-desc-page", is_hidden=True)


def _said(value: object, source: str, *, is_hidden: bool = False) -> dict[str, Any]:
    return {"value": value, "source": source, **({"hidden": ""} if is_hidden else {})}


def _day(moment: str) -> str:
    return f"{int(moment[8:10])} {_MONTHS[int(moment[5:7]) - 1]} {moment[:4]}"


def _month(moment: str) -> str:
    return f"{_MONTHS[int(moment[5:7]) - 1]} {moment[:4]}"


def _time_tag(shown: str, machine: str) -> str:
    return f'<time class="dtstart" datetime="{machine}">{shown}</time>'


def _qs(shown: str, time: str, precision: int, *, is_circa: bool = False) -> str:
    """Return a date with the hidden QuickStatements that templates leave behind (recorded)."""
    circa = ",P1480,Q5727902" if is_circa else ""
    return f'{shown}<div style="display: none;">date QS:P,+{time}T00:00:00Z/{precision}{circa}</div>'


_DATE_SHAPES: dict[int, tuple[Callable[[str], str], ...]] = {
    0: (
        lambda moment: moment,
        lambda moment: moment.replace(" ", "T") + "Z",
        lambda moment: moment.replace("-", ":"),
        lambda moment: _time_tag(_day(moment), moment[:10]),
        lambda moment: moment[:10],
        _day,
        lambda moment: f"Taken on {_day(moment)}",
        lambda moment: (
            f'<span style="white-space:nowrap">{_time_tag(f"{_day(moment)}, {moment[11:]}", moment)}</span>'
            ' (according to <a href="//commons.wikimedia.org/wiki/Commons:Exif" title="Commons:Exif">Exif</a> data)'
        ),
        lambda moment: _qs(_day(moment), moment[:10], 11),
    ),
    4: (
        _month,
        lambda moment: moment[:7],
        lambda moment: _time_tag(_month(moment), moment[:7]),
        lambda moment: _qs(_month(moment), f"{moment[:7]}-00", 10),
    ),
    6: (
        lambda moment: moment[:4],
        lambda moment: _time_tag(moment[:4], moment[:4]),
        lambda moment: _qs(moment[:4], f"{moment[:4]}-00-00", 9),
    ),
    8: (
        lambda moment: f"circa {moment[:4]}",
        lambda moment: _qs(f"circa {moment[:4]} ", f"{moment[:4]}-00-00", 9, is_circa=True),
        lambda moment: f"c. {moment[:4]}",
    ),
}
