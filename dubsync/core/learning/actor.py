"""What is learnt from plates and takes, and the steps that learn it: actors, renderers, styles.

Part of the engine interface: see `core.steps`, which names everything here too.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from numpy.typing import NDArray

from dubsync.core.errors import ShapeError
from dubsync.core.face import FaceTrack
from dubsync.core.picture import Frame
from dubsync.core.progress import Progress
from dubsync.core.sound.aligned_audio import AlignedAudio


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
