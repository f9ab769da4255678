"""The pictures that the current shot has: its plate, its renders with their mattes, its takes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import Any

from PyQt5.QtCore import QObject, pyqtSignal

from dubsync.core.errors import DubsyncError
from dubsync.core.shot import Shot
from dubsync.desk.session.background import Background, Refusal
from dubsync.desk.viewer.picture.looking import NOW, PLATE
from dubsync.desk.viewer.place_words import in_sentences
from dubsync.service.project import Project
from dubsync.service.proxies.play_path import PlayPath, play_path
from dubsync.service.proxies.sources import (
    PictureSource,
    plate_source,
    version_names,
    version_sources,
)
from dubsync.service.proxies.take_times import TakeTimes, take_times

MOST_TAKES = 9


@dataclass(frozen=True, slots=True)
class ShotPictures:
    """What can be shown of one shot.

    known     whether its renders were looked for
    versions  its renders, newest first
    renders   version -> its picture and its matte, of the versions that were looked at
    takes     of each character, in the order of the shot's
    """

    shot: Shot
    path: PlayPath
    plate: PictureSource
    known: bool = False
    versions: tuple[str, ...] = ()
    renders: dict[str, tuple[PictureSource, PictureSource | None]] = field(default_factory=dict)
    takes: tuple[TakeTimes, ...] = ()

    def choices(self) -> list[tuple[str, str]]:
        """(name, words) for A and B."""
        newest = f"{self.versions[0]} now" if self.versions else "Now"
        return [(PLATE, "Plate"), (NOW, newest), *((name, name) for name in self.versions)]

    def source(self, choice: str) -> PictureSource | None:
        """The pictures of a choice; None: there are none yet."""
        if choice == PLATE or (choice == NOW and self.known and not self.versions):
            return self.plate
        return self._render(choice)[0]

    def matte(self, choice: str) -> PictureSource | None:
        return self._render(choice)[1]

    def _render(self, choice: str) -> tuple[PictureSource | None, PictureSource | None]:
        name = self.versions[0] if choice == NOW and self.versions else choice
        return self.renders.get(name, (None, None))

    def take_at(self, record: int, character: str) -> tuple[TakeTimes, int] | None:
        """The take that speaks at a record frame, and its frame there."""
        seconds = record / float(self.path.whole.rate)
        own = sorted(self.takes, key=lambda one: one.take.character != character)
        for one in own:
            frame = one.frame(seconds)
            if frame is not None:
                return one, frame
        return None


class PictureFinder(QObject):
    """Looks for a shot's pictures in the background.

    found    the ShotPictures are there, or hold more than before
    refused  (words) a render cannot be shown
    """

    found = pyqtSignal(object)
    refused = pyqtSignal(str)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._quick = Background("pictures", self)
        self._slow = Background("sound and takes", self)
        self._now: ShotPictures | None = None
        self._shot: Shot | None = None

    def open(self, project: Project, shot: Shot) -> None:
        """Look for everything that `shot` has; the plate is known at once."""
        new = self._shot is None or self._shot != shot
        self._shot = shot
        plate = ShotPictures(shot, play_path(shot), plate_source(shot))
        if new:
            self._keep(plate)
        self._quick.run(lambda: _renders(project, plate), self._keep_first, self._refuse)
        if new:
            self.run(shot, lambda: (shot, _takes(project, shot)), self._keep_takes)

    def leave(self) -> None:
        """No shot is shown any more."""
        self._now, self._shot = None, None

    def look_for(self, project: Project, version: str) -> None:
        """Look for one render."""
        now = self._now
        if now is None or version in now.renders or version not in now.versions:
            return
        shot = now.shot
        self._quick.run(
            lambda: (shot, version, version_sources(project.store, shot, version)),
            self._keep_render, self._refuse,
        )  # fmt: skip

    def run(self, shot: Shot, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        """Slow work for `shot`; it is not begun when another shot is shown by then."""

        def begin() -> Any:
            return work() if self._shot == shot else None

        self._slow.run(begin, lambda made: done(made) if made is not None else None, self._refuse)

    def close(self) -> None:
        self._shot = None
        self._quick.close()
        self._slow.close()

    def _keep(self, pictures: ShotPictures) -> None:
        self._now = pictures
        self.found.emit(pictures)

    def _keep_first(self, found: ShotPictures) -> None:
        now = self._now
        if now is not None and found.shot == now.shot:
            self._keep(replace(found, path=now.path, takes=now.takes))

    def _keep_takes(self, answer: tuple[Shot, tuple[TakeTimes, ...]]) -> None:
        now = self._now
        if now is not None and answer[0] == now.shot and answer[1]:
            self._keep(replace(now, takes=answer[1]))

    def _keep_render(
        self, answer: tuple[Shot, str, tuple[PictureSource, PictureSource | None]]
    ) -> None:
        now = self._now
        if now is not None and answer[0] == now.shot:
            self._keep(replace(now, renders={**now.renders, answer[1]: answer[2]}))

    def _refuse(self, refusal: Refusal) -> None:
        self.refused.emit(in_sentences(refusal.message, refusal.hint))


def _renders(project: Project, plate: ShotPictures) -> ShotPictures:
    """The names of all renders, and the newest of them where it can be read."""
    shot = plate.shot
    versions = version_names(project.store, shot)
    renders = {}
    if versions:
        # A damaged one is said when it is looked at: the plate must show without it.
        with suppress(DubsyncError):
            renders[versions[0]] = version_sources(project.store, shot, versions[0])
    return replace(plate, known=True, versions=versions, renders=renders)


def _takes(project: Project, shot: Shot) -> tuple[TakeTimes, ...]:
    """The shot's takes whose words are found in the dub."""
    found = []
    for take in shot.takes[:MOST_TAKES]:
        try:
            found.append(take_times(shot, take, project.intake.stems, project.store,
                                    conform=project.intake.conform))  # fmt: skip
        except DubsyncError:  # a take whose words are not found is not shown
            continue
    return tuple(found)
