"""docs/catalog.md names each table and column and nothing else, and its queries give what Python counts."""

import re
from collections import Counter, defaultdict
from collections.abc import Callable
from decimal import ROUND_HALF_UP, Decimal
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Engine, inspect, text

from db.models import Base
from tests.db.filled import NAMES, Rows, fill, make_rows

DOC = (Path(__file__).resolve().parents[2] / "docs" / "catalog.md").read_text(encoding="utf-8")
_HEAD, _QUERIES = DOC.split("\n## Ready queries\n")
_TABLES, _VIEWS = _HEAD.split("\n## Views\n")

ROWS = make_rows()
Answer = list[tuple[Any, ...]]


def _sections(part: str) -> dict[str, str]:
    headed = re.split(r"^### (.+)$", part, flags=re.MULTILINE)[1:]
    return dict(zip(headed[::2], headed[1::2], strict=True))


def _queries() -> dict[str, str]:
    """Return title -> SQL of each ready query."""
    found = {}
    for title, section in _sections(_QUERIES).items():
        blocks = re.findall(r"```sql\n(.*?)```", section, flags=re.DOTALL)
        assert len(blocks) == 1, f"'{title}' must hold one query"
        found[title] = blocks[0]
    return found


def test_each_table_is_documented_and_no_other() -> None:
    assert sorted(_sections(_TABLES)) == sorted(Base.metadata.tables)


@pytest.mark.parametrize("name", sorted(Base.metadata.tables))
def test_each_column_is_documented_in_its_order_and_no_other(name: str) -> None:
    documented = re.findall(r"^\| `(\w+)` \| \S.* \|$", _sections(_TABLES)[name], flags=re.MULTILINE)
    assert documented == [column.name for column in Base.metadata.tables[name].columns]


def test_each_view_is_documented_with_its_columns_in_their_order(catalog: Engine) -> None:
    seen = inspect(catalog)
    documented = {
        name: re.findall(r"^\| `(\w+)` \| \S.* \|$", section, flags=re.MULTILINE)
        for name, section in _sections(_VIEWS).items()
    }
    assert documented == {name: [c["name"] for c in seen.get_columns(name)] for name in seen.get_view_names()}


def test_the_words_a_state_can_be_are_documented() -> None:
    for name, column, words in [
        ("query", "state", ("pending", "leased", "done", "gone", "failed")),
        ("photo", "state", ("pending", "leased", "done", "gone", "failed")),
        ("search_window", "state", ("pending", "leased", "done", "failed")),
        ("tombstone", "kind", ("photo", "owner", "subject", "url", "sha256")),
        ("face", "status", ("kept", "dropped")),
    ]:
        (line,) = re.findall(rf"^\| `{column}` \|.*$", _sections(_TABLES)[name], flags=re.MULTILINE)
        constraint = " ".join(
            str(check.sqltext) for check in Base.metadata.tables[name].constraints if hasattr(check, "sqltext")
        )
        for word in words:
            assert f"`{word}`" in line
            assert f"'{word}'" in constraint


def _photos_of_a_subject(rows: Rows) -> Answer:
    who = NAMES.index("Marta_Quillon") + 1
    found = [
        (rows.years[photo["id"]]["year"], photo["id"], photo["page_url"])
        for photo in rows.photos
        if rows.subject_of[photo["id"]] == who and rows.years.get(photo["id"], {}).get("year")
    ]
    return [(year, 0.9, None, url, None) for year, _, url in sorted(found, key=lambda row: row[:2])]


def _wide_pairs(rows: Rows) -> Answer:
    faces = {face["id"]: face for face in rows.faces}
    names = {subject["id"]: subject["display_name"] for subject in rows.subjects}
    wide = [pair for pair in rows.pairs if pair["pair_set_id"] == 1 and pair["gap_years"] >= 20]
    wide.sort(key=lambda pair: (-pair["gap_years"], pair["younger_face_id"], pair["older_face_id"]))
    answer: Answer = []
    for pair in wide:
        younger, older = faces[pair["younger_face_id"]], faces[pair["older_face_id"]]
        years = (rows.year(younger), rows.year(older))
        crops = (younger["crop_path"], older["crop_path"])
        answer.append((names[pair["subject_id"]], pair["gap_years"], *years, *crops))
    return answer


def _drops(rows: Rows) -> Answer:
    counts = Counter(("photo", scan["drop_reason"]) for scan in rows.scans if scan["drop_reason"])
    counts += Counter(("face", face["drop_reason"]) for face in rows.faces if face["status"] == "dropped")
    return sorted(((*key, count) for key, count in counts.items()), key=lambda row: (-row[2], row[0], row[1]))


def _percent(part: int, whole: int) -> float:
    """Round halves up, as both databases do and Python's `round` does not."""
    return float((Decimal(100 * part) / whole).quantize(Decimal("0.1"), ROUND_HALF_UP))


def _dated_share(rows: Rows) -> Answer:
    sites = {photo["id"]: photo["site"] for photo in rows.photos}
    counts = Counter((sites[photo], row["source"] if row["year"] else "(no year)") for photo, row in rows.years.items())
    totals: Counter[str] = Counter()
    for (site, _), count in counts.items():
        totals[site] += count
    answer = [(site, source, n, _percent(n, totals[site])) for (site, source), n in counts.items()]
    return sorted(answer, key=lambda row: (row[0], -row[2], row[1]))


def _widest(rows: Rows) -> Answer:
    years: dict[int, list[tuple[int, int]]] = defaultdict(list)
    for face in rows.faces:
        year = rows.year(face)
        if face["status"] == "kept" and year is not None:
            years[face["subject_id"]].append((year, face["photo_id"]))
    answer = []
    for subject in rows.subjects:
        dated = years[subject["id"]]
        if dated:
            first, last = min(dated)[0], max(dated)[0]
            answer.append((subject["name"], last - first, first, last, len({photo for _, photo in dated})))
    return sorted(answer, key=lambda row: (-row[1], row[0]))


def _undated(rows: Rows) -> Answer:
    groups: dict[tuple[str, str], list[str]] = defaultdict(list)
    for photo in rows.photos:
        row = rows.years.get(photo["id"])
        if row is None or row["year"] is None:
            why = row["reason"] if row else "texts not read yet"
            groups[photo["site"], why].append(photo["site_id"])
    answer = [(site, why, len(ids), min(ids)) for (site, why), ids in groups.items()]
    return sorted(answer, key=lambda row: (-row[2], row[0], row[1]))


def _dates(rows: Rows) -> Answer:
    groups: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in rows.evidence:
        groups[row["source"], row["role"]].append(row)
    answer = [
        (*key, len(some), sum(row["is_chosen"] for row in some), min(row["words"] for row in some))
        for key, some in groups.items()
    ]
    return sorted(answer, key=lambda row: (-row[2], row[0], row[1]))


def _crawl(rows: Rows) -> Answer:
    groups: dict[tuple[str, str], list[int | None]] = defaultdict(list)
    for photo in rows.photos:
        groups[photo["site"], photo["state"]].append(photo["byte_count"])
    return [(*key, len(sizes), sum(size for size in sizes if size) or None) for key, sizes in sorted(groups.items())]


def _credits(rows: Rows) -> Answer:
    shown = {face["photo_id"] for face in rows.faces if face["status"] == "kept"}
    columns = ("site", "owner_name", "title", "licence", "page_url")
    found = [
        tuple(photo[column] for column in columns)
        for photo in rows.photos
        if photo["id"] in shown and photo["page_url"]
    ]
    return sorted(found, key=lambda row: (row[0], row[1], row[4]))


def _work(rows: Rows) -> Answer:
    parts = {"search": rows.windows, "image": rows.photos}
    groups: dict[tuple[str, str, str], list[Any]] = defaultdict(list)
    for what, some in parts.items():
        for row in some:
            groups[what, row["site"], row["state"]].append(row.get("next_try"))
    searches = [group for group in sorted(groups) if group[0] == "search"]
    images = [group for group in sorted(groups) if group[0] == "image"]
    return [(*key, len(groups[key]), sum(wait is not None for wait in groups[key])) for key in searches + images]


def _coverage(rows: Rows) -> Answer:
    names = {subject["id"]: subject["name"] for subject in rows.subjects}
    found = Counter(link["query_id"] for link in rows.links)
    queries = sorted(rows.queries, key=lambda row: (names[row["subject_id"]], row["site"], row["id"]))
    columns = ("site", "kind", "state", "total")
    return [
        (names[row["subject_id"]], *(row[c] for c in columns), found[row["id"]], row["photos_refused"])
        for row in queries
    ]


def _homonyms(rows: Rows) -> Answer:
    settled = {row["subject_id"] for row in rows.candidates if row["is_accepted"]}
    subjects = {subject["id"]: subject for subject in rows.subjects}
    left = [row for row in rows.candidates if row["subject_id"] not in settled]
    left.sort(key=lambda row: (subjects[row["subject_id"]]["name"], row["place"]))
    columns = ("place", "entity_id", "label", "birth_date", "score")
    return [(subjects[row["subject_id"]]["display_name"], *(row[column] for column in columns)) for row in left]


def _ages(rows: Rows) -> Answer:
    subjects = {subject["id"]: subject for subject in rows.subjects}
    answer = []
    for photo in rows.photos:
        subject = subjects[rows.subject_of[photo["id"]]]
        year, first = rows.years.get(photo["id"], {}).get("year"), subject.get("birth_year_min")
        if year is not None and first is not None and year >= first:
            bounds = (max(0, year - subject["birth_year_max"] - 1), year - first)
            answer.append((subject["name"], *bounds, photo["id"], photo["site"], photo["site_id"]))
    return [(name, site, site_id, least, most) for name, least, most, _, site, site_id in sorted(answer)]


def _by_licence(rows: Rows) -> Answer:
    names = {(row["site"], row["licence_id"]): row["name"] for row in rows.licences}
    counts = Counter((photo["site"], photo["licence"]) for photo in rows.photos)
    answer = [(*key, names.get(key), count) for key, count in counts.items()]
    return sorted(answer, key=lambda row: (-row[3], row[0], row[1]))


def _groups(rows: Rows) -> dict[int, list[tuple[Any, Any]]]:
    """Return (duplicate, face) of each group."""
    faces = {face["id"]: face for face in rows.faces}
    groups: dict[int, list[tuple[Any, Any]]] = defaultdict(list)
    for row in rows.duplicates:
        groups[row["group_id"]].append((row, faces[row["face_id"]]))
    return groups


def _under_two_names(rows: Rows) -> Answer:
    names = {subject["id"]: subject["name"] for subject in rows.subjects}
    urls = {photo["id"]: photo["page_url"] for photo in rows.photos}
    found = [
        (group, names[face["subject_id"]], face["id"], row["kind"], row["distance"], urls[face["photo_id"]])
        for group, members in _groups(rows).items()
        for row, face in members
        if len({face["subject_id"] for _, face in members}) > 1
    ]
    assert len({group for group, *_ in found}) < len(_groups(rows))  # some groups are of one subject
    return sorted(found, key=lambda row: row[:3])


def _near_duplicates(rows: Rows) -> Answer:
    answer = []
    for group, members in _groups(rows).items():
        subjects = {face["subject_id"] for _, face in members}
        near = sum(row["kind"] == "near" for row, _ in members)
        answer.append((group, len(members), len(subjects), near, max(row["distance"] for row, _ in members)))
    return sorted(answer, key=lambda row: (-row[1], row[0]))


def _audit(rows: Rows) -> Answer:
    groups: dict[tuple[str, str], list[Any]] = defaultdict(list)
    for row in rows.findings:
        groups[row["check_name"], row["state"]].append(row)
    return [
        (
            *key,
            len(some),
            len({row["subject_id"] for row in some} - {None}),
            sum(row["fix"] is not None for row in some),
        )
        for key, some in sorted(groups.items())
    ]


COUNTED: dict[str, Callable[[Rows], Answer]] = {
    "Photos of a subject by year": _photos_of_a_subject,
    "Pairs with K of 20 years or more": _wide_pairs,
    "Why faces were dropped": _drops,
    "Dated share by source": _dated_share,
    "Subjects with the widest span of years": _widest,
    "Photos without a year, and why": _undated,
    "What the dates in texts are of": _dates,
    "Pictures under two names": _under_two_names,
    "Near-duplicates": _near_duplicates,
    "What the audit doubts": _audit,
    "Where the crawl stands": _crawl,
    "Work that is left": _work,
    "Coverage by name": _coverage,
    "Homonyms left open": _homonyms,
    "Ages in photos": _ages,
    "Photos by licence": _by_licence,
    "Whom to credit": _credits,
}


def test_each_ready_query_is_counted_here() -> None:
    assert list(_queries()) == list(COUNTED)


def _plain(value: Any) -> Any:
    """Return numbers of Postgres (Decimal) as those of SQLite."""
    return value if value is None or isinstance(value, str | int) else round(float(value), 6)


def test_each_query_gives_what_a_count_in_python_gives(catalog: Engine) -> None:
    with catalog.begin() as connection:
        fill(connection, ROWS)
        for title, sql in _queries().items():
            answer = [tuple(_plain(value) for value in row) for row in connection.execute(text(sql))]
            expected = COUNTED[title](ROWS)
            assert len(expected) >= 4, f"'{title}' has hardly anything to show"
            assert answer == expected, title
