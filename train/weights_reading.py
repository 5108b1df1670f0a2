"""A file of weights as numbers by name.

.pt and .pth are read with `weights_only`, so that no code of a stranger runs; .safetensors has none.
"""

import pickle
import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from agegap.errors import BadInputFile

Weights = dict[str, Tensor]

_WRAPPERS = ("answer", "state_dict", "model_state_dict", "model", "net", "weights")
"""Under what trainers file a state_dict; "answer" is our own checkpoint, whose "net" are settings."""
_PREFIXES = ("module.", "_orig_mod.", "model.", "net.", "backbone.")
COUNTER = "num_batches_tracked"
"""Batch normalisation's own count; older files lack it and nothing here reads it."""


def read_weights(path: Path) -> Weights:
    """Return the weights of a file by name, unwrapped; raise BadInputFile where there are none."""
    content = _read_safetensors(path) if path.suffix == ".safetensors" else _read_torch(path)
    for wrapper in _WRAPPERS:
        if isinstance(content, Mapping) and isinstance(content.get(wrapper), Mapping):
            content = content[wrapper]
            break
    tensors = content.items() if isinstance(content, Mapping) else ()
    weights = {str(name): value for name, value in tensors if isinstance(value, Tensor)}
    weights = {name: value for name, value in weights.items() if not name.endswith(COUNTER)}
    if not weights:
        raise BadInputFile(path, "holds no weights by name", "save a net's state_dict() and name that file")
    return _without_prefix(weights)


def _without_prefix(weights: Weights) -> Weights:
    for prefix in _PREFIXES:
        if all(name.startswith(prefix) for name in weights):
            return _without_prefix({name.removeprefix(prefix): value for name, value in weights.items()})
    return weights


def _read_torch(path: Path) -> Any:
    remedy = "name a .pt, .pth or .safetensors file with a state_dict"
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # torch muses about pickles it then refuses
            return torch.load(path, map_location="cpu", weights_only=True)
    except OSError as fault:
        raise BadInputFile(path, f"cannot be read ({fault.strerror or fault})", remedy) from None
    except pickle.UnpicklingError:
        why = "holds more than numbers (a pickled net?), which is not run, or is damaged"
        raise BadInputFile(path, why, "save the net's state_dict() and name that file") from None
    except (RuntimeError, EOFError, ValueError, KeyError, TypeError, AttributeError):
        raise BadInputFile(path, "is no file of weights, or is damaged", remedy) from None


def _read_safetensors(path: Path) -> Any:
    try:
        from safetensors import SafetensorError
        from safetensors.torch import load_file
    except ImportError:
        remedy = "pip install safetensors, or name a .pt file"
        raise BadInputFile(path, "needs the package safetensors to be read", remedy) from None
    try:
        return load_file(path)
    except OSError as fault:
        raise BadInputFile(path, f"cannot be read ({fault.strerror or fault})", "name another file") from None
    except SafetensorError:
        raise BadInputFile(path, "is no safetensors file, or is damaged", "name another file") from None
