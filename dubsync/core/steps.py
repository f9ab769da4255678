"""The engine interface: the steps between a plate and its corrected frames, as callables on values.

Any `Engine` (ours is `dubsync.engine:build`) can be used: see `engine.engine` in Settings.  Only
numpy arrays cross this interface, never torch tensors.  Frames come in square pixels, whatever the
plate's pixel aspect is, and landmarks and patches go back in them; `composite` alone gets the
plate's own frame, and patches already on its pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array, seal
from dubsync.core.coverage import Coverage
from dubsync.core.errors import ShapeError
from dubsync.core.face import FaceTrack, MotionTrack, Performance
from dubsync.core.holdout import Holdout, nothing_in_front
from dubsync.core.learning.actor import (
    Actor,
    FilmedTake,
    Footage,
    HeldOut,
    Learn,
    LearnSpeakingStyle,
    RendererName,
    SpeakingStyle,
    Train,
    own_speaking_style,
)
from dubsync.core.learning.background import FrameBackground
from dubsync.core.learning.expressions import FindExpressions
from dubsync.core.learning.grain import Grain
from dubsync.core.learning.head import Head, HeadShot, LearnHead
from dubsync.core.learning.house_base import HouseBase, TeachBase, cannot_teach
from dubsync.core.learning.moving_still import LearnMovingStill, cannot_move_stills
from dubsync.core.learning.reach import FindBeyond, FindHeld
from dubsync.core.learning.take_mouth import TakeMouths
from dubsync.core.picture import Frame, Region
from dubsync.core.progress import Progress
from dubsync.core.sound.aligned_audio import AlignedAudio, Seconds, frame_seconds
from dubsync.core.sound.av_sync import Offset, Speaking
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.choices import Region as DrawnRegion
from dubsync.core.tweak.matte_edit import MatteShape
from dubsync.core.tweak.tweak import Tweak


@dataclass(frozen=True, slots=True, eq=False)
class TakeCue:
    """A tracked take, aligned with the dub by sound.

    times  (T,) seconds on the dub's clock at which each frame of `track` was spoken
    span   (from, to) seconds on the dub's clock that the take is to drive
    name   of the take
    alike  (T,) 0..1 confidence of each frame's alignment; None: certain
    """

    track: FaceTrack
    times: Seconds
    span: tuple[float, float]
    name: str = "take"
    alike: Array | None = None

    def __post_init__(self) -> None:
        t = len(self.track.frames)
        if np.shape(self.times) != (t,):
            raise ShapeError(f"TakeCue.times is {np.shape(self.times)}, the take has {t} frames")
        if self.alike is not None:
            seal(self, "alike", t)


#: `Patch.origin` of what no place of the plate shows.
ELSEWHERE = -1e6


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """The new picture of one face in one frame, in square pixels; `composite` gets the plate's own.

    region  where; aligned to chroma sites
    rgb     (h, w, 3) working colour (core/colour.py)
    matte   (h, w) uint8; 0 keeps the plate's sample, 255 replaces it
    behind  how the background is known that a whole head uncovers; None: it uncovers none
    inside  the take whose performer's teeth and tongue are seen; "": the actor's are
    origin  (h, w, 2) where in the plate the skin at each pixel was, pixels x, y, centres at .5;
            ELSEWHERE where it is drawn from other frames; None: nothing has moved
    """

    region: Region
    rgb: Array
    matte: NDArray[np.uint8]
    behind: FrameBackground | None = None
    inside: str = ""
    origin: Array | None = None

    def __post_init__(self) -> None:
        seal(self, "rgb", self.region.height, self.region.width, 3)
        if self.origin is not None:
            seal(self, "origin", self.region.height, self.region.width, 2)
        if self.matte.shape != (self.region.height, self.region.width):
            raise ShapeError(f"Patch.matte is {self.matte.shape}, not {self.rgb.shape[:2]}")


@dataclass(frozen=True, slots=True, eq=False)
class Composite:
    """A finished frame; `matte` (H, W) uint8 covers every sample that may differ from the plate."""

    frame: Frame
    matte: NDArray[np.uint8]
    patches: tuple[Patch, ...]

    @property
    def changed(self) -> bool:
        return bool(self.patches)


#: Draws the new face of consecutive frames; None where a frame is unchanged.
Renderer = Callable[[Sequence[Frame]], Sequence[Patch | None]]


class Track(Protocol):
    """Detect and track every face."""

    def __call__(
        self, frames: Iterable[Frame], span: FrameRange, *, shot: str, progress: Progress
    ) -> tuple[FaceTrack, ...]:
        """Every face in `frames` (which are exactly `span`), each run of it a FaceTrack."""


class Drive(Protocol):
    """Compute how the mouth should move."""

    def __call__(
        self,
        original: MotionTrack,
        actor: Actor,
        dub: AlignedAudio,
        *,
        plate_audio: AlignedAudio | None,
        takes: Sequence[TakeCue],
        tweak: Tweak,
        speaking_style: SpeakingStyle | None = None,
    ) -> Performance:
        """Target mouth on `original.frames`: from takes in their spans, from sound elsewhere.

        dub and plate_audio (the plate's own sound) are aligned with `original.frames`.  Sound moves
        the mouth according to `speaking_style`; None: the one learnt with the actor.
        """


@dataclass(frozen=True, slots=True)
class GrainSteps:
    """How grain is measured and given to what is drawn.

    version  changes whenever the same plate gives other grain
    measure  from pairs of consecutive frames over a range; None where none is measurable
    give     a patch on its frame's own pixels with the grain that it lacks, by the shot's seed
    """

    version: str
    measure: Callable[[Iterable[tuple[Frame, Frame]], FrameRange], Grain | None]
    give: Callable[[Frame, Patch, Grain, int], Patch]


class Prepare(Protocol):
    """Prepare to draw one face of one shot."""

    def __call__(
        self, actor: Actor, track: FaceTrack, original: MotionTrack, corrected: MotionTrack,
        weight: Array, *, renderer: RendererName = "warp", matte: MatteShape | None = None,
        region: Sequence[DrawnRegion] | None = None, head: HeadShot | None = None,
        inside: TakeMouths | None = None, regrained: bool = False,
    ) -> Renderer:  # fmt: skip
        """Select, over the whole shot, what each frame will be drawn from, and by which renderer.

        Args:
            matte: its edge as an artist shaped it; not passed at all where it is as usual.
            region: of each frame; not passed at all where it is the mouth in all of them.
            head: for frames of region "head"; not passed at all where there are none.
            inside: lends the mouth's inside; not passed at all where nobody asked for it.
            regrained: `Engine.grain` follows, so no grain is added here; else not passed at all.

        Raises:
            EngineError: an untrained actor for "actor".  SettingsError: a matte grown too far.
        """


#: Yields the frames of the given rising numbers, each once.
ReadFrames = Callable[[Sequence[int]], Iterator[Frame]]


class FindHoldout(Protocol):
    """Find what stands in front of a face."""

    def __call__(
        self,
        track: FaceTrack,
        read: ReadFrames,
        *,
        matte: ReadFrames | None,
        origin: str,
        shot: str,
        progress: Progress,
    ) -> Holdout:
        """The holdout mattes of the face, for every frame of `track`.

        Args:
            read: reads the plate's frames.
            matte: reads the artist's mattes, white in front of the face, under the plate's frame
                numbers; they are followed as they are. None: there are none, and what is in front
                is detected.
            origin: file name of the artist's matte; "" if there is none.
            shot: its name, for progress.
        """


def cannot_see_in_front(
    track: FaceTrack,
    read: ReadFrames,
    *,
    matte: ReadFrames | None,
    origin: str,
    shot: str,
    progress: Progress,
) -> Holdout:
    """A `FindHoldout` that finds nothing."""
    return nothing_in_front(track.frames)


class Speak(Protocol):
    """Detect which face a plate's sound comes from, and how late the sound is."""

    def __call__(
        self, tracks: Sequence[FaceTrack], frames: FrameRange, audio: AlignedAudio
    ) -> Speaking:
        """Each face's probability, frame by frame, of being the active speaker.

        Args:
            tracks: faces, each within `frames`.
            frames: of one plate.
            audio: the plate's own sound, aligned with `frames`.
        """


def cannot_tell(tracks: Sequence[FaceTrack], frames: FrameRange, audio: AlignedAudio) -> Speaking:
    """A `Speak` without a model: no face speaks, nobody is off screen, the offset is unsure."""
    nothing, no_lags = np.zeros(len(frames), np.float32), np.zeros(0, np.float32)
    unsure = Offset(
        0.0, 0.0, False, no_lags, no_lags, "this engine has no active speaker detection"
    )
    return Speaking(frames, np.zeros((len(tracks), len(frames)), np.float32), nothing, unsure)


@dataclass(frozen=True, slots=True)
class Engine:
    """The steps of an engine; `replace(engine, prepare=mine)` swaps one."""

    version: str
    track: Track
    learn: Learn
    train: Train
    save: Callable[[Actor, Path], None]
    load: Callable[[Path], Actor]
    fit: Callable[[FaceTrack, Actor], MotionTrack]
    drive: Drive
    retarget: Callable[[MotionTrack, Performance, Tweak], MotionTrack]
    prepare: Prepare
    composite: Callable[[Frame, Sequence[Patch]], Composite]
    #: perceptual distance of two pictures (H, W, 3) in working colour, 0 equal
    perceive: Callable[[Array, Array], float]
    #: how well the actor's footage covers the faces of motions in the actor's basis
    coverage: Callable[[Actor, Sequence[MotionTrack]], Coverage]
    speaking: Speak = cannot_tell
    speaking_style: LearnSpeakingStyle = own_speaking_style
    holdout: FindHoldout = cannot_see_in_front
    #: frames on either side that a frame's picture depends on through smoothing: length of the fade
    #: from a reused frame to a newly drawn one
    context_frames: int = 8
    #: makes a `prepare` for single frames of a scaled plate; it keeps what no target changes
    previewing: Callable[[float], Prepare] | None = None
    redriving: Callable[[], Drive] | None = None  #: makes a `drive` that keeps takes and sound
    #: learn, save and load whole heads; None: this engine draws mouths alone
    learn_head: LearnHead | None = None
    save_head: Callable[[Head, Path], None] | None = None
    load_head: Callable[[Path], Head] | None = None
    expressions: FindExpressions | None = None  #: finds named expressions in footage
    #: finds what of a motion lies beyond the actor's footage; None: it is not told
    beyond: FindBeyond | None = None
    held: FindHeld | None = None  #: finds how far the footage shows each control go
    grain: GrainSteps | None = None  #: measures and gives grain; None: none is given
    moving_still: LearnMovingStill = cannot_move_stills  #: portraits
    device: str = ""  #: what it draws on, such as "cpu" or "cuda"; "": not told
    #: (T, 478, 3) where the landmarks of a track go, plate pixels; None: it is not told
    landmarks: Callable[[FaceTrack, MotionTrack, MotionTrack, Actor], Array] | None = None
    teach_base: TeachBase = cannot_teach  #: teaches a house's own base
    on_base: Callable[[HouseBase], Engine] | None = None  #: itself on such a base; None: has none


#: What `core.learning.actor` defines belongs to this interface too.
__all__ = [
    "Actor",
    "AlignedAudio",
    "Composite",
    "Drive",
    "Engine",
    "FilmedTake",
    "FindHoldout",
    "Footage",
    "HeldOut",
    "Learn",
    "LearnSpeakingStyle",
    "Patch",
    "Prepare",
    "ReadFrames",
    "Renderer",
    "RendererName",
    "Seconds",
    "Speak",
    "SpeakingStyle",
    "TakeCue",
    "Track",
    "Train",
    "cannot_see_in_front",
    "cannot_tell",
    "frame_seconds",
    "own_speaking_style",
]
