"""The ages of Adience: eight classes of years, and everything else its lists hold.

Counts are of all 19,487 rows. Odd ages are mapped as WildChlamydia/MiVOLO `tools/prepare_adience.py` does (others put
35 into 38-43, so the text is kept too).
"""

import re
from dataclasses import dataclass

_CLASSES = ((0, 2), (4, 6), (8, 12), (15, 20), (25, 32), (38, 43), (48, 53), (60, 100))
_ODD = {
    **dict.fromkeys(("2", "3"), (0, 2)),
    **dict.fromkeys(("13", "(8, 23)"), (8, 12)),
    "22": (15, 20),
    # (25, 23) is a slip of the pen for the class, 72 times.
    **dict.fromkeys(("23", "29", "32", "34", "35", "(27, 32)", "(25, 23)"), (25, 32)),
    **dict.fromkeys(("36", "42", "45", "(38, 42)", "(38, 48)"), (38, 43)),
    **dict.fromkeys(("46", "55", "56"), (48, 53)),
    **dict.fromkeys(("57", "58"), (60, 100)),
}
_RANGE = re.compile(r"\((\d+), ?(\d+)\)")


@dataclass(frozen=True)
class AdienceAge:
    """What an age of the lists means."""

    age: float | None
    """A single age, where the text is one; the middle of a class would be a guess."""
    low: int | None
    high: int | None
    flags: tuple[str, ...] = ()


def read_age(text: str) -> AdienceAge:
    """Return what `text` means: a class, an odd age with the class it is counted to, or nothing (`None`)."""
    text = text.strip()
    match = _RANGE.fullmatch(text)
    bounds = (int(match[1]), int(match[2])) if match else None
    if bounds in _CLASSES:
        assert bounds is not None
        return AdienceAge(None, *bounds)
    if text not in _ODD:
        return AdienceAge(None, None, None, ("no_age",) if text in ("", "None") else ("no_age", "odd_age"))
    return AdienceAge(float(text) if text.isdecimal() else None, *_ODD[text], ("odd_age",))
