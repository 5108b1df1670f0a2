"""Rules of the whole checkout that no single package can hold."""

import ast
import fnmatch
import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

import agegap

ROOT = Path(__file__).resolve().parents[1]
PACKAGES = ("agegap", "crawler", "curation", "dataset", "db", "train")
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))


def _files(*patterns: str) -> list[Path]:
    """Return the files of the checkout as git sees them, those not added yet included."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", *patterns],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    if listed.returncode != 0:
        pytest.skip("this is no git checkout")
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_the_version_is_written_once_and_the_same() -> None:
    assert PROJECT["project"]["version"] == agegap.__version__


def test_torch_is_pinned_exactly() -> None:
    """A range may resolve to a build of several GB for another device."""
    (torch,) = [need for need in PROJECT["project"]["optional-dependencies"]["train"] if need.startswith("torch")]
    assert re.fullmatch(r"torch==\d+\.\d+\.\d+", torch)


def _declared() -> set[str]:
    project = PROJECT["project"]
    needs = [*project["dependencies"], *(need for extra in project["optional-dependencies"].values() for need in extra)]
    return {re.split(r"[\[<>=! ]", need)[0].lower().replace("_", "-") for need in needs}


OPTIONAL = {"dlib": ["dlib-bin"], "onnxruntime": ["onnxruntime"], "ray": ["ray"]}
"""What extras bring that tests do without: they may not be there to be asked who made them."""


def test_each_package_that_is_imported_is_declared() -> None:
    distributions = {**packages_distributions(), **OPTIONAL}
    ours = {*PACKAGES, "benchmarks", "tests"}
    undeclared: dict[str, str] = {}
    for file in _files("*.py"):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            names: list[str] = []
            if isinstance(node, ast.Import):
                names = [alias.name for alias in node.names]
            elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
                names = [node.module]
            for top in {name.partition(".")[0] for name in names} - ours - set(sys.stdlib_module_names):
                known = {name.lower().replace("_", "-") for name in distributions.get(top, [])}
                if not known & _declared():
                    undeclared[top] = str(file.relative_to(ROOT))
    # Twisted comes with Scrapy, whose interface it is; the two others are run in an environment of peers that the user
    # of benchmarks/image_speed.py makes.
    for name in ("twisted", "img2dataset", "uvloop"):
        undeclared.pop(name, None)
    assert undeclared == {}


def test_each_file_a_package_reads_is_packaged() -> None:
    patterns = [
        f"{package}/{pattern}"
        for package, of_package in PROJECT["tool"]["setuptools"]["package-data"].items()
        for pattern in of_package
    ]
    # A .py file comes by itself where its folder and all above it are packages.
    left_out = [
        str(file.relative_to(ROOT))
        for file in _files(*(f"{package}/*" for package in PACKAGES))
        if not (file.suffix == ".py" and _is_in_packages(file))
        and not any(fnmatch.fnmatch(str(file.relative_to(ROOT)), pattern) for pattern in patterns)
    ]
    assert left_out == []


def _is_in_packages(file: Path) -> bool:
    folders = [folder for folder in file.parents if ROOT in folder.parents]
    return all((folder / "__init__.py").exists() for folder in folders)


def test_there_are_no_photos_and_no_large_files() -> None:
    """Drawn people are drawn when they are needed; real ones have no place here."""
    pictures = {".jpg", ".jpeg", ".png", ".gif", ".webp", ".bmp", ".tif", ".tiff", ".npy", ".pt", ".onnx", ".db"}
    files = _files()
    assert [str(file.relative_to(ROOT)) for file in files if file.suffix.lower() in pictures] == []
    assert [str(file.relative_to(ROOT)) for file in files if file.stat().st_size > 500_000] == []


def test_links_between_pages_lead_somewhere() -> None:
    dead = []
    for page in _files("*.md"):
        text = re.sub(r"```.*?```", "", page.read_text(encoding="utf-8"), flags=re.DOTALL)
        targets = re.findall(r"\]\(([^)#\s]+)(?:#[^)]*)?\)", text)
        local = [target for target in targets if not re.match(r"[a-z]+:", target)]
        dead += [f"{page.relative_to(ROOT)}: {target}" for target in local if not (page.parent / target).exists()]
    assert dead == []


def _targets() -> set[str]:
    return set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE))


def test_each_make_target_a_page_names_exists() -> None:
    named = {
        (str(page.relative_to(ROOT)), target)
        for page in _files("*.md")
        for target in re.findall(r"(?:`|^ {4})make ([a-z]+)", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    }
    assert {(page, target) for page, target in named if target not in _targets()} == set()
    assert named


def test_ci_runs_what_check_runs_and_the_tests_last() -> None:
    script = ROOT / ".ci" / "run"
    assert os.access(script, os.X_OK)
    (steps,) = re.findall(r"^for step in (.*); do$", script.read_text(encoding="utf-8"), flags=re.MULTILINE)
    (check,) = re.findall(r"^check: (.*) ##", (ROOT / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    assert steps.split() == ["setup", *check.split()]
    assert steps.split()[-1] == "test"


_IMPORT_ALL = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
"""


def test_importing_a_module_does_no_work(tmp_path: Path) -> None:
    """No file is written, nothing is said, whatever the folder one stands in."""
    modules = []
    for package in PACKAGES:
        for file in sorted((ROOT / package).rglob("*.py")):
            parts = file.relative_to(ROOT).with_suffix("").parts
            if parts[-1] == "__main__" or "migrations" in parts or not all(part.isidentifier() for part in parts):
                continue
            modules.append(".".join(parts).removesuffix(".__init__"))
    outcome = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", _IMPORT_ALL, *modules],
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert outcome.returncode == 0, outcome.stderr[-2000:]
    assert (outcome.stdout, outcome.stderr) == ("", "")
    assert list(tmp_path.iterdir()) == []
