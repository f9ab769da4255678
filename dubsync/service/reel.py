"""One reel being worked on: what editorial handed over, whose faces are in it, what was learnt."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from pathlib import Path

from dubsync.core.digest import digest
from dubsync.core.errors import ConsentMissing, DubsyncError, EngineError
from dubsync.core.face import FaceTrack, Tweak
from dubsync.core.progress import Progress, Step
from dubsync.core.result import RenderedShot, Status
from dubsync.core.settings import Settings
from dubsync.core.shot import Doubt, Shot, Stem, Turnover
from dubsync.core.steps import Actor, Engine
from dubsync.service.cast import Casting, Point, cast
from dubsync.service.consent import ConsentRecord, require
from dubsync.service.listening import Ear
from dubsync.service.looking import Eye
from dubsync.service.pipeline import Part, footage_of, plan_shot
from dubsync.service.plugins import load_engine
from dubsync.service.store import Store

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class ShotResult:
    """How one shot fared.  `reason` and `hint` say why it is not done; `rendered` when it is."""

    name: str
    status: Status
    reason: str = ""
    hint: str = ""
    rendered: RenderedShot | None = None
    doubts: tuple[Doubt, ...] = ()


@dataclass
class Reel:
    """A resolved Turnover and all that is needed to work on it.

    performers  character -> performer id, as consent records name them
    pointed     shot name -> character -> a point on that character's face
    day         the day on which consent must hold
    """

    turnover: Turnover
    stems: Mapping[str, Stem]
    language: str
    performers: Mapping[str, str]
    consents: Sequence[ConsentRecord]
    settings: Settings
    store: Store
    ear: Ear
    pointed: Mapping[str, Mapping[str, Point]] = field(default_factory=dict)
    tweak: Tweak = field(default_factory=Tweak)
    day: date = field(default_factory=date.today)

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
        return load_engine(self.settings.engine)

    @cached_property
    def eye(self) -> Eye:
        return Eye(self.store, self.engine)

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
            self.consent(shot, "lip_reenact")
        except ConsentMissing as error:
            return ShotResult(shot.name, "blocked", str(error), error.hint, doubts=shot.doubts)
        doubt = next((d for d in shot.doubts if d.blocking), None)
        if doubt is not None:
            return ShotResult(shot.name, "blocked", doubt.message, doubt.hint, doubts=shot.doubts)
        return None

    # -- faces -------------------------------------------------------------------------------

    def casting(self, progress: Progress) -> tuple[Casting, dict[str, DubsyncError]]:
        """Who is who in every shot that may be worked on; and shots that could not be looked at."""
        if self._casting is None:
            tracks: dict[str, tuple[FaceTrack, ...]] = {}
            failed: dict[str, DubsyncError] = {}
            workable = [s for s in self.turnover.shots if self.refusal(s) is None]
            for shot in workable:
                try:
                    tracks[shot.name] = self.eye.in_shot(shot, progress=progress)
                except DubsyncError as error:
                    failed[shot.name] = error
            self._casting = cast(workable, tracks, self.pointed), failed
        return self._casting

    _casting: tuple[Casting, dict[str, DubsyncError]] | None = None

    # -- actors ------------------------------------------------------------------------------

    def seen(self, character: str, progress: Progress) -> dict[str, tuple[FaceTrack, ...]]:
        """Shot name -> the character's tracks, over the shots whose training is consented."""
        casting, _ = self.casting(progress)
        return {
            shot: people[character]
            for shot, people in casting.tracks.items()
            if character in people
        }

    def actor(self, character: str, progress: Progress) -> Actor:
        """The character's actor, learnt from all the reel's plates that show them; kept.

        Raises:
            ConsentMissing: training on the performer is not covered.
            NoFace: no plate shows them.
        """
        require(self.consents, self.performers[character], "train_model", self.language, self.day)
        seen = self.seen(character, progress)
        folder = self.store.actor_folder(character, self._actor_key(character, seen))
        if folder.is_dir():
            try:
                return self.engine.load(folder)
            except DubsyncError as error:
                _log.warning("actor %s is damaged (%s): learnt again", folder, error)
                shutil.rmtree(folder, ignore_errors=True)
        footage = [
            piece
            for name, tracks in seen.items()
            for piece in footage_of(self.shot(name), tracks, self.ear)
        ]
        actor = self.engine.learn(character, footage, progress=progress)
        self.engine.save(actor, folder)
        return actor

    def _actor_key(self, character: str, seen: Mapping[str, Sequence[FaceTrack]]) -> str:
        sources = [
            (self.eye.key(shot.plate, shot.render), [track.face for track in seen[shot.name]])
            for shot in self.turnover.shots
            if shot.name in seen
        ]
        return digest(
            "actor", self.engine.version, character, sources,
            self.settings.engine.exemplars, self.settings.engine.crop_px,
        )[:32]  # fmt: skip

    # -- one shot ----------------------------------------------------------------------------

    def faces(
        self, shot: Shot, progress: Progress
    ) -> tuple[Mapping[str, tuple[FaceTrack, ...]], tuple[Doubt, ...]]:
        """The face tracks of everybody dubbed in the shot, and what stayed undecided.

        Raises:
            DubsyncError: the shot cannot be made; a person must answer or mend something.
        """
        casting, failed = self.casting(progress)
        if shot.name in failed:
            raise failed[shot.name]
        doubts = casting.doubts.get(shot.name, ())
        blocking = next((d for d in doubts if d.blocking), None)
        if blocking is not None:
            raise EngineError(blocking.message, hint=blocking.hint)
        return casting.tracks.get(shot.name, {}), doubts

    def parts(self, shot: Shot, progress: Progress) -> tuple[tuple[Part, ...], tuple[Doubt, ...]]:
        """Every dubbed face of the shot with its planned motion; doubts.  Raises as `faces`."""
        people, doubts = self.faces(shot, progress)
        actors = {who: self.actor(who, progress) for who in people}
        progress(Step("plan", shot.name, 0, 1))
        parts, take_doubts = plan_shot(
            shot, people, actors, self.stems, engine=self.engine, eye=self.eye, ear=self.ear,
            tweak=self.tweak, progress=progress,
        )  # fmt: skip
        return parts, (*doubts, *take_doubts)

    def render_key(self, shot: Shot, progress: Progress) -> str:
        """Digest of every input and setting that the shot's picture depends on."""
        people, _ = self.faces(shot, progress)
        dubs = [
            (who, self._actor_key(who, self.seen(who, progress)),
             [(track.face, track.frames) for track in tracks],
             self.ear.window_digest(self.stems[who], shot))
            for who, tracks in people.items()
        ]  # fmt: skip
        takes = [(t.name, t.line, self.store.file_digest(Path(t.path))) for t in shot.takes]
        return digest(
            "render", self.engine.version, self.settings.engine, self.settings.delivery, self.tweak,
            self.store.plate_digest(shot.plate), shot.source, shot.render, shot.record, shot.speed,
            dubs, takes,
        )  # fmt: skip


def reported(result: ShotResult) -> dict[str, object]:
    """A ShotResult as the command line's JSON gives it."""
    rendered = result.rendered
    return {
        "name": result.name,
        "status": result.status,
        "frames": len(rendered.frames) if rendered else 0,
        "picture": rendered.picture if rendered else None,
        "matte": rendered.matte if rendered else None,
        "layer": rendered.layer if rendered else None,
        "samples_changed_outside_matte": (
            rendered.samples_changed_outside_matte if rendered else None
        ),
        "version": rendered.version if rendered else None,
        "touched": rendered.touched if rendered else 0,
        "characters": list(rendered.characters) if rendered else [],
        "record": rendered.record if rendered else None,
        "reason": result.reason,
        "hint": result.hint,
        "doubts": [{"about": d.about, "message": d.message, "hint": d.hint} for d in result.doubts],
    }
