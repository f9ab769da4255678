"""A project's folder: its layout, and derived data cached by digest.

dubsync.toml  faces.toml  consent/    written by people
tweaks/SHOT/v001.json                 tweaks of each shot; never overwritten
notes/N0001/v001.json  judgements/SHOT/v001.json
                                      what reviewers say; never overwritten
notes/host_markers.json               which note was made of which marker of a host
cuts/NAME_v001.otio                   timelines that a plugin sent; never overwritten
.dubsync/                             derived data by digest; safe to delete
renders/SHOT/v001/  reports/v001/  reports/review/SHOT/v001/  delivery/v001/  disclosure/v001/
                                      versions, never overwritten

In a project of several languages, what depends on the language is one folder deeper, under its
tag: renders/fr-FR/SHOT/v001, tweaks/fr-FR/SHOT, reports/fr-FR/v001, delivery/fr-FR/v001 (Layout).
"""

from __future__ import annotations

import errno
import json
import logging
import os
import re
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import copy
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from secrets import token_hex
from typing import Any, TypeVar

import numpy as np
from filelock import FileLock, Timeout
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save as to_safetensors

from dubsync.core.digest import digest
from dubsync.core.documents import parse_json
from dubsync.core.errors import DeliveryError, DubsyncError
from dubsync.core.face import FaceTrack
from dubsync.core.shot import Plate
from dubsync.core.sound.audio import AudioFeatures
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.stills.sequence import still_path
from dubsync.service.store.atomic_write import sync_folder, unwritable, write_derived
from dubsync.service.store.kept_digests import KeptDigests
from dubsync.service.store.kept_readings import kept_readings

_log = logging.getLogger(__name__)
_VERSION = re.compile(r"v(\d{3,})")
_TRACK_ARRAYS = ("landmarks", "blendshapes", "confidence", "appearance")
_HEARING_ARRAYS = ("mel", "loudness", "speech", "closure", "phones", "states")

Arrays = Mapping[str, np.ndarray[Any, Any]]
T = TypeVar("T")


#: How the message begins where another process, here or on another machine, writes a version.
BUSY = "another dubsync process is writing to"
#: The folder of face tracks among the derived data.
TRACKS = "tracks"
#: The folder of the pages of checked shots, with pictures of faces, among the derived data.
PAGES = "pages"
#: Folders whose contents depend on the language.
SPOKEN = ("renders", "reports", "delivery", "disclosure", "tweaks", "notes", "judgements")


@dataclass(frozen=True, slots=True)
class Layout:
    """Where the files of one language are in a project's folder.

    language   its tag; "": unknown
    several    whether the project has other languages too
    first      whether it is the project's first; files made while the project had only one
               language belong to the first
    """

    language: str = ""
    several: bool = False
    first: bool = True

    def homes(self, folder: Path, *parts: str) -> tuple[Path, ...]:
        """The folder in which `parts` are written, then others in which they are read.

        So files made before a language was added or removed are still found.
        """
        kind, *rest = parts
        plain, tagged = folder.joinpath(*parts), folder.joinpath(kind, self.language, *rest)
        if kind not in SPOKEN or not self.language:
            return (plain,)
        if not self.several:
            return plain, tagged
        return (tagged, plain) if self.first else (tagged,)

    def named(self, *words: str) -> str:
        """A file name: words joined by _.

        In a project of several languages the tag follows the first word, because files of several
        languages may be put into one bin.
        """
        tag = (self.language,) if self.several else ()
        return "_".join((words[0], *tag, *words[1:]))

    @property
    def faces_picture(self) -> str:
        """Name of the picture of the numbered faces, in the project's folder: "faces.png"."""
        return f"{self.named('faces')}.png"


class Store:
    """Derived data of the project in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.derived = folder / ".dubsync"
        self.layout = Layout()
        self._digests = KeptDigests(self.derived / "digests.json")

    def laid_out(self, layout: Layout) -> Store:
        """The same store for another language; derived data is shared."""
        other = copy(self)
        other.layout = layout
        return other

    # -- digests of inputs ---------------------------------------------------------------

    def file_digest(self, path: Path) -> str:
        """SHA-256 of a file's bytes, read once as long as the file is not written to.

        See `kept_digests.KeptDigests`: a file with its old size and modification time back is read
        again.
        """
        return self._digests.of([path])[0]

    def plate_digest(self, plate: Plate) -> str:
        """One digest for a movie, or for every file of an image sequence."""
        if plate.first_number is None:
            return self.file_digest(Path(plate.path))
        numbers = range(plate.first_number, plate.first_number + len(plate.file_frames))
        return digest(self._digests.of([still_path(Path(plate.path), n) for n in numbers]))

    # -- cached values -------------------------------------------------------------------

    def tracks(self, key: str, make: Callable[[], tuple[FaceTrack, ...]]) -> tuple[FaceTrack, ...]:
        """The FaceTracks cached under `key`; made and cached if there are none."""
        path = self.derived / TRACKS / f"{key}.safetensors"
        kept = _understood(path, _tracks_in)
        if kept is not None:
            return kept
        made = make()
        facts = [
            {"face": t.face, "start": t.frames.start, "stop": t.frames.stop,
             "rate": str(t.frames.rate)}
            for t in made
        ]  # fmt: skip
        arrays = {
            f"{n}.{name}": getattr(track, name)
            for n, track in enumerate(made)
            for name in _TRACK_ARRAYS
        }
        _keep(path, arrays, facts)
        return made

    def has_tracks(self, key: str) -> bool:
        """Whether there are FaceTracks cached under `key`."""
        return (self.derived / TRACKS / f"{key}.safetensors").is_file()

    def has_hearing(self, key: str) -> bool:
        """Whether there are AudioFeatures cached under `key`."""
        return (self.derived / "hearings" / f"{key}.safetensors").is_file()

    def hearing(self, key: str, make: Callable[[], AudioFeatures]) -> AudioFeatures:
        """The AudioFeatures cached under `key`; made and cached if there are none."""
        path = self.derived / "hearings" / f"{key}.safetensors"
        kept = _understood(path, _features_in)
        if kept is not None:
            return kept
        made = make()
        _keep(path, {n: getattr(made, n) for n in _HEARING_ARRAYS}, str(made.start))
        return made

    def long_hearing(self, key: str, make: Callable[[], AudioFeatures]) -> AudioFeatures:
        """`hearing` of a long sound, whose many numbers stay on disk: see `kept_readings`."""
        return kept_readings(self.derived / "hearings" / f"{key}.safetensors", make)

    def arrays(self, kind: str, key: str, make: Callable[[], Arrays]) -> Arrays:
        """Plain arrays cached under `key`; made and cached if there are none."""
        path = self.derived / kind / f"{key}.safetensors"
        cached = _opened(path)
        if cached is not None:
            return cached[0]
        made = make()
        _keep(path, made, None)
        return made

    def kept_arrays(self, kind: str, key: str) -> Arrays | None:
        """The plain arrays cached under `key`; None if there are none."""
        cached = _opened(self.derived / kind / f"{key}.safetensors")
        return cached[0] if cached else None

    def actor_folder(self, character: str, key: str) -> Path:
        """The folder of the actor that was learnt from the inputs with the digest `key`."""
        return self.derived / "actors" / character / key

    def head_folder(self, character: str, key: str) -> Path:
        """The folder of the whole head that was learnt with the actor of the digest `key`."""
        return self.derived / "heads" / character / key

    def trained_parts(self, character: str, key: str) -> tuple[str, ...]:
        """Parts of the folder of that actor's trained versions, for NewVersion and `latest`."""
        return (self.derived.name, "trained", character, key)

    def training_folder(self, character: str, key: str) -> Path:
        """The folder in which an interrupted training of that actor left its state."""
        return self.derived / "training" / character / key

    # -- versions --------------------------------------------------------------------------

    def home(self, *parts: str) -> Path:
        """The folder to which new versions of `parts` are written."""
        return self.layout.homes(self.folder, *parts)[0]

    def versions(self, *parts: str) -> tuple[Path, ...]:
        """Every finished version folder of `parts`, newest first."""
        result: dict[int, Path] = {}
        for home in reversed(self.layout.homes(self.folder, *parts)):
            result |= _versions(home)
        return tuple(result[number] for number in sorted(result, reverse=True))

    def latest(self, *parts: str) -> Path | None:
        """The newest finished version folder of `parts`, or None."""
        return next(iter(self.versions(*parts)), None)

    def next_version(self, *parts: str) -> int:
        """One more than the highest number of any version, in whichever folder it is."""
        return max((version_number(path) for path in self.versions(*parts)), default=0) + 1


def making(final: Path) -> Path:
    """A name beside `final` for what becomes it, which no other process or machine gives too.

    Processes on two machines, or in two containers, may have the same number.
    """
    return final.with_name(f".making-{final.name}-{os.getpid()}-{token_hex(4)}")


@contextmanager
def whole_folder(final: Path, *, by_digest: bool = False) -> Iterator[Path]:
    """A folder to fill; renamed to `final` when the block succeeds, else removed.

    Args:
        by_digest: `final` is named by the digest of all that its contents depend on.  One that
            another process has made meanwhile holds the same, and stays.

    Raises:
        DeliveryError: the disk is full, or the folder cannot be written.
    """
    aside = making(final)
    try:
        aside.mkdir(parents=True)
        yield aside
        sync_folder(aside)
        try:
            aside.rename(final)
        except OSError as error:
            if not (
                by_digest and error.errno in (errno.EEXIST, errno.ENOTEMPTY) and final.is_dir()
            ):
                raise
    except OSError as error:
        raise unwritable(final, error) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)


class NewVersion:
    """A version folder that appears complete or not at all: filled aside, then renamed.

    with NewVersion(store, "renders", "SH010") as version:  version.folder, version.number
    """

    def __init__(self, store: Store, *parts: str) -> None:
        self._store, self._parts, self._home = store, parts, store.home(*parts)
        self._count()
        self._lock = FileLock(self._home / ".lock", timeout=0)

    def _count(self) -> None:
        self.number = self._store.next_version(*self._parts)
        self.name = f"v{self.number:03d}"
        self.final = self._home / self.name
        self.folder = making(self.final)

    def __enter__(self) -> NewVersion:
        try:
            self._home.mkdir(parents=True, exist_ok=True)
            self._lock.acquire()
            self._count()  # another process may have finished one before the lock was had
            for left_over in self._home.glob(".making-*"):  # of a run that was killed
                shutil.rmtree(left_over, ignore_errors=True)
            self.folder.mkdir()
        except Timeout:
            raise DeliveryError(
                f"{BUSY} {self._home}",
                hint="wait for it to finish, or stop it, then run this again",
            ) from None
        except OSError as error:
            self._lock.release()
            raise unwritable(self._home, error) from error
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: object) -> None:
        try:
            if kind is None:
                sync_folder(self.folder)
                self.folder.rename(self.final)
                sync_folder(self._home)
        except OSError as failure:
            raise unwritable(self.final, failure) from failure
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)
            self._lock.release()


def version_number(folder: Path) -> int:
    """The number of a version folder: 3 for v003."""
    return int(folder.name.removeprefix("v"))


def _versions(folder: Path) -> dict[int, Path]:
    if not folder.is_dir():
        return {}
    named = ((_VERSION.fullmatch(path.name), path) for path in folder.iterdir())
    return {int(match.group(1)): path for match, path in named if match}


def _opened(path: Path) -> tuple[dict[str, Any], Any] | None:
    if not path.exists():
        return None
    try:
        with safe_open(path, framework="numpy") as file:
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118
            return arrays, parse_json((file.metadata() or {})["facts"])
    except (SafetensorError, OSError, KeyError, ValueError) as error:
        _log.warning("derived data %s is damaged (%s): made again", path, error)
        return None


def _understood(path: Path, meant: Callable[[Mapping[str, Any], Any], T]) -> T | None:
    """`meant` of the arrays and facts in the file; None if it is absent, or a foreign file."""
    cached = _opened(path)
    if cached is None:
        return None
    try:
        return meant(*cached)
    except (KeyError, TypeError, ValueError, AttributeError, IndexError, DubsyncError) as error:
        _log.warning("derived data %s is damaged (%s): made again", path, error)
        return None


def _tracks_in(arrays: Mapping[str, Any], facts: Any) -> tuple[FaceTrack, ...]:
    return tuple(
        FaceTrack(
            face=fact["face"],
            frames=FrameRange(fact["start"], fact["stop"], Fraction(fact["rate"])),
            **{name: arrays[f"{n}.{name}"] for name in _TRACK_ARRAYS},
        )
        for n, fact in enumerate(facts)
    )


def _features_in(arrays: Mapping[str, Any], facts: Any) -> AudioFeatures:
    return AudioFeatures(start=Fraction(facts), **{n: arrays[n] for n in _HEARING_ARRAYS})


def _keep(path: Path, arrays: Arrays, facts: object) -> None:
    whole = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    write_derived(path, to_safetensors(whole, metadata={"facts": json.dumps(facts)}))
