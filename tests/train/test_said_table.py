"""predictions.parquet: what was said of each face, read back as it was written."""

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest

from agegap.errors import BadInputFile
from tests.train.said import invented_table
from train.evaluation.said_table import read_about, read_said, write_said


def test_a_table_is_read_as_it_was_written(tmp_path: Path) -> None:
    table = invented_table(seed=0, faces=7)
    write_said(tmp_path / "said.parquet", table, about={"weights_sha256": "abc", "split": "test"})
    again = read_said(tmp_path / "said.parquet")
    assert again.keys == table.keys
    assert again.subject == table.subject
    np.testing.assert_allclose(again.said, table.said, rtol=1e-6)
    np.testing.assert_array_equal(again.shares, table.shares)
    assert again.shares.dtype == np.float16
    assert read_about(tmp_path / "said.parquet") == {"weights_sha256": "abc", "split": "test"}


def test_half_precision_keeps_the_expected_age_to_a_hundredth_of_a_year() -> None:
    table = invented_table(seed=1, faces=50)
    again = table.shares.astype(np.float64)
    np.testing.assert_allclose(again @ np.arange(101) / again.sum(1), table.said, atol=0.02)


def test_people_are_numbered_by_name_and_nobody_is_himself() -> None:
    table = invented_table(seed=2, faces=9)
    people = table.people
    for one in range(9):
        for other in range(9):
            is_same = one == other or (table.subject[one] is not None and table.subject[one] == table.subject[other])
            assert (people[one] == people[other]) == is_same


def test_what_is_no_table_of_ours_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInputFile, match="run `train evaluate` again"):
        read_said(tmp_path / "none.parquet")
    write_said(tmp_path / "said.parquet", invented_table(seed=0, faces=3), about={})
    pq.write_table(pq.read_table(tmp_path / "said.parquet").drop_columns(["low"]), tmp_path / "less.parquet")
    with pytest.raises(BadInputFile, match="no column 'low'"):
        read_said(tmp_path / "less.parquet")
