"""`curate filter`: stored faces judged by another recipe, and the face that looks like the subject."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, insert, select, update

from agegap.errors import NothingToDo, UnknownName
from curation import face_filter
from curation.cli import main
from curation.face_filter import filter_faces
from curation.faces import scan_faces
from dataset.face.recipes import Thresholds
from dataset.face.settings import FaceSettings
from db.models import Face, FaceEmbedding, FaceIdentity, FaceScan
from tests.curation.face_photos import add_photos, couple, face_rows, nobody, person, scan_reasons

SETTINGS = FaceSettings()
STRICT = FaceSettings(recipe="strict")
NOTHING_PASSES = Thresholds(min_blur=1e9)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return tmp_path / "data"


def scan(engine: Engine, data: Path, settings: FaceSettings = SETTINGS) -> dict[str, Any]:
    return scan_faces(engine, data=data, settings=settings, workers=0)


def sift(engine: Engine, data: Path, settings: FaceSettings = STRICT, **options: Any) -> dict[str, Any]:
    return filter_faces(engine, data=data, settings=settings, **{"thresholds": NOTHING_PASSES, **options})


def test_the_moves_are_told_with_their_reasons_and_no_photo_is_read(catalog: Engine, data: Path) -> None:
    photos = {"a": person(0), "b": couple(1), "c": nobody()}
    add_photos(catalog, data, photos, subjects={"a": ["Marta_Quillon"]}, ages={"a": 31.0})
    scan(catalog, data)
    before = face_rows(catalog)
    for path in (data / "photos").rglob("*.jpg"):
        path.unlink()
    told = sift(catalog, data)
    assert (told["photos"], told["faces"], told["kept_before"], told["kept_now"]) == (3, 3, 2, 0)
    assert told["moved"] == {"kept -> blurred": 2}
    assert scan_reasons(catalog) == {"a": "blurred", "b": "blurred", "c": "no_face"}
    told = sift(catalog, data, SETTINGS, thresholds=Thresholds())
    assert told["moved"] == {"blurred -> kept": 2}
    assert face_rows(catalog) == before


def test_a_dry_run_tells_the_same_and_changes_nothing(catalog: Engine, data: Path) -> None:
    add_photos(catalog, data, {"a": person(0), "b": couple(1)})
    scan(catalog, data)
    before, scans = face_rows(catalog), marks(catalog)
    dry = sift(catalog, data, dry_run=True)
    assert (face_rows(catalog), marks(catalog)) == (before, scans)
    wet = sift(catalog, data)
    assert {**wet, "dry_run": True} == dry
    assert all(mark.partition("#")[2].startswith("strict-") for mark in marks(catalog))


def test_the_recipe_of_the_photos_says_by_what_they_were_judged(catalog: Engine, data: Path) -> None:
    add_photos(catalog, data, {"a": person(0), "c": nobody()})
    scan(catalog, data)
    sift(catalog, data)
    assert [mark.partition("#")[0] for mark in marks(catalog)] == [SETTINGS.scan_recipe] * 2
    again = scan_faces(catalog, data=data, settings=STRICT, thresholds=NOTHING_PASSES, workers=0)
    assert (again["scanned"], again["judged_again"]) == (0, 0)
    assert scan(catalog, data)["judged_again"] == 2


def test_what_somebody_else_dropped_stays_dropped_while_it_is_filed_the_same(catalog: Engine, data: Path) -> None:
    add_photos(catalog, data, {"a": person(0), "b": person(1)}, subjects={"a": ["Ada_Berg"], "b": ["Ada_Berg"]})
    scan(catalog, data)
    dropped = {"status": "dropped", "drop_reason": "impostor"}
    with catalog.begin() as connection:
        first = connection.execute(select(Face.id).order_by(Face.id)).scalars().first()
        connection.execute(update(Face).where(Face.id == first).values(**dropped))
    assert sift(catalog, data)["moved"] == {"kept -> blurred": 1}
    assert sift(catalog, data, SETTINGS, thresholds=Thresholds())["moved"] == {"blurred -> kept": 1}
    assert [row["drop_reason"] for row in face_rows(catalog)] == ["impostor", None]


def test_pages_are_bounded_and_none_is_left_out(catalog: Engine, data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(face_filter, "BATCH", 2)
    add_photos(catalog, data, {str(number): person(number % 2) for number in range(5)})
    scan(catalog, data)
    assert sift(catalog, data)["moved"] == {"kept -> blurred": 5}


def test_only_the_site_that_is_named_is_judged(catalog: Engine, data: Path) -> None:
    add_photos(catalog, data, {"a": person(0)})
    add_photos(catalog, data, {"b": person(1)}, site="album")
    scan(catalog, data)
    assert sift(catalog, data, site="album")["moved"] == {"kept -> blurred": 1}
    assert scan_reasons(catalog) == {"a": None, "b": "blurred"}
    with pytest.raises(UnknownName, match="did you mean 'album'"):
        sift(catalog, data, site="albun")


def test_a_catalog_without_faces_says_which_step_is_missing(catalog: Engine, data: Path) -> None:
    with pytest.raises(NothingToDo, match="curate faces"):
        sift(catalog, data)


def test_the_command_reads_the_recipe_from_the_settings_file(
    sqlite_catalog: Engine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    add_photos(sqlite_catalog, tmp_path / "data", {"a": person(0)})
    scan(sqlite_catalog, tmp_path / "data")
    (tmp_path / "agegap.toml").write_text("[curate.recipes.sharp]\nmin_blur = 1e9\n", encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AGEGAP_CATALOG", f"sqlite:///{tmp_path / 'catalog.db'}")
    monkeypatch.setattr("sys.argv", ["curate", "filter", "--recipe", "sharp", "--json"])
    main()
    told = json.loads(capsys.readouterr().out)
    assert (told["recipe"], told["moved"]) == ("sharp", {"kept -> blurred": 1})
    monkeypatch.setattr("sys.argv", ["curate", "filter", "--recipe", "sharpp"])
    with pytest.raises(SystemExit) as exit_:
        main()
    assert exit_.value.code == 2
    assert capsys.readouterr().err.strip() == "curate: unknown recipe 'sharpp'; did you mean 'sharp'?"


def marks(engine: Engine) -> list[str]:
    with engine.connect() as connection:
        return list(connection.execute(select(FaceScan.recipe).order_by(FaceScan.photo_id)).scalars())


BY_SUBJECT = FaceSettings(main_face="subject")


def with_vectors(engine: Engine, vectors: dict[int, list[float]], matching: list[int], subject_id: int) -> None:
    """Store what `curate verify` would: a vector of each face, and which are the subject's."""
    now = datetime(2024, 1, 1, tzinfo=UTC)
    with engine.begin() as connection:
        for face_id, vector in vectors.items():
            unit = (np.array(vector) / np.linalg.norm(vector)).astype("<f4")
            row = {"face_id": face_id, "embedder": "test", "vector": unit.tobytes()}
            connection.execute(insert(FaceEmbedding).values(**row))
        for face_id in matching:
            row = {"face_id": face_id, "subject_id": subject_id, "embedder": "test", "verdict": "match", "made_at": now}
            connection.execute(insert(FaceIdentity).values(**row, similarity=0.9))


def two_people_and_the_subject_alone(engine: Engine, data: Path) -> tuple[list[int], int]:
    """Photo `a` shows two people, `b` and `c` one; all are of one subject. Return face ids and the subject's id."""
    photos = {"a": couple(0), "b": person(1), "c": person(2)}
    add_photos(engine, data, photos, subjects={key: ["Ada_Berg"] for key in photos})
    scan(engine, data)
    rows = sorted(face_rows(engine), key=lambda row: row["id"])
    assert [row["drop_reason"] for row in rows] == [None, "other_face", None, None]
    return [row["id"] for row in rows], rows[0]["subject_id"]


def test_the_face_that_looks_like_the_subject_is_the_main_one_though_another_is_larger(
    catalog: Engine, data: Path
) -> None:
    ids, subject = two_people_and_the_subject_alone(catalog, data)
    vectors = {ids[0]: [0.0, 1.0], ids[1]: [1.0, 0.1], ids[2]: [1.0, 0.0], ids[3]: [1.0, 0.2]}
    with_vectors(catalog, vectors, matching=[ids[0], *ids[2:]], subject_id=subject)
    told = sift(catalog, data, BY_SUBJECT, thresholds=Thresholds())
    assert told["moved"] == {"kept -> other_face": 1, "other_face -> kept": 1}
    rows = {row["id"]: row for row in face_rows(catalog)}
    assert (rows[ids[1]]["status"], rows[ids[1]]["subject"]) == ("kept", "Ada_Berg")
    assert (rows[ids[0]]["drop_reason"], rows[ids[0]]["subject"]) == ("other_face", None)
    again = scan_faces(catalog, data=data, settings=BY_SUBJECT, workers=0)
    assert (again["scanned"], again["judged_again"]) == (0, 0)
    back = sift(catalog, data, SETTINGS, thresholds=Thresholds())
    assert back["moved"] == {"kept -> other_face": 1, "other_face -> kept": 1}


@pytest.mark.parametrize("known", ["nothing", "only its own photo", "one face of the photo"])
def test_where_likeness_says_nothing_the_largest_face_stays(catalog: Engine, data: Path, known: str) -> None:
    ids, subject = two_people_and_the_subject_alone(catalog, data)
    if known == "only its own photo":
        with_vectors(catalog, {ids[0]: [0.0, 1.0], ids[1]: [1.0, 0.0]}, matching=[ids[1]], subject_id=subject)
    if known == "one face of the photo":
        with_vectors(catalog, {ids[1]: [1.0, 0.0], ids[2]: [1.0, 0.0]}, matching=[ids[2]], subject_id=subject)
    assert sift(catalog, data, BY_SUBJECT, thresholds=Thresholds())["moved"] == {}
