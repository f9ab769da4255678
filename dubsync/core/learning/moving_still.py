"""Stills that move: what the engine knows of photographs, and the motions that it lays on them."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array, seal
from dubsync.core.errors import EngineError, SettingsError
from dubsync.core.face import FaceTrack
from dubsync.core.sound.aligned_audio import AlignedAudio, Seconds

#: Most stills of one person.
MOST_STILLS = 32


@dataclass(frozen=True, slots=True, eq=False)
class Still:
    """One photograph with its face.

    picture  (H, W, 3) working colour 0..1
    face     a track of one frame, in pixels of `picture`
    """

    picture: Array
    face: FaceTrack


@dataclass(frozen=True, slots=True)
class StillFacts:
    """What is measured of the face in one still.

    yaw, pitch, roll  degrees from straight at the camera; yaw + to the picture's right,
                      pitch + up, roll + clockwise
    eye_px            distance between the middles of the eyes, pixels
    shut              how far the lids of the more open eye are down: 0 open, 1 shut
    opening           of the lips, in distances between the eyes
    bridge            how dark a line across the bridge of the nose is: glasses from .2 on
    """

    yaw: float
    pitch: float
    roll: float
    eye_px: float
    shut: float
    opening: float
    bridge: float = 0.0


@dataclass(frozen=True, slots=True)
class StillReach:
    """How far stills can be moved before it shows, as measured (docs/benchmarks.md).

    yaw, pitch, roll  degrees to either side of the still's own pose; less for a head that is
                      turned away already
    opening           of the lips, eye distances, up to which the still's own mouth serves; beyond,
                      the inside is the driver's, another still's, or dark
    lids              whether a still with shut lids lends their skin; else it is drawn
    teeth             whether a still shows teeth
    """

    yaw: float
    pitch: float
    roll: float
    opening: float
    lids: bool
    teeth: bool


@dataclass(frozen=True, slots=True, eq=False)
class StillMotion:
    """A motion laid on a still: T frames, ready to be drawn.

    seen     (T,)  where the driver is seen; elsewhere the last seen frame is held
    turned   (T, 3)  degrees of pitch, yaw and roll that the motion asks for from the still's pose
    held     (T,)  degrees of them that are softly held back
    opening  (T,)  of the lips, eye distances, as drawn
    calm_frames  (T,) for each frame the number of the driver's frame whose skin it is compared
             with, so that wrinkles can be told; () where there is no driver
    lend     (number, the driver's picture of it) is called for each of `calm_frames` before `draw`
    neutral  numbers of the frames that the driver's neutral face was taken from, calmest first
    calm     how far the calmest frame is from a neutral face: below .2 it is one
    draw     (number, the driver's picture in working colour or None) -> (H, W, 3) working colour
    matte    number -> (H, W) the still's transparency as it moves; None where nothing is
    landmarks  number -> (478, 3) of the drawn face, pixels; None: it is not told
    """

    seen: NDArray[np.bool_]
    turned: Array
    held: Array
    opening: Array
    draw: Callable[[int, Array | None], Array]
    matte: Callable[[int], Array] | None = None
    calm_frames: tuple[int, ...] = ()
    lend: Callable[[int, Array], None] = lambda number, picture: None
    neutral: tuple[int, ...] = ()
    calm: float = 0.0
    landmarks: Callable[[int], Array] | None = None

    def __post_init__(self) -> None:
        t = len(self.seen)
        seal(self, "turned", t, 3)
        seal(self, "held", t)
        seal(self, "opening", t)


#: What a reaction can move.  1 is a full, natural movement; turns are degrees, shifts and size are
#: parts of the distance between the eyes; a gaze of 1 is 30 degrees.
CHANNELS: Mapping[str, str] = {
    "jaw": "the jaw drops",
    "part": "the lips part",
    "wide": "the mouth's corners go apart",
    "round": "the lips are rounded",
    "smile": "a smile, with its cheeks",
    "frown": "the mouth's corners go down",
    "press": "the lips are pressed together",
    "brow_up": "the brows rise",
    "brow_inner": "the inner ends of the brows rise",
    "brow_down": "the brows go down and together",
    "shut": "the lids shut",
    "squint": "the lids narrow",
    "wide_eyes": "the upper lids rise",
    "nose": "the nose is wrinkled",
    "gaze_x": "the eyes look to the picture's right",
    "gaze_y": "the eyes look up",
    "yaw": "the head turns to the picture's right",
    "pitch": "the head tilts back",
    "roll": "the head tilts clockwise",
    "shift_x": "the head moves to the picture's right",
    "shift_y": "the head moves up",
    "size": "the head comes nearer",
    "own": "the still's own expression is taken out",
}


@dataclass(frozen=True, slots=True)
class Reaction:
    """A short motion that starts and ends at rest, so that it can be played as a loop.

    name      "like", "sad", ...
    seconds   its length
    curves    channel -> keys (second, value), rising; before the first and after the last it is 0.
              None at all: the still waits, with breath, sway and blinks
    """

    name: str
    seconds: float
    curves: Mapping[str, tuple[tuple[float, float], ...]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for channel, keys in self.curves.items():
            if channel not in CHANNELS:
                raise SettingsError(
                    f"the reaction {self.name} moves {channel!r}, which is no channel",
                    hint=f"channels: {', '.join(CHANNELS)}",
                )
            times = [at for at, _ in keys]
            if times != sorted(set(times)) or not 0 <= min(times) <= max(times) <= self.seconds:
                raise SettingsError(
                    f"the reaction {self.name}: the keys of {channel} do not rise within its "
                    f"{self.seconds:g} s"
                )
            if keys[0][1] != 0 or keys[-1][1] != 0:
                raise SettingsError(f"the reaction {self.name}: {channel} does not end at rest")


class MovingStill(Protocol):
    """1 to 32 stills of one person; the first is the picture that is moved."""

    @property
    def facts(self) -> tuple[StillFacts, ...]:
        """Of each still."""

    @property
    def reach(self) -> StillReach: ...

    def by_take(self, track: FaceTrack) -> StillMotion:
        """The motion of a tracked driver, one frame of it for each of the track's.

        Raises:
            NoFace: no frame of the track shows the face.
        """

    def by_sound(self, dub: AlignedAudio, seed: int) -> StillMotion:
        """Speech as it is heard, at the frames of `dub`; with blinks and a little movement.

        Args:
            seed: chooses when they come; the same gives the same.
        """

    def by_reaction(self, reaction: Reaction, times: Seconds) -> StillMotion:
        """A reaction at `times` (T,), seconds from its beginning."""


class LearnMovingStill(Protocol):
    """Learn a person from stills."""

    def __call__(self, stills: Sequence[Still], alpha: Array | None = None) -> MovingStill:
        """Raises NoFace.

        Args:
            alpha: (H, W) transparency of the first still; None: it has none.
        """


def cannot_move_stills(stills: Sequence[Still], alpha: Array | None = None) -> MovingStill:
    """A `LearnMovingStill` of an engine that has none.  Raises EngineError."""
    raise EngineError(
        "this engine cannot move stills", hint='use dubsync\'s own: engine = "dubsync"'
    )
