"""Every face of a reel with its pictures: whose it is, and which of them wait for an answer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from dubsync.core.digest import digest
from dubsync.core.errors import DubsyncError
from dubsync.core.face import SAME_FACE
from dubsync.core.progress import Progress, silent
from dubsync.core.shot import Shot
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.plate import open_square, plate_state
from dubsync.media.stills.encode import jpeg, rgb8
from dubsync.service.faces.cast import Casting
from dubsync.service.faces.people import Person
from dubsync.service.project import Project
from dubsync.service.store.atomic_write import write_derived

#: Room around a face in its picture, as a share of the face's height.
ROOM = 0.45


@dataclass(frozen=True, slots=True)
class SeenFace:
    """One person in one shot.

    number     of the person in the shot, as `--face` takes it
    character  whose face it is; "": nobody's yet, or nobody who is dubbed
    frames     plate frames of the cut in which it is seen
    at         x and y of its middle in square plate pixels, and the plate frame
    box        left, top, right, bottom of the face there
    picture    path of a JPEG of the face; ""
    frame_picture  path of a JPEG of the whole frame; ""
    likeness   character -> 0 to 1, how much it looks like their face elsewhere
    """

    shot: str
    number: int
    character: str
    frames: int
    at: tuple[float, float, int]
    box: tuple[float, float, float, float]
    likeness: Mapping[str, float]
    picture: str = ""
    frame_picture: str = ""


@dataclass(frozen=True, slots=True)
class OpenQuestion:
    """A character whose face in a shot is not decided.

    candidates  numbers of the faces that nobody else has
    """

    shot: str
    character: str
    message: str
    hint: str
    candidates: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class SeenFaces:
    """The faces of a reel in record order of their shots, and the questions."""

    faces: tuple[SeenFace, ...] = ()
    questions: tuple[OpenQuestion, ...] = ()
    failed: Mapping[str, str] = field(default_factory=dict)

    def face(self, shot: str, number: int) -> SeenFace | None:
        """The face of that number in a shot."""
        return next((f for f in self.faces if (f.shot, f.number) == (shot, number)), None)

    def of(self, character: str) -> tuple[SeenFace, ...]:
        """A character's faces, one a shot."""
        return tuple(face for face in self.faces if face.character == character)


def seen_faces(project: Project, *, progress: Progress = silent) -> SeenFaces:
    """The faces of every shot that may be analysed; plates are tracked where that is not done.

    Raises:
        DubsyncError: the project cannot be read.
    """
    project.turnover(progress=progress)
    known = project.reel.look(progress).recognition
    shots = project.reel.turnover.shots
    folder = project.store.derived / "faces"
    faces = [face for shot in shots for face in _in_shot(shot, known.casting, folder)]
    questions = [question for shot in shots for question in _questions(shot, known.casting)]
    return SeenFaces(
        tuple(faces), tuple(questions), {name: str(why) for name, why in known.failed.items()}
    )


def seen_faces_json(found: SeenFaces) -> dict[str, Any]:
    """The body of `dubsync.faces/1`."""
    return asdict(found)


def _in_shot(shot: Shot, casting: Casting, folder: Path) -> Iterator[SeenFace]:
    people = casting.people.get(shot.name, ())
    frames = {person.spot[2] for person in people}
    try:
        with open_square(shot.plate) as reader:
            pictures = {frame.number: rgb8(frame) for frame in reader.read(sorted(frames))}
    except DubsyncError:  # a plate that is away now: its faces are listed without pictures
        pictures = {}
    wholes = {number: _kept(folder, shot, number, "", image) for number, image in pictures.items()}
    for person in people:
        x, y, number = person.spot
        box = _box(person, number)
        near = pictures.get(number)
        picture = ""
        if near is not None:
            picture = _kept(folder, shot, number, str(person.number), _crop(near, box))
        yield SeenFace(
            shot.name, person.number, casting.owner(person), person.seen(shot.source),
            (round(x, 1), round(y, 1), number), box, _likeness(person, casting), picture,
            wholes.get(number, ""),
        )  # fmt: skip


def _box(person: Person, number: int) -> tuple[float, float, float, float]:
    track = next(t for t in person.tracks if number in t.frames)
    xy = track.landmarks[number - track.frames.start, :, :2]
    (left, top), (right, bottom) = xy.min(axis=0), xy.max(axis=0)
    return (
        round(float(left), 1), round(float(top), 1), round(float(right), 1),
        round(float(bottom), 1),
    )  # fmt: skip


def _crop(image: np.ndarray, box: tuple[float, float, float, float]) -> np.ndarray:
    """A square around the face, within the picture."""
    left, top, right, bottom = box
    half = (bottom - top) * (0.5 + ROOM)
    x, y = (left + right) / 2, (top + bottom) / 2 - (bottom - top) * 0.08
    height, width = image.shape[:2]
    rows = slice(max(0, int(y - half)), min(height, int(y + half)))
    columns = slice(max(0, int(x - half)), min(width, int(x + half)))
    return np.ascontiguousarray(image[rows, columns])


def _kept(folder: Path, shot: Shot, frame: int, name: str, image: np.ndarray) -> str:
    """The path of a JPEG that is derived, and made again where it was deleted."""
    state = plate_state(shot.plate, FrameRange(frame, frame + 1, shot.plate.frames.rate))
    colour = shot.plate.format.colour_key
    key = digest(shot.plate.path, shot.name, frame, name, str(state), *colour)[:24]
    path = folder / f"{key}.jpg"
    if not path.is_file():
        write_derived(path, jpeg(image))
    return str(path)


def _likeness(person: Person, casting: Casting) -> Mapping[str, float]:
    """How near the face is to each character's, elsewhere: 1 the same, 0 at twice SAME_FACE."""
    known: dict[str, list[Person]] = {}
    for others in casting.people.values():
        for other in others:
            owner = casting.owner(other)
            if owner and other is not person:
                known.setdefault(owner, []).append(other)
    return {
        name: round(float(np.clip(1 - min(map(person.apart, theirs)) / (2 * SAME_FACE), 0, 1)), 3)
        for name, theirs in sorted(known.items())
    }


def _questions(shot: Shot, casting: Casting) -> Iterator[OpenQuestion]:
    asked = [w for w in casting.warnings.get(shot.name, ()) if w.blocking]
    decided = casting.tracks.get(shot.name, {})
    open_for = [name for name in shot.characters if name not in decided]
    candidates = _unclaimed(shot, casting)
    for n, character in enumerate(open_for):
        warning = next(
            (w for w in asked if f":{character}=" in w.hint or character in w.message),
            asked[min(n, len(asked) - 1)] if asked else None,
        )
        if warning is not None:
            yield OpenQuestion(shot.name, character, warning.message, warning.hint, candidates)


def _unclaimed(shot: Shot, casting: Casting) -> tuple[int, ...]:
    people: Sequence[Person] = casting.people.get(shot.name, ())
    return tuple(person.number for person in people if not casting.owner(person))
