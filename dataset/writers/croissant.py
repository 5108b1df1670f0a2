"""`croissant.json`: what an export holds in the words of MLCommons Croissant 1.1, so that tools load it unasked.

http://docs.mlcommons.org/croissant/docs/croissant-spec-1.1.html; `mlcroissant` validates it and reads its records.
"""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from agegap.files import sha256_of_file
from dataset.writers.card import describe_in_a_sentence, licence_links, title_of
from dataset.writers.face_pairs import PAIRS_FILE
from dataset.writers.hub import HUB_SPLITS
from dataset.writers.rows import COLUMNS, Kind

CROISSANT = "croissant.json"
CONFORMS_TO = "http://mlcommons.org/croissant/1.1"

PARQUET_TYPE = "application/x-parquet"

Json = dict[str, Any]

_TYPES: Mapping[Kind, str] = {"int64": "cr:Int64", "int32": "cr:Int32", "float32": "cr:Float32", "string": "sc:Text"}

# The terms of the specification; a reader must find them spelt out.
_CONTEXT: Json = {
    "@language": "en",
    "@vocab": "https://schema.org/",
    "arrayShape": "cr:arrayShape",
    "citeAs": "cr:citeAs",
    "column": "cr:column",
    "conformsTo": "dct:conformsTo",
    "containedIn": "cr:containedIn",
    "cr": "http://mlcommons.org/croissant/",
    "data": {"@id": "cr:data", "@type": "@json"},
    "dataType": {"@id": "cr:dataType", "@type": "@vocab"},
    "dct": "http://purl.org/dc/terms/",
    "description": {"@container": "@language"},
    "equivalentProperty": "cr:equivalentProperty",
    "examples": {"@id": "cr:examples", "@type": "@json"},
    "extract": "cr:extract",
    "field": "cr:field",
    "fileObject": "cr:fileObject",
    "fileProperty": "cr:fileProperty",
    "fileSet": "cr:fileSet",
    "format": "cr:format",
    "includes": "cr:includes",
    "isArray": "cr:isArray",
    "isLiveDataset": "cr:isLiveDataset",
    "jsonPath": "cr:jsonPath",
    "key": "cr:key",
    "md5": "cr:md5",
    "name": {"@container": "@language"},
    "parentField": "cr:parentField",
    "path": "cr:path",
    "rai": "http://mlcommons.org/croissant/RAI/",
    "recordSet": "cr:recordSet",
    "references": "cr:references",
    "regex": "cr:regex",
    "repeated": "cr:repeated",
    "replace": "cr:replace",
    "samplingRate": "cr:samplingRate",
    "sc": "https://schema.org/",
    "separator": "cr:separator",
    "source": "cr:source",
    "subField": "cr:subField",
    "transform": "cr:transform",
}


def croissant_of(folder: Path, manifest: Mapping[str, Any]) -> Json:
    """Return the description of the complete export in `folder`, its hashes included."""
    files, faces, others = _PARTS[manifest["layout"]["name"]](folder)
    return {
        "@context": _CONTEXT,
        "@type": "sc:Dataset",
        "name": "agegap-faces",
        "alternateName": title_of(manifest),
        "description": describe_in_a_sentence(manifest),
        "conformsTo": CONFORMS_TO,
        "license": licence_links(manifest) or "see attribution.csv",
        "version": "1.0.0",
        "isLiveDataset": False,
        "keywords": ["face", "age estimation", "face verification", "biometric data"],
        "rai:personalSensitiveInformation": [
            "Pictures of faces of people who can be recognised, their names, and years of photos: biometric data."
        ],
        "rai:dataUseCases": ["Training and evaluating models that estimate how many years lie between two faces."],
        "rai:dataLimitations": ["The year of a photo is read from texts and metadata, with a confidence beside it."],
        "distribution": [*files, *_pairs_file(folder)],
        "recordSet": [faces, *others, *_pairs_records(folder, by_row=manifest["layout"]["name"] == "packed")],
    }


# -- layouts --------------------------------------------------------------------------------------------------------


_Parts = tuple[list[Json], Json, list[Json]]


def _imagefolder(folder: Path) -> _Parts:
    tables = sorted(path.relative_to(folder).as_posix() for path in folder.glob("*/metadata.parquet"))
    files = [_file_set("metadata", tables, PARQUET_TYPE), _file_set("pictures", ["*/*/*.jpg"], "image/jpeg")]
    # The table's name of a picture begins below the split; mlcroissant applies the expression twice.
    below = rf"(?:(?:{'|'.join(HUB_SPLITS.values())})/)?(.+)"
    return files, _faces_beside("fileSet", "metadata", joined_by=below), []


def _parquet(folder: Path) -> _Parts:
    image = {"fileSet": {"@id": "shards"}, "extract": {"column": "image"}, "transform": {"jsonPath": "bytes"}}
    fields = [_field("faces", "image", "sc:ImageObject", "the face, 128x128 RGB", image)]
    records = _record_set("faces", [*fields, *_columns("faces", "fileSet", "shards")], key="face_id")
    return [_file_set("shards", ["data/*.parquet"], PARQUET_TYPE)], records, []


def _webdataset(folder: Path) -> _Parts:
    tars = sorted(folder.glob("*.tar"))
    files = [_file_object(folder, path.name, "application/x-tar") for path in tars]
    files.append(_file_object(folder, "faces.parquet", PARQUET_TYPE))
    inside = {"containedIn": [{"@id": path.name} for path in tars]}
    files.append(_file_set("pictures", ["*.jpg"], "image/jpeg") | inside)
    return files, _faces_beside("fileSet", "faces.parquet", joined_by=r"(.+)"), []


def _pair_lists(folder: Path) -> _Parts:
    files = [
        _file_object(folder, "faces.parquet", PARQUET_TYPE),
        _file_set("pictures", ["images/*/*.jpg"], "image/jpeg"),
        _file_object(folder, "protocols.csv", "text/csv"),
    ]
    meanings = {
        "gap_years": ("int32", "K of the protocol"),
        "fold": ("int32", "from 1; folds share no subject"),
        "younger": ("string", "path of the picture taken first"),
        "older": ("string", "path of the picture taken last"),
        "is_same": ("int32", "1: one subject, 0: two"),
        "younger_year": ("int32", "year of the first picture"),
        "older_year": ("int32", "year of the last picture"),
    }
    protocols = _record_set("protocols", _fields("protocols", meanings, "protocols.csv"))
    return files, _faces_beside("fileObject", "faces.parquet", joined_by=r"(.+)"), [protocols]


def _packed(folder: Path) -> _Parts:
    files = [
        _file_object(folder, "index.parquet", PARQUET_TYPE),
        _file_object(folder, "faces.npy", "application/octet-stream")
        | {"description": "numpy array, uint8 (faces, 128, 128, 3) RGB, rows as in index.parquet"},
    ]
    names = _columns_of(folder / "index.parquet")
    fields = [field for field in _columns("faces", "fileObject", "index.parquet") if field["name"] in names]
    return files, _record_set("faces", fields, key="face_id"), []


_PARTS = {
    "imagefolder": _imagefolder,
    "parquet": _parquet,
    "webdataset": _webdataset,
    "pairs-lists": _pair_lists,
    "packed": _packed,
}


def _pairs_file(folder: Path) -> list[Json]:
    return [_file_object(folder, PAIRS_FILE, PARQUET_TYPE)]


def _columns_of(path: Path) -> set[str]:
    """Return what a Parquet file holds: a folder of an older program lacks some columns."""
    import pyarrow.parquet as pq

    return set(pq.read_schema(path).names)


def _pairs_records(folder: Path, *, by_row: bool) -> list[Json]:
    what = "row of faces.npy" if by_row else "face_id"
    meanings = {
        "younger": ("int64", f"{what} of the face in the earlier photo"),
        "older": ("int64", f"{what} of the face in the later photo"),
        "gap_years": ("int32", "K: years between the two taken years"),
        "confidence": ("float32", "probability that K is right"),
        "gap_min": ("int32", "least K that the intervals of the two years allow"),
        "gap_max": ("int32", "greatest K that they allow"),
    }
    there = _columns_of(folder / PAIRS_FILE)
    said = {name: meaning for name, meaning in meanings.items() if name in there}
    return [_record_set("pairs", _fields("pairs", said, PAIRS_FILE))]


# -- elements -------------------------------------------------------------------------------------------------------


def _faces_beside(kind: str, table: str, *, joined_by: str) -> Json:
    """Return the record set of pictures in files of their own, joined with `table` by their file names."""
    # The expression is what makes text of a path, without which the two sides never match.
    path: Json = {"fileSet": {"@id": "pictures"}, "extract": {"fileProperty": "fullpath"}}
    path["transform"] = {"regex": joined_by}
    file_name = _field("faces", "file_name", "sc:Text", "where the picture lies", path)
    file_name["references"] = _source(kind, table, "file_name")
    content = {"fileSet": {"@id": "pictures"}, "extract": {"fileProperty": "content"}}
    image = _field("faces", "image", "sc:ImageObject", "the face, 128x128 RGB", content)
    return _record_set("faces", [file_name, image, *_columns("faces", kind, table)], key="face_id")


def _columns(record_set: str, kind: str, table: str) -> list[Json]:
    return [
        _field(
            record_set,
            column.name,
            _TYPES[column.kind],
            column.meaning,
            _source(kind, table, column.name),
        )
        for column in COLUMNS
    ]


def _fields(record_set: str, meanings: Mapping[str, tuple[Any, str]], file: str) -> list[Json]:
    return [
        _field(record_set, name, _TYPES[kind], meaning, _source("fileObject", file, name))
        for name, (kind, meaning) in meanings.items()
    ]


def _source(kind: str, name: str, column: str) -> Json:
    return {kind: {"@id": name}, "extract": {"column": column}}


def _field(record_set: str, name: str, data_type: str, meaning: str, source: Json) -> Json:
    return {
        "@type": "cr:Field",
        "@id": f"{record_set}/{name}",
        "name": name,
        "description": meaning,
        "dataType": data_type,
        "source": source,
    }


def _record_set(name: str, fields: list[Json], *, key: str | None = None) -> Json:
    records = {"@type": "cr:RecordSet", "@id": name, "name": name, "field": fields}
    return records if key is None else {**records, "key": {"@id": f"{name}/{key}"}}


def _file_object(folder: Path, name: str, media_type: str) -> Json:
    path = folder / name
    return {
        "@type": "cr:FileObject",
        "@id": name,
        "name": name,
        "contentUrl": name,
        "contentSize": f"{path.stat().st_size} B",
        "encodingFormat": media_type,
        "sha256": sha256_of_file(path),
    }


def _file_set(name: str, includes: list[str], media_type: str) -> Json:
    return {"@type": "cr:FileSet", "@id": name, "name": name, "encodingFormat": media_type, "includes": includes}
