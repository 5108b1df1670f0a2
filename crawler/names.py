"""Reading a list of names: LFW's `Aaron_Eckhart<TAB>1`, or one plain name a line."""

import re
import unicodedata
from dataclasses import dataclass
from pathlib import Path

from agegap.errors import BadInputFile

MAX_NAME_LETTERS = 255
"""Longest name the catalog takes; a longer line is prose, not a name."""

MAX_FILE_BYTES = 256 << 20
"""Nobody has ten million names; a larger file is something else, and is not read into memory."""

_REMEDY = "give a text file (UTF-8) with one name a line, such as Aaron_Eckhart or Aaron Eckhart"
_GAP = re.compile(r"[\s_]+")
_COUNT_AFTER_BLANKS = re.compile(r"(\S*_\S*)\s+\d+")  # LFW's count, its tab turned into blanks by an editor
_SHOWN_FAULTS = 3


@dataclass(frozen=True)
class Name:
    """A person as asked for: `name` in LFW's spelling (Aaron_Eckhart), `display_name` with blanks."""

    name: str
    display_name: str

    @property
    def phrase(self) -> str:
        """The name as a search phrase, in quotes."""
        return f'"{self.display_name}"'


def read_names(path: Path) -> list[Name]:
    """Return the names of the file, each once, in its order.

    Tolerates a byte order mark, CRLF, blank lines, `#` comments, and anything after a tab. Raises BadInputFile
    when the file is missing, not text, or holds no name or lines that are none.
    """
    names: dict[str, Name] = {}
    faults = []
    for number, line in enumerate(_text(path).splitlines(), start=1):
        words = line.split("\t")[0].strip()
        if not words or words.startswith("#"):
            continue
        name = parse_name(words)
        if name is None:
            faults.append(f"line {number} is not a name ({words[:40]!r})")
            continue
        names.setdefault(name.name, name)
    if faults:
        more = f" and {len(faults) - _SHOWN_FAULTS} more" if len(faults) > _SHOWN_FAULTS else ""
        raise BadInputFile(path, ", ".join(faults[:_SHOWN_FAULTS]) + more, _REMEDY)
    if not names:
        raise BadInputFile(path, "holds no name", _REMEDY)
    return list(names.values())


def parse_name(words: str) -> Name | None:
    """Return the Name written as `words` (underscores or blanks), or None where this cannot be one."""
    counted = _COUNT_AFTER_BLANKS.fullmatch(words)
    text = unicodedata.normalize("NFC", counted[1] if counted else words)
    # A quote would end the search phrase early.
    display = _GAP.sub(" ", text.replace('"', " ")).strip()
    if not any(letter.isalpha() for letter in display) or len(display) > MAX_NAME_LETTERS:
        return None
    if any(unicodedata.category(letter) in ("Cc", "Cs", "Co", "Cn") for letter in display):
        return None
    return Name(name=display.replace(" ", "_"), display_name=display)


def _text(path: Path) -> str:
    try:
        if path.stat().st_size > MAX_FILE_BYTES:
            raise BadInputFile(path, "is too large for a list of names", _REMEDY)
        content = path.read_bytes()
    except FileNotFoundError:
        raise BadInputFile(path, "there is no such file", _REMEDY) from None
    except IsADirectoryError:
        raise BadInputFile(path, "is a folder", _REMEDY) from None
    except (OSError, ValueError) as fault:
        reason = fault.strerror if isinstance(fault, OSError) and fault.strerror else "is not a file name"
        raise BadInputFile(path, f"cannot be read ({reason})", _REMEDY) from None
    if not content.strip():
        raise BadInputFile(path, "is empty", _REMEDY)
    if b"\x00" in content:
        raise BadInputFile(path, "is binary, not text in UTF-8", _REMEDY)
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as fault:
        raise BadInputFile(path, f"is not text in UTF-8 (byte {fault.start})", _REMEDY) from None
