"""`curate faces --executor ray`: the same rows as from processes, on a Ray of this machine."""

import os
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine

from agegap.errors import DataFailed, UnknownName, WrongUse
from curation.executors import make_executor
from curation.executors.on_ray import AHEAD, SHARD, RayWorkers
from curation.faces import scan_faces
from dataset.face.settings import FaceSettings
from db.session import open_catalog
from tests.curation.face_photos import add_photos, couple, face_rows, nobody, person, scan_reasons
from tests.curation.process_tasks import start_dead, start_doubling, start_failing, start_fragile

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def ray() -> Iterator[Any]:
    """A Ray of two cores, one for all tests of this file: it takes seconds to start, on a busy machine a minute."""
    ray = pytest.importorskip("ray", reason="needs the extra `ray`")
    environment = {"env_vars": {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])}}
    options: dict[str, Any] = {"num_cpus": 2, "include_dashboard": False, "log_to_driver": False}
    for is_last in (False, True):
        try:
            ray.init(**options, logging_level="ERROR", runtime_env=environment)
            break
        except Exception as fault:  # noqa: BLE001  it waits 30 s for itself, which a busy machine may need
            ray.shutdown()
            if is_last:
                pytest.skip(f"Ray does not start here: {fault}")
    yield ray
    ray.shutdown()


def crashed(number: int) -> int:
    return -number


@pytest.mark.slow
def test_results_come_in_the_order_of_the_tasks(ray: Any) -> None:
    workers = make_executor("ray", start_doubling, (5,), count=2)
    assert list(workers.map(range(300), crashed=crashed)) == [2 * n + 5 for n in range(300)]


@pytest.mark.slow
def test_tasks_are_drawn_only_a_little_ahead(ray: Any) -> None:
    drawn: list[int] = []

    def tasks() -> Iterator[int]:
        for number in range(5_000):
            drawn.append(number)
            yield number

    results = make_executor("ray", start_doubling, (0,), count=2).map(tasks(), crashed=crashed)
    next(results)
    assert len(drawn) <= 2 * AHEAD * SHARD
    results.close()  # type: ignore[attr-defined]


@pytest.mark.slow
def test_a_task_whose_worker_died_once_is_done_and_one_that_kills_is_given_up(ray: Any, tmp_path: Path) -> None:
    workers = make_executor("ray", start_fragile, (str(tmp_path),), count=2)
    assert list(workers.map(range(80), crashed=crashed)) == [-n if n == 13 else n for n in range(80)]
    assert (tmp_path / "died_7").exists()


@pytest.mark.slow
def test_workers_that_cannot_start_are_no_fault_of_the_tasks(ray: Any) -> None:
    with pytest.raises(DataFailed, match="die before they begin"):
        list(make_executor("ray", start_dead, (), count=1).map(range(3), crashed=crashed))


@pytest.mark.slow
def test_an_error_in_a_task_reaches_the_caller_as_it_was(ray: Any) -> None:
    with pytest.raises(ValueError, match="three") as caught:
        list(make_executor("ray", start_failing, (), count=1).map(range(9), crashed=crashed))
    assert type(caught.value) is ValueError


@pytest.mark.slow
def test_rows_and_crops_are_the_same_as_without_ray(ray: Any, tmp_path: Path) -> None:
    kinds: list[Callable[[int], bytes]] = [person, couple, lambda n: nobody(), lambda n: person(n)[:2000]]
    photos = {f"{n:03}": kinds[n % 4](n % 3) for n in range(12)}
    rows, crops, reasons = [], [], []
    for place in ("process", "ray"):
        engine = open_catalog(f"sqlite:///{tmp_path / place}.db")
        add_photos(engine, tmp_path / place, photos, subjects={key: [f"P_{int(key) % 3}"] for key in photos})
        workers = 0 if place == "process" else 2
        result = scan_faces(engine, data=tmp_path / place, settings=FaceSettings(), workers=workers, executor=place)
        assert result["scanned"] == len(photos)
        rows.append(face_rows(engine))
        reasons.append(scan_reasons(engine))
        folder = tmp_path / place / "faces"
        crops.append({str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*.jpg")})
        engine.dispose()
    assert rows[0] == rows[1]
    assert len(rows[0]) == 9
    assert reasons[0] == reasons[1]
    assert crops[0] == crops[1]


class Refusing:
    """Stands for a Ray that does not start `faults` times."""

    def __init__(self, faults: int) -> None:
        self.faults, self.tries = faults, 0

    def init(self, **options: Any) -> None:
        self.tries += 1
        if self.tries <= self.faults:
            raise Exception("timed out during startup.\nSee the logs.")

    def shutdown(self) -> None:
        pass


@pytest.mark.parametrize(("faults", "address", "tries"), [(1, "", 2), (2, "", 2), (1, "ray://far:10001", 1)])
def test_a_ray_that_does_not_start_is_tried_once_more_and_then_told(
    monkeypatch: pytest.MonkeyPatch, faults: int, address: str, tries: int
) -> None:
    pytest.importorskip("ray", reason="needs the extra `ray`")
    monkeypatch.setenv("RAY_ADDRESS", address)
    workers, refusing = RayWorkers(start_doubling, (0,), count=2), Refusing(faults)
    monkeypatch.setattr(workers, "_ray", refusing)
    if faults < tries:
        workers._connect()
    else:
        with pytest.raises(DataFailed, match=r"does not answer \(timed out during startup\.\); start it"):
            workers._connect()
    assert refusing.tries == tries


def test_without_ray_one_sentence_says_which_extra_brings_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(WrongUse, match=r"is not installed; run `pip install 'agegap\[ray\]'`"):
        make_executor("ray", start_doubling, (0,), count=2)


def test_an_unknown_executor_is_told_with_the_nearest(sqlite_catalog: Engine, tmp_path: Path) -> None:
    add_photos(sqlite_catalog, tmp_path, {"a": person(0)})
    with pytest.raises(UnknownName, match="did you mean 'process'"):
        scan_faces(sqlite_catalog, data=tmp_path, settings=FaceSettings(), executor="proces")
