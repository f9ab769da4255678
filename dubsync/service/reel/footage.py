"""The plates that show a character, as footage to learn from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from dubsync.core.errors import EngineError
from dubsync.core.face import FaceTrack
from dubsync.core.picture import Frame
from dubsync.core.progress import Progress
from dubsync.core.reading.moments import shot_by_moment
from dubsync.core.shot import Shot
from dubsync.core.steps import Footage
from dubsync.media.plate import open_square
from dubsync.service.faces.consented_face import Pictured, Seen, two_people
from dubsync.service.faces.face_tracks import FaceTrackCache
from dubsync.service.faces.holdouts import HoldoutCache
from dubsync.service.reel.moments.by_moment import tracks_by_moment
from dubsync.service.reel.moments.face_part import faces_part
from dubsync.service.stems.audio_analysis import AudioAnalysisCache


@dataclass(frozen=True, slots=True, eq=False)
class SeenIn:
    """One shot that shows a character, and their face tracks in it."""

    shot: Shot
    tracks: tuple[FaceTrack, ...]


def require_one_face(
    character: str, shots: Sequence[SeenIn], pictured: Pictured | None = None
) -> None:
    """Refuse to learn an actor from the faces of two people.

    Args:
        pictured: draws the two faces beside each other.

    Raises:
        EngineError: the faces of two shots do not look like one person.
    """
    seen = [Seen(f"{character} in shot {one.shot.name}", one.tracks, one.shot.plate)
            for one in shots]  # fmt: skip
    strangers = two_people(seen)
    if strangers is None:
        return
    usual, odd = (shots[n] for n in strangers)
    hint = f"point at the right face: --face {odd.shot.name}:{character}=N"
    if pictured is not None:
        hint = f"look at {pictured(seen[strangers[1]], seen[strangers[0]])}, then {hint}"
    raise EngineError(
        f"the faces of {character} in {usual.shot.name} and {odd.shot.name} are not one person's, "
        "so no actor is learnt",
        hint=hint,
    )


def footage_of(
    shots: Sequence[SeenIn],
    audio_analysis: AudioAnalysisCache,
    in_front: HoldoutCache,
    face_tracks: FaceTrackCache,
    progress: Progress,
) -> list[Footage]:
    """The footage of the character in `shots`, a piece for each face track.

    Every track has its holdout mattes, so that covered frames are not learnt from.  Of plates in
    fields every moment is footage, as it is drawn.  Raises as `HoldoutCache.seen`.
    """
    return [
        piece
        for one in shots
        for piece in _pieces(
            SeenIn(
                shot_by_moment(one.shot),
                tracks_by_moment(one.shot, one.tracks, face_tracks, progress),
            ),
            audio_analysis,
            in_front,
            progress,
        )
    ]


def _pieces(
    seen: SeenIn, audio_analysis: AudioAnalysisCache, in_front: HoldoutCache, progress: Progress
) -> Iterator[Footage]:
    plate, where = seen.shot.plate, faces_part(seen.tracks)

    def read(numbers: Sequence[int]) -> Iterator[Frame]:
        with open_square(plate, whole=True, where=where) as reader:
            yield from reader.read(numbers)

    for track in seen.tracks:
        track = in_front.seen(seen.shot, track, progress=progress)
        yield Footage(plate.name, track, read, audio_analysis.plate_audio(plate, track.frames))
