"""Holds the records of renders, and the judgements, against the project's ledger.

Where a house signs, a record that is forged, edited, missing, put in, cut off or empty is an error:
what is delivered then is not what was made.  Where no ledger is and nothing is signed, there is
nothing to hold them against.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dubsync.core.documents import DamagedDocument
from dubsync.core.errors import DeliveryError
from dubsync.core.proof.canonical import parse_signed
from dubsync.core.proof.fault import Fault, FaultKind
from dubsync.service.keys.houses import House, trusted_houses
from dubsync.service.keys.signing import SignedBy, signature_fault
from dubsync.service.ledger.entry import LEDGER, Entry
from dubsync.service.ledger.read_ledger import KINDS, Ledger, read_ledger
from dubsync.service.render.record_form import of_newer_version
from dubsync.service.render.records.seen_files import SeenFile, seen_files

_AGAIN = "restore it from a backup; or move that version away, and render the shot again"
_AWAY = "move that version away; render the shot again if it was made here"


@dataclass(frozen=True, slots=True)
class ShotFault:
    """A fault of the record of one version of a shot.

    language  "": not known
    version   its folder's name, such as "v002"
    """

    shot: str
    language: str
    version: str
    fault: Fault


@dataclass(frozen=True, slots=True)
class ProofFaults:
    """Everything that is wrong with a project's ledger, records and judgements.

    ledger   faults of the ledger itself
    shots    faults of records and judgements
    newest   (language, shot) -> the newest version that is there or was made; language may be ""
    """

    ledger: tuple[Fault, ...] = ()
    shots: tuple[ShotFault, ...] = ()
    newest: Mapping[tuple[str, str], str] = field(default_factory=dict)

    def refuse(self) -> None:
        """Raise DeliveryError if nothing that the ledger says can be relied upon.

        A clock that ran backwards leaves the order proven, so it refuses nothing.
        """
        for fault in self.ledger:
            if fault.kind != "clock":
                raise DeliveryError(str(fault), hint=fault.hint)

    def of(self, shot: str, language: str, chosen: str = "") -> Fault | None:
        """The first fault of a shot that keeps it from being used; None if there is none.

        Versions older than the newest count only where they are `chosen`: they are not delivered,
        may be deleted, and a render that was damaged is replaced by a newer one.
        """
        named = (one for one in self.newest if one[1] == shot and one[0] in ("", language))
        last = max((self.newest[one] for one in named), key=_number, default="")
        for one in self.shots:
            used = one.version in ("", last, chosen)
            if one.shot == shot and one.language in ("", language) and used:
                return one.fault
        return None

    def of_version(self, shot: str, language: str, version: str) -> Fault | None:
        """The fault of one version's record; None if there is none."""
        for one in self.shots:
            if (one.shot, one.version) == (shot, version) and one.language in ("", language):
                return one.fault
        return None


def proof_faults(folder: Path, trusted: Sequence[House] | None = None) -> ProofFaults:
    """The faults of the project in `folder`; none where nothing was ever signed in it.

    Asked again in one process it reads what has changed since, and gives the same as a first time.

    Args:
        trusted: the houses whose signatures count; None: those that this machine trusts.

    Raises:
        HouseKeyError: a file of a trusted house is damaged.
    """
    houses = trusted_houses() if trusted is None else trusted
    ledger = read_ledger(folder, houses)
    records = dict(seen_files(folder / "renders", "*.record.json"))
    if not ledger.there and not ledger.faults:
        count = sum(record.signed for record in records.values())
        if not count:
            return ProofFaults()
        why = f"it is gone, and {count} signed records are in the project"
        return ProofFaults((Fault("missing", LEDGER, why, "restore it from a backup"),))
    made = {str(one.what.get("folder")): one for one in ledger.of("render")}
    adopted = _adopted(ledger, "unsigned")
    found = [*_record_faults(records, made, adopted, houses), *_missing(records, made)]
    found += _judgement_faults(folder, ledger)
    return ProofFaults(ledger.faults, tuple(found), _newest([*records, *made], made))


def _record_faults(
    records: Mapping[str, SeenFile], made: Mapping[str, Entry], adopted: Mapping[str, str],
    houses: Sequence[House],
) -> Iterator[ShotFault]:  # fmt: skip
    """The faults of the records that are there."""
    seen: set[str] = set()
    for path, record in records.items():
        home = path.rpartition("/")[0]
        shot, language, version = _named(home, made)
        about = f"the record of {shot} {version}"
        if home in seen:
            why = f"{path.rpartition('/')[2]} is a second record beside the first"
            yield ShotFault(shot, language, version, Fault("extra", about, why, _AWAY))
            continue
        seen.add(home)
        sha, entry = record.sha256, made.get(home)
        if entry is not None and entry.what.get("record") == sha or adopted.get(path) == sha:
            continue
        known = entry is not None or path in adopted
        yield ShotFault(shot, language, version, _wrong(record.data(), about, houses, known=known))


def _wrong(data: bytes, about: str, houses: Sequence[House], *, known: bool) -> Fault:
    """What is wrong with a record that is not the one in the ledger.

    Args:
        known: whether the ledger has another record of that version.
    """
    if not data.strip():
        return Fault("empty", about, "nothing is in it, or it cannot be read", _AGAIN)
    try:
        value = parse_signed(data)
    except DamagedDocument as error:
        kind: FaultKind = "truncated" if not data.rstrip().endswith(b"}") else "edited"
        why = "it is cut off" if kind == "truncated" else f"it was edited: {error}"
        return Fault(kind, about, why, _AGAIN)
    if schema := of_newer_version(value):
        hint = "read it with the dubsync that wrote it, or a newer one"
        return Fault("newer", about, f"it is a {schema}, of a later dubsync", hint)
    found = signature_fault(value, houses) if isinstance(value, dict) else None
    if isinstance(found, SignedBy):
        if known:
            return Fault("edited", about, "it is another one than the ledger has", _AGAIN)
        why = (f"{found.house} signed it, but the ledger does not have it: it was put in, or the "
               "ledger is an older one")  # fmt: skip
        return Fault("extra", about, why, _AWAY)
    if found is not None and found.kind == "unknown":
        return Fault("other house", about, str(found), found.hint)
    if found is not None and found.kind in ("forged", "leaked"):
        return Fault(KINDS[found.kind], about, str(found), _AGAIN)
    if known:
        return Fault("edited", about, "it was edited after it was written", _AGAIN)
    why = "it is not signed, and the ledger does not have it: it was put in, or made without a key"
    return Fault("extra", about, why, _AWAY)


def _missing(records: Mapping[str, SeenFile], made: Mapping[str, Entry]) -> Iterator[ShotFault]:
    """Versions that the ledger has, and that have no record any more."""
    there = {path.rpartition("/")[0] for path in records}
    for home in made.keys() - there:
        shot, language, version = _named(home, made)
        why = "it is gone; the ledger has this render"
        fault = Fault("missing", f"the record of {shot} {version}", why, _AGAIN)
        yield ShotFault(shot, language, version, fault)


def _judgement_faults(folder: Path, ledger: Ledger) -> Iterator[ShotFault]:
    """Judgements that are not those in the ledger.  Each decides what is delivered of its shot."""
    files = dict(seen_files(folder / "judgements", "v*.json"))
    adopted = _adopted(ledger, "judgements")
    given = {str(one.what.get("file")): one for one in ledger.of("approval")}
    hint = "restore it from a backup, or judge the version again"
    for path, judgement in files.items():
        sha, shot = judgement.sha256, Path(path).parent.name
        entry = given.get(path)
        if adopted.get(path) == sha or (entry is not None and entry.what.get("judgement") == sha):
            continue
        kind: FaultKind = "edited" if entry is not None or path in adopted else "extra"
        why = ("it was edited after it was given" if kind == "edited"
               else "the ledger does not have it: it was put in")  # fmt: skip
        away = hint if kind == "edited" else "move it away, and judge the version again"
        fault = Fault(kind, f"the judgement {path}", why, away)
        yield ShotFault(shot, "", "", fault)
    for path in sorted((given.keys() | adopted.keys()) - files.keys()):
        fault = Fault("missing", f"the judgement {path}", "it is gone; the ledger has it", hint)
        yield ShotFault(Path(path).parent.name, "", "", fault)


def _adopted(ledger: Ledger, name: str) -> dict[str, str]:
    """Path -> SHA-256 of what was there, unsigned, when the ledger began."""
    first = next(iter(ledger.of("key")), None)
    kept: Any = {} if first is None else first.what.get(name, {})
    return {str(path): str(sha) for path, sha in kept.items()} if isinstance(kept, dict) else {}


def _named(home: str, made: Mapping[str, Entry]) -> tuple[str, str, str]:
    """Shot, language and version of a folder below renders/; the language "" if not known."""
    entry = made.get(home)
    *above, shot, version = ("", "", *home.split("/"))[-3:]
    return shot, str(entry.what.get("language", "")) if entry else "".join(above), version


def _newest(homes: Sequence[str], made: Mapping[str, Entry]) -> dict[tuple[str, str], str]:
    newest: dict[tuple[str, str], str] = {}
    for path in homes:
        home = path.rpartition("/")[0] if path.endswith(".json") else path
        shot, language, version = _named(home, made)
        before = newest.get((language, shot), "")
        newest[language, shot] = max(before, version, key=_number)
    return newest


def _number(version: str) -> int:
    digits = version.removeprefix("v")
    return int(digits) if digits.isascii() and digits.isdigit() else -1
