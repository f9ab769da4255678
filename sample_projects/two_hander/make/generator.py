"""MobileStyleGAN (random-face) as a generator with one style vector per layer.

The package's own Python needs an OpenVINO interface that no longer exists, and its synthesis
network takes a single style for all layers. Here the network is loaded with today's OpenVINO and
its one style input is replaced, in memory, by 23 separate ones ("W+"): coarse layers then turn
the head while the middle ones open the mouth. The noise is constant inside the network, so the
same styles always give the same picture, bit for bit, on the same machine.
"""

from __future__ import annotations

import importlib.util
from pathlib import Path

import cv2
import numpy as np
import openvino as ov
from openvino import opset13 as ops

LAYERS = 23
"""Style inputs: 0-1 feed 4x4, then three each for 8, 16, 32, 64, 128, 256 and 512 pixels."""

STYLE_SIZE = 512


def _data_folder() -> Path:
    """Where the random-face wheel keeps its networks (its Python is never imported)."""
    spec = importlib.util.find_spec("random_face")
    if spec is None or not spec.submodule_search_locations:
        raise SystemExit("random-face is not installed; see make/README.md")
    return Path(spec.submodule_search_locations[0]) / "data"


def _layer_order(name: str) -> int:
    """Resolution order of a MatMul from its name, as in 'Gemm_110/WithoutBiases'."""
    return int(name.split("_")[1].split("/")[0])


class Generator:
    """Pictures of people who do not exist, steered layer by layer."""

    def __init__(self, threads: int = 2) -> None:
        core = ov.Core()
        core.set_property("CPU", {"INFERENCE_NUM_THREADS": threads})
        data = _data_folder()
        self._mapping = core.compile_model(str(data / "MappingNetwork.xml"), "CPU")
        network = core.read_model(str(data / "SynthesisNetwork.xml"))
        wired = self._split_style_input(network)
        self._request = core.compile_model(wired, "CPU").create_infer_request()

    @staticmethod
    def _split_style_input(network: ov.Model) -> ov.Model:
        """Give each of the network's 23 style consumers its own row of a [23, 512] input."""
        old = network.inputs[0]
        consumers = [t for t in old.get_target_inputs() if t.get_node().get_type_name() == "MatMul"]
        consumers.sort(key=lambda t: _layer_order(t.get_node().friendly_name))
        if len(consumers) != LAYERS:
            raise SystemExit(f"expected {LAYERS} style inputs, found {len(consumers)}")
        styles = ops.parameter([LAYERS, STYLE_SIZE], np.float32, name="styles")

        def row(k: int) -> ov.Output:
            one = np.array([1])
            return ops.slice(styles, np.array([k]), np.array([k + 1]), one, np.array([0])).output(0)

        for k, target in enumerate(consumers):
            target.replace_source_output(row(k))
        for target in list(old.get_target_inputs()):  # what is left only asks for the shape
            target.replace_source_output(row(0))
        return ov.Model(network.get_results(), [styles], "synthesis_w_plus")

    def style(self, seed: int) -> np.ndarray:
        """The style vector [512] of a seed."""
        z = np.random.RandomState(seed).randn(1, STYLE_SIZE).astype(np.float32)
        return np.array(self._mapping([z])[0][0])

    def picture(self, styles: np.ndarray, size: int) -> np.ndarray:
        """Render styles ([512] or [23, 512]) as an 8-bit BGR picture of size x size pixels."""
        styles = np.asarray(styles, np.float32)
        if styles.ndim == 1:
            styles = np.repeat(styles[None], LAYERS, 0)
        rgb = self._request.infer([styles])[0][0].transpose(1, 2, 0)
        bgr = ((rgb[:, :, ::-1] + 1.0) * 127.5).clip(0, 255).astype(np.uint8)
        return cv2.resize(np.ascontiguousarray(bgr), (size, size), interpolation=cv2.INTER_AREA)


def mean_style(generator: Generator, count: int = 2000, first_seed: int = 10**6) -> np.ndarray:
    """Average style [512]; styles are pulled towards it (truncation) for cleaner faces."""
    return np.mean([generator.style(first_seed + k) for k in range(count)], axis=0)
