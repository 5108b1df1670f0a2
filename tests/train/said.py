"""Invented tables of predictions, and run folders that hold one."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from train.evaluation.measures.whole import measure_table
from train.evaluation.said_table import PREDICTIONS, SaidTable, write_said


def gaussian_shares(means: NDArray[Any], widths: NDArray[Any] | float) -> NDArray[np.float32]:
    """Return Gaussians about `means` (N,) of `widths` as distributions over the ages 0 to 100, (N, 101)."""
    mass = np.exp(-0.5 * ((np.arange(101) - means[:, None]) / np.reshape(widths, (-1, 1))) ** 2)
    shares: NDArray[np.float32] = (mass / mass.sum(axis=1, keepdims=True)).astype(np.float32)
    return shares


def invented_table(*, seed: int, faces: int = 60, error: float = 5.0, people: int = 4) -> SaidTable:
    """Return faces whose ages depend on their number alone and what is said of them on `seed`; a third is of nobody."""
    ages = np.random.default_rng(99).uniform(1, 75, faces)
    rng = np.random.default_rng(seed)
    means = np.clip(ages + rng.normal(0, error, faces), 0, 100)
    mass = np.exp(-0.5 * ((np.arange(101) - means[:, None]) / 4) ** 2)
    shares = mass / mass.sum(1, keepdims=True)
    said = shares @ np.arange(101)
    return SaidTable(
        face_id=np.arange(10, 10 + faces),
        site=("drawn",) * faces,
        site_id=tuple(f"p{number}" for number in range(faces)),
        subject=tuple(None if number % 3 == 2 else f"Person {number % people}" for number in range(faces)),
        age=ages,
        said=said,
        median=said + 0.1,
        likeliest=np.rint(said),
        low=said - 7,
        high=said + 7,
        shares=shares.astype(np.float16),
    )


def invented_run(folder: Path, table: SaidTable, *, manifest: str = "m" * 64, **more: Any) -> Path:
    """Write a run folder that looks evaluated on `table`."""
    folder.mkdir(parents=True)
    write_said(folder / PREDICTIONS, table, about={})
    content = {
        "weights_sha256": "w" * 64,
        "test": {"folder": "/somewhere/secret/test", "manifest_sha256": manifest, "faces": len(table), "pairs": 0},
        "split": "test",
        "stage": "pretrain",
        "model": "small_resnet at 64 pixels",
        **measure_table(table, table.shares.astype(np.float32), scale=None),
        **more,
    }
    (folder / "evaluation.json").write_text(json.dumps(content, sort_keys=True), encoding="utf-8")
    return folder
