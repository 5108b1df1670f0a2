"""A trial as TensorBoard's HPARAMS tab reads it: table, parallel coordinates and scatter plots of its own.

tensorboard --logdir OUT/tensorboard
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agegap.folders import replaced_folder

METRIC = "val_mae"


def write_board(folder: Path, trial: Mapping[str, Any]) -> bool:
    """Write the files of one trial below `folder`, once; say whether there are some.

    Without TensorBoard, and for a trial that was never measured, nothing is written: tune.html shows the same.
    """
    home = folder / f"trial-{trial['trial']:04d}"
    if home.is_dir() or trial["val_mae"] is None:
        return home.is_dir()
    try:
        from torch.utils.tensorboard import SummaryWriter
        from torch.utils.tensorboard.summary import hparams
    except ModuleNotFoundError as fault:
        if (fault.name or "").partition(".")[0] != "tensorboard":
            raise
        return False
    experiment, start, end = hparams(dict(trial["values"]), {METRIC: trial["val_mae"]})  # type: ignore[no-untyped-call]
    with replaced_folder(home, is_ours=lambda _: True) as part, SummaryWriter(str(part)) as writer:
        for summary in (experiment, start, end):
            writer.file_writer.add_summary(summary)
        writer.add_scalar(METRIC, trial["val_mae"], trial["epochs"])
    return True
