"""Reads exports with mlcroissant in a process of its own, which `read_croissants` starts; prints what it found as JSON.

mlcroissant unpacks a tar into a folder named after the tar alone, in a cache whose place it reads when it is imported.
"""

import importlib
import importlib.util
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]


def read_croissants(folders: dict[str, Path], cache: Path) -> dict[str, Any]:
    """Return for each folder its version, errors, count of warnings and records by set; skip without mlcroissant."""
    if importlib.util.find_spec("mlcroissant") is None:
        pytest.skip("needs mlcroissant, which `pip install agegap[dev]` brings")
    command = [sys.executable, "-m", __name__, *(str(folder) for folder in folders.values())]
    environment = {**os.environ, "CROISSANT_CACHE": str(cache)}
    ran = subprocess.run(command, env=environment, capture_output=True, check=False, text=True, cwd=ROOT)
    assert ran.returncode == 0, ran.stderr
    return dict(zip(folders, json.loads(ran.stdout), strict=True))


def _read(folder: str) -> dict[str, Any]:
    mlcroissant: Any = importlib.import_module("mlcroissant")
    path = Path(folder) / "croissant.json"
    described = json.loads(path.read_bytes())
    dataset = mlcroissant.Dataset(jsonld=path)
    issues = dataset.metadata.ctx.issues
    return {
        "version": described["conformsTo"],
        "errors": sorted(str(error) for error in issues.errors),
        "warnings": len(issues.warnings),
        "records": {
            name: [_plain_record(record) for record in dataset.records(name)]
            for name in (records["name"] for records in described["recordSet"])
        },
    }


def _plain_record(record: dict[str, Any]) -> dict[str, Any]:
    image = record.pop("faces/image", None)
    plain = {key.split("/")[1]: _plain(value) for key, value in record.items()}
    if image is None:
        return plain
    return {**plain, "size": list(image.size), "mean": sum(image.convert("L").tobytes()) / (image.width * image.height)}


def _plain(value: Any) -> Any:
    if isinstance(value, bytes):
        return value.decode()
    return value.item() if hasattr(value, "item") else value


if __name__ == "__main__":
    found = [_read(folder) for folder in sys.argv[1:]]
    sys.stdout.write(json.dumps(found))
