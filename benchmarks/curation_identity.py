"""How many impostors `curate verify` leaves in FG-NET folders, and whether it keeps children and the old.

    python -m benchmarks.curation_identity --fgnet ../shared/data/fgnet --lfw ../shared/data/lfw/photos --folder ids

The commands import the photos, find the faces and embed them; what follows is done on their vectors. Into each person's
folder photos of other people are put until they are 10, 20 or 40 % of it, with their own ages. Numbers of the settings
were chosen on the people called `tune`; those called `check` were looked at a few times (--split is the seed).

`left`: impostors among the faces that are kept, in percent, at the threshold that keeps 95 % of the genuine faces;
`default`: the same with the settings as they come, and the recall they give. Recall by K: the share of the genuine
pairs K years apart of which both are kept, when 95 % of the faces are. `one centre` is the cosine to a folder's mean.
"""

import json
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import click
import numpy as np

from benchmarks.steps import Workbench, click_help, say

RATES = (0.1, 0.2, 0.4)
GAPS = (0, 5, 10, 15, 20, 30, 41)
RECALL = 0.95


@click.command(help=click_help(__doc__))
@click.option("--fgnet", type=click.Path(exists=True, path_type=Path), required=True)
@click.option("--lfw", type=click.Path(exists=True, path_type=Path), help="Folder with a sub-folder a person.")
@click.option("--folder", type=click.Path(path_type=Path), required=True, help="Kept: a second run embeds nothing.")
@click.option("--seeds", default=5, show_default=True, help="Injections.")
@click.option("--split", default=7, show_default=True, help="Which half of the people is `tune`.")
@click.option("--embedder", default="dlib", show_default=True)
def main(fgnet: Path, lfw: Path | None, folder: Path, seeds: int, split: int, embedder: str) -> None:
    """Print the tables, then one line of JSON."""
    folder.mkdir(parents=True, exist_ok=True)
    bench = Workbench(folder)
    bench.run("import", "curate", "import", "fgnet", fgnet.resolve(), "--json")
    if lfw is not None:
        bench.run("import", "curate", "import", "folder", lfw.resolve(), "--name", "lfw", "--json")
    bench.run("faces", "curate", "faces", "--json")
    verified = bench.run("verify", "curate", "verify", "--embedder", embedder, "--json")
    people, others = _read(bench, str(verified["embedder"]))
    names = np.random.default_rng(split).permutation(len(people))
    is_tune = np.isin(np.arange(len(people)), names[: len(people) // 2])
    result: dict[str, Any] = {"embedder": verified["embedder"], "people": len(people), "impostors": {}}
    for rate in RATES:
        result["impostors"][f"{rate:.0%}"] = rows = _injected(people, is_tune, rate, seeds)
        for half, row in rows.items():
            say(f"{rate:.0%} {half}: {json.dumps(row)}")
    if others:
        result["lfw"] = _same_or_different(others)
    print(json.dumps(result))


def _read(bench: Workbench, embedder: str) -> tuple[list[Any], list[Any]]:
    """Return the folders of FG-NET and of LFW as they were embedded."""
    from sqlalchemy import select

    from curation.identity.reading import as_folder
    from db.identities import read_subjects
    from db.models import Subject
    from db.session import open_catalog

    engine = open_catalog(bench.catalog_url)
    with engine.connect() as connection:
        names = {row.id: row.name for row in connection.execute(select(Subject.id, Subject.name))}
        folders = [as_folder(faces) for faces in read_subjects(connection, sorted(names), embedder=embedder)]
    engine.dispose()
    fgnet = [folder for folder in folders if names[folder.subject_id].startswith("fgnet/")]
    return fgnet, [folder for folder in folders if not names[folder.subject_id].startswith("fgnet/")]


def _injected(people: list[Any], is_tune: np.ndarray, rate: float, seeds: int) -> dict[str, dict[str, Any]]:
    from curation.identity.learn import learn
    from curation.identity.settings import IdentitySettings

    settings = IdentitySettings()
    runs: dict[str, list[dict[str, Any]]] = {"tune": [], "check": [], "check, one centre": []}
    for seed in range(seeds):
        folders, truths = inject(people, rate, seed)
        scores = [judged.score for judged in learn(folders, settings).judged]
        for half, wanted in (("tune", is_tune), ("check", ~is_tune)):
            rows = np.flatnonzero(wanted)
            runs[half].append(_measure(folders, truths, scores, rows, settings.min_score))
        centres = [_one_centre(folder.vectors) for folder in folders]
        runs["check, one centre"].append(_measure(folders, truths, centres, np.flatnonzero(~is_tune), None))
    return {half: _mean(rows) for half, rows in runs.items()}


def inject(people: list[Any], rate: float, seed: int) -> tuple[list[Any], list[np.ndarray]]:
    """Return the folders with faces of others put in until they are `rate` of them, and which faces are genuine."""
    rng = np.random.default_rng(seed)
    whose = np.concatenate([np.full(len(folder), number) for number, folder in enumerate(people)])
    row = np.concatenate([np.arange(len(folder)) for folder in people])
    folders, truths = [], []
    for number, folder in enumerate(people):
        strangers = np.flatnonzero(whose != number)
        count = int(rng.binomial(len(folder) * 1000, rate / (1 - rate) / 1000))
        picked = rng.choice(strangers, min(count, len(strangers)), replace=False)
        parts = [folder, *(people[whose[pick]].take(row[[pick]]) for pick in picked)]
        joined = {
            name: np.concatenate([getattr(part, name) for part in parts])
            for name in ("face_id", "photo_id", "vectors", "time")
        }
        folders.append(replace(folder, **joined))
        truths.append(np.arange(len(joined["face_id"])) < len(folder))
    return folders, truths


def _measure(
    folders: list[Any], truths: list[np.ndarray], scores: list[np.ndarray], rows: np.ndarray, default: float | None
) -> dict[str, Any]:
    truth = np.concatenate([truths[row] for row in rows])
    score = np.concatenate([scores[row] for row in rows])
    threshold = float(np.quantile(score[truth], 1 - RECALL))
    found: dict[str, Any] = {"left": _left(score >= threshold, truth), "threshold": threshold}
    found["passed"] = 100 * float((score[~truth] >= threshold).mean())
    if default is not None:
        found["default_left"] = _left(score >= default, truth)
        found["default_recall"] = 100 * float((score[truth] >= default).mean())
    kept, gaps = [], []
    for row in rows:
        genuine = truths[row]
        is_kept = scores[row][genuine] >= threshold
        first, second = np.triu_indices(int(genuine.sum()), 1)
        time = folders[row].time[genuine]
        kept.append(is_kept[first] & is_kept[second])
        gaps.append(np.abs(time[first] - time[second]))
    both, gap = np.concatenate(kept), np.concatenate(gaps)
    for low, high in pairwise(GAPS):
        found[f"K {low}-{high - 1}"] = 100 * float(both[(gap >= low) & (gap < high)].mean())
    return found


def _left(kept: np.ndarray, truth: np.ndarray) -> float:
    return 100 * float((kept & ~truth).sum() / max(int(kept.sum()), 1))


def _one_centre(vectors: np.ndarray) -> np.ndarray:
    """Return the cosine of each face to the mean of the others of its folder."""
    others = vectors.sum(axis=0) - vectors
    return np.asarray((others * vectors).sum(axis=1) / np.maximum(np.linalg.norm(others, axis=1), 1e-12))


def _mean(rows: list[dict[str, Any]]) -> dict[str, Any]:
    return {name: round(float(np.mean([row[name] for row in rows])), 2) for name in rows[0]}


def _same_or_different(folders: list[Any], folds: int = 10, seed: int = 0) -> dict[str, Any]:
    """Return the accuracy on as many pairs of one person as of two, by people in ten folds.

    Each fold's threshold is the best of the other nine.
    """
    rng = np.random.default_rng(seed)
    fold_of = rng.permutation(len(folders)) % folds
    pairs: list[tuple[int, float, bool]] = []
    for fold in range(folds):
        mine = [folder.vectors for folder, of in zip(folders, fold_of, strict=True) if of == fold]
        same = [float(v[a] @ v[b]) for v in mine for a in range(len(v)) for b in range(a + 1, len(v))]
        differ = [float(a @ b) for i, v in enumerate(mine) for w in mine[i + 1 :] for a in v for b in w]
        count = min(len(same), len(differ), 300)
        pairs += [(fold, value, True) for value in rng.choice(same, count, replace=False)]
        pairs += [(fold, value, False) for value in rng.choice(differ, count, replace=False)]
    of_fold, cosine, truth = (np.array(column) for column in zip(*pairs, strict=True))
    right = 0
    for held in range(folds):
        rest = of_fold != held
        steps = np.unique(cosine[rest])
        best = max(steps, key=lambda step: float(((cosine[rest] >= step) == truth[rest]).mean()))
        right += int(((cosine[~rest] >= best) == truth[~rest]).sum().item())
    return {"pairs": len(pairs), "accuracy": round(100 * right / len(pairs), 2)}


if __name__ == "__main__":
    main()
