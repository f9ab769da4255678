"""The faces in plates and takes as FaceTracks, each tracked once and cached."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dubsync.core.digest import digest
from dubsync.core.errors import DeliveryError, NoFace
from dubsync.core.face import FaceTrack
from dubsync.core.picture import Frame
from dubsync.core.progress import Progress
from dubsync.core.reading.by_frame import track_by_frame
from dubsync.core.reading.moments import by_moment, moments_of, shot_by_moment
from dubsync.core.shot import Plate, Shot
from dubsync.core.steps import Engine
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.mixed_frames import MixedFrames
from dubsync.media.plate import open_square
from dubsync.service.store.folder import PAGES, TRACKS, Layout, Store


class FaceTrackCache:
    """Tracks faces with `engine`, and caches the tracks in `store`."""

    def __init__(self, store: Store, engine: Engine) -> None:
        self._store = store
        self._engine = engine

    def faces(
        self, plate: Plate, span: FrameRange, *, shot: str, progress: Progress
    ) -> tuple[FaceTrack, ...]:
        """Every face in frames `span` of `plate`."""
        moments = moments_of(plate)
        if moments is not None:
            seen = self.by_moment(plate, span, shot=shot, progress=progress)
            at_frames = (track_by_frame(track, moments) for track in seen)
            return tuple(track for track in at_frames if track is not None)

        def make() -> tuple[FaceTrack, ...]:
            with open_square(plate) as reader:
                mixed = MixedFrames()
                frames = _also_added(mixed, reader.frames(span))
                tracks = self._engine.track(frames, span, shot=shot, progress=progress)
            places = span.start + mixed.places()
            self._store.arrays("mixed", self.key(plate, span), lambda: {"frames": places})
            return tracks

        return self._store.tracks(self.key(plate, span), make)

    def by_moment(
        self, plate: Plate, span: FrameRange, *, shot: str, progress: Progress
    ) -> tuple[FaceTrack, ...]:
        """Every face in frames `span` of a plate, at each moment that they show."""
        moments = moments_of(plate)
        span = span if moments is None else moments.of(span)
        return self.faces(by_moment(plate), span, shot=shot, progress=progress)

    def mixed(self, shot: Shot) -> NDArray[np.intp]:
        """Plate frames of the shot that mix two pictures; empty before `in_shot` was worked out."""
        seen, moments = shot_by_moment(shot), moments_of(shot.plate)
        kept = self._store.kept_arrays("mixed", self.key(seen.plate, seen.render))
        mixed = np.asarray(kept["frames"] if kept else [], np.intp)
        if moments is None:
            return mixed
        return shot.render.start + np.flatnonzero(np.isin(moments.numbers(shot.render), mixed))

    def key(self, plate: Plate, span: FrameRange) -> str:
        """Digest of everything that `faces` depends on: the cache's key."""
        return faces_key(self._store, self._engine.version, plate, span)

    def known(self, shot: Shot) -> bool:
        """Whether `in_shot` was worked out already, so that it answers at once."""
        seen = shot_by_moment(shot)
        return self._store.has_tracks(self.key(seen.plate, seen.render))

    def in_shot(self, shot: Shot, *, progress: Progress) -> tuple[FaceTrack, ...]:
        """Every face in the shot's frames, handles included."""
        return self.faces(shot.plate, shot.render, shot=shot.name, progress=progress)

    def voice_actor(self, take: Plate, *, progress: Progress) -> FaceTrack:
        """The largest face of the take, summed over its frames.

        Raises:
            NoFace: no face is seen in it.
        """
        result = self.faces(take, take.frames, shot=take.name, progress=progress)
        if not result:
            raise NoFace(
                f"no face is seen in take {Path(take.path).name}", hint="film takes face on"
            )
        return max(result, key=_filled)


def _also_added(mixed: MixedFrames, frames: Iterator[Frame]) -> Iterator[Frame]:
    for frame in frames:
        mixed.add(frame)
        yield frame


def faces_key(store: Store, engine_version: str, plate: Plate, span: FrameRange) -> str:
    """Digest of everything that the faces in frames `span` of `plate` depend on."""
    # Landmarks are in square pixels; of other plates they once were in the plate's own.
    form = plate.format
    square = () if form.pixel_aspect == 1 else ("square",)
    if form.turned:
        square = (*square, str(form.turned))
    if form.fields:
        square = (*square, "frames" if plate.reading.file is None else "moments")
    return digest(
        "faces",
        engine_version,
        store.plate_digest(plate),
        span,
        *square,
        *plate.format.colour_key,
        *plate.shown_key,
    )


def kept_faces(store: Store, engine_version: str, shot: Shot) -> tuple[FaceTrack, ...]:
    """The faces of a shot as that engine tracked them; none where they are not kept any more."""
    moments, seen = moments_of(shot.plate), shot_by_moment(shot)
    key = faces_key(store, engine_version, seen.plate, seen.render)
    found = store.tracks(key, tuple) if store.has_tracks(key) else ()
    if moments is None:
        return found
    at_frames = (track_by_frame(track, moments) for track in found)
    return tuple(track for track in at_frames if track is not None)


def forget_faces(store: Store, languages: Sequence[str]) -> None:
    """Delete every face track of the project, with its descriptor, and the pictures of faces
    and of checked shots.

    They do not say whose they are: those of other people are made again when they are needed.

    Args:
        languages: every language of the project.

    Raises:
        DeliveryError: a file cannot be deleted.
    """
    for folder in (store.derived / TRACKS, store.derived / PAGES):
        try:
            shutil.rmtree(folder)
        except FileNotFoundError:
            continue
        except OSError as error:
            raise DeliveryError(
                f"the faces in {folder} cannot be deleted: {error.strerror}",
                hint="the consent is withdrawn already; delete the folder by hand",
            ) from error
    layouts = [Layout(), *(Layout(tag, several=True) for tag in languages)]
    pictures = [store.folder / layout.faces_picture for layout in layouts]
    for path in (*pictures, *store.folder.glob("faces_*.png")):  # these compare two faces
        path.unlink(missing_ok=True)


def _filled(track: FaceTrack) -> float:
    spread = track.landmarks[..., :2].max(axis=1) - track.landmarks[..., :2].min(axis=1)
    return float((spread.prod(axis=1) * (track.confidence > 0)).sum())
