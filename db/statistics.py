"""Counting what the catalog holds, for `curate stats`, the report, and for saying which step is missing."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Label, Select, case, distinct, func, select
from sqlalchemy.orm import InstrumentedAttribute

from db.models import Face, FaceScan, Pair, PairSet, Photo, Subject, TakenYear

Counts = Mapping[str, int]

K_RANGES = ((0, 0), (1, 4), (5, 9), (10, 19), (20, 29), (30, 39))
"""K in steps that the sets of ageing faces are told apart by; what is beyond the last is one more."""

NEVER_DATED = "texts not read yet"


@dataclass(frozen=True)
class PairSetCounts:
    """One pair set in figures."""

    name: str
    total: int
    subjects: int | None  # None: the set keeps no rows (its storage is a file or a recipe), so nobody counts them
    faces: int | None
    by_k: Counts  # "1-4" -> pairs, in the order of K


@dataclass(frozen=True)
class Statistics:
    """The whole catalog in figures; a mapping is ordered by count, the largest first."""

    subjects: int
    photos: int
    photos_by_state: Counts
    photos_by_site: Counts
    photos_dated: int
    dated_by_source: Counts
    undated_by_reason: Counts
    photos_scanned: int
    photos_dropped_by_reason: Counts  # whole photos, no face kept of them
    faces_kept: int
    faces_kept_with_subject_and_year: int
    faces_kept_with_age: int
    faces_dropped: int
    faces_dropped_by_reason: Counts
    pair_sets: tuple[PairSetCounts, ...]

    def as_result(self) -> dict[str, object]:
        """Return the figures as one JSON-ready mapping, pair sets by name."""
        result = asdict(self)
        result["pair_sets"] = {
            counts.name: {key: value for key, value in asdict(counts).items() if key != "name"}
            for counts in self.pair_sets
        }
        return result


def count_all(connection: Connection) -> Statistics:
    """Count everything `curate stats` shows."""
    kept = Face.status == "kept"
    faces_by_reason = _tally(connection, Face.drop_reason, Face.status == "dropped")
    return Statistics(
        subjects=_count(connection, select(func.count()).select_from(Subject)),
        photos=_count(connection, select(func.count()).select_from(Photo)),
        photos_by_state=_tally(connection, Photo.state),
        photos_by_site=_tally(connection, Photo.site),
        photos_dated=_count(connection, select(func.count()).where(TakenYear.year.is_not(None))),
        dated_by_source=_tally(connection, TakenYear.source, TakenYear.year.is_not(None)),
        undated_by_reason=_undated(connection),
        photos_scanned=_count(connection, select(func.count()).select_from(FaceScan)),
        photos_dropped_by_reason=_tally(connection, FaceScan.drop_reason, FaceScan.drop_reason.is_not(None)),
        faces_kept=_count(connection, select(func.count()).where(kept)),
        faces_kept_with_subject_and_year=_count(
            connection,
            select(func.count())
            .select_from(Face)
            .join(TakenYear, TakenYear.photo_id == Face.photo_id)
            .where(kept, Face.subject_id.is_not(None), TakenYear.year.is_not(None)),
        ),
        faces_kept_with_age=_count(connection, select(func.count()).where(kept, Face.age.is_not(None))),
        faces_dropped=sum(faces_by_reason.values()),
        faces_dropped_by_reason=faces_by_reason,
        pair_sets=tuple(
            _pair_set(connection, row.id, row.name) if row.storage == "rows" else _pair_set_elsewhere(row)
            for row in connection.execute(
                select(PairSet.id, PairSet.name, PairSet.storage, PairSet.pair_count, PairSet.counts).order_by(
                    PairSet.name
                )
            )
        ),
    )


def missing_step(connection: Connection) -> tuple[str, str]:
    """Return (what is missing, what to do) of the first step on the way to pairs that has given nothing."""
    steps = (
        (Photo.id, "there are no photos", "run `scrapy crawl flickr_names` or `curate import` first"),
        (Face.id, "there are no faces", "run `curate faces` first"),
    )
    for column, fault, remedy in steps:
        if connection.scalar(select(column).limit(1)) is None:
            return fault, remedy
    if connection.scalar(select(Face.id).where(Face.status == "kept").limit(1)) is None:
        return "every face was dropped", "see the reasons with `curate stats`"
    if connection.scalar(select(TakenYear.photo_id).where(TakenYear.year.is_not(None)).limit(1)) is None:
        return "no photo has a taken year", "run `scrapy extract-years`, or import photos with years"
    return "no two faces fit", "loosen the settings; `curate stats` counts what there is"


def k_range(gap_years: int) -> str:
    """Return the name of the range a K falls into: "0", "1-4" ... "40+"."""
    for least, most in K_RANGES:
        if least <= gap_years <= most:
            return str(least) if least == most else f"{least}-{most}"
    return f"{K_RANGES[-1][1] + 1}+"


def _pair_set(connection: Connection, pair_set_id: int, name: str) -> PairSetCounts:
    of_set = Pair.pair_set_id == pair_set_id
    by_k: dict[str, int] = {}
    gaps = select(Pair.gap_years, func.count()).where(of_set).group_by(Pair.gap_years).order_by(Pair.gap_years)
    for gap, count in connection.execute(gaps):
        by_k[k_range(gap)] = by_k.get(k_range(gap), 0) + count
    ends = select(Pair.younger_face_id).where(of_set).union(select(Pair.older_face_id).where(of_set)).subquery()
    return PairSetCounts(
        name=name,
        total=sum(by_k.values()),
        subjects=_count(connection, select(func.count(distinct(Pair.subject_id))).where(of_set)),
        faces=_count(connection, select(func.count()).select_from(ends)),
        by_k=by_k,
    )


def _pair_set_elsewhere(row: Any) -> PairSetCounts:
    """Return the figures of a set whose pairs are no rows, from what was counted when it was built."""
    by_k: dict[str, int] = {}
    by_gap = (row.counts or {}).get("by_gap_years", {})
    for gap, count in sorted((int(gap), int(count)) for gap, count in by_gap.items()):
        by_k[k_range(gap)] = by_k.get(k_range(gap), 0) + count
    return PairSetCounts(name=row.name, total=row.pair_count, subjects=None, faces=None, by_k=by_k)


def _undated(connection: Connection) -> dict[str, int]:
    reason: Label[str] = case(
        (TakenYear.photo_id.is_(None), NEVER_DATED), else_=func.coalesce(TakenYear.reason, "no reason stored")
    ).label("reason")
    statement = (
        select(reason, func.count())
        .select_from(Photo)
        .join(TakenYear, TakenYear.photo_id == Photo.id, isouter=True)
        .where(TakenYear.year.is_(None))
        .group_by(reason)
    )
    return _sorted({str(name): count for name, count in connection.execute(statement)})


def _tally(connection: Connection, column: InstrumentedAttribute[Any], *conditions: ColumnElement[bool]) -> Counts:
    statement = select(column, func.count()).where(*conditions).group_by(column)
    return _sorted({str(name or "unknown"): count for name, count in connection.execute(statement)})


def _sorted(counts: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda item: (-item[1], item[0])))


def _count(connection: Connection, statement: Select[int]) -> int:
    return connection.scalar(statement) or 0
