"""The age of the faces in photos from a file that `train export` wrote: numpy, OpenCV and onnxruntime, no torch.

    python examples/onnx_age.py age.onnx photo.jpg ...

Faces are found and cut by dataset/face, as those were that the net learned from. What the file wants and says is in its
own metadata (`agegap.*`): the template of the crop, the side in pixels, the factor on the interval.
"""

import json
import sys
from pathlib import Path
from typing import Any, cast

import cv2
import numpy as np
import onnxruntime
from numpy.typing import NDArray

from agegap.errors import AgegapError, WrongUse
from dataset.face.find import find_faces, main_face
from dataset.face.settings import FaceSettings, Template
from dataset.images import decode_crop, encode_crop, read_photo

LEAST_WIDTH = 0.25  # years to either side of an age


class AgeFile:
    """An exported net, open."""

    def __init__(self, path: Path) -> None:
        self.session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
        self.facts: dict[str, str] = self.session.get_modelmeta().custom_metadata_map
        if not self.facts.get("agegap.format", "").startswith("agegap-onnx"):
            raise WrongUse(f"{path}: is no file of `train export`")
        self.side = int(self.facts["agegap.input_size"])
        self.template = cast(Template, json.loads(self.facts["agegap.crop"]).get("template", "age"))
        self.interval_scale: float = json.loads(self.facts["agegap.interval_scale"]) or 1.0
        self.coverage: float = json.loads(self.facts["agegap.interval_coverage"])

    def distributions(self, crops: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Return the distributions over ages (N, A) of crops (N, 128, 128, 3) uint8 RGB."""
        if crops.shape[1] != self.side:
            how = cv2.INTER_AREA if crops.shape[1] > self.side else cv2.INTER_CUBIC
            crops = np.stack([cv2.resize(crop, (self.side, self.side), interpolation=how) for crop in crops])
        answer: Any = self.session.run(["distribution"], {"crops": np.ascontiguousarray(crops, np.uint8)})[0]
        return np.asarray(answer, np.float32)

    def told(self, distribution: NDArray[np.float32]) -> tuple[float, float, float]:
        """Return age, youngest and oldest age of the interval of one distribution (A,), in years."""
        oldest = len(distribution) - 1
        age = float((distribution * np.arange(len(distribution))).sum())
        tail = (1 - self.coverage) / 2
        low, high = (quantile(distribution, level) for level in (tail, 1 - tail))
        below = self.interval_scale * max(age - low, LEAST_WIDTH)
        above = self.interval_scale * max(high - age, LEAST_WIDTH)
        return age, max(0.0, age - below), min(float(oldest), age + above)


def quantile(distribution: NDArray[np.float32], level: float) -> float:
    """Return the age below which the share `level` lies; class k is spread evenly over k - 1/2 to k + 1/2."""
    edges = np.arange(len(distribution) + 1) - 0.5
    mass = np.concatenate([[0.0], np.cumsum(distribution, dtype=np.float64)])
    return float(np.clip(np.interp(level, mass / mass[-1], edges), 0, len(distribution) - 1))


def main_crop(photo: Path, template: Template) -> NDArray[np.uint8] | None:
    """Return the crop (128, 128, 3) of a photo's main face as a dataset would store it; None where there is none."""
    found = read_photo(photo)
    face = main_face(find_faces(found.pixels, FaceSettings(template=template), scale=found.scale))
    return None if face is None else decode_crop(encode_crop(face.crop))


def main(words: list[str]) -> int:
    """Print a line a photo; return the exit code."""
    if len(words) < 2:
        sys.stderr.write("usage: python examples/onnx_age.py AGE.onnx PHOTO...\n")
        return 2
    failed = 0
    try:
        net = AgeFile(Path(words[0]))
        for photo in map(Path, words[1:]):
            crop = main_crop(photo, net.template)
            if crop is None:
                sys.stderr.write(f"{photo}: no face found\n")
                failed = 1
                continue
            age, low, high = net.told(net.distributions(crop[None])[0])
            sys.stdout.write(f"{photo}  {age:.1f} years (90 %: {low:.1f} to {high:.1f})\n")
    except AgegapError as fault:
        sys.stderr.write(f"{fault}\n")
        return fault.exit_code
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
