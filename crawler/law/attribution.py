"""`scrapy attribution`: the credits of all stored photos as CSV, JSON and pages, streamed, replaced as a whole."""

import csv
import json
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from agegap.errors import NothingToDo, UnknownName
from agegap.files import write_json
from agegap.folders import check_replaceable, replaced_folder
from agegap.progress import track
from crawler.law.attribution_html import PER_PAGE, index_of, page_name, page_of
from crawler.law.credits import COLUMNS, Credit, credit_of
from crawler.law.photo_list import PhotoList
from db.attribution import count_stored, credited_photos, stored_sites

CSV_FILE, JSON_FILE, INDEX_FILE, FIGURES_FILE = "attribution.csv", "attribution.json", "index.html", "manifest.json"
FORMAT = "agegap-attribution"

_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def write_attribution(
    engine: Engine, out: Path, *, sites: Sequence[str] = (), only: PhotoList | None = None
) -> dict[str, Any]:
    """Write the folder `out` with the credits of the stored photos of `sites` (all when empty) that are in `only`.

    Memory does not grow with the number of photos. Raises UnknownName for a site without photos, NothingToDo when no
    photo is left, BadInputFile when `out` holds something else.
    """
    check_replaceable(out, is_ours=is_attribution)
    with engine.connect() as connection:
        known = stored_sites(connection)
        for site in sites:
            if site not in known:
                raise UnknownName("site", site, known)
        chosen = list(sites) or known
        total = count_stored(connection, chosen)
    photos = track(credited_photos(engine, chosen), label="attribution", total=total, unit="photo")
    entries = (credit_of(photo) for photo in photos if only is None or only.has(photo.site, photo.site_id))
    with replaced_folder(out, is_ours=is_attribution) as part:
        result = _write(part, entries)
        if not result["photos"]:
            raise NothingToDo(
                "attribution", "no stored photo is among those asked for", "crawl first, or ask for others"
            )
        write_json(part / FIGURES_FILE, {"format": FORMAT, **result})
    return {"folder": str(out), **result}


def is_attribution(folder: Path) -> bool:
    """Say whether `folder` was written by this command."""
    try:
        figures = json.loads((folder / FIGURES_FILE).read_bytes())
    except (OSError, ValueError):
        return False
    return isinstance(figures, dict) and figures.get("format") == FORMAT


def _write(folder: Path, entries: Iterable[Credit]) -> dict[str, Any]:
    by_licence: Counter[tuple[str, str]] = Counter()
    pages = 0
    with (
        (folder / CSV_FILE).open("w", encoding="utf-8", newline="") as table,
        (folder / JSON_FILE).open("w", encoding="utf-8") as records,
    ):
        rows = csv.writer(table)
        rows.writerow(COLUMNS)
        records.write("[")
        for page, is_last in _pages(entries):
            pages += 1
            for credit in page:
                values = [getattr(credit, name) for name in COLUMNS]
                by_licence[credit.site, credit.licence or "unknown"] += 1
                rows.writerow([_cell(value) for value in values])
            lines = ",\n".join(
                json.dumps({n: getattr(credit, n) for n in COLUMNS}, ensure_ascii=False) for credit in page
            )
            records.write(f"{',' if pages > 1 else ''}\n{lines}")
            (folder / page_name(pages)).write_text(page_of(page, number=pages, is_last=is_last), encoding="utf-8")
        records.write("\n]\n")
    photos = sum(by_licence.values())
    (folder / INDEX_FILE).write_text(index_of(pages, photos, by_licence), encoding="utf-8")
    by_site: dict[str, dict[str, int]] = {}
    for (site, licence), count in sorted(by_licence.items()):
        by_site.setdefault(site, {})[licence] = count
    return {"photos": photos, "pages": pages, "by_site_and_licence": by_site}


def _pages(entries: Iterable[Credit]) -> Iterator[tuple[list[Credit], bool]]:
    """Yield pages of credits, each with whether it is the last."""
    page: list[Credit] = []
    for credit in entries:
        if len(page) == PER_PAGE:
            yield page, False
            page = []
        page.append(credit)
    if page:
        yield page, True


def _cell(value: str | None) -> str:
    """Return a value as a cell; one that a spreadsheet would run as a formula is set behind an apostrophe."""
    text = value or ""
    return f"'{text}" if text.startswith(_FORMULA) else text
