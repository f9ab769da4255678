"""Who is who in every shot of a reel: by a person's answer, appearance, or the plates' sound."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from dubsync.core.errors import DubsyncError, EngineError
from dubsync.core.face import FaceTrack
from dubsync.core.progress import Progress
from dubsync.core.shot import Line, ProjectWarning, Shot
from dubsync.core.sound.av_sync import Offset, Speaking
from dubsync.service.faces.cast import Casting, Point, cast
from dubsync.service.faces.face_tracks import FaceTrackCache
from dubsync.service.faces.plate_sound import PlateSound, lines_off_screen, offset_row, surest

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
            raise EngineError(blocking.message, hint=blocking.hint)
        return self.casting.tracks.get(shot.name, {}), warnings

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
        return {
            "faces": {name: [track.face for track in tracks] for name, tracks in people.items()},
            "off_screen": {
                name: [line.name for line in lines] for name, lines in self.off_screen(shot).items()
            },
            **offset_row(self.offsets.get(shot.name)),
        }


NOBODY = Recognition(Casting({}, {}), {}, {}, {})


def recognised(
    shots: Sequence[Shot],
    pointed: Mapping[str, Mapping[str, Point]],
    *,
    face_tracks: FaceTrackCache,
    plate_sound: PlateSound,
    progress: Progress,
    earlier: Sequence[Casting] = (),
) -> Recognition:
    """Track every shot, listen to its plate, and say whose faces they are.

    Args:
        pointed: shot name -> character -> a point (plate pixels) on that character's face.
        earlier: the castings of other languages; see `cast`.
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
    casting = cast(shots, tracks, pointed, speaking, joined(earlier))
    return Recognition(casting, failed, speaking, surest(shots, speaking))


def joined(castings: Sequence[Casting]) -> dict[str, dict[str, Tracks]]:
    """Shot name -> character -> face tracks, from the first casting that has them."""
    result: dict[str, dict[str, Tracks]] = {}
    for casting in castings:
        for shot, people in casting.tracks.items():
            result[shot] = {**people, **result.get(shot, {})}
    return result
