"""`train features`, as a function: sheets, one page and the figures, in a folder that is replaced as a whole."""

import base64
import json
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, cast

import numpy as np

from agegap.errors import WrongUse
from agegap.files import write_json, write_text
from agegap.folders import check_replaceable, replaced_folder
from agegap.html import Html, element
from agegap.progress import track
from train.backbones.frame import Backbone
from train.crops import shrink
from train.devices import choose_machine, place, repeatable, to_input
from train.explain.faces import FaceToExplain
from train.explain.look import Looked, look_at
from train.explain.maps import choose_layers
from train.explain.sheets import draw_attribution, draw_maps
from train.model import Model, NetModel
from train.report.markup import figure, section
from train.report.page import page

FIGURES, PAGE = "features.json", "features.html"
FORMAT = "agegap-features"


@dataclass(frozen=True)
class Wanted:
    """What to show of each face."""

    layers: tuple[str, ...] = ()
    """Names of modules; none = five spread over the trunk."""
    channels: int = 12
    steps: int = 64


def net_of(model: Model) -> Backbone:
    """Return the net of a model in float32; raise WrongUse for a model that is no single net."""
    if not isinstance(model, NetModel):
        raise WrongUse(f"{model.path.parent} is no single net ({model.name}); name the run folder of a net")
    # Gradients in bfloat16 have three digits.
    return cast(Backbone, place(model.net, choose_machine("float32")))


def explain(model: Model, faces: Sequence[FaceToExplain], out: Path, *, wanted: Wanted) -> dict[str, Any]:
    """Write a sheet of maps and one of attributions for each face, features.html and features.json into `out`.

    An earlier folder of this command is replaced when the new one is complete. Raises WrongUse for a model that is no
    net, UnknownName for a layer it has not, BadInputFile where `out` holds something else.
    """
    check_replaceable(out, is_ours=is_ours)
    net = net_of(model)
    checkpoint = cast(NetModel, model).checkpoint
    layers = choose_layers(net, wanted.layers)
    machine = choose_machine("float32")
    found: list[dict[str, Any]] = []
    with replaced_folder(out, is_ours=is_ours) as part, repeatable():
        for number, face in enumerate(track(faces, label="faces", unit="face"), start=1):
            crop = shrink(face.crop, model.input_size)
            looked = look_at(
                net,
                to_input(np.ascontiguousarray(crop[None]), machine)[0],
                bins=checkpoint.net.bins,
                layers=layers,
                channels=wanted.channels,
                steps=wanted.steps,
            )
            stem = f"{number:02d}-{plain(face.name)}"
            title = _title(face, looked)
            draw_maps(part / f"{stem}-maps.png", crop, looked.maps, title=title)
            draw_attribution(part / f"{stem}-attribution.png", crop, looked.fields, title=title)
            found.append(_figures(face, looked, stem))
        content = {
            "format": FORMAT,
            "model": model.name,
            "weights_sha256": model.weights_sha256,
            "layers": layers,
            "steps": wanted.steps,
            "faces": found,
        }
        write_text(part / PAGE, _page(model, part, found))
        write_json(part / FIGURES, content)
    return content


def is_ours(folder: Path) -> bool:
    """Say whether this command wrote `folder`."""
    try:
        content = json.loads((folder / FIGURES).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    return isinstance(content, dict) and content.get("format") == FORMAT


def _figures(face: FaceToExplain, looked: Looked, stem: str) -> dict[str, Any]:
    covered = looked.fields["occlusion"]
    return {
        "name": face.name,
        "said": looked.age,
        "true": face.true_age,
        "said_of_grey": looked.integrated.baseline_age,
        "integrated_sum": float(looked.integrated.years.double().sum()),
        "integrated_gap": looked.integrated.gap,
        "occlusion_range": [float(covered.min()), float(covered.max())],
        "maps": {name: list(shape) for name, shape in looked.shapes.items()},
        "sheets": [f"{stem}-maps.png", f"{stem}-attribution.png"],
    }


def _page(model: Model, folder: Path, faces: Sequence[dict[str, Any]]) -> str:
    parts = [
        section(
            one["name"],
            element("div", [sheet(folder, name, title) for name, title in zip(one["sheets"], _SHEETS, strict=True)]),
            note=_sentence(one),
        )
        for one in faces
    ]
    parts.append(section("What this shows", *(element("p", words) for words in _WORDS)))
    return page("What the net looks at", f"{model.name}, stage {model.stage}", parts)


_SHEETS = ("Maps: the channels of each layer that differ most over the face", "Years: red older, blue younger")

_WORDS = (
    "Gradient x input and integrated gradients say how many years each pixel gave, against a grey picture. The second "
    "ones sum to the difference of the two ages said. Grad-CAM weighs the last maps by gradients and has no unit. "
    "Occlusion is the change when that place is covered with grey.",
    "They explain what this net said of this crop, not why people look their age. Photos of people: think before you "
    "pass this page on.",
)


def _sentence(one: dict[str, Any]) -> str:
    true = "" if one["true"] is None else f", true age {one['true']:.0f}"
    return (
        f"said {one['said']:.1f}{true}; of plain grey {one['said_of_grey']:.1f}; integrated gradients sum to "
        f"{one['integrated_sum']:+.1f} ({abs(one['integrated_gap']):.2f} off)"
    )


def sheet(folder: Path, name: str, title: str) -> Html:
    """Return the picture `name` of `folder` as a figure of the page, inside it."""
    picture = base64.b64encode((folder / name).read_bytes()).decode()
    return figure(title, element("img", src=f"data:image/png;base64,{picture}", alt=title, style="max-width:100%"))


def _title(face: FaceToExplain, looked: Looked) -> str:
    true = "" if face.true_age is None else f", true age {face.true_age:.0f}"
    return f"{face.name}: said {looked.age:.1f}{true}"


def plain(name: str) -> str:
    """Return a name as a part of a file's name."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-.")[:60] or "face"
