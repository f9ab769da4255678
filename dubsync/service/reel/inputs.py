"""Everything that is known about a reel before its plates are analysed."""

from __future__ import annotations

import shlex
from collections.abc import Callable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from pathlib import Path
from typing import Self

from dubsync.core.errors import ConsentMissing, EngineError, SettingsError
from dubsync.core.face import Point
from dubsync.core.progress import Progress
from dubsync.core.settings import Settings
from dubsync.core.shot import ProjectWarning, Shot, Stem, Turnover
from dubsync.core.steps import Actor, Engine
from dubsync.core.tweak.controls import Pauses
from dubsync.core.tweak.spoken_track import SpokenTrack
from dubsync.core.tweak.take_comp import ShotWord
from dubsync.core.tweak.tweak import Tweak
from dubsync.service.consent.live import LiveConsent, watched
from dubsync.service.consent.operations import needed_operations
from dubsync.service.consent.records import (
    LIP_REENACT,
    TRAIN_MODEL,
    ConsentRecord,
    agreed,
    require,
)
from dubsync.service.consent.scope import ANYWHERE, SCREEN, VOICE, Where, delivery_places
from dubsync.service.consent.take_training import TakeTraining
from dubsync.service.faces.consented_face import (
    ConsentedFaces,
    Seen,
    require_their_face,
)
from dubsync.service.faces.face_tracks import FaceTrackCache
from dubsync.service.faces.holdouts import HoldoutCache, checked_shots
from dubsync.service.faces.questions import Asking
from dubsync.service.house_base.engine import engine_on_base
from dubsync.service.marking.house_mark import HouseMark, house_mark
from dubsync.service.reel.actor_cache import KeptActor
from dubsync.service.reel.shot_result import ShotResult
from dubsync.service.stems.audio_analysis import AudioAnalysisCache
from dubsync.service.stems.conform_stems import IN_PLACE, StemConform
from dubsync.service.stems.spoken_dub import track_words
from dubsync.service.store.folder import Store
from dubsync.service.tweaks.tweak_store import Tweaks

#: Hint for an event of the cut that became no shot.
NO_SHOT = "correct that, and run the turnover again"


@dataclass(frozen=True, eq=False)
class ReelInputs:
    """A resolved Turnover, and everything needed to render it.

    performers     character -> performer id, as consent records name them
    pointed        shot name -> character -> where a person pointed at that character's face
    holdouts       shot name -> the artist's matte of what stands in front of its faces
    renderers      shot name -> "actor", "warp", "plate" or "auto", if the user chose one
    tweaks         shot name -> character -> Tweak, if an artist made one
    consents       the consent records as they are on disk now, not when the reel was opened
    day            the day on which consent must be valid; None: the current day
    earlier        the same reel in the project's languages before this one; its faces, actors and
                   engine are shared
    languages      every language of the project; a plate may be analysed if one has consent
    stem_conform   where the dub is under each shot
    kept           character -> the actor kept after a recut; None if there was no recut
    take_training  character -> the takes that train how the dub's sound moves their mouth
    pauses         character -> how their lips are kept in pauses, if the project file says so
    photos         character -> photographs of them, or folders of such, for their whole head
    voice_actors   character -> performer id of who is filmed in their takes, where named
    of_clip        whether it is one clip without a timeline
    """

    turnover: Turnover
    stems: Mapping[str, Stem]
    language: str
    performers: Mapping[str, str]
    consents: LiveConsent
    settings: Settings
    store: Store
    audio_analysis: AudioAnalysisCache
    pointed: Mapping[str, Mapping[str, Sequence[Point]]] = field(default_factory=dict)
    holdouts: Mapping[str, Path] = field(default_factory=dict)
    renderers: Mapping[str, str] = field(default_factory=dict)
    tweaks: Mapping[str, Tweaks] = field(default_factory=dict)
    day: date | None = None
    earlier: Sequence[ReelInputs] = ()
    languages: Sequence[str] = ()
    stem_conform: StemConform = IN_PLACE
    kept: Mapping[str, KeptActor] | None = None
    take_training: Mapping[str, TakeTraining] = field(default_factory=dict)
    pauses: Mapping[str, Pauses] = field(default_factory=dict)
    photos: Mapping[str, tuple[Path, ...]] = field(default_factory=dict)
    of_clip: bool = False
    voice_actors: Mapping[str, str] = field(default_factory=dict)

    @property
    def asking(self) -> Asking:
        """The words of questions about faces."""
        return Asking(f"{self.store.folder.name}/{self.store.layout.faces_picture}", self.of_clip)

    def stem(self, character: str, shot: Shot) -> Stem:
        """The character's dub on the record time of the cut with `shot`."""
        return self.stem_conform.stem(self.stems[character], shot.name)

    def words_of(self, name: str) -> Callable[[str], tuple[ShotWord, ...]]:
        """Finds the words of a character in the shot called `name`; analyses the dub's sound."""
        shot = self.shot(name)

        def words(who: str) -> tuple[ShotWord, ...]:
            spoken = self.spoken(who, name)
            if spoken is not None:
                return track_words(spoken)
            return self.audio_analysis.shot_words(self.stem(who, shot), shot)

        return words

    def spoken(self, character: str, name: str) -> SpokenTrack | None:
        """The character's words by hand in the shot called `name`; None: as they are heard."""
        return self.tweaks.get(name, {}).get(character, Tweak()).spoken

    def shot(self, name: str) -> Shot:
        """The shot called `name`.  Raises EngineError, which lists the known names."""
        for shot in self.turnover.shots:
            if shot.name == name:
                return shot
        for event, reason in self.turnover.skipped:
            if event.name == name:
                raise EngineError(f"{name} is not a shot to sync: {reason}", hint=NO_SHOT)
        known = ", ".join(shot.name for shot in self.turnover.shots)
        raise EngineError(f"no shot is called {name!r}", hint=f"shots to sync: {known or 'none'}")

    def with_tweaks(self, shot: str, tweaks: Tweaks) -> Self:
        """The same reel, whose shot `shot` has other tweaks; what is loaded is shared."""
        other = copy(self)
        object.__setattr__(other, "tweaks", {**self.tweaks, shot: tweaks})
        return other

    def shut_in_pauses(self, characters: Iterable[str]) -> list[str]:
        """Those of `characters` whose lips the project file shuts in pauses, sorted."""
        return sorted(name for name in characters if self.pauses.get(name) == "shut")

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
        return self.earlier[0].engine if self.earlier else engine_on_base(self.settings.engine)

    @cached_property
    def consented_faces(self) -> ConsentedFaces:
        """The people in the pictures that consent records name."""
        return ConsentedFaces(self.consents.folder, self.store, lambda: self.engine)

    def require_their_face(
        self, performer: str, seen: Sequence[Seen]
    ) -> tuple[ProjectWarning, ...]:
        """Refuse faces that are not the performer's, whose record has a picture of them.

        Returns warnings, and raises NotTheirFace, as `consented_face.require_their_face`.
        """
        shown = self.consented_faces.of(self.consents.read(), performer)
        return require_their_face(shown, seen, self.pictured)

    def pictured(self, one: Seen, other: Seen) -> Path:
        """Writes a picture of two faces beside each other into the project's folder; its path."""
        from dubsync.service.faces.both_faces import write_both  # brings OpenCV

        return write_both(self.store.folder, one, other)

    @cached_property
    def house_mark(self) -> HouseMark | None:
        """The invisible mark of what is drawn; None where none is made.

        Raises:
            SettingsError: the marker is not installed.
            HouseKeyError: the house's key cannot be read.
        """
        return self.earlier[0].house_mark if self.earlier else house_mark(self.settings.proof)

    @cached_property
    def face_tracks(self) -> FaceTrackCache:
        return FaceTrackCache(self.store, self.engine)

    @cached_property
    def in_front(self) -> HoldoutCache:
        """What stands in front of faces.

        Raises:
            SettingsError: a matte is given for a shot that the cut does not have.
        """
        checked_shots(self.holdouts, [event.name for event in self.turnover.cut.events])
        return HoldoutCache(self.store, self.engine, self.face_tracks, self.holdouts)

    @cached_property
    def loaded_actors(self) -> dict[tuple[str, str], tuple[Path, Actor, int]]:
        """(character, "learnt" or "trained") -> its folder, the actor held in memory, its bytes.

        One dict for all languages: an actor of some hundred MB is held once.
        """
        return self.earlier[0].loaded_actors if self.earlier else {}

    # -- consent: read from disk at every question --------------------------------------------

    def consent(
        self, shot: Shot, operation: str, where: Where = ANYWHERE
    ) -> tuple[ConsentRecord, ...]:
        """The records that allow `operation` on every performer dubbed in `shot`.

        Args:
            where: where it goes, and what is made anew; the shot and the part are filled in.

        Raises:
            ConsentMissing: a performer has no valid record.
            SettingsError: a record cannot be read.
        """
        records, day = self.consents.read(), self._today()
        here = replace(where, shot=shot.name, role=SCREEN)
        return tuple(
            require(records, self.performers[character], operation, self.language, day, here)
            for character in shot.characters
        )

    def train_consent(self, character: str) -> ConsentRecord:
        """The record that allows training on the character's performer.  Raises as `consent`."""
        return self._allowed(self.performers[character], TRAIN_MODEL, Where(role=SCREEN))

    def may_learn(self, character: str, shot: Shot) -> bool:
        """Whether the character may be learnt from this shot, if from any at all."""
        performer, here = self.performers[character], Where(shot.name, role=SCREEN)
        records, day = self.consents.read(), self._today()
        given = [
            one
            for one in records
            if one.covers(performer, TRAIN_MODEL, self.language, day, Where(role=SCREEN))
        ]
        return not given or any(
            one.covers(performer, TRAIN_MODEL, self.language, day, here) for one in given
        )  # fmt: skip

    def take_consent(self, character: str) -> ConsentRecord | None:
        """The record that allows training on the takes of the character's voice actor.

        None if no take trains their speaking style.  Raises as `consent`.
        """
        training = self.take_training.get(character)
        if training is None:
            return None
        return self._allowed(training.voice_actor, TRAIN_MODEL, Where(role=VOICE))

    def delivery_consents(self, shot: Shot) -> tuple[ConsentRecord, ...]:
        """The records that allow the shot's render to go where the delivery goes, in each place.

        Raises as `consent`; SettingsError: the settings name no territory or medium.
        """
        delivery = self.settings.delivery
        return tuple(
            record
            for territory, media in delivery_places(delivery.territory, delivery.media)
            for where in [Where(territory=territory, media=media, new="deliveries")]
            for record in (
                *self.consent(shot, LIP_REENACT, where), *self.tweak_consents(shot, where)
            )
        )  # fmt: skip

    def going_to(self, territory: str, media: str) -> Self:
        """The same reel, delivered there; "": where its settings say.  What is loaded is shared.

        Raises:
            SettingsError: it is no territory or no medium.
        """
        now = self.settings.delivery
        to = replace(now, territory=territory or now.territory, media=media or now.media)
        delivery_places(to.territory, to.media)
        other = copy(self)
        object.__setattr__(other, "settings", replace(self.settings, delivery=to))
        return other

    def _allowed(self, performer: str, operation: str, where: Where) -> ConsentRecord:
        return require(
            self.consents.read(), performer, operation, self.language, self._today(), where
        )

    def watching(self, progress: Progress, shot: Shot) -> Progress:
        """`progress` that raises ConsentMissing once the shot may no longer be rendered."""
        return watched(
            progress, lambda: (self.consent(shot, LIP_REENACT), self.tweak_consents(shot))
        )

    def tweak_consents(self, shot: Shot, where: Where = ANYWHERE) -> tuple[ConsentRecord, ...]:
        """The records that allow what the shot's tweaks change, each face's own.

        A tweak of the mouth needs no more than a dub does.  `take_inside` shows the mouth of who is
        filmed in the takes: theirs is needed too.  Raises as `consent`.
        """
        records, day = self.consents.read(), self._today()
        screen, voice = (replace(where, shot=shot.name, role=role) for role in (SCREEN, VOICE))
        lent = tuple(
            require(records, self._filmed(character), LIP_REENACT, self.language, day, voice)
            for character, tweak in self.tweaks.get(shot.name, {}).items()
            if tweak.overrides("take_inside", shot.render)
            and any(take.character == character for take in shot.takes)
        )
        return lent + tuple(
            require(records, self.performers[character], operation, self.language, day, screen)
            for character, tweak in self.tweaks.get(shot.name, {}).items()
            if character in shot.characters
            for operation in needed_operations(tweak)
        )

    def _filmed(self, character: str) -> str:
        """The performer filmed in the character's takes.  ConsentMissing: nobody is named."""
        if character not in self.voice_actors:
            raise ConsentMissing(
                f"take_inside shows the teeth of who is filmed in the takes of {character}, "
                "and the project does not say who that is",
                hint=f'name them: voice_actor = "..." under the dub of {character} in the project '
                f"file; their consent record must allow {LIP_REENACT}",
            )
        return self.voice_actors[character]

    def refusal(
        self, shot: Shot, operations: Sequence[str] = (LIP_REENACT, TRAIN_MODEL)
    ) -> ShotResult | None:
        """The shot's result if it may not be rendered, else None.  Needs no engine.

        Args:
            operations: what is to be done; rendering a shot also learns its actors.
        """
        try:
            for operation in operations:
                self.consent(shot, operation)
            self.tweak_consents(shot)
        except (ConsentMissing, SettingsError) as error:
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
        records, day = self.consents.read(), self._today()
        here = Where(shot.name, role=SCREEN)
        given = (agreed(records, people, LIP_REENACT, tag, day, here) for tag in tags)
        return any(given) and not shot.blocked

    def _today(self) -> date:
        return self.day or date.today()
