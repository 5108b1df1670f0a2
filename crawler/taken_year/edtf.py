"""A taken year in EDTF, the Library of Congress's way of writing dates that are not exact."""

from crawler.taken_year.records import TakenYear

_YEARS_OF_A_DECADE = 9


def to_edtf(taken: TakenYear) -> str | None:
    """Return `1984`, `1984~` (circa), `198X` (a decade), `1984/1986` (an interval), or None where unknown."""
    if taken.edtf is not None:
        return taken.edtf
    if taken.year is not None and taken.precision != "range":
        return f"{taken.year:04d}~" if taken.precision == "circa" else f"{taken.year:04d}"
    if taken.year_min is None or taken.year_max is None:
        return None
    if taken.year_min % 10 == 0 and taken.year_max - taken.year_min == _YEARS_OF_A_DECADE:
        return f"{taken.year_min // 10:03d}X"
    return f"{taken.year_min:04d}/{taken.year_max:04d}"
