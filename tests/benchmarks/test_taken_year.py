"""What the benchmark of taken years measures, against cases worked by hand."""

import json
from pathlib import Path
from typing import Any

import pytest

from agegap.errors import BadInputFile
from benchmarks.logistic import fit_curve
from benchmarks.taken_year import Read, points_of, score
from benchmarks.taken_year_measures import (
    Answer,
    Cover,
    Score,
    bins,
    calibration_error,
    equal_bins,
    pair_error,
    precision_by_coverage,
)
from benchmarks.taken_year_peers import PEERS, Peer, reader_of, score_peer
from benchmarks.taken_year_sets import Case, read_cases
from crawler.taken_year import PhotoText, extract_taken_year
from crawler.taken_year.calibration import to_share


def _case(text: str, first: int, last: int, *, has_truth: bool = True) -> Case:
    return Case(PhotoText(title=text), text, first, last, has_truth, "unseen", text)


CASES = [
    _case("Marta, 3 May 1968", 1968, 1968),
    _case("Marta, 1970", 1960, 1965),
    _case("Marta", 1950, 1950),
    _case("Marta, June 1980", 0, 0, has_truth=False),
]


def test_precision_is_of_the_points_and_recall_of_the_rows_with_a_truth() -> None:
    found = score([Read(case, extract_taken_year(case.photo)) for case in CASES])
    assert found == Score(points=3, right=1, answerable=3)
    assert found.precision == pytest.approx(1 / 3)
    assert found.recall == pytest.approx(1 / 3)
    assert (Score(0, 0, 0).precision, Score(0, 0, 0).recall) == (None, None)


def test_a_point_outside_the_truth_is_off_by_the_years_to_it() -> None:
    later, earlier = _case("Marta, 3 May 1968", 1960, 1965), _case("Marta, 3 May 1968", 1970, 1975)
    answers = points_of([Read(case, extract_taken_year(case.photo)) for case in (CASES[0], later, earlier)])
    assert [answer.years_off for answer in answers] == [0, 3, -2]


def test_the_calibration_error_is_the_weighted_distance_of_the_bins() -> None:
    answers = [Answer(0.95, True)] * 3 + [Answer(0.95, False)] + [Answer(0.55, True)] * 2
    assert [(part.count, part.share_right) for part in bins(answers)] == [(2, 1.0), (4, 0.75)]
    assert calibration_error(answers) == pytest.approx((4 * 0.2 + 2 * 0.45) / 6)
    assert calibration_error([Answer(1.0, True)]) == 0.0


def test_bins_of_equally_many_answers_see_what_one_wide_bin_hides() -> None:
    answers = [Answer(0.92, True)] * 10 + [Answer(0.98, False)] + [Answer(0.98, True)] * 9
    assert calibration_error(answers) == pytest.approx(0.0)  # 19 of 20 are right, and 0.95 is the mean
    assert [part.count for part in equal_bins(answers)] == [2] * 10
    # Five pairs of 0.92 and four of 0.98 are all right, one pair of 0.98 is half right.
    assert calibration_error(answers, equal_count=True) == pytest.approx((5 * 0.08 + 4 * 0.02 + 0.48) / 10)


def test_surer_answers_cover_less() -> None:
    answers = [Answer(0.6, False), Answer(0.92, True), Answer(0.99, True)]
    curve = {part.least: part for part in precision_by_coverage(answers, rows=6)}
    assert curve[0.5] == Cover(0.5, 3 / 6, 2 / 3)
    assert curve[0.9] == Cover(0.9, 2 / 6, 1.0)
    assert curve[0.99] == Cover(0.99, 1 / 6, 1.0)


def test_a_pair_is_wrong_where_the_errors_differ_by_more_than_a_year() -> None:
    answers = [Answer(0.9, True, 0)] * 8 + [Answer(0.9, False, 1), Answer(0.9, False, -5)]
    # Of 100 ordered pairs those of -5 with one of the other nine, both ways round; +1 and 0 are within a year.
    assert pair_error(answers) == pytest.approx(18 / 100)
    assert pair_error([]) is None


def test_the_fitted_curve_finds_the_shares_it_was_made_from() -> None:
    scored = [(1.0, number < 600) for number in range(1000)] + [(3.0, number < 950) for number in range(1000)]
    curve = fit_curve(scored)
    assert curve.at(1.0) == pytest.approx(0.6, abs=0.02)
    assert curve.at(3.0) == pytest.approx(0.95, abs=0.02)


def test_few_answers_hardly_move_a_curve_and_none_not_at_all() -> None:
    assert (fit_curve([]).slope, fit_curve([]).shift) == (1.0, 0.0)
    assert fit_curve([(3.0, False)]).at(3.0) < to_share(3.0)
    # Whatever the answers, the surer of two scores stays so.
    upside_down = [(1.0, True)] * 3000 + [(3.0, False)] * 3000
    assert fit_curve(upside_down).slope > 0


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_each_peer_reads_a_plain_date(peer: Peer) -> None:
    read = reader_of(peer)
    if read is None:
        pytest.skip(f"{peer.name} is not installed")
    assert read("3 May 1968" if peer.package != "edtf" else "May 1968") == 1968


def test_a_peer_that_is_not_installed_has_no_reader() -> None:
    assert reader_of(Peer("x", "no_such_package_727", lambda package: package.read)) is None


def test_a_peer_is_scored_on_what_it_finished_in_its_time() -> None:
    def slow_at_the_third(text: str) -> int | None:
        if text == "Marta":
            while True:  # only the alarm ends it
                pass
        return int(text[-4:])

    found = score_peer(slow_at_the_third, CASES, limit_s=0.3)
    assert (found.finished, found.rows) == (2, 4)
    assert found.score == Score(points=2, right=1, answerable=2)


def test_a_peer_that_fails_on_a_text_gives_no_year() -> None:
    found = score_peer(lambda text: int(text), CASES, limit_s=5)
    assert found.score == Score(points=0, right=0, answerable=3)
    assert found.finished == 4


def test_rows_are_read_with_their_truth_and_half(tmp_path: Path) -> None:
    rows = [
        {"text": f"c. {year}", "year_min": year - 3, "year_max": year + 3, "source": f"cmoa {year}"}
        for year in (1950, 1960)
    ]
    (tmp_path / "cmoa_datetext.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    even, odd = read_cases(tmp_path, "cmoa_datetext")
    assert (even.half, odd.half) == ("tuning", "unseen")
    assert (even.photo, even.key) == (PhotoText(text="c. 1950"), "1950")
    assert [even.is_right(year) for year in (1946, 1947, 1953, 1954)] == [False, True, True, False]


def test_of_flickr_records_only_rows_that_mention_a_year_count_and_only_their_texts_are_read(tmp_path: Path) -> None:
    row = {"id": "1", "title": "Oslo", "description": None, "tags": ["1984"], "date_taken": "1984-05-06 07:08:09"}
    lines = [row, {**row, "tags": ["town"]}, {**row, "tags": ["21984"]}]
    (tmp_path / "flickr_records.jsonl").write_text("".join(f"{json.dumps(line)}\n" for line in lines))
    (case,) = read_cases(tmp_path, "flickr_records")
    assert (case.first, case.last, case.photo.date_taken) == (1984, 1984, None)
    assert case.holds_truth


def test_an_example_has_a_truth_only_where_one_year_is_right(tmp_path: Path) -> None:
    fields: dict[str, Any] = {"title": "Marta", "description": "", "page_text": None, "tags": ["a"], "taken_year": 1984}
    rows = [
        {"id": "a", **fields, "kind": "circa", "acceptable_years": [1982, 1983, 1984, 1985, 1986]},
        {"id": "b", **fields, "kind": "range", "acceptable_years": [1980, 1981]},
        {"id": "c", **fields, "kind": "none", "acceptable_years": []},
    ]
    (tmp_path / "taken_year_examples.jsonl").write_text("".join(f"{json.dumps(row)}\n" for row in rows))
    circa, *others = read_cases(tmp_path, "taken_year_examples")
    assert [circa.is_right(year) for year in (1981, 1982, 1986, 1987)] == [False, True, True, False]
    assert [case.is_right(1980) for case in others] == [False, False]
    assert circa.photo == PhotoText(title="Marta", tags="a")


def test_a_folder_without_the_sets_is_told_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInputFile, match="--dates"):
        read_cases(tmp_path, "tate_datetext")
