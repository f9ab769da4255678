"""Project: what one can ask of a reel.  Command line, desk, farm and hosts all ask here."""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from functools import cached_property
from pathlib import Path

from dubsync.core.errors import DubsyncError, MissingMedia, SettingsError
from dubsync.core.progress import Progress, silent
from dubsync.core.result import Delivery, QCReport
from dubsync.core.settings import Settings
from dubsync.core.shot import Turnover
from dubsync.core.steps import Actor
from dubsync.editorial.cut import read_cut
from dubsync.media.probe import find_plates
from dubsync.service import consent as consents
from dubsync.service.atomic import write_whole
from dubsync.service.check import check_reel
from dubsync.service.delivery import deliver
from dubsync.service.intake import Intake, checked_file, cut_rate, take_in
from dubsync.service.listening import Ear
from dubsync.service.project_file import (
    FILE_NAME,
    ProjectFile,
    Role,
    checked_character,
    checked_language,
    parse_points,
    points_text,
    project_text,
    read_project_file,
)
from dubsync.service.provenance import rendered_from
from dubsync.service.reel import Reel, ShotResult
from dubsync.service.store import Store
from dubsync.service.syncing import finished, left_alone, sync_shots

FACES_FILE = "faces.toml"  #: answers given with --face; dubsync.toml's own [faces] come first


@dataclass(frozen=True, slots=True)
class RunResult:
    """All that `Project.run` did."""

    shots: tuple[ShotResult, ...]
    report: QCReport | None
    delivery: Delivery | None


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
        return take_in(self.file, Ear(self.store))

    def turnover(self) -> Turnover:
        """The shots found, who speaks in each, and every doubt."""
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
            pointed=self._pointed(),
        )

    def reel_consents(self) -> dict[str, bool]:
        """Performer -> whether some consent record names them."""
        given = {r.performer for r in consents.read_all(self.file.folder / "consent")}
        return {role.performer: role.performer in given for role in self.file.roles}

    # -- verbs ---------------------------------------------------------------------------------

    def train(
        self, characters: Sequence[str] = (), *, progress: Progress = silent
    ) -> dict[str, Actor | DubsyncError]:
        """Learn each named (default: every dubbed) character; one refusal stops no other."""
        known = dict.fromkeys(c for shot in self.reel.turnover.shots for c in shot.characters)
        trained: dict[str, Actor | DubsyncError] = {}
        for character in characters or known:
            self.file.performer(character)
            try:
                trained[character] = self.reel.actor(character, progress)
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

    def deliver(self, *, report: str = "") -> Delivery:
        """Hand the corrected cut back."""
        reel = self.reel
        rendered = [
            rendered_from(folder, shot)
            for shot in reel.turnover.shots
            if (folder := finished(reel, shot)) is not None
        ]
        return deliver(reel, rendered, name=self.file.cut.stem, report=report)

    def run(
        self,
        *,
        progress: Progress = silent,
        finished: Callable[[ShotResult], None] = lambda result: None,
    ) -> RunResult:
        """Turnover, train, sync, check, deliver."""
        shots = self.sync(progress=progress, finished=finished)
        if not any(result.rendered for result in shots):
            return RunResult(shots, None, None)
        report = self._check((), shots, progress)
        return RunResult(shots, report, self.deliver(report=report.html))

    def point(self, shot: str, character: str, xy: tuple[float, float]) -> None:
        """Remember that `character`'s face in `shot` lies at plate pixel `xy`."""
        self.file.performer(character)
        self.reel.shot(shot)
        points = {name: dict(people) for name, people in self._answers().items()}
        points.setdefault(shot, {})[character] = xy
        write_whole(self.file.folder / FACES_FILE, points_text(points))
        self.__dict__.pop("reel", None)

    # -- inside ----------------------------------------------------------------------------------

    def _check(
        self, names: Sequence[str], shots: Sequence[ShotResult], progress: Progress
    ) -> QCReport:
        wanted = names or [shot.name for shot in self.reel.turnover.shots]
        return check_reel(self.reel, wanted, name=self.file.name, results=shots, progress=progress)

    def _answers(self) -> dict[str, dict[str, tuple[float, float]]]:
        path = self.file.folder / FACES_FILE
        try:
            return parse_points(tomllib.loads(path.read_text(encoding="utf-8")))
        except FileNotFoundError:
            return {}
        except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
            raise SettingsError(f"{path}: {error}", hint="mend it, or delete it") from error

    def _pointed(self) -> dict[str, dict[str, tuple[float, float]]]:
        answers = self._answers()
        return {
            shot: {**answers.get(shot, {}), **self.file.faces.get(shot, {})}
            for shot in {*answers, *self.file.faces}
        }


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
        for who, path in dubs.items()
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
