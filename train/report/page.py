"""report.html of a run: everything `train evaluate` measured on one page that can be sent as one file.

Faces are shown only when asked for: a report is passed on more easily than photos of people should be.
"""

import json
from pathlib import Path
from typing import Any

from agegap.errors import BadInputFile
from agegap.files import write_text
from agegap.html import Html, element, join
from train.evaluation.said_table import PREDICTIONS, read_said
from train.report import sections
from train.report.faces import best_and_worst
from train.report.style import STYLE
from train.run_folder import EVALUATION, SETTINGS, RunFolder

REPORT = "report.html"

_REMEDY = "run `train evaluate` first"


def write_report(run: Path, *, faces_of: Path | None = None) -> Path:
    """Write report.html into an evaluated run folder and return its path.

    `faces_of`, the dataset folder that was measured on, adds the faces with the smallest and largest errors. Raises
    BadInputFile where the run was not evaluated, or not on that folder.
    """
    measured = read_evaluation(run)
    said = read_said(run / PREDICTIONS)
    notes = _notes(run)
    title = f"{run.name} on {Path(str(measured['test']['folder'])).name}"
    parts = [
        sections.head_tiles(measured),
        sections.errors(measured, said),
        sections.readings(measured),
        *sections.groups(measured),
        sections.training(RunFolder(run).metrics()),
        best_and_worst(said, faces_of, measured) if faces_of else None,
        sections.origins(measured, notes),
    ]
    about = f"{measured.get('model') or measured['stage']}, stage {measured['stage']}"
    if notes.get("preset"):
        about += f", preset {notes['preset']}"
    write_text(run / REPORT, page(title, about, [part for part in parts if part is not None]))
    return run / REPORT


def page(title: str, about: str, parts: list[Html]) -> str:
    """Return a whole page that needs no other file."""
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("title", title),
        element("style", Html(STYLE)),
    )
    body = element("body", element("header", element("h1", title), element("p", about)), element("main", parts))
    return "<!doctype html>\n" + join(element("html", head, body, lang="en")) + "\n"


def read_evaluation(run: Path) -> dict[str, Any]:
    """Return the evaluation.json of a run folder; raise BadInputFile where there is none of this version."""
    path = run / EVALUATION
    try:
        content = dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        raise BadInputFile(run, f"holds no readable {EVALUATION}", _REMEDY) from None
    if "calibration" not in content or "test" not in content:
        raise BadInputFile(path, "was written by an older program", "run `train evaluate` again")
    for table in (content["cs"], content["per_decade"], *content["calibration"].values()):
        if isinstance(table, dict):  # in the file "10" stands before "2"
            in_order = sorted(table.items(), key=lambda item: int(item[0].split("-")[0]))
            table.clear()
            table.update(in_order)
    return content


def _notes(run: Path) -> dict[str, Any]:
    return RunFolder(run).notes() if (run / SETTINGS).is_file() else {}
