"""Curves and sound of a shot, as values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dubsync.core.contact import Contact
from dubsync.core.face import Stretch
from dubsync.core.timeline.timecode import FrameRange
from dubsync.service.reel.comp_list import CharacterComp

Curve = NDArray[np.float64]
Levels = NDArray[np.float32]
Source = Literal["plate", "take", "sound", "result"]
Measure = Literal["opening", "width", "jaw"]

SOURCES: tuple[Source, ...] = ("plate", "take", "sound", "result")
MEASURES: tuple[Measure, ...] = ("opening", "width", "jaw")


@dataclass(frozen=True, slots=True)
class SpokenWord:
    """A word of the dub over plate frames `first` to `last`, which may be fractional."""

    text: str
    first: float
    last: float


@dataclass(frozen=True, slots=True)
class SpokenPhone:
    """A phone heard in the dub over plate frames `first` to `last`, which may be fractional.

    tone      "shut" (m b p), "teeth" (f v), "round" or "plain"
    strength  0..1 how surely it is heard
    """

    symbol: str
    first: float
    last: float
    tone: str
    strength: float


@dataclass(frozen=True, slots=True, eq=False)
class CharacterSound:
    """The dub of one character on the T frames of a shot.

    levels  (T * levels_per_frame, 2) lowest and highest sample, full scale 1, frame by frame
    words   of the script; empty where the shot has none, or its words cannot be aligned
    phones  as heard; empty where the shot stands still
    """

    levels: Levels
    words: tuple[SpokenWord, ...]
    phones: tuple[SpokenPhone, ...]


@dataclass(frozen=True, slots=True, eq=False)
class ShotSound:
    """The sound of one shot.

    characters        each one's dub
    original          levels of the plate's own sound, as `CharacterSound.levels`; None: silent
    levels_per_frame  levels of each plate frame
    """

    characters: Mapping[str, CharacterSound]
    original: Levels | None
    levels_per_frame: int


@dataclass(frozen=True, slots=True, eq=False)
class CharacterCurves:
    """One character's mouth over the T plate frames of a shot.

    curves    measure -> source -> (T,) in % of the distance between the eyes, NaN for gaps
    weight    (T,) 0 where the plate's mouth is kept, 1 where it follows the dub
    shares    (T, 3) how much of the result comes from take, sound and plate; each frame sums to 1
    drivers   which source drives which frames, and why it is not another
    contacts  that the dub asks for, as the result will show them
    sound     the character's dub on these frames
    comp      which source says which word, and which takes could
    """

    character: str
    curves: Mapping[Measure, Mapping[Source, Curve]]
    weight: Curve
    shares: Curve
    drivers: tuple[Stretch, ...]
    contacts: tuple[Contact, ...]
    sound: CharacterSound
    comp: CharacterComp


@dataclass(frozen=True, slots=True, eq=False)
class ShotCurves:
    """The mouths of a shot; `characters` has the dubbed ones, seen in the plate or not."""

    shot: str
    frames: FrameRange
    characters: Mapping[str, CharacterCurves]
    sound: ShotSound
