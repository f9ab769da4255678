"""dubsync's own marker: the mark of this package, as the interface of markers wants it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from dubsync.core.face import FaceTrack
from dubsync.core.picture import Frame
from dubsync.core.proof.marker import CleanFaces, MarkAsked, Marker, MarkFound
from dubsync.engine.mark.embed import MARK_VERSION
from dubsync.engine.mark.embed import Marker as FrameMarker
from dubsync.engine.mark.flat_face import CELLS, FlatFaces, flat_face
from dubsync.engine.mark.informed import read_informed
from dubsync.engine.mark.pool import pooled
from dubsync.engine.mark.reader import read_marks
from dubsync.engine.mark.reading import Reading


def marker() -> Marker:
    """Entry point `dubsync` of the group "dubsync.markers"."""
    return Marker(f"dubsync-{MARK_VERSION}", FrameMarker, _read, _pool, flat_face, _read_with)


def _read(frames: Iterable[Frame], track: FaceTrack, asked: MarkAsked) -> Sequence[MarkFound]:
    """Implements `core.proof.marker.ReadMarks`."""
    read = read_marks(
        frames, [track], asked.secret, expected=asked.expected, trials=asked.trials,
        unsure=asked.unsure,
    )  # fmt: skip
    return [found for one in read for found in _found(one)]


def _pool(bounds: Sequence[float]) -> float:
    """Implements `Marker.pool`."""
    return pooled([Reading(None, 0.0, bound, (), None) for bound in bounds])


def _read_with(
    frames: Iterable[Frame], track: FaceTrack, asked: MarkAsked, clean: CleanFaces
) -> Sequence[MarkFound]:
    """Implements `Marker.read_with`."""
    if clean.faces.shape[1:] != (CELLS, CELLS):
        return ()  # kept by another marker
    flat = FlatFaces(clean.numbers, clean.faces)
    return _found(
        read_informed(
            frames, [track], asked.secret, flat, expected=asked.expected, trials=asked.trials
        )
    )


def _found(one: Reading) -> Sequence[MarkFound]:
    if one.frames is None:
        return ()
    return (
        MarkFound(
            one.payload, one.score, one.false_alarm, one.face, one.frames, one.offset, one.rate
        ),
    )
