"""A catalog filled by a seed, as plain Python rows first: what SQL says can be counted from the rows by hand."""

import random
from collections import Counter
from dataclasses import dataclass, field

from sqlalchemy import Connection

from db.models import (
    AuditFinding,
    DateEvidence,
    DuplicateFace,
    Face,
    FaceScan,
    Licence,
    Pair,
    PairSet,
    Photo,
    PhotoQuery,
    PhotoSubject,
    Query,
    SearchWindow,
    Subject,
    SubjectCandidate,
    TakenYear,
)
from tests.db.rows import NOW, Row, face_row, insert, pair_set_row, photo_row, query_row, subject_row

NAMES = ("Marta_Quillon", "Toma_Revik", "Ines_Almaro", "Oskar_Tenn", "Nobody_Found")
SOURCES = ("title", "description", "date_taken")
REASONS = ("no date in any text", "date_taken is the upload time")
FACE_DROPS = ("blurred", "other_face", "small_face")


@dataclass
class Rows:
    """The rows of a catalog by table; the subject of a photo stands in `subject_of`."""

    subjects: list[Row] = field(default_factory=list)
    photos: list[Row] = field(default_factory=list)
    years: dict[int, Row] = field(default_factory=dict)  # by photo
    scans: list[Row] = field(default_factory=list)
    faces: list[Row] = field(default_factory=list)
    pairs: list[Row] = field(default_factory=list)
    subject_of: dict[int, int] = field(default_factory=dict)
    queries: list[Row] = field(default_factory=list)
    windows: list[Row] = field(default_factory=list)
    links: list[Row] = field(default_factory=list)  # photo_query
    candidates: list[Row] = field(default_factory=list)
    licences: list[Row] = field(default_factory=list)
    evidence: list[Row] = field(default_factory=list)
    duplicates: list[Row] = field(default_factory=list)
    findings: list[Row] = field(default_factory=list)

    def year(self, face: Row) -> int | None:
        """Return the taken year of the photo of a face."""
        row = self.years.get(face["photo_id"])
        year: int | None = row["year"] if row else None
        return year


def make_rows(seed: int = 3, photos: int = 150) -> Rows:
    """Return rows in which every kind occurs: undated, unread and dropped photos, two sites, two pair sets."""
    rng = random.Random(seed)
    rows = Rows(subjects=[subject_row(name, id=number) for number, name in enumerate(NAMES, start=1)])
    for photo_id in range(1, photos + 1):
        state = rng.choice(["done", "done", "done", "pending", "gone"])
        rows.photos.append(
            photo_row(
                str(10_000 + photo_id),
                id=photo_id,
                site=rng.choice(["flickr", "flickr", "album"]),
                state=state,
                byte_count=rng.randrange(1000, 9000) if state == "done" else None,
                page_url=f"https://photos.example/{photo_id}" if rng.random() < 0.9 else None,
                owner_name=rng.choice(["ada", "bo", "cy"]),
                title=f"photo {photo_id}",
                licence=rng.choice(["4", "5"]),
            )
        )
        rows.subject_of[photo_id] = rng.randrange(1, len(NAMES))
        if rng.random() < 0.9:
            rows.years[photo_id] = _year_row(rng, photo_id)
        if state == "done":
            _scan(rng, photo_id, rows)
    _pair(rows)
    _crawl(random.Random(seed + 1), rows)
    for photo_id, year in rows.years.items():
        rows.evidence += _evidence_rows(random.Random(photo_id), photo_id, year)
    _doubt(random.Random(seed + 2), rows)
    return rows


def _doubt(rng: random.Random, rows: Rows) -> None:
    """Groups of one picture, some under several subjects; findings of three checks in several states."""
    faces = rng.sample(rows.faces, 40)
    while len(faces) > 4:
        group = [faces.pop() for _ in range(rng.randrange(2, 5))]
        for face in group:
            is_best = face is group[0]
            kind = "exact" if is_best else rng.choice(["exact", "near"])
            distance = 0 if kind == "exact" else rng.randrange(1, 7)
            rows.duplicates.append(
                {"face_id": face["id"], "group_id": group[0]["id"], "kind": kind, "distance": distance}
            )
    for number in range(60):
        check = rng.choice(["before_birth", "impossible_age", "shared_image"])
        fix: Row | None = {"changes": []} if rng.random() < 0.6 else None
        about = {"subject_id": rng.choice([None, *range(1, len(NAMES))]), "detail": {"key": str(number)}, "fix": fix}
        state = rng.choice(["open", "open", "applied", "ignored"])
        rows.findings.append({"id": number + 1, "check_name": check, "state": state, "created_at": NOW, **about})


def _crawl(rng: random.Random, rows: Rows) -> None:
    """Two searches a subject with their windows, births of most, homonyms of some."""
    for subject in rows.subjects:
        for site, kind in (("commons", "depicts"), ("flickr", "phrase")):
            state = rng.choice(["done", "pending", "failed"])
            number = len(rows.queries) + 1
            sums = {"total": rng.choice([None, 400]), "photos_refused": rng.randrange(30)}
            rows.queries.append(
                query_row(subject["id"], id=number, site=site, kind=kind, state=state, text=kind, **sums)
            )
            for _ in range(rng.randrange(1, 4)):
                waits = NOW if state == "pending" and rng.random() < 0.5 else None
                window = {"site": site, "query_id": number, "sort": "x", "state": state, "next_try": waits}
                rows.windows.append({"id": len(rows.windows) + 1, "updated_at": NOW, **window})
            found = [photo for photo, who in rows.subject_of.items() if who == subject["id"] and rng.random() < 0.5]
            rows.links += [{"photo_id": photo, "query_id": number, "rank": rank} for rank, photo in enumerate(found)]
        if subject["id"] % 4 != 1:
            least = rng.randrange(1920, 1990)
            subject |= {"birth_year_min": least, "birth_year_max": least + rng.choice([0, 0, 9])}
        for place in range(rng.randrange(2, 4)):
            rows.candidates.append(
                {
                    "subject_id": subject["id"],
                    "entity_id": f"Q{subject['id']}{place}",
                    "place": place,
                    "score": 5.0 - place,
                    "label": subject["display_name"],
                    "birth_date": f"19{50 + place}",
                    "is_accepted": place == 0 and subject["id"] % 2 == 0,
                    "found_at": NOW,
                }
            )
    names = {"4": "Attribution", "0": "All Rights Reserved"}
    rows.licences = [{"site": "flickr", "licence_id": key, "name": name, "seen_at": NOW} for key, name in names.items()]


def _year_row(rng: random.Random, photo_id: int) -> Row:
    if rng.random() < 0.3:
        empty = {"year": None, "source": None, "confidence": 0.0}
        return {"photo_id": photo_id, **empty, "reason": rng.choice(REASONS), "version": "1"}
    year = rng.randrange(1950, 2010)
    return {
        "photo_id": photo_id,
        "year": year,
        "source": rng.choice(SOURCES),
        "confidence": 0.9,
        "reason": None,
        "version": "1",
    }


def _evidence_rows(rng: random.Random, photo_id: int, year: Row) -> list[Row]:
    """The date the answer stands on, and one or two of other things."""
    roles = [("caption", True)] if year["year"] else []
    roles += [(rng.choice(["identifier", "birth_death", "upload"]), False) for _ in range(rng.randrange(1, 3))]
    found = []
    for place, (role, is_chosen) in enumerate(roles):
        year_min = rng.randrange(1900, 2000)
        source = year["source"] if is_chosen else rng.choice(SOURCES)
        span = {"source": source, "span_start": 0, "span_end": 4, "words": str(year_min), "version": "1"}
        judged = {"role": role, "rule": "r", "year_min": year_min, "year_max": year_min, "precision": "year"}
        left = {"confidence": 0.9, "is_chosen": is_chosen, "why": None if is_chosen else "of something else"}
        found.append({"photo_id": photo_id, "place": place, **span, **judged, **left})
    return found


def _scan(rng: random.Random, photo_id: int, rows: Rows) -> None:
    count = rng.choice([0, 1, 1, 1, 2])
    reason = None if count else rng.choice(["no_face", "unreadable"])
    rows.scans.append(
        {"photo_id": photo_id, "recipe": "r1", "face_count": count, "drop_reason": reason, "scanned_at": NOW}
    )
    for number in range(count):
        dropped = number > 0 or rng.random() < 0.2
        rows.faces.append(
            face_row(
                photo_id,
                id=len(rows.faces) + 1,
                subject_id=rows.subject_of[photo_id],
                crop_path=f"faces/{photo_id}_{number}.jpg",
                status="dropped" if dropped else "kept",
                drop_reason=rng.choice(FACE_DROPS) if dropped else None,
            )
        )


def _pair(rows: Rows) -> None:
    """Every pair of kept, dated faces in set 1; half of them again in set 2."""
    dated = [(rows.year(face), face) for face in rows.faces if face["status"] == "kept"]
    known = [(year, face) for year, face in dated if year is not None]
    for year1, younger in known:
        for year2, older in known:
            if younger["subject_id"] == older["subject_id"] and year1 < year2:
                pair = {
                    "younger_face_id": younger["id"],
                    "older_face_id": older["id"],
                    "subject_id": younger["subject_id"],
                    "gap_years": year2 - year1,
                    "confidence": 0.81,
                }
                rows.pairs.append({"pair_set_id": 1, **pair})
                if len(rows.pairs) % 2:
                    rows.pairs.append({"pair_set_id": 2, **pair})


def fill(connection: Connection, rows: Rows) -> None:
    """Write the rows into an empty catalog."""
    sizes = Counter(pair["pair_set_id"] for pair in rows.pairs)
    unknown = {"birth_year_min": None, "birth_year_max": None}
    insert(connection, Subject, [{**unknown, **subject} for subject in rows.subjects])
    insert(connection, Photo, rows.photos)
    insert(connection, PhotoSubject, [{"photo_id": photo, "subject_id": who} for photo, who in rows.subject_of.items()])
    insert(connection, Query, rows.queries)
    insert(connection, SearchWindow, rows.windows)
    insert(connection, PhotoQuery, rows.links)
    insert(connection, SubjectCandidate, rows.candidates)
    insert(connection, Licence, rows.licences)
    insert(connection, TakenYear, list(rows.years.values()))
    insert(connection, DateEvidence, rows.evidence)
    insert(connection, FaceScan, rows.scans)
    insert(connection, Face, rows.faces)
    sets = [pair_set_row("default", id=1, pair_count=sizes[1]), pair_set_row("half", id=2, pair_count=sizes[2])]
    insert(connection, PairSet, sets)
    insert(connection, Pair, rows.pairs)
    insert(connection, DuplicateFace, rows.duplicates)
    insert(connection, AuditFinding, rows.findings)
