"""Movies that are no plates as they are, each with the command that makes one of it."""

from __future__ import annotations

import struct
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from shlex import quote

import av
from av.sidedata.sidedata import Type

from dubsync.core.errors import MediaError, VariableRate
from dubsync.core.reading.true_times import made_at
from dubsync.core.reading.turned import AS_SHOWN, Turned, turned_by


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
    """The error for times that say nothing; the hint names the rate that frames are made at.

    Args:
        pts: presentation times in ticks, rising.
        tick: seconds.
    """
    rate = made_at(pts, tick)
    return VariableRate(
        f"{path} has a variable frame rate, and times that cannot be followed: two frames at one "
        "time, or gaps of more than a minute",
        hint=f"convert it to the rate that most of its frames are spaced by, {float(rate):.5g} fps:"
        f" {_command(path, f'fps={rate}', '_constant')} (or to the rate of your cut)",
    )


def _command(path: Path, filters: str, suffix: str) -> str:
    """An ffmpeg command that writes the movie without loss beside it."""
    filtered = f" -vf {filters}" if filters else ""
    made = quote(path.stem + suffix + ".mkv")
    return f"ffmpeg -i {quote(path.name)}{filtered} -c:v ffv1 -c:a copy {made}"
