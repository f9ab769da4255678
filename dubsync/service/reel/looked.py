"""A reel whose plates have been analysed: the faces in each shot, and a plan for it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from dubsync.core.errors import EngineError
from dubsync.core.face import FaceTrack
from dubsync.core.shot import Line, ProjectWarning, Shot
from dubsync.core.tweak.tweak import Tweak
from dubsync.service.faces.consented_face import Seen
from dubsync.service.faces.recognition import Recognition
from dubsync.service.reel.actor_library import ActorLibrary
from dubsync.service.reel.dubbed_face import DubbedFace
from dubsync.service.reel.inputs import ReelInputs
from dubsync.service.reel.plate_warnings import (
    mixed_warnings,
    reading_warnings,
    still_mouth_warning,
)
from dubsync.service.reel.shot_plan import ShotPlan


@dataclass(frozen=True, eq=False)
class LookedReel:
    """A reel with its faces recognised; made by `Reel.look`.

    recognition  the characters seen in every shot that may be analysed, and the lines spoken off
                 screen
    actors       every character's actor

    Held in memory: the face tracks of `recognition`, and a ShotPlan for each shot planned so far.
    """

    reel: ReelInputs
    recognition: Recognition
    actors: ActorLibrary
    _plans: dict[str, tuple[tuple[Path | None, ...], ShotPlan]] = field(
        default_factory=dict, init=False, repr=False
    )

    _still: dict[str, ProjectWarning | None] = field(default_factory=dict, init=False, repr=False)

    def plan(self, shot: Shot) -> ShotPlan:
        """The shot's plan: made once, and again only after a character in it was trained.

        Raises:
            DubsyncError: the shot needs an answer or a correction by the user first.
            EngineError: the renderer is set to "actor", and a character is not trained; or the
                shot was not analysed, because it was blocked then.
        """
        known = self.recognition
        if shot.name not in {*known.speaking, *known.failed}:
            raise EngineError(
                f"{shot.name} is not analysed: consent was missing when the work began",
                hint="run the command again",
            )
        tracks, warnings = known.faces(shot)
        models = [self.actors.trained(character) for character in tracks]
        trained = tuple(model.folder if model else None for model in models)
        planned = self._plans.get(shot.name)
        if planned is None or planned[0] != trained:
            pointed = self.reel.pointed.get(shot.name, {})
            off_screen = self.recognition.off_screen(shot, pointed)
            faces = tuple(
                self._face(shot, character, seen, off_screen.get(character, ()))
                for character, seen in tracks.items()
            )
            still = (self._still_mouth(character) for character in tracks)
            whose = self._whose(shot, tracks)
            mixed = mixed_warnings(shot, self.reel.face_tracks.mixed(shot))
            read = reading_warnings(shot.plate)
            still_said = (warning for warning in still if warning)
            warnings = (*warnings, *read, *still_said, *mixed, *whose)
            planned = trained, ShotPlan(shot, faces, warnings, self.reel, self.actors)
            self._plans[shot.name] = planned
        return planned[1]

    def forget_plans(self) -> None:
        """Hold no plan any more: made again where one is asked for."""
        self._plans.clear()

    def _whose(
        self, shot: Shot, tracks: Mapping[str, tuple[FaceTrack, ...]]
    ) -> list[ProjectWarning]:
        """Whether the faces are those of the people whose consent allows the shot.

        Raises:
            NotTheirFace: one is somebody else's.
        """
        told: list[ProjectWarning] = []
        for character, mine in tracks.items():
            if mine:
                seen = Seen(f"{character} in shot {shot.name}", mine, shot.plate)
                told += self.reel.require_their_face(self.reel.performers[character], [seen])
        return told

    def _still_mouth(self, character: str) -> ProjectWarning | None:
        """Whether the character's mouth hardly moves in what their actor is learnt from."""
        if character not in self._still:
            self._still[character] = still_mouth_warning(character, self._taught_by(character))
        return self._still[character]

    def _taught_by(self, character: str) -> list[FaceTrack]:
        """The face tracks that the character's actor is learnt from."""
        return [track for seen in self.actors.seen(character) for track in seen.tracks]

    def _face(
        self, shot: Shot, character: str, tracks: tuple[FaceTrack, ...], off: tuple[Line, ...]
    ) -> DubbedFace:
        reel, actors = self.reel, self.actors
        picked = actors.pick(character, shot)
        trained = actors.trained(character) if picked.renderer == "actor" else None
        return DubbedFace(
            character,
            tracks,
            picked,
            reel.stem(character, shot),
            reel.tweaks.get(shot.name, {}).get(character, Tweak()),
            off,
            actors.actor_key(character),
            actors.speaking_style_key(character),
            trained.digest if trained else None,
            reel.pauses.get(character, "actor"),
        )
