"""The embedders by name; one line each. `onnx:FILE` takes the file after the colon."""

import functools
from collections.abc import Callable
from pathlib import Path

from agegap.errors import UnknownName, WrongUse
from dataset.face.embedders.embedder import Embedder


def _dlib(_: str) -> Embedder:
    from dataset.face.embedders.dlib_resnet import DlibResNet

    return DlibResNet()


def _onnx(file: str) -> Embedder:
    if not file:
        raise WrongUse("the embedder 'onnx' needs a file; write onnx:FILE")
    from dataset.face.embedders.onnx_file import OnnxFile

    return OnnxFile(Path(file))


EMBEDDERS: dict[str, Callable[[str], Embedder]] = {
    "dlib": _dlib,
    "onnx": _onnx,
}


@functools.lru_cache(maxsize=2)
def load_embedder(spec: str) -> Embedder:
    """Return this process's embedder of `spec`, "dlib" or "onnx:FILE".

    Raises UnknownName, BadInputFile for a file that is no such net, WrongUse where a package is not installed.
    """
    name, _, rest = spec.partition(":")
    if name not in EMBEDDERS:
        raise UnknownName("embedder", name, EMBEDDERS)
    return EMBEDDERS[name](rest)
