"""Why a version of a render must stay: it is the newest, approved, delivered, or a cut names it.

Who was given a version is asked of the ledger and of every file that was delivered: a name that is
found in a cut, a list or an AAF counts, whatever wrote it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from dubsync.core.errors import DeliveryError
from dubsync.service.judging.judgement_store import JudgementStore, Verdict, last_on
from dubsync.service.ledger.read_ledger import read_ledger
from dubsync.service.render.older.deleted_note import read_note
from dubsync.service.render.provenance import whole_record
from dubsync.service.render.verify_render import altered
from dubsync.service.store.folder import Store, version_number
from dubsync.service.store.links import leads_out

#: Most bytes of a file that are held at once, and looked through again at the start of the next.
_MOST, _AGAIN = 64 << 20, 4096
#: Files that hold pictures or sound, and no name of another file.
_MEDIA = frozenset({".mov", ".mkv", ".mp4", ".mxf", ".wav", ".exr", ".dpx", ".png", ".jpg",
                    ".tif", ".tiff"})  # fmt: skip


@dataclass(frozen=True, slots=True)
class RenderVersion:
    """One version of a shot's render.

    stem   with which the names of its files begin; "": its record cannot be read
    stays  why it must stay; "": it need not
    gone   whether its media were deleted before
    bytes  of all its files
    """

    language: str
    shot: str
    folder: Path
    stem: str
    stays: str
    gone: bool
    bytes: int

    @property
    def name(self) -> str:
        """Shot and version: "SH010 v001"."""
        return f"{self.shot} {self.folder.name}"


def render_versions(
    store: Store, language: str, *, cuts: Sequence[Path] = (), newest: int = 1,
    shots: Sequence[str] = (),
) -> tuple[RenderVersion, ...]:  # fmt: skip
    """Every version of every render in one language, oldest first of each shot.

    Args:
        cuts: files that may name renders besides those in the project's folder.
        newest: how many versions of each shot stay, at least 1.
        shots: only these; (): all.

    Raises:
        SettingsError: a file of judgements is damaged, so that nobody knows what is approved.
    """
    homes = store.layout.homes(store.folder, "renders")
    names = shots or sorted({name for home in homes for name in _names(home)})
    judged = JudgementStore(store.folder, store.layout)
    named = _Names(store.folder, cuts)
    found: list[RenderVersion] = []
    for shot in names:
        verdicts, newer, mine = judged.of(shot), _Newer(store, newest), []
        for folder in store.versions("renders", shot):
            stem = _stem(folder, language)
            if stem is None:
                continue
            gone = read_note(folder) is not None
            why = "" if stem else "its record cannot be read"
            if leads_out(folder, store.folder):
                why = "a link that leads out of the project's folder"
            if approved(verdicts, folder):
                why = why or "approved"
            why = why or named.by(language, shot, folder.name, stem)
            if not gone:
                why = newer.needs(folder) or why
                newer.add(folder)
            mine.append(RenderVersion(language, shot, folder, stem, why, gone, _bytes_of(folder)))
        found += reversed(mine)
    return tuple(found)


def approved(verdicts: Sequence[Verdict], folder: Path) -> bool:
    """Whether the last judgement that stands on the version in `folder` approves it."""
    said = last_on(verdicts, version_number(folder))
    return said is not None and said.judgement.judged == "approved"


class _Newer:
    """The versions of one shot that are newer than the one looked at, and have their media."""

    def __init__(self, store: Store, newest: int) -> None:
        self._store, self._newest = store, newest
        self._folders: list[Path] = []
        self._whole = False

    def add(self, folder: Path) -> None:
        self._folders.append(folder)

    def needs(self, folder: Path) -> str:
        """Why a version stays whatever is said of it: it is the newest, or the newest whole one."""
        if len(self._folders) < self._newest:
            return "the newest" if self._newest == 1 else f"one of the {self._newest} newest"
        self._whole = self._whole or any(_is_whole(self._store, one) for one in self._folders)
        if not self._whole and _is_whole(self._store, folder):
            return "the newest that is whole"
        return ""


def _names(home: Path) -> list[str]:
    """The names of shots with a folder in `home`."""
    if not home.is_dir():
        return []
    return [path.name for path in home.iterdir() if path.is_dir() and any(path.glob("v*"))]


def _stem(folder: Path, language: str) -> str | None:
    """What the names of a version's files begin with; None: it is another language's."""
    try:
        record = whole_record(folder)
    except DeliveryError:
        return ""
    if record["language"] != language:
        return None
    path = next(iter(sorted(folder.glob("*.record.json"))))
    return path.name.removesuffix(".record.json")


def _is_whole(store: Store, folder: Path) -> bool:
    try:
        return not altered(store, folder, whole_record(folder))
    except DeliveryError:
        return False


def _bytes_of(folder: Path) -> int:
    return sum(path.lstat().st_size for path in folder.rglob("*") if not path.is_dir())


class _Names:
    """The renders that deliveries and cuts name."""

    def __init__(self, folder: Path, cuts: Sequence[Path]) -> None:
        self._folder, self._cuts = folder, tuple(cuts)
        self._texts: list[tuple[str, Iterable[bytes]]] | None = None
        self._entered: dict[tuple[str, str, str], str] | None = None

    def by(self, language: str, shot: str, version: str, stem: str) -> str:
        """Why a version is still referred to; "": nothing names it."""
        if self._entered is None:
            self._entered = dict(_entered(self._folder))
        where = self._entered.get((language, shot, version), "")
        if where:
            return f"delivered in {where}"
        if not stem:
            return ""
        sought = _spelt(stem)
        for place, parts in self._read():
            try:
                if any(sought.search(part) for part in parts):
                    return f"named in {place}"
            except OSError as error:
                return f"{place} cannot be read ({error.strerror}), and may name it"
        return ""

    def _read(self) -> list[tuple[str, Iterable[bytes]]]:
        if self._texts is None:
            self._texts = list(_texts(self._folder, _naming(self._folder, self._cuts)))
        return self._texts


def _entered(folder: Path) -> Iterator[tuple[tuple[str, str, str], str]]:
    """(language, shot, version) -> the delivery that the ledger says it left the house in."""
    for entry in read_ledger(folder).of("delivery"):
        shots: Mapping[str, object] = entry.what.get("shots", {})
        for shot, version in shots.items() if isinstance(shots, dict) else ():
            key = str(entry.what.get("language", "")), str(shot), str(version)
            yield key, str(entry.what.get("folder", "")) or "a delivery"


def _spelt(stem: str) -> re.Pattern[bytes]:
    """Finds a name as files of all formats spell it: plain, in a URL, in an AAF (UTF-16).

    SH010_v001 is not found in SH010_v0010.
    """
    texts = sorted({stem, quote(stem)})
    plain = [re.escape(text.encode("utf-8", "surrogatepass")) + rb"(?![0-9])" for text in texts]
    wide = [re.escape(text.encode("utf-16-le", "surrogatepass")) + rb"(?![0-9]\x00)"
            for text in texts]  # fmt: skip
    return re.compile(b"|".join([*plain, *wide]))


def _naming(folder: Path, cuts: Iterable[Path]) -> Iterator[Path]:
    """Files that may name a render: deliveries, disclosures, sent timelines, and cuts."""
    for kind in ("delivery", "disclosure", "cuts"):
        yield from (path for path in sorted((folder / kind).rglob("*")) if path.is_file())
    yield from (path for path in sorted(folder.glob("*")) if path.is_file())
    yield from cuts


def _texts(folder: Path, paths: Iterable[Path]) -> Iterator[tuple[str, Iterable[bytes]]]:
    """(Where, its bytes in parts) of each file; those of one that cannot be read raise OSError."""
    for path in dict.fromkeys(paths):
        if path.suffix.lower() in _MEDIA or path.name == "ledger.jsonl":
            continue
        place = str(path.relative_to(folder) if path.is_relative_to(folder) else path.name)
        try:
            large = path.stat().st_size > _MOST
            yield place, _Large(path) if large else (path.read_bytes(),)
        except FileNotFoundError:
            continue  # what is not there names nothing
        except OSError:
            yield place, _Large(path)


@dataclass(frozen=True, slots=True)
class _Large:
    """The bytes of a large file, a part at a time; a name at a seam is whole in the later one."""

    path: Path

    def __iter__(self) -> Iterator[bytes]:
        before = b""
        with self.path.open("rb") as file:
            while part := file.read(_MOST):
                yield before + part
                before = part[-_AGAIN:]
