"""One reel being worked on: what editorial handed over, whose faces are in it, what was learnt."""

from __future__ import annotations

import logging
import shlex
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property

from dubsync.core.digest import digest
from dubsync.core.errors import ConsentMissing, DubsyncError, EngineError
from dubsync.core.face import FaceTrack
from dubsync.core.progress import Progress, Step
from dubsync.core.result import Pick, RenderedShot, Status
from dubsync.core.settings import Settings
from dubsync.core.shot import Line, ProjectWarning, Shot, Stem, Turnover
from dubsync.core.steps import Actor, Engine, Footage, RendererName
from dubsync.service.consent.records import LIP_REENACT, TRAIN_MODEL, ConsentRecord, agreed, require
from dubsync.service.consent.take_training import TakeTraining
from dubsync.service.faces.cast import Point
from dubsync.service.faces.face_tracks import FaceTrackCache
from dubsync.service.faces.plate_sound import PlateSound
from dubsync.service.faces.recognition import NOBODY, Recognition, recognised
from dubsync.service.plugins import load_engine
from dubsync.service.reel.actor_cache import KeptActor
from dubsync.service.reel.models import (
    ModelRecord,
    all_models,
    read_model,
    write_strip,
    write_training_record,
)
from dubsync.service.reel.pick_renderer import Untrained, pick
from dubsync.service.reel.pipeline import Part, footage_of, plan_shot
from dubsync.service.reel.render_key import render_key
from dubsync.service.reel.speaking_style import speaking_style
from dubsync.service.reel.training_facts import training_facts
from dubsync.service.stems.audio_analysis import AudioAnalysisCache
from dubsync.service.stems.conform_stems import IN_PLACE, StemConform
from dubsync.service.store.folder import NewVersion, Store, whole_folder
from dubsync.service.tweaks.tweak_store import Tweaks

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ShotResult:
    """How one shot fared.  `reason` and `hint` say why it is not done; `rendered` when it is."""

    name: str
    status: Status
    reason: str = ""
    hint: str = ""
    rendered: RenderedShot | None = None
    warnings: tuple[ProjectWarning, ...] = ()


@dataclass
class Reel:
    """A resolved Turnover and all that is needed to work on it.

    performers  character -> performer id, as consent records name them
    pointed     shot name -> character -> a point on that character's face
    renderers   shot name -> "actor", "warp", "plate" or "auto", where a person said so
    tweaks      shot name -> character -> Tweak, where a person made one
    day         the day on which consent must hold
    earlier     the same reel in the project's languages before this one.  Faces they tell apart
                are not told apart again, and actors they learnt are not learnt again
    laid        where the dub lies under each shot
    kept        character -> the actor kept through a recut; None where there was no recut
    teaching    character -> the takes that teach how the dub's sound moves their mouth
    languages   every language of the project; a plate may be looked at where one is consented
    """

    turnover: Turnover
    stems: Mapping[str, Stem]
    language: str
    performers: Mapping[str, str]
    consents: Sequence[ConsentRecord]
    settings: Settings
    store: Store
    audio_analysis: AudioAnalysisCache
    pointed: Mapping[str, Mapping[str, Point]] = field(default_factory=dict)
    renderers: Mapping[str, str] = field(default_factory=dict)
    tweaks: Mapping[str, Tweaks] = field(default_factory=dict)
    day: date = field(default_factory=date.today)
    earlier: Sequence[Reel] = ()
    languages: Sequence[str] = ()
    laid: StemConform = IN_PLACE
    kept: Mapping[str, KeptActor] | None = None
    take_training: Mapping[str, TakeTraining] = field(default_factory=dict)

    def stem(self, character: str, shot: Shot) -> Stem:
        """The character's dub as `shot` hears it: laid against the cut, whatever it was laid to."""
        return self.laid.stem(self.stems[character], shot.name)

    def shot(self, name: str) -> Shot:
        """The shot called `name`.  Raises EngineError with the nearest names."""
        for shot in self.turnover.shots:
            if shot.name == name:
                return shot
        known = ", ".join(shot.name for shot in self.turnover.shots)
        raise EngineError(f"no shot is called {name!r}", hint=f"shots to sync: {known or 'none'}")

    @cached_property
    def engine(self) -> Engine:
        """Loaded when first asked for: by then consent has been looked at."""
        return self.earlier[0].engine if self.earlier else load_engine(self.settings.engine)

    @cached_property
    def face_tracks(self) -> FaceTrackCache:
        return FaceTrackCache(self.store, self.engine)

    # -- consent ---------------------------------------------------------------------------

    def consent(self, shot: Shot, operation: str) -> tuple[ConsentRecord, ...]:
        """The records that allow `operation` on everybody dubbed in `shot`.

        Raises:
            ConsentMissing: somebody's is lacking.
        """
        return tuple(
            require(self.consents, self.performers[who], operation, self.language, self.day)
            for who in shot.characters
        )

    def refusal(self, shot: Shot) -> ShotResult | None:
        """Why the shot may not be worked on at all, or None.  Asked before any engine loads."""
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

    def _may_be_seen(self, shot: Shot) -> bool:
        """Whether the shot may be worked on in some language, so that its plate is looked at."""
        tags = self.languages or (self.language,)
        people = [self.performers[who] for who in shot.characters]
        given = (agreed(self.consents, people, LIP_REENACT, tag, self.day) for tag in tags)
        return any(given) and not shot.blocked

    # -- faces -------------------------------------------------------------------------------

    def recognition(self, progress: Progress) -> Recognition:
        """Who is who in every shot that may be worked on, in this language or another."""
        if self._recognition is None:
            shots = [shot for shot in self.turnover.shots if self._may_be_seen(shot)]
            if not shots:  # nobody may be looked at, so no engine is loaded either
                return NOBODY
            plate_sound = PlateSound(self.store, self.engine, self.audio_analysis, self.face_tracks)
            self._recognition = recognised(
                shots,
                self.pointed,
                face_tracks=self.face_tracks,
                plate_sound=plate_sound,
                progress=progress,
                earlier=[reel.recognition(progress).casting for reel in self.earlier],
            )
        return self._recognition

    _recognition: Recognition | None = None

    # -- actors ------------------------------------------------------------------------------

    def taught_by(self, character: str, progress: Progress) -> Reel:
        """The reel whose shots teach the character's actor: of the first language that sees them.

        So a further language changes no actor, and nothing that was drawn by one.
        """
        reels = (*self.earlier, self)
        return next((r for r in reels if r.recognition(progress).seen(character)), self)

    def seen(self, character: str, progress: Progress) -> dict[str, tuple[FaceTrack, ...]]:
        """Shot name -> the character's tracks, over the shots that teach their actor."""
        return self.taught_by(character, progress).recognition(progress).seen(character)

    def actor(self, character: str, progress: Progress) -> Actor:
        """The character's actor: trained where that was done for the same footage, else learnt.

        Raises:
            ConsentMissing: training on the performer is not covered.
            NoFace: no plate shows them.
            EngineError: the trained actor cannot be read.
        """
        self.train_consent(character)
        trained = self.trained(character, progress)
        if trained is None:
            return self.learnt(character, progress)
        try:
            return self.engine.load(trained.folder)
        except DubsyncError as error:
            raise EngineError(
                f"the trained actor of {character} is damaged: {error}", hint=self._train(character)
            ) from error

    def learnt(self, character: str, progress: Progress) -> Actor:
        """The character's actor as learnt from all the reel's plates that show them; kept.

        Raises:
            ConsentMissing: training on the performer is not covered.
            NoFace: no plate shows them.
        """
        self.train_consent(character)
        folder = self.store.actor_folder(character, self.actor_key(character, progress))
        if folder.is_dir():
            try:
                return self.engine.load(folder)
            except DubsyncError as error:
                _log.warning("actor %s is damaged (%s): learnt again", folder, error)
                shutil.rmtree(folder, ignore_errors=True)
        footage = self.footage(character, progress)
        actor = self.engine.learn(character, footage, progress=progress)
        with whole_folder(folder) as aside:
            self.engine.save(actor, aside)
            write_training_record(aside, training_facts(self, actor, {}, progress))
        return actor

    def footage(self, character: str, progress: Progress) -> list[Footage]:
        """All that the reel's plates show of the character."""
        shot = self.taught_by(character, progress).shot
        return [
            piece
            for name, tracks in self.seen(character, progress).items()
            for piece in footage_of(shot(name), tracks, self.audio_analysis)
        ]

    def train(
        self, character: str, *, minutes: float, size: int, steps: int = 0, progress: Progress
    ) -> ModelRecord:
        """The character's actor given a renderer of its own, kept as a new version.

        Raises:
            ConsentMissing: training on the performer is not covered.
            NoFace: no plate shows them.
            EngineError: too few frames to train on.
        """
        learnt = self.learnt(character, progress)
        key = self.actor_key(character, progress)
        kept = self.store.training_folder(character, key)
        asked = {"minutes": minutes, "size": size, "steps": steps}
        with NewVersion(self.store, *self.store.trained_parts(character, key)) as version:
            # Before any work: what is cut off here must still be found when consent is withdrawn.
            write_training_record(kept, training_facts(self, learnt, asked, progress))
            actor = self.engine.train(
                learnt, minutes=minutes, size=size, steps=steps, kept=kept, progress=progress
            )
            self.engine.save(actor, version.folder)
            write_strip(version.folder, actor)
            record = training_facts(self, actor, asked, progress)
            write_training_record(version.folder, record)
        shutil.rmtree(kept, ignore_errors=True)
        return read_model("trained", character, version.final)

    def trained(self, character: str, progress: Progress) -> ModelRecord | None:
        """The newest training of the actor that would be learnt today, or None."""
        key = self.actor_key(character, progress)
        folder = self.store.latest(*self.store.trained_parts(character, key))
        model = read_model("trained", character, folder) if folder else None
        return model if model and model.facts else None

    def stale(self, character: str, progress: Progress) -> ProjectWarning | None:
        """A warning when the character was trained, but on other footage or by another engine."""
        if self.trained(character, progress) is not None:
            return None
        kept = (m for m in all_models(self.store) if m.kind == "trained" and m.facts)
        if not any(m.character == character for m in kept):
            return None
        return ProjectWarning(
            character, "the trained actor is stale: plates, faces or engine have changed since",
            self._train(character),
        )  # fmt: skip

    def actor_key(self, character: str, progress: Progress) -> str:
        """Digest of all that the character's learnt actor depends on; or of what it was learnt
        from before a recut, while that holds."""
        kept = (self.kept or {}).get(character)
        if kept and kept.holds(self.store, character, self.actor_now(character, progress)):
            return kept.key
        seen = self.seen(character, progress)
        sources = [
            (
                self.face_tracks.key(shot.plate, shot.render),
                [track.face for track in seen[shot.name]],
            )
            for shot in self.taught_by(character, progress).turnover.shots
            if shot.name in seen
        ]
        return digest(
            "actor", self.engine.version, character, sources,
            self.settings.engine.exemplars, self.settings.engine.crop_px,
        )[:32]  # fmt: skip

    def actor_now(self, character: str, progress: Progress) -> KeptActor:
        """What the character's actor would be learnt by and from today; no key."""
        shots = self.taught_by(character, progress).turnover.shots
        seen = self.seen(character, progress)
        plates = {s.plate.name: self.store.plate_digest(s.plate) for s in shots if s.name in seen}
        engine = self.settings.engine
        return KeptActor("", self.engine.version, engine.exemplars, engine.crop_px, plates)

    def train_consent(self, character: str) -> ConsentRecord:
        """The record that allows training on the character's performer.  Raises ConsentMissing."""
        performer = self.performers[character]
        return require(self.consents, performer, TRAIN_MODEL, self.language, self.day)

    def _train(self, character: str) -> str:
        """The command that trains the character, for hints."""
        return shlex.join(["dubsync", "train", self.store.folder.name, character])

    # -- what draws --------------------------------------------------------------------------

    def asked(self, shot: Shot) -> str:
        """What is to draw the shot: a person's say over it, else the settings'."""
        return self.renderers.get(shot.name, self.settings.engine.renderer)

    def picks(self, shot: Shot, progress: Progress) -> dict[str, Pick]:
        """What draws each dubbed face of the shot, and why.

        Raises:
            EngineError: "actor" is asked of one that was not trained; or as `faces`.
        """
        people, _ = self.faces(shot, progress)
        picked = {}
        for who in people:
            try:
                judged = self.trained(who, progress) or Untrained()
                picked[who] = pick(judged, shot.plate.name, self.asked(shot))
            except EngineError as error:
                stale = self.stale(who, progress)
                why = stale.message if stale else str(error)
                raise EngineError(f"{who}: {why}", hint=self._train(who)) from error
        return picked

    # -- one shot ----------------------------------------------------------------------------

    def faces(
        self, shot: Shot, progress: Progress
    ) -> tuple[Mapping[str, tuple[FaceTrack, ...]], tuple[ProjectWarning, ...]]:
        """See `Recognition.faces`."""
        return self.recognition(progress).faces(shot)

    def parts(
        self, shot: Shot, progress: Progress, tweaks: Tweaks | None = None
    ) -> tuple[tuple[Part, ...], tuple[ProjectWarning, ...]]:
        """Every dubbed face of the shot, planned (with other `tweaks`); warnings.  As `faces`."""
        seen, warnings = self.faces(shot, progress)
        renderers: dict[str, RendererName] = {
            who: p.renderer
            for who, p in self.picks(shot, progress).items()
            if p.renderer != "plate"
        }
        people = {who: seen[who] for who in renderers}
        # The warp draws from what was learnt alone, so that its picture does not hang on training.
        actors = {
            who: self.actor(who, progress) if drawn == "actor" else self.learnt(who, progress)
            for who, drawn in renderers.items()
        }
        progress(Step("plan", shot.name, 0, 1))
        parts, take_warnings = plan_shot(
            shot,
            people,
            actors,
            renderers,
            {who: self.stem(who, shot) for who in people},
            speaking_styles={
                who: speaking_style(self, actor, progress) for who, actor in actors.items()
            },
            engine=self.engine,
            face_tracks=self.face_tracks,
            audio_analysis=self.audio_analysis,
            progress=progress,
            tweaks=self.tweaks.get(shot.name, {}) if tweaks is None else tweaks,
            off_screen=self.off_screen(shot, progress),
        )
        progress(Step("plan", shot.name, 1, 1))
        if self.asked(shot) == "auto":
            take_warnings += tuple(d for who in people if (d := self.stale(who, progress)))
        return parts, (*warnings, *take_warnings)

    def off_screen(self, shot: Shot, progress: Progress) -> dict[str, tuple[Line, ...]]:
        """Character -> lines nobody on screen speaks; see `Recognition.off_screen`."""
        return self.recognition(progress).off_screen(shot, self.pointed.get(shot.name, {}))

    def render_key(self, shot: Shot, progress: Progress) -> str:
        """Digest of every input and setting that the shot's picture depends on."""
        return render_key(self, shot, progress)
