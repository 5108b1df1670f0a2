"""One training of the benchmark, and what its net says of faces it has never seen; kept in the run folder."""

import json
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from unittest import mock

import numpy as np

from agegap.files import write_json
from benchmarks.claim_rows.measures import Answers
from benchmarks.claim_rows.workplace import Workplace
from benchmarks.steps import say
from dataset.store import open_dataset
from train.checkpoint import load_checkpoint, weights_sha256
from train.data import labelled_faces
from train.devices import choose_machine, place, repeatable
from train.evaluation.calibration import said_ages
from train.evaluation.evaluate import open_net
from train.inference import distributions
from train.presets import load_recipe
from train.stages.finetune import finetune
from train.stages.finetuning import Finetuning
from train.stages.pretrain import pretrain

PRESET = "age-timelines"
STAGE = "train.stages.finetune.Finetuning"
"""What `finetune` makes its stage of; an ablation puts its own in the place."""

LEAST_STEPS = 2
Typed = Mapping[str, Any]


def learn_ages(
    where: Workplace,
    out: Path,
    *,
    labelled: Path,
    steps: int | None = None,
    settings: Typed | None = None,
    augment: Typed | None = None,
    net: Typed | None = None,
) -> Path:
    """Pre-train a fresh net on a dataset folder, for the preset's epochs or for `steps`; return the run folder."""
    typed = dict(settings or {})
    if steps is not None or where.hurry > 1:
        faces = open_dataset(labelled).faces
        count = int(((faces.split == 0) & np.isfinite(faces.age)).sum())
        base = load_recipe(PRESET, typed={"pretrain": typed}).pretrain
        a_step = min(base.batch_size, count)
        wanted = steps if steps is not None else round(base.epochs * count / a_step)
        typed["epochs"] = max(LEAST_STEPS, wanted // where.hurry) * a_step / count
    say(f"pre-train {out.relative_to(where.out)}")
    recipe = load_recipe(PRESET, typed={"pretrain": typed, "augment": augment or {}, "net": net or {}})
    return pretrain([labelled], out, recipe=recipe).run


def learn_pairs(
    where: Workplace,
    out: Path,
    *,
    start: Path,
    pairs: Path,
    labelled: Sequence[Path],
    settings: Typed,
    stage: type[Finetuning] | None = None,
    augment: Typed | None = None,
) -> Path:
    """Fine-tune `start`, by a stage of another kind if one is given; return the run folder."""
    net = load_checkpoint(start / "checkpoint.pt").net
    typed = dict(settings)
    typed["steps"] = max(LEAST_STEPS, int(typed["steps"]) // where.hurry)
    recipe = load_recipe(PRESET, typed={"finetune": typed, "augment": augment or {}}, net=net)
    say(f"fine-tune {out.relative_to(where.out)}")
    with ExitStack() as stack:
        if stage is not None:
            stack.enter_context(mock.patch(STAGE, stage))
        return finetune(start, out, pairs=pairs, labelled=list(labelled), recipe=recipe).run


def answers_of(run: Path, test: Path, *, split: str = "test") -> Answers:
    """Return what the net of a finished run says of the faces with an age of one split; kept beside the net."""
    dataset = open_dataset(test)
    kept = run / f"said-{dataset.manifest_sha256[:12]}-{split}.json"
    trained = open_net(run)
    weights = weights_sha256(trained.checkpoint.answer)
    if kept.exists():
        content = json.loads(kept.read_text(encoding="utf-8"))
        if content.pop("weights_sha256") == weights:
            return Answers(**{name: np.array(values) for name, values in content.items()})
    faces = labelled_faces([dataset], split, input_size=trained.checkpoint.net.input_size)
    machine = choose_machine(trained.checkpoint.net.precision)
    with repeatable():
        shares = distributions(place(trained.net, machine), faces.crops, machine=machine)
    said = said_ages(shares, scale=trained.checkpoint.interval_scale)
    index = dataset.faces
    chosen = np.isfinite(index.age) & (index.split == {"train": 0, "val": 1, "test": 2}[split])
    rows = np.flatnonzero(chosen).tolist()
    # A face without a subject is a person of its own.
    names = [index.subject_names[index.subject[row]] if index.subject[row] >= 0 else f"face {row}" for row in rows]
    content = {
        "subject": names,
        "true": faces.ages.astype(float).tolist(),
        "said": said.age.tolist(),
        "median": said.median.tolist(),
        "low": said.low.tolist(),
        "high": said.high.tolist(),
    }
    write_json(kept, {"weights_sha256": weights, **content})
    return Answers(**{name: np.array(values) for name, values in content.items()})
