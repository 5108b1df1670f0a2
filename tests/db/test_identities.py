"""Moving faces between subjects, and what counts as a face to be judged."""

import numpy as np
from sqlalchemy import Engine, insert, select

from db.identities import count_to_embed, faces_to_embed, read_subjects, save_vectors, subjects_with_faces
from db.identity_proposals import add_namesake, move_faces, replace_open_proposals, set_proposal_state
from db.models import Face, IdentityProposal, PhotoSubject, Subject
from tests.curation.filled import filling


def _vector(number: int) -> np.ndarray:
    return np.asarray(np.eye(8)[number], np.float32)


def test_a_face_is_embedded_once_for_each_embedder(catalog: Engine) -> None:
    with filling(catalog) as filler:
        photo = filler.photo("1", subject="Ann", path="photos/1.jpg")
        face = filler.face(photo, subject="Ann")
        filler.face(photo, subject="Ann", drop_reason="blurred")
        held = filler.face(photo, subject="Ann", drop_reason="impostor")
        filler.face(filler.photo("2"), subject=None)
    with catalog.begin() as connection:
        assert [found.face_id for found in faces_to_embed(connection, embedder="a", after_id=0, limit=9)] == [
            face,
            held,
        ]
        save_vectors(connection, {face: _vector(0), 999: _vector(1)}, embedder="a")
        assert (count_to_embed(connection, embedder="a"), count_to_embed(connection, embedder="b")) == (1, 2)
        assert subjects_with_faces(connection, embedder="a") == [(filler.subjects["Ann"], 1)]


def test_another_face_is_embedded_on_request_where_the_photo_was_found_under_one_name(catalog: Engine) -> None:
    with filling(catalog) as filler:
        photo = filler.photo("1", subject="Ann", path="photos/1.jpg")
        main = filler.face(photo, subject="Ann")
        other = filler.face(photo, drop_reason="other_face")
        filler.face(photo, drop_reason="low_score")
        filler.face(filler.photo("2", path="photos/2.jpg"), drop_reason="other_face")
        of_two = filler.photo("3", subject="Ann", path="photos/3.jpg")
        link = {"photo_id": of_two, "subject_id": filler.subject("Bea")}
        filler.connection.execute(insert(PhotoSubject), [link])
        filler.face(of_two, drop_reason="other_face")
    with catalog.begin() as connection:
        found = faces_to_embed(connection, embedder="a", after_id=0, limit=9, with_others=True)
        assert [face.face_id for face in found] == [main, other]
        assert count_to_embed(connection, embedder="a", with_others=True) == 2
        assert count_to_embed(connection, embedder="a") == 1


def test_vectors_and_times_come_back_as_they_were(catalog: Engine) -> None:
    with filling(catalog) as filler:
        dated = filler.dated_face("Ann", "1", 1990)
        undated = filler.face(filler.photo("2", subject="Ann"), subject="Ann", age=40.0)
        aged = filler.face(filler.photo("3", subject="Bea", age_label=7.0), subject="Bea")
    with catalog.begin() as connection:
        save_vectors(connection, {dated: _vector(0), undated: _vector(1), aged: _vector(2)}, embedder="a")
        ann, bea = read_subjects(connection, [filler.subjects[name] for name in ("Ann", "Bea")], embedder="a")
    assert ann.face_id.tolist() == [dated, undated] and ann.vectors.tolist() == np.eye(8)[:2].tolist()
    assert ann.time[0] == 1990 and np.isnan(ann.time[1]), "an age is no year"
    assert bea.time.tolist() == [7.0]


def test_moved_faces_take_their_photos_with_them_but_not_those_of_others(catalog: Engine) -> None:
    with filling(catalog) as filler:
        alone, shared = filler.photo("1", subject="Ann"), filler.photo("2", subject="Ann")
        goes = [filler.face(alone, subject="Ann"), filler.face(shared, subject="Ann")]
        stays = filler.face(shared, subject="Ann")
        ann, bea = filler.subject("Ann"), filler.subject("Bea")
    with catalog.begin() as connection:
        assert move_faces(connection, goes, subject_id=ann, to=bea) == 2
        links = {tuple(row) for row in connection.execute(select(PhotoSubject.photo_id, PhotoSubject.subject_id))}
        of_bea = set(connection.execute(select(Face.id).where(Face.subject_id == bea)).scalars())
    assert links == {(alone, bea), (shared, ann), (shared, bea)}
    assert of_bea == set(goes) and stays not in of_bea


def test_a_namesake_gets_the_next_free_number(catalog: Engine) -> None:
    with filling(catalog) as filler:
        ann = filler.subject("Ann")
        filler.subject("Ann~2")
    with catalog.begin() as connection:
        new, name = add_namesake(connection, ann)
        assert name == "Ann~3"
        assert connection.execute(select(Subject.display_name).where(Subject.id == new)).scalar_one() == "Ann (3)"


def test_what_was_decided_is_not_proposed_again(catalog: Engine) -> None:
    with filling(catalog) as filler:
        ann, bea = filler.subject("Ann"), filler.subject("Bea")
    split = {"kind": "split", "subject_id": ann, "other_subject_id": None, "face_ids": [4, 3], "score": 0.1}
    merge = {"kind": "merge", "subject_id": ann, "other_subject_id": bea, "face_ids": [], "score": 0.9}
    with catalog.begin() as connection:
        assert replace_open_proposals(connection, [split, merge]) == 2
        ids = list(connection.execute(select(IdentityProposal.id).order_by(IdentityProposal.id)).scalars())
        set_proposal_state(connection, ids[0], "refused")
        turned = {**merge, "subject_id": bea, "other_subject_id": ann}
        assert replace_open_proposals(connection, [{**split, "face_ids": [3, 4]}, turned]) == 1
        assert replace_open_proposals(connection, []) == 0
