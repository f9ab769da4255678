"""Timecode, speed and names from a sound file's iXML chunk."""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction


@dataclass(frozen=True, slots=True)
class SoundClock:
    """The SPEED element of an iXML chunk (iXML 3.01), and the names of the sound.

    timecode_rate   frames per second of its timecode; None where not stated
    drop            whether it is drop-frame; None where not stated
    master_speed, current_speed   frames per second of the picture it was recorded for, and of the
                    picture it is to play with; they differ where a pull-up or pull-down is due
    samples         since midnight, counted at `timestamp_rate`; None where not stated
    sample_rate     of the file as recorded
    tracks          names of its channels, in order
    odd             parts of the chunk that could not be read, in words
    """

    timecode_rate: Fraction | None = None
    drop: bool | None = None
    master_speed: Fraction | None = None
    current_speed: Fraction | None = None
    samples: int | None = None
    timestamp_rate: int | None = None
    sample_rate: int | None = None
    project: str = ""
    scene: str = ""
    take: str = ""
    tape: str = ""
    note: str = ""
    tracks: tuple[str, ...] = ()
    odd: tuple[str, ...] = ()
