"""One condition of a row over the folds: trained where it is not yet, measured, or told to be missing."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from agegap.errors import DataFailed
from agegap.files import write_text
from benchmarks.claim_rows.arms import answers_of
from benchmarks.claim_rows.measures import Answers, joined
from benchmarks.claim_rows.people import Fold
from benchmarks.claim_rows.workplace import Workplace
from benchmarks.steps import say
from train.checkpoint import load_checkpoint

FAILED = "failed.txt"


@dataclass
class Condition:
    """What one way of training gave, by fold: on FG-NET's unseen people, and on UTKFace's validation faces."""

    name: str
    unseen: dict[int, Answers] = field(default_factory=dict)
    utkface: dict[int, Answers] = field(default_factory=dict)
    # Why folds are missing: the trainer's own sentence.
    failed: dict[int, str] = field(default_factory=dict)

    def joined(self, folds: Iterable[int]) -> Answers:
        """Return the answers of some folds as one."""
        return joined([self.unseen[fold] for fold in sorted(folds)])


def over_folds(
    where: Workplace,
    name: str,
    train: Callable[[Fold], Path],
    *,
    test: Callable[[Fold], Path],
    folder: Callable[[Fold], Path],
    utkface: Path | None = None,
) -> Condition:
    """Train `name` on each fold and measure it; a run whose answers collapse is noted in its folder and left.

    `folder` is where `train` puts the run: with `where.only_finished`, only finished runs are measured.
    """
    condition = Condition(name)
    for fold in where.folds:
        run = folder(fold)
        told = run / FAILED
        if told.exists():
            condition.failed[fold.number] = told.read_text(encoding="utf-8").strip()
            continue
        if where.only_finished and not is_finished(run):
            continue
        try:
            # A report reads what another version of the program trained, too.
            run = run if where.only_finished else train(fold)
        except DataFailed as fault:
            say(str(fault))
            write_text(told, f"{fault}\n")
            condition.failed[fold.number] = str(fault)
            continue
        condition.unseen[fold.number] = answers_of(run, test(fold))
        if utkface is not None:
            condition.utkface[fold.number] = answers_of(run, utkface, split="val")
    return condition


def is_finished(run: Path) -> bool:
    """Say whether a run folder holds a finished run."""
    path = run / "checkpoint.pt"
    return path.exists() and load_checkpoint(path).is_finished
