"""In a browser: no page is wider than its window, every picture is found, a card opens, the search finds a name."""

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from sqlalchemy import Engine

from curation.pairing.sets import build_pair_set
from curation.pairing.settings import PairSettings
from tests.curation.filled import filling
from tests.curation.report_pages import fill_people, make_photos, make_run, write

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
PHONE, DESK = (390, 844), (1280, 900)

# What is asked of a page once it is loaded. It stands in a frame of the wanted size, for no window of Chromium is
# narrower than 500 pixels; the answer becomes an attribute of the page around it.
ASK = """<script>
window.addEventListener("load", function () {
  var card = document.querySelector("[popover]"), box = document.getElementById("search"), images = document.images;
  for (var i = 0; i < images.length; i++) images[i].loading = "eager";
  if (document.querySelector(".face > button")) document.querySelector(".face > button").click();
  if (box) {
    box.dispatchEvent(new Event("focus"));
    box.value = "bo";
    box.dispatchEvent(new Event("input"));
  }
  setTimeout(function () {
    parent.postMessage(JSON.stringify({
      window: innerWidth, content: document.documentElement.scrollWidth, alerted: window.alerted === true,
      broken: Array.from(images).filter(function (image) { return !image.naturalWidth; }).length,
      images: images.length, cards: document.querySelectorAll("[popover]").length,
      open: card ? card.matches(":popover-open") : null,
      found: box ? document.getElementById("found").textContent : null
    }), "*");
  }, 700);
});
</script></body>"""
AROUND = """<!doctype html><body style="margin: 0"><script>
window.addEventListener("message", function (event) { document.body.setAttribute("data-answer", event.data); });
</script><iframe src="%s" style="border: 0; width: %dpx; height: %dpx"></iframe></body>"""
NO_ALERTS = "<head><script>window.alert = function () { window.alerted = true; };</script>"


@pytest.fixture
def folder(sqlite_catalog: Engine, tmp_path: Path) -> Path:
    """A report with all kinds of pages."""
    if CHROMIUM is None:
        pytest.skip("needs chromium, which is not installed here")
    data = tmp_path / "data"
    make_photos(data)
    with filling(sqlite_catalog, data) as fill:
        fill_people(fill)
        fill.dated_face("A_name_without_a_space_" + "x" * 200, "long", 1990)
    build_pair_set(sqlite_catalog, settings=PairSettings())
    write(sqlite_catalog, data, runs=(make_run(tmp_path / "run"),))
    return tmp_path / "report"


def ask(page: Path, profile: Path, size: tuple[int, int]) -> dict[str, object]:
    """Open a page in Chromium and return what it answers."""
    asked = page.with_name(f"asked-{page.name}")
    asked.write_text(page.read_text().replace("<head>", NO_ALERTS).replace("</body>", ASK))
    around = page.with_name("around.html")
    around.write_text(AROUND % (asked.name, *size))
    flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]
    flags += ["--hide-scrollbars", f"--user-data-dir={profile}", f"--window-size={size[0] + 100},{size[1] + 100}"]
    flags += ["--virtual-time-budget=5000", "--dump-dom"]
    assert CHROMIUM is not None
    command = [CHROMIUM, *flags, around.as_uri()]
    seen = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60).stdout
    asked.unlink()
    around.unlink()
    answer = re.search(r'data-answer="([^"]*)"', seen)
    assert answer, seen[:300]
    result: dict[str, object] = json.loads(answer[1].replace("&quot;", '"'))
    return result


@pytest.mark.slow
@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_every_kind_of_page_works_in_a_browser(folder: Path, tmp_path: Path, size: tuple[int, int]) -> None:
    names = ["index.html", "people.html", "pairs-20-29.html", "left-out-faces-blurred.html", "worst.html"]
    names += [f"people/{path.name}" for path in (folder / "people").glob("*.html")][:3]
    for name in names:
        answer = ask(folder / name, tmp_path / "profile", size)
        assert answer["window"] == size[0], name
        assert answer["content"] == size[0], f"{name} is wider than the window"
        assert answer["broken"] == 0, name
        assert not answer["alerted"], name
        assert answer["open"] is (True if answer["cards"] else None), name
        if name == "people.html":
            assert re.search(r"Bo 2 faces, 1990 to 2020$", str(answer["found"]))
    assert answer["cards"]
