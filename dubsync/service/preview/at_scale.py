"""A face's track and motion on a plate that is scaled down."""

from __future__ import annotations

from dataclasses import replace
from math import ceil, floor

import numpy as np

from dubsync.core.face import FaceTrack, MotionTrack
from dubsync.core.holdout import Holdout, Mask, pack, unpack
from dubsync.core.picture import Region

#: (across, down): pixels of the scaled plate to a pixel of the plate.
Scale = tuple[float, float]


def track_at(track: FaceTrack, scale: Scale) -> FaceTrack:
    """`track` in pixels of the scaled plate; depth is scaled as the width is."""
    if scale == (1.0, 1.0):
        return track
    by = np.array([scale[0], scale[1], scale[0]], np.float32)
    held = track.holdout and _holdout_at(track.holdout, scale)
    return replace(track, landmarks=track.landmarks * by, holdout=held)


def motion_at(motion: MotionTrack, scale: Scale) -> MotionTrack:
    """`motion` in pixels of the scaled plate."""
    if scale == (1.0, 1.0):
        return motion
    by = np.ones(7, np.float32)
    by[3:5], by[6] = scale, scale[0]
    return replace(motion, head=motion.head * by)


def part_of(motion: MotionTrack, rows: slice, track: FaceTrack) -> MotionTrack:
    """The `rows` of `motion`, whose frames are those of `track`."""
    fields = ("mouth", "upper", "head", "gaze", "blendshapes")
    shape, lids = motion.face_shape, motion.lids
    return replace(
        motion, frames=track.frames, **{name: getattr(motion, name)[rows] for name in fields},
        face_shape=None if shape is None else shape[rows],
        lids=None if lids is None else lids[rows],
    )  # fmt: skip


def _holdout_at(holdout: Holdout, scale: Scale) -> Holdout:
    regions: list[Region | None] = []
    packed: list[bytes] = []
    for region, data in zip(holdout.regions, holdout.packed, strict=True):
        if region is None:
            regions.append(None)
            packed.append(b"")
            continue
        small, matte = _mask_at(unpack(data, region), region, scale)
        regions.append(small)
        packed.append(pack(matte))
    return replace(holdout, regions=tuple(regions), packed=tuple(packed))


def _mask_at(matte: Mask, region: Region, scale: Scale) -> tuple[Region, Mask]:
    """The scaled region, and in it whatever the matte covers at each pixel's centre."""
    small = Region(
        floor(region.left * scale[0]),
        floor(region.top * scale[1]),
        ceil(region.right * scale[0]),
        ceil(region.bottom * scale[1]),
    )
    x = ((np.arange(small.left, small.right) + 0.5) / scale[0] - region.left).astype(np.intp)
    y = ((np.arange(small.top, small.bottom) + 0.5) / scale[1] - region.top).astype(np.intp)
    x, y = x.clip(0, region.width - 1), y.clip(0, region.height - 1)
    return small, np.ascontiguousarray(matte[y[:, None], x[None, :]])
