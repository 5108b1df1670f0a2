"""Findings in the catalog: kept in step, applied whole or not at all, taken back, set aside."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, delete, func, insert, select, update

from agegap.errors import BadInputFile, NothingToDo, UnknownName
from curation.apply_rejects import apply_rejects
from curation.audit.known import NAMES
from curation.audit.run import run_audit
from curation.audit.settings import AuditSettings
from curation.audit_steps import decide, list_findings
from curation.commands.audit import audit
from db.audits import findings_of
from db.models import AuditFinding, Face, FaceScan, Photo, PhotoSubject, Subject, TakenYear
from tests.curation.filled import Filler, filling, noise


def run(engine: Engine, *checks: str) -> tuple[int, int, int]:
    """Run the checks; return how many findings are new, resolved, reopened."""
    tally = run_audit(engine, checks or NAMES, AuditSettings())
    return tally.new, tally.resolved, tally.reopened


def states(engine: Engine) -> dict[str, str]:
    """Return the state of each finding by check and key."""
    with engine.connect() as connection:
        rows = connection.execute(select(AuditFinding.check_name, AuditFinding.detail, AuditFinding.state)).all()
    return {f"{row.check_name} {row.detail['key']}": row.state for row in rows}


def all_rows(engine: Engine) -> dict[str, Any]:
    """Return every value that a fix may touch."""
    with engine.connect() as connection:
        keys = {"photo": Photo.id, "face": Face.id, "taken_year": TakenYear.photo_id}
        return {
            name: [dict(row) for row in connection.execute(select(key.class_.__table__).order_by(key)).mappings()]
            for name, key in keys.items()
        }


def born(engine: Engine, name: str, year: int) -> None:
    with engine.begin() as connection:
        values = {"birth_year_min": year, "birth_year_max": year}
        connection.execute(update(Subject).where(Subject.name == name).values(**values))


def old_ada(filler: Filler) -> tuple[int, int]:
    """Add a photo of Ada at 130 with one kept face and another in the background; return photo and face."""
    photo = filler.photo("a", site="album", subject="Ada", age_label=130.0)
    filler.scan(photo, faces=2)
    face = filler.face(photo, subject="Ada", age=130.0)
    filler.face(photo, drop_reason="other_face", crop=noise(9))
    return photo, face


def test_the_face_follows_its_photo_and_all_comes_back(catalog: Engine) -> None:
    with filling(catalog) as filler:
        old_ada(filler)
    before = all_rows(catalog)
    assert run(catalog) == (1, 0, 0)
    assert decide(catalog, applied=["impossible_age"])["done"] == {"applied": 1, "values": 2}
    rows = all_rows(catalog)
    assert rows["photo"][0]["age_label"] is None
    assert [face["age"] for face in rows["face"]] == [None, None]
    assert run(catalog) == (0, 0, 0)
    assert set(states(catalog).values()) == {"applied"}
    assert decide(catalog, reverted=["impossible_age"])["done"] == {"reverted": 1, "values": 2}
    assert all_rows(catalog) == before
    assert run(catalog) == (0, 0, 0)
    assert set(states(catalog).values()) == {"reverted"}
    decide(catalog, applied=["impossible_age"])
    assert all_rows(catalog) == rows


def test_a_year_before_birth_becomes_unknown_with_its_reason_and_comes_back(catalog: Engine) -> None:
    with filling(catalog) as filler:
        filler.year(filler.photo("a", subject="Ada"), 1949)
        filler.year(filler.photo("b", subject="Ada"), 1980)
    born(catalog, "Ada", 1950)
    before = all_rows(catalog)
    run(catalog)
    decide(catalog, applied=["before_birth"])
    first, second = all_rows(catalog)["taken_year"]
    assert (first["year"], first["year_min"], first["precision"], first["confidence"]) == (None, None, None, 0)
    assert first["reason"] == "audit: before the subject was born"
    assert second == before["taken_year"][1]
    decide(catalog, reverted=["before_birth"])
    assert all_rows(catalog) == before


def test_a_picture_under_two_people_is_dropped_and_comes_back(catalog: Engine) -> None:
    with filling(catalog) as filler:
        for name in ("Ada", "Bea", "Cleo"):
            filler.dated_face(name, name, 1990, crop=noise(1 if name != "Cleo" else 2), perceptual_hash=len(name) * 999)
    before = all_rows(catalog)
    assert run(catalog) == (1, 0, 0)
    assert decide(catalog, applied=["shared_image"])["done"] == {"applied": 1, "values": 2}
    reasons = [(face["status"], face["drop_reason"]) for face in all_rows(catalog)["face"]]
    assert reasons == [("dropped", "shared_image")] * 2 + [("kept", None)]
    assert run(catalog) == (0, 0, 0)  # the dropped faces are seen no more, and the finding stays
    assert set(states(catalog).values()) == {"applied"}
    decide(catalog, reverted=["shared_image"])
    assert all_rows(catalog) == before


def test_what_changed_since_the_audit_is_not_overwritten(catalog: Engine) -> None:
    with filling(catalog) as filler:
        photo, _ = old_ada(filler)
    run(catalog)
    with catalog.begin() as connection:
        connection.execute(update(Photo).where(Photo.id == photo).values(age_label=140.0))
    assert decide(catalog, applied=["impossible_age"])["done"] == {"changed_meanwhile": 1}
    assert all_rows(catalog)["photo"][0]["age_label"] == 140
    assert run(catalog) == (0, 0, 0)
    assert decide(catalog, applied=["impossible_age"])["done"]["applied"] == 1


def test_what_changed_since_the_fix_is_not_taken_back(catalog: Engine) -> None:
    with filling(catalog) as filler:
        photo, _ = old_ada(filler)
    run(catalog)
    decide(catalog, applied=["impossible_age"])
    with catalog.begin() as connection:
        connection.execute(update(Photo).where(Photo.id == photo).values(age_label=13.0))
    done = decide(catalog, reverted=["impossible_age"])["done"]
    assert (done["reverted"], done["values_left"]) == (1, 1)
    assert all_rows(catalog)["photo"][0]["age_label"] == 13


def test_a_face_that_was_found_anew_is_looked_at_again_when_its_label_comes_back(catalog: Engine) -> None:
    with filling(catalog) as filler:
        _, face = old_ada(filler)
    run(catalog)
    decide(catalog, applied=["impossible_age"])
    with catalog.begin() as connection:
        connection.execute(delete(Face).where(Face.id == face))
    decide(catalog, reverted=["impossible_age"])
    with catalog.connect() as connection:
        assert connection.execute(select(func.count()).select_from(FaceScan)).scalar_one() == 0
    assert all_rows(catalog)["photo"][0]["age_label"] == 130


def test_a_fix_that_an_import_undid_is_open_again(catalog: Engine) -> None:
    with filling(catalog) as filler:
        photo, _ = old_ada(filler)
    run(catalog)
    decide(catalog, applied=["impossible_age"])
    with catalog.begin() as connection:
        connection.execute(update(Photo).where(Photo.id == photo).values(age_label=130.0))
    assert run(catalog) == (0, 0, 1)
    assert set(states(catalog).values()) == {"open"}


def test_what_is_true_no_more_is_forgotten(catalog: Engine) -> None:
    with filling(catalog) as filler:
        photo, _ = old_ada(filler)
    run(catalog)
    with catalog.begin() as connection:
        connection.execute(update(Photo).where(Photo.id == photo).values(age_label=13.0))
    assert run(catalog) == (0, 1, 0)
    assert states(catalog) == {}


def test_one_finding_is_chosen_by_its_number_and_can_be_set_aside(catalog: Engine) -> None:
    with filling(catalog) as filler:
        for name in ("a", "b"):
            filler.photo(name, subject="Ada", age_label=130.0)
    run(catalog)
    with catalog.connect() as connection:
        first, second = (finding.id for finding in findings_of(connection, "impossible_age").values())
    result = decide(catalog, applied=[str(first)], ignored=[str(second)])
    assert result["done"] == {"applied": 1, "values": 1, "ignored": 1}
    assert result["checks"]["impossible_age"] == {"open": 0, "applied": 1, "reverted": 0, "ignored": 1}
    assert run(catalog) == (0, 0, 0)
    assert sorted(states(catalog).values()) == ["applied", "ignored"]


def test_a_finding_without_a_fix_stays_open(catalog: Engine) -> None:
    with filling(catalog) as filler:
        for site_id, sex in (("a", "m"), ("b", "f")):
            filler.photo(site_id, site="album", subject="Ada", raw={"sex": sex})
    run(catalog)
    assert decide(catalog, applied=["sex_flip"])["done"] == {"without_fix": 1}
    assert set(states(catalog).values()) == {"open"}


@pytest.mark.parametrize(
    ("wanted", "error", "words"),
    [
        ("impossible_ages", UnknownName, "did you mean 'impossible_age'"),
        ("impossible_age", NothingToDo, "there is no open one"),
        ("77", NothingToDo, "there is no open one"),
    ],
)
def test_what_cannot_be_applied_is_told(
    sqlite_catalog: Engine, wanted: str, error: type[Exception], words: str
) -> None:
    with pytest.raises(error, match=words):
        decide(sqlite_catalog, applied=[wanted])


def test_a_photo_that_may_show_two_people_is_nobody_s(catalog: Engine) -> None:
    with filling(catalog) as filler:
        photo = filler.photo("a", subject="Ada")
        filler.year(photo, 1949)
        link = {"photo_id": photo, "subject_id": filler.subject("Bea")}
        filler.connection.execute(insert(PhotoSubject), [link])
    born(catalog, "Ada", 1950)
    assert run(catalog) == (0, 0, 0)


def test_values_of_raw_that_are_no_text_do_no_harm(catalog: Engine) -> None:
    odd: list[dict[str, Any] | None] = [
        {"sex": 1, "picture": "first"},
        {"sex": {"a": 1}, "picture": 2, "birth_date": 1950},
        {"sex": ["m"], "race": None, "picture": 1.5},
        None,
    ]
    with filling(catalog) as filler:
        for number, raw in enumerate(odd):
            filler.photo(str(number), site="album", subject="Ada", raw=raw, age_label=20.0)
    assert run(catalog) == (1, 0, 0)
    assert next(iter(states(catalog))).startswith("sex_flip")


def test_a_taken_down_photo_takes_its_findings_along(catalog: Engine) -> None:
    with filling(catalog) as filler:
        photo, _ = old_ada(filler)
    run(catalog)
    with catalog.begin() as connection:
        connection.execute(delete(Photo).where(Photo.id == photo))
    assert states(catalog) == {}


def test_findings_are_listed_a_line_each(sqlite_catalog: Engine) -> None:
    with filling(sqlite_catalog) as filler:
        old_ada(filler)
    run(sqlite_catalog)
    (line,) = list_findings(sqlite_catalog, None, as_json=False)
    assert line == "1  impossible_age  open  Ada, photo 1: an age of 130"
    (text,) = list_findings(sqlite_catalog, ["impossible_age"], as_json=True)
    told = json.loads(text)
    assert (told["subject"], told["fix"]["changes"][0]["new"]) == ("Ada", {"age_label": None})
    assert list(list_findings(sqlite_catalog, ["sex_flip"], as_json=False)) == []


def test_the_command_prints_a_table_of_counts(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGEGAP_CATALOG", f"sqlite:///{tmp_path / 'catalog.db'}")
    monkeypatch.chdir(tmp_path)
    outcome = CliRunner().invoke(audit, ["--json"], catch_exceptions=False)
    told = json.loads(outcome.stdout)
    assert told["open"] == 0
    assert set(told["checks"]) == set(NAMES)
    assert "impossible_age" in CliRunner().invoke(audit, [], catch_exceptions=False).stdout


def rejects(path: Path, *lines: dict[str, Any] | str) -> Path:
    path.write_text("".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines))
    return path


def test_rejected_faces_are_dropped_once_and_come_back(catalog: Engine, tmp_path: Path) -> None:
    with filling(catalog) as filler:
        faces = [filler.dated_face("Ada", name, 1990, crop=noise(i)) for i, name in enumerate("abc")]
    before = all_rows(catalog)
    path = rejects(tmp_path / "r.jsonl", *({"face_id": face, "reason": "looks 60"} for face in faces[:2]))
    assert apply_rejects(catalog, path).as_dict() == {
        "lines": 2,
        "new": 2,
        "known": 0,
        "skipped": {},
        "applied": 2,
        "values": 2,
    }
    assert [face["drop_reason"] for face in all_rows(catalog)["face"]] == ["label_rejected", "label_rejected", None]
    assert apply_rejects(catalog, path).as_dict() == {"lines": 2, "new": 0, "known": 2, "skipped": {}}
    decide(catalog, reverted=["model_rejects"])
    assert all_rows(catalog) == before
    apply_rejects(catalog, path)  # what a person took back stays so
    assert all_rows(catalog) == before


def test_a_line_may_take_away_the_age_alone(catalog: Engine, tmp_path: Path) -> None:
    with filling(catalog) as filler:
        _, face = old_ada(filler)
    apply_rejects(
        catalog, rejects(tmp_path / "r.jsonl", {"face_id": face, "reason": "no", "fix": "age", "predicted": 61.2})
    )
    rows = all_rows(catalog)
    assert (rows["photo"][0]["age_label"], rows["face"][0]["age"], rows["face"][0]["status"]) == (None, None, "kept")
    with catalog.connect() as connection:
        (finding,) = findings_of(connection, "model_rejects").values()
    assert (finding.detail["line"]["predicted"], finding.face_id) == (61.2, face)


def test_lines_that_cannot_be_used_are_counted_by_reason(catalog: Engine, tmp_path: Path) -> None:
    with filling(catalog) as filler:
        face = filler.dated_face("Ada", "a", 1990, crop=noise(1))
        dropped = filler.face(filler.photo("b", subject="Ada"), subject="Ada", drop_reason="blurred")
    path = rejects(
        tmp_path / "r.jsonl",
        "{not json",
        "[1]",
        "",
        {"face_id": face},
        {"face_id": "1", "reason": "x"},
        {"face_id": True, "reason": "x"},
        {"face_id": 2**70, "reason": "x"},
        {"face_id": face, "reason": "x", "fix": "burn"},
        {"face_id": 999, "reason": "x"},
        {"face_id": dropped, "reason": "x"},
        {"face_id": face, "reason": "x", "fix": "age"},
        {"face_id": face, "reason": "x", "crop_sha256": "0" * 64},
        f'{{"face_id": {face}, "reason": "x", "predicted": NaN}}',
    )
    tally = apply_rejects(catalog, path)
    assert dict(tally.skipped) == {
        "bad_line": 7,
        "no_such_face": 1,
        "dropped_already": 1,
        "no_age": 1,
        "another_crop": 1,
    }
    assert (tally.lines, tally.new, tally.fixes.applied) == (12, 1, 1)


def test_a_dry_run_of_rejects_changes_no_face(catalog: Engine, tmp_path: Path) -> None:
    with filling(catalog) as filler:
        face = filler.dated_face("Ada", "a", 1990)
    before = all_rows(catalog)
    path = rejects(tmp_path / "r.jsonl", {"face_id": face, "reason": "x"})
    apply_rejects(catalog, path, dry_run=True)
    assert (all_rows(catalog), set(states(catalog).values())) == (before, {"open"})
    assert apply_rejects(catalog, path).fixes.applied == 1


def test_a_rejected_face_that_was_judged_anew_is_open_again(catalog: Engine, tmp_path: Path) -> None:
    with filling(catalog) as filler:
        face = filler.dated_face("Ada", "a", 1990)
    path = rejects(tmp_path / "r.jsonl", {"face_id": face, "reason": "x"})
    apply_rejects(catalog, path)
    with catalog.begin() as connection:
        connection.execute(update(Face).values(status="kept", drop_reason=None))
    assert run(catalog) == (0, 0, 1)
    assert apply_rejects(catalog, path).fixes.applied == 1


@pytest.mark.parametrize("content", [b"", b"\n\n"])
def test_an_empty_list_is_told(sqlite_catalog: Engine, content: bytes, tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_bytes(content)
    with pytest.raises(NothingToDo, match="holds no line"):
        apply_rejects(sqlite_catalog, tmp_path / "r.jsonl")


def test_a_list_that_is_no_text_is_told(sqlite_catalog: Engine, tmp_path: Path) -> None:
    (tmp_path / "r.jsonl").write_bytes(np.arange(256, dtype=np.uint8).tobytes())
    with pytest.raises(BadInputFile, match="not UTF-8"):
        apply_rejects(sqlite_catalog, tmp_path / "r.jsonl")
