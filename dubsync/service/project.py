"""A project folder and its operations: the Python API behind the command line."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from dubsync.core.errors import ConsentMissing, DubsyncError, SettingsError
from dubsync.core.face import Point
from dubsync.core.progress import Progress, silent
from dubsync.core.result import Delivery, QCReport
from dubsync.core.shot import ProjectWarning, Turnover
from dubsync.service.consent.foreseen import with_consent
from dubsync.service.faces.cast import Casting
from dubsync.service.judging.choice import CHOSEN, Choice
from dubsync.service.reel.reel import Reel
from dubsync.service.reel.shot_result import ShotResult
from dubsync.service.run_result import RunResult, Trained, run_result
from dubsync.service.settings import answers
from dubsync.service.settings.languages import unreadable_language_warning
from dubsync.service.settings.project_file import ProjectFile, read_project_file
from dubsync.service.store.folder import Layout, Store
from dubsync.service.turnover.open_reel import open_reel
from dubsync.service.turnover.open_turnover import Intake
from dubsync.service.turnover.opened_files import OpenedFiles
from dubsync.service.turnover.turnover_cache import TurnoverCache
from dubsync.service.tweaks.commands import Change, ShotTweaks, change_tweaks
from dubsync.service.tweaks.tweak_store import TweakStore

# A verb imports its own modules when it is called: `dubsync tweak` then loads no writer, no report
# and no review, and starts three times as fast.
if TYPE_CHECKING:
    from dubsync.service.qc.coverage.drawn_map import ReelCoverage
    from dubsync.service.qc.triage import Triage
    from dubsync.service.review.shot import Review
    from dubsync.service.status.status import ReelStatus
    from dubsync.service.withdrawal import Dependents


class Project:
    """A project folder, opened in one of its languages; every operation is for that language.

    whole  dubsync.toml with all its languages
    file   the same as if `language` were its only language

    Example:
        >>> project = Project.open(Path("REEL_1"))  # doctest: +SKIP
        >>> [shot.name for shot in project.turnover().shots]  # doctest: +SKIP
        ['A001C003', 'A002C001']
        >>> project.run().delivery.files["otio"]  # doctest: +SKIP
        'REEL_1/delivery/v001/REEL_1_it-IT_v001.otio'
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
        files = OpenedFiles(store, file.colour, file.paths)
        self._files: OpenedFiles = beside._files if beside else files
        self._taken = TurnoverCache(
            file, self.language, self.store, self._files, self._cast_earlier
        )

    @classmethod
    def open(cls, folder: Path) -> Project:
        """The project in `folder`.  Raises SettingsError if dubsync.toml is missing or invalid."""
        return cls(read_project_file(folder))

    def into(self, language: str) -> Project:
        """The same project in another of its languages; what both need is computed once.

        Raises:
            SettingsError: it has no such language.
        """
        tag = self.whole.tag(language)
        return self._opened.get(tag) or Project(self.whole, beside=self, tag=tag)

    def into_each(self, languages: Sequence[str] = ()) -> tuple[Project, ...]:
        """The project in each of `languages` (none or "all": every one), in the project's order.

        Raises:
            SettingsError: it has no such language.
        """
        chosen = self.whole.languages if not languages or "all" in languages else languages
        tags = {self.whole.tag(language) for language in chosen}
        return tuple(self.into(tag) for tag in self.whole.languages if tag in tags)

    # -- inputs ------------------------------------------------------------------------------

    @property
    def intake(self) -> Intake:
        return self._taken.now(silent)

    def turnover(self, *, look: bool = False, progress: Progress = silent) -> Turnover:
        """The shots found, who speaks in each, and every warning, of missing consent too; with
        `look`, also analyse the plates under mixed stems, to match voices to faces."""
        found = (self._taken.looked if look else self._taken.now)(progress).turnover
        return with_consent(found, self.file.performers, self.file.folder, self.language,
                            self.file.settings.delivery)  # fmt: skip

    def _cast_earlier(self) -> list[Casting]:
        """The castings of the languages before this one."""
        return [reel.look(silent).recognition.casting for reel in self._earlier()[0]]

    @cached_property
    def reel(self) -> Reel:
        # Before the other languages', so that its own errors are raised first.
        turnover = self.intake.turnover
        if self.intake.waiting:
            turnover = self._taken.looked(silent).turnover
        return self._reel(turnover, *self._earlier())

    @cached_property
    def unlooked(self) -> Reel:
        """`reel`, where no plate is analysed to match the voices of a mixed stem to faces."""
        if not self.intake.waiting:
            return self.reel
        return self._reel(self.intake.turnover, (), ())

    def _reel(
        self, turnover: Turnover, earlier: Sequence[Reel], lacking: Sequence[ProjectWarning]
    ) -> Reel:
        return open_reel(
            self.file, replace(turnover, warnings=(*turnover.warnings, *lacking)),
            stems=self.intake.stems, stem_conform=self.intake.conform,
            take_training=self.intake.take_training, store=self.store, tweaks=self._shelf.all(),
            earlier=earlier, languages=self.whole.languages,
        )  # fmt: skip

    def opened_reel(self, progress: Progress) -> Reel:
        """`reel`, with progress while plates are analysed to match voices to faces."""
        self.turnover(progress=progress)
        self.turnover(look=self.intake.waiting, progress=progress)
        return self.reel

    def _earlier(self) -> tuple[tuple[Reel, ...], tuple[ProjectWarning, ...]]:
        """The reels of the languages before this one; warnings about unreadable ones."""
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
        """Drop every language's reel after an answer changed: they share faces and actors."""
        for project in self._opened.values():
            project.__dict__.pop("reel", None)
            project.__dict__.pop("unlooked", None)
            project._taken.forget_voices()

    # -- operations ----------------------------------------------------------------------------

    def train(
        self,
        characters: Sequence[str] = (),
        *,
        minutes: float | None = None,
        size: int = 0,
        steps: int = 0,
        progress: Progress = silent,
    ) -> dict[str, Trained]:
        """Train each named character (default: every dubbed one); one that fails stops no other.

        An actor serves every language.  A character who is not dubbed, or may not be trained, in
        this language is trained in another one.

        Args:
            minutes: at most, for each character; None: as in the settings.
            size: side of the face crop, pixels; 0: the face's own.
            steps: train for exactly this many, without a time limit; 0: as many as the time allows.
        """
        limit = self.file.settings.engine.train_minutes if minutes is None else minutes
        if limit <= 0 and not steps:
            raise SettingsError("engine.train_minutes is 0, so no actor is trained",
                                hint="set a limit with --minutes 5 or --steps")  # fmt: skip
        for character in characters:
            self.whole.performer(character)
        trained: dict[str, Trained] = {}
        for project in (self, *self._others()):
            for character in project._to_train(characters, trained):
                try:
                    reel = project.reel
                    reel.train_consent(character)  # before any plate is analysed
                    trained[character] = reel.look(progress).actors.train(
                        character, minutes=limit, size=size, steps=steps, progress=progress
                    )
                except DubsyncError as error:
                    trained.setdefault(character, error)
        return trained

    def sync(
        self,
        names: Sequence[str] = (),
        *,
        checked: bool = False,
        progress: Progress = silent,
        finished: Callable[[ShotResult], None] = lambda result: None,
    ) -> tuple[ShotResult, ...]:
        """Render the named shots (default: all); those up to date are not rendered again.

        Args:
            checked: measure each new render while its proof reads it, for `check` to find.
        """
        from dubsync.service.qc.check_with_sync import sync_and_check_shots
        from dubsync.service.render.sync import skipped, sync_shots

        reel = self.opened_reel(progress)
        wanted = names or [shot.name for shot in reel.turnover.shots]
        results, synced = [], sync_and_check_shots if checked else sync_shots
        for result in synced(reel, wanted, progress):
            finished(result)
            results.append(result)
        if not names:
            results += skipped(reel)
        return tuple(results)

    def check(
        self, names: Sequence[str] = (), *, results: Sequence[ShotResult] = (),
        progress: Progress = silent,
    ) -> QCReport:  # fmt: skip
        """Measure the newest render of each named shot (default: all) and report.

        Args:
            results: of a sync just now; they say why a shot has no render.
        """
        from dubsync.service.qc.check import check_reel

        wanted = names or [shot.name for shot in self.reel.turnover.shots]
        return check_reel(
            self.reel, wanted, name=self.file.name, results=results, progress=progress
        )

    def coverage(
        self, names: Sequence[str] = (), *, all_plates: bool = False, progress: Progress = silent
    ) -> ReelCoverage:
        """How well the footage covers what the named shots (default: all) need; see `map_reel`.

        Args:
            names: shots.
            all_plates: search every plate of the media folders for lacking frames; slow.
        """
        from dubsync.service.qc.coverage.drawn_map import map_reel

        reel, (plates, _) = self.opened_reel(progress), self._files.plates(self.file.media)
        return map_reel(reel, names, plates, look=all_plates, progress=progress)

    def deliver(
        self, *, report: str = "", formats: Sequence[str] = (), strict: bool = False,
        allow_missing: bool = False, choice: Choice = CHOSEN, host: str = "",
        allow_offline: bool = False, goes: tuple[str, str] = ("", ""), progress: Progress = silent,
    ) -> Delivery:  # fmt: skip
        """Write the corrected cut in `formats`; see `hand_over`, which also says what it raises."""
        from dubsync.service.hand_over import hand_over

        return hand_over(self.opened_reel(progress), name=self.file.cut.stem, report=report,
                         formats=formats, strict=strict, allow_missing=allow_missing, choice=choice,
                         host=host, allow_offline=allow_offline, goes=goes,
                         progress=progress)  # fmt: skip

    def run(
        self, *, allow_missing: bool = False, progress: Progress = silent,
        finished: Callable[[ShotResult], None] = lambda result: None,
    ) -> RunResult:  # fmt: skip
        """Turnover, train (characters without a current training), sync, check and deliver.

        Nothing is delivered after a shot that failed or is blocked, unless `allow_missing`.
        """
        trained = self._train_untrained(progress)
        shots = self.sync(checked=True, progress=progress, finished=finished)
        return run_result(
            shots, trained, lambda: self.check(results=shots, progress=progress),
            lambda page: self.deliver(report=page, allow_missing=allow_missing, progress=progress),
        )  # fmt: skip

    def point(self, shot: str, character: str, at: Sequence[Point], tell: Progress) -> None:
        """Record points on `character`'s faces in `shot`.  Numbers: see `Reel.spots`."""
        self.file.performer(character)
        if shot not in (event.name for event in self.intake.turnover.cut.events):
            self.reel.shot(shot)  # whose error lists the shots there are
        answers.save_points(self.file.folder, shot, character, self.reel.spots(shot, at, tell))
        self._forget_reels()

    def consents(self) -> tuple[Dependents, ...]:
        """Every performer with their consent records, and the models and renders they allow."""
        from dubsync.service.withdrawal import dependents

        return dependents(self.whole, self.store)

    def withdraw(self, theirs: Dependents) -> tuple[Path, ...]:
        """Withdraw a performer's records and delete their models; the records' new paths."""
        from dubsync.service.withdrawal import withdraw

        moved = withdraw(self.whole, self.store, theirs)
        for project in self._opened.values():
            project._taken.forget()
        self._forget_reels()
        return moved

    def draw_with(self, shot: str, renderer: str, *, alone: bool = False) -> None:
        """Record the renderer of `shot` ("actor", "warp", "plate", "auto"); `alone`: for this
        language only."""
        self.reel.shot(shot)
        answers.save_renderer(self.file.folder, shot, renderer, self.language if alone else "")
        self._forget_reels()

    def status(self, *, progress: Progress = silent) -> ReelStatus:
        """Which shots are done, stale, waiting or blocked, and what the next run will take.

        Nothing is analysed or rendered.
        """
        from dubsync.service.status.status import reel_status

        self.turnover(progress=progress)
        return reel_status(self.reel, self.file.media, progress)

    def triage(self, names: Sequence[str] = (), *, progress: Progress = silent) -> Triage:
        """Rank the named shots (default: all) by how badly plate and dub disagree."""
        from dubsync.service.qc.triage import triage_reel

        reel = self.opened_reel(progress)
        return triage_reel(reel, names or [s.name for s in reel.turnover.shots], progress)

    def tweak(
        self, shot: str, settings: Sequence[str] = (), *, cleared: Sequence[str] = (),
        character: str = "", change: Change = "",
    ) -> ShotTweaks:  # fmt: skip
        """Change the tweaks of `shot`, and return them; see `change_tweaks`."""
        changed = change_tweaks(
            self._shelf, self.reel.shot(shot), self.turnover().cut.drop, settings=settings,
            cleared=cleared, character=character, change=change, words=self.reel.words_of(shot),
        )  # fmt: skip
        self._forget_reels()
        return changed

    def review(
        self, shot: str, *, plate_beside: bool = False, progress: Progress = silent
    ) -> Review:
        """Write review strips and a review movie of `shot`; see `review_shot`."""
        from dubsync.service.review.shot import review_shot

        return review_shot(self.reel, shot, plate_beside=plate_beside, progress=progress)

    # -- internal --------------------------------------------------------------------------------

    def _dubbed(self) -> tuple[str, ...]:
        """Every character that is dubbed in at least one shot."""
        shots = self.reel.turnover.shots
        return tuple(dict.fromkeys(c for shot in shots for c in shot.characters))

    def _others(self) -> Iterator[Project]:
        """The project in every other language whose dub can be read."""
        for project in self.into_each():
            try:
                if project is not self and project.intake:
                    yield project
            except DubsyncError:
                continue  # its own operations raise it

    def _to_train(self, characters: Sequence[str], trained: Mapping[str, Trained]) -> list[str]:
        """The named characters (none: all) dubbed in this language and not yet trained."""
        tried = {name for name, how in trained.items() if not isinstance(how, ConsentMissing)}
        wanted = characters or self._dubbed()
        return [name for name in wanted if name in self.file.performers and name not in tried]

    def _train_untrained(self, progress: Progress) -> dict[str, Trained]:
        """Train the characters that may draw a shot and have no current training.

        No plate is analysed for shots without consent: `draws` is checked first.
        """
        reel, wanted = self.opened_reel(progress), []
        if self.file.settings.engine.train_minutes <= 0:
            return {}
        for character in self._dubbed():
            shots = [s for s in reel.turnover.shots if character in s.characters]
            draws = any(reel.renderer_setting(s) in ("auto", "actor") and not reel.refusal(s)
                        for s in shots)  # fmt: skip
            if not draws:
                continue
            actors = reel.look(progress).actors
            # A character that no plate shows needs no training; the shots' results report it.
            if actors.seen(character) and not actors.trained(character):
                wanted.append(character)
        return self.train(wanted, progress=progress) if wanted else {}
