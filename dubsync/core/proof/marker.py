"""The interface of markers: what puts an invisible mark into drawn pixels, and reads it again.

A marker is an entry point of the group "dubsync.markers": a callable without arguments that returns
a `Marker`.  dubsync's own is `dubsync.engine.mark:marker`; a house that has the weights of
VideoSeal or TrustMark installs a package with another.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.face import FaceTrack
from dubsync.core.picture import Frame
from dubsync.core.timeline.timecode import FrameRange


class MarkFrame(Protocol):
    """Marks the frames of one render."""

    def __call__(self, frame: Frame, matte: NDArray[np.uint8], faces: Sequence[Array]) -> Frame:
        """The frame with the mark in what was drawn; the same object where nothing is marked.

        The same arguments give the same bits, in any order of frames: a recut, a resumed and a
        reused render keep their pictures.  Only samples of luma, or of R, G and B, whose matte is
        above 0 may change; dubsync refuses a frame in which others did.

        Args:
            frame: finished, in the plate's own samples; `number` is the plate's frame number.
            matte: (H, W) 0..255, above 0 where the picture is drawn.
            faces: landmarks (478, 3) of each drawn face, pixels of the plate in square pixels.
        """


@dataclass(frozen=True, slots=True)
class MarkFound:
    """One mark that was read in a stretch of a copy.

    payload  32 bits; see `core.proof.mark_payload`; None: a guess that is not sure
    score    how far the mark stands out of chance, in standard deviations
    false_alarm  an upper bound of the chance that a picture without this mark is read so
    face     number of the FaceTrack, in the copy
    frames   of the copy, in which it was read
    offset   plate frame of the first of `frames`, as far as the mark tells it
    rate     plate frames for each frame of the copy
    """

    payload: int | None
    score: float
    false_alarm: float
    face: int
    frames: FrameRange
    offset: int = 0
    rate: float = 1.0


@dataclass(frozen=True, slots=True)
class MarkAsked:
    """What a reader is asked.

    secret    of the house
    expected  payloads that may be in the copy, where the reel's records are at hand
    trials    of the caller in this stretch, such as keys; the bound of false alarms covers them all
    unsure    give the best guess where nothing is sure, so that weak stretches can be pooled
    """

    secret: bytes
    expected: tuple[int, ...] = ()
    trials: int = 1
    unsure: bool = False

    def __repr__(self) -> str:
        return f"MarkAsked(expected={self.expected}, trials={self.trials})"  # never the secret


class ReadMarks(Protocol):
    """Reads marks."""

    def __call__(
        self, frames: Iterable[Frame], track: FaceTrack, asked: MarkAsked
    ) -> Sequence[MarkFound]:
        """Every mark of this key in one face of a copy, the surest first; () if there is none.

        Only marks whose bound of false alarms is at most 1e-6 are found.

        Args:
            frames: of the copy, exactly those of `track`, in order, in square pixels.
            track: the face, followed in the copy.
        """


@dataclass(frozen=True, slots=True)
class Marker:
    """A way to mark and to read.

    version  changes whenever the same frame gets another mark; part of every render's key
    mark     marks the frames of a render: from the house's secret and the render's payload
    read     reads marks
    clean    (h, w) the clean face that is kept for `read_with`, from a frame without its mark and
             a face's landmarks in it, None where it cannot be seen; None: none is kept
    pool     an upper bound of the chance that a wrong secret scores so in several stretches
             together, from the bound of each; None: weak stretches are not pooled
    read_with  reads a copy of a render whose clean faces are at hand, which is surer: frame number
             -> what `clean` gave; None: it cannot
    """

    version: str
    mark: Callable[[bytes, int], MarkFrame]
    read: ReadMarks
    pool: Callable[[Sequence[float]], float] | None = None
    clean: Callable[[Frame, Array], Array | None] | None = None
    read_with: (
        Callable[[Iterable[Frame], FaceTrack, MarkAsked, CleanFaces], Sequence[MarkFound]] | None
    ) = None


@dataclass(frozen=True, slots=True, eq=False)
class CleanFaces:
    """One face of a render before it was marked.

    numbers  (T,) plate frames, rising
    faces    (T, h, w) uint8, as `Marker.clean` gave them
    """

    numbers: NDArray[np.int64]
    faces: NDArray[np.uint8]
