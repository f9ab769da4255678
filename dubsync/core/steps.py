"""The engine interface: the steps between a plate and its corrected frames, as callables on values.

Any `Engine` (ours is `dubsync.engine:build`) can be used: see `engine.engine` in Settings.  Only
numpy arrays cross this interface, never torch tensors.  Frames come in square pixels, whatever the
plate's pixel aspect is, and landmarks and patches go back in them; `composite` alone gets the
plate's own frame, and patches already on its pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array, seal
from dubsync.core.coverage import Coverage
from dubsync.core.errors import ShapeError
from dubsync.core.face import FaceTrack, MotionTrack, Performance
from dubsync.core.holdout import Holdout, nothing_in_front
from dubsync.core.moving_still import LearnMovingStill, cannot_move_stills
from dubsync.core.picture import Frame, Region
from dubsync.core.progress import Progress
from dubsync.core.sound.aligned_audio import AlignedAudio as AlignedAudio
from dubsync.core.sound.aligned_audio import Seconds as Seconds
from dubsync.core.sound.aligned_audio import frame_seconds as frame_seconds
from dubsync.core.sound.av_sync import Offset, Speaking
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.matte_edit import MatteShape
from dubsync.core.tweak.tweak import Tweak


@dataclass(frozen=True, slots=True, eq=False)
class Footage:
    """Plate frames that show one actor, and the plate's sound.

    plate  name of the plate, for the record
    track  the actor's face in it
    read   yields the frames of the given rising numbers in square pixels, each once
    audio  the plate's own sound against `track.frames`; None for silent plates
    """

    plate: str
    track: FaceTrack
    read: Callable[[Sequence[int]], Iterator[Frame]]
    audio: AlignedAudio | None = None


@dataclass(frozen=True, slots=True, eq=False)
class FilmedTake:
    """A voice actor's whole take as filmed, as training data.

    name   of the take, for the record
    track  the voice actor's face
    audio  the take's own sound against `track.frames`
    """

    name: str
    track: FaceTrack
    audio: AlignedAudio

    def __post_init__(self) -> None:
        if len(self.audio.times) != len(self.track.frames):
            raise ShapeError(
                f"take {self.name} has {len(self.track.frames)} frames of its face, but its sound "
                f"is aligned with {len(self.audio.times)}"
            )


@dataclass(frozen=True, slots=True, eq=False)
class SpeakingStyle:
    """How the sound of one dub moves one actor's mouth.  Only the engine interprets the arrays."""

    arrays: Mapping[str, NDArray[Any]]


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


@dataclass(frozen=True, slots=True, eq=False)
class Patch:
    """The new picture of one face in one frame, in square pixels; `composite` gets the plate's own.

    region  where; aligned to chroma sites
    rgb     (h, w, 3) working colour (core/colour.py)
    matte   (h, w) uint8; 0 keeps the plate's sample, 255 replaces it
    """

    region: Region
    rgb: Array
    matte: NDArray[np.uint8]

    def __post_init__(self) -> None:
        seal(self, "rgb", self.region.height, self.region.width, 3)
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


@dataclass(frozen=True, slots=True)
class HeldOut:
    """Metrics of one renderer on held-out frames of one plate; means over `frames`.

    perceptual  perceptual distance to the truth, 0 equal (`Engine.perceive`)
    psnr_db     in the matte
    sharpness   Laplacian energy of the mouth, relative to the truth's
    """

    frames: int
    perceptual: float
    psnr_db: float
    sharpness: float


class Actor(Protocol):
    """What the engine learnt of one performer.  Only the engine interprets its contents.

    held_out  plate name -> renderer ("warp", "actor") -> metrics; empty before `Train`
    training  facts of the training: settings, seconds, curve; empty before `Train`
    """

    @property
    def character(self) -> str: ...
    @property
    def basis(self) -> str: ...
    @property
    def digest(self) -> str: ...
    @property
    def held_out(self) -> Mapping[str, Mapping[RendererName, HeldOut]]: ...
    @property
    def training(self) -> Mapping[str, Any]: ...


#: "warp" warps exemplars; "actor" adds the trained renderer.
RendererName = Literal["warp", "actor"]

#: Draws the new face of consecutive frames; None where a frame is unchanged.
Renderer = Callable[[Sequence[Frame]], Sequence[Patch | None]]


class Track(Protocol):
    """Detect and track every face."""

    def __call__(
        self, frames: Iterable[Frame], span: FrameRange, *, shot: str, progress: Progress
    ) -> tuple[FaceTrack, ...]:
        """Every face in `frames` (which are exactly `span`), each run of it a FaceTrack."""


class Learn(Protocol):
    """Learn one actor."""

    def __call__(self, character: str, footage: Sequence[Footage], *, progress: Progress) -> Actor:
        """An actor from all the footage that shows them.  Raises NoFace when no frame does."""


class Train(Protocol):
    """Train an actor's own renderer."""

    def __call__(
        self, actor: Actor, *, minutes: float, size: int, steps: int = 0,
        kept: Path | None, progress: Progress,
    ) -> Actor:  # fmt: skip
        """The actor, its renderer trained on its exemplars and validated on some held out.

        Args:
            minutes: at most; training stops earlier when held-out frames no longer improve.
            size: side of the face crop it is trained at, pixels; 0: the face's own, as far as the
                device allows.  Finer detail stays the exemplar's own.
            steps: train for exactly this many steps, without a time limit.  Repeating those of an
                earlier training (see `Actor.training`) reproduces its network; 0: as many as the
                time allows.
            kept: folder for a checkpoint, written about every half minute, from which the same
                training is resumed if it was interrupted; None writes none.

        Raises:
            EngineError: too few frames to train on.
        """


class LearnSpeakingStyle(Protocol):
    """Learn how a dub's sound moves an actor's mouth, from their plates and the dub's takes."""

    def __call__(
        self, actor: Actor, footage: Sequence[Footage], takes: Sequence[FilmedTake]
    ) -> SpeakingStyle | None:
        """The speaking style of a dub for the actor; None: the one learnt with `actor`.

        Args:
            actor: learnt from `footage`.
            footage: plates of the actor; no frame of them is read.
            takes: filmed by the voice actor who dubs them.
        """


def own_speaking_style(
    actor: Actor, footage: Sequence[Footage], takes: Sequence[FilmedTake]
) -> SpeakingStyle | None:
    """A `LearnSpeakingStyle` that always uses the style learnt with the actor."""
    return None


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


class Prepare(Protocol):
    """Prepare to draw one face of one shot."""

    def __call__(
        self, actor: Actor, track: FaceTrack, original: MotionTrack, corrected: MotionTrack,
        weight: Array, *, renderer: RendererName = "warp", matte: MatteShape | None = None,
    ) -> Renderer:  # fmt: skip
        """Select, over the whole shot, what each frame will be drawn from, and by which renderer.

        Args:
            matte: its edge as an artist shaped it; not passed at all where it is as usual.

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
    moving_still: LearnMovingStill = cannot_move_stills  #: portraits
