"""Answers as text, lines of JSON, or a table of commas: one row a face, a photo without an age, or a person."""

import csv
import json
from collections.abc import Callable, Mapping
from dataclasses import asdict
from typing import IO, Any, Literal, TypeAlias

from train.predict.answers import NoAge, PersonAge, PredictedAge

Form = Literal["text", "lines", "csv"]
Answer: TypeAlias = PredictedAge | NoAge | PersonAge

FORMS: dict[str, Form] = {".csv": "csv", ".jsonl": "lines", ".ndjson": "lines"}
"""The form that the name of a file asks for."""

COLUMNS = (
    *("image", "video", "face", "faces", "person", "age", "low", "high"),
    *("left", "top", "width", "height", "score", "from_s", "to_s", "looks", "reason", "detail"),
)
"""Of the CSV; a cell that an answer lacks is empty."""


def writer(form: Form, handle: IO[str]) -> Callable[[Answer], None]:
    """Return what writes one answer to `handle`; the head of a CSV is written at once."""
    if form == "csv":
        table = csv.DictWriter(handle, COLUMNS, restval="", lineterminator="\n")
        table.writeheader()
        return lambda answer: table.writerow(cells(answer))
    if form == "lines":
        return lambda answer: _line(handle, json.dumps(asdict(answer), ensure_ascii=False))
    return lambda answer: None if isinstance(answer, NoAge) else _line(handle, sentence(answer))


def cells(answer: Answer) -> Mapping[str, Any]:
    """Return an answer as cells of the CSV; ages over time have no place in it."""
    row = asdict(answer)
    row.pop("ages", None)
    if isinstance(answer, PredictedAge):
        row |= dict(zip(("left", "top", "width", "height"), row.pop("box"), strict=True))
    return row


def sentence(answer: PredictedAge | PersonAge) -> str:
    """Return what a person reads of an answer."""
    years = f"{answer.age:.0f} years (90 %: {answer.low:.0f} to {answer.high:.0f})"
    if isinstance(answer, PersonAge):
        when = f"{answer.from_s:.1f} to {answer.to_s:.1f} s, {answer.looks} looks"
        return f"{answer.video}  person {answer.person}, {when}: {years}"
    if answer.face > 1:
        return f"{answer.image}  face {answer.face}: {years}"
    others = f", largest of {answer.faces} faces" if answer.faces > 1 else ""
    return f"{answer.image}  {years}{others}"


def _line(handle: IO[str], text: str) -> None:
    handle.write(text + "\n")
    handle.flush()  # somebody may be watching a camera
