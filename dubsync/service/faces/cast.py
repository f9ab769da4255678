"""Which face is which character: as a person pointed, else by appearance across the reel's shots,
else by sound: the face that speaks the original while the character's dub sounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
import scipy

from dubsync.core.face import FaceTrack
from dubsync.core.shot import ProjectWarning, Shot
from dubsync.core.sound.av_sync import Speaking
from dubsync.service.faces.plate_sound import heard_in

#: Lead in cosine of appearance that a face needs over the next one to be chosen.
MARGIN = 0.04
#: Cosine of appearance from which two faces are the same person (strangers reach 0.88).
SAME_PERSON = 0.9
#: A face in fewer frames than this, and in less than a fifth of the shot, is a passer-by.
PASSING_FRAMES = 12
#: Mean probability of speaking, over a character's lines, from which a face is theirs; its lead
#: over the next face; the fewest seconds of lines.
SPEAKS, SPEAKS_MORE, SPEAKS_S = 0.6, 0.3, 0.4

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Person:
    """One person's face tracks in one shot: several if they leave and return."""

    shot: str
    tracks: tuple[FaceTrack, ...]

    @property
    def seen(self) -> int:
        return sum(int((track.confidence > 0).sum()) for track in self.tracks)

    @property
    def centre(self) -> Point:
        """Middle of the face where it is first seen, plate pixels."""
        x, y = self.tracks[0].landmarks[0, :, :2].mean(axis=0)
        return float(x), float(y)

    def likeness(self, other: Person) -> float:
        """Cosine of the two appearances, -1..1."""
        return float(_appearance(self) @ _appearance(other))


@dataclass(frozen=True, slots=True)
class Casting:
    """Shot name -> character -> their face tracks; and warnings about undecided faces."""

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
        heard: shot name -> which of its `tracks`, in their order, speaks in the plate's own sound;
            used only where appearance does not decide.
        earlier: shot name -> character -> their tracks in other languages; a character who was
            found there has the same face here.

    Returns:
        A Casting.  A face that cannot be decided is a blocking warning that says how to answer.
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
    """Who speaks in the plate's sound of one shot; `speaking` is None for a silent plate."""

    shot: Shot
    tracks: Sequence[FaceTrack]
    speaking: Speaking | None

    def speaker(self, character: str, people: Sequence[Person]) -> int | None:
        """Which of `people` speaks while the character's dub sounds; None if that is not clear."""
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
    undecided = [c for c in shot.characters if c not in pointed and c not in chosen]
    if not undecided:
        return chosen, tuple(warnings)
    if not free:
        for character in undecided:
            warnings.append(
                ProjectWarning(shot.name, f"no face found for {character}",
                      "check the plate; if no face is in it, remove the line from this shot",
                      blocking=not chosen)
            )  # fmt: skip
        return chosen, tuple(warnings)
    if (
        len(free) == 1
        and len(undecided) == 1
        and not _somebody_else(shot, undecided[0], free[0], known)
    ):
        return {**chosen, undecided[0]: free[0].tracks}, tuple(warnings)
    matched, unsure = _match(shot, undecided, free, known, by_sound)
    return {**chosen, **matched}, (*warnings, *unsure)


def _match(
    shot: Shot,
    characters: Sequence[str],
    people: Sequence[Person],
    known: Mapping[str, Sequence[Person]],
    by_sound: _Voices,
) -> tuple[dict[str, tuple[FaceTrack, ...]], list[ProjectWarning]]:
    """Match characters to faces by appearance in other shots, and close calls by sound.

    What neither decides is a warning.
    """
    everyone = [*characters, *(c for c in known if c not in characters)]
    scores = np.array([[_score(c, p, shot, known) for p in people] for c in everyone])
    rows, columns = scipy.optimize.linear_sum_assignment(-scores)
    matched: dict[str, tuple[FaceTrack, ...]] = {}
    warnings: list[ProjectWarning] = []
    close: list[str] = []
    for row, character in enumerate(characters):
        at = np.flatnonzero(rows == row)
        place = int(columns[at[0]]) if len(at) else -1
        if place < 0:
            warnings.append(
                ProjectWarning(
                    shot.name,
                    f"{character} speaks, but is not among the faces seen here",
                    f"if a face is {character}'s, point at it: {_choices(character, people)}",
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
    speakers = {character: by_sound.speaker(character, left) for character in close}
    for character, heard_at in speakers.items():
        twice = list(speakers.values()).count(heard_at) > 1
        if heard_at is None or twice:
            warnings.append(
                ProjectWarning(shot.name, f"which of {len(people)} faces is {character}?",
                      f"point at it: {_choices(character, people)}", blocking=True)
            )  # fmt: skip
        else:
            matched[character] = left[heard_at].tracks
    return matched, warnings


def _score(
    character: str, person: Person, shot: Shot, known: Mapping[str, Sequence[Person]]
) -> float:
    """Highest likeness to the character's faces in other shots; -1 if there are none."""
    others = [p for p in known.get(character, ()) if p.shot != shot.name]
    return max((person.likeness(other) for other in others), default=-1.0)


def _somebody_else(
    shot: Shot, character: str, person: Person, known: Mapping[str, Sequence[Person]]
) -> bool:
    """Whether the only face here is clearly another character's: the speaker is off screen."""
    mine = _score(character, person, shot, known)
    theirs = max((_score(c, person, shot, known) for c in known if c != character), default=-1.0)
    return mine > -1 and theirs - mine >= MARGIN


def _anchors(
    shots: Sequence[Shot],
    people: Mapping[str, Sequence[Person]],
    pointed: Mapping[str, Mapping[str, Point]],
) -> dict[str, list[Person]]:
    """Faces that are certain: pointed at, or alone in a shot with one dubbed character."""
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
    """Without outliers: one off-screen line must not give a face another name."""
    if len(faces) < 3:
        return faces
    likeness = np.array([[a.likeness(b) for b in faces] for a in faces])
    medoid = int(likeness.sum(axis=1).argmax())
    typical = float(np.median(likeness[medoid]))
    return [face for n, face in enumerate(faces) if likeness[medoid, n] >= typical - 0.15]


def people_in(shot: Shot, tracks: Sequence[FaceTrack]) -> tuple[Person, ...]:
    """Tracks joined into people, without passers-by."""
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


def _appearance(person: Person) -> np.ndarray:
    total = np.sum([t.appearance * len(t.frames) for t in person.tracks], axis=0)
    unit: np.ndarray = total / max(float(np.linalg.norm(total)), 1e-9)
    return unit


def person_at(point: Point, people: Sequence[Person]) -> Person | None:
    """The person on whose face `point` lies in some frame; of several, the nearest centre."""
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
