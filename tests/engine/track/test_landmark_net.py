"""The landmark network in torch agrees with the runtime, and damaged graphs are refused."""

import io
import zipfile
from pathlib import Path

import cv2
import numpy as np
import pytest
import torch
from ai_edge_litert import schema_py_generated as schema
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.errors import ModelError
from dubsync.engine.geometry.sampling import Square, rgb_frame, sample
from dubsync.engine.track.landmark_graph import read_graph
from dubsync.engine.track.landmark_net import LandmarkNet
from dubsync.engine.track.landmarker import WEIGHTS, Landmarker, network_file, square_of
from tests.engine.exemplars.drawn_footage import drawn_track, painted

#: Pixels of the 256 px square; what tracks are rounded to is coarser.
AGREES_PX = 0.005
#: Where the graph's tables lie in the file: past the weights, up to its end.
TABLES = slice(2_409_000, None)


@pytest.fixture(scope="module")
def network() -> LandmarkNet:
    return LandmarkNet.shipped()


@pytest.fixture(scope="module")
def runtime() -> Landmarker:
    return Landmarker()


def read_both(network, runtime, frame, square):
    """Landmarks (478, 3) in the square, and presence, by the runtime and by torch."""
    face = runtime.read(frame, square)
    matrix = square.to_plate(256)
    flat = (face.points[:, :2] - matrix[:, 2]) @ np.linalg.inv(matrix[:, :2]).T
    depth = face.points[:, 2:] * 256 / square.side
    picture = torch.from_numpy(sample(frame, square, 256)).permute(2, 0, 1)[None]
    with torch.no_grad():
        points, presence = network(picture)
    theirs = np.concatenate([flat, depth], axis=1), face.presence
    return theirs, (points[0].numpy(), float(presence[0]))


def assert_agree(network, runtime, frame, square):
    (theirs, sure), (ours, as_sure) = read_both(network, runtime, frame, square)

    np.testing.assert_allclose(ours, theirs, atol=AGREES_PX)
    assert as_sure == pytest.approx(sure, abs=1e-4)


@given(jaw=st.floats(0, 1), seed=st.integers(0, 99), turn=st.floats(-0.4, 0.4))
@settings(max_examples=5)
def test_a_drawn_face_has_the_runtimes_landmarks(network, runtime, jaw, seed, turn):
    track = drawn_track([jaw], seed=seed)
    square = square_of(track.landmarks[0])

    assert_agree(network, runtime, painted(track.landmarks[0], 0), square)


@given(seed=st.integers(0, 9999), coarse=st.floats(0.5, 20))
@settings(max_examples=5)
def test_noise_has_the_runtimes_landmarks_too(network, runtime, seed, coarse):
    noise = np.random.default_rng(seed).normal(size=(256, 256, 3)).astype(np.float32)
    smooth = cv2.GaussianBlur(noise, (0, 0), coarse) * coarse * 0.5 + 0.5
    frame = rgb_frame(np.rint(np.clip(smooth, 0, 1) * 255).astype(np.uint8))

    assert_agree(network, runtime, frame, square_of(drawn_track([0.5]).landmarks[0]))


@pytest.mark.parametrize("name", ["astronaut_512.png", "dog_negative.jpg"])
def test_a_photograph_has_the_runtimes_landmarks(network, runtime, shared: Path, name):
    picture = cv2.imread(str(shared / "portraits" / name))[..., ::-1]
    frame = rgb_frame(np.ascontiguousarray(picture))
    faces = runtime.find(frame)
    square = square_of(faces[0].points) if faces else Square(250, 250, 300, 0.2)

    assert_agree(network, runtime, frame, square)


def test_pictures_are_read_alike_together_and_alone(network):
    pictures = torch.rand(3, 3, 256, 256, generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        together, _ = network(pictures)
        alone = torch.cat([network(picture[None])[0] for picture in pictures])

    assert torch.allclose(together, alone, atol=AGREES_PX)


def test_a_gradient_predicts_how_landmarks_move(network):
    """A small step along it moves a landmark by what it predicts."""
    track = drawn_track([0.4])
    frame = painted(track.landmarks[0], 0)
    seen = sample(frame, square_of(track.landmarks[0]), 256)
    picture = torch.from_numpy(seen).permute(2, 0, 1)[None].requires_grad_()
    network(picture)[0][0, 17, 1].backward()
    slope = picture.grad
    step = 0.002 / slope.norm()

    with torch.no_grad():
        moved = network(picture + step * slope)[0] - network(picture - step * slope)[0]

    assert float(moved[0, 17, 1]) == pytest.approx(float(2 * step * slope.norm() ** 2), rel=0.1)


def test_its_weights_are_frozen(network):
    assert not any(weight.requires_grad for weight in network.parameters())


@given(
    cut=st.integers(0, 2_500_000) | st.none(),
    flips=st.lists(st.tuples(st.integers(0, 1 << 20), st.integers(1, 255)), max_size=6),
)
@settings(max_examples=20)
def test_a_damaged_graph_is_read_or_refused(cut, flips):
    data = bytearray(network_file())
    tables = range(len(data))[TABLES]
    for at, bits in flips:
        data[tables[at % len(tables)]] ^= bits

    try:
        graph = read_graph(bytes(data[:cut]), 2)
    except ModelError:
        return
    assert len(graph.outputs) == 2


def changed(field, value):
    """The network's file, one field of one table set anew; `field` finds its place in the file."""
    data = bytearray(network_file())
    data[field(schema.Model.GetRootAs(data, 0))] = value
    return bytes(data)


def version(root):
    return root._tab.Pos + root._tab.Offset(4)


def first_stride(root):
    options = root.Subgraphs(0).Operators(2).BuiltinOptions()
    return options.Pos + options.Offset(6)


def code_of_a_prelu(root):
    code = root.OperatorCodes(root.Subgraphs(0).Operators(4).OpcodeIndex())._tab
    return code.Pos + code.Offset(4)


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        (version, 4, "version"),
        (first_stride, 7, "a stride of 7"),
        (code_of_a_prelu, 117, "depends on HARD_SWISH"),
    ],
)
def test_an_unsupported_operator_is_refused(field, value, message):
    with pytest.raises(ModelError, match=message):
        LandmarkNet(changed(field, value))


def test_other_networks_of_the_bundle_are_refused():
    with zipfile.ZipFile(io.BytesIO(WEIGHTS.read_bytes())) as bundle:
        for name in ("face_detector.tflite", "face_blendshapes.tflite"):
            with pytest.raises(ModelError):
                LandmarkNet(bundle.read(name))


def test_empty_and_foreign_bytes_are_refused():
    for data in (b"", b"\0" * 64, b"PK\3\4" + b"x" * 4096, bytes(range(256)) * 16):
        with pytest.raises(ModelError):
            LandmarkNet(data)
