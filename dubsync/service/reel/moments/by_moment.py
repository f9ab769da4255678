"""Shots whose plate's frames are not one moment each: driven by the moment, told by the frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dubsync.core.face import FaceTrack
from dubsync.core.progress import Progress
from dubsync.core.reading.by_frame import motion_by_frame, performance_by_frame, rows_of
from dubsync.core.reading.moments import Moments, moments_of
from dubsync.core.shot import Shot
from dubsync.core.tweak.by_moment import tweak_by_moment
from dubsync.service.faces.face_tracks import FaceTrackCache
from dubsync.service.reel.dubbed_face import DubbedFace
from dubsync.service.reel.moments.face_motion import FaceMotion


def face_by_moment(
    shot: Shot, face: DubbedFace, tracks: FaceTrackCache, progress: Progress
) -> DubbedFace:
    """The dubbed face with its tracks and its tweak on the moments of the shot's plate."""
    moments = moments_of(shot.plate)
    if moments is None:
        return face
    return replace(
        face,
        tracks=tracks_by_moment(shot, face.tracks, tracks, progress),
        tweak=tweak_by_moment(face.tweak, moments),
    )


def tracks_by_moment(
    shot: Shot, faces: Sequence[FaceTrack], tracks: FaceTrackCache, progress: Progress
) -> tuple[FaceTrack, ...]:
    """The same face tracks of a shot at the moments of its plate."""
    moments = moments_of(shot.plate)
    if moments is None:
        return tuple(faces)
    known = tracks.by_moment(shot.plate, shot.render, shot=shot.name, progress=progress)
    return tuple(_by_moment(track, known, moments) for track in faces)


def _by_moment(track: FaceTrack, known: tuple[FaceTrack, ...], moments: Moments) -> FaceTrack:
    """The same face at the moments of the same frames."""
    span = moments.of(track.frames)
    for one in known:
        there = one.frames.overlap(span)
        if one.face == track.face and there is not None:
            start = one.frames.start
            return one.part(there.start - start, there.stop - start)
    raise AssertionError(f"face {track.face} was tracked at frames, and not at moments")


def motion_by_frames(motion: FaceMotion, shot: Shot, face: DubbedFace) -> FaceMotion:
    """A face's motion at the shot's frames; it keeps that of the moments, which is drawn.

    Args:
        face: as it is at frames.
    """
    moments = moments_of(shot.plate)
    assert moments is not None
    track = next(
        one for one in face.tracks
        if one.face == motion.track.face and moments.of(one.frames).overlap(motion.track.frames)
    )  # fmt: skip
    frames = moments.frames_with(motion.track.frames)
    assert frames is not None
    rows = rows_of(frames, motion.track.frames, moments)
    inside = motion.inside
    start = frames.start - track.frames.start
    return replace(
        motion,
        track=replace(
            track.part(start, start + len(frames)),
            confidence=motion.track.confidence[rows],
        ),
        original=motion_by_frame(motion.original, frames, rows),
        performance=performance_by_frame(motion.performance, frames, rows, moments),
        corrected=motion_by_frame(motion.corrected, frames, rows),
        tweak=face.tweak,
        inside=inside and replace(
            inside, take=inside.take[rows], frame=inside.frame[rows], share=inside.share[rows]
        ),
        by_moment=motion,
    )  # fmt: skip
