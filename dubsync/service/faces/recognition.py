"""Who is who in every shot of a reel: by what a person said, by looks, and by the plates' sound."""

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
    """What looking and listening told of the shots that may be worked on.

    failed    shot name -> why it could not be looked at
    speaking  shot name -> who of its faces is heard in the plate's own sound; None: silent plate
    offsets   shot name -> how late its plate's sound is against the picture; None: silent plate
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
        """The face tracks of everybody dubbed in the shot, and what stayed undecided.

        Raises:
            DubsyncError: the shot cannot be made; a person must answer or mend something.
        """
        if shot.name in self.failed:
            raise self.failed[shot.name]
        warnings = self.casting.warnings.get(shot.name, ())
        blocking = next((d for d in warnings if d.blocking), None)
        if blocking is not None:
            raise EngineError(blocking.message, hint=blocking.hint)
        return self.casting.tracks.get(shot.name, {}), warnings

    def off_screen(self, shot: Shot, pointed: Container[str] = ()) -> dict[str, tuple[Line, ...]]:
        """Character -> the lines that nobody on screen speaks: by the script, else by ear.

        Of faces that a person pointed at, only what the script says counts.
        """
        result = {
            who: self._off_screen(shot, who, () if who in pointed else tracks)
            for who, tracks in self.casting.tracks.get(shot.name, {}).items()
        }
        return {who: lines for who, lines in result.items() if lines}

    def _off_screen(self, shot: Shot, who: str, tracks: Tracks) -> tuple[Line, ...]:
        speaking, offset = self.speaking.get(shot.name), self.offsets.get(shot.name)
        heard: tuple[Line, ...] = ()
        if tracks and speaking is not None and offset is not None:
            heard = lines_off_screen(shot, who, tracks, speaking, offset)
        mine = (line for line in shot.lines if line.character == who)
        return tuple(
            line for line in mine
            if line.on_screen == "off" or (line.on_screen != "on" and line in heard)
        )  # fmt: skip

    def row(self, shot: Shot) -> dict[str, Any] | None:
        """How `dubsync turnover --look --json` gives a shot; None where it was not looked at."""
        if shot.name not in self.speaking:
            return None
        people = self.casting.tracks.get(shot.name, {})
        return {
            "faces": {who: [track.face for track in tracks] for who, tracks in people.items()},
            "off_screen": {
                who: [line.name for line in lines] for who, lines in self.off_screen(shot).items()
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
    """Look at every shot, listen to its plate, and say whose faces they are.

    Args:
        pointed: shot name -> character -> a point (plate pixels) on that character's face.
        earlier: whose faces they are in other languages; see `cast`.
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
    """Shot name -> character -> face, as the first casting that tells has it."""
    result: dict[str, dict[str, Tracks]] = {}
    for casting in castings:
        for shot, people in casting.tracks.items():
            result[shot] = {**people, **result.get(shot, {})}
    return result
