"""Small dataset folders and one small trained system, shared by the trainer's tests."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
import torch
from PIL import Image

from crawler.photosite.drawn import draw_photo
from dataset.face.find import find_faces, main_face
from dataset.splits import Split
from tests.train.drawn import write_labelled, write_pairs
from tests.train.small import small_recipe
from train.stages.system import run_system


@pytest.fixture(autouse=True, scope="session")
def _one_thread() -> Iterator[None]:
    """Small nets lose more in waiting for a second thread than they win, and test processes run side by side."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@dataclass(frozen=True)
class Drawn:
    """Folders of drawn crops."""

    labelled: Path
    pairs: Path
    test: Path


@pytest.fixture(scope="session")
def drawn(tmp_path_factory: pytest.TempPathFactory) -> Drawn:
    """Sixty labelled crops, ten people with their pairs and hidden ages, twenty labelled crops to test on."""
    folder = tmp_path_factory.mktemp("drawn")
    return Drawn(
        labelled=write_labelled(folder / "labelled"),
        pairs=write_pairs(folder / "pairs"),
        test=write_labelled(folder / "test", count=20, seed=5, splits=lambda _row: Split.TEST),
    )


@dataclass(frozen=True)
class TrainedSystem:
    """A finished `train run` and the table it printed."""

    run: Path
    table: dict[str, Any]


@pytest.fixture(scope="session")
def system(drawn: Drawn, tmp_path_factory: pytest.TempPathFactory) -> TrainedSystem:
    """A small system, trained once for all tests; they must not change its folder."""
    run = tmp_path_factory.mktemp("system") / "run"
    table = run_system(run, recipe=small_recipe(), labelled=[drawn.labelled], pairs=drawn.pairs, test=drawn.test)
    return TrainedSystem(run, table)


@pytest.fixture(scope="session")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A drawn photo in which the detector sees a face."""
    for seed in range(20):
        pixels = draw_photo(seed, 35.0, seed)
        if main_face(find_faces(pixels)) is not None:
            path = tmp_path_factory.mktemp("photo") / "person.png"
            Image.fromarray(pixels).save(path)
            return path
    pytest.fail("of twenty drawn people the detector sees none")
