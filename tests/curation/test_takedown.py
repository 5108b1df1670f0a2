"""What is taken down is nowhere any more, whatever the instant of a kill, and no crawl brings it back."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sqlalchemy import Engine, select

from agegap.errors import BadInputFile, WrongUse
from curation.cli import curate
from curation.pairing.sets import build_pair_set
from curation.pairing.settings import PairSettings
from curation.takedown import plan_takedown
from curation.takedown_orders import read_list
from dataset.store import open_dataset
from db.models import Face, Pair, PairSet, Subject
from db.removal import Removal
from db.tombstones import digest_of, is_buried
from db.windows import StepRows, WantedQuery, add_queries, lease_windows, store_step
from db.workers import enter_crawl
from tests.curation.filled import filling, noise
from tests.curation.taken_down import (
    NAMES,
    PAIRS_OF_ONE,
    PHOTOS,
    described,
    export,
    owner_of,
    photo_id_of,
    places_of,
    rows_of,
    run,
    sha256_of,
)


def crops_in(data: Path, folder: str) -> list[bytes]:
    return [np.asarray(crop).tobytes() for crop in open_dataset(data.parent / folder).crops]


WANTED: dict[str, tuple[Callable[[Engine], Removal], list[int]]] = {
    "photo": (lambda _: Removal("photo", photo_id_of(1, 2), "flickr"), [2]),
    "owner": (lambda _: Removal("owner", owner_of(1), "flickr"), [0, 1, 2, 3]),
    "subject": (lambda _: Removal("subject", NAMES[1]), [0, 1, 2, 3]),
    "page": (lambda _: Removal("url", f"https://www.flickr.com/photos/anything/{photo_id_of(1, 2)}"), [2]),
    "image": (lambda _: Removal("url", f"https://live.staticflickr.com/1/{photo_id_of(1, 2)}_def_b.jpg"), [2]),
    "sha256": (lambda engine: Removal("sha256", sha256_of(engine, photo_id_of(1, 2))), [2]),
}


@pytest.mark.parametrize("kind", WANTED)
def test_what_is_taken_down_is_nowhere(kind: str, world: Engine, data: Path) -> None:
    make, numbers = WANTED[kind]
    words = [word for number in numbers for word in (photo_id_of(1, number), sha256_of(world, photo_id_of(1, number)))]
    words += [owner_of(1), NAMES[1]] if len(numbers) == PHOTOS else []
    crops = [noise(10 + number) for number in numbers]
    assert all(places_of(world, data, word) for word in words)
    result = run(world, data, make(world))
    assert {word: places_of(world, data, word) for word in words if places_of(world, data, word)} in (
        # The searches for a name are asked for by the subject, not by an owner.
        {},
        {NAMES[1]: places_of(world, data, NAMES[1])} if kind == "owner" else {},
    )
    assert (result["photos"], result["faces"], result["files"]) == (len(numbers), len(numbers), 2 * len(numbers))
    assert not list(data.rglob(f"*{photo_id_of(1, numbers[0])}*"))
    for folder in ("set", "hidden"):
        left = crops_in(data, folder)
        assert len(left) == len(NAMES) * PHOTOS - len(numbers)
        assert not [crop for crop in crops if near(crop, left)]


def near(crop: Any, crops: list[bytes]) -> bool:
    """Say whether a picture is among `crops`, which went through JPEG."""
    shape = crop.shape
    return any(np.abs(np.frombuffer(o, np.uint8).reshape(shape).astype(int) - crop).mean() < 5 for o in crops)


def test_the_others_keep_all_they_have(world: Engine, data: Path) -> None:
    before = {path: path.read_bytes() for path in data.rglob("*.jpg") if NAMES[1] not in str(path)}
    run(world, data, Removal("subject", NAMES[1]))
    assert {path: path.read_bytes() for path in data.rglob("*.jpg")} == before
    assert not (data / "photos" / NAMES[1]).exists()
    with world.connect() as connection:
        assert set(connection.scalars(select(Subject.name))) == {NAMES[0], NAMES[2]}
        assert len(connection.execute(select(Pair)).all()) == 2 * PAIRS_OF_ONE


def test_a_pair_set_says_the_truth_about_the_pairs_that_are_left(world: Engine, data: Path) -> None:
    run(world, data, Removal("subject", NAMES[1]))
    left = described(world)
    build_pair_set(world, settings=PairSettings())  # the truth: the same set built from what is left
    assert left == described(world)
    assert left["pair_count"] == 2 * PAIRS_OF_ONE


def test_no_crawl_brings_back_what_was_taken_down(world: Engine, data: Path) -> None:
    run(world, data, Removal("owner", owner_of(0), "flickr"), Removal("subject", NAMES[1]))
    with world.begin() as connection:
        names = [WantedQuery(name, name.replace("_", " "), f'"{name}"') for name in NAMES]
        add_queries(connection, "flickr", names, asked_by="list")
        worker = enter_crawl(connection)
        windows = {
            window.name: window for window in lease_windows(connection, "flickr", worker, asked_by="list", limit=9)
        }
        assert set(windows) == {NAMES[0], NAMES[2]}  # nobody looks for a subject that was taken down
        photos = [{"site_id": photo_id_of(person, 0), "owner_id": owner_of(person), "raw": {}} for person in range(2)]
        photos += [{"site_id": "1", "owner_id": owner_of(0), "raw": {}}]  # a new one of a buried owner
        photos += [{"site_id": "2", "owner_id": "new", "raw": {}}]
        rows = StepRows(photos, [0, 1, 2, 3], seen=4, refused={}, total=4, query_total=4, cursor=None)
        stored = store_step(connection, windows[NAMES[2]], rows, worker_id=worker)
        assert stored is not None
        assert (stored.buried, stored.new_photos) == (3, 1)
    for word in (photo_id_of(0, 0), photo_id_of(1, 0), owner_of(0), owner_of(1), NAMES[1]):
        assert [place for place in places_of(world, data, word) if not place.endswith(("-wal", ".db"))] == []


def test_what_was_never_seen_is_buried_all_the_same(world: Engine, data: Path) -> None:
    wanted = [
        Removal("photo", "123", "flickr"),
        Removal("url", "https://commons.wikimedia.org/wiki/File:A cat (2).jpg"),
        Removal("url", "https://photos.example/p/9"),
    ]
    result = run(world, data, *wanted)
    assert result["photos"] == 0
    assert len(result["not_in_catalog"]) == 3
    with world.connect() as connection:
        assert is_buried(connection, "photo", "flickr", "123")
        assert is_buried(connection, "url", None, "https://commons.wikimedia.org/wiki/File:A_cat_(2).jpg")
        assert is_buried(connection, "url", None, "http://photos.example/p/9/")


def test_a_tombstone_holds_no_plain_word(world: Engine, data: Path) -> None:
    run(world, data, Removal("photo", "12345678", "flickr"))
    with world.connect() as connection:
        stones = [row for table, row in rows_of(world) if table == "tombstone"]
    assert not [row for row in stones if "12345678" in row]
    assert [row for row in stones if digest_of("photo", "flickr", "12345678") in row]
    connection.close()


def test_a_commons_file_is_found_by_any_of_its_addresses(world: Engine, data: Path) -> None:
    with filling(world, data) as fill:
        fill.photo("4711", site="commons", file_name="A cat.jpg", path="photos/c.jpg")
    (data / "photos" / "c.jpg").write_bytes(b"cat")
    url = "https://upload.wikimedia.org/wikipedia/commons/thumb/0/0a/A_cat.jpg/960px-A_cat.jpg"
    assert run(world, data, Removal("url", url))["photos"] == 1
    assert not (data / "photos" / "c.jpg").exists()


def test_a_file_outside_the_data_folder_is_named_and_stays(world: Engine, data: Path) -> None:
    archive = data.parent / "archive.jpg"
    archive.write_bytes(b"of a public set")
    with filling(world, data) as fill:
        fill.photo("a1", site="fgnet", path=str(archive))
        fill.photo("a2", site="fgnet", path="../archive.jpg")
    result = run(world, data, Removal("photo", "a1", "fgnet"), Removal("photo", "a2", "fgnet"))
    assert result["photos"] == 2
    assert result["files_outside_the_data_folder_left"] == ["../archive.jpg", str(archive)]
    assert archive.exists()


def test_an_export_that_was_moved_is_said_and_cleaned_in_its_new_place(world: Engine, data: Path) -> None:
    (data.parent / "set").rename(data.parent / "moved")
    result = run(world, data, Removal("subject", NAMES[1]))
    assert result["exports"][str(data.parent / "set")]["state"] == "missing"
    assert result["exports"][str(data.parent / "hidden")]["faces_removed"] == PHOTOS
    result = run(world, data, folders=[data.parent / "moved"])
    assert result["exports"][str(data.parent / "moved")]["faces_removed"] == PHOTOS


def test_left_overs_of_a_killed_write_go_with_the_file(world: Engine, data: Path) -> None:
    part = data / f"photos/{NAMES[1]}/.{photo_id_of(1, 2)}.jpg.999999-0badcafe.part"
    part.write_bytes(b"half a picture")
    other = data / f"photos/{NAMES[1]}/.{photo_id_of(1, 3)}.jpg.999999-0badcafe.part"
    other.write_bytes(b"half of another")
    run(world, data, Removal("photo", photo_id_of(1, 2), "flickr"))
    assert (part.exists(), other.exists()) == (False, True)


def test_a_dry_run_changes_nothing(world: Engine, data: Path) -> None:
    before = sorted(rows_of(world)), {path: path.read_bytes() for path in data.rglob("*.jpg")}
    plan = plan_takedown(world, [Removal("subject", NAMES[1])], data=data)
    assert (plan["photos"], plan["face_crops"], len(plan["exports_to_look_through"])) == (PHOTOS, PHOTOS, 2)
    assert before == (sorted(rows_of(world)), {path: path.read_bytes() for path in data.rglob("*.jpg")})


def test_faults_of_a_list_are_told_at_once_with_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "requests.txt"
    path.write_text("# of 2026\nphoto flickr:1\n\nphoto 2\nowner flickr:\nperson X\nsha256 abc\nurl flickr.com/p\n")
    with pytest.raises(BadInputFile) as caught:
        read_list(path)
    for words in ("line 4: '2' is not SITE:ID", "line 5", "line 6: 'person' is none of", "line 7", "line 8"):
        assert words in str(caught.value)
    path.write_text("photo flickr:1\nsubject Aaron  Eckhart\nsubject Aaron_Eckhart\nurl http://X.example/a/\n")
    assert read_list(path) == [
        Removal("photo", "1", "flickr"),
        Removal("subject", "Aaron_Eckhart"),
        Removal("url", "https://x.example/a"),
    ]


def test_the_command_takes_flags_and_a_list(
    world: Engine, data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AGEGAP_CATALOG", world.url.render_as_string(hide_password=False))
    monkeypatch.setenv("AGEGAP_DATA", str(data))
    (tmp_path / "list.txt").write_text(f"subject {NAMES[1].replace('_', ' ')}\n")
    curate.main(["takedown", "--list", "list.txt", "--photo", "flickr:770000", "--dry-run"], standalone_mode=False)
    assert "photos" in capsys.readouterr().out
    curate.main(["takedown", "--list", "list.txt", "--owner", f"flickr:{owner_of(0)}", "--json"], standalone_mode=False)
    result = json.loads(capsys.readouterr().out)
    assert result["photos"] == 2 * PHOTOS
    with pytest.raises(WrongUse, match="of what"):
        curate.main(["takedown"], standalone_mode=False)
    with pytest.raises(WrongUse, match=r"not SITE:ID.*not a sha256"):
        curate.main(["takedown", "--photo", "12", "--sha256", "12"], standalone_mode=False)


def test_an_export_written_while_a_takedown_came_does_not_bring_it_back(
    world: Engine, data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from curation.exports.crops import CropReader

    whole = CropReader.read

    def slow(self: CropReader, faces: Any) -> Any:
        yield from whole(self, faces)
        run(world, data, Removal("subject", NAMES[1]))

    monkeypatch.setattr(CropReader, "read", slow)
    export(world, data, "late")
    assert NAMES[1] not in open_dataset(data.parent / "late").faces.subject_names


def test_deleting_faces_marks_every_export_as_perhaps_outdated_until_it_is_swept(world: Engine, data: Path) -> None:
    from db.dataset_exports import recorded_exports
    from db.removal import delete_photos

    with world.begin() as connection:
        face = connection.scalar(select(Face.photo_id))
        assert face is not None
        assert delete_photos(connection, [face]).faces == 1
        assert [export.is_stale for export in recorded_exports(connection)] == [True, True]
        assert connection.scalar(select(PairSet.pair_count)) == 3 * PAIRS_OF_ONE - 3
    run(world, data)
    with world.connect() as connection:
        assert [export.is_stale for export in recorded_exports(connection)] == [False, False]
