"""The benchmark's folder: both sets cut to faces by the product's own commands, then the folds."""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path

from agegap.files import write_text
from benchmarks.claim_rows.people import Fold, make_folds
from benchmarks.claim_rows.views import subject_of
from benchmarks.steps import Workbench
from dataset.store import Dataset, is_dataset, open_dataset

SETTINGS = """\
# UTKFace's aligned chips end close around the face: this template ends where they do, so that both sets are cut alike.
[curate.faces]
template = "close"
"""


@dataclass(frozen=True)
class Workplace:
    """Where everything of one run of the benchmark lies."""

    out: Path
    # The folds that are computed, of the five.
    chosen: tuple[int, ...] = (0, 1, 2, 3, 4)
    # Steps of every training are divided by this: 1 to measure, more to look whether all works.
    hurry: int = 1
    # Train nothing: measure what is finished.
    only_finished: bool = False
    # A run folder that was pre-trained on UTKFace; None = one is trained here.
    pretrained: Path | None = None
    # What `--set` says, table to key to value: over the settings of row `tuning` and of `transfer`'s pairs, and over
    # those of the net that is pre-trained on UTKFace.
    typed: Mapping[str, Mapping[str, str]] = field(default_factory=dict)

    @property
    def utkface(self) -> Path:
        """Dataset folder of UTKFace: train and val."""
        return self.out / "sets" / "utkface"

    @property
    def fgnet(self) -> Path:
        """Dataset folder of all of FG-NET; training never opens it, its folds are cut from it."""
        return self.out / "sets" / "fgnet"

    @cached_property
    def master(self) -> Dataset:
        """The open dataset of all of FG-NET."""
        return open_dataset(self.fgnet)

    @cached_property
    def all_folds(self) -> tuple[Fold, ...]:
        """All five folds."""
        faces = self.master.faces
        return make_folds(Counter(subject_of(faces, row) for row in range(len(faces))))

    @property
    def folds(self) -> Iterable[Fold]:
        """The folds that are computed."""
        return [fold for fold in self.all_folds if fold.number in self.chosen]

    def of_fold(self, fold: Fold, name: str) -> Path:
        """Return the dataset folder `name` of a fold."""
        return self.out / "sets" / f"fold{fold.number}" / name

    def run(self, *names: str) -> Path:
        """Return a run folder."""
        return self.out.joinpath("runs", *names)

    def of_condition(self, row: str, condition: str, fold: Fold) -> Path:
        """Return the run folder of a condition of a row on a fold."""
        return self.run(row, slug(condition), f"fold{fold.number}")


def slug(name: str) -> str:
    """Return a condition's name as a folder's."""
    return name.replace(",", "").replace(" ", "-").replace("%", "percent")


def make_sets(place: Workplace, *, fgnet: Path, utkface: Path) -> None:
    """Import both sets, find the faces and export them; what is there already stays."""
    if is_dataset(place.fgnet) and is_dataset(place.utkface):
        return
    bench = Workbench(place.out)
    write_text(place.out / "agegap.toml", SETTINGS)
    bench.run("import", "curate", "import", "utkface", utkface.resolve(), "--json")
    bench.run("import", "curate", "import", "fgnet", fgnet.resolve(), "--json")
    bench.run("faces", "curate", "faces", "--json")
    # UTKFace holds some pictures twice; copies of what is in val are left out of train.
    utk = ("--site", "utkface", "--no-pairs", "--split", "train=92,val=8,test=0", "--leaks", "drop", "--json")
    bench.run("export", "curate", "export", place.utkface, *utk)
    bench.run(
        "export", "curate", "export", place.fgnet, "--site", "fgnet", "--no-pairs", "--split", "all=train", "--json"
    )
