"""What is in a catalog and a data folder, by plain SQL and a look at every file: not by the crawl's counters."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import text

from agegap.files import PART_SUFFIX, sha256_of_file
from crawler.photosite.big import expected_sha256
from db.session import connect


@dataclass(frozen=True)
class Kept:
    """The rows and files that crawls left."""

    photos: list[Any]
    """site_id, state, path, sha256."""
    pairs: list[tuple[str, str]]
    """(subject's name, site_id) of each link of a photo to a search."""
    subjects: list[tuple[str, str]]
    leases: int
    workers_open: int
    windows_open: int
    photos_seen: int


def read_kept(catalog_url: str) -> Kept:
    """Read a catalog."""
    with connect(catalog_url).connect() as connection:

        def rows(statement: str) -> list[Any]:
            return list(connection.execute(text(statement)))

        def one(statement: str) -> int:
            return int(connection.execute(text(statement)).scalar() or 0)

        links = (
            "select s.name, p.site_id from photo_query l join photo p on p.id = l.photo_id "
            "join query q on q.id = l.query_id join subject s on s.id = q.subject_id"
        )
        subjects = "select s.name, p.site_id from photo_subject l join photo p on p.id = l.photo_id "
        leased = "where leased_by is not null or state = 'leased'"
        return Kept(
            photos=rows("select site_id, state, path, sha256 from photo"),
            pairs=[(name, site_id) for name, site_id in rows(links)],
            subjects=[(name, site_id) for name, site_id in rows(f"{subjects} join subject s on s.id = l.subject_id")],
            leases=one(f"select count(*) from photo {leased}") + one(f"select count(*) from search_window {leased}"),
            workers_open=one("select count(*) from crawl_worker where ended_at is null"),
            windows_open=one("select count(*) from search_window where state <> 'done'"),
            photos_seen=one("select sum(photos_seen - photos_refused) from query"),
        )


def ids_in(catalog_url: str) -> list[str]:
    """Return the site's id of every photo row, a repeated one again and again."""
    with connect(catalog_url).connect() as connection:
        return list(connection.execute(text("select site_id from photo")).scalars())


@dataclass(frozen=True)
class Files:
    """What lies below `photos`: whole files by the photo they belong to, and what should not be there."""

    whole: dict[str, int]
    """Photo id: how many files hold its very bytes."""
    wrong: list[str]
    """Files whose bytes are not those the site has for the photo of that name."""
    parts: int
    """Temporary files that were left."""


def read_files(data: Path) -> Files:
    """Look at every file below the data folder's photos."""
    whole: dict[str, int] = {}
    wrong: list[str] = []
    parts = 0
    for path in (data / "photos").rglob("*"):
        if not path.is_file():
            continue
        if path.name.endswith(PART_SUFFIX):
            parts += 1
        elif path.stem.isdigit() and sha256_of_file(path) == expected_sha256(path.stem):
            whole[path.stem] = whole.get(path.stem, 0) + 1
        else:
            wrong.append(path.name)
    return Files(whole, wrong, parts)
