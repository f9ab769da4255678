"""Find the invisible mark in a copy: every face is followed, and read with every key of the house.

The reader needs neither plate nor cut: re-encoding, scaling, cropping and another speed change
where a face is, and the face is followed in the copy itself.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from dubsync.core.errors import HouseKeyError, NoFace
from dubsync.core.face import FaceTrack
from dubsync.core.progress import Progress, Step, silent
from dubsync.core.proof.marker import MarkAsked, Marker, MarkFound
from dubsync.core.settings import EngineSettings
from dubsync.core.shot import Plate
from dubsync.media.plate import open_square
from dubsync.media.probe import probe_plate
from dubsync.service.find_mark.found import FoundMark, KnownRender, MarkReport, PooledMark
from dubsync.service.find_mark.known_renders import known_renders
from dubsync.service.keys.house_key import HouseKey, every_house_key
from dubsync.service.marking.clean_faces import kept_clean_faces
from dubsync.service.marking.installed_markers import load_marker
from dubsync.service.plugins import load_engine
from dubsync.service.store.folder import Store

#: Frames of a face that are read at once.  A mark repeats every 256 plate frames; where a face is
#: seen longer, one stretch may hold two renders.
STRETCH = 192
#: A face that is seen for fewer frames tells nothing.
FEWEST = 8
#: The greatest bound of false alarms at which a mark is found.
MOST_FALSE = 1e-6
#: Renders at hand that an unread stretch is compared with, newest first.
COMPARED = 48


def find_mark(
    path: Path, *, reel: Path | None = None, marker: str = "", progress: Progress = silent
) -> MarkReport:
    """Read the marks in the movie or sequence at `path`.

    Args:
        reel: a folder with records of renders, which say which render a mark is of.  With the
            clean faces that are kept there, copies are read that are too poor to be read alone.
        marker: name of the marker that the house uses; "": dubsync's own.

    Raises:
        HouseKeyError: there is no key here, so there is nothing to read with.
        MediaError: the file cannot be read.
        NoFace: no face is followed in it.
        MissingMedia, SettingsError: no such reel, or no such marker.
    """
    keys = every_house_key()
    if not keys:
        raise HouseKeyError(
            "this machine has no house key, and a mark is read only with the key that made it",
            hint="look on a machine of the house, or make its key known here: dubsync keys",
        )
    reader = load_marker(marker)
    known = known_renders(reel) if reel is not None else ()
    plate = probe_plate(path)
    stretches = _stretches(plate, progress)
    store = None if reel is None else Store(reel)
    found: dict[tuple[str, int], list[_Read]] = {}
    bounds: dict[str, list[float]] = {key.fingerprint: [] for key in keys}
    for done, stretch in enumerate(stretches):
        progress(Step("read mark", plate.name, done, len(stretches), unit=""))
        search = _Search(plate, stretch, reader, known, len(stretches), len(keys))
        for key in keys:
            read, bound = search.marks(key, store)
            bounds[key.fingerprint].append(bound)
            for one in read:
                found.setdefault((key.fingerprint, one.payload), []).append(one)
    progress(Step("read mark", plate.name, len(stretches), len(stretches), unit=""))
    seen = {n for one in stretches for n in range(one.frames.start, one.frames.stop)}
    return MarkReport(
        path.name, _ranked(found, keys, known), len(stretches), len(seen), len(plate.frames),
        len(keys), reel is not None, plate.frames.start,
        _pooled(reader, keys, {key for key, _ in found}, bounds) if known else (),
    )  # fmt: skip


@dataclass(frozen=True, slots=True, eq=False)
class _Read:
    """A sure mark, and whether a clean render was needed to read it."""

    payload: int
    mark: MarkFound
    compared: bool = False

    @property
    def score(self) -> float:
        return self.mark.score


@dataclass(frozen=True, slots=True, eq=False)
class _Search:
    """One stretch of one face, and what it may carry."""

    plate: Plate
    stretch: FaceTrack
    reader: Marker
    known: Sequence[KnownRender]
    stretches: int
    keys: int

    def marks(self, key: HouseKey, store: Store | None) -> tuple[list[_Read], float]:
        """Each sure mark; and a bound of the chance that a wrong secret scores so here."""
        payloads = tuple(dict.fromkeys(one.payload for one in self.known))
        asked = MarkAsked(key.mark_secret, payloads, self.keys, unsure=bool(self.known))
        with open_square(self.plate) as frames:
            blind = self.reader.read(frames.frames(self.stretch.frames), self.stretch, asked)
        bound = min((one.false_alarm for one in blind), default=1.0)
        sure = self._sure(blind)
        if sure or store is None:
            return sure, bound
        return self._sure(self._compared(asked, payloads[:COMPARED], store), True), bound

    def _sure(self, read: Iterable[MarkFound], compared: bool = False) -> list[_Read]:
        """What is sure though every stretch of the copy was tried."""
        return [
            _Read(one.payload, replace(one, false_alarm=bound), compared)
            for one in read
            if one.payload is not None and (bound := one.false_alarm * self.stretches) <= MOST_FALSE
        ]

    def _compared(
        self, asked: MarkAsked, payloads: Sequence[int], store: Store
    ) -> Iterator[MarkFound]:
        """What is read beside the clean faces of the renders at hand."""
        if self.reader.read_with is None:
            return
        faces = [(p, face) for p in payloads for face in kept_clean_faces(store, p)]
        trials = self.keys * max(1, len(faces))
        for payload, face in faces:
            one = replace(asked, expected=(payload,), trials=trials, unsure=False)
            with open_square(self.plate) as frames:
                yield from self.reader.read_with(
                    frames.frames(self.stretch.frames), self.stretch, one, face
                )


def _stretches(plate: Plate, progress: Progress) -> list[FaceTrack]:
    """Every face of the copy, in pieces that are read at once.

    Raises:
        NoFace: none is seen long enough.
    """
    engine = load_engine(EngineSettings())
    with open_square(plate) as reader:
        tracks = engine.track(
            reader.frames(plate.frames), plate.frames, shot=plate.name, progress=progress
        )
    result = [piece for track in tracks for piece in _pieces(track)]
    if not result:
        raise NoFace(
            f"no face is followed in {plate.name}, and a mark is only in faces",
            hint="a face must be seen for a third of a second, about at the camera",
        )
    return result


def _pieces(track: FaceTrack) -> Iterator[FaceTrack]:
    """The track from where its face is seen to where it is last seen, at most STRETCH at once."""
    seen = np.flatnonzero(np.asarray(track.confidence) > 0)
    if len(seen) < FEWEST:
        return
    first, stop = int(seen[0]), int(seen[-1]) + 1
    count = -(-(stop - first) // STRETCH)
    edges = np.linspace(first, stop, count + 1).astype(int)
    for a, b in zip(edges[:-1], edges[1:], strict=True):
        if (np.asarray(track.confidence)[a:b] > 0).sum() >= FEWEST:
            yield track.part(int(a), int(b))


def _ranked(
    found: Mapping[tuple[str, int], Sequence[_Read]],
    keys: Sequence[HouseKey],
    known: Sequence[KnownRender],
) -> tuple[FoundMark, ...]:
    """The marks, the surest first, with the renders that carry them."""
    names = {key.fingerprint: key.house for key in keys}
    marks = []
    for (key, payload), read in found.items():
        places = sorted(read, key=_score, reverse=True)
        renders = tuple(one for one in known if one.payload == payload)
        marks.append(
            FoundMark(
                names[key], key, payload, tuple(one.mark for one in places), renders,
                places[0].compared,
            )
        )  # fmt: skip
    return tuple(sorted(marks, key=lambda mark: mark.places[0].score, reverse=True))


def _pooled(
    reader: Marker, keys: Sequence[HouseKey], read: Collection[str],
    bounds: Mapping[str, Sequence[float]],
) -> tuple[PooledMark, ...]:  # fmt: skip
    """The houses whose marks are sure over all stretches together, though over none alone."""
    if reader.pool is None:
        return ()
    result = []
    for key in keys:
        each = bounds[key.fingerprint]
        bound = 1.0 if key.fingerprint in read else reader.pool(each)
        if bound <= MOST_FALSE:
            result.append(PooledMark(key.house, key.fingerprint, len(each), bound))
    return tuple(result)


def _score(read: _Read) -> float:
    return read.score
