"""Births that imported sets tell: written where nothing else is known."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import Connection, bindparam, update

from db.models import Subject

_subject = Subject.__table__
_PRECISIONS = {4: "year", 7: "month", 10: "day"}
"""Length of an ISO date, and how much of it is known."""


def save_set_births(connection: Connection, births: Mapping[int, str]) -> None:
    """Write the births (subject row id to ISO date of any precision) of the subjects whose birth is not known.

    What Wikidata or another set told stays: a set's births are as good as the set.
    """
    rows = [
        {
            "key_id": subject_id,
            "birth_date": birth,
            "birth_precision": _PRECISIONS[len(birth)],
            "birth_calendar": "gregorian",
            "birth_year_min": int(birth[:4]),
            "birth_year_max": int(birth[:4]),
        }
        for subject_id, birth in births.items()
    ]
    if not rows:
        return
    unknown = (_subject.c.birth_date.is_(None), _subject.c.birth_year_min.is_(None))
    values: dict[str, Any] = {name: bindparam(name) for name in rows[0] if name != "key_id"}
    # In order of the key: two imports at once wait for each other and do not lock each other out.
    statement = update(Subject).where(_subject.c.id == bindparam("key_id"), *unknown).values(values)
    connection.execute(statement, sorted(rows, key=lambda row: int(str(row["key_id"]))))
