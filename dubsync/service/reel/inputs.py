"""Everything that is known about a reel before its plates are analysed."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

from dubsync.core.errors import ConsentMissing, EngineError
from dubsync.core.face import Point
from dubsync.core.settings import Settings
from dubsync.core.shot import Shot, Stem, Turnover
from dubsync.core.steps import Actor, Engine
from dubsync.service.consent.records import (
    LIP_REENACT,
    TRAIN_MODEL,
    ConsentRecord,
    agreed,
    require,
)
from dubsync.service.consent.take_training import TakeTraining
from dubsync.service.faces.face_tracks import FaceTrackCache
from dubsync.service.faces.questions import PICTURE, Asking
from dubsync.service.plugins import load_engine
from dubsync.service.reel.actor_cache import KeptActor
from dubsync.service.reel.shot_result import ShotResult
from dubsync.service.stems.audio_analysis import AudioAnalysisCache
from dubsync.service.stems.conform_stems import IN_PLACE, StemConform
from dubsync.service.store.folder import Store
from dubsync.service.tweaks.tweak_store import Tweaks


@dataclass(frozen=True, eq=False)
class ReelInputs:
    """A resolved Turnover, and everything needed to render it.

    performers     character -> performer id, as consent records name them
    pointed        shot name -> character -> where a person pointed at that character's face
    renderers      shot name -> "actor", "warp", "plate" or "auto", if the user chose one
    tweaks         shot name -> character -> Tweak, if an artist made one
    day            the day on which consent must be valid
    earlier        the same reel in the project's languages before this one; its faces, actors and
                   engine are shared
    languages      every language of the project; a plate may be analysed if one has consent
    stem_conform   where the dub is under each shot
    kept           character -> the actor kept after a recut; None if there was no recut
    take_training  character -> the takes that train how the dub's sound moves their mouth
    of_clip        whether it is one clip without a timeline
    """

    turnover: Turnover
    stems: Mapping[str, Stem]
    language: str
    performers: Mapping[str, str]
    consents: Sequence[ConsentRecord]
    settings: Settings
    store: Store
    audio_analysis: AudioAnalysisCache
    pointed: Mapping[str, Mapping[str, Sequence[Point]]] = field(default_factory=dict)
    renderers: Mapping[str, str] = field(default_factory=dict)
    tweaks: Mapping[str, Tweaks] = field(default_factory=dict)
    day: date = field(default_factory=date.today)
    earlier: Sequence[ReelInputs] = ()
    languages: Sequence[str] = ()
    stem_conform: StemConform = IN_PLACE
    kept: Mapping[str, KeptActor] | None = None
    take_training: Mapping[str, TakeTraining] = field(default_factory=dict)
    of_clip: bool = False

    @property
    def asking(self) -> Asking:
        """The words of questions about faces."""
        return Asking(f"{self.store.folder.name}/{PICTURE}", self.of_clip)

    def stem(self, character: str, shot: Shot) -> Stem:
        """The character's dub on the record time of the cut with `shot`."""
        return self.stem_conform.stem(self.stems[character], shot.name)

    def shot(self, name: str) -> Shot:
        """The shot called `name`.  Raises EngineError, which lists the known names."""
        for shot in self.turnover.shots:
            if shot.name == name:
                return shot
        known = ", ".join(shot.name for shot in self.turnover.shots)
        raise EngineError(f"no shot is called {name!r}", hint=f"shots to sync: {known or 'none'}")

    def renderer_setting(self, shot: Shot) -> str:
        """The renderer that the user chose for the shot; else the one in the settings."""
        return self.renderers.get(shot.name, self.settings.engine.renderer)

    def train_command(self, character: str) -> str:
        """The command that trains the character, for hints."""
        return shlex.join(["dubsync", "train", self.store.folder.name, character])

    # -- shared with the project's earlier languages -------------------------------------------

    @cached_property
    def engine(self) -> Engine:
        """Loaded at first use: consent has been checked by then."""
        return self.earlier[0].engine if self.earlier else load_engine(self.settings.engine)

    @cached_property
    def face_tracks(self) -> FaceTrackCache:
        return FaceTrackCache(self.store, self.engine)

    @cached_property
    def loaded_actors(self) -> dict[tuple[str, str], tuple[Path, Actor]]:
        """(character, "learnt" or "trained") -> its folder, and the actor held in memory.

        One dict for all languages: an actor of some hundred MB is held once.
        """
        return self.earlier[0].loaded_actors if self.earlier else {}

    # -- consent -------------------------------------------------------------------------------

    def consent(self, shot: Shot, operation: str) -> tuple[ConsentRecord, ...]:
        """The records that allow `operation` on every performer dubbed in `shot`.

        Raises:
            ConsentMissing: a performer has no valid record.
        """
        return tuple(
            require(self.consents, self.performers[character], operation, self.language, self.day)
            for character in shot.characters
        )

    def train_consent(self, character: str) -> ConsentRecord:
        """The record that allows training on the character's performer.  Raises ConsentMissing."""
        performer = self.performers[character]
        return require(self.consents, performer, TRAIN_MODEL, self.language, self.day)

    def refusal(self, shot: Shot) -> ShotResult | None:
        """The shot's result if it may not be rendered, else None.  Needs no engine."""
        try:
            self.consent(shot, LIP_REENACT)
        except ConsentMissing as error:
            return ShotResult(shot.name, "blocked", str(error), error.hint, warnings=shot.warnings)
        warning = next((d for d in shot.warnings if d.blocking), None)
        if warning is not None:
            return ShotResult(
                shot.name, "blocked", warning.message, warning.hint, warnings=shot.warnings
            )
        return None

    def may_be_looked_at(self, shot: Shot) -> bool:
        """Whether the shot may be rendered in some language, so that its plate is analysed."""
        tags = self.languages or (self.language,)
        people = [self.performers[character] for character in shot.characters]
        given = (agreed(self.consents, people, LIP_REENACT, tag, self.day) for tag in tags)
        return any(given) and not shot.blocked
