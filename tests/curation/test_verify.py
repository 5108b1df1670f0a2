"""`curate verify` on a catalog: verdicts, proposals, what is dropped and what comes back; the net is a stand-in."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from click.testing import CliRunner
from sqlalchemy import Engine, func, select, update

from agegap.errors import NothingToDo, WrongUse
from curation.cli import curate
from curation.identity.decisions import decide, list_proposals
from curation.identity.settings import IdentitySettings
from curation.verify import undo, verify
from dataset.face.embedders.known import EMBEDDERS, load_embedder
from db.identities import kept_by_gap, save_vectors
from db.models import Face, FaceIdentity, IdentityProposal, PhotoSubject, Subject, TakenYear
from tests.curation.filled import Filler, filling
from tests.curation.people_points import Crowd

SETTINGS = IdentitySettings(embedder="stand-in", rivals=40, prior_faces=100.0)


class StandIn:
    """Knows no photo: the tests store the vectors themselves."""

    name = "stand-in"

    def embed(self, image: Any, landmarks: Any) -> Any:
        raise AssertionError("no photo is there to be looked at")


@pytest.fixture(autouse=True)
def _stand_in(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setitem(EMBEDDERS, "stand-in", lambda _: StandIn())
    load_embedder.cache_clear()
    yield
    load_embedder.cache_clear()


class Album:
    """Files invented people's photos in a catalog; remembers whose each face really is."""

    def __init__(self, filler: Filler) -> None:
        self.filler, self.whose, self.vectors = filler, dict[int, int](), dict[int, np.ndarray]()

    def add(self, name: str, person: int, *, photos: int = 8, take: int = 0) -> list[int]:
        times = np.linspace(2, 40, photos).round()
        ids = []
        for number, vector in enumerate(Crowd().photos(person, times, take=take)):
            face_id = self.filler.dated_face(name, f"{name}-{person}-{take}-{number}", 1960 + int(times[number]))
            self.whose[face_id] = person
            self.vectors[face_id] = vector.astype(np.float32)
            ids.append(face_id)
        return ids


def _fill(catalog: Engine, *extra: tuple[str, int, int, int]) -> Album:
    with filling(catalog) as filler:
        album = Album(filler)
        for person in range(12):
            album.add(f"P{person:02}", person)
            album.add(f"P{person:02}", 300 + person, photos=1)
        for name, person, photos, take in extra:
            album.add(name, person, photos=photos, take=take)
    with catalog.begin() as connection:
        save_vectors(connection, album.vectors, embedder="stand-in")
    return album


def _run(catalog: Engine, tmp_path: Path, **more: Any) -> dict[str, Any]:
    return verify(catalog, data=tmp_path, settings=SETTINGS, workers=0, **more)


def _verdicts(catalog: Engine) -> dict[int, str]:
    with catalog.connect() as connection:
        rows = connection.execute(select(FaceIdentity.face_id, FaceIdentity.verdict))
        return {row.face_id: row.verdict for row in rows}


def _dropped(catalog: Engine) -> set[int]:
    with catalog.connect() as connection:
        return set(connection.execute(select(Face.id).where(Face.drop_reason == "impostor")).scalars())


def test_strangers_are_impostors_and_nothing_is_dropped_unasked(catalog: Engine, tmp_path: Path) -> None:
    album = _fill(catalog)
    result = _run(catalog, tmp_path)
    verdicts = _verdicts(catalog)
    right = [verdicts[face] == ("impostor" if who >= 300 else "match") for face, who in album.whose.items()]
    assert np.mean(right) > 0.95
    assert result["verdicts"] == {word: list(verdicts.values()).count(word) for word in set(verdicts.values())}
    assert _dropped(catalog) == set()


def test_apply_drops_the_impostors_and_undo_keeps_them_again(catalog: Engine, tmp_path: Path) -> None:
    _fill(catalog)
    result = _run(catalog, tmp_path, apply=True)
    impostors = {face for face, verdict in _verdicts(catalog).items() if verdict == "impostor"}
    assert _dropped(catalog) == impostors and result["dropped"] == len(impostors) > 0
    again = _run(catalog, tmp_path, apply=True)
    assert (again["dropped"], again["kept_again"]) == (0, 0)
    assert undo(catalog) == {"kept_again": len(impostors)}
    assert _dropped(catalog) == set()


def test_a_second_run_with_milder_settings_keeps_again_what_it_clears(catalog: Engine, tmp_path: Path) -> None:
    _fill(catalog)
    _run(catalog, tmp_path, apply=True)
    before = _dropped(catalog)
    mild = IdentitySettings(embedder="stand-in", rivals=40, prior_faces=100.0, min_score=-50.0)
    result = verify(catalog, data=tmp_path, settings=mild, workers=0, apply=True)
    assert result["kept_again"] == len(before) and _dropped(catalog) == set()


def test_subjects_with_one_and_two_photos_are_left_alone(catalog: Engine, tmp_path: Path) -> None:
    album = _fill(catalog, ("Lone", 40, 1, 0), ("Two", 41, 2, 0))
    _run(catalog, tmp_path)
    verdicts = _verdicts(catalog)
    assert [verdicts[face] for face, who in album.whose.items() if who in (40, 41)] == ["alone", "unsure", "unsure"]


def test_two_people_of_one_name_are_proposed_and_split_on_request(catalog: Engine, tmp_path: Path) -> None:
    album = _fill(catalog, ("P03", 90, 5, 0))
    _run(catalog, tmp_path)
    (number,) = list_proposals(catalog)["open_proposals"]
    with catalog.connect() as connection:
        row = connection.execute(select(IdentityProposal)).one()
    assert row.kind == "split" and {album.whose[face] for face in row.face_ids} == {90}
    decide(catalog, accept=[int(number)], refuse=[])
    with catalog.connect() as connection:
        new = connection.execute(select(Subject.id).where(Subject.name == "P03~2")).scalar_one()
        moved = set(connection.execute(select(Face.id).where(Face.subject_id == new)).scalars())
        photos = connection.execute(select(func.count()).where(PhotoSubject.subject_id == new)).scalar_one()
    assert moved == set(row.face_ids) and photos == len(moved)
    assert _run(catalog, tmp_path)["open_proposals"] == 0


def test_one_person_under_two_names_is_proposed_and_merged_on_request(catalog: Engine, tmp_path: Path) -> None:
    _fill(catalog, ("Pen_Name", 5, 8, 1))
    _run(catalog, tmp_path)
    (line,) = list_proposals(catalog)["open_proposals"].values()
    assert line.startswith("merge Pen_Name into P05")
    (number,) = list_proposals(catalog)["open_proposals"]
    decide(catalog, accept=[int(number)], refuse=[])
    with catalog.connect() as connection:
        rows = connection.execute(
            select(Subject.name, func.count()).join(Face, Face.subject_id == Subject.id).group_by(Subject.name)
        )
        counts = {row[0]: row[1] for row in rows}
    assert counts["P05"] == 17 and "Pen_Name" not in counts


def test_a_refused_proposal_is_not_made_again(catalog: Engine, tmp_path: Path) -> None:
    _fill(catalog, ("Pen_Name", 5, 8, 1))
    _run(catalog, tmp_path)
    (number,) = list_proposals(catalog)["open_proposals"]
    decide(catalog, accept=[], refuse=[int(number)])
    assert _run(catalog, tmp_path)["open_proposals"] == 0
    with pytest.raises(WrongUse, match="no open proposal"):
        decide(catalog, accept=[int(number)], refuse=[])


def test_the_share_kept_by_the_years_between_counts_all_pairs(catalog: Engine, tmp_path: Path) -> None:
    _fill(catalog)
    _run(catalog, tmp_path)
    with catalog.connect() as connection:
        found = kept_by_gap(connection, edges=(0, 10, 50))
        rows = connection.execute(
            select(Face.id, Face.subject_id, FaceIdentity.verdict).join(FaceIdentity, FaceIdentity.face_id == Face.id)
        ).all()
        years = {row.id: year for row, year in zip(rows, _years(connection, [row.id for row in rows]), strict=True)}
    pairs = [(a, b) for a in rows for b in rows if a.id < b.id and a.subject_id == b.subject_id]
    for (low, high), (count, kept) in zip(((0, 10), (10, 50)), found, strict=True):
        of_gap = [(a, b) for a, b in pairs if low <= abs(years[a.id] - years[b.id]) < high]
        assert count == len(of_gap)
        assert kept == sum("impostor" not in (a.verdict, b.verdict) for a, b in of_gap)


def _years(connection: Any, face_ids: list[int]) -> list[int]:
    statement = select(Face.id, TakenYear.year).join(TakenYear, TakenYear.photo_id == Face.photo_id)
    found = {row.id: row.year for row in connection.execute(statement)}
    return [found[face_id] for face_id in face_ids]


def test_verdicts_of_faces_that_moved_are_forgotten(catalog: Engine, tmp_path: Path) -> None:
    album = _fill(catalog)
    _run(catalog, tmp_path)
    face = next(face for face, who in album.whose.items() if who == 2)
    with catalog.begin() as connection:
        connection.execute(update(Face).where(Face.id == face).values(subject_id=None))
    _run(catalog, tmp_path)
    assert face not in _verdicts(catalog)


def test_a_catalog_of_three_people_is_not_judged_and_says_so(catalog: Engine, tmp_path: Path) -> None:
    with filling(catalog) as filler:
        album = Album(filler)
        for person in range(3):
            album.add(f"P{person}", person)
    with catalog.begin() as connection:
        save_vectors(connection, album.vectors, embedder="stand-in")
    result = _run(catalog, tmp_path)
    assert "too few" in result["note"] and set(result["verdicts"]) == {"unsure"}


def test_a_catalog_without_faces_says_what_to_do(catalog: Engine, tmp_path: Path) -> None:
    with pytest.raises(NothingToDo, match="curate faces"):
        _run(catalog, tmp_path)


def test_the_command_answers_in_json_and_takes_one_thing_at_a_time(
    catalog: Engine, catalog_url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _fill(catalog)
    monkeypatch.setenv("AGEGAP_CATALOG", catalog_url)
    monkeypatch.setenv("AGEGAP_DATA", str(tmp_path))
    monkeypatch.setenv("AGEGAP_CURATE_VERIFY_RIVALS", "40")
    done = CliRunner().invoke(curate, ["verify", "--embedder", "stand-in", "--workers", "0", "--json"])
    assert json.loads(done.stdout.strip().splitlines()[-1])["subjects"] == 12
    wrong = CliRunner().invoke(curate, ["verify", "--apply", "--undo"])
    assert isinstance(wrong.exception, WrongUse)
