"""Project: what one can ask of a reel.  Command line, desk, farm and hosts all ask here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path

from dubsync.core.errors import ConsentMissing, DubsyncError, SettingsError
from dubsync.core.progress import Progress, silent
from dubsync.core.result import Delivery, QCReport
from dubsync.core.shot import ProjectWarning, Turnover
from dubsync.media.probe import find_plates
from dubsync.service.consent import records as consents
from dubsync.service.delivery import deliver
from dubsync.service.faces.cast import Casting
from dubsync.service.qc.check import check_reel
from dubsync.service.qc.coverage_map import ReelCoverage, map_reel
from dubsync.service.qc.triage import Triage, triage_reel
from dubsync.service.reel.actor_cache import kept_actors
from dubsync.service.reel.models import ModelRecord
from dubsync.service.reel.reel import Reel, ShotResult
from dubsync.service.render.provenance import rendered_from
from dubsync.service.render.sync import finished, skipped, sync_shots
from dubsync.service.review.shot import Review, review_shot
from dubsync.service.settings import answers
from dubsync.service.settings.languages import unreadable_language_warning
from dubsync.service.settings.project_file import (
    ProjectFile,
    read_project_file,
)
from dubsync.service.stems.audio_analysis import AudioAnalysisCache
from dubsync.service.store.folder import Layout, Store
from dubsync.service.turnover.open_turnover import Intake
from dubsync.service.turnover.turnover_cache import TurnoverCache
from dubsync.service.tweaks.commands import Change, ShotTweaks, change_tweaks
from dubsync.service.tweaks.tweak_store import TweakStore
from dubsync.service.withdrawal import Dependents, dependents, withdraw

#: How a character's training ended.
Trained = ModelRecord | DubsyncError


@dataclass(frozen=True, slots=True)
class RunResult:
    """All that `Project.run` did."""

    shots: tuple[ShotResult, ...]
    report: QCReport | None
    delivery: Delivery | None
    trained: Mapping[str, Trained] = field(default_factory=dict)


class Project:
    """A project folder, opened in one of its languages: all that is asked is asked of that one.

    `whole` is what dubsync.toml says; `file` is the same as if `language` were all there is.
    """

    def __init__(self, file: ProjectFile, *, beside: Project | None = None, tag: str = "") -> None:
        self.whole, self.language = file, tag or file.language
        self.file = file.in_language(self.language)
        store = beside.store if beside else Store(file.folder)
        self.store: Store = store.laid_out(
            Layout(self.language, len(file.languages) > 1, self.language == file.language)
        )
        self._opened: dict[str, Project] = beside._opened if beside else {}
        self._opened[self.language] = self
        self._taken = TurnoverCache(file, self.language, self.store, self._cast_earlier)

    @classmethod
    def open(cls, folder: Path) -> Project:
        """The project in `folder`.  Raises SettingsError when dubsync.toml is absent or wrong."""
        return cls(read_project_file(folder))

    def into(self, language: str) -> Project:
        """The same project in another of its languages; what both need is made once.

        Raises:
            SettingsError: it has no such language.
        """
        tag = self.whole.tag(language)
        return self._opened.get(tag) or Project(self.whole, beside=self, tag=tag)

    def into_each(self, languages: Sequence[str] = ()) -> tuple[Project, ...]:
        """The project in each of `languages` (none, or "all": every one), in the project's order.

        Raises:
            SettingsError: it has no such language.
        """
        asked = self.whole.languages if not languages or "all" in languages else languages
        tags = {self.whole.tag(language) for language in asked}
        return tuple(self.into(tag) for tag in self.whole.languages if tag in tags)

    # -- what is there -----------------------------------------------------------------------

    @property
    def intake(self) -> Intake:
        return self._taken.now(silent)

    def turnover(self, *, look: bool = False, progress: Progress = silent) -> Turnover:
        """The shots found, who speaks in each, and every warning.

        Args:
            look: at the plates under mixed stems, for whose voice is whose.
        """
        return (self._taken.looked if look else self._taken.now)(progress).turnover

    def _cast_earlier(self) -> list[Casting]:
        """Whose faces the dubs into the languages before this one found."""
        return [reel.recognition(silent).casting for reel in self._earlier()[0]]

    @cached_property
    def reel(self) -> Reel:
        turnover = self.intake.turnover  # before the others': its own faults are told first
        if self.intake.waiting:
            turnover = self.turnover(look=True)
        earlier, lacking = self._earlier()
        return Reel(
            turnover=replace(turnover, warnings=(*turnover.warnings, *lacking)),
            stems=self.intake.stems,
            laid=self.intake.conform,
            kept=kept_actors(self.store),
            language=self.file.language,
            performers={role.character: role.performer for role in self.file.roles},
            consents=consents.read_all(self.file.folder / "consent"),
            settings=self.file.settings,
            store=self.store,
            audio_analysis=AudioAnalysisCache(self.store),
            pointed=answers.face_points(self.file),
            renderers=answers.renderers(self.file.folder, self.language),
            tweaks=self._shelf.all(),
            earlier=earlier,
            languages=self.whole.languages,
            take_training=self.intake.take_training,
        )

    def _opened_reel(self, progress: Progress) -> Reel:
        """`reel`; tells of its progress where voices wait for the plates to be looked at."""
        self.turnover(progress=progress)
        self.turnover(look=self.intake.waiting, progress=progress)
        return self.reel

    def _earlier(self) -> tuple[tuple[Reel, ...], tuple[ProjectWarning, ...]]:
        """The reels of the languages before this one; warnings about those that cannot be read."""
        reels, warnings = [], []
        tags = self.whole.languages
        for tag in tags[: tags.index(self.language)]:
            try:
                reels.append(self.into(tag).reel)
            except DubsyncError as error:
                warnings.append(unreadable_language_warning(tag, error))
        return tuple(reels), tuple(warnings)

    @property
    def _shelf(self) -> TweakStore:
        return TweakStore(self.file.folder, self.store.layout)

    def _forget_reels(self) -> None:
        """An answer is asked for again: in every language, for they share faces and actors."""
        for project in self._opened.values():
            project.__dict__.pop("reel", None)
            project._taken.forget_voices()

    def reel_consents(self) -> dict[str, bool]:
        """Performer -> whether some consent record names them."""
        given = {r.performer for r in consents.read_all(self.file.folder / "consent")}
        return {performer: performer in given for performer in self.whole.performers.values()}

    # -- verbs ---------------------------------------------------------------------------------

    def train(
        self,
        characters: Sequence[str] = (),
        *,
        minutes: float | None = None,
        size: int = 0,
        steps: int = 0,
        progress: Progress = silent,
    ) -> dict[str, Trained]:
        """Train each named (default: every dubbed) character; one refusal stops no other.

        An actor is every language's: in another it is trained only who is not dubbed, or may not
        be trained, in this one.

        Args:
            minutes: at most, for each; None: as the settings say.
            size: side of the face crop, pixels; 0: the face's own.
            steps: exactly so many, whatever the time; 0: as the time allows.
        """
        limit = self.file.settings.engine.train_minutes if minutes is None else minutes
        if limit <= 0 and not steps:
            raise SettingsError("engine.train_minutes is 0, so nobody is trained",
                                hint="say for how long: --minutes 5, or --steps")  # fmt: skip
        for character in characters:
            self.whole.performer(character)
        trained: dict[str, Trained] = {}
        for project in (self, *self._others()):
            for character in project._to_train(characters, trained):
                try:
                    trained[character] = project.reel.train(
                        character, minutes=limit, size=size, steps=steps, progress=progress
                    )
                except DubsyncError as error:
                    trained.setdefault(character, error)
        return trained

    def sync(
        self,
        names: Sequence[str] = (),
        *,
        progress: Progress = silent,
        finished: Callable[[ShotResult], None] = lambda result: None,
    ) -> tuple[ShotResult, ...]:
        """Render the named shots (default: all).  What is up to date is left as it is."""
        reel = self._opened_reel(progress)
        wanted = names or [shot.name for shot in reel.turnover.shots]
        results = []
        for result in sync_shots(reel, wanted, progress):
            finished(result)
            results.append(result)
        if not names:
            results += skipped(reel)
        return tuple(results)

    def check(self, names: Sequence[str] = (), *, progress: Progress = silent) -> QCReport:
        """Measure the newest render of each named (default: every) shot, and report."""
        return self._check(names, (), progress)

    def coverage(
        self, names: Sequence[str] = (), *, all_plates: bool = False, progress: Progress = silent
    ) -> ReelCoverage:
        """What the footage shows of what the named (default: all) shots want; see `map_reel`.

        Args:
            names: shots.
            all_plates: look through every plate of the media folders for what lacks; slow.
        """
        reel, (plates, _) = self._opened_reel(progress), find_plates(self.file.media)
        return map_reel(reel, names, plates, look=all_plates, progress=progress)

    def deliver(
        self, *, report: str = "", formats: Sequence[str] = (), strict: bool = False
    ) -> Delivery:
        """Hand the corrected cut back in `formats`; see `service.delivery.deliver`."""
        reel = self.reel
        rendered, refused = [], []
        for shot in reel.turnover.shots:
            folder = finished(reel, shot)
            if folder is None:
                continue
            try:
                reel.consent(shot, "lip_reenact")
                rendered.append(rendered_from(folder, shot))
            except ConsentMissing as error:
                refused.append(f"{shot.name}: its render is not handed back: {error}")
        if refused and not rendered:
            raise ConsentMissing("; ".join(refused), hint="docs/consent.md")
        delivery = deliver(
            reel, rendered, name=self.file.cut.stem, report=report, formats=formats, strict=strict
        )
        return replace(delivery, losses=(*delivery.losses, *refused))

    def run(
        self,
        *,
        progress: Progress = silent,
        finished: Callable[[ShotResult], None] = lambda result: None,
    ) -> RunResult:
        """Turnover, train (where no fresh trained actor is there), sync, check, deliver."""
        trained = self._train_untrained(progress)
        shots = self.sync(progress=progress, finished=finished)
        if not any(result.rendered for result in shots):
            return RunResult(shots, None, None, trained)
        report = self._check((), shots, progress)
        return RunResult(shots, report, self.deliver(report=report.html), trained)

    def point(self, shot: str, character: str, xy: tuple[float, float]) -> None:
        """Remember that `character`'s face in `shot` lies at plate pixel `xy`."""
        self.file.performer(character)
        if shot not in (event.name for event in self.intake.turnover.cut.events):
            self.reel.shot(shot)  # which says what shots there are
        answers.save_point(self.file.folder, shot, character, xy)
        self._forget_reels()

    def consents(self) -> tuple[Dependents, ...]:
        """Every performer with their records, and the models and renders that depend on them."""
        return dependents(self.whole, self.store)

    def withdraw(self, theirs: Dependents) -> tuple[Path, ...]:
        """Set one performer's records aside and delete their models; the records' new paths."""
        moved = withdraw(self.whole, self.store, theirs)
        for project in self._opened.values():
            project._taken.forget()
        self._forget_reels()
        return moved

    def draw_with(self, shot: str, renderer: str, *, alone: bool = False) -> None:
        """Remember what is to draw `shot`: "actor", "warp", "plate" or "auto".

        Args:
            alone: in this language only.
        """
        self.reel.shot(shot)
        answers.save_renderer(self.file.folder, shot, renderer, self.language if alone else "")
        self._forget_reels()

    def triage(self, names: Sequence[str] = (), *, progress: Progress = silent) -> Triage:
        """Rank the named (default: all) shots by how badly plate and dub disagree."""
        reel = self._opened_reel(progress)
        return triage_reel(reel, names or [s.name for s in reel.turnover.shots], progress)

    def tweak(
        self, shot: str, settings: Sequence[str] = (), *, cleared: Sequence[str] = (),
        character: str = "", change: Change = "",
    ) -> ShotTweaks:  # fmt: skip
        """What artists say over `shot`, after this was said too; see `change_tweaks`."""
        said = change_tweaks(
            self._shelf, self.reel.shot(shot), self.turnover().cut.drop,
            settings=settings, cleared=cleared, character=character, change=change,
        )  # fmt: skip
        self._forget_reels()
        return said

    def review(
        self, shot: str, *, plate_beside: bool = False, progress: Progress = silent
    ) -> Review:
        """Draw what can be looked at and listened to of `shot`; see `review_shot`."""
        return review_shot(self.reel, shot, plate_beside=plate_beside, progress=progress)

    # -- inside ----------------------------------------------------------------------------------

    def _check(
        self, names: Sequence[str], shots: Sequence[ShotResult], progress: Progress
    ) -> QCReport:
        wanted = names or [shot.name for shot in self.reel.turnover.shots]
        return check_reel(self.reel, wanted, name=self.file.name, results=shots, progress=progress)

    def _dubbed(self) -> tuple[str, ...]:
        """Every character that is dubbed in some shot."""
        shots = self.reel.turnover.shots
        return tuple(dict.fromkeys(c for shot in shots for c in shot.characters))

    def _others(self) -> Iterator[Project]:
        """The project in every other language whose dub can be read."""
        for project in self.into_each():
            try:
                if project is not self and project.intake:
                    yield project
            except DubsyncError:
                continue  # its own verbs say why

    def _to_train(self, characters: Sequence[str], trained: Mapping[str, Trained]) -> list[str]:
        """Who of those named (none: all) is dubbed here, and was not tried with consent yet."""
        tried = {who for who, how in trained.items() if not isinstance(how, ConsentMissing)}
        wanted = characters or self._dubbed()
        return [who for who in wanted if who in self.file.performers and who not in tried]

    def _train_untrained(self, progress: Progress) -> dict[str, Trained]:
        """Train who may draw a shot and is not trained yet.

        Nothing is looked at for shots that may not be worked on: `draws` comes first.
        """
        reel, wanted = self._opened_reel(progress), []
        if self.file.settings.engine.train_minutes <= 0:
            return {}
        for character in self._dubbed():
            shots = [s for s in reel.turnover.shots if character in s.characters]
            draws = any(reel.asked(s) in ("auto", "actor") and not reel.refusal(s) for s in shots)
            # Who is seen nowhere needs no training: their shots say so.
            if draws and reel.seen(character, progress) and not reel.trained(character, progress):
                wanted.append(character)
        return self.train(wanted, progress=progress) if wanted else {}
