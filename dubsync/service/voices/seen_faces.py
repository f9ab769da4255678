"""Which faces are seen to speak the original, shot by shot.

This comes before the voices of the dub are known, and helps to find them.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from dubsync.core.digest import digest
from dubsync.core.face import SAME_FACE, FaceTrack, Point
from dubsync.core.shot import Shot
from dubsync.core.sound.av_sync import Speaking
from dubsync.service.faces.cast import MARGIN
from dubsync.service.faces.people import Person, people_in, person_at
from dubsync.service.store.folder import Arrays
from dubsync.service.voices.voice_face_match import SeenFace

#: Changed whenever the same plates would give another result.
VERSION = "2"

Pointed = Mapping[str, Mapping[str, Sequence[Point]]]
Tracks = Mapping[str, Sequence[FaceTrack]]
#: Shot name -> character -> their tracks.
Known = Mapping[str, Mapping[str, Sequence[FaceTrack]]]


@dataclass(frozen=True, slots=True)
class _Named:
    """A person, their character, and how that is known."""

    person: Person
    character: str
    by: str


def seen_faces(
    shots: Sequence[Shot],
    tracks: Tracks,
    speaking: Mapping[str, Speaking | None],
    characters: Sequence[str],
    pointed: Pointed,
    elsewhere: Known,
) -> tuple[SeenFace, ...]:
    """Every person in the picture of `shots`, named where possible.

    A face is a character's where the user pointed at it, where another language's dub identified
    it, where it is alone in a plate whose name contains that character's name and no other's, and
    where it looks like such a face.

    Args:
        tracks: shot name -> every face found in it; shots that could not be tracked are absent.
        speaking: shot name -> which of its `tracks` the plate's own sound comes from; None:
            silent plate.
        characters: every character of the project.
        pointed: shot name -> character -> a point on their face.
        elsewhere: the faces that other languages' dubs identified on the same plates.
    """
    people = {
        shot.name: people_in(shot, tracks[shot.name]) for shot in shots if shot.name in tracks
    }
    named = _named(shots, people, characters, pointed, elsewhere)
    result = []
    for shot in shots:
        for person in people.get(shot.name, ()):
            known = next((n for n in named if n.person is person), _Named(person, "", ""))
            result.append(_seen(shot, known, tracks[shot.name], speaking.get(shot.name)))
    return tuple(result)


def looked_key(
    shots: Sequence[Shot], engine: str, characters: Sequence[str], pointed: Pointed
) -> str:
    """Digest under which the seen faces are cached; needs neither a plate nor an engine.

    It does not depend on the plates' content: the same frames under the same name are taken for
    the same footage.
    """
    over = [
        (s.name, s.plate.name, s.plate.frames, s.render, s.record, s.plate.has_sound) for s in shots
    ]  # fmt: skip
    points = {name: dict(pointed[name]) for name in sorted(pointed)}
    return digest("seen faces", VERSION, engine, over, list(characters), json.dumps(points))


def to_arrays(faces: Sequence[SeenFace]) -> Arrays:
    """Faces as arrays for the store; `from_arrays` reads them."""
    facts = [
        {"shot": f.shot, "character": f.character, "by": f.by, "at": f.at, "start": f.start,
         "rate": str(f.rate), "heard": f.has_sound}
        for f in faces
    ]  # fmt: skip
    speaks = {f"{n}": np.asarray(face.speaks, np.float32) for n, face in enumerate(faces)}
    return {"facts": np.frombuffer(json.dumps(facts).encode(), np.uint8).copy(), **speaks}


def from_arrays(arrays: Arrays) -> tuple[SeenFace, ...]:
    """The faces that `to_arrays` was given."""
    facts = json.loads(bytes(arrays["facts"]).decode())
    return tuple(
        SeenFace(
            fact["shot"], fact["character"], fact["by"], (fact["at"][0], fact["at"][1]),
            fact["start"], Fraction(fact["rate"]), arrays[f"{n}"], fact["heard"],
        )
        for n, fact in enumerate(facts)
    )  # fmt: skip


def _named(
    shots: Sequence[Shot],
    people: Mapping[str, Sequence[Person]],
    characters: Sequence[str],
    pointed: Pointed,
    elsewhere: Known,
) -> list[_Named]:
    known = list(_identified(people, pointed, elsewhere))
    by_name = _by_plate_names(shots, people, characters)
    for character in characters:
        consistent = _agreeing([n.person for n in by_name if n.character == character])
        identified = [n.person for n in known]
        known += [
            n for n in by_name
            if n.character == character and any(n.person is p for p in consistent)
            and not any(n.person is p for p in identified)
            and _looks_like(n.person, known) in ("", character)
        ]  # fmt: skip
    rest = [person for group in people.values() for person in group]
    rest = [p for p in rest if not any(n.person is p for n in known)]
    alike = [_Named(p, name, "its looks") for p in rest if (name := _looks_like(p, known))]
    return [*known, *_once_a_shot(alike, known)]


def _identified(
    people: Mapping[str, Sequence[Person]], pointed: Pointed, elsewhere: Known
) -> Iterator[_Named]:
    """Faces that the user pointed at, then those that other languages' dubs identified."""
    done: list[Person] = []
    for shot, points in pointed.items():
        for character, here in points.items():
            person = person_at(here[0], people.get(shot, ()))
            if person is not None and not any(person is other for other in done):
                done.append(person)
                yield _Named(person, character, "a person pointed at it")
    for shot, by_character in elsewhere.items():
        for character, tracks in by_character.items():
            faces = {track.face for track in tracks}
            for person in people.get(shot, ()):
                same = {track.face for track in person.tracks} == faces
                if same and not any(person is other for other in done):
                    done.append(person)
                    yield _Named(person, character, "another language's dub")


def _agreeing(faces: Sequence[Person]) -> list[Person]:
    """Without outliers: one off-screen line must not give a face another name."""
    if len(faces) < 3:
        return list(faces)
    apart = np.array([[a.apart(b) for b in faces] for a in faces])
    medoid = int(apart.sum(axis=1).argmin())
    return [face for face, distance in zip(faces, apart[medoid], strict=True)
            if distance <= SAME_FACE]  # fmt: skip


def _by_plate_names(
    shots: Sequence[Shot], people: Mapping[str, Sequence[Person]], characters: Sequence[str]
) -> list[_Named]:
    """Faces that are alone in a plate whose name, or clip's name, contains one character's."""
    result = []
    for shot in shots:
        here = people.get(shot.name, ())
        names = [c for c in characters if _contains(f"{shot.plate.name} {shot.event.clip}", c)]
        if len(here) == 1 and len(names) == 1:
            result.append(_Named(here[0], names[0], "the plate's name"))
    return result


def _contains(name: str, character: str) -> bool:
    """Whether `name` contains `character` as a whole word."""
    word = re.escape(character).replace(r"\ ", r"[\W_]")
    return re.search(rf"(?<![^\W_]){word}(?![^\W_])", name, flags=re.IGNORECASE) is not None


def _looks_like(person: Person, known: Sequence[_Named]) -> str:
    """The character that this person clearly looks like; "" where it is not clear."""
    apart: dict[str, float] = {}
    for other in (n for n in known if n.person.shot != person.shot):
        distance = person.apart(other.person)
        apart[other.character] = min(distance, apart.get(other.character, np.inf))
    ranked = sorted(apart, key=lambda character: apart[character])
    if not ranked or apart[ranked[0]] > SAME_FACE:
        return ""
    rival = apart[ranked[1]] if len(ranked) > 1 else np.inf
    return ranked[0] if rival - apart[ranked[0]] >= MARGIN else ""


def _once_a_shot(alike: Sequence[_Named], known: Sequence[_Named]) -> list[_Named]:
    """`alike` without those of one shot that look like the same character."""
    taken = [(n.person.shot, n.character) for n in (*known, *alike)]
    return [n for n in alike if taken.count((n.person.shot, n.character)) == 1]


def _seen(
    shot: Shot, named: _Named, tracks: Sequence[FaceTrack], speaking: Speaking | None
) -> SeenFace:
    numbers = range(shot.record.start, shot.record.stop)
    plate = np.array([shot.plate_frame(n) - shot.render.start for n in numbers])
    inside = (plate >= 0) & (plate < len(shot.render))
    chance = np.full(len(shot.render), np.nan, np.float32)
    for row, track in enumerate(tracks):
        if not any(track is own for own in named.person.tracks):
            continue
        first = track.frames.start - shot.render.start
        here = slice(first, first + len(track.frames))
        speaks = 0.5 if speaking is None else np.asarray(speaking.faces)[row, here]
        chance[here] = np.where(np.asarray(track.confidence) > 0, speaks, chance[here])
    shown = np.where(inside, chance[np.where(inside, plate, 0)], np.nan).astype(np.float32)
    start = float(Fraction(shot.record.start) / shot.record.rate)
    return SeenFace(
        shot.name, named.character, named.by, named.person.centre, start, shot.record.rate, shown,
        speaking is not None,
    )  # fmt: skip
