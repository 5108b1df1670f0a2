"""What `benchmarks/report.py` measures: two runs of the report, its files, and a browser's first paint."""

import json
import os
import re
import resource
import shutil
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

_WATCH = """<script>
new PerformanceObserver(function (list) {
  list.getEntries().forEach(function (entry) { console.log(entry.name + " " + entry.startTime); });
}).observe({type: "paint", buffered: true});
</script></body>"""


def run(folder: Path, *, people: int, faces: int, workers: int) -> None:
    """Make the catalog in `folder`, write the report twice, print a line a figure."""
    from benchmarks.report_catalog import fill
    from curation.pairing.sets import build_pair_set
    from curation.pairing.settings import PairSettings
    from db.session import open_catalog

    data, out = folder / "data", folder / "report"
    engine = open_catalog(f"sqlite:///{folder / 'catalog.db'}")
    started = time.monotonic()
    with engine.begin() as connection:
        fill(connection, data, people=people, faces=faces)
    pairs = build_pair_set(engine, settings=PairSettings(), data=data)["pairs"]
    say("catalog", people=people, faces=people * faces, pairs=pairs, made_in_s=round(time.monotonic() - started, 1))
    engine.dispose()
    for what in ("first", "nothing changed"):
        say(f"report, {what}", **written(folder, out, workers))
    say("pages", **sizes(out))
    say("browser", first_paint_ms=first_paint(out / "index.html"))


def written(folder: Path, out: Path, workers: int) -> dict[str, Any]:
    """Write the report in a process of its own, as a user does; return what it took."""
    import sys

    before, started = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    environment = os.environ | {
        "AGEGAP_CATALOG": f"sqlite:///{folder / 'catalog.db'}",
        "AGEGAP_DATA": str(folder / "data"),
    }
    command = [str(Path(sys.executable).parent / "curate"), "report", "--out", str(out), "--workers", str(workers)]
    done = subprocess.run([*command, "--json"], env=environment, check=True, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    result = json.loads(done.stdout)
    return {
        "s": round(time.monotonic() - started, 1),
        "cpu_s": round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 1),
        "most_mb_a_process": round(after.ru_maxrss / 1024),
        "people": result["people"],
        "unchanged": result["people_unchanged"],
        "load": round(os.getloadavg()[0], 1),
    }


def sizes(out: Path) -> dict[str, Any]:
    """Return the sizes of the report's files, MB."""
    files = [(path, path.stat().st_size) for path in out.rglob("*") if path.is_file()]

    def of(keep: Any) -> float:
        return round(sum(size for path, size in files if keep(path)) / 1e6, 2)

    return {
        "index_mb": of(lambda path: path.name == "index.html"),
        "index_lists_and_search_mb": of(lambda path: path.parent == out or path.name == "names.js"),
        "people_pages_mb": of(lambda path: path.parent.name == "people" and path.suffix == ".html"),
        "sheets_mb": of(lambda path: path.suffix == ".jpg"),
        "files": len(files),
    }


def first_paint(page: Path) -> float | str:
    """Return the milliseconds until Chromium painted something of a page, the middle of five, or why not."""
    chromium = shutil.which("chromium") or shutil.which("chromium-browser")
    if chromium is None:
        return "no chromium here"
    copy = page.with_name("watched.html")
    copy.write_text(page.read_text(encoding="utf-8").replace("</body>", _WATCH), encoding="utf-8")
    found = []
    try:
        for _ in range(5):
            with tempfile.TemporaryDirectory() as profile:
                flags = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars"]
                flags += ["--disable-background-networking", f"--user-data-dir={profile}", "--window-size=390,844"]
                command = [chromium, *flags, "--enable-logging=stderr", f"--screenshot={profile}/page.png"]
                seen = subprocess.run(
                    [*command, copy.as_uri()], check=True, capture_output=True, text=True, timeout=120
                ).stderr
            painted = re.search(r"first-paint ([\d.]+)", seen)
            if painted:
                found.append(float(painted[1]))
    finally:
        copy.unlink()
    return sorted(found)[len(found) // 2] if found else "nothing painted in time"


def say(what: str, **figures: Any) -> None:
    """Print one line."""
    print(f"{what}: {json.dumps(figures)}", flush=True)
