"""The extractor as a command, for anyone: `python -m crawler.taken_year "Toma Revik, 3 May 1968"`."""

import json
import sys
from codecs import BOM_UTF8
from collections.abc import Iterable, Iterator
from dataclasses import asdict
from typing import Any

import click

from agegap.cli import run_command
from agegap.errors import DataFailed, WrongUse
from crawler.taken_year.extract import extract_taken_year, read_photo
from crawler.taken_year.jsonl import answer_of, photo_of_record
from crawler.taken_year.records import PhotoText

_ENCODE = json.JSONEncoder(ensure_ascii=False).encode


@click.command()
@click.argument("text", required=False)
@click.option("--jsonl", is_flag=True, help="Read records as JSON lines from standard input, answer one line each.")
@click.option("--explain", "with_evidence", is_flag=True, help="Add every date found, its role, and why it was left.")
@click.option(
    "--earliest",
    type=int,
    default=None,
    help="Earliest year there can be; 1839 for photo records, none for bare texts.",
)
def main(text: str | None, *, jsonl: bool, with_evidence: bool, earliest: int | None) -> None:
    """Print the year the photo with caption TEXT was taken, as one line of JSON.

    With --jsonl each input line holds {"id", "text"} or the named fields of a photo (title, description, tags,
    filename, exif_datetime_original, api_date_taken, api_granularity, api_taken_unknown, upload_date, page_text,
    date_text, exif_modified, device, iptc_date, xmp_date, birth_year, death_year, lang, subject_name, source).
    """
    if jsonl == (text is not None):
        raise WrongUse('give a caption ("Toma Revik, 3 May 1968"), or --jsonl with records on standard input')
    if text is not None:
        _print(_answered(PhotoText(text=text), with_evidence=with_evidence, earliest=earliest))
        return
    bad = 0
    for number, record in _records(sys.stdin.buffer):
        if record is None:
            bad += 1
            _print(
                {"id": None, **answer_of(extract_taken_year(PhotoText())), "reason": f"line {number}: not an object"}
            )
        else:
            answer = _answered(photo_of_record(record), with_evidence=with_evidence, earliest=earliest)
            _print({"id": record.get("id"), **answer})
    if bad:
        lines = (
            "1 line was no JSON object; its answer has"
            if bad == 1
            else f"{bad} lines were no JSON objects; their answers have"
        )
        raise DataFailed(f"{lines} a null id")


def _answered(photo: PhotoText, *, with_evidence: bool, earliest: int | None) -> dict[str, Any]:
    taken, found = read_photo(photo, earliest=earliest)
    answer = answer_of(taken)
    if with_evidence:
        answer["rule"], answer["words"], answer["source"] = taken.rule, taken.words, taken.source
        answer["evidence"] = [asdict(candidate) for candidate in found]
    return answer


def _records(lines: Iterable[bytes]) -> Iterator[tuple[int, dict[str, Any] | None]]:
    for number, line in enumerate(lines, start=1):
        line = line.removeprefix(BOM_UTF8)
        if not line.strip():
            continue
        try:
            record = json.loads(line.decode("utf-8", errors="replace"))
        except (ValueError, RecursionError):
            record = None
        yield number, record if isinstance(record, dict) else None


def _print(answer: dict[str, Any]) -> None:
    # Buffered, and not click.echo, which flushes after each of a million lines.
    sys.stdout.buffer.write(_ENCODE(answer).encode("utf-8", errors="replace") + b"\n")


if __name__ == "__main__":
    run_command(main, "python -m crawler.taken_year")
