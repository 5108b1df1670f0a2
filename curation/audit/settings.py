"""What an audit takes for impossible: `[curate.audit]` of agegap.toml."""

import re
from dataclasses import dataclass
from typing import Annotated

from annotated_types import Ge, Interval

from agegap.errors import SettingsError
from curation.near_hashes import MAX_BITS

_WINDOW = re.compile(r"(?P<site>[^:]+):(?P<first>\d{4})-(?P<last>\d{4})")


@dataclass(frozen=True)
class AuditSettings:
    """Bounds of the checks; docs/audit.md says what each check does."""

    max_age: Annotated[int, Ge(1)] = 116  # the oldest age of UTKFace; beyond it one person alone is proved
    windows: tuple[str, ...] = ("morph2:2003-2007", "cacd2000:2004-2013")  # site and years its photos can be of
    near_bits: Annotated[int, Interval(ge=0, le=MAX_BITS)] = 3  # two crops are one picture; docs/audit.md has why
    age_tolerance: Annotated[float, Ge(0)] = 1.0  # years two labels of one picture may lie apart

    def window_years(self) -> dict[str, tuple[int, int]]:
        """Return the first and last year of each site of `windows`; raise SettingsError for one that is none."""
        years: dict[str, tuple[int, int]] = {}
        for text in self.windows:
            match = _WINDOW.fullmatch(text)
            if match is None or int(match["first"]) > int(match["last"]):
                raise SettingsError(
                    [f"agegap.toml [curate.audit]: 'windows' must be like 'morph2:2003-2007', not '{text}'"]
                )
            years[match["site"]] = (int(match["first"]), int(match["last"]))
        return years
