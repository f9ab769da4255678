"""The engine's seam: the steps between a plate and its corrected frames, as callables on values.

Whoever offers an `Engine` (ours is `dubsync.engine:build`) may be put in its place: see
`engine.engine` in Settings.  numpy crosses this line, torch never does.
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
from dubsync.core.picture import Frame, Region
from dubsync.core.progress import Progress
from dubsync.core.sound.audio import AudioFeatures
from dubsync.core.sound.av_sync import Offset, Speaking
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak import Tweak

Seconds = NDArray[np.float64]


def frame_seconds(times: Seconds) -> float:
    """Seconds from one frame to the next, as a rule, of frames first shown at `times` (T,).

    Frames shown at one instant, as in a freeze, do not count; where there are no others, 1/24.
    """
    steps = np.abs(np.diff(np.asarray(times)))
    steps = steps[steps > 1e-6]
    return float(np.median(steps)) if len(steps) else 1 / 24


@dataclass(frozen=True, slots=True, eq=False)
class AlignedAudio:
    """A AudioFeatures laid against the frames of a picture.

    times  (T,) seconds, on the hearing's own clock, at which each frame is first shown
    """

    hearing: AudioFeatures
    times: Seconds

    def __post_init__(self) -> None:
        times = np.array(self.times, np.float64)
        if times.ndim != 1 or not np.isfinite(times).all():
            raise ShapeError(f"Heard.times is {times.shape}, or not finite")
        times.flags.writeable = False
        object.__setattr__(self, "times", times)


@dataclass(frozen=True, slots=True, eq=False)
class Footage:
    """Plate frames that show one actor, and what was said over them.

    plate  name of the plate, for the record
    track  the actor's face in it
    read   yields the frames of the given rising numbers, each once
    heard  the plate's own sound against `track.frames`; None for silent plates
    """

    plate: str
    track: FaceTrack
    read: Callable[[Sequence[int]], Iterator[Frame]]
    heard: AlignedAudio | None = None


@dataclass(frozen=True, slots=True, eq=False)
class FilmedTake:
    """A voice actor's whole take as it was filmed: what it can teach.

    name   of the take, for the record
    track  the voice actor's face
    heard  the take's own sound against `track.frames`
    """

    name: str
    track: FaceTrack
    heard: AlignedAudio

    def __post_init__(self) -> None:
        if len(self.heard.times) != len(self.track.frames):
            raise ShapeError(
                f"take {self.name} has {len(self.track.frames)} frames of its face, its sound is "
                f"laid against {len(self.heard.times)}"
            )


@dataclass(frozen=True, slots=True, eq=False)
class SpeakingStyle:
    """How the sound of one dub moves one actor's mouth.  The engine owns what the arrays mean."""

    arrays: Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class TakeCue:
    """A tracked take, laid against the dub by sound.

    times  (T,) seconds on the dub's clock at which each frame of `track` was spoken
    span   (from, to) seconds on the dub's clock that the take is to drive
    name   what to call the take
    alike  (T,) 0..1 how surely each frame was spoken just then; None: surely
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
    """New picture for one face of one frame, on the plate's own pixel grid.

    region  where, in plate pixels; aligned to chroma sites
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
    def touched(self) -> bool:
        return bool(self.patches)


@dataclass(frozen=True, slots=True)
class HeldOut:
    """How one renderer re-made frames of one plate that it had not seen; means over `frames`.

    perceptual  perceptual distance to the truth, 0 equal (`Engine.perceive`)
    psnr_db     in the matte
    sharpness   Laplacian energy of the mouth, over the truth's
    """

    frames: int
    perceptual: float
    psnr_db: float
    sharpness: float


class Actor(Protocol):
    """What the engine learnt of one performer.  The engine owns its insides.

    held_out  plate name -> renderer ("warp", "actor") -> how it did there; empty before `Train`
    training  what training did: settings, seconds, curve; empty before `Train`
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


#: "warp" bends exemplars; "actor" adds what training learnt.
RendererName = Literal["warp", "actor"]

#: Draws the new face for a run of frames; None where a frame is to stay as it is.
Renderer = Callable[[Sequence[Frame]], Sequence[Patch | None]]


class Track(Protocol):
    """Look: find and follow every face."""

    def __call__(
        self, frames: Iterable[Frame], span: FrameRange, *, shot: str, progress: Progress
    ) -> tuple[FaceTrack, ...]:
        """Every face in `frames` (which are exactly `span`), each run of it a FaceTrack."""


class Learn(Protocol):
    """Learn one actor."""

    def __call__(self, character: str, footage: Sequence[Footage], *, progress: Progress) -> Actor:
        """An actor from all the footage that shows them.  Raises NoFace without a seen frame."""


class Train(Protocol):
    """Give an actor a renderer of its own."""

    def __call__(
        self, actor: Actor, *, minutes: float, size: int, steps: int = 0,
        kept: Path | None, progress: Progress,
    ) -> Actor:  # fmt: skip
        """The actor, its renderer trained on the frames it holds, and judged on some kept back.

        Args:
            minutes: at most; it stops sooner when held-out frames no longer gain.
            size: side of the face crop it is trained at, pixels; 0: the face's own, as far as
                the device can take it. What is finer stays the exemplar's own.
            steps: to train for, whatever the time: as many as another training took (see
                `Actor.training`) give that training's network again; 0: as the time allows.
            kept: a folder where the work is kept every half minute or so, and taken up again
                when the same training was cut off; None keeps nothing.

        Raises:
            EngineError: too few frames to train on.
        """


class LearnSpeakingStyle(Protocol):
    """Learn how a dub's sound moves an actor's mouth, from their plates and the dub's takes."""

    def __call__(
        self, actor: Actor, footage: Sequence[Footage], takes: Sequence[FilmedTake]
    ) -> SpeakingStyle | None:
        """What the sound of a dub does to the actor's mouth; None: what `actor` knows by itself.

        Args:
            actor: learnt from `footage`.
            footage: plates of the actor; no frame of them is read.
            takes: filmed by who dubs the actor.
        """


def own_speaking_style(
    actor: Actor, footage: Sequence[Footage], takes: Sequence[FilmedTake]
) -> SpeakingStyle | None:
    """A `LearnSpeakingStyle` that learns nothing of takes."""
    return None


class Drive(Protocol):
    """Say how the mouth shall move."""

    def __call__(
        self,
        original: MotionTrack,
        actor: Actor,
        dub: AlignedAudio,
        *,
        said: AlignedAudio | None,
        takes: Sequence[TakeCue],
        tweak: Tweak,
        speaking_style: SpeakingStyle | None = None,
    ) -> Performance:
        """Wanted mouth on `original.frames`: from takes in their spans, from sound elsewhere.

        dub and said (the plate's own sound) are laid against `original.frames`.  Sound moves the
        mouth as `speaking_style` has it; None: as the actor does by itself.
        """


class Prepare(Protocol):
    """Get ready to draw one face of one shot."""

    def __call__(
        self,
        actor: Actor,
        track: FaceTrack,
        original: MotionTrack,
        corrected: MotionTrack,
        weight: Array,
        *,
        renderer: RendererName = "warp",
    ) -> Renderer:
        """Choose, over the whole shot, what each frame will be drawn from, and by what.

        Raises:
            EngineError: "actor" asked of an actor that was not trained.
        """


class Speak(Protocol):
    """Tell which face a plate's sound comes from, and how late the sound is."""

    def __call__(
        self, tracks: Sequence[FaceTrack], frames: FrameRange, heard: AlignedAudio
    ) -> Speaking:
        """Every face's chance, frame by frame, of being the one that is heard.

        Args:
            tracks: faces, each within `frames`.
            frames: of one plate.
            heard: the plate's own sound, laid against `frames`.
        """


def cannot_tell(tracks: Sequence[FaceTrack], frames: FrameRange, heard: AlignedAudio) -> Speaking:
    """A `Speak` that knows nothing: no face speaks, nobody is off screen, the offset is unsure."""
    nothing, no_lags = np.zeros(len(frames), np.float32), np.zeros(0, np.float32)
    unsure = Offset(0.0, 0.0, False, no_lags, no_lags, "this engine does not listen")
    return Speaking(frames, np.zeros((len(tracks), len(frames)), np.float32), nothing, unsure)


@dataclass(frozen=True, slots=True)
class Engine:
    """Our steps, or yours: `replace(engine, prepare=mine)` swaps one."""

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
    #: how near the actor's footage comes to the faces of motions in the actor's basis
    coverage: Callable[[Actor, Sequence[MotionTrack]], Coverage]
    speaking: Speak = cannot_tell
    speaking_style: LearnSpeakingStyle = own_speaking_style
    #: frames to either side of a frame that its picture hangs on through smoothing: over so many
    #: an older picture fades into one that is made beside it
    reach: int = 8
