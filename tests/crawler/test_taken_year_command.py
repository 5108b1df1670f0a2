"""`python -m crawler.taken_year`: one line of JSON for a caption, one a record for a file of records."""

import json
import subprocess
import sys

from click.testing import CliRunner

from crawler.taken_year.__main__ import main


def test_a_caption_gives_one_line_of_json() -> None:
    outcome = CliRunner().invoke(main, ["Toma Revik, 3 May 1968"])
    assert json.loads(outcome.output)["taken_year"] == 1968
    assert outcome.output.count("\n") == 1


def test_records_are_answered_in_order() -> None:
    records = [
        {"id": "b", "title": "Toma, c. 1955", "tags": ["toma"], "upload_date": "2012-05-05T00:00:00Z"},
        {"id": "a", "text": "born 1931"},
        {
            "id": 3,
            "title": "Uncle",
            "api_date_taken": "1941-01-01 00:00:00",
            "api_granularity": 6,
            "api_taken_unknown": 0,
        },
    ]
    outcome = CliRunner().invoke(main, ["--jsonl"], input="".join(f"{json.dumps(r)}\n" for r in records))
    answers = [json.loads(line) for line in outcome.output.splitlines()]
    assert [(a["id"], a["taken_year"], a["edtf"]) for a in answers] == [
        ("b", 1955, "1955~"),
        ("a", None, None),
        (3, 1941, "1941"),
    ]
    assert list(answers[0]) == ["id", "taken_year", "year_min", "year_max", "edtf", "confidence", "reason"]


def test_a_line_that_is_no_record_is_answered_and_counted() -> None:
    outcome = CliRunner().invoke(
        main, ["--jsonl"], input=b'\xff\xfe\n[1]\n{"id": 1, "text": "Toma, 1984", "tags": 7}\n'
    )
    answers = [json.loads(line) for line in outcome.output.splitlines()]
    assert [(a["id"], a["taken_year"]) for a in answers] == [(None, None), (None, None), (1, 1984)]
    assert "2 lines" in str(outcome.exception)


def test_evidence_is_shown_on_demand() -> None:
    outcome = CliRunner().invoke(main, ["--explain", "born 1931, taken in 1984"])
    assert [(c["words"], c["role"]) for c in json.loads(outcome.output)["evidence"]] == [
        ("1931", "birth_death"),
        ("1984", "taken"),
    ]


def test_wrong_use_gets_one_sentence_and_exit_code_2() -> None:
    done = subprocess.run([sys.executable, "-m", "crawler.taken_year"], capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert "--jsonl" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_file_as_windows_writes_it_is_read_and_one_bad_line_is_named_in_the_singular() -> None:
    lines = b'\xef\xbb\xbf{"id": "a", "text": "May 1968"}\r\nnonsense\r\n'
    outcome = CliRunner().invoke(main, ["--jsonl"], input=lines)
    assert [json.loads(line)["taken_year"] for line in outcome.output.splitlines()] == [1968, None]
    assert "1 line was" in str(outcome.exception)


def test_no_records_give_no_answers() -> None:
    outcome = CliRunner().invoke(main, ["--jsonl"], input=b"\n \n")
    assert (outcome.output, outcome.exit_code) == ("", 0)
