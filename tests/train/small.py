"""Settings so small that a stage takes a second or two."""

from typing import Any

from train.presets import Recipe, load_recipe

SMALL: dict[str, dict[str, Any]] = {
    "net": {"backbone": "tiny_age_net", "input_size": 32, "precision": "float32"},
    "augment": {"erase_probability": 0.0, "brightness": 0.0, "contrast": 0.0, "gamma": 0.0},
    "pretrain": {
        "epochs": 16,
        "batch_size": 16,
        "learning_rate": 2e-3,
        "ema_decay": 0.9,
        "log_every": 7,
        "checkpoint_every": 5,
    },
    "finetune": {
        "steps": 12,
        "pairs_per_batch": 8,
        "replay_per_batch": 8,
        "ema_decay": 0.9,
        "log_every": 4,
        "checkpoint_every": 5,
    },
}


def small_recipe(**changes: dict[str, Any]) -> Recipe:
    """Return the preset with the small settings, and `changes` (table to keys) over them."""
    typed = {table: {**keys, **changes.get(table, {})} for table, keys in SMALL.items()}
    return load_recipe("age-difference", typed=typed)
