"""Patches composited over a plate's stored frames: of interlaced ones over each field alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from types import TracebackType

from dubsync.core.face import FaceTrack
from dubsync.core.picture import Frame
from dubsync.core.reading.moments import Moments, by_moment, moments_of
from dubsync.core.shot import Plate
from dubsync.core.steps import Composite, Patch
from dubsync.core.tweak.tweak import Tweak
from dubsync.media.pixels.cut_out import cut, cuts_on_plate
from dubsync.media.pixels.fields import fields_of, woven
from dubsync.media.pixels.square import patch_on_plate, squared
from dubsync.media.plate import PlateReader, open_square
from dubsync.service.reel.moments.face_part import faces_part

#: Tells a character, what is drawn of them, and the frame number.
Told = Callable[[str, Patch, int], None]
#: Number of a moment -> the patches of all faces in it, each with the face's tweak.
Patches = Mapping[int, Sequence[tuple[Patch, Tweak]]]


class Composited:
    """Composites patches, drawn on the pictures that a plate's frames show, over those frames.

    Frames come in rising order, a few at a time: `pictures` gives what is to be drawn on, each
    moment once, and `frame` each frame composited.
    """

    def __init__(
        self,
        plate: Plate,
        composite: Callable[[Frame, Sequence[Patch]], Composite],
        give: Callable[[Frame, Patch], Patch],
        tracks: Sequence[FaceTrack] | None = None,
    ) -> None:
        """
        Args:
            composite: as `Engine.composite`.
            give: gives a patch over a stored frame, or a field of it, its grain.
            tracks: of the faces that are drawn on; None: any part of a picture may be.
        """
        self._composite, self._give, self._tracks = composite, give, tracks
        self._moments: Moments | None = moments_of(plate)
        self._plate = plate
        self._reader: PlateReader | None = None
        self._tweaks: dict[int, Sequence[tuple[Patch, Tweak]]] = {}

    def __enter__(self) -> Composited:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: object, trace: TracebackType | None
    ) -> None:
        if self._reader is not None:
            self._reader.close()

    def pictures(self, frames: Sequence[Frame]) -> list[Frame]:
        """The pictures of `frames`, square and upright, numbered by moment; none again."""
        if self._moments is None:
            return [squared(frame) for frame in frames]
        numbers = {n for f in frames for n in self._numbers(f)} - self._tweaks.keys()
        if self._reader is None:  # a moment may be seen in frames that are not read yet, too
            where = None if self._tracks is None else faces_part(self._tracks)
            self._reader = open_square(by_moment(self._plate), whole=True, where=where)
        return list(self._reader.read(sorted(numbers)))

    def told(self, told: Told | None) -> Told | None:
        """`told` of frames, for moments: of each frame by the first moment that it shows."""
        if told is None or self._moments is None:
            return told
        moments, tell = self._moments, told

        def first(character: str, patch: Patch, number: int) -> None:
            for frame, late in moments.places(number):
                if not late:  # so it is that frame's first
                    tell(character, patch, frame)

        return first

    def frame(self, frame: Frame, patches: Patches) -> Composite:
        """`frame` with the patches of its moments over it."""
        if not frame.format.fields:
            return self._over(frame, frame.number, patches[frame.number])
        self._tweaks |= patches
        numbers = self._numbers(frame)
        for gone in [n for n in self._tweaks if n < min(numbers) - 1]:
            del self._tweaks[gone]
        early, late = (
            self._over(field, frame.number if self._moments is None else number,
                       self._tweaks.get(number, ()))
            for field, number in zip(fields_of(frame), numbers, strict=True)
        )  # fmt: skip
        return woven((early, late), frame)

    def _numbers(self, frame: Frame) -> tuple[int, int]:
        """The moments in a frame's earlier and later field."""
        if self._moments is None:
            return frame.number, frame.number
        return self._moments.first(frame.number), self._moments.last(frame.number)

    def _over(self, frame: Frame, number: int, drawn: Sequence[tuple[Patch, Tweak]]) -> Composite:
        """Patches of moment `number` over a stored frame, or over one field of it."""
        patches = [_on_plate(patch, tweak, frame, number) for patch, tweak in drawn]
        given = [self._give(frame, one) for one in patches if one is not None]
        return self._composite(frame, given)


def _on_plate(patch: Patch, tweak: Tweak, frame: Frame, number: int) -> Patch | None:
    """The patch on the plate's own pixels, without what is cut out; None where nothing is left.

    It is cut here, after pixels may have been resampled: inside a cut-out the matte is 0.
    """
    drawn = patch_on_plate(patch, frame.format)
    if not tweak.cut_outs:
        return drawn
    return cut(drawn, cuts_on_plate(tweak.cut_outs, number, frame.format))
