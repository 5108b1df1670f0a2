"""What the benchmarks of curation plant is what they say they plant."""

import numpy as np

from benchmarks.curation_duplicates import plant
from benchmarks.curation_identity import inject
from tests.curation.people_points import Crowd


def test_planted_copies_are_within_the_bits_and_no_row_is_in_two() -> None:
    hashes, rows = plant(5_000, 3, seed=1)
    bits = np.bitwise_count(hashes[rows[:, 0]] ^ hashes[rows[:, 1]])
    assert set(bits.tolist()) == {0, 1, 2, 3}
    assert len(np.unique(rows)) == rows.size == 100


def test_injected_faces_are_other_peoples_and_make_the_share_they_should() -> None:
    people = [Crowd().folder(number, photos=12)[0] for number in range(30)]
    own = {int(face): person.subject_id for person in people for face in person.face_id}
    folders, truths = inject(people, 0.4, seed=3)
    for folder, truth in zip(folders, truths, strict=True):
        assert [own[int(face)] == folder.subject_id for face in folder.face_id] == truth.tolist()
        assert len(set(folder.face_id.tolist())) == len(folder)
    assert abs(1 - np.concatenate(truths).mean() - 0.4) < 0.03
