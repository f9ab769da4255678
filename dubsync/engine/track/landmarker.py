"""Google's Face Landmarker v2, run on LiteRT: faces, 478 landmarks, 52 expression scores.

The weights and what is known of their origin: weights/README.md.  The order of work follows
MediaPipe's: the detector only finds new faces; while a face is tracked, the landmarks of the last
frame give the square that the next ones are read from.
"""

from __future__ import annotations

import io
import os
import tempfile
import threading
import zipfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import IO, Any

import numpy as np
from ai_edge_litert.interpreter import Interpreter

from dubsync.core.arrays import Array
from dubsync.core.errors import ModelError
from dubsync.core.face import LANDMARKS
from dubsync.core.picture import Frame
from dubsync.core.shipped import shipped
from dubsync.engine.geometry.mesh import (
    LEFT_EYE_INNER,
    LEFT_EYE_OUTER,
    RIGHT_EYE_INNER,
    RIGHT_EYE_OUTER,
    Canonical,
    indices,
    read_canonical,
)
from dubsync.engine.geometry.sampling import Square, sample
from dubsync.engine.track import detector
from dubsync.engine.track.detector import Box, Detection

WEIGHTS = Path(__file__).parents[1] / "weights" / "face_landmarker.task"
WEIGHTS_SHA256 = "64184e229b263107bc2b804c6625db1341ff2bb731874b0bcc2fe6544e0bc9ff"
INPUT_PX = 256
#: Score of the model below which there is no face in the square.
LEAST_PRESENCE = 0.5
#: Landmarks of a human face are consistent between views; those of a dog's head are not, however
#: sure the model is.  Mean distance between readings of one square rotated both ways and enlarged,
#: eye distances: people, paintings included, up to 0.054, the dog 0.137.
MOST_UNSTEADY = 0.085
RECHECKS = ((0.3, 1.0), (-0.3, 1.0), (0.0, 1.3))  # radians, times the side
THREADS = 2
_CANONICAL = "geometry_pipeline_metadata_landmarks.binarypb"
_LANDMARKS = "face_landmarks_detector.tflite"
#: What the runtime writes to stderr when it first loads a model, whatever its log level.
_GREETING = b"INFO: Created TensorFlow Lite XNNPACK delegate for CPU.\n"
_greeting = threading.Lock()

#: Scores in the order the model gives them; Apple's ARKit names, left and right the subject's own.
BLENDSHAPE_NAMES = (
    "_neutral", "browDownLeft", "browDownRight", "browInnerUp", "browOuterUpLeft",
    "browOuterUpRight", "cheekPuff", "cheekSquintLeft", "cheekSquintRight", "eyeBlinkLeft",
    "eyeBlinkRight", "eyeLookDownLeft", "eyeLookDownRight", "eyeLookInLeft", "eyeLookInRight",
    "eyeLookOutLeft", "eyeLookOutRight", "eyeLookUpLeft", "eyeLookUpRight", "eyeSquintLeft",
    "eyeSquintRight", "eyeWideLeft", "eyeWideRight", "jawForward", "jawLeft", "jawOpen",
    "jawRight", "mouthClose", "mouthDimpleLeft", "mouthDimpleRight", "mouthFrownLeft",
    "mouthFrownRight", "mouthFunnel", "mouthLeft", "mouthLowerDownLeft", "mouthLowerDownRight",
    "mouthPressLeft", "mouthPressRight", "mouthPucker", "mouthRight", "mouthRollLower",
    "mouthRollUpper", "mouthShrugLower", "mouthShrugUpper", "mouthSmileLeft", "mouthSmileRight",
    "mouthStretchLeft", "mouthStretchRight", "mouthUpperUpLeft", "mouthUpperUpRight",
    "noseSneerLeft", "noseSneerRight",
)  # fmt: skip

#: The landmarks the expression model reads, in its order.
EXPRESSION_LANDMARKS = indices(
    "0 1 4 5 6 7 8 10 13 14 17 21 33 37 39 40 46 52 53 54 55 58 61 63 65 66 67 70 78 80 81 82 84 "
    "87 88 91 93 95 103 105 107 109 127 132 133 136 144 145 146 148 149 150 152 153 154 155 157 "
    "158 159 160 161 162 163 168 172 173 176 178 181 185 191 195 197 234 246 249 251 263 267 269 "
    "270 276 282 283 284 285 288 291 293 295 296 297 300 308 310 311 312 314 317 318 321 323 324 "
    "332 334 336 338 356 361 362 365 373 374 375 377 378 379 380 381 382 384 385 386 387 388 389 "
    "390 397 398 400 402 405 409 415 454 466 468 469 470 471 472 473 474 475 476 477"
)


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """One face of one frame.

    points    (478, 3) plate pixels, pixel centres at .5; z in pixels, smaller is nearer
    presence  0..1, the landmark model's own score that this is a face
    """

    points: Array
    presence: float


class Landmarker:
    """The three models, loaded once.  Not to be shared between threads.

    Raises:
        ModelError: the weight file is missing, altered, or does not load.
    """

    def __init__(self, weights: Path = WEIGHTS, *, threads: int = THREADS) -> None:
        parts = _bundle(weights)
        self.canonical: Canonical = read_canonical(parts[_CANONICAL])
        with without_greeting():
            # One thread: on a busy machine two threads of so small a network wait for each other.
            self._detect = TfliteNet(parts["face_detector.tflite"], 1)
            self._landmarks = TfliteNet(parts[_LANDMARKS], threads)
            self._expression = TfliteNet(parts["face_blendshapes.tflite"], threads)

    def detect(self, frame: Frame, squares: Iterable[Square]) -> list[Detection]:
        """Faces in unrotated `squares`, strongest first, not confirmed (see `find`)."""
        result: list[Detection] = []
        for square in squares:
            picture = sample(frame, square, detector.INPUT_PX)
            boxes, scores = self._detect(picture * np.float32(2) - np.float32(1))
            result += detector.decode(boxes.reshape(896, 16), scores.reshape(896), square)
        return detector.merged(result)

    def find(self, frame: Frame, *, depth: int = 2) -> list[Face]:
        """Every face of a frame, largest first, each confirmed by its landmarks."""
        result: list[Face] = []
        for seen in self.detect(frame, detector.search_squares(frame.format, depth)):
            face = self.confirm(frame, seen)
            if face and not any(same_face(face, other) for other in result):
                result.append(face)
        return sorted(result, key=lambda face: -float(np.ptp(face.points[:, 1])))

    def confirm(self, frame: Frame, seen: Detection) -> Face | None:
        """The landmarks of a detection, or None where they are not of a human face."""
        first = self.read(frame, seen.square())
        if first.presence < LEAST_PRESENCE:
            return None
        face = self.read(frame, square_of(first.points))
        if face.presence < LEAST_PRESENCE or self.unsteadiness(frame, face) > MOST_UNSTEADY:
            return None
        return face

    def unsteadiness(self, frame: Frame, face: Face) -> float:
        """Mean distance between a face's landmarks read from changed squares, in eye distances."""
        square = square_of(face.points)
        eyes = np.linalg.norm(
            face.points[[RIGHT_EYE_OUTER, RIGHT_EYE_INNER]].mean(axis=0)
            - face.points[[LEFT_EYE_OUTER, LEFT_EYE_INNER]].mean(axis=0)
        )
        apart = 0.0
        for turn, larger in RECHECKS:
            other = replace(square, angle=square.angle + turn, side=square.side * larger)
            moved = self.read(frame, other).points[:, :2] - face.points[:, :2]
            apart += float(np.median(np.linalg.norm(moved, axis=1)))
        return apart / len(RECHECKS) / max(float(eyes), 1e-3)

    def read(self, frame: Frame, square: Square) -> Face:
        """Landmarks of the face in `square`, whatever their presence."""
        outputs = self._landmarks(sample(frame, square, INPUT_PX))
        points = outputs[0].reshape(LANDMARKS, 3).astype(np.float64)
        matrix = square.to_plate(INPUT_PX)
        placed = np.empty((LANDMARKS, 3), np.float32)
        placed[:, :2] = points[:, :2] @ matrix[:, :2].T + matrix[:, 2]
        placed[:, 2] = points[:, 2] * (square.side / INPUT_PX)
        return Face(placed, float(1 / (1 + np.exp(-float(outputs[1].ravel()[0])))))

    def run_bare(self, picture: Array, points: Array) -> None:
        """Landmark and expression networks on a ready (256, 256, 3) square, for benchmarks."""
        self._landmarks(picture)
        self.expression(points)

    def expression(self, points: Array) -> Array:
        """(52,) scores 0..1 of landmarks (478, 3), in the order of BLENDSHAPE_NAMES."""
        chosen = np.ascontiguousarray(points[EXPRESSION_LANDMARKS, :2], np.float32)
        return np.clip(self._expression(chosen)[0].ravel(), 0, 1)


@cache
def canonical_face(weights: Path = WEIGHTS) -> Canonical:
    """The neutral face inside the weights, without loading the models."""
    return read_canonical(_bundle(weights)[_CANONICAL])


def network_file(weights: Path = WEIGHTS) -> bytes:
    """The landmark network inside the weights, a .tflite.

    Raises:
        ModelError: the weight file is missing or altered.
    """
    return _bundle(weights)[_LANDMARKS]


def square_of(points: Array) -> Square:
    """The square to read the next landmarks from: level with the eyes, 1.5 times the face."""
    flat = points[:, :2].astype(np.float64)
    across = flat[LEFT_EYE_OUTER] - flat[RIGHT_EYE_OUTER]
    angle = float(np.arctan2(across[1], across[0]))
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    upright = flat @ turn.T
    low, high = upright.min(axis=0), upright.max(axis=0)
    x, y = turn.T @ ((low + high) / 2)
    return Square(float(x), float(y), float((high - low).max()) * detector.ROOM, angle)


def box_of(points: Array) -> Box:
    """The bounding box of landmarks."""
    low, high = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    return Box(float(low[0]), float(low[1]), float(high[0]), float(high[1]))


def same_face(a: Face, b: Face) -> bool:
    """Whether two readings of one frame are of the same face."""
    return detector.contained(box_of(a.points), box_of(b.points)) > 0.5


@contextmanager
def without_greeting() -> Iterator[None]:
    """Keep the runtime's greeting off the terminal; other output to stderr is slightly delayed.

    The runtime writes to file descriptor 2 itself and has no setting for it. Where there is no such
    descriptor, or no space for a temporary file, nothing is suppressed.
    """
    with _greeting, ExitStack() as afterwards:
        with suppress(OSError), ExitStack() as aside:
            terminal = os.dup(2)
            aside.callback(os.close, terminal)
            captured = aside.enter_context(tempfile.TemporaryFile())
            os.dup2(captured.fileno(), 2)
            aside.callback(_forward_stderr, captured)
            aside.callback(os.dup2, terminal, 2)
            afterwards.enter_context(aside.pop_all())
        yield


def _forward_stderr(captured: IO[bytes]) -> None:
    captured.seek(0)
    with open(2, "wb", closefd=False) as terminal:
        terminal.write(captured.read().replace(_GREETING, b""))


class TfliteNet:
    """One .tflite on XNNPACK: arrays in, arrays out.  Not to be shared between threads.

    Raises:
        ModelError: the runtime refuses the model.
    """

    def __init__(self, model: bytes, threads: int) -> None:
        try:
            self._net: Any = Interpreter(model_content=model, num_threads=threads)
            self._net.allocate_tensors()
        except (ValueError, RuntimeError) as error:
            raise ModelError(f"a part of the landmark model does not load: {error}") from error
        details = self._net.get_input_details()[0]
        self._input, self._shape = details["index"], tuple(details["shape"])
        self._outputs = [out["index"] for out in self._net.get_output_details()]

    def __call__(self, values: Array) -> list[Array]:
        self._net.set_tensor(self._input, values.reshape(self._shape))
        self._net.invoke()
        return [self._net.get_tensor(index) for index in self._outputs]


def _bundle(weights: Path) -> dict[str, bytes]:
    """The files inside the weight file."""
    data = shipped(weights, WEIGHTS_SHA256, "landmark model")
    with zipfile.ZipFile(io.BytesIO(data)) as bundle:
        return {name: bundle.read(name) for name in bundle.namelist()}
