"""The words of the Hugging Face Hub for what we call otherwise: splits and column types."""

from typing import Any

from dataset.writers.rows import COLUMNS

HUB_SPLITS = {"train": "train", "val": "validation", "test": "test"}
"""Our split -> the word by which `datasets` knows it from the name of a file or folder (`datasets/data_files.py`)."""


def value_features() -> dict[str, dict[str, str]]:
    """Return the columns as `datasets.Features` writes them into the schema of a Parquet file."""
    return {column.name: {"dtype": column.kind, "_type": "Value"} for column in COLUMNS}


def card_features() -> list[dict[str, Any]]:
    """Return the columns as a dataset card lists them below `dataset_info: features`."""
    return [{"name": column.name, "dtype": column.kind} for column in COLUMNS]
