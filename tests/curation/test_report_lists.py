"""The lists of a report hold what they say, the most doubtful first: counted here from the rows by another road."""

import json
import random
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, insert

from curation.pairing.sets import build_pair_set
from curation.pairing.settings import PairSettings
from curation.report.likeness import measure_likeness
from curation.report.pair_source import open_pairs
from curation.report.settings import ReportSettings
from curation.stats import catalog_statistics
from db.gallery import faces_by_subject, faces_by_year
from db.gallery_lists import WORST, duplicate_groups, worst_faces
from db.gallery_pairs import some_pairs
from db.models import AuditFinding, DuplicateFace, FaceEmbedding, FaceIdentity, IdentityProposal
from db.pairs import find_pair_set
from tests.curation.filled import NOW, filling
from tests.curation.report_pages import page, write

EMBEDDER = "drawn-1"
Faces = list[dict[str, Any]]


def fill(engine: Engine, *, count: int = 40, subjects: int = 4) -> Faces:
    """Add faces with random measures, verdicts and vectors; return them as they were put in."""
    rng, numbers = random.Random(4), np.random.default_rng(4)
    faces: Faces = []
    with filling(engine) as add:
        for number in range(count):
            face: dict[str, Any] = {
                "subject": f"P{number % subjects}",
                "year": rng.randrange(1980, 2010),
                "confidence": rng.choice([0.55, 0.7, 0.7, 0.95]),
                "blur": rng.choice([None, rng.uniform(5, 500)]),
                "eye_distance": rng.uniform(15, 90),
                "detection_score": rng.choice([0.7, 0.8, 0.99]),
                "drop_reason": rng.choice([None, None, None, "profile"]),
            }
            measures = {key: face[key] for key in ("blur", "eye_distance", "detection_score", "drop_reason")}
            face["id"] = add.dated_face(
                face["subject"], f"n{number}", face["year"], confidence=face["confidence"], **measures
            )
            face["subject_id"] = add.subject(face["subject"])
            face["verdict"] = rng.choice(["match", "match", "impostor", "unsure"])
            face["similarity"] = None if face["verdict"] == "unsure" else rng.uniform(0.1, 0.9)
            vector = numbers.normal(size=8)
            face["vector"] = (vector / np.linalg.norm(vector)).astype("<f4")
            faces.append(face)
            judged = {key: face[key] for key in ("subject_id", "verdict", "similarity")}
            row = {"face_id": face["id"], "embedder": EMBEDDER, "cluster": None, "made_at": NOW, **judged}
            add.connection.execute(insert(FaceIdentity), [row])
            vector_row = {"face_id": face["id"], "embedder": EMBEDDER, "vector": face["vector"].tobytes()}
            add.connection.execute(insert(FaceEmbedding), [vector_row])
    return faces


EXPECTED: dict[str, tuple[Callable[[dict[str, Any]], bool], Callable[[dict[str, Any]], float]]] = {
    "matches": (lambda face: face["verdict"] == "match" and kept(face), lambda face: face["similarity"]),
    "impostors": (lambda face: face["verdict"] == "impostor", lambda face: -face["similarity"]),
    "years": (lambda face: kept(face), lambda face: face["confidence"]),
    "blurred": (lambda face: kept(face) and face["blur"] is not None, lambda face: face["blur"]),
    "small": (lambda face: kept(face), lambda face: face["eye_distance"]),
    "doubtful": (lambda face: kept(face), lambda face: face["detection_score"]),
}


def kept(face: dict[str, Any]) -> bool:
    """Say whether a face was put in as kept."""
    return face["drop_reason"] is None


def test_each_list_of_the_worst_is_expected_here() -> None:
    assert list(WORST) == list(EXPECTED)


def test_the_worst_come_first_and_only_those_the_list_is_of(catalog: Engine) -> None:
    faces = fill(catalog)
    with catalog.connect() as connection:
        for name, (is_of, key) in EXPECTED.items():
            expected = sorted((face for face in faces if is_of(face)), key=lambda face: (key(face), face["id"]))
            assert len(expected) > 7, name
            found = [face.face_id for face in worst_faces(connection, name, limit=7)]
            assert found == [face["id"] for face in expected[:7]], name


def test_faces_are_counted_by_year_and_by_subject(catalog: Engine) -> None:
    faces = [face for face in fill(catalog) if kept(face)]
    with catalog.connect() as connection:
        by_year = faces_by_year(connection)
        by_subject = faces_by_subject(connection)
    assert by_year == {year: sum(face["year"] == year for face in faces) for year in {face["year"] for face in faces}}
    of_each = [sum(face["subject"] == f"P{number}" for face in faces) for number in range(4)]
    assert by_subject == {many: of_each.count(many) for many in set(of_each)}


def test_likeness_by_k_is_that_of_the_vectors(catalog: Engine, tmp_path: Path) -> None:
    faces = {face["id"]: face for face in fill(catalog)}
    build_pair_set(catalog, settings=PairSettings(per_subject_k=1000), data=tmp_path)
    with catalog.connect() as connection:
        likeness = measure_likeness(
            connection, open_pairs(connection, "default", data=tmp_path), ReportSettings(worst=9, small_gap=4)
        )
    assert likeness is not None
    cosines: dict[int, list[tuple[float, int, int]]] = {}
    for one in faces.values():
        for other in faces.values():
            if one["subject"] == other["subject"] and one["year"] < other["year"] and kept(one) and kept(other):
                cosine = sum(float(a) * float(b) for a, b in zip(one["vector"], other["vector"], strict=True))
                cosines.setdefault(other["year"] - one["year"], []).append((cosine, one["id"], other["id"]))
    assert sorted(likeness.quantiles) == sorted(cosines)
    assert likeness.pairs == sum(map(len, cosines.values()))
    for gap, found in likeness.quantiles.items():
        ordered = sorted(cosine for cosine, *_ in cosines[gap])
        assert ordered[0] - 1e-6 <= found[0] <= found[1] <= found[2] <= ordered[-1] + 1e-6
        middle = (ordered[(len(ordered) - 1) // 2] + ordered[len(ordered) // 2]) / 2
        assert found[1] == pytest.approx(middle, abs=1e-6)
    worst = sorted(item for gap, some in cosines.items() if gap <= 4 for item in some)[:9]
    assert [(pair.younger, pair.older) for pair, _ in likeness.unlike] == [item[1:] for item in worst]
    assert [cosine for _, cosine in likeness.unlike] == pytest.approx([item[0] for item in worst], abs=1e-6)


def test_pairs_of_a_k_are_of_different_people_while_there_are_any(catalog: Engine, tmp_path: Path) -> None:
    with filling(catalog) as add:
        for subject, places in (("A", 5), ("B", 1), ("C", 1)):
            for number in range(places):
                add.dated_face(subject, f"{subject}{number} young", 1990)
                add.dated_face(subject, f"{subject}{number} old", 2000)
    build_pair_set(catalog, settings=PairSettings(per_subject_k=1000), data=tmp_path)
    with catalog.connect() as connection:
        pair_set = find_pair_set(connection, "default")
        assert pair_set is not None
        found = some_pairs(connection, pair_set.id, 10, limit=4)
        source = open_pairs(connection, "default", data=tmp_path)
    assert len({pair.subject_id for pair in found[:3]}) == 3
    assert len(found) == 4
    build_pair_set(catalog, settings=PairSettings(per_subject_k=1000, storage="parquet"), data=tmp_path)
    with catalog.connect() as connection:
        elsewhere = open_pairs(connection, "default", data=tmp_path)
        assert elsewhere.rows is not None
        assert elsewhere.some(connection, 10, limit=4) == found  # wherever the set keeps its pairs
        assert elsewhere.by_gap == source.by_gap == {10: 27}


@pytest.mark.parametrize("storage", ["parquet", "virtual"])
def test_a_set_whose_pairs_are_no_rows_is_counted_alike(catalog: Engine, tmp_path: Path, storage: str) -> None:
    fill(catalog)
    build_pair_set(catalog, settings=PairSettings(), data=tmp_path)
    by_rows = catalog_statistics(catalog)["pair_sets"]["default"]
    build_pair_set(catalog, settings=PairSettings(storage=storage), data=tmp_path)  # type: ignore[arg-type]
    found = catalog_statistics(catalog)["pair_sets"]["default"]
    assert by_rows["total"] > 50
    assert found == by_rows | {"subjects": None, "faces": None}


def test_duplicates_under_several_names_come_first_and_the_best_face_leads(catalog: Engine) -> None:
    faces = fill(catalog)
    groups = {
        0: [(0, 0), (4, 3), (8, 1)],  # one subject, three faces
        1: [(1, 0), (5, 2)],  # one subject, two faces
        2: [(3, 5), (2, 0)],  # two subjects
    }
    with catalog.begin() as connection:
        for members in groups.values():
            best = faces[next(place for place, bits in members if bits == 0)]["id"]
            rows = [
                {"face_id": faces[place]["id"], "group_id": best, "kind": "near", "distance": bits}
                for place, bits in members
            ]
            connection.execute(insert(DuplicateFace), rows)
        found = duplicate_groups(connection, limit=9, members=2)
    ids = [face["id"] for face in faces]
    assert [(group.group_id, group.size, group.subjects) for group in found] == [
        (ids[2], 2, 2),
        (ids[0], 3, 1),
        (ids[1], 2, 1),
    ]
    assert [[member.face_id for member in group.members] for group in found] == [
        [ids[2], ids[3]],
        [ids[0], ids[8]],
        [ids[1], ids[5]],
    ]


def test_the_pages_show_proposals_duplicates_findings_and_likeness(catalog: Engine, tmp_path: Path) -> None:
    data = tmp_path / "data"
    data.mkdir()
    faces = fill(catalog)
    build_pair_set(catalog, settings=PairSettings(), data=data)
    one, other, third = (face["subject_id"] for face in faces[:3])
    proposal = {"score": 0.5, "state": "open", "created_at": NOW, "face_ids": []}
    split = {"kind": "split", "subject_id": third, "other_subject_id": None, "face_ids": [faces[2]["id"]]}
    merges = [{"kind": "merge", "subject_id": one, "other_subject_id": who} for who in (other, third)]
    found = {"check_name": "before_birth", "state": "open", "created_at": NOW}
    change = {"table": "taken_year", "id": 7, "old": {"year": 1985}, "new": {"year": None}}
    with catalog.begin() as connection:
        rows = [proposal | merges[0], proposal | split, proposal | merges[1] | {"state": "refused"}]
        connection.execute(insert(IdentityProposal), rows)
        connection.execute(
            insert(DuplicateFace),
            [{"face_id": faces[0]["id"], "group_id": faces[0]["id"], "kind": "exact", "distance": 0},
             {"face_id": faces[1]["id"], "group_id": faces[0]["id"], "kind": "near", "distance": 2}],
        )  # fmt: skip
        connection.execute(
            insert(AuditFinding),
            [{**found, "face_id": faces[0]["id"], "subject_id": one, "detail": {"key": "1", "words": "too early <b>"},
              "fix": {"changes": [change]}}],
        )  # fmt: skip
    write(catalog, data)
    proposals = page(data, "proposals.html").text
    assert "One person, P0 and P1?" in proposals
    assert "Two people called P2?" in proposals
    assert "P0 and P2" not in proposals
    assert "curate verify --accept 2" in proposals
    twice = page(data, "duplicates.html").text
    assert "2 faces, 2 names" in twice
    assert "2 bits" in twice
    audit = page(data, "audit.html")
    assert "too early <b>" in audit.text
    assert "taken_year 7: year 1985 to unknown" in audit.text
    assert "curate audit --apply 1" in audit.text
    worst = page(data, "worst.html").text
    assert all(which.title in worst for which in WORST.values())
    assert "Few years, little likeness" in worst
    index = page(data).path.read_text()
    assert "Cosine of two photos of one person by K" in index
    assert "Pairs without an impostor" in index
    fingerprints = json.loads((data.parent / "report" / "people" / "fingerprints.json").read_text())
    assert sorted(map(int, fingerprints)) == sorted({face["subject_id"] for face in faces})
    assert re.search(r"<polygon[^>]*points=", index)
