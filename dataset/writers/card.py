"""`README.md` of an export: a dataset card in the sense of the Hugging Face Hub, from the manifest alone.

https://huggingface.co/docs/hub/datasets-cards; its head is in `card_head.py`.
"""

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dataset.counts import UNKNOWN_LICENCE
from dataset.writers.attribution import ATTRIBUTION
from dataset.writers.card_head import head_of
from dataset.writers.card_words import HOW_TO_READ, INTENDED, LIMITS, PEOPLE

CARD = "README.md"

Manifest = Mapping[str, Any]


def card_of(manifest: Manifest) -> str:
    """Return the dataset card of an export."""
    parts = [
        head_of(manifest, title=title_of(manifest)),
        f"# {title_of(manifest)}",
        describe_in_a_sentence(manifest),
        "## What is in it",
        _contents(manifest),
        "## How to read it",
        HOW_TO_READ[manifest["layout"]["name"]],
        "## Years and gaps",
        _years(manifest),
        "## What was left out",
        _left_out(manifest),
        "## Licences and attribution",
        _licences(manifest),
        "## People",
        PEOPLE,
        _minors(manifest),
        "## Intended use",
        INTENDED,
        "## Limits",
        LIMITS,
        "## How it was made",
        _made(manifest),
    ]
    return "\n\n".join(parts) + "\n"


def title_of(manifest: Manifest) -> str:
    """Return a title that says the size."""
    counts = manifest["counts"]
    return f"{counts['faces']:,} faces of {counts['subjects']:,} people, dated"


def describe_in_a_sentence(manifest: Manifest) -> str:
    """Return one sentence for lists of datasets."""
    counts = manifest["counts"]
    return (
        f"{counts['faces']:,} aligned 128x128 face crops, {counts['faces_with_year']:,} of them with the year in which "
        f"the photo was taken, and {counts['pairs']:,} pairs of one person with the years between."
    )


def licence_links(manifest: Manifest) -> list[str]:
    """Return the addresses of the licences of the faces, in order."""
    terms = manifest.get("licence_terms") or {}
    return sorted({term["url"] for licences in terms.values() for term in licences.values() if term["url"]})


def _contents(manifest: Manifest) -> str:
    counts = manifest["counts"]
    rows = [
        (split, figures["faces"], figures["subjects"], figures["pairs"])
        for split, figures in counts["by_split"].items()
        if figures["faces"]
    ]
    sites = [(site, faces) for site, faces in counts["by_site"].items()]
    crop = manifest["crop"]
    return "\n\n".join(
        [
            f"Crops are aligned to the template `{crop['template']}`, {crop['size']} pixels square. "
            "No person is in two splits.",
            _table(("split", "faces", "people", "pairs"), rows),
            _table(("source", "faces"), sites),
            *_protocols(manifest),
        ]
    )


def _protocols(manifest: Manifest) -> list[str]:
    protocols = manifest["layout"].get("protocols")
    if protocols is None:
        return []
    rows = [
        (gap, figures["folds"], figures["same_and_different_of_a_fold"], figures.get("reason", ""))
        for gap, figures in protocols.items()
    ]
    return [
        "Verification protocols: folds share no person; each has as many pairs of one person as of two.",
        _table(("K", "folds", "pairs of each kind a fold", "why not more"), rows),
    ]


def _years(manifest: Manifest) -> str:
    counts = manifest["counts"]
    parts = [
        f"{counts['faces_with_year']:,} faces have a taken year, {counts['faces_with_age']:,} an age label of a public "
        "set. K is the years between the taken years of a pair.",
        _table(("taken", "faces"), [(f"{decade}s", faces) for decade, faces in counts["by_year_decade"].items()]),
        _table(("K", "pairs"), _ranges(counts["by_gap_years"])),
    ]
    return "\n\n".join(part for part in parts if part)


def _ranges(by_gap: Mapping[str, int]) -> list[tuple[str, int]]:
    """Return the counts of pairs in steps of five years."""
    steps: dict[int, int] = {}
    for gap, pairs in by_gap.items():
        steps[int(gap) // 5 * 5] = steps.get(int(gap) // 5 * 5, 0) + pairs
    return [(f"{start}-{start + 4}", steps[start]) for start in sorted(steps)]


def _left_out(manifest: Manifest) -> str:
    reasons = {**manifest.get("rejected", {})}
    for name, count in manifest.get("dropped_crops", {}).items():
        reasons[f"crop {name}"] = count
    reasons |= {name.replace("_", " "): count for name, count in manifest.get("left_out", {}).items() if count}
    rows = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    text = _table(("reason", "photos or faces"), rows) or "Nothing that the catalog knows of."
    removed = manifest.get("removed")
    if removed:
        text += f"\n\n{removed['faces']:,} faces and {removed['pairs']:,} pairs were taken out after it was written."
    return text


def _licences(manifest: Manifest) -> str:
    terms = manifest.get("licence_terms") or {}
    rows = []
    for site, licences in (manifest.get("licences") or {}).items():
        for licence, faces in licences.items():
            term = terms.get(site, {}).get(licence) or {"name": licence, "url": None}
            name = "not known" if licence == UNKNOWN_LICENCE else term["name"]
            rows.append((site, f"[{_cell(name)}]({term['url']})" if term["url"] else name, faces))
    credited = manifest.get("credits") or {}
    lines = [
        "Every photo keeps the licence its site gives; there is no licence of the whole.",
        _table(("source", "licence", "faces"), rows),
        f"`{ATTRIBUTION}` has a line a face: title, author, page, licence, and what was changed. Keep it with whatever "
        "you pass on.",
    ]
    if credited.get("without_author"):
        lines.append(f"No author is known for {credited['without_author']:,} faces.")
    if manifest.get("selection", {}).get("hide_ages"):
        lines.append("Ages are hidden here, and with them titles, authors and pages: this copy is not for passing on.")
    return "\n\n".join(line for line in lines if line)


def _minors(manifest: Manifest) -> str:
    ages = manifest.get("ages")
    least = manifest.get("selection", {}).get("min_age")
    said = (
        f"Faces known or possibly of somebody below {least} were left out."
        if least
        else "No lower age was asked for (`--min-age`): children may be among the people."
    )
    if ages is None:
        return said
    when = " Counted when the folder was written first." if manifest.get("removed") else ""
    return (
        f"{said} By labels, and by the years of birth and of the photo: {ages['under_18']:,} faces of people under 18, "
        f"{ages['maybe_under_18']:,} who may be, {ages['adult']:,} of adults, {ages['unknown']:,} of whom no age is "
        f"known.{when}"
    )


def _made(manifest: Manifest) -> str:
    pairs = manifest.get("pairs")
    lines = [
        f"- {manifest['created_by']}, format {manifest['format']} {manifest['version']}, layout "
        f"{manifest['layout']['name']}",
        f"- splits by person, seed {manifest['split']['seed']}, percent "
        + ", ".join(f"{name} {share:g}" for name, share in manifest["split"]["shares"].items()),
        f"- selection: {json.dumps(manifest['selection'], ensure_ascii=False)}",
    ]
    if pairs is not None:
        lines.append(f"- pairs: set `{pairs['name']}`, seed {pairs['seed']}, recipe {json.dumps(pairs['recipe'])}")
    return "\n".join(lines)


def _table(titles: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    lines = [f"| {' | '.join(_text(value) for value in row)} |" for row in rows]
    return "\n".join([f"| {' | '.join(titles)} |", f"|{'---|' * len(titles)}", *lines]) if lines else ""


def _text(value: object) -> str:
    if isinstance(value, int):
        return f"{value:,}"
    text = str(value)
    return text if text.startswith("[") else _cell(text)


def _cell(text: str) -> str:
    """Return words of a site as they stand in a cell: they must not end it, nor be read as a tag or a link."""
    plain = " ".join(text.split())
    for sign in "\\|<>[]`*":
        plain = plain.replace(sign, f"\\{sign}")
    return plain
