"""Project: what one can ask of a reel.  Command line, desk, farm and hosts all ask here."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from pathlib import Path

from dubsync.core.errors import ConsentMissing, DubsyncError, MissingMedia, SettingsError
from dubsync.core.progress import Progress, silent
from dubsync.core.result import Delivery, QCReport
from dubsync.core.settings import Settings
from dubsync.core.shot import Turnover
from dubsync.editorial.cut import read_cut
from dubsync.media.probe import find_plates
from dubsync.service import answers
from dubsync.service import consent as consents
from dubsync.service.actors import ModelRecord
from dubsync.service.atomic import write_whole
from dubsync.service.check import check_reel
from dubsync.service.coverage_map import coverage_png
from dubsync.service.covering import CharacterCoverage, cover_reel
from dubsync.service.delivery import deliver
from dubsync.service.intake import Intake, checked_file, cut_rate, take_in
from dubsync.service.listening import Ear
from dubsync.service.project_file import (
    FILE_NAME,
    ProjectFile,
    Role,
    checked_character,
    checked_language,
    project_text,
    read_project_file,
)
from dubsync.service.provenance import rendered_from
from dubsync.service.reel import Reel, ShotResult
from dubsync.service.review import Review, review_shot
from dubsync.service.store import NewVersion, Store
from dubsync.service.syncing import finished, left_alone, sync_shots
from dubsync.service.triage import Triage, triage_reel
from dubsync.service.tweak_shelf import TweakShelf
from dubsync.service.tweaking import Change, ShotTweaks, change_tweaks
from dubsync.service.withdrawal import Dependents, dependents, withdraw

#: How a character's training ended.
Trained = ModelRecord | DubsyncError


@dataclass(frozen=True, slots=True)
class ReelCoverage:
    """Every character's coverage.

    pictures  character -> path of the map's PNG
    left_out  shot or plate -> why it could not be planned or looked at
    unseen    plates of the media folders that were not looked at
    """

    characters: tuple[CharacterCoverage, ...]
    pictures: Mapping[str, str]
    left_out: Mapping[str, str]
    unseen: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class RunResult:
    """All that `Project.run` did."""

    shots: tuple[ShotResult, ...]
    report: QCReport | None
    delivery: Delivery | None
    trained: Mapping[str, Trained] = field(default_factory=dict)


class Project:
    """A project folder, opened."""

    def __init__(self, file: ProjectFile) -> None:
        self.file = file
        self.store = Store(file.folder)

    @classmethod
    def open(cls, folder: Path) -> Project:
        """The project in `folder`.  Raises SettingsError when dubsync.toml is absent or wrong."""
        return cls(read_project_file(folder))

    # -- what is there -----------------------------------------------------------------------

    @cached_property
    def intake(self) -> Intake:
        return take_in(self.file, Ear(self.store), self.store)

    def turnover(self, *, progress: Progress = silent) -> Turnover:
        """The shots found, who speaks in each, and every doubt."""
        if "intake" not in self.__dict__:
            found = take_in(self.file, Ear(self.store), self.store, progress=progress)
            self.__dict__["intake"] = found
        return self.intake.turnover

    @cached_property
    def reel(self) -> Reel:
        return Reel(
            turnover=self.intake.turnover,
            stems=self.intake.stems,
            language=self.file.language,
            performers={role.character: role.performer for role in self.file.roles},
            consents=consents.read_all(self.file.folder / "consent"),
            settings=self.file.settings,
            store=self.store,
            ear=Ear(self.store),
            pointed=answers.pointed(self.file),
            renderers=answers.renderers(self.file.folder),
            tweaks=TweakShelf(self.file.folder).all(),
        )

    def reel_consents(self) -> dict[str, bool]:
        """Performer -> whether some consent record names them."""
        given = {r.performer for r in consents.read_all(self.file.folder / "consent")}
        return {role.performer: role.performer in given for role in self.file.roles}

    # -- verbs ---------------------------------------------------------------------------------

    def train(
        self,
        characters: Sequence[str] = (),
        *,
        minutes: float | None = None,
        size: int = 0,
        progress: Progress = silent,
    ) -> dict[str, Trained]:
        """Train each named (default: every dubbed) character; one refusal stops no other.

        Args:
            minutes: at most, for each; None: as the settings say.
            size: side of the face crop, pixels; 0: the face's own.
        """
        limit = self.file.settings.engine.train_minutes if minutes is None else minutes
        if limit <= 0:
            raise SettingsError("engine.train_minutes is 0, so nobody is trained",
                                hint="say for how long: --minutes 5")  # fmt: skip
        trained: dict[str, Trained] = {}
        for character in characters or self._dubbed():
            self.file.performer(character)
            try:
                trained[character] = self.reel.train(
                    character, minutes=limit, size=size, progress=progress
                )
            except DubsyncError as error:
                trained[character] = error
        return trained

    def sync(
        self,
        names: Sequence[str] = (),
        *,
        progress: Progress = silent,
        finished: Callable[[ShotResult], None] = lambda result: None,
    ) -> tuple[ShotResult, ...]:
        """Render the named shots (default: all).  What is up to date is left as it is."""
        reel = self.reel
        wanted = names or [shot.name for shot in reel.turnover.shots]
        results = []
        for result in sync_shots(reel, wanted, progress):
            finished(result)
            results.append(result)
        if not names:
            results += left_alone(reel)
        return tuple(results)

    def check(self, names: Sequence[str] = (), *, progress: Progress = silent) -> QCReport:
        """Measure the newest render of each named (default: every) shot, and report."""
        return self._check(names, (), progress)

    def coverage(
        self, names: Sequence[str] = (), *, all_plates: bool = False, progress: Progress = silent
    ) -> ReelCoverage:
        """What the footage shows of what the named (default: all) shots want; maps are written.

        They lie in reports/coverage/vNNN/CHARACTER.png.

        Args:
            names: shots.
            all_plates: look through every plate of the media folders for what lacks; slow.
        """
        reel = self.reel
        shots = names or [shot.name for shot in reel.turnover.shots]
        plates, _ = find_plates(self.file.media)
        found, left_out = cover_reel(reel, shots, plates if all_plates else (), progress)
        with NewVersion(self.store, "reports", "coverage") as version:
            for one in found:
                write_whole(version.folder / f"{one.character}.png", coverage_png(one))
        pictures = {one.character: str(version.final / f"{one.character}.png") for one in found}
        looked_at = {shot.plate.path for shot in reel.turnover.shots}
        unseen = tuple(p.name for p in plates if p.path not in looked_at and not all_plates)
        return ReelCoverage(found, pictures, left_out, unseen)

    def deliver(self, *, report: str = "") -> Delivery:
        """Hand the corrected cut back."""
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
        delivery = deliver(reel, rendered, name=self.file.cut.stem, report=report)
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
        self.reel.shot(shot)
        answers.point(self.file.folder, shot, character, xy)
        self.__dict__.pop("reel", None)

    def consents(self) -> tuple[Dependents, ...]:
        """Every performer with their records, and the models and renders that depend on them."""
        return dependents(self.file, self.store)

    def withdraw(self, theirs: Dependents) -> tuple[Path, ...]:
        """Set one performer's records aside and delete their models; the records' new paths."""
        moved = withdraw(self.file, self.store, theirs)
        self.__dict__.pop("reel", None)
        return moved

    def draw_with(self, shot: str, renderer: str) -> None:
        """Remember what is to draw `shot`: "actor", "warp", "plate" or "auto"."""
        self.reel.shot(shot)
        answers.draw_with(self.file.folder, shot, renderer)
        self.__dict__.pop("reel", None)

    def triage(self, names: Sequence[str] = (), *, progress: Progress = silent) -> Triage:
        """Rank the named (default: all) shots by how badly plate and dub disagree."""
        reel = self.reel
        return triage_reel(reel, names or [s.name for s in reel.turnover.shots], progress)

    def tweak(
        self, shot: str, settings: Sequence[str] = (), *, cleared: Sequence[str] = (),
        character: str = "", change: Change = "",
    ) -> ShotTweaks:  # fmt: skip
        """What artists say over `shot`, after this was said too; see `change_tweaks`."""
        said = change_tweaks(
            TweakShelf(self.file.folder), self.reel.shot(shot), self.turnover().cut.drop,
            settings=settings, cleared=cleared, character=character, change=change,
        )  # fmt: skip
        self.__dict__.pop("reel", None)
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

    def _train_untrained(self, progress: Progress) -> dict[str, Trained]:
        """Train who may draw a shot and is not trained yet.

        Nothing is looked at for shots that may not be worked on: `draws` comes first.
        """
        reel, wanted = self.reel, []
        if self.file.settings.engine.train_minutes <= 0:
            return {}
        for character in self._dubbed():
            shots = [s for s in reel.turnover.shots if character in s.characters]
            draws = any(reel.asked(s) in ("auto", "actor") and not reel.refusal(s) for s in shots)
            # Who is seen nowhere needs no training: their shots say so.
            if draws and reel.seen(character, progress) and not reel.trained(character, progress):
                wanted.append(character)
        return self.train(wanted, progress=progress) if wanted else {}


def new_project(
    folder: Path,
    *,
    cut: Path,
    media: Sequence[Path],
    dubs: dict[str, Path],
    language: str,
    takes: Sequence[Path] = (),
    performers: dict[str, str] | None = None,
    consent: Sequence[Path] = (),
    settings: Settings | None = None,
    rate: Fraction | None = None,
) -> Project:
    """Make `folder` a project over these files.  Nothing is copied but consent records.

    Args:
        dubs: character -> stem; "ELISE+MARC" -> one mixed stem with both.

    Raises:
        SettingsError: the folder is a project already, or a name or tag cannot be.
        TurnoverError: the cut cannot be read, or a file is missing.
    """
    if (folder / FILE_NAME).exists():
        raise SettingsError(f"{folder} is a project already", hint="edit its dubsync.toml")
    for path in (*media, *takes):
        if not path.is_dir():
            raise MissingMedia(f"folder {path} is not there", hint="check the path")
    if not dubs:
        raise SettingsError("no dub is named", hint="--dub CHARACTER=STEM.wav, once for each")
    performers = performers or {}
    roles = tuple(
        Role(checked_character(who), performers.get(who, who.lower()),
             checked_file(path, f"dub of {who}").resolve())
        for together, path in dubs.items()
        for who in together.split("+")
    )  # fmt: skip
    file = ProjectFile(
        folder=folder.resolve(),
        name=folder.resolve().name,
        language=checked_language(language),
        cut=checked_file(cut, "cut").resolve(),
        media=tuple(path.resolve() for path in media),
        takes=tuple(path.resolve() for path in takes),
        roles=roles,
        rate=rate,
        settings=settings or Settings(),
    )
    records = [(path, consents.read_consent(path)) for path in consent]
    plates, _ = find_plates(file.media)
    file = replace(file, rate=cut_rate(file, plates))
    read_cut(file.cut, rate=file.rate)
    _write_new(file, records)
    return Project.open(folder)


def _write_new(file: ProjectFile, records: Sequence[tuple[Path, consents.ConsentRecord]]) -> None:
    """dubsync.toml last: a folder without it is no project, so a stopped `new` leaves none."""
    covered = {record.performer for _, record in records}
    for path, _ in records:
        write_whole(file.folder / "consent" / path.name, path.read_bytes())
    for role in file.roles:
        if role.performer not in covered:
            text = consents.template(role.character, role.performer, file.language, date.today())
            write_whole(file.folder / "consent" / f"{role.performer}.toml.example", text)
    write_whole(file.folder / FILE_NAME, project_text(file))
