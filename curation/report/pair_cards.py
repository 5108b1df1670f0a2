"""Two faces of one person side by side: K, the years, and where either is from."""

from collections.abc import Sequence

from agegap.html import Html, element
from curation.report.context import Context
from db.gallery import shown_faces
from db.gallery_pairs import PairEnds


def pair_cards(
    context: Context, name: str, pairs: Sequence[PairEnds], remarks: Sequence[str] | None = None
) -> list[Html]:
    """Draw the faces of pairs on sheets called `name`; return a card for each pair, with a remark below it."""
    found = shown_faces(context.connection, [end for pair in pairs for end in (pair.younger, pair.older)])
    whole = [
        (pair, remark)
        for pair, remark in zip(pairs, remarks or [""] * len(pairs), strict=True)
        if pair.younger in found and pair.older in found
    ]
    faces = [found[end] for pair, _ in whole for end in (pair.younger, pair.older)]
    captions = [element("b", str(face.year) if face.year is not None else "?") for face in faces]
    # A face may be in several pairs of a page, so its place among them is part of its name.
    tiles = context.faces_numbered(name, faces, captions)
    cards = []
    for number, (pair, remark) in enumerate(whole):
        younger = faces[2 * number]
        years = "year" if pair.gap_years == 1 else "years"
        caption = element(
            "figcaption",
            element("b", f"K = {pair.gap_years} {years}"),
            context.writer.person(pair.subject_id, younger.subject),
            element("small", remark) if remark else None,
        )
        two = element("div", tiles[2 * number], tiles[2 * number + 1], class_="two")
        cards.append(element("figure", two, caption, class_="pair"))
    return cards
