"""Findings of heads and eyes that were moved: the render tracked again against what was wanted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation

from dubsync.core.face import FaceTrack, MotionTrack
from dubsync.core.result import Finding, RenderedShot
from dubsync.core.steps import Engine
from dubsync.qc.findings import FindingsBuilder
from dubsync.qc.head.beyond_face import BeyondFace
from dubsync.qc.head.findings import (
    BehindHead,
    background_finding,
    blink_finding,
    edge_findings,
    gaze_finding,
    head_finding,
    identity_finding,
    still_frames,
)
from dubsync.qc.head.head_and_eyes import (
    Blinks,
    compare_blinks,
    face_area,
    gaze_apart,
    lid_opening,
    turned_apart,
)
from dubsync.qc.image_measures import FaceSeries
from dubsync.qc.mouth import Curve, opening_of
from dubsync.service.qc.retrack import Face, TrackedAgain, again_in, places

#: Usual opening of a person's eyes: this percentile of the plate's.
OPEN_EYES = 75


@dataclass(frozen=True, slots=True)
class Asked:
    """What of a face beyond its mouth was to move in this shot."""

    head: bool
    gaze: bool
    lids: bool

    @property
    def anything(self) -> bool:
        return self.head or self.gaze or self.lids


def asked_of(face: Face) -> Asked:
    """What differs between the face's corrected motion and the plate's, beyond the mouth."""

    def moves(name: str) -> bool:
        return any(
            not np.array_equal(getattr(part.corrected, name), getattr(part.original, name))
            for part in face.parts
        )

    return Asked(moves("head"), moves("gaze"), moves("upper"))


def where_it_was(series: FaceSeries, face: Face) -> FaceSeries:
    """The series without flicker where the head is moved: it is measured on the plate's face."""
    near = binary_dilation(face.moved)
    return replace(series, flicker_render=np.where(near, np.nan, series.flicker_render))


def head_findings(
    builder: FindingsBuilder,
    face: Face,
    again: TrackedAgain,
    beyond: BeyondFace | None,
    behind: BehindHead | None,
    engine: Engine,
    rendered: RenderedShot,
) -> tuple[Finding, ...]:
    """The findings of head, eyes and identity; none for a face of which only the mouth moves.

    Args:
        builder: of this face.
        again: the face as tracked in the render.
        beyond: measures of hair and edge; None where the head is not moved.
        behind: what the plate behind the head is made of; None where the record does not say.
        engine: fits the render as it did the plate.
    """
    asked = asked_of(face)
    if not asked.anything:
        return ()
    motions = _Motions.of(face, again, engine, rendered)
    result: list[Finding] = []
    if asked.head:
        result.append(head_finding(builder, turned_apart(motions.wanted_head, motions.drawn_head)))
    if asked.gaze:
        result.append(gaze_finding(builder, gaze_apart(motions.wanted_gaze, motions.drawn_gaze)))
    if asked.lids:
        result.append(blink_finding(builder, _blinks(face, again, motions)))
    result.append(identity_finding(builder, *_identity(face, again.tracks)))
    if beyond is not None:
        result += edge_findings(builder, beyond, motions.still)
        result.append(background_finding(builder, behind, face_area(face.landmarks, face.seen)))
    return tuple(result)


@dataclass(frozen=True, slots=True, eq=False)
class _Motions:
    """Wanted, drawn and original motion over the render's T frames.

    NaN where not seen; wanted head and gaze are NaN too where they are the plate's: frames in which
    nothing was asked would hide those in which it was.  still: see `still_frames`.
    """

    wanted_head: Curve
    drawn_head: Curve
    wanted_gaze: Curve
    drawn_gaze: Curve
    wanted_upper: Curve
    drawn_upper: Curve
    original_upper: Curve
    still: NDArray[np.bool_]

    @classmethod
    def of(
        cls, face: Face, again: TrackedAgain, engine: Engine, rendered: RenderedShot
    ) -> _Motions:
        total, upper = len(rendered.frames), face.parts[0].corrected.upper.shape[1]
        wanted, drawn, original = (
            {"head": np.full((total, 7), np.nan), "gaze": np.full((total, 4), np.nan),
             "upper": np.full((total, upper), np.nan)}
            for _ in range(3)
        )  # fmt: skip
        for part in face.parts:
            place, own = places(part, rendered.frames)
            if not again.seen[place].any():
                continue
            fitted = engine.fit(again_in(part, again, rendered), part.actor)
            for curves, motion in ((wanted, part.corrected), (drawn, fitted),
                                   (original, part.original)):  # fmt: skip
                _put(curves, motion, place, own)
        for curves in (wanted, drawn):
            for curve in curves.values():
                curve[~again.seen] = np.nan
        still = still_frames(wanted["head"], original["head"])
        for name in ("head", "gaze"):
            wanted[name][(wanted[name] == original[name]).all(axis=1)] = np.nan
        return cls(
            wanted["head"], drawn["head"], wanted["gaze"], drawn["gaze"], wanted["upper"],
            drawn["upper"], original["upper"], still,
        )  # fmt: skip


def _put(curves: dict[str, Curve], motion: MotionTrack, place: slice, own: slice) -> None:
    for name, curve in curves.items():
        curve[place] = getattr(motion, name)[own]


def _blinks(face: Face, again: TrackedAgain, motions: _Motions) -> Blinks:
    """Blinks of both eyes, by their mean opening."""
    plate = np.where(face.seen[:, None], lid_opening(face.landmarks), np.nan).mean(axis=1)
    drawn = np.where(again.seen[:, None], lid_opening(again.landmarks), np.nan).mean(axis=1)
    known = [np.isfinite(u).all(axis=1) for u in (motions.original_upper, motions.drawn_upper)]
    wanted = np.full(len(plate), np.nan)
    there = np.isfinite(motions.wanted_upper).all(axis=1)
    wanted[there] = opening_of(
        motions.wanted_upper[there],
        np.concatenate([motions.original_upper[known[0]], motions.drawn_upper[known[1]]]),
        np.concatenate([plate[known[0]], drawn[known[1]]]),
    )
    usual = float(np.nanpercentile(plate, OPEN_EYES)) if np.isfinite(plate).any() else np.nan
    return compare_blinks(wanted, drawn, usual)


def _identity(face: Face, tracks: Sequence[FaceTrack]) -> tuple[float | None, float | None]:
    """Largest distance of the render's runs from the plate's nearest one, and the plate's own."""
    own = [part.track for part in face.parts]
    described = [track for track in tracks if np.asarray(track.appearance).any()]
    if not described:
        return None, None
    apart = max(min(track.apart(part) for part in own) for track in described)
    pairs = [a.apart(b) for n, a in enumerate(own) for b in own[:n]]
    return apart, max(pairs) if pairs else None
