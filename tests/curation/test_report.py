"""A report is one page with nothing foreign in it, whatever strangers wrote, and shows what the catalog holds."""

import json
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from sqlalchemy import Engine

from agegap.errors import BadInputFile
from curation.cli import curate
from curation.html import element, join, link
from curation.pairing.sets import build_pair_set
from curation.pairing.settings import PairSettings
from curation.plots import bars, by_number, by_range
from curation.report import write_report
from curation.report_people import spread
from curation.report_settings import ReportSettings
from tests.curation.filled import Filler, filling, noise

ATTACK = "<script>alert('x')</script>"


class Page(HTMLParser):
    """What a browser would see: tags with their attributes, and the text between."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in {"meta", "img", "br"}:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.text += data

    def values(self, tag: str, attribute: str) -> list[str]:
        return [value for name, attributes in self.tags if name == tag and (value := attributes.get(attribute))]


def fill_people(fill: Filler) -> None:
    for number, year in enumerate((1960, 1961, 1985)):
        photo_id = fill.photo(
            f"a{number}", subject=f"Anna_{ATTACK}", title=f"{ATTACK} & co", page_url=f"javascript:alert({number})"
        )
        fill.year(photo_id, year, words=f'"summer" {ATTACK} {year}')
        fill.scan(photo_id)
        fill.face(photo_id, subject=f"Anna_{ATTACK}", crop=noise(number))
    for number, year in enumerate((1990, 2020)):
        fill.dated_face("Bo", f"b{number}", year, crop=noise(10 + number))
    dropped = fill.photo("c", subject="Bo")
    fill.scan(dropped)
    fill.face(dropped, subject="Bo", crop=noise(20), drop_reason="blurred")
    empty = fill.photo("d", subject="Bo", path="photos/d.png", title=ATTACK)
    fill.scan(empty, drop_reason="no_face", faces=0)
    fill.scan(fill.photo("e", subject="Bo", path="photos/e.jpg"), drop_reason="truncated", faces=0)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    (tmp_path / "data" / "photos").mkdir(parents=True)
    Image.fromarray(np.zeros((300, 400, 3), np.uint8)).save(tmp_path / "data" / "photos" / "d.png")
    (tmp_path / "data" / "photos" / "e.jpg").write_bytes(b"\xff\xd8\xff")
    return tmp_path / "data"


@pytest.fixture
def filled(sqlite_catalog: Engine, data: Path) -> Engine:
    with filling(sqlite_catalog, data) as fill:
        fill_people(fill)
    build_pair_set(sqlite_catalog, settings=PairSettings())
    return sqlite_catalog


def report(engine: Engine, data: Path, *, runs: tuple[Path, ...] = (), **settings: Any) -> Page:
    out = data.parent / "report"
    write_report(engine, out, data=data, runs=runs, settings=ReportSettings(**settings))
    return Page(out / "index.html")


def test_what_strangers_wrote_is_text(filled: Engine, data: Path) -> None:
    page = report(filled, data)
    assert not page.open  # every tag is closed in its place
    assert not [tag for tag, _ in page.tags if tag in {"script", "iframe", "object", "link"}]
    assert not [key for _, attributes in page.tags for key in attributes if key.startswith("on")]
    assert not [href for href in page.values("a", "href") if not href.startswith(("#", "https://", "http://"))]
    assert ATTACK in page.text
    assert any(ATTACK in title for title in page.values("img", "title"))


def test_every_picture_lies_beside_the_page(filled: Engine, data: Path) -> None:
    page = report(filled, data)
    pictures = page.values("img", "src")
    assert pictures
    for picture in pictures:
        path = data.parent / "report" / picture
        assert path.is_file(), picture
        with Image.open(path) as image:
            assert max(image.size) <= 128
    style = (data.parent / "report" / "index.html").read_text()
    assert not re.search(r"url\(|@import|src=\"(https?:)?//", style)


def test_faces_stand_in_the_order_of_their_years(filled: Engine, data: Path) -> None:
    page = report(filled, data)
    timeline = re.search(r"to 19851960(.*?)1961(.*?)1985", page.text, re.DOTALL)
    assert timeline
    assert timeline.groups() == ("", "24 y")  # the gap from 1961 to 1985 is seen
    assert "3 faces, 1960 to 1985" in page.text
    assert "2 faces, 1990 to 2020" in page.text
    assert any(
        "1985" in title and "bare year, 0.90" in title and "summer" in title for title in page.values("img", "title")
    )


def test_the_head_figures_are_those_of_the_catalog(filled: Engine, data: Path) -> None:
    text = report(filled, data).text
    for figure in ("2people", "8photos", "5photos with a year", "5faces kept", "1faces dropped", "4pairs"):
        assert figure in text
    content = json.loads((data.parent / "report" / "report.json").read_text())
    assert (content["photos"], content["pairs"]) == (8, {"default": 4})
    assert content["pictures"] == 5 + 1 + 1  # faces, the dropped one, and the photo that can be read


def test_drops_are_shown_by_reason(filled: Engine, data: Path) -> None:
    page = report(filled, data)
    dropped = page.text[page.text.rindex("Dropped") :]
    assert re.search(r"blurred\s*1 faces", dropped)
    assert re.search(r"no face\s*1 photos", dropped)
    assert re.search(r"truncated\s*1 photos\s*no picture", dropped)


def test_pairs_say_their_k(filled: Engine, data: Path) -> None:
    text = report(filled, data).text
    for gap in ("K = 1 year", "K = 24 years", "K = 25 years", "K = 30 years"):
        assert gap in text
    assert "K = 30 years" not in report(filled, data, pair_examples=1).text


def test_more_people_than_are_shown_are_counted(filled: Engine, data: Path) -> None:
    text = report(filled, data, subjects=1).text
    assert "1 of 2 people" in text
    assert "1990 to 2020" not in text  # Anna has three years, Bo two


def test_a_missing_crop_is_shown_as_missing(filled: Engine, data: Path) -> None:
    shutil.rmtree(data / "faces" / "Bo")
    out = data.parent / "report"
    result = write_report(filled, out, data=data, settings=ReportSettings())
    assert result["pictures_unreadable"] == 3
    assert "no picture" in Page(out / "index.html").text


def test_an_empty_catalog_gives_a_page(catalog: Engine, data: Path) -> None:
    page = report(catalog, data)
    assert "no pairs yet" in page.text
    assert not page.values("img", "src")


def make_run(folder: Path) -> Path:
    for name, mae in (("pretrain", 9.5), ("finetune", 5.25)):
        (folder / name / "plots").mkdir(parents=True)
        lines = [json.dumps({"kind": "validation", "step": step, "mae": mae + 3 / (1 + step)}) for step in range(5)]
        (folder / name / "metrics.jsonl").write_text("\n".join(lines) + '\n{"cut off')
        evaluation = {"mae": mae, "cs5": 0.5, "per_decade": {"20-29": {"count": 7, "mae": 4.5}}}
        (folder / name / "evaluation.json").write_text(json.dumps(evaluation))
    Image.new("RGB", (20, 20)).save(folder / "finetune" / "plots" / "loss.png")
    return folder


def test_a_run_shows_its_figures_and_plots(filled: Engine, data: Path) -> None:
    page = report(filled, data, runs=(make_run(data.parent / "run"),))
    assert page.text.index("9.50MAE after pretrain") < page.text.index("5.25MAE after finetune")
    assert "50.0 %CS(5)" in page.text
    assert "20-2974.50" in page.text
    assert "validation mae (last 10.1)" in page.text  # a curve where the trainer drew no plot: 9.5 + 3/5
    assert "runs/1/finetune/loss.png" in page.values("img", "src")
    assert (data.parent / "report" / "runs" / "1" / "finetune" / "loss.png").is_file()


def test_two_runs_of_one_name_are_both_shown(filled: Engine, data: Path) -> None:
    page = report(filled, data, runs=(make_run(data.parent / "one" / "run"), make_run(data.parent / "two" / "run")))
    assert {"#run-1", "#run-2"} <= set(page.values("a", "href"))
    assert {"runs/1/finetune/loss.png", "runs/2/finetune/loss.png"} <= set(page.values("img", "src"))


@pytest.mark.parametrize("content", ["", "[]", "{", '{"mae": "?", "per_decade": [1]}', '{"per_decade": {"0": null}}'])
def test_a_run_that_is_not_finished_or_odd_is_no_hindrance(filled: Engine, data: Path, content: str) -> None:
    run = data.parent / "run"
    run.mkdir()
    (run / "evaluation.json").write_text(content)
    (run / "metrics.jsonl").write_text('5\n{"step": "x", "mae": 3}\n{"step": 1, "mae": NaN}\n')
    assert "Training: run" in report(filled, data, runs=(run,)).text


def test_a_run_that_is_not_there_is_told(filled: Engine, data: Path) -> None:
    with pytest.raises(BadInputFile, match="no such run folder"):
        report(filled, data, runs=(data.parent / "nowhere",))
    assert not (data.parent / "report").exists()


def test_a_report_replaces_a_report_and_nothing_else(filled: Engine, data: Path) -> None:
    report(filled, data)
    shutil.rmtree(data / "faces")
    page = report(filled, data)
    assert not list((data.parent / "report").glob("faces/*"))
    assert "no picture" in page.text
    (data.parent / "report" / "report.json").unlink()
    with pytest.raises(BadInputFile, match="did not write"):
        report(filled, data)
    assert (data.parent / "report" / "index.html").is_file()


def test_the_command_says_where_the_page_is(
    filled: Engine, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(data.parent)
    monkeypatch.setenv("AGEGAP_CATALOG", str(filled.url))
    monkeypatch.setenv("AGEGAP_DATA", str(data))
    (data.parent / "agegap.toml").write_text("[curate.report]\nsubjects = 1\n")
    curate.main(["report", "--out", "out", "--json"], standalone_mode=False)
    assert json.loads(capsys.readouterr().out)["page"] == "out/index.html"
    assert "1 of 2 people" in Page(data.parent / "out" / "index.html").text


@pytest.mark.slow
def test_a_browser_finds_every_picture_at_two_widths(filled: Engine, data: Path, tmp_path: Path) -> None:
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        pytest.skip("needs chromium, which is not installed here")
    report(filled, data, runs=(make_run(data.parent / "run"),))
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    flags += ["--disable-component-update", "--disable-sync", f"--user-data-dir={tmp_path / 'browser'}"]
    page = (data.parent / "report" / "index.html").as_uri()
    for width in (1280, 390):
        shot = tmp_path / f"{width}.png"
        command = [chromium, *flags, f"--window-size={width},1600", f"--screenshot={shot}", page]
        subprocess.run(command, check=True, capture_output=True, timeout=60)
        with Image.open(shot) as image:
            assert image.width == width
            # The last column is bare ground: nothing is wider than the window.
            assert np.ptp(np.asarray(image.convert("RGB"))[:, width - 3], axis=0).max() == 0


def test_text_is_escaped_and_markup_is_not() -> None:
    assert (
        element("p", "a < b", element("b", '"'), None, class_="x & y")
        == '<p class="x &amp; y">a &lt; b<b>&quot;</b></p>'
    )
    assert join([element("br"), element("br")]) == "<br><br>"
    assert link("x", "HTTPS://a/?b&c").startswith('<a href="HTTPS://a/?b&amp;c"')
    assert link("x", "data:text/html,1") == link("x", None) == "x"


def test_bars_are_as_high_as_their_values() -> None:
    svg = bars("t", {"1": 2, "2": 0, "3": 8}, what="photos")
    heights = [float(text) for text in re.findall(r'<rect [^>]*height="([\d.]+)"', svg)]
    assert heights[1] / heights[0] == pytest.approx(4, rel=0.01)
    assert "3: 8 photos" in svg
    assert "nothing yet" in bars("t", {}, what="photos")


def test_counts_by_number_have_no_holes_and_ranges_no_empty_end() -> None:
    assert by_number({3: 2, 5: 1}) == {"3": 2, "4": 0, "5": 1}
    assert list(by_number({1066: 1, 2000: 1})) == ["1066", "2000"]
    assert by_range([1, 1, 4, 6], (1, 2, 5, 10)) == {"1": 2, "2-4": 1, "5-9": 1}
    assert by_range([12], (1, 2, 5, 10)) == {"1": 0, "2-4": 0, "5-9": 0, "10+": 1}


def test_a_spread_keeps_both_ends() -> None:
    assert spread(range(10), 3) in ([0, 4, 9], [0, 5, 9])
    assert spread([1, 2], 5) == [1, 2]
    assert spread([1, 2, 3], 1) == [1]
