"""Contact sheets of what was left out, a page a reason: proof that the right things were."""

from agegap.html import Child, Html, element, join
from curation.report.context import Context
from curation.report.faces import faces_in_rows, picture
from curation.report.html import link
from curation.report.pages import Page
from curation.report.sheets import Source
from db.gallery import DroppedPhoto, dropped_faces, dropped_photos
from db.statistics import Statistics


def write_left_out(context: Context, statistics: Statistics) -> None:
    """Write the list of reasons and a page for each."""
    lines = []
    reasons = [
        ("faces", statistics.faces_dropped_by_reason, _faces),
        ("photos", statistics.photos_dropped_by_reason, _photos),
    ]
    for what, counts, draw in reasons:
        for reason, count in counts.items():
            title = reason.replace("_", " ")
            cells = draw(context, reason)
            address = f"left-out-{what}-{reason.replace('_', '-')}.html"
            note = f"{count:,} {what} were left out as '{title}'" + (
                f"; {len(cells)} of them are here." if len(cells) < count else "."
            )
            back = element("p", element("a", "All reasons", href="left-out.html"), class_="note")
            context.write(
                Page(address, title.capitalize(), join([element("p", note, class_="note"), faces_in_rows(cells), back]))
            )
            words: Child = element("small", f"{count:,} {what}")
            lines.append(element("li", element("a", title, href=address), " ", words))
    note = "What was left out and why; each reason shows a sample." if lines else "Nothing was dropped."
    body = [element("p", note, class_="note"), element("ul", lines, class_="people")]
    context.write(Page("left-out.html", "Left out", join(body)))


def _faces(context: Context, reason: str) -> list[Html]:
    faces = dropped_faces(context.connection, reason, limit=context.settings.drops_per_reason)
    return context.faces(f"left-out-{reason}", faces)


def _photos(context: Context, reason: str) -> list[Html]:
    photos = dropped_photos(context.connection, reason, limit=context.settings.drops_per_reason)
    sources = [Source(context.data / photo.path if photo.path else None, is_crop=False) for photo in photos]
    tiles = context.sheets.draw(f"left-out-photos-{reason}", sources)
    return [
        element(
            "div",
            link(picture(tile, _says(photo)), photo.page_url),
            element("small", _says(photo)),
            class_="face",
            title=_says(photo),
        )
        for photo, tile in zip(photos, tiles, strict=True)
    ]


def _says(photo: DroppedPhoto) -> str:
    return f"{photo.title} ({photo.site}/{photo.site_id})" if photo.title else f"{photo.site}/{photo.site_id}"
