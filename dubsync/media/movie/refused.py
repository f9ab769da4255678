"""Movies that are no plates as they are, each with the command that makes one of it."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from fractions import Fraction
from itertools import islice
from pathlib import Path
from shlex import quote
from typing import Any

import av
import numpy as np
from av.sidedata.sidedata import Type
from numpy.typing import NDArray

from dubsync.core.errors import MediaError, VariableRate
from dubsync.core.reading.turned import AS_SHOWN, Turned, turned_by
from dubsync.core.timeline.timecode import TIMECODE_RATES
from dubsync.media.files.container import opened, picture_stream

#: FFmpeg's AVFieldOrder: unknown and progressive; every other value means interlaced.
_WHOLE_FRAMES = (0, 1)
_NTSC, _FILM = Fraction(30000, 1001), Fraction(24000, 1001)
#: Frames that are looked at for the cadence of telecine, and the share of pairs of a mixed and a
#: clean frame in which the mixed one is more combed (telecined talking head 1.0, interlaced camera
#: pictures up to .75).
_CADENCE_FRAMES, _CADENCE = 45, 0.9
#: A gap is counted as the commonest one within this share of it.
_SAME_GAP = Fraction(1, 8)


def refuse_interlaced(path: Path, stream: Any, first: av.VideoFrame) -> None:
    """Raises MediaError where frames are of two fields; the hint keeps the frame rate."""
    if stream.codec_context.field_order in _WHOLE_FRAMES and not first.interlaced_frame:
        return
    rate = Fraction(stream.average_rate or stream.guessed_rate or 25)
    ntsc = abs(rate - _NTSC) < Fraction(1, 10)
    if ntsc and _telecined(path):
        raise MediaError(
            f"{path} is telecined: film at 23.976 fps in interlaced frames at 29.97 fps",
            hint=f"take the film's frames back: {_command(path, 'fieldmatch,decimate', '_film')}",
        )
    hint = f"deinterlace it at its frame rate: {_command(path, _BWDIF, '_whole')}; "
    if ntsc:
        hint += "if it is telecined film, use -vf fieldmatch,decimate; "
    raise MediaError(
        f"{path} is interlaced, or flagged as interlaced",
        hint=hint + "if it is progressive but flagged wrongly, use -vf setfield=prog",
    )


#: One frame for two fields: the filter's default makes two, and with them twice the rate.
_BWDIF = "bwdif=mode=send_frame"


def stated_turn(path: Path, first: av.VideoFrame) -> Turned:
    """How the file asks players to turn or mirror the picture.

    Raises:
        MediaError: by another angle than quarter turns.
    """
    for data in first.side_data:
        if data.type == Type.DISPLAYMATRIX:
            way = turned_by(struct.unpack_from("=9i", bytes(data)))
            if way is None:
                raise MediaError(
                    f"{path} is to be shown turned or slanted: a note in the file says so",
                    hint=f"turn the picture itself: {_command(path, '', '_upright')} "
                    "(ffmpeg turns it as the note says)",
                )
            return way
    return AS_SHOWN


def variable_rate(path: Path, pts: Sequence[int], tick: Fraction) -> VariableRate:
    """The error for frames that are not evenly spaced; the hint names the rate they are made at.

    Args:
        pts: presentation times in ticks, rising.
        tick: seconds.
    """
    rate = made_at(pts, tick)
    return VariableRate(
        f"{path} has a variable frame rate: its frames are not evenly spaced in time",
        hint=f"convert it to the rate that most of its frames are spaced by, {float(rate):.5g} fps:"
        f" {_command(path, f'fps={rate}', '_constant')} (or to the rate of your cut)",
    )


def made_at(pts: Sequence[int], tick: Fraction) -> Fraction:
    """The rate in use that the commonest gap between frames is nearest to.

    Dropped frames leave longer gaps, which count for nothing here: the average counts them in.
    """
    gaps = np.diff(np.asarray(pts, np.int64))
    gaps = gaps[gaps > 0]
    if not len(gaps):
        return Fraction(25)
    near = [np.abs(gaps - gap) <= max(1, gap * float(_SAME_GAP)) for gap in np.unique(gaps)]
    commonest = max(near, key=lambda chosen: int(chosen.sum()))
    usual = Fraction(int(gaps[commonest].sum()), int(commonest.sum())) * tick
    return min(TIMECODE_RATES, key=lambda known: abs(known - 1 / usual))


def _command(path: Path, filters: str, suffix: str) -> str:
    """An ffmpeg command that writes the movie without loss beside it."""
    filtered = f" -vf {filters}" if filters else ""
    made = quote(path.stem + suffix + ".mkv")
    return f"ffmpeg -i {quote(path.name)}{filtered} -c:v ffv1 -c:a copy {made}"


def _telecined(path: Path) -> bool:
    """Whether two of every five frames are mixed of two: the cadence of 2:3 pulldown."""
    with opened(path) as container:
        frames = container.decode(picture_stream(path, container))
        combed = np.array([_combing(frame) for frame in islice(frames, _CADENCE_FRAMES)])
    if len(combed) < 15:
        return False
    at = np.arange(len(combed)) % 5
    shares = []
    for phase in range(5):
        mixed = np.isin(at, (phase, (phase + 1) % 5))
        shares.append(float((combed[mixed][:, None] > combed[~mixed][None]).mean()))
    return max(shares) > _CADENCE


def _combing(frame: av.VideoFrame) -> float:
    """How much neighbouring lines differ, over how much lines of one field do."""
    luma: NDArray[np.float32] = frame.to_ndarray(format="gray").astype(np.float32)
    between = np.abs(luma[1:-1] - (luma[:-2] + luma[2:]) / 2)
    within = np.abs(luma[2:] - luma[:-2])
    busy = within > 4  # flat parts hold noise alone
    if not busy.any():
        return 1.0
    return float(between[busy].mean() / within[busy].mean())
