"""What stands in front of each face: found once and cached, or read from an artist's matte."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from dubsync.core.digest import digest
from dubsync.core.errors import DubsyncError, MediaError, MissingMedia, SettingsError
from dubsync.core.face import FaceTrack
from dubsync.core.holdout import Holdout
from dubsync.core.picture import Frame, Region
from dubsync.core.progress import Progress
from dubsync.core.shot import Plate, Shot
from dubsync.core.steps import Engine, ReadFrames
from dubsync.media.plate import open_square
from dubsync.media.probe import probe_plate
from dubsync.service.faces.face_tracks import FaceTrackCache
from dubsync.service.store.folder import Arrays, Store


class HoldoutCache:
    """Adds to face tracks what stands in front of the face, and caches it in `store`.

    Args:
        mattes: shot name -> the artist's matte, absolute.
    """

    def __init__(
        self, store: Store, engine: Engine, tracks: FaceTrackCache, mattes: Mapping[str, Path]
    ) -> None:
        self._store, self._engine, self._tracks = store, engine, tracks
        self._mattes = dict(mattes)

    def seen(self, shot: Shot, track: FaceTrack, *, progress: Progress) -> FaceTrack:
        """`track`, a face of `shot`, with its holdout mattes.

        Raises:
            MissingMedia, MediaError: the artist's matte is missing, cannot be read, or differs from
                the plate in size or frames.
        """
        path = self._mattes.get(shot.name)
        matte = None if path is None else _Matte(path, shot)
        origin = path.name if path else ""
        key = digest(
            "holdout", self._engine.version, self._tracks.key(shot.plate, shot.render),
            track.face, track.frames, self.matte_digest(shot),
        )  # fmt: skip

        def read(numbers: Sequence[int]) -> Iterator[Frame]:
            with open_square(shot.plate) as reader:
                yield from reader.read(numbers)

        def make() -> Arrays:
            found = self._engine.holdout(
                track, read, matte=matte.read if matte else None, origin=origin,
                shot=shot.name, progress=progress,
            )  # fmt: skip
            return _arrays(found)

        kept = self._store.arrays("holdouts", key, make)
        return replace(track, holdout=_holdout(track, kept, origin))

    def matte_digest(self, shot: Shot) -> str:
        """Digest of the artist's matte of `shot`; "" if there is none.

        Raises:
            MissingMedia, MediaError: as `seen`.
        """
        path = self._mattes.get(shot.name)
        return "" if path is None else self._store.plate_digest(_Matte(path, shot).plate)


class _Matte:
    """An artist's matte of one shot, checked against its plate."""

    def __init__(self, path: Path, shot: Shot) -> None:
        self.plate, self._shot_plate = _probed(path, shot), shot.plate
        self._first = _first_frame(self.plate, path, shot)

    @property
    def read(self) -> ReadFrames:
        """Reads its frames under the plate's numbers."""
        return self._frames

    def _frames(self, numbers: Sequence[int]) -> Iterator[Frame]:
        own = self.plate.frames.start - self._first
        with open_square(self.plate, like=self._shot_plate) as reader:
            for frame, number in zip(reader.read([n + own for n in numbers]), numbers, strict=True):
                yield replace(frame, number=number)


def checked_matte(path: Path, shot: Shot) -> None:
    """Raises MissingMedia, MediaError unless `path` can be the artist's matte of `shot`."""
    _Matte(path, shot)


def _probed(path: Path, shot: Shot) -> Plate:
    where = f"holdout matte {path.name} of {shot.name}"
    try:
        plate = probe_plate(path, rate=shot.plate.frames.rate)
    except DubsyncError as error:
        if not path.exists() and "%" not in path.name:
            raise MissingMedia(f"{where} does not exist: {path}", hint="check the path") from error
        raise MediaError(f"{where} cannot be read: {error}", hint=error.hint) from error
    form, wanted = plate.format, shot.plate.format
    if (form.width, form.height) != (wanted.width, wanted.height):
        raise MediaError(
            f"{where} is {form.width} x {form.height}, but the plate is "
            f"{wanted.width} x {wanted.height}",
            hint="render the matte at the plate's full size, without a crop",
        )
    return plate


def _first_frame(matte: Plate, path: Path, shot: Shot) -> int:
    """The plate frame that the matte's first frame belongs to."""
    count, plate, shown = len(matte.frames), shot.plate.frames, shot.render
    if count == len(plate):
        return plate.start
    if count == len(shown):
        return shown.start
    shot_too = f", or {len(shown)}, as the shot with its handles" if shown != plate else ""
    raise MediaError(
        f"holdout matte {path.name} of {shot.name} has {count} frames; it needs {len(plate)}, as "
        f"the plate has{shot_too}",
        hint="render the matte frame for frame with the plate",
    )


def checked_shots(mattes: Mapping[str, Path], known: Sequence[str]) -> None:
    """Raises SettingsError where [shots.X] names a shot that the cut does not have."""
    for name in mattes:
        if name not in known:
            raise SettingsError(
                f"[shots.{name}] names a shot that the cut does not have",
                hint="its shots: " + (", ".join(known) or "none"),
            )


def _arrays(holdout: Holdout) -> dict[str, np.ndarray[Any, Any]]:
    regions = [(r.left, r.top, r.right, r.bottom) if r else (0, 0, 0, 0) for r in holdout.regions]
    return {
        "regions": np.array(regions, np.int64).reshape(-1, 4),
        "lengths": np.array([len(data) for data in holdout.packed], np.int64),
        "packed": np.frombuffer(b"".join(holdout.packed), np.uint8).copy(),
        "lower": np.asarray(holdout.lower),
        "lips": np.asarray(holdout.lips),
    }


def _holdout(track: FaceTrack, kept: Arrays, origin: str) -> Holdout:
    data, ends = kept["packed"].tobytes(), np.cumsum(kept["lengths"])
    packed = tuple(
        data[int(end - n) : int(end)] for end, n in zip(ends, kept["lengths"], strict=True)
    )
    regions = tuple(
        Region(*map(int, edges)) if data else None
        for edges, data in zip(kept["regions"], packed, strict=True)
    )
    return Holdout(track.frames, regions, packed, kept["lower"], kept["lips"], origin)
