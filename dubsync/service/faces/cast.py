"""Which face is which character: said by a person, else matched across the reel's shots, else
heard: the face that speaks the original while the character's dub sounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import scipy

from dubsync.core.face import FaceTrack
from dubsync.core.shot import ProjectWarning, Shot
from dubsync.core.sound.av_sync import Speaking
from dubsync.service.faces.plate_sound import heard_in

#: How much likelier (in cosine of appearance) a face must be than the next for us to decide.
MARGIN = 0.04
#: Likeness from which a face that returns is taken for the same person (strangers reach 0.88).
SAME_PERSON = 0.9
#: A face seen in fewer frames than this, and in under a fifth of the shot, is a passer-by.
PASSING_FRAMES = 12
#: Mean chance of speaking over a character's lines from which a face is theirs, and how much more
#: than the next face's it must be; over at least so many seconds.
SPEAKS, SPEAKS_MORE, SPEAKS_S = 0.6, 0.3, 0.4

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Person:
    """One person's face tracks in one shot: several when they leave, return, or a cut hides."""

    shot: str
    tracks: tuple[FaceTrack, ...]

    @property
    def seen(self) -> int:
        return sum(int((track.confidence > 0).sum()) for track in self.tracks)

    @property
    def centre(self) -> Point:
        """Plate pixels: the middle of the face where it is first seen."""
        x, y = self.tracks[0].landmarks[0, :, :2].mean(axis=0)
        return float(x), float(y)

    def likeness(self, other: Person) -> float:
        """Cosine of the two appearances, -1..1."""
        return float(_look(self) @ _look(other))


@dataclass(frozen=True, slots=True)
class Casting:
    """Shot name -> character -> that character's face tracks there; and what is undecided."""

    tracks: Mapping[str, Mapping[str, tuple[FaceTrack, ...]]]
    warnings: Mapping[str, tuple[ProjectWarning, ...]] = field(default_factory=dict)


def cast(
    shots: Sequence[Shot],
    tracks: Mapping[str, Sequence[FaceTrack]],
    pointed: Mapping[str, Mapping[str, Point]],
    heard: Mapping[str, Speaking | None] | None = None,
    earlier: Mapping[str, Mapping[str, tuple[FaceTrack, ...]]] | None = None,
) -> Casting:
    """Give each dubbed character of each shot its face.

    Args:
        shots: the reel's shots.
        tracks: shot name -> every face found in it; shots that could not be tracked are absent.
        pointed: shot name -> character -> a point (plate pixels) on that character's face.
        heard: shot name -> which of its `tracks`, in their order, the plate's own sound comes
            from; asked only where looks do not tell.
        earlier: shot name -> character -> their tracks, as dubs into other languages told them;
            a character who was found there is the same face here.

    Returns:
        A Casting.  What cannot be decided is a blocking warning that says how to answer it.
    """
    people = {
        shot.name: people_in(shot, tracks[shot.name]) for shot in shots if shot.name in tracks
    }
    earlier = earlier or {}
    known = _anchors(shots, people, pointed)
    for name, found_there in earlier.items():
        for character, theirs in found_there.items():
            if name not in (person.shot for person in known.get(character, ())):
                known.setdefault(character, []).append(Person(name, theirs))
    result: dict[str, dict[str, tuple[FaceTrack, ...]]] = {}
    warnings: dict[str, tuple[ProjectWarning, ...]] = {}
    for shot in shots:
        if shot.name not in people:
            continue
        by_sound = _Voices(shot, tracks[shot.name], (heard or {}).get(shot.name))
        result[shot.name], warnings[shot.name] = _cast_shot(
            shot, people[shot.name], pointed.get(shot.name, {}), known, by_sound,
            earlier.get(shot.name, {}),
        )  # fmt: skip
    return Casting(result, warnings)


@dataclass(frozen=True, slots=True)
class _Voices:
    """What is heard of the faces of one shot; `speaking` None where nothing is."""

    shot: Shot
    tracks: Sequence[FaceTrack]
    speaking: Speaking | None

    def speaker(self, character: str, people: Sequence[Person]) -> int | None:
        """Which of `people` speaks while the character's dub sounds; None where none plainly."""
        if self.speaking is None or not people:
            return None
        lines = [over for _, over in heard_in(self.shot, character)]
        over = np.any(lines, axis=0) if lines else np.zeros(len(self.shot.render), bool)
        if over.sum() < SPEAKS_S * float(self.shot.render.rate):
            return None
        chances = np.array([self._chance(person, over, self.speaking) for person in people])
        best = int(chances.argmax())
        rival = float(np.delete(chances, best).max(initial=0.0))
        plain = chances[best] >= SPEAKS and chances[best] - rival >= SPEAKS_MORE
        return best if plain else None

    def _chance(self, person: Person, over: np.ndarray, speaking: Speaking) -> float:
        rows = [n for n, track in enumerate(self.tracks) if any(track is t for t in person.tracks)]
        return float(speaking.faces[rows][:, over].max(axis=0).mean())


def _cast_shot(
    shot: Shot,
    people: Sequence[Person],
    pointed: Mapping[str, Point],
    known: Mapping[str, Sequence[Person]],
    by_sound: _Voices,
    earlier: Mapping[str, tuple[FaceTrack, ...]],
) -> tuple[dict[str, tuple[FaceTrack, ...]], tuple[ProjectWarning, ...]]:
    chosen: dict[str, tuple[FaceTrack, ...]] = {}
    warnings: list[ProjectWarning] = []
    free = list(people)
    for character, point in pointed.items():
        person = person_at(point, people)
        if person is None:
            warnings.append(_no_face_at(shot, character, point))
        else:
            chosen[character] = person.tracks
            free = [p for p in free if p is not person]
    for character in (c for c in shot.characters if c in earlier and c not in pointed):
        faces = {track.face for track in earlier[character]}
        same = [p for p in free if {track.face for track in p.tracks} == faces]
        if same:
            chosen[character] = same[0].tracks
            free = [p for p in free if p is not same[0]]
    asked = [c for c in shot.characters if c not in pointed and c not in chosen]
    if not asked:
        return chosen, tuple(warnings)
    if not free:
        for character in asked:
            warnings.append(
                ProjectWarning(shot.name, f"no face found for {character}",
                      "look at the plate; if nobody is seen, take the line off this shot",
                      blocking=not chosen)
            )  # fmt: skip
        return chosen, tuple(warnings)
    if len(free) == 1 and len(asked) == 1 and not _somebody_else(shot, asked[0], free[0], known):
        return {**chosen, asked[0]: free[0].tracks}, tuple(warnings)
    matched, unsure = _match(shot, asked, free, known, by_sound)
    return {**chosen, **matched}, (*warnings, *unsure)


def _match(
    shot: Shot,
    asked: Sequence[str],
    people: Sequence[Person],
    known: Mapping[str, Sequence[Person]],
    by_sound: _Voices,
) -> tuple[dict[str, tuple[FaceTrack, ...]], list[ProjectWarning]]:
    """Characters to faces by likeness to the same character elsewhere; close calls by sound.

    What neither tells is a warning.
    """
    everyone = [*asked, *(c for c in known if c not in asked)]
    scores = np.array([[_score(c, p, shot, known) for p in people] for c in everyone])
    rows, columns = scipy.optimize.linear_sum_assignment(-scores)
    matched: dict[str, tuple[FaceTrack, ...]] = {}
    warnings: list[ProjectWarning] = []
    close: list[str] = []
    for row, character in enumerate(asked):
        at = np.flatnonzero(rows == row)
        place = int(columns[at[0]]) if len(at) else -1
        if place < 0:
            warnings.append(
                ProjectWarning(
                    shot.name,
                    f"{character} speaks, but is not among the faces seen here",
                    f"if a face is {character}'s, say which: {_choices(character, people)}",
                )
            )
            continue
        rivals = np.delete(scores[row], place)
        best_rival = float(rivals.max()) if len(rivals) else -1.0
        if scores[row, place] <= -1 or scores[row, place] - best_rival < MARGIN:
            close.append(character)
        else:
            matched[character] = people[place].tracks
    taken = list(matched.values())
    left = [p for p in people if not any(p.tracks is tracks for tracks in taken)]
    told = {character: by_sound.speaker(character, left) for character in close}
    for character, heard_at in told.items():
        twice = list(told.values()).count(heard_at) > 1
        if heard_at is None or twice:
            warnings.append(
                ProjectWarning(shot.name, f"which of {len(people)} faces is {character}?",
                      f"say which: {_choices(character, people)}", blocking=True)
            )  # fmt: skip
        else:
            matched[character] = left[heard_at].tracks
    return matched, warnings


def _score(
    character: str, person: Person, shot: Shot, known: Mapping[str, Sequence[Person]]
) -> float:
    """Likeness to the character's faces in other shots; -1 when there are none."""
    others = [p for p in known.get(character, ()) if p.shot != shot.name]
    return max((person.likeness(other) for other in others), default=-1.0)


def _somebody_else(
    shot: Shot, character: str, person: Person, known: Mapping[str, Sequence[Person]]
) -> bool:
    """Whether the only face here is plainly another character, the speaker being off screen."""
    mine = _score(character, person, shot, known)
    theirs = max((_score(c, person, shot, known) for c in known if c != character), default=-1.0)
    return mine > -1 and theirs - mine >= MARGIN


def _anchors(
    shots: Sequence[Shot],
    people: Mapping[str, Sequence[Person]],
    pointed: Mapping[str, Mapping[str, Point]],
) -> dict[str, list[Person]]:
    """Faces whose owner is plain: pointed at, or alone in a shot with one dubbed character."""
    anchors: dict[str, list[Person]] = {}
    for shot in shots:
        here = people.get(shot.name, ())
        for character, point in pointed.get(shot.name, {}).items():
            person = person_at(point, here)
            if person is not None:
                anchors.setdefault(character, []).append(person)
        if len(here) == 1 and len(shot.characters) == 1 and shot.name not in pointed:
            anchors.setdefault(shot.characters[0], []).append(here[0])
    return {character: agreeing(faces) for character, faces in anchors.items()}


def agreeing(faces: list[Person]) -> list[Person]:
    """Without those nearer to nobody here: one off-screen line must not rename a face."""
    if len(faces) < 3:
        return faces
    likeness = np.array([[a.likeness(b) for b in faces] for a in faces])
    medoid = int(likeness.sum(axis=1).argmax())
    typical = float(np.median(likeness[medoid]))
    return [face for n, face in enumerate(faces) if likeness[medoid, n] >= typical - 0.15]


def people_in(shot: Shot, tracks: Sequence[FaceTrack]) -> tuple[Person, ...]:
    """Tracks joined into people; passers-by left out."""
    groups: list[list[FaceTrack]] = []
    for track in sorted(tracks, key=lambda t: t.frames.start):
        best: tuple[float, list[FaceTrack]] | None = None
        for group in groups:
            likeness = float(group[-1].appearance @ track.appearance)
            apart = group[-1].frames.stop <= track.frames.start
            if apart and likeness > SAME_PERSON and (best is None or likeness > best[0]):
                best = likeness, group
        if best:
            best[1].append(track)
        else:
            groups.append([track])
    result = [Person(shot.name, tuple(group)) for group in groups]
    least = min(PASSING_FRAMES, max(1, len(shot.render) // 5))
    return tuple(person for person in result if person.seen >= least)


def _look(person: Person) -> np.ndarray:
    look = np.sum([t.appearance * len(t.frames) for t in person.tracks], axis=0)
    unit: np.ndarray = look / max(float(np.linalg.norm(look)), 1e-9)
    return unit


def person_at(point: Point, people: Sequence[Person]) -> Person | None:
    """The person whose face `point` lies on in some frame; the nearest centre of several."""
    near: list[tuple[float, Person]] = []
    for person in people:
        for track in person.tracks:
            xy = track.landmarks[..., :2]
            low, high = xy.min(axis=1), xy.max(axis=1)
            inside = ((low <= point) & (point <= high)).all(axis=1)
            if inside.any():
                away = np.linalg.norm(xy[inside].mean(axis=1) - point, axis=1).min()
                near.append((float(away), person))
    return min(near, key=lambda pair: pair[0])[1] if near else None


def _choices(character: str, people: Sequence[Person]) -> str:
    spots = (f"--face {character}={x:.0f},{y:.0f}" for x, y in (p.centre for p in people))
    return " or ".join(spots)


def _no_face_at(shot: Shot, character: str, point: Point) -> ProjectWarning:
    return ProjectWarning(
        shot.name,
        f"no face at {point[0]:.0f},{point[1]:.0f} for {character}",
        "give a point on the face, in plate pixels",
        blocking=True,
    )
