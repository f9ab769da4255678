"""What a reader says of one face: which payload, how sure, and where in the plate's time."""

from __future__ import annotations

from dataclasses import dataclass

from dubsync.core.timeline.timecode import FrameRange


@dataclass(frozen=True, slots=True)
class Reading:
    """The mark of one face over some frames of a copy.

    payload      32 bits; None: no mark was found under this secret
    score        agreement with the best pattern tried; standard normal under a wrong secret
    false_alarm  upper bound on the chance that a wrong secret scores so over all that was tried
    symbols      the six symbols as read, before the code mends them; () where nothing could be read
    frames       frames of the copy that were read; None where no face was
    offset       plate frame number, modulo 256, of the first of them
    rate         plate frames for each frame of the copy: 1, 24/25 or 25/24
    face         number of the face in the copy (`FaceTrack.face`); 0: none
    """

    payload: int | None
    score: float
    false_alarm: float
    symbols: tuple[int, ...]
    frames: FrameRange | None
    offset: int = 0
    rate: float = 1.0
    face: int = 0
