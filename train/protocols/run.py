"""`train protocol`, as a function: train and measure each fold, then say mean and spread.

OUT/folds/NNN-NAME/  the run folder of a fold below `run`, with its evaluation; fold.json when the fold is done
OUT/data/NNN-NAME/   the fold as a dataset folder, only while it is worked on
OUT/protocol.json    what was asked, what each fold gave, and the whole
"""

import json
import re
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from agegap.errors import BadInputFile, WrongUse
from agegap.files import write_json
from dataset.store import Dataset, open_dataset
from train.presets import Recipe
from train.protocols.details import Details, read_details, read_list
from train.protocols.fold_folder import write_fold
from train.protocols.folds import Fold, Protocol, leaked_people
from train.protocols.known import find_protocol
from train.protocols.totals import RUN, totals

RESULT, DONE = "protocol.json", "fold.json"

LearnFrom = Literal["ages", "pairs"]

_SAME_PHOTOS = {"clap2016": "appa-real"}  # a protocol, and the site whose photos are the very same


@dataclass(frozen=True)
class ProtocolOrder:
    """What is asked: a protocol on a dataset folder."""

    name: str
    dataset: Path
    learn_from: LearnFrom = "ages"
    start: Path | None = None
    """A run whose weights each fold begins with; needed to learn from pairs."""
    labelled: tuple[Path, ...] = ()
    """Other folders with ages: more to learn from, or the replay beside pairs."""
    set_copy: Path | None = None
    """The original set, for what a dataset folder does not keep."""
    list_file: Path | None = None
    seed: int = 0
    only: tuple[int, ...] = ()
    """Numbers of the folds to do now; none = all."""


def plan(order: ProtocolOrder) -> tuple[Protocol, Dataset, list[Fold]]:
    """Return the protocol, the open dataset and its folds; raise WrongUse or BadInputFile for what is missing."""
    protocol = find_protocol(order.name)
    dataset = open_dataset(order.dataset)
    details: Details = {}
    if order.list_file:
        details = read_list(order.list_file)
    elif protocol.kind:
        if order.set_copy is None:
            raise WrongUse(f"{order.name} needs the set itself: name your copy of {protocol.kind} with --set-copy")
        details = read_details(protocol.kind, order.set_copy)
    _check_same_photos(order)
    return protocol, dataset, list(protocol.folds(dataset.faces, details, order.seed))


def described(order: ProtocolOrder) -> dict[str, Any]:
    """Return the folds in numbers, without training: faces of each part and people who leak."""
    protocol, dataset, folds = plan(order)
    leaks = [leaked_people(dataset.faces, fold) for fold in folds]
    shown = {
        f"fold {fold.name}": f"train {len(fold.train)}, val {len(fold.val)}, test {len(fold.test)}"
        + (f", {leak} people of the test also train" if leak else "")
        for fold, leak in zip(folds, leaks, strict=True)
    }
    return {"protocol": order.name, "about": protocol.about, "folds": len(folds), **_warning(leaks), **shown}


def run_protocol(order: ProtocolOrder, out: Path, *, recipe: Recipe) -> dict[str, Any]:
    """Do the folds that are not done, and return the content of protocol.json.

    Goes on after a kill, in the fold and step where it was. Raises WrongUse where `out` holds another order.
    """
    protocol, dataset, folds = plan(order)
    if order.learn_from == "pairs" and order.start is None:
        raise WrongUse("learning from pairs goes on from a trained net: name its run with --from")
    if recipe.members:
        raise WrongUse(
            f"a protocol trains one net a fold, and preset {recipe.preset} has several; choose one of its nets"
        )
    if recipe.geometric is not None and order.start is not None:
        raise WrongUse("hand-made features go on from no run: leave out --from")
    if unknown := [number for number in order.only if not 0 <= number < len(folds)]:
        raise WrongUse(f"{order.name} has no fold {unknown[0]}; they are 0 to {len(folds) - 1}")
    asked = _asked(order, dataset, recipe)
    _check_asked(out, asked)
    write_json(out / RESULT, {**_read(out / RESULT), "asked": asked, "about": protocol.about})
    for number, fold in enumerate(folds):
        if not order.only or number in order.only:
            _do_fold(order, dataset, fold, out, number=number, recipe=recipe)
    done = [place for number, fold in enumerate(folds) if (place := _place(out, number, fold) / DONE).is_file()]
    leaks = [leaked_people(dataset.faces, fold) for fold in folds]
    content = {
        "asked": asked,
        "about": protocol.about,
        "folds": len(folds),
        "folds_done": len(done),
        **_warning(leaks),
        **totals([place.parent for place in done], dataset),
    }
    write_json(out / RESULT, content)
    return content


def _do_fold(order: ProtocolOrder, dataset: Dataset, fold: Fold, out: Path, *, number: int, recipe: Recipe) -> None:
    from train.evaluation.evaluate import evaluate
    from train.geometric.fit import fit_geometric
    from train.stages.finetune import finetune
    from train.stages.pretrain import pretrain

    place = _place(out, number, fold)
    data = out / "data" / place.name
    if not (place / DONE).is_file():
        from_pairs = order.learn_from == "pairs"
        write_fold(dataset, fold, data, protocol=order.name, hide_ages=from_pairs)
        if from_pairs and order.start is not None:
            run = finetune(order.start, place / RUN, pairs=data, labelled=order.labelled, recipe=recipe).run
        elif recipe.geometric is not None:
            run = fit_geometric([data, *order.labelled], place / RUN, settings=recipe.geometric).run
        else:
            run = pretrain([data, *order.labelled], place / RUN, recipe=recipe, start=order.start).run
        measured = evaluate(run, data)
        write_json(place / DONE, {"fold": fold.name, "mae": measured["mae"], "cs5": measured["cs5"]})
    # Also what a kill left between the result and this line: a takedown does not know of the link.
    shutil.rmtree(data, ignore_errors=True)
    if data.parent.is_dir() and not any(data.parent.iterdir()):
        data.parent.rmdir()


def _place(out: Path, number: int, fold: Fold) -> Path:
    name = re.sub(r"[^A-Za-z0-9._-]+", "_", fold.name)[:60]
    return out / "folds" / f"{number:03d}-{name}"


def _asked(order: ProtocolOrder, dataset: Dataset, recipe: Recipe) -> dict[str, Any]:
    settings = {name: asdict(getattr(recipe, name)) for name in ("net", "augment", "pretrain", "finetune")}
    if recipe.geometric is not None:
        settings = {"geometric": asdict(recipe.geometric)}
    return dict(
        json.loads(
            json.dumps(
                {
                    "protocol": order.name,
                    "manifest_sha256": dataset.manifest_sha256,
                    "learn_from": order.learn_from,
                    "seed": order.seed,
                    "preset": recipe.preset,
                    **settings,
                }
            )
        )
    )


def _check_asked(out: Path, asked: Mapping[str, Any]) -> None:
    if out.exists() and not out.is_dir():
        raise WrongUse(f"{out} is a file; give a folder to write to")
    earlier = _read(out / RESULT).get("asked")
    if earlier is None and out.is_dir() and any(out.iterdir()):
        raise WrongUse(f"{out} is not empty and holds no protocol; give another folder")
    for key, value in asked.items():
        if earlier is not None and earlier.get(key) != value:
            raise WrongUse(f"{out} holds a protocol with another {key}; ask for the same, or give another folder")


def _check_same_photos(order: ProtocolOrder) -> None:
    same = _SAME_PHOTOS.get(order.name)
    for folder in order.labelled:
        if same and same in open_dataset(folder).faces.site:
            raise WrongUse(f"{folder} holds {same}, whose photos are those that {order.name} tests on; leave it out")


def _warning(leaks: Sequence[int]) -> dict[str, str]:
    if not any(leaks):
        return {}
    words = f"people of the test also train (up to {max(leaks)} in a fold): the error on strangers is larger than this"
    return {"warning": words}


def _read(path: Path) -> dict[str, Any]:
    if not path.is_file():
        return {}
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        raise BadInputFile(path, "cannot be read", "delete it, or give another --out") from None
