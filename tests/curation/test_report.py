"""A report is a folder of pages with nothing foreign in them, whatever strangers wrote, of what the catalog holds."""

import json
import re
import shutil
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import Engine

from agegap.errors import BadInputFile
from curation.cli import curate
from curation.pairing.sets import build_pair_set
from curation.pairing.settings import PairSettings
from curation.report import write_report
from curation.report.pages import asset
from curation.report.people import spread
from curation.report.settings import ReportSettings
from tests.curation.filled import filling, noise
from tests.curation.report_pages import (
    ATTACK,
    Page,
    all_pages,
    files_of,
    fill_people,
    make_photos,
    make_run,
    page,
    report,
    write,
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    make_photos(tmp_path / "data")
    return tmp_path / "data"


@pytest.fixture
def filled(sqlite_catalog: Engine, data: Path) -> Engine:
    with filling(sqlite_catalog, data) as fill:
        fill_people(fill)
    build_pair_set(sqlite_catalog, settings=PairSettings())
    return sqlite_catalog


def person(data: Path, name: str) -> Page:
    """Return the page of the person whose name begins so."""
    found = [one for one in all_pages(data) if one.path.parent.name == "people" and name in one.text]
    assert len(found) == 1
    return found[0]


def test_what_strangers_wrote_is_text(filled: Engine, data: Path) -> None:
    write(filled, data)
    pages = all_pages(data)
    assert len(pages) > 10
    for one in pages:
        assert not one.open  # every tag is closed in its place
        assert not [tag for tag, _ in one.tags if tag in {"iframe", "object", "embed", "base", "form"}]
        assert not [key for _, attributes in one.tags for key in attributes if key.startswith("on")]
        for href in one.values("a", "href"):
            assert re.match(r"#|https?://|(\.\./)?[\w./+-]+\.html$", href), href
        scripts = re.findall(r"<script>\n(.*?)</script>", one.path.read_text(), flags=re.DOTALL)
        assert scripts == ([asset("search.js")] if one.path.name.startswith("people") else [])
        assert len([tag for tag, _ in one.tags if tag == "script"]) == len(scripts)
    anna = person(data, "Anna")
    assert anna.text.count(ATTACK) >= 3 * 4  # title, words, owner, licence of each photo
    assert any(ATTACK in alt for alt in anna.values("img", "alt"))


def test_the_names_for_the_search_cannot_end_their_script(filled: Engine, data: Path) -> None:
    write(filled, data)
    text = (data.parent / "report" / "people" / "names.js").read_text()
    assert "<" not in text
    names = json.loads(text.removeprefix("window.agegapNames = ").removesuffix(";\n"))
    assert [name for _, name, _ in names] == [f"Anna {ATTACK}", "Bo"]
    for subject_id, *_ in names:
        assert (data.parent / "report" / "people" / f"{subject_id}.html").is_file()


def test_every_picture_and_page_that_is_named_lies_in_the_folder(filled: Engine, data: Path) -> None:
    write(filled, data, runs=(make_run(data.parent / "run"),))
    pictures = set()
    for one in all_pages(data):
        text = one.path.read_text()
        assert not re.search(r"url\(|@import|(src|data)=\"(https?:)?//", text)
        for address in one.values("img", "src"):
            pictures.add((one.path.parent / address).resolve())
        for href in [*one.values("a", "href"), *one.values("link", "href")]:
            if not href.startswith(("#", "http")):
                assert (one.path.parent / href).is_file(), (one.path, href)
            elif href.startswith("#"):
                assert href[1:] in one.values("section", "id") + one.values("div", "id"), href
    assert pictures
    for path in pictures:
        with Image.open(path) as image:
            image.load()


def test_each_card_has_one_button_and_no_id_is_given_twice(filled: Engine, data: Path) -> None:
    write(filled, data)
    for one in all_pages(data):
        ids = [str(attributes["id"]) for _, attributes in one.tags if attributes.get("id")]
        assert len(ids) == len(set(ids)), one.path
        cards = [str(attributes["id"]) for _, attributes in one.tags if attributes.get("class") == "card"]
        opens = [
            str(attributes["popovertarget"])
            for tag, attributes in one.tags
            if tag == "button" and "popovertargetaction" not in attributes
        ]
        assert sorted(opens) == sorted(cards)
        for tag, attributes in one.tags:
            if tag == "img":
                assert attributes.get("alt"), one.path


def test_faces_stand_in_the_order_of_their_years_with_the_holes_between(filled: Engine, data: Path) -> None:
    write(filled, data)
    anna = person(data, "Anna")
    assert "3 faces, 1960 to 1985" in anna.text
    marks = [(attributes.get("class"), attributes.get("aria-label")) for tag, attributes in anna.tags if tag == "li"]
    assert marks == [(None, None), (None, None), ("gap", "24 years without a photo"), (None, None)]
    captions = re.findall(r"</button><b>(\d+)</b>", anna.path.read_text())
    assert captions == ["1960", "1961", "1985"]
    dots = re.findall(r"<circle[^>]*cx=\"([\d.]+)%\"", anna.path.read_text())
    first, second, last = (float(dot) for dot in dots)
    assert (second - first) / (last - first) == pytest.approx(1 / 25, abs=0.001)


def test_a_card_says_where_the_year_and_the_photo_come_from(filled: Engine, data: Path) -> None:
    with filling(filled, data) as fill:
        photo = fill.photo(
            "z", subject="Zoe", title="At sea", page_url="https://photos.example/z", owner_name="ada", licence="4"
        )
        fill.year(photo, 1970, confidence=0.8, year_min=1968, year_max=1972, words="about 1970")
        fill.scan(photo)
        fill.face(photo, subject="Zoe", crop=noise(30))
    write(filled, data)
    zoe = person(data, "Zoe")
    for words in (
        "1970 (1968 to 1972), sure by 0.80",
        "title, bare year",
        "“about 1970”",
        "At sea",
        "flickr/z",
        "byada",
        "licence4",
    ):
        assert words in zoe.text
    assert "https://photos.example/z" in zoe.values("a", "href")


def test_a_person_without_years_is_shown_by_ages(filled: Engine, data: Path) -> None:
    with filling(filled, data) as fill:
        for number, age in enumerate((30.0, 2.0, 4.0)):
            fill.face(fill.photo(f"y{number}", site="fgnet", subject="fgnet/001"), subject="fgnet/001", age=age)
    write(filled, data)
    known = person(data, "fgnet")
    assert re.findall(r"</button><b>([\w ]+)</b>", known.path.read_text()) == ["age 2", "age 4", "age 30"]
    assert re.findall(r"class=\"gap\"[^>]*>([^<]*)<", known.path.read_text()) == ["2 y", "26 y"]


def test_the_head_figures_are_those_of_the_catalog(filled: Engine, data: Path) -> None:
    text = report(filled, data).text
    for figure in ("2people", "8photos", "5photos with a year", "5faces kept", "1faces dropped", "4pairs"):
        assert figure in text
    content = json.loads((data.parent / "report" / "report.json").read_text())
    assert (content["photos"], content["pairs"], content["people"]) == (8, {"default": 4}, 2)


def test_what_was_left_out_is_shown_by_reason(filled: Engine, data: Path) -> None:
    write(filled, data)
    menu = page(data, "left-out.html")
    for line in ("blurred 1 faces", "no face 1 photos", "truncated 1 photos"):
        assert line in menu.text
    assert len(page(data, "left-out-faces-blurred.html").values("img", "src")) == 1
    assert f"{ATTACK} (flickr/d)" in page(data, "left-out-photos-no-face.html").text
    unreadable = page(data, "left-out-photos-truncated.html")
    assert not unreadable.values("img", "src")
    assert "no picture" in unreadable.text


def test_the_pair_viewer_has_each_k_on_the_page_of_its_range(filled: Engine, data: Path) -> None:
    first = report(filled, data)
    assert "4 of the 4 pairs" in first.text
    assert "K = 1 year" in page(data, "pairs.html").text
    assert page(data, "pairs.html").values("nav", "aria-label") == ["pages", "pages by K"]
    text = page(data, "pairs-20-29.html").text
    assert "K = 24 years" in text
    assert "K = 25 years" in text
    assert "K = 30 years" in page(data, "pairs-30-39.html").text
    assert "K = 30 years" not in report(filled, data, pair_examples=1).text


@pytest.mark.parametrize("storage", ["parquet", "virtual"])
def test_pairs_that_are_no_rows_are_shown_and_counted_too(filled: Engine, data: Path, storage: str) -> None:
    by_rows = report(filled, data)
    pairs = page(data, "pairs-20-29.html").text
    build_pair_set(filled, settings=PairSettings(storage=storage), data=data)  # type: ignore[arg-type]
    first = report(filled, data)
    assert "4pairs" in first.text
    assert page(data, "pairs-20-29.html").text == pairs
    assert first.text == by_rows.text
    for file in data.glob("pairs/*.parquet"):
        file.unlink()
        write(filled, data)
        assert "The pairs cannot be shown" in page(data, "pairs.html").text


def test_more_people_than_are_shown_are_counted(filled: Engine, data: Path) -> None:
    write(filled, data, subjects=1)
    text = page(data, "people.html").text
    assert "1 of 2 people" in text
    assert "Anna" in text  # she has three years, Bo two
    assert "Bo" not in text


def test_a_long_list_goes_on_over_pages(filled: Engine, data: Path) -> None:
    with filling(filled, data) as fill:
        for number in range(5):
            fill.dated_face(f"Person_{number}", f"p{number}", 2000)
    write(filled, data, subjects_per_page=3)
    pages = [page(data, name) for name in ("people.html", "people-2.html", "people-3.html")]
    linked = [{href for href in one.values("a", "href") if href.startswith("people/")} for one in pages]
    assert [len(links) for links in linked] == [3, 3, 1]
    assert len(set.union(*linked)) == 7
    assert pages[1].values("a", "href").count("people-3.html") == 2  # above the list and below it


def test_a_missing_crop_is_shown_as_missing(filled: Engine, data: Path) -> None:
    shutil.rmtree(data / "faces" / "Bo")
    result = write(filled, data)
    assert result["pictures_unreadable"] == 3  # two kept faces and a dropped one, in however many lists
    bo = person(data, "Bo")
    assert bo.text.count("no picture") == 2
    assert not bo.values("img", "src")


def test_an_empty_catalog_gives_pages(catalog: Engine, data: Path) -> None:
    first = report(catalog, data)
    assert "no pairs yet" in first.text
    assert not [one for one in all_pages(data) if one.values("img", "src")]
    assert "No kept face has a subject yet" in page(data, "people.html").text


def test_a_run_shows_its_figures_and_plots(filled: Engine, data: Path) -> None:
    first = report(filled, data, runs=(make_run(data.parent / "run"),))
    assert first.text.index("9.50MAE after pretrain") < first.text.index("5.25MAE after finetune")
    assert "50.0 %CS(5)" in first.text
    assert "20-2974.50" in first.text
    assert "validation mae (last 10.1)" in first.text  # a curve where the trainer drew no plot: 9.5 + 3/5
    assert "runs/1/finetune/loss.png" in first.values("img", "src")
    assert (data.parent / "report" / "runs" / "1" / "finetune" / "loss.png").is_file()


def test_two_runs_of_one_name_are_both_shown(filled: Engine, data: Path) -> None:
    first = report(filled, data, runs=(make_run(data.parent / "one" / "run"), make_run(data.parent / "two" / "run")))
    assert {"#run-1", "#run-2"} <= set(first.values("a", "href"))
    assert {"runs/1/finetune/loss.png", "runs/2/finetune/loss.png"} <= set(first.values("img", "src"))


@pytest.mark.parametrize("content", ["", "[]", "{", '{"mae": "?", "per_decade": [1]}', '{"per_decade": {"0": null}}'])
def test_a_run_that_is_not_finished_or_odd_is_no_hindrance(filled: Engine, data: Path, content: str) -> None:
    run = data.parent / "run"
    run.mkdir()
    (run / "evaluation.json").write_text(content)
    (run / "metrics.jsonl").write_text('5\n{"step": "x", "mae": 3}\n{"step": 1, "mae": NaN}\n')
    assert "Training: run" in report(filled, data, runs=(run,)).text


def test_a_run_that_is_not_there_is_told(filled: Engine, data: Path) -> None:
    with pytest.raises(BadInputFile, match="no such run folder"):
        write(filled, data, runs=(data.parent / "nowhere",))
    assert not (data.parent / "report").exists()


def test_a_report_replaces_a_report_and_nothing_else(filled: Engine, data: Path) -> None:
    write(filled, data)
    shutil.rmtree(data / "faces")
    write(filled, data)
    assert not list((data.parent / "report").glob("people/*.jpg"))
    assert "no picture" in person(data, "Bo").text
    (data.parent / "report" / "report.json").unlink()
    before = files_of(data.parent / "report")
    with pytest.raises(BadInputFile, match="did not write"):
        write(filled, data)
    assert files_of(data.parent / "report") == before


def test_the_command_says_where_the_page_is(
    filled: Engine, data: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(data.parent)
    monkeypatch.setenv("AGEGAP_CATALOG", str(filled.url))
    monkeypatch.setenv("AGEGAP_DATA", str(data))
    (data.parent / "agegap.toml").write_text("[curate.report]\nsubjects = 1\n")
    curate.main(["report", "--out", "out", "--workers", "0", "--json"], standalone_mode=False)
    assert json.loads(capsys.readouterr().out)["page"] == "out/index.html"
    assert "1 of 2 people" in Page(data.parent / "out" / "people.html").text


def test_a_spread_keeps_both_ends() -> None:
    assert spread(range(10), 3) in ([0, 4, 9], [0, 5, 9])
    assert spread([1, 2], 5) == [1, 2]
    assert spread([1, 2, 3], 1) == [1]


def test_the_result_is_what_the_folder_says_of_itself(filled: Engine, data: Path) -> None:
    out = data.parent / "report"
    result = write_report(filled, out, data=data, settings=ReportSettings(), workers=0)
    written = json.loads((out / "report.json").read_text())
    assert written == {"format": "agegap-report", **{key: result[key] for key in result if key != "people_unchanged"}}
