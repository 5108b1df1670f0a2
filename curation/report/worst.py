"""The most doubtful faces and pairs: a hundred of each list, the worst first."""

from agegap.html import Html, element, join
from curation.report.context import Context
from curation.report.faces import faces_in_rows, label
from curation.report.html import section
from curation.report.likeness import Likeness
from curation.report.pages import Page
from curation.report.pair_cards import pair_cards
from db.gallery import ShownFace
from db.gallery_lists import WORST, worst_faces


def write_worst(context: Context, likeness: Likeness | None) -> None:
    """Write the page of the lists."""
    sections = []
    for name, which in WORST.items():
        faces = worst_faces(context.connection, name, limit=context.settings.worst)
        if faces:
            cells = context.faces(f"worst-{name}", faces, [_caption(name, face) for face in faces], prefix=f"{name}-")
            sections.append(section(which.title, faces_in_rows(cells), note=which.note, anchor=name))
    if likeness is not None and likeness.unlike:
        cards = pair_cards(
            context,
            "worst-pairs",
            [pair for pair, _ in likeness.unlike],
            [f"cosine {cosine:.2f}" for _, cosine in likeness.unlike],
        )
        note = (
            f"Of the pairs looked at with {context.settings.small_gap} years or less between, those whose faces look "
            "least alike: one of the two may be somebody else, or its year wrong."
        )
        sections.append(section("Few years, little likeness", element("div", cards, class_="pairs"), note=note))
    if not sections:
        context.write(Page("worst.html", "Doubtful", element("p", "No face is kept yet.", class_="note")))
        return
    links = element("nav", [element("a", part.title, href=f"#{part.anchor}") for part in sections], class_="inside")
    note = element("p", "Where a mistake is likeliest. A tap on a face says where it is from.", class_="note")
    context.write(Page("worst.html", "Doubtful", join([note, links, *(part.html for part in sections)])))


def _caption(name: str, face: ShownFace) -> Html:
    values = {
        "matches": f"{face.similarity:.2f}" if face.similarity is not None else "",
        "impostors": f"{face.similarity:.2f}" if face.similarity is not None else "",
        "years": f"{label(face.year, face.age)}, {face.confidence or 0:.2f}",
        "blurred": f"{face.blur or 0:.0f}",
        "small": f"{face.eye_distance:.0f} px",
        "doubtful": f"{face.detection_score:.2f}",
    }
    return element("small", values[name])
