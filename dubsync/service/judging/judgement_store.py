"""Judgements of renders, each a file of its own: judgements/SHOT/v001.json, never overwritten.

In a project of several languages each has its own: judgements/fr-FR/SHOT/v001.json.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import Literal

import msgspec

from dubsync.core.documents import DamagedDocument, read_json
from dubsync.core.errors import DubsyncError, SettingsError
from dubsync.core.note import Judged, Judgement
from dubsync.service.judging.author import author, author_id
from dubsync.service.keys.house_key import house_key
from dubsync.service.ledger.append import append, holds_text
from dubsync.service.store.atomic_write import write_whole
from dubsync.service.store.folder import Layout
from dubsync.service.store.one_writer import OneWriter

FOLDER = "judgements"  #: in the project's folder
SCHEMA: Literal["dubsync.judgement/1"] = "dubsync.judgement/1"
#: Most characters of a reason.
LONGEST = 4000
_FILE = re.compile(r"v(\d{3,9})\.json")
_VERSION = re.compile(r"v(\d{3,9})")


@dataclass(frozen=True, slots=True)
class Verdict:
    """A judgement that stands, and what it was given on.

    seal    digest of the record of the version judged, so that no other render takes its place
    inputs  digest of the shot's inputs as they were then, not of those that made the version;
            "": not known
    newest  number of the newest render at that time
    """

    judgement: Judgement
    seal: str
    inputs: str
    newest: int

    @property
    def version(self) -> int:
        """The number of the render judged."""
        return int(self.judgement.version.removeprefix("v"))


@dataclass(frozen=True, slots=True)
class _File:
    """A judgement as stored; "taken back" undoes the one before it."""

    schema: Literal["dubsync.judgement/1"]
    shot: str
    language: str
    judged: Literal["approved", "rejected", "taken back"]
    version: str
    by: str
    made: str
    reason: str
    seal: str
    inputs: str
    newest: int


class JudgementStore:
    """The judgements of one project, in the language of `layout`."""

    def __init__(self, folder: Path, layout: Layout | None = None) -> None:
        self._layout = layout or Layout()
        self._folder, self._homes = folder, self._layout.homes(folder, FOLDER)
        self._read_before: dict[tuple[Path, int, int], _File] = {}

    def of(self, shot: str) -> tuple[Verdict, ...]:
        """The judgements of a shot's versions that stand, oldest first.

        Raises:
            SettingsError: a file is damaged.
        """
        standing: list[_File] = []
        for _, path in sorted(self._numbered(shot)):
            file = self._read(path, shot)
            if self._layout.language and file.language not in ("", self._layout.language):
                continue
            if file.judged == "taken back":
                standing = standing[:-1]
            else:
                standing.append(file)
        return tuple(_verdict(file) for file in standing)

    def shots(self) -> tuple[str, ...]:
        """The names of the shots with a judgement, whether it stands or was taken back."""
        homes = [home for home in self._homes if home.is_dir()]
        names = {path.name for home in homes for path in home.iterdir() if path.is_dir()}
        return tuple(sorted(name for name in names if self._numbered(name)))

    def judge(
        self, shot: str, version: str, judged: Judged, *, by: str = "", reason: str = "",
        seal: str = "", inputs: str = "", newest: int = 0, record: str = "",
    ) -> Judgement:  # fmt: skip
        """Keep a judgement of one version, and enter it in the ledger where there is a key.

        Args:
            seal, inputs, newest: see `Verdict`.
            record: SHA-256 of the file of the version's record; "": not known.

        Raises:
            SettingsError: it is of no version, without an author, or rejects without a reason.
            DeliveryError: it cannot be written.
            HouseKeyError: the key cannot sign.
        """
        reason = reason.strip()
        if not _VERSION.fullmatch(version):
            raise SettingsError(f"{version!r} is not a version", hint="as in v002")
        if judged == "rejected" and not reason:
            raise SettingsError("a rejection needs a reason", hint='--why "lips late on L004"')
        if len(reason) > LONGEST:
            raise SettingsError(f"a reason has at most {LONGEST:,} characters",
                                hint="take notes on single frames: dubsync note")  # fmt: skip
        file = _File(SCHEMA, shot, self._layout.language, judged, version, author(by), _now(),
                     reason, seal, inputs, newest)  # fmt: skip
        with OneWriter(self._homes[0] / file.shot):
            self._write_next(file, record)
        return _verdict(file).judgement

    def take_back(self, shot: str, by: str = "") -> Judgement:
        """Undo the last judgement of a shot that stands, and return it.

        Raises:
            SettingsError: none stands.
            DeliveryError: it cannot be written.
        """
        name = author(by)
        with OneWriter(self._homes[0] / shot):
            standing = self.of(shot)
            if not standing:
                raise SettingsError(f"{shot} has no judgement to take back")
            last = standing[-1].judgement
            self._write_next(_File(SCHEMA, shot, self._layout.language, "taken back",
                                   last.version, name, _now(), "", "", "", 0))  # fmt: skip
        return last

    # -- files ---------------------------------------------------------------------------------

    def _write_next(self, file: _File, record: str = "") -> None:
        number = max((number for number, _ in self._numbered(file.shot)), default=0) + 1
        text = json.dumps(asdict(file), indent=2, ensure_ascii=False) + "\n"
        path = self._homes[0] / file.shot / f"v{number:03d}.json"
        key = house_key()
        what = {
            "shot": file.shot,
            "version": file.version,
            "language": file.language,
            "verdict": file.judged,
            "who": "" if key is None else author_id(file.by, key.fingerprint),
            "seal": file.seal,
            "record": record,
            "file": path.relative_to(self._folder / FOLDER).as_posix(),
            "judgement": sha256(text.encode()).hexdigest(),
        }
        try:
            write_whole(path, text)
            append(self._folder, "approval", what, key)
        except DubsyncError:
            if not holds_text(self._folder, str(what["judgement"])):
                with suppress(OSError):
                    path.unlink(missing_ok=True)  # it would count as put in
            raise

    def _numbered(self, shot: str) -> list[tuple[int, Path]]:
        result: dict[int, Path] = {}
        for home in (home / shot for home in reversed(self._homes)):
            for path in home.iterdir() if home.is_dir() else ():
                if match := _FILE.fullmatch(path.name):
                    result[int(match.group(1))] = path
        return list(result.items())

    def _read(self, path: Path, shot: str) -> _File:
        try:
            stat = path.stat()
            key = path, stat.st_mtime_ns, stat.st_size
            file = self._read_before.get(key)
            if file is None:
                file = msgspec.convert(read_json(path), _File)
                if file.shot != shot or not _VERSION.fullmatch(file.version):
                    raise DamagedDocument(f"it judges {file.version} of {file.shot}")
                self._read_before[key] = file
        except (OSError, DamagedDocument, msgspec.ValidationError) as error:
            raise SettingsError(
                f"{path} is not a dubsync judgement: {error}",
                hint="delete that file, and judge the version again",
            ) from error
        return file


def standing_approval(verdicts: Sequence[Verdict]) -> Verdict | None:
    """The last approval of a version that was not judged otherwise since; None if there is none."""
    last = {verdict.version: verdict for verdict in verdicts}
    for verdict in reversed(verdicts):
        if verdict.judgement.judged == "approved" and last[verdict.version] is verdict:
            return verdict
    return None


def last_on(verdicts: Sequence[Verdict], version: int) -> Verdict | None:
    """The last judgement of one version; None if it was not judged."""
    return next((one for one in reversed(verdicts) if one.version == version), None)


def _verdict(file: _File) -> Verdict:
    assert file.judged != "taken back"
    judgement = Judgement(
        file.shot, file.version, file.judged, file.by, file.made, file.reason
    )  # fmt: skip
    return Verdict(judgement, file.seal, file.inputs, file.newest)


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="seconds")
