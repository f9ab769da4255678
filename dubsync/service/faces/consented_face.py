"""Whether the face that is read or drawn is that of the person whose consent is given.

A record's `face` names a picture of that person.  Every face that is learnt from or drawn under the
record is compared with it by the engine's face descriptor.  Without such a picture the faces can
only be compared with each other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.digest import digest
from dubsync.core.errors import ConsentMissing, DubsyncError
from dubsync.core.face import OTHER_FACE, SAME_FACE, FaceTrack
from dubsync.core.picture import Frame, PictureFormat, frozen
from dubsync.core.plural import counted
from dubsync.core.progress import silent
from dubsync.core.shot import Plate, ProjectWarning
from dubsync.core.steps import Engine
from dubsync.core.timeline.timecode import FrameRange
from dubsync.service.consent.records import ConsentRecord
from dubsync.service.store.folder import Store

#: A face lower than this share of the tallest is somebody in the background.
BACKGROUND = 0.4
#: Longest side of the picture that is looked at, pixels.
LONGEST = 2048
_ONE = FrameRange(0, 1, Fraction(25))


class NotTheirFace(ConsentMissing):
    """The face is not that of the person who consented."""


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One person's face somewhere: in a shot, a take or a photograph.

    about   how it is called: "ELISE in shot A001C003", "take T01.mov"
    tracks  of the face
    plate   that shows it; None: it is no plate
    photo   the photograph that shows it; None: it is none
    longest  longest side of the photograph in which it was found, pixels
    """

    about: str
    tracks: tuple[FaceTrack, ...]
    plate: Plate | None = None
    photo: Path | None = None
    longest: int = LONGEST

    @property
    def appearance(self) -> Array:
        """(128,) the mean descriptor of the tracks, each by its number of frames."""
        weights = [len(track.frames) for track in self.tracks]
        looks = [track.appearance for track in self.tracks]
        return np.asarray(np.average(looks, axis=0, weights=weights), np.float32)

    def apart(self, other: Seen) -> float:
        """Distance of the two faces; see `core.face.OTHER_FACE`."""
        return float(np.linalg.norm(self.appearance - other.appearance))


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """The person that a record's picture shows."""

    record: ConsentRecord
    face: Seen


#: Draws two faces beside each other into a file, and returns its path.
Pictured = Callable[[Seen, Seen], Path]


class ConsentedFaces:
    """The people in the pictures that records name.

    Args:
        folder: of the records.
        store: keeps the faces; None: nothing is kept.
        engine: loaded when the first picture is looked at.
    """

    def __init__(self, folder: Path, store: Store | None, engine: Callable[[], Engine]) -> None:
        self._folder, self._store, self._engine = folder, store, engine
        self._shown: dict[str, Shown] = {}

    def of(self, records: Sequence[ConsentRecord], performer: str) -> tuple[Shown, ...]:
        """Every picture of `performer` that a record of theirs names.

        Raises:
            NotTheirFace: a picture is not there, or shows no face or several.
        """
        named = [one for one in records if one.performer == performer and one.face]
        return tuple(self._of(one) for one in named if not one.fault)

    def _of(self, record: ConsentRecord) -> Shown:
        sha256 = next(one.sha256 for one in record.evidence if one.file == record.face)
        if sha256 not in self._shown:
            path = self._folder / record.face
            about = f"{record.face} of {record.id}"
            seen = Seen(about, (self._face(record, path, sha256),), photo=path)
            self._shown[sha256] = Shown(record, seen)
        return self._shown[sha256]

    def _face(self, record: ConsentRecord, path: Path, sha256: str) -> FaceTrack:
        engine = self._engine()
        key = digest("face of a consent record", engine.version, sha256)
        try:
            if self._store is None:
                faces = faces_in(path, engine)
            else:  # among the face tracks, so that a withdrawal deletes it with them
                faces = self._store.tracks(key, lambda: faces_in(path, engine))
        except DubsyncError as error:
            raise _unusable(record, str(error)) from error
        tallest = max(map(_height, faces), default=0.0)
        near = [face for face in faces if _height(face) >= BACKGROUND * tallest]
        if len(near) != 1:
            raise _unusable(record, f"it shows {counted(len(near), 'face') if near else 'no face'}")
        return near[0]


def require_their_face(
    shown: Sequence[Shown], seen: Sequence[Seen], pictured: Pictured
) -> tuple[ProjectWarning, ...]:
    """Refuse faces that are somebody else's than the person whom the records show.

    Args:
        shown: pictures of the person; none: nothing can be said.

    Returns:
        A warning for each face that may be somebody else's: neither alike nor strangers.

    Raises:
        NotTheirFace: a face is another person's; it names both, and a picture of both.
    """
    return tuple(_compared(shown, seen, pictured)) if shown else ()


def require_their_photographs(
    record: ConsentRecord,
    folder: Path,
    photos: Sequence[tuple[Path, FaceTrack]],
    engine: Engine,
    pictured: Pictured,
    longest: int,
) -> tuple[ProjectWarning, ...]:
    """`require_their_face` for photographs outside a project; nothing of them is kept.

    Args:
        folder: of the record.
        photos: each with the face that is meant, found in the photograph at most `longest` pixels.
    """
    shown = ConsentedFaces(folder, None, lambda: engine).of([record], record.performer)
    seen = [Seen(f"photograph {path.name}", (face,), photo=path, longest=longest)
            for path, face in photos]  # fmt: skip
    return require_their_face(shown, seen, pictured)


def _compared(
    shown: Sequence[Shown], seen: Sequence[Seen], pictured: Pictured
) -> Iterator[ProjectWarning]:
    for one in seen:
        nearest = min((picture.face.apart(one), n) for n, picture in enumerate(shown))
        apart, record, face = nearest[0], shown[nearest[1]].record, shown[nearest[1]].face
        if apart >= OTHER_FACE:
            raise NotTheirFace(
                f"{one.about} shows somebody else than {record.face} of {record.id}, the record of "
                f"{record.performer!r}: the faces are {apart:.2f} apart, and one person's are up "
                f"to {SAME_FACE}",
                hint=f"look at {pictured(one, face)}; point at the right face, or ask who is "
                "seen there for a record of their own",
            )
        if apart > SAME_FACE:
            yield ProjectWarning(
                one.about,
                f"it may show somebody else than {record.face} of {record.id}: the faces are "
                f"{apart:.2f} apart",
                "compare them; if it is somebody else, their own consent is needed",
            )


def two_people(seen: Sequence[Seen]) -> tuple[int, int] | None:
    """The face most like all others, and one that is another person's; None: all are one person."""
    if len(seen) < 2:
        return None
    looks = np.array([one.appearance for one in seen])
    apart = np.linalg.norm(looks[:, None] - looks[None], axis=-1)
    usual = int(apart.sum(axis=1).argmin())
    furthest = int(apart[usual].argmax())
    return (usual, furthest) if apart[usual, furthest] >= OTHER_FACE else None


def require_one_person(seen: Sequence[Seen], pictured: Pictured) -> None:
    """Refuse faces of which one is another person's than most of the others.

    Raises:
        NotTheirFace: it names both, and a picture of both.
    """
    if (strangers := two_people(seen)) is not None:
        one, other = seen[strangers[0]], seen[strangers[1]]
        raise NotTheirFace(
            f"{one.about} and {other.about} show two people: the faces are {one.apart(other):.2f} "
            f"apart, and one person's are up to {SAME_FACE}",
            hint=f"look at {pictured(other, one)}; take out what shows somebody else, or ask them "
            "for a record of their own",
        )


def faces_in(path: Path, engine: Engine) -> tuple[FaceTrack, ...]:
    """Every face in a picture.  Raises MissingMedia, MediaError: it cannot be read."""
    frame = photograph_frame(path)
    return tuple(engine.track([frame], _ONE, shot=path.name, progress=silent))


def photograph_frame(path: Path, longest: int = LONGEST) -> Frame:
    """A photograph as a frame of a plate.  Raises as `faces_in`."""
    from dubsync.media.photo.photograph import read_photograph  # brings Pillow

    samples = np.rint(np.clip(read_photograph(path, longest=longest).over(0.5), 0, 1) * 255)
    height, width = samples.shape[:2]
    form = PictureFormat(width, height, "rgb", 8, matrix="rgb", full_range=True, storage="gbrp")
    planes = tuple(frozen(samples[..., c].astype(np.uint8)) for c in range(3))
    return Frame(0, planes, form)


def _height(track: FaceTrack) -> float:
    return float(np.ptp(track.landmarks[0, :, 1]))


def _unusable(record: ConsentRecord, why: str) -> NotTheirFace:
    return NotTheirFace(
        f"{record.face}, by which {record.id} says who consented, cannot be used: {why}",
        hint="put a picture there that shows this person alone, with its sha256 in the record; or "
        "leave the key face out: then faces are compared with each other only",
    )
