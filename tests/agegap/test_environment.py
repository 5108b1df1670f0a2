"""Where catalog and data are, and what happens when another distribution took one of our names."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from agegap.environment import PACKAGES, catalog_url, check_packages, data_folder

ROOT = Path(__file__).resolve().parents[2]


def test_the_defaults_are_the_data_folder_and_a_catalog_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    assert (str(data_folder()), catalog_url()) == ("data", "sqlite:///data/catalog.db")
    monkeypatch.setenv("AGEGAP_DATA", "/srv/faces")
    assert (str(data_folder()), catalog_url()) == ("/srv/faces", "sqlite:////srv/faces/catalog.db")
    monkeypatch.setenv("AGEGAP_CATALOG", "postgresql://host/x")
    assert catalog_url() == "postgresql://host/x"


def test_an_empty_variable_is_as_none(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGEGAP_DATA", "")
    monkeypatch.setenv("AGEGAP_CATALOG", "")
    assert catalog_url() == "sqlite:///data/catalog.db"


def test_our_own_packages_are_found_to_be_ours() -> None:
    check_packages()


def _run_with_first(folder: Path, code: str) -> subprocess.CompletedProcess[str]:
    """Run `code` with `folder` before our checkout on the path, as an installed distribution would be."""
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(folder), str(ROOT)])}
    return subprocess.run(
        [sys.executable, "-c", code], cwd=folder, env=environment, capture_output=True, text=True, check=False
    )


@pytest.mark.parametrize("name", PACKAGES)
def test_a_foreign_package_of_one_of_our_names_is_one_sentence(tmp_path: Path, name: str) -> None:
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").write_text("raise RuntimeError('the foreign package ran')\n")
    outcome = _run_with_first(tmp_path, "from agegap.entry import train; train()")
    assert outcome.returncode == 2
    assert outcome.stderr.startswith(f"train: '{name}' resolves to {tmp_path / name}, not to agegap's own")
    assert outcome.stderr.count("\n") == 1


def test_a_plain_folder_of_one_of_our_names_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "dataset").mkdir()
    outcome = _run_with_first(tmp_path, "from agegap.environment import check_packages; check_packages()")
    assert outcome.returncode == 0, outcome.stderr
