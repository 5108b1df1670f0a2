"""Which faces and pairs of the catalog an export is of, and what was left out of it."""

import logging
from collections import Counter
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from sqlalchemy import Connection

from agegap.errors import NothingToDo, UnknownName, WrongUse
from curation.export_settings import ExportSettings
from curation.exports.splits import splits_of_faces, what_leaks
from curation.pairing.sets import pairs_of_set
from dataset.splits import Split
from dataset.tables import PairTable
from dataset.writers.collected import age_class
from db.export_details import AgeBounds, DerivedAges, derived_ages, rejected_by_reason
from db.exports import KeptFace, load_kept_faces, site_names
from db.pairs import PairRows, PairSetRow, find_pair_set, pair_set_names
from db.statistics import missing_step

DEFAULT_PAIRS = "default"

log = logging.getLogger(__name__)


@dataclass(frozen=True, eq=False)
class Selection:
    """What is to be written; the mappings are for the manifest."""

    faces: list[KeptFace]
    splits: Mapping[str, Split]  # by `split_key`
    template: str
    pair_set: PairSetRow | None
    pairs: PairTable | None  # by face ids
    ages: Mapping[str, int]  # faces by age class
    left_out: Mapping[str, int]  # faces by why
    rejected: Mapping[str, int]  # photos and faces of the catalog, by the reason they were dropped for


def select_faces(connection: Connection, settings: ExportSettings, *, data: Path) -> Selection:
    """Read what `settings` ask for.

    Raises UnknownName for a site or pair set that is not there, NothingToDo with the missing step when no face is
    selected, WrongUse when the faces are of two crop templates, DataFailed where a picture lies in two splits.
    """
    known = site_names(connection)
    for site in settings.site:
        if known and site not in known:
            raise UnknownName("site", site, known)
    candidates = load_kept_faces(connection, sites=settings.site, labelled_only=settings.labelled_only)
    if not candidates:
        raise NothingToDo("export", *_what_is_missing(connection, settings))
    ages = derived_ages(connection)
    left_out: Counter[str] = Counter()
    faces = []
    for face in candidates:
        if why := _why_not(face, ages.of(face.face_id), settings):
            left_out[why] += 1
        else:
            faces.append(face)
    if not faces:
        why_not = ", ".join(f"{count} {why.replace('_', ' ')}" for why, count in sorted(left_out.items()))
        raise NothingToDo("export", f"none of the {len(candidates)} faces is left ({why_not})", "ask for others")
    splits = splits_of_faces(connection, faces, settings)
    if settings.leaks != "allow":
        leaking = what_leaks(connection, faces, splits, is_refused=settings.leaks == "refuse")
        left_out["in_two_splits"] += len(leaking)
        faces = [face for face in faces if face.face_id not in leaking]
    pair_set = _find_pairs(connection, settings)
    return Selection(
        faces=faces,
        splits=splits,
        template=_only_template(faces),
        pair_set=pair_set,
        pairs=_narrow(pairs_of_set(connection, pair_set, data=data)[0]) if pair_set else None,
        ages=_count_ages(faces, ages),
        left_out={why: count for why, count in sorted(left_out.items()) if count},
        rejected=rejected_by_reason(connection, settings.site),
    )


def asked_for(settings: ExportSettings) -> dict[str, Any]:
    """Return the settings that chose the faces, for the manifest."""
    chosen = asdict(settings)
    names = ("site", "labelled_only", "min_age", "drop_unknown_age", "leaks", "hide_ages", "min_year_confidence")
    return {name: chosen[name] for name in names}


def _narrow(pairs: PairRows) -> PairTable:
    """Return what is exported of pairs: less than half of their bytes, held until the last face is written."""
    gaps = [column.astype(np.int16) for column in (pairs.gap_years, pairs.gap_min, pairs.gap_max)]
    sure = pairs.confidence.astype(np.float32)
    return PairTable(pairs.younger, pairs.older, gaps[0], sure, gap_min=gaps[1], gap_max=gaps[2])


def _why_not(face: KeptFace, derived: AgeBounds | None, settings: ExportSettings) -> str | None:
    """Return why a face stays out; a label speaks before what is derived, and who may be too young is."""
    low = face.age if face.age is not None else derived.age_min if derived is not None else None
    if low is None:
        return "unknown_age" if settings.drop_unknown_age else None
    return "too_young" if settings.min_age is not None and low < settings.min_age else None


def _count_ages(faces: list[KeptFace], ages: DerivedAges) -> dict[str, int]:
    counts = Counter({"under_18": 0, "maybe_under_18": 0, "adult": 0, "unknown": 0})
    for face in faces:
        derived = ages.of(face.face_id)
        low, high = (None, None) if derived is None else (derived.age_min, derived.age_max)
        counts[age_class(face.age, low, high)] += 1
    return dict(counts)


def _what_is_missing(connection: Connection, settings: ExportSettings) -> tuple[str, str]:
    if load_kept_faces(connection, sites=(), labelled_only=False):
        what = "with an age " if settings.labelled_only else ""
        return f"no kept face {what}of {', '.join(settings.site) or 'any site'}", "select others, or run `curate faces`"
    return missing_step(connection)


def _find_pairs(connection: Connection, settings: ExportSettings) -> PairSetRow | None:
    if settings.no_pairs:
        return None
    found = find_pair_set(connection, settings.pairs or DEFAULT_PAIRS)
    if found is None:
        if settings.pairs is not None:
            known = pair_set_names(connection)
            if known:
                raise UnknownName("pair set", settings.pairs, known)
            raise NothingToDo("export", f"there is no pair set '{settings.pairs}'", "run `curate build-pairs` first")
        log.warning("no pairs yet: `curate build-pairs` makes them; the faces are written without")
        return None
    if found.found < found.pair_count:
        lost = found.pair_count - found.found
        log.warning(
            "%d pairs of '%s' went with faces found anew since; run `curate build-pairs` again", lost, found.name
        )
    return found


def _only_template(faces: list[KeptFace]) -> str:
    templates = Counter(face.crop_template or "unknown" for face in faces)
    if len(templates) > 1:
        parts = " and ".join(f"{count} of template '{name}'" for name, count in sorted(templates.items()))
        raise WrongUse(f"export: {parts} in one dataset; select with --site, or run `curate faces` with one template")
    return next(iter(templates))
