"""A second report draws only what changed, gives the bytes a first one would, and a kill leaves the older one."""

import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, update

from curation.pairing.sets import build_pair_set
from curation.pairing.settings import PairSettings
from curation.report import people as people_module
from curation.report import write_report
from curation.report.settings import ReportSettings
from db.models import Photo
from tests.curation.filled import filling, noise
from tests.curation.report_pages import files_of, fill_people, make_photos, write


@pytest.fixture
def data(tmp_path: Path) -> Path:
    make_photos(tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def ids(sqlite_catalog: Engine, data: Path) -> dict[str, int]:
    with filling(sqlite_catalog, data) as fill:
        found = fill_people(fill)
    build_pair_set(sqlite_catalog, settings=PairSettings())
    return found


def test_where_nothing_changed_nobody_is_drawn_and_the_bytes_stay(
    sqlite_catalog: Engine, data: Path, ids: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert write(sqlite_catalog, data)["people_unchanged"] == 0
    first = files_of(data.parent / "report")
    with monkeypatch.context() as patched:
        patched.setattr("curation.report.person.draw_sheet", None)  # who draws a person fails
        again = write(sqlite_catalog, data)
    assert again["people_unchanged"] == len(ids)
    assert files_of(data.parent / "report") == first
    shutil.rmtree(data.parent / "report")
    write(sqlite_catalog, data)
    assert files_of(data.parent / "report") == first


@pytest.mark.parametrize("change", ["a new photo", "a new title", "another crop", "a crop is gone", "quality"])
def test_who_changed_is_drawn_again_and_nobody_else(
    sqlite_catalog: Engine, data: Path, ids: dict[str, int], change: str
) -> None:
    write(sqlite_catalog, data)
    older = files_of(data.parent / "report")
    kept = data.parent / "kept"
    shutil.copytree(data.parent / "report", kept)
    crop = sorted((data / "faces" / "Bo").iterdir())[0]
    settings: dict[str, Any] = {}
    if change == "a new photo":
        with filling(sqlite_catalog, data) as fill:
            fill.subjects |= {"Bo": ids["Bo"]}
            fill.dated_face("Bo", "new", 2005, crop=noise(50))
    elif change == "a new title":
        with sqlite_catalog.begin() as connection:
            connection.execute(update(Photo).where(Photo.site_id == "b0").values(title="another"))
    elif change == "another crop":
        crop.write_bytes(crop.read_bytes() + b"\0")
    elif change == "a crop is gone":
        crop.unlink()
    else:
        settings = {"jpeg_quality": 50}
    result = write(sqlite_catalog, data, **settings)
    assert result["people_unchanged"] == (0 if change == "quality" else 1)
    now = files_of(data.parent / "report")
    anna = [name for name in older if name.startswith(f"people/{ids['Anna']}.")]
    assert len(anna) == 2
    assert change == "quality" or all(now[name] == older[name] for name in anna)
    assert files_of(kept) == older  # nothing was written through a link
    shutil.rmtree(data.parent / "report")
    write(sqlite_catalog, data, **settings)
    assert files_of(data.parent / "report") == now  # as if there had been no older report


def test_who_is_gone_has_no_page_any_more(sqlite_catalog: Engine, data: Path, ids: dict[str, int]) -> None:
    write(sqlite_catalog, data)
    write(sqlite_catalog, data, subjects=1)
    assert {path.stem for path in (data.parent / "report" / "people").glob("*.html")} == {str(ids["Anna"])}


def test_a_report_whose_prints_are_damaged_is_drawn_anew(
    sqlite_catalog: Engine, data: Path, ids: dict[str, int]
) -> None:
    write(sqlite_catalog, data)
    first = files_of(data.parent / "report")
    for content in ("", "[]", '{"1": 5, "2": ["x", []]}'):
        (data.parent / "report" / "people" / "fingerprints.json").write_text(content)
        assert write(sqlite_catalog, data)["people_unchanged"] == 0
        assert files_of(data.parent / "report") == first
    (data.parent / "report" / "people" / f"{ids['Anna']}.jpg").unlink()
    assert write(sqlite_catalog, data)["people_unchanged"] == 1
    assert files_of(data.parent / "report") == first


def test_processes_draw_the_same_bytes_as_one(
    sqlite_catalog: Engine, data: Path, ids: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    write(sqlite_catalog, data)
    first = files_of(data.parent / "report")
    monkeypatch.setattr(people_module, "_FEW", 1)
    out = data.parent / "other"
    write_report(sqlite_catalog, out, data=data, settings=ReportSettings(), workers=2)
    other = files_of(out)
    assert set(other) == set(first)
    assert [name for name in first if other[name] != first[name]] == ["report.json"]  # it names its page


def test_a_kill_leaves_the_older_report_whole(sqlite_catalog: Engine, data: Path, ids: dict[str, int]) -> None:
    write(sqlite_catalog, data)
    out = data.parent / "report"
    older = files_of(out)
    with filling(sqlite_catalog, data) as fill:
        fill.dated_face("Cy", "new", 2005, crop=noise(50))
    # The command stops when all but the last page are written, and says so.
    code = (
        "import sys, time, curation.report.write as write\n"
        "def stop(context):\n"
        "    print('there', flush=True)\n"
        "    time.sleep(600)\n"
        "write.write_audit = stop\n"
        "from curation.cli import curate\n"
        f"curate.main(['report', '--out', {str(out)!r}, '--workers', '0'])\n"
    )
    environment = os.environ | {"AGEGAP_CATALOG": str(sqlite_catalog.url), "AGEGAP_DATA": str(data)}
    process = subprocess.Popen([sys.executable, "-c", code], env=environment, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    assert process.stdout.readline() == "there\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    assert files_of(out) == older
    left = [path for path in data.parent.iterdir() if path.name.startswith(".report.")]
    assert len(left) == 1
    result = write(sqlite_catalog, data)
    assert (result["people"], result["people_unchanged"]) == (3, 2)
    assert not [path for path in data.parent.iterdir() if path.name.startswith(".report.")]
