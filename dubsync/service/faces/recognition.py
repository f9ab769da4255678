"""Who is who in every shot of a reel: by a person's answer, appearance, or the plates' sound."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dubsync.core.errors import DubsyncError, FaceQuestion
from dubsync.core.face import FaceTrack, Point
from dubsync.core.progress import Progress
from dubsync.core.shot import Line, ProjectWarning, Shot
from dubsync.core.sound.av_sync import Offset, Speaking
from dubsync.service.faces.cast import Casting, cast
from dubsync.service.faces.face_tracks import FaceTrackCache
from dubsync.service.faces.plate_sound import (
    PlateSound,
    frames_of,
    lines_off_screen,
    offset_row,
    surest,
)
from dubsync.service.faces.questions import Asking

Tracks = tuple[FaceTrack, ...]


@dataclass(frozen=True, slots=True)
class Recognition:
    """Whose faces are in the shots that may be worked on, and who speaks there.

    failed    shot name -> why it could not be tracked
    speaking  shot name -> which of its faces speaks in the plate's own sound; None: silent plate
    offsets   shot name -> A/V offset of its plate's sound; None: silent plate
    """

    casting: Casting
    failed: Mapping[str, DubsyncError]
    speaking: Mapping[str, Speaking | None]
    offsets: Mapping[str, Offset | None]

    def seen(self, character: str) -> dict[str, Tracks]:
        """Shot name -> the character's tracks."""
        return {
            shot: people[character]
            for shot, people in self.casting.tracks.items()
            if character in people
        }

    def faces(self, shot: Shot) -> tuple[Mapping[str, Tracks], tuple[ProjectWarning, ...]]:
        """Character -> face tracks of every character dubbed in the shot; and warnings.

        Raises:
            DubsyncError: the shot cannot be made until a person answers or corrects something.
        """
        if shot.name in self.failed:
            raise self.failed[shot.name]
        warnings = self.casting.warnings.get(shot.name, ())
        blocking = next((d for d in warnings if d.blocking), None)
        if blocking is not None:
            raise FaceQuestion(blocking.message, hint=blocking.hint)
        people = self.casting.tracks.get(shot.name, {})
        away = {name: not_followed(shot, name, tracks) for name, tracks in people.items()}
        said = tuple(
            not_followed_warning(shot, name, frames) for name, frames in away.items() if frames
        )
        return people, (*warnings, *said)

    def off_screen(self, shot: Shot, pointed: Container[str] = ()) -> dict[str, tuple[Line, ...]]:
        """Character -> the lines that nobody on screen speaks: by the script, else by the sound.

        For a face that a person pointed at, only the script counts.
        """
        result = {
            name: self._off_screen(shot, name, () if name in pointed else tracks)
            for name, tracks in self.casting.tracks.get(shot.name, {}).items()
        }
        return {name: lines for name, lines in result.items() if lines}

    def _off_screen(self, shot: Shot, character: str, tracks: Tracks) -> tuple[Line, ...]:
        speaking, offset = self.speaking.get(shot.name), self.offsets.get(shot.name)
        away: tuple[Line, ...] = ()
        if tracks and speaking is not None and offset is not None:
            away = lines_off_screen(shot, character, tracks, speaking, offset)
        mine = (line for line in shot.lines if line.character == character)
        return tuple(
            line for line in mine
            if line.on_screen == "off" or (line.on_screen != "on" and line in away)
        )  # fmt: skip

    def row(self, shot: Shot) -> dict[str, Any] | None:
        """A shot as `dubsync turnover --look --json` prints it; None if it was not tracked."""
        if shot.name not in self.speaking:
            return None
        people = self.casting.tracks.get(shot.name, {})
        everyone = self.casting.people.get(shot.name, ())
        return {
            "faces": {
                name: [p.number for p in everyone if self.casting.owner(p) == name]
                for name in people
            },
            "people": [
                {
                    "number": p.number,
                    "character": self.casting.owner(p) or None,
                    "x": round(p.spot[0]),
                    "y": round(p.spot[1]),
                    "frame": p.spot[2],
                    "frames": [[t.frames.start, t.frames.stop] for t in p.tracks],
                }
                for p in everyone
            ],
            "questions": [
                d.message for d in self.casting.warnings.get(shot.name, ()) if d.blocking
            ],
            "off_screen": {
                name: [line.name for line in lines] for name, lines in self.off_screen(shot).items()
            },
            **offset_row(self.offsets.get(shot.name)),
        }


def not_followed(shot: Shot, character: str, tracks: Tracks) -> tuple[tuple[int, int], ...]:
    """Plate frames (first, last) of the cut in which `character` speaks and no track follows them.

    There the picture stays as it is in the plate.
    """
    wanted = set(range(shot.source.start, shot.source.stop))
    lines = [frames_of(shot, ln) for ln in shot.lines if ln.character == character]
    spoken = np.any(lines, axis=0) if lines else np.zeros(len(shot.render), bool)
    wanted &= set((np.flatnonzero(spoken) + shot.render.start).tolist())
    for track in tracks:
        wanted -= set(range(track.frames.start, track.frames.stop))
    numbers = np.array(sorted(wanted), int)
    runs = np.split(numbers, np.flatnonzero(np.diff(numbers) > 1) + 1)
    return tuple((int(run[0]), int(run[-1])) for run in runs if len(run))


def not_followed_warning(
    shot: Shot, character: str, runs: Sequence[tuple[int, int]]
) -> ProjectWarning:
    """The warning that the face is not followed in the frames `runs`."""
    return ProjectWarning(
        shot.name,
        f"{character}'s face is not followed in frames {frames_text(runs)}, though the dub sounds: "
        "left as in the plate",
    )


def frames_text(runs: Sequence[tuple[int, int]]) -> str:
    """Runs of frames, first and last included: "0..24, 50..74"."""
    return ", ".join(f"{first}..{last}" if last > first else f"{first}" for first, last in runs)


NOBODY = Recognition(Casting({}, {}), {}, {}, {})


def recognised(
    shots: Sequence[Shot],
    pointed: Mapping[str, Mapping[str, Sequence[Point]]],
    *,
    face_tracks: FaceTrackCache,
    plate_sound: PlateSound,
    progress: Progress,
    earlier: Sequence[Casting] = (),
    performers: Mapping[str, str] | None = None,
    asking: Asking | None = None,
) -> Recognition:
    """Track every shot, listen to its plate, and say whose faces they are.

    Args:
        pointed: shot name -> character -> where a person pointed at that character's face.
        earlier: the castings of other languages; see `cast`.
        performers: character -> performer; see `cast`.
        asking: the words of the questions.  In a clip a person names the face if there are
            several: what is heard does not decide whose consent it needs.
    """
    tracks: dict[str, Tracks] = {}
    failed: dict[str, DubsyncError] = {}
    for shot in shots:
        try:
            tracks[shot.name] = face_tracks.in_shot(shot, progress=progress)
        except DubsyncError as error:
            failed[shot.name] = error
    speaking = {
        shot.name: plate_sound.speaking(shot, tracks[shot.name])
        for shot in shots
        if shot.name in tracks
    }
    casting = cast(
        shots, tracks, pointed, {} if asking and asking.clip else speaking, joined(earlier),
        performers=performers, asking=asking,
    )  # fmt: skip
    return Recognition(casting, failed, speaking, surest(shots, speaking))


def joined(castings: Sequence[Casting]) -> dict[str, dict[str, Tracks]]:
    """Shot name -> character -> face tracks, from the first casting that has them."""
    result: dict[str, dict[str, Tracks]] = {}
    for casting in castings:
        for shot, people in casting.tracks.items():
            result[shot] = {**people, **result.get(shot, {})}
    return result
