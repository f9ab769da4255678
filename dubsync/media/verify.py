"""Verify on the written files that nothing changed outside the matte."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dubsync.core.errors import MediaError
from dubsync.core.picture import Frame, PictureFormat, Plane
from dubsync.core.shot import Plate
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.in_step import InStep, Onlooker, in_step
from dubsync.media.pixels.fields import field_of, in_order, matte_of_field
from dubsync.media.pixels.square import lying_as
from dubsync.media.probe import probe_plate

#: Where the matte covers samples of a plane: rows, columns, and which of those samples.
_Held = tuple[slice, slice, NDArray[np.bool_]]


@dataclass(frozen=True, slots=True)
class Untouched:
    """The result of comparing a plate with its render.

    changed_outside   samples that differ where the matte is 0
    frames_changed    number of frames in which any sample differs
    frames            number of frames compared
    plate_digest, picture_digest   SHA-256 over every sample of the span in order, with those under
                      the matte set to 0; equal if and only if nothing changed outside the matte
    """

    changed_outside: int
    frames_changed: int
    frames: int
    plate_digest: str
    picture_digest: str


def count_changed_outside_matte(
    plate: Plate, picture: str, matte: str, span: FrameRange, onlooker: Onlooker | None = None
) -> Untouched:
    """Compare `picture` with `plate` over `span`, sample by sample, in the plate's own planes.

    A chroma sample is outside the matte when every luma sample it covers is.  Alpha and further
    EXR channels are compared like luma.

    Args:
        onlooker: is given the frames as they are compared, so that it need not read them again.
            Where it has not seen them to their end because something could not be read, they are
            counted again without it.

    Raises:
        MediaError: the files have other frames than `span`, or another format than the plate.
    """
    made = probe_plate(Path(picture), rate=span.rate)
    mask = probe_plate(Path(matte), rate=span.rate)
    for result in (made, mask):
        if len(result.frames) != len(span):
            raise MediaError(f"{result.path} holds {len(result.frames)} frames, not {len(span)}")
    counting = _Counting(picture)
    frames = counting.through(in_step(plate, made, mask, span))
    if onlooker is not None:
        onlooker(frames)
    for _ in frames:
        continue
    if onlooker is not None and counting.frames != len(span):
        return count_changed_outside_matte(plate, picture, matte, span)
    return counting.result()


class _Counting:
    """Counts what differs in frames that pass through."""

    def __init__(self, picture: str) -> None:
        self.frames = 0
        self._picture = picture
        self._changed = self._differing = 0
        self._digests = _Digests()

    def through(self, frames: Iterator[InStep]) -> Iterator[InStep]:
        """`frames`, each counted before it is passed on."""
        for before, after, cover in frames:
            _refuse_other_shape(before, after, cover, self._picture)
            self._differing += self._add(before, after, cover.planes[0])
            self.frames += 1
            yield before, after, cover

    def _add(self, whole_before: Frame, whole_after: Frame, cover: Plane) -> bool:
        """Count one frame; whether it differs anywhere."""
        differs = False
        pictures = _by_field(whole_before, whole_after, cover)
        for old, new, held in (one for part in pictures for one in _planes(*part)):
            if held is not None and not differs:
                differs = not np.array_equal(old[held[0]], new[held[0]])
            kept = zip(_outside(old, held), _outside(new, held), strict=True)
            for part, made_part in kept:
                same = not part.size or np.array_equal(part, made_part)
                if not same:
                    differs = True
                    self._changed += int(np.count_nonzero(part != made_part))
                self._digests.add(part, made_part, same=same)
        return differs

    def result(self) -> Untouched:
        """What was counted."""
        texts = self._digests.texts()
        return Untouched(self._changed, self._differing, self.frames, *texts)


class _Digests:
    """Two digests, computed once as long as their input is identical."""

    def __init__(self) -> None:
        self._plate = hashlib.sha256()
        self._picture: Any = None

    def add(self, old: Plane, new: Plane, *, same: bool) -> None:
        if self._picture is None and not same:
            self._picture = self._plate.copy()
        self._plate.update(old.data)
        if self._picture is not None:
            self._picture.update(new.data)

    def texts(self) -> tuple[str, str]:
        """(plate's, picture's) in hex digits."""
        return self._plate.hexdigest(), (self._picture or self._plate).hexdigest()


def _by_field(before: Frame, after: Frame, matte: Plane) -> Iterator[tuple[Frame, Frame, Plane]]:
    """Both frames and the matte; of interlaced ones each field, whose chroma is its own."""
    if not before.format.fields:
        yield before, after, matte
        return
    for field in in_order(before.format):
        yield (
            field_of(before, field),
            field_of(lying_as(after, before.format), field),
            matte_of_field(matte, field),
        )


def _planes(
    before: Frame, after: Frame, matte: Plane
) -> Iterator[tuple[Plane, Plane, _Held | None]]:
    """Each plane of both frames as bits, with the part of it that the matte covers."""
    form = before.format
    whole = _held(matte)
    chroma = whole if whole is None or form.model != "yuv" else _of_chroma(matte, whole, form)
    for n, (old, new) in enumerate(zip(_samples(before), _samples(after), strict=True)):
        yield _bits(old), _bits(new), chroma if n in (1, 2) else whole


def _samples(frame: Frame) -> list[Plane]:
    return [*frame.planes, *(frame.extra[name] for name in sorted(frame.extra))]


def _bits(samples: Plane) -> Plane:
    """The samples as bits, so that -0.0 and 0.0 differ and a NaN equals itself."""
    samples = np.ascontiguousarray(samples)
    return samples.view(f"u{samples.itemsize}") if samples.dtype.kind == "f" else samples


def _held(matte: Plane) -> _Held | None:
    """Where the matte covers luma samples; None: nowhere."""
    rows = np.flatnonzero(matte.max(axis=1))
    if not len(rows):
        return None
    top, bottom = int(rows[0]), int(rows[-1]) + 1
    columns = np.flatnonzero(matte[top:bottom].max(axis=0))
    left, right = int(columns[0]), int(columns[-1]) + 1
    return slice(top, bottom), slice(left, right), matte[top:bottom, left:right] != 0


def _of_chroma(matte: Plane, held: _Held, form: PictureFormat) -> _Held:
    """Where samples of chroma cover luma samples under the matte, which it `held`."""
    across, down = form.chroma
    if not (across or down):
        return held
    top, bottom = held[0].start >> down, ((held[0].stop - 1) >> down) + 1
    left, right = held[1].start >> across, ((held[1].stop - 1) >> across) + 1
    part = matte[top << down : bottom << down, left << across : right << across] != 0
    part = _any_in_blocks(part, bottom - top, right - left, across, down)
    return slice(top, bottom), slice(left, right), part


def _any_in_blocks(
    part: NDArray[np.bool_], height: int, width: int, across: int, down: int
) -> NDArray[np.bool_]:
    """Whether any luma sample that each of (height, width) chroma samples covers is set."""
    whole = np.zeros((height << down, width << across), np.bool_)
    whole[: part.shape[0], : part.shape[1]] = part  # odd sizes: chroma reaches past the edge
    joined = np.zeros((height, width), np.bool_)
    for row in range(1 << down):
        for column in range(1 << across):
            joined |= whole[row :: 1 << down, column :: 1 << across]
    return joined


def _outside(samples: Plane, held: _Held | None) -> tuple[Plane, Plane, Plane]:
    """The rows above the matte, its rows with the covered samples set to 0, the rows below."""
    if held is None:
        return samples, samples[:0], samples[:0]
    rows, columns, under = held
    reached = samples[rows].copy()
    reached[:, columns][under] = 0
    return samples[: rows.start], reached, samples[rows.stop :]


def _refuse_other_shape(before: Frame, after: Frame, cover: Frame, picture: str) -> None:
    shapes = [[(p.shape, p.dtype) for p in _samples(f)] for f in (before, after)]
    if shapes[0] != shapes[1] or sorted(before.extra) != sorted(after.extra):
        raise MediaError(
            f"{picture} is {after.format.storage}, the plate {before.format.storage}: "
            "they cannot be compared sample by sample",
            hint='only picture = "lossless" can be verified',
        )
    if cover.planes[0].shape != before.planes[0].shape:
        raise MediaError(
            f"the matte of {picture} is {cover.planes[0].shape}, "
            f"the picture {before.planes[0].shape}"
        )
