"""MATLAB 5 files (.mat), as far as the lists of public sets use them: numbers, text, cells and structs.

A reader of our own in place of SciPy: two sets need it, the format is fixed since 1996, and fields that nobody asks for
(the features of CACD) are passed over unread. MATLAB 7.3 files are HDF5 and are refused with what to do.
Format: "MAT-File Format", MathWorks, chapter 1; https://www.mathworks.com/help/pdf_doc/matlab/matfile_format.pdf
"""

import struct
import zlib
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from agegap.errors import BadInputFile

Value = NDArray[Any] | str | list[Any] | dict[str, list[Any]]
"""Numbers in the file's column order, flat; a text; the members of a cell; a struct's values by field."""

_HEADER_BYTES = 128
_NUMBERS = {1: "i1", 2: "u1", 3: "i2", 4: "u2", 5: "i4", 6: "u4", 7: "f4", 9: "f8", 12: "i8", 13: "u8"}
_MATRIX, _COMPRESSED = 14, 15
_TEXTS = {16: "utf-8", 17: "utf-16", 18: "utf-32"}
_CELL, _STRUCT, _CHAR = 1, 2, 4
_ARRAYS = range(6, 16)  # classes of number arrays: double, single, int8 ... uint64
_COMPLEX_FLAG = 0x0800


class _MatError(Exception):
    pass


@dataclass(frozen=True)
class _Element:
    kind: int
    data: memoryview
    end: int
    """Where the next one begins."""


def read_mat(path: Path, variable: str, *, fields: Collection[str] | None = None) -> dict[str, Value]:
    """Return the fields of the 1x1 struct `variable` of the MATLAB file `path`; with `fields` only those.

    Raises BadInputFile when it is no MATLAB 5 file, is damaged, or holds no such struct.
    """
    try:
        content = path.read_bytes()
    except OSError as fault:
        raise BadInputFile(path, f"cannot be read ({fault.strerror})", "give the right to read it") from None
    if content[:10] == b"MATLAB 7.3" or content[:8] == b"\x89HDF\r\n\x1a\n":
        remedy = "load it in MATLAB or Octave and save it again with `save -v7`"
        raise BadInputFile(path, "is a MATLAB 7.3 file, which is HDF5", remedy)
    try:
        found = _find(content, variable, fields)
    except (_MatError, struct.error, zlib.error, ValueError, IndexError, UnicodeDecodeError, RecursionError) as fault:
        raise BadInputFile(
            path, f"is no MATLAB 5 file or a damaged one ({fault})", "fetch the set's own file"
        ) from None
    if not isinstance(found, dict) or any(len(values) != 1 for values in found.values()):
        raise BadInputFile(path, f"holds no struct '{variable}'", "give the list that came with the set")
    return {name: values[0] for name, values in found.items()}


def _find(content: bytes, variable: str, fields: Collection[str] | None) -> Value | None:
    if len(content) < _HEADER_BYTES or content[126:128] not in (b"IM", b"MI"):
        raise _MatError("its first 128 bytes are not a header")
    order = "<" if content[126:128] == b"IM" else ">"
    view, at = memoryview(content), _HEADER_BYTES
    while at < len(view):
        # A compressed element is the one kind that is not padded to 8 bytes.
        element = _element(view, at, order)
        at = element.end
        if element.kind == _COMPRESSED:
            element = _element(memoryview(zlib.decompress(element.data)), 0, order)
        if element.kind == _MATRIX:
            found = _matrix(element.data, order, wanted=variable, fields=fields)
            if found is not None:
                return found
    return None


def _element(view: memoryview, at: int, order: str) -> _Element:
    kind, size = struct.unpack_from(f"{order}II", view, at)
    if kind >> 16:  # a small element: its size shares a word with its kind, its data the next word
        size, kind = kind >> 16, kind & 0xFFFF
        start, end = at + 4, at + 8
    else:
        start = at + 8
        end = start + size if kind == _COMPRESSED else start + -(-size // 8) * 8
    data = view[start : start + size]
    if len(data) != size:
        raise _MatError("its end is missing")
    return _Element(kind, data, end)


def _matrix(
    view: memoryview, order: str, *, wanted: str | None = None, fields: Collection[str] | None = None
) -> Value | None:
    """Return the value of an array; None for one that is not called `wanted`, or of a class no list has."""
    if not len(view):  # an empty member of a cell or struct has no parts at all
        return np.zeros(0)
    flags = _element(view, 0, order)
    (word,) = struct.unpack_from(f"{order}I", flags.data, 0)
    dimensions = _element(view, flags.end, order)
    name = _element(view, dimensions.end, order)
    if wanted is not None and bytes(name.data).decode("ascii", "replace") != wanted:
        return None
    count = int(np.prod(_numbers(dimensions, order), dtype=np.int64))
    kind, at = word & 0xFF, name.end
    if kind == _CELL:
        return _cells(view, at, order, count)
    if kind == _STRUCT:
        return _struct(view, at, order, count, fields)
    if kind == _CHAR:
        return _text(_element(view, at, order), order)
    if kind in _ARRAYS and not word & _COMPLEX_FLAG:
        return _numbers(_element(view, at, order), order)
    return None


def _cells(view: memoryview, at: int, order: str, count: int) -> list[Any]:
    members = []
    for _ in range(count):
        element = _element(view, at, order)
        at = element.end
        members.append(_matrix(element.data, order))
    return members


def _struct(view: memoryview, at: int, order: str, count: int, fields: Collection[str] | None) -> dict[str, list[Any]]:
    length = _element(view, at, order)
    (width,) = struct.unpack_from(f"{order}i", length.data, 0)
    names_element = _element(view, length.end, order)
    raw, at = bytes(names_element.data), names_element.end
    if width < 1:
        raise _MatError("a struct whose names have no length")
    names = [raw[i : i + width].split(b"\0")[0].decode("ascii", "replace") for i in range(0, len(raw), width)]
    values: dict[str, list[Any]] = {name: [] for name in names if fields is None or name in fields}
    for _ in range(count):
        for name in names:
            element = _element(view, at, order)
            at = element.end
            if name in values:
                values[name].append(_matrix(element.data, order))
    return values


def _numbers(element: _Element, order: str) -> NDArray[Any]:
    if element.kind not in _NUMBERS:
        raise _MatError(f"numbers of an unknown kind {element.kind}")
    return np.frombuffer(element.data, np.dtype(order + _NUMBERS[element.kind]))


def _text(element: _Element, order: str) -> str:
    """Return a text; a table of several rows, which no list has, would come out column by column."""
    if element.kind in _TEXTS:
        encoding = _TEXTS[element.kind]
        suffix = "" if encoding == "utf-8" else "-le" if order == "<" else "-be"
        return bytes(element.data).decode(encoding + suffix, "replace")
    return _numbers(element, order).astype("<u2").tobytes().decode("utf-16-le", "replace")
