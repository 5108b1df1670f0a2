"""What pairs are compared with: the same photos and steps, learned from in another way."""

from typing import Any

import numpy as np

from train.stages.finetuning import Finetuning
from train.stages.teaching import Teacher
from train.timelines import Timeline


class SelfTraining(Finetuning):
    """Learns its own answers to the photos, each by itself: the same photos and steps, and no K."""

    def __init__(self, data: Any, start: Any, **others: Any) -> None:
        super().__init__(data, start, **others)
        faces = len(data.pairs.crops)
        alone = [Timeline(np.array([row]), np.zeros(1, np.int64)) for row in range(faces)]
        self._teacher = Teacher(data.pairs, others["settings"], start=start, timelines=alone)
