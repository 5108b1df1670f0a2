"""What a takedown may be asked for, as people write it: flags, or a file with one request a line.

All faults of a file are told at once, with their line numbers, before anything is touched.
"""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from agegap.errors import BadInputFile, WrongUse
from agegap.photo_urls import plain_url
from db.removal import Removal

KINDS = ("photo", "owner", "subject", "url", "sha256")

_SHA256 = re.compile(r"[0-9a-f]{64}")
_SITE = re.compile(r"[\w.-]{1,32}")
_MAX_LETTERS = 255
_SHOWN_FAULTS = 20


@dataclass(frozen=True)
class Fault:
    """Why a text is no request."""

    words: str


def read_order(kind: str, text: str) -> Removal | Fault:
    """Return the request of a kind that `text` writes: SITE:ID, a name, a web address or 64 hex digits."""
    text = text.strip()
    if kind in ("photo", "owner"):
        site, colon, value = text.partition(":")
        if not colon or not _SITE.fullmatch(site) or not 0 < len(value.strip()) <= _MAX_LETTERS:
            return Fault(f"'{_short(text)}' is not SITE:ID, such as flickr:{'123' if kind == 'photo' else '12345@N00'}")
        return Removal("photo" if kind == "photo" else "owner", value.strip(), site.lower())
    if kind == "subject":
        name = subject_name(text)
        if not 0 < len(name) <= _MAX_LETTERS:
            return Fault(f"'{_short(text)}' is not a name, such as Aaron_Eckhart or Aaron Eckhart")
        return Removal("subject", name)
    if kind == "url":
        url = plain_url(text)
        if url is None:
            return Fault(f"'{_short(text)}' is not a web address, such as https://www.flickr.com/photos/NAME/123/")
        return Removal("url", url)
    if kind == "sha256":
        if not _SHA256.fullmatch(text.lower()):
            return Fault(f"'{_short(text)}' is not a sha256 of 64 hex digits")
        return Removal("sha256", text.lower())
    return Fault(f"'{_short(kind)}' is none of {', '.join(KINDS)}")


def read_flags(flags: dict[str, Sequence[str]]) -> list[Removal]:
    """Return the requests typed as flags, kind by kind; raise WrongUse with every fault."""
    found = [(kind, read_order(kind, text)) for kind in KINDS for text in flags.get(kind, ())]
    if faults := [f"--{kind}: {order.words}" for kind, order in found if isinstance(order, Fault)]:
        raise WrongUse("; ".join(faults))
    return list(dict.fromkeys(order for _, order in found if isinstance(order, Removal)))


def read_list(path: Path) -> list[Removal]:
    """Return the requests of a file, each once: `photo flickr:123`, `owner flickr:12@N00`, `url https://...`.

    Blank lines and lines that begin with `#` are passed over. Raises BadInputFile with every fault and its line.
    """
    remedy = "write one request a line, such as `photo flickr:123`, `subject Aaron Eckhart` or `url https://...`"
    try:
        lines = path.read_bytes().decode("utf-8-sig").splitlines()
    except OSError as fault:
        raise BadInputFile(path, f"cannot be read ({fault.strerror})", remedy) from None
    except UnicodeDecodeError as fault:
        raise BadInputFile(path, f"is not text in UTF-8 (byte {fault.start})", remedy) from None
    orders: dict[Removal, None] = {}
    faults = []
    for number, line in enumerate(lines, start=1):
        if not (words := line.strip()) or words.startswith("#"):
            continue
        kind, _, text = words.partition(" ")
        order = read_order(kind, text)
        if isinstance(order, Fault):
            faults.append(f"line {number}: {order.words}")
        else:
            orders[order] = None
    if faults:
        more = [f"and {len(faults) - _SHOWN_FAULTS} more"] if len(faults) > _SHOWN_FAULTS else []
        raise BadInputFile(path, "; ".join([*faults[:_SHOWN_FAULTS], *more]), remedy)
    if not orders:
        raise BadInputFile(path, "holds no request", remedy)
    return list(orders)


def subject_name(text: str) -> str:
    """Return a name as the catalog has it, whichever way it is written: `Aaron Eckhart` is `Aaron_Eckhart`."""
    return "_".join(re.split(r"[\s_]+", unicodedata.normalize("NFC", text).replace('"', " ").strip(" _\t")))


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."
