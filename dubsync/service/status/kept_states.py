"""The states of a reel's shots, worked out again only where something on disk has changed.

A desk asks for them every few seconds.  What a state depends on is told by the size, times and
inode of its files, as kept digests are (`store.kept_digests`): no file is opened where those are
the same.

.dubsync/states/LANGUAGE.json    the states as they were last, and what they were worked out from
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path

import msgspec

from dubsync.core.digest import digest
from dubsync.core.documents import DamagedDocument, read_json
from dubsync.core.errors import SettingsError
from dubsync.core.progress import Progress
from dubsync.core.shot import Plate, Shot
from dubsync.core.version import __version__
from dubsync.media.stills.sequence import still_path
from dubsync.service.judging.judgement_store import FOLDER as JUDGEMENTS
from dubsync.service.judging.judgement_store import JudgementStore
from dubsync.service.plugins import engine_release
from dubsync.service.qc.checked_versions import CheckedVersions
from dubsync.service.reel.looked import LookedReel
from dubsync.service.reel.reel import Reel
from dubsync.service.status.shot_state import (
    Reviewed,
    ShotStatus,
    lacking_analysis,
    rejudged,
    shot_status,
    unrendered,
)
from dubsync.service.store.atomic_write import write_derived
from dubsync.service.store.folder import TRACKS, Store
from dubsync.service.tweaks.tweak_store import FOLDER as TWEAKS
from dubsync.service.tweaks.tweak_store import TweakStore

#: Pictures that dubsync writes into the project's folder; no state depends on them.
_PICTURES = (".png", ".jpg")
#: Derived data that a state depends on, by their folders' names.
_DERIVED = (TRACKS, "trained", "actors")


#: Of which renders and tweaks, after which judgements and reports, and the status.
_Known = tuple[str, str, ShotStatus]


@dataclass(frozen=True, slots=True)
class _Kept:
    """The states last worked out.

    inputs  of which inputs
    shots   shot name -> of which files, after what was said of it, and its status
    """

    inputs: str
    shots: dict[str, _Known]


class ReelStates:
    """The states of one reel's shots, as often as they are asked for.

    Args:
        media: the folders in which plates are looked for.
        opened: opens the reel; called again only after its inputs changed.
    """

    def __init__(self, store: Store, media: Sequence[Path], opened: Callable[[], Reel]) -> None:
        self._store, self._media, self._open = store, tuple(media), opened
        self._path = store.derived / "states" / f"{store.layout.language or 'only'}.json"
        self._judgements = JudgementStore(store.folder, store.layout)
        self._tweaks = TweakStore(store.folder, store.layout)
        self._checked = CheckedVersions(store)
        self._kept = _read(self._path)
        self._reel: Reel | None = None
        self._looked: LookedReel | None = None
        self._inputs = ""

    def now(self, progress: Progress) -> tuple[ShotStatus, ...]:
        """The status of every shot, and of every event that became none.

        An engine is loaded only where something is to be worked out.

        Raises:
            DubsyncError: the reel cannot be opened.
        """
        return self._all(lambda reel, shot, said: self._worked_out(reel, shot, said, progress))

    def known(self) -> tuple[tuple[ShotStatus, ...], frozenset[str]]:
        """The same without working anything out, and the names of shots that may be otherwise now.

        No engine is loaded.  `dubsync status` in another process works out what is missing here.

        Raises:
            DubsyncError: the reel cannot be opened.
        """
        self._kept = _read(self._path)
        unknown: dict[str, ShotStatus] = {}

        def as_kept(reel: Reel, shot: Shot, reviewed: Reviewed) -> ShotStatus | None:
            kept = self._kept.shots.get(shot.name)
            why = "its state is being worked out"
            unknown[shot.name] = kept[2] if kept else ShotStatus(shot.name, "unsure", (why,))
            return None

        found = self._all(as_kept)
        shots = tuple(unknown.get(status.name, status) for status in found)
        return shots, frozenset(unknown)

    def keep(self, reel: Reel, statuses: Sequence[ShotStatus]) -> None:
        """Keep the statuses of every shot of `reel`, just worked out elsewhere."""
        inputs = inputs_state(reel, self._media)
        reviewed = Reviewed(self._judgements, self._checked.newest())
        named = {status.name: status for status in statuses}
        shots = {
            shot.name: (self._files(shot), self._said(shot, reviewed), named[shot.name])
            for shot in reel.turnover.shots
        }
        self._keep(_Kept(inputs, shots))

    def _all(
        self, worked_out: Callable[[Reel, Shot, Reviewed], ShotStatus | None]
    ) -> tuple[ShotStatus, ...]:
        """Each shot's kept status, or what `worked_out` says; None is not kept."""
        reel = self._opened()
        inputs = inputs_state(reel, self._media)
        if self._inputs not in ("", inputs):  # since this reel was opened
            self._reel = self._looked = None
            reel = self._opened()
            inputs = inputs_state(reel, self._media)
        self._inputs = inputs
        reviewed = Reviewed(self._judgements, self._checked.newest())
        before = self._kept.shots if self._kept.inputs == inputs else {}
        shots: dict[str, _Known] = {}
        unknown: dict[str, ShotStatus] = {}
        for shot in reel.turnover.shots:
            files, said = self._files(shot), self._said(shot, reviewed)
            kept = before.get(shot.name)
            status = self._still_known(shot, kept, files, said, reviewed)
            status = status or worked_out(reel, shot, reviewed)
            if status is None:
                unknown[shot.name] = ShotStatus(shot.name, "unsure")
                continue
            shots[shot.name] = files, said, status
        if shots != before and not unknown:
            self._keep(_Kept(inputs, shots))
        names = [shot.name for shot in reel.turnover.shots]
        found = [shots[name][2] if name in shots else unknown[name] for name in names]
        return (*found, *unrendered(reel))

    def _opened(self) -> Reel:
        if self._reel is None:
            self._reel = self._open()
        return self._reel

    def _worked_out(
        self, reel: Reel, shot: Shot, reviewed: Reviewed, progress: Progress
    ) -> ShotStatus:
        if self._looked is None and not lacking_analysis(reel):
            self._looked = reel.look(progress)
        tweaks = self._tweaks.latest(shot.name).tweaks
        return shot_status(reel.with_tweaks(shot.name, tweaks), self._looked, shot, reviewed)

    def _still_known(
        self, shot: Shot, kept: _Known | None, files: str, said: str, reviewed: Reviewed
    ) -> ShotStatus | None:
        """The kept status, judged anew where only that changed; None: to be worked out."""
        if kept is None or kept[0] != files:
            return None
        if kept[1] == said:
            return kept[2]
        try:
            verdicts = self._judgements.of(shot.name)
        except SettingsError:
            return None
        newest = self._store.latest("renders", shot.name)
        return rejudged(kept[2], newest, verdicts, reviewed.checked.get(shot.name))

    def _files(self, shot: Shot) -> str:
        """What tells that the shot's tweaks and newest render are as they were."""
        homes = self._store.layout.homes(self._store.folder, TWEAKS)
        versions = self._store.versions("renders", shot.name)
        return digest(
            [_listing(home / shot.name) for home in homes],
            [version.name for version in versions],
            [_listing(version) for version in versions[:1]],
        )

    def _said(self, shot: Shot, reviewed: Reviewed) -> str:
        """What tells that nothing was said of the shot since, and what it was said of is there."""
        homes = self._store.layout.homes(self._store.folder, JUDGEMENTS)
        checked = reviewed.checked.get(shot.name)
        versions = self._store.versions("renders", shot.name)
        return digest(
            [_listing(home / shot.name) for home in homes],
            [_listing(v) for v in versions[1:] if v.name in self._approved(shot)],
            asdict(checked) if checked else {},
        )

    def _approved(self, shot: Shot) -> set[str]:
        try:
            return {verdict.judgement.version for verdict in self._judgements.of(shot.name)}
        except SettingsError:  # a damaged file: its shot's status says so
            return set()

    def _keep(self, kept: _Kept) -> None:
        self._kept = kept
        write_derived(self._path, json.dumps(msgspec.to_builtins(kept)))


def inputs_state(reel: Reel, media: Sequence[Path]) -> str:
    """What tells that nothing changed on which every shot of a reel may depend.

    Plates, stems, takes and mattes, the folders they are in, the project's own files, consent
    records and what was learnt: an actor is learnt from all its plates, so any of them may change
    any shot.  Where a plate is missing, every name under `media` counts: it may come back.
    """
    folder, turnover = reel.store.folder, reel.turnover
    reels = (*reel.earlier, reel)
    shots = [shot for one in reels for shot in one.turnover.shots]
    files = {turnover.cut.path}
    files |= {stem.path for one in reels for stem in one.stems.values()}
    files |= {take.path for shot in shots for take in shot.takes}
    plates = {shot.plate.path: shot.plate for shot in shots}
    homes = {path.parent for path in map(Path, [*files, *plates])} | set(media)
    own = [state for state in _listing(folder) if not str(state[0]).endswith(_PICTURES)]
    return digest(
        __version__, engine_release(reel.settings.engine), date.today().isoformat(), reel.language,
        own, _listing(folder / "consent"),
        [_state(Path(path)) for path in sorted(files)],
        [[_state(path) for path in _files_of(plates[path])] for path in sorted(plates)],
        [plates[path].format.colour_key for path in sorted(plates)],
        [_state(home) for home in sorted(homes - {folder})],
        list(_names(media)) if turnover.unlinked else [],
        [_tree(Path(path)) for path in sorted(map(str, reel.holdouts.values()))],
        [_folders(reel.store.derived / name) for name in _DERIVED],
    )  # fmt: skip


def _names(folders: Sequence[Path]) -> Iterator[str]:
    for folder in folders:
        for parent, _, names in sorted(os.walk(folder)):
            yield from (os.path.join(parent, name) for name in sorted(names))


def _files_of(plate: Plate) -> Iterable[Path]:
    if plate.first_number is None:
        return [Path(plate.path)]
    numbers = range(plate.first_number, plate.first_number + len(plate.file_frames))
    return (still_path(Path(plate.path), number) for number in numbers)


def _state(path: Path | os.DirEntry[str]) -> list[object]:
    """Name, size, times and inode; the name alone where it cannot be looked at."""
    name = os.fspath(path)
    try:
        stat = path.stat()
    except OSError:
        return [name]
    return [name, stat.st_size, stat.st_mtime_ns, stat.st_ctime_ns, stat.st_ino]


def _listing(folder: Path) -> list[list[object]]:
    """The state of each file in a folder, by name, but not of locks; none where it is absent."""
    try:
        with os.scandir(folder) as entries:
            return sorted(
                (_state(e) for e in entries if e.name != ".lock" and e.is_file()),
                key=lambda state: str(state[0]),
            )
    except OSError:
        return []


def _tree(path: Path) -> list[list[object]]:
    return [_state(path), *_listing(path if path.is_dir() else path.parent)]


def _folders(folder: Path) -> list[list[object]]:
    """The state of a folder and of those two below it: each changes as something in it appears."""
    result = [_state(folder)]
    for path in sorted([*folder.glob("*"), *folder.glob("*/*")]):
        if path.is_dir():
            result.append(_state(path))
    return result


def _read(path: Path) -> _Kept:
    try:
        return msgspec.convert(read_json(path), _Kept)
    except (OSError, DamagedDocument, msgspec.ValidationError):
        return _Kept("", {})
