"""The plates that show a character, as footage to learn from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from dubsync.core.errors import EngineError
from dubsync.core.face import OTHER_FACE, FaceTrack
from dubsync.core.picture import Frame
from dubsync.core.progress import Progress
from dubsync.core.shot import Shot
from dubsync.core.steps import Footage
from dubsync.media.plate import open_square
from dubsync.service.faces.holdouts import HoldoutCache
from dubsync.service.stems.audio_analysis import AudioAnalysisCache


@dataclass(frozen=True, slots=True, eq=False)
class SeenIn:
    """One shot that shows a character, and their face tracks in it."""

    shot: Shot
    tracks: tuple[FaceTrack, ...]


def require_one_face(character: str, shots: Sequence[SeenIn]) -> None:
    """Refuse to learn an actor from the faces of two people.

    Raises:
        EngineError: the faces of two shots do not look like one person.
    """
    looks = [
        np.average([t.appearance for t in one.tracks], axis=0,
                   weights=[len(t.frames) for t in one.tracks])
        for one in shots
    ]  # fmt: skip
    if len(looks) < 2:
        return
    apart = np.linalg.norm(np.array(looks)[:, None] - np.array(looks)[None], axis=-1)
    medoid = int(apart.sum(axis=1).argmin())
    furthest = int(apart[medoid].argmax())
    if apart[medoid, furthest] >= OTHER_FACE:
        raise EngineError(
            f"the faces of {character} in {shots[medoid].shot.name} and "
            f"{shots[furthest].shot.name} are not one person's, so no actor is learnt",
            hint=f"point at the right face: --face {shots[furthest].shot.name}:{character}=N",
        )


def footage_of(
    shots: Sequence[SeenIn],
    audio_analysis: AudioAnalysisCache,
    in_front: HoldoutCache,
    progress: Progress,
) -> list[Footage]:
    """The footage of the character in `shots`, a piece for each face track.

    Every track has its holdout mattes, so that covered frames are not learnt from.  Raises as
    `HoldoutCache.seen`.
    """
    return [piece for one in shots for piece in _pieces(one, audio_analysis, in_front, progress)]


def _pieces(
    seen: SeenIn, audio_analysis: AudioAnalysisCache, in_front: HoldoutCache, progress: Progress
) -> Iterator[Footage]:
    plate = seen.shot.plate

    def read(numbers: Sequence[int]) -> Iterator[Frame]:
        with open_square(plate) as reader:
            yield from reader.read(numbers)

    for track in seen.tracks:
        track = in_front.seen(seen.shot, track, progress=progress)
        yield Footage(plate.name, track, read, audio_analysis.plate_audio(plate, track.frames))
