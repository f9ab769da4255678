"""What a colour space costs and keeps: plate to working colour and back, against OpenColorIO.

    python -m benchmarks.colour [--json] [--frame 2048x1080]

Colours: every space of the built-in studio config that a plate of these cameras is in, each with a
plate of its own depth.  "Off" is how far our light is from OpenColorIO's own processor, in steps of
10 bits of ACEScct; "back" how far a sample is from itself after both ways, in its own half steps;
"changed" how many samples are another one when they are rounded.  Colours are those of nature: a
grey of any brightness, its channels up to a fifth of the code apart.  Of YCbCr the chroma filters
are in "back" and "changed" too, without the compositor's correction of them.
Time: one picture there and back, against the same picture without [colour].
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from time import process_time

import click
import numpy as np
import PyOpenColorIO
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from dubsync.core.colour import plane_values, stored, working_rgb
from dubsync.core.picture import Frame, PictureFormat
from dubsync.media.colour.bake import Working, baked, working_in
from dubsync.media.colour.config import ColourConfig, open_config

#: Space -> bits of its plates; 16 is half float.
SPACES = {
    "ACEScg": 16, "ACES2065-1": 16, "Linear Rec.709 (sRGB)": 16, "ARRI LogC3 (EI800)": 12,
    "ARRI LogC4": 12, "S-Log3 S-Gamut3.Cine": 10, "V-Log V-Gamut": 10, "Apple Log": 10,
    "Log3G10 REDWideGamutRGB": 16, "DaVinci Intermediate WideGamut": 12,
    "Rec.2100-PQ - Display": 10, "Rec.2100-HLG - Display": 10, "Rec.1886 Rec.709 - Display": 8,
}  # fmt: skip
#: Spaces whose plates are measured as 10-bit 4:2:2 YCbCr as well.
YCBCR = ("ARRI LogC4", "Rec.1886 Rec.709 - Display")
ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Row:
    """One space; see the module.  ms and plain_ms: of one picture, with and without [colour]."""

    space: str
    stored: str
    off_steps: float
    back_half_steps: float
    changed: int
    samples: int
    ms: float
    plain_ms: float


def measured(
    config: ColourConfig, working: Working, space: str, size: tuple[int, int], ycbcr: bool = False
) -> Row:
    """One space's row."""
    colour, bits = baked(config, space, working), SPACES[space]
    floating = config.encoding(space) == "scene-linear"
    form = PictureFormat(*size, "rgb", bits, matrix="rgb", floating=floating, colour=colour)
    if ycbcr:
        form = replace(form, model="yuv", bits=10, chroma=(1, 0), matrix="bt709")
    frame = _noise(form)
    values = plane_values(working_rgb(frame), form)
    kept = [stored(v, p, form) for v, p in zip(values, frame.planes, strict=True)]
    changed = sum(int((a != b).sum()) for a, b in zip(kept, frame.planes, strict=True))
    plain = replace(frame, format=replace(form, colour=None))
    return Row(
        space, "half" if floating else "10 bits 4:2:2" if ycbcr else f"{bits} bits",
        0.0 if ycbcr else _off(config, working, space, frame),
        max(_half_steps(v, p, form) for v, p in zip(values, frame.planes, strict=True)),
        changed, sum(plane.size for plane in frame.planes),
        _ms(lambda: plane_values(working_rgb(frame), form)),
        _ms(lambda: plane_values(working_rgb(plain), plain.format)),
    )  # fmt: skip


def _noise(form: PictureFormat) -> Frame:
    draw = np.random.default_rng(1)
    shape = (form.height, form.width)
    code = draw.random((*shape, 1)) + draw.uniform(-0.1, 0.1, (*shape, 3))
    if form.floating:
        light = 2.0 ** (code * 16 - 10)
        return Frame(0, tuple(light[..., n].astype(np.float16) for n in range(3)), form)
    top = (1 << form.bits) - 1
    kind = np.uint8 if form.bits == 8 else np.uint16
    if form.model == "yuv":
        # Flat in blocks, so that the chroma filters there and back are no part of it.
        blocks = np.repeat(np.repeat(code[::8, ::8], 8, 0), 8, 1)[: form.height, : form.width]
        made = plane_values(blocks.astype(np.float32), replace(form, colour=None))
        return Frame(0, tuple(stored(v, np.zeros(1, kind), form) for v in made), form)
    values = np.clip(np.rint(code * top), 0, top).astype(kind)
    return Frame(0, tuple(values[..., n].copy() for n in range(3)), form)


def _half_steps(
    values: NDArray[np.float32], plane: NDArray[np.generic], form: PictureFormat
) -> float:
    there = np.asarray(plane, np.float64)
    step = np.spacing(np.abs(plane)).astype(np.float64) if form.floating else 1.0
    return float((np.abs(values - there) / (step / 2)).max())


def _off(config: ColourConfig, working: Working, space: str, frame: Frame) -> float:
    """Steps of 10 bits of the working space by which our light is off OpenColorIO's."""
    colour = frame.format.colour
    if colour is None or colour.own or colour.from_working is None:
        return 0.0
    top = 1.0 if frame.format.floating else float((1 << frame.format.bits) - 1)
    code = np.stack([np.asarray(p, np.float32) / np.float32(top) for p in frame.planes], axis=-1)
    code = code[:: max(1, len(code) // 64)].reshape(-1, 3)
    theirs = code.copy()
    processor = config.config.getProcessor(space, working.space)
    processor.getOptimizedCPUProcessor(PyOpenColorIO.OPTIMIZATION_LOSSLESS).applyRGB(theirs)
    ours = working.to_light.back(colour.from_working.at(colour.working_of(code)))
    near = theirs > 0  # far below black it is rounding that is compared
    return float(np.abs(ours - theirs)[near].max() * 1023)


def _ms(work: Callable[[], object]) -> float:
    work()
    taken = []
    for _ in range(ROUNDS):
        start = process_time()
        work()
        taken.append(process_time() - start)
    return 1000 * min(taken)


@click.command()
@click.option("--frame", default="2048x1080", show_default=True, help="Size of the picture.")
@click.option("--json", "as_json", is_flag=True)
def colour(frame: str, as_json: bool) -> None:
    """Print what each colour space keeps, and what it costs."""
    width, height = (int(side) for side in frame.split("x"))
    config = open_config("builtin studio")
    working = working_in(config)
    rows = [measured(config, working, space, (width, height)) for space in SPACES]
    rows += [measured(config, working, space, (width, height), ycbcr=True) for space in YCBCR]
    if as_json:
        print(json.dumps([asdict(row) for row in rows], indent=2))
        return
    shown = Table("space", "stored", "off, 10-bit steps", "back, half steps", "changed", "ms",
                  "without, ms", "ratio")  # fmt: skip
    for row in rows:
        shown.add_row(
            row.space, row.stored, f"{row.off_steps:.3f}", f"{row.back_half_steps:.3f}",
            f"{row.changed} of {row.samples}", f"{row.ms:.0f}", f"{row.plain_ms:.0f}",
            f"{row.ms / row.plain_ms:.1f}",
        )  # fmt: skip
    Console(width=130).print(shown)


if __name__ == "__main__":
    colour()
