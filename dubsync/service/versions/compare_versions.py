"""Compares two renders of a shot: which inputs differ, which frames, by how much, and a picture."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dubsync.core.errors import DeliveryError
from dubsync.core.picture import Frame, Region
from dubsync.core.progress import Progress, Step, silent
from dubsync.core.result import RenderedShot
from dubsync.core.shot import Plate, Shot
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.plate import PlateReader, coloured_like, open_square
from dubsync.media.probe import probe_plate
from dubsync.media.stills.encode import png, rgb8
from dubsync.service.consent.records import LIP_REENACT
from dubsync.service.reel.inputs import ReelInputs
from dubsync.service.render.provenance import rendered_from, whole_record
from dubsync.service.render.verify_render import altered
from dubsync.service.store.atomic_write import write_whole
from dubsync.service.versions.differing_inputs import differing_inputs
from dubsync.service.versions.version_strip import COLUMNS, Column, version_strip

#: Share of the difference on each side of the strip's pictures that they may leave out.
STRAY = 0.03
#: Frames that differ and lie no further apart than this are told as one run.
CLOSE = 2


@dataclass(frozen=True, slots=True)
class FrameRun:
    """Neighbouring plate frames that differ; first and last included.

    peak   greatest difference of a sample in them, in steps of 8-bit R'G'B'
    mean   mean difference of the samples that differ, in the same steps
    worst  the frame with the greatest mean difference
    """

    first: int
    last: int
    peak: int
    mean: float
    worst: int


@dataclass(frozen=True, slots=True)
class Comparison:
    """How the second of two versions of a shot differs from the first.

    inputs    what differs in what they were made from
    compared  how many frames both hold
    only      plate frames (first, last) that only one version holds, by version
    differing how many of the compared frames differ in any sample
    runs      where, in rising order
    picture   path of the strip; "": none was asked for, or nothing differs
    """

    shot: str
    first: str
    second: str
    inputs: tuple[str, ...]
    compared: int
    only: dict[str, tuple[tuple[int, int], ...]]
    differing: int
    runs: tuple[FrameRun, ...]
    picture: str = ""


@dataclass(frozen=True, slots=True)
class _Change:
    """One frame that differs: where nearly all of the difference is, and by how much."""

    frame: int
    box: Region
    peak: int
    mean: float


def compare_versions(
    reel: ReelInputs, name: str, first: Path, second: Path, *, out: Path | None = None,
    progress: Progress = silent,
) -> Comparison:  # fmt: skip
    """Compare the renders in two version folders of the shot called `name`.

    Args:
        out: folder for the strip, SHOT_v001_v002.png; None: no picture is drawn.
        progress: called as stage "compare".

    Raises:
        ConsentMissing: a performer in the shot has not consented.
        DeliveryError: a version is damaged or altered, or they show no common frame.
        MediaError: a picture cannot be read.
    """
    shot = reel.shot(name)
    reel.consent(shot, LIP_REENACT)
    records = [_record(reel, folder) for folder in (first, second)]
    a, b = (rendered_from(folder, shot, record)
            for folder, record in zip((first, second), records, strict=True))  # fmt: skip
    both = a.frames.overlap(b.frames)
    if both is None:
        raise DeliveryError(f"{first.name} and {second.name} of {name} have no frame in common")
    changes = list(_changes(a, b, both, progress))
    result = Comparison(
        name, first.name, second.name, differing_inputs(*records), len(both),
        {one.name: _outside(v.frames, both) for one, v in ((first, a), (second, b))},
        len(changes), _runs(changes),
    )  # fmt: skip
    if out is None or not changes:
        return result
    path = out / f"{name}_{first.name}_{second.name}.png"
    write_whole(path, png(_strip(result, a, b, both, changes)))
    return replace(result, picture=str(path))


def _record(reel: ReelInputs, folder: Path) -> dict[str, object]:
    record = whole_record(folder)
    if why := altered(reel.store, folder, record):
        raise DeliveryError(f"{folder.name}: {why}", hint="render the shot again")
    return record


# -- frames ----------------------------------------------------------------------------------------


def _changes(
    a: RenderedShot, b: RenderedShot, both: FrameRange, progress: Progress
) -> Iterator[_Change]:
    with _opened(a) as one, _opened(b) as other:
        pairs = zip(
            one.frames(_within(one.plate, a, both)), other.frames(_within(other.plate, b, both)),
            strict=True,
        )  # fmt: skip
        for place, (before, after) in enumerate(pairs):
            change = _change(both.start + place, before, after)
            progress(Step("compare", a.shot.name, place + 1, len(both)))
            if change is not None:
                yield change


def _opened(version: RenderedShot) -> PlateReader:
    picture = probe_plate(Path(version.picture), rate=version.frames.rate)
    plate = version.shot.plate
    return open_square(coloured_like(picture, plate), like=plate)


def _within(picture: Plate, version: RenderedShot, frames: FrameRange) -> FrameRange:
    """Plate frames as the picture's file counts them."""
    shift = picture.frames.start - version.frames.start
    return FrameRange(frames.start + shift, frames.stop + shift, picture.frames.rate)


def _change(frame: int, before: Frame, after: Frame) -> _Change | None:
    """What differs between two pictures of a frame; None: nothing."""
    if before.format != after.format:  # rendered with other delivery settings
        return _change_shown(frame, before, after)
    where = [_differing(old, new) for old, new in zip(before.planes, after.planes, strict=True)]
    boxes = [_box(mask, before, n) for n, mask in enumerate(where) if mask is not None]
    if not boxes:
        return None
    box = Region(
        min(one.left for one in boxes), min(one.top for one in boxes),
        max(one.right for one in boxes), max(one.bottom for one in boxes),
    ).aligned(before.format)  # fmt: skip
    apart = np.abs(rgb8(before, box).astype(np.int16) - rgb8(after, box)).max(axis=2)
    if not apart.any():  # in the last bits of a deep picture alone
        return _Change(frame, box, 0, 0.0)
    return _Change(frame, _most(apart, box), int(apart.max()), float(apart[apart > 0].mean()))


def _most(apart: NDArray[np.int16], box: Region) -> Region:
    """The part of `box` that holds nearly all of the difference; great ones count most."""
    sides = []
    for axis in (0, 1):
        share = np.cumsum((apart.astype(np.float64) ** 2).sum(axis=axis))
        ends = np.searchsorted(share, np.array([STRAY, 1 - STRAY]) * share[-1])
        sides.append((int(ends[0]), int(ends[1]) + 1))
    (left, right), (top, bottom) = sides
    return Region(box.left + left, box.top + top, box.left + right, box.top + bottom)


def _change_shown(frame: int, before: Frame, after: Frame) -> _Change | None:
    """The same of pictures in two formats, as they are shown."""
    apart = np.abs(rgb8(before).astype(np.int16) - rgb8(after)).max(axis=2)
    if not apart.any():
        return None
    box = _most(apart, Region(0, 0, apart.shape[1], apart.shape[0]))
    return _Change(frame, box, int(apart.max()), float(apart[apart > 0].mean()))


def _differing(old: NDArray[np.generic], new: NDArray[np.generic]) -> NDArray[np.bool_] | None:
    mask = np.asarray(old != new)
    return mask if mask.any() else None


def _box(mask: NDArray[np.bool_], frame: Frame, plane: int) -> Region:
    """The rectangle round the samples of a plane that differ, in luma samples."""
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    chroma = frame.format.model == "yuv" and plane in (1, 2)
    across, down = frame.format.chroma if chroma else (0, 0)
    return Region(int(columns[0]) << across, int(rows[0]) << down,
                  (int(columns[-1]) + 1) << across, (int(rows[-1]) + 1) << down)  # fmt: skip


def _runs(changes: Sequence[_Change]) -> tuple[FrameRun, ...]:
    runs: list[list[_Change]] = []
    for change in changes:
        if runs and change.frame - runs[-1][-1].frame <= CLOSE:
            runs[-1].append(change)
        else:
            runs.append([change])
    return tuple(
        FrameRun(
            run[0].frame, run[-1].frame, max(one.peak for one in run),
            round(float(np.mean([one.mean for one in run])), 2),
            max(run, key=lambda one: one.mean).frame,
        )
        for run in runs
    )  # fmt: skip


def _outside(frames: FrameRange, both: FrameRange) -> tuple[tuple[int, int], ...]:
    parts = ((frames.start, both.start - 1), (both.stop, frames.stop - 1))
    return tuple(part for part in parts if part[0] <= part[1])


# -- picture ---------------------------------------------------------------------------------------


def _strip(
    result: Comparison, a: RenderedShot, b: RenderedShot, both: FrameRange,
    changes: Sequence[_Change],
) -> NDArray[np.uint8]:  # fmt: skip
    """The strip: of each eighth of the frames that differ, the one that differs most."""
    groups = [g for g in np.array_split(np.arange(len(changes)), COLUMNS) if len(g)]
    picked = [max((changes[n] for n in group), key=lambda one: one.mean) for group in groups]
    clear = max(one.mean for one in picked) / 2
    box = _seen([one for one in picked if one.mean >= clear], a.shot)
    numbers = [one.frame for one in picked]
    with _opened(a) as one, _opened(b) as other:
        before = one.read([n + one.plate.frames.start - a.frames.start for n in numbers])
        after = other.read([n + other.plate.frames.start - b.frames.start for n in numbers])
        columns = [
            Column(change.frame, rgb8(old, box), rgb8(new, box))
            for change, old, new in zip(picked, before, after, strict=True)
        ]
    means = np.zeros(len(both))
    for change in changes:
        means[change.frame - both.start] = change.mean
    return version_strip(
        result.shot, (result.first, result.second), result.inputs, columns, means, both,
        a.shot.plate.drop,
    )  # fmt: skip


def _seen(changes: Sequence[_Change], shot: Shot) -> Region:
    """What the strip shows of each frame: where `changes` are, with a margin."""
    form = shot.plate.format
    left, top = min(c.box.left for c in changes), min(c.box.top for c in changes)
    right, bottom = max(c.box.right for c in changes), max(c.box.bottom for c in changes)
    margin = max(right - left, bottom - top) // 4 + 8
    tall, wide = bottom - top + 2 * margin, right - left + 2 * margin
    tall, wide = max(tall, 3 * wide // 4), max(wide, tall)
    x, y = (left + right) // 2, (top + bottom) // 2
    return Region(x - wide // 2, y - tall // 2, x + wide // 2, y + tall // 2).aligned(form)
