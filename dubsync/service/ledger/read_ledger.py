"""Reads a project's ledger, and names everything in it that is not as it was written.

Each line is checked by itself (form, signature), against the line before it (number, digest, clock,
house), and the newest against what `append` remembered.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from pathlib import Path
from typing import Any

from dubsync.core.proof.fault import Fault, FaultKind
from dubsync.service.keys.houses import House, trusted_houses
from dubsync.service.keys.signing import FaultKind as SignatureKind
from dubsync.service.keys.signing import SignedBy, signature_fault
from dubsync.service.ledger.append import remembered_head
from dubsync.service.ledger.entry import (
    LEDGER,
    Entry,
    EntryKind,
    entry_of,
    ledger_path,
    line_digest,
    value_of,
)

#: Kinds of faults in a signature -> kinds of faults.
KINDS: Mapping[SignatureKind, FaultKind] = {
    "unsigned": "unsigned", "malformed": "edited", "unknown": "unknown key",
    "leaked": "leaked key", "forged": "forged",
}  # fmt: skip
#: How far the clocks of two machines of a house may differ.
CLOCKS_DIFFER = timedelta(minutes=5)
#: Longest ledger read, bytes: 400,000 entries.
MOST_BYTES = 256 << 20
#: Lines that are held once they are checked, 3 KB each: those of a reel of 250 shots many times.
_LINES_HELD = 1 << 13
_RESTORE = "restore the ledger from a backup; what it proves ends before this line"


@dataclass(frozen=True, slots=True)
class Ledger:
    """What a ledger holds.

    entries  those whose form can be read, in the order of the file
    faults   everything that is wrong with it; entries with a fault stay among `entries`
    there    False where the project has no ledger: nothing was signed in it
    """

    entries: tuple[Entry, ...] = ()
    faults: tuple[Fault, ...] = ()
    there: bool = True

    def of(self, kind: EntryKind) -> tuple[Entry, ...]:
        """The entries of one kind, oldest first."""
        return tuple(entry for entry in self.entries if entry.kind == kind)


def read_ledger(folder: Path, trusted: Collection[House] | None = None) -> Ledger:
    """The ledger of the project in `folder`, or of a delivery's proof, with its faults.

    Args:
        trusted: the houses whose signatures count; None: those that this machine trusts.
    """
    head = remembered_head(folder)
    try:
        with ledger_path(folder).open("rb") as file:
            data = file.read(MOST_BYTES + 1)
    except FileNotFoundError:
        if head is None:
            return Ledger(there=False)
        why = f"it is gone; it had {head[0] + 1} lines"
        return Ledger((), (Fault("missing", LEDGER, why, _RESTORE),))
    except OSError as error:
        why = f"it cannot be read: {error.strerror or error}"
        return Ledger((), (Fault("missing", LEDGER, why, "check its disk and who may read it"),))
    houses = trusted_houses() if trusted is None else trusted
    return ledger_in(data, houses, head)


def ledger_in(
    data: bytes, trusted: Collection[House], head: tuple[int, str] | None = None
) -> Ledger:
    """The ledger in the bytes of a file.

    Args:
        head: number and digest of the newest line that is known to have been written.
    """
    if not data.strip():
        return Ledger((), (Fault("empty", LEDGER, "nothing is in it", _RESTORE),))
    if len(data) > MOST_BYTES:
        why = f"it is longer than {MOST_BYTES >> 20} MiB"
        return Ledger((), (Fault("edited", LEDGER, why, _RESTORE),))
    lines = data.split(b"\n")
    faults: list[Fault] = []
    if lines.pop():
        faults.append(Fault("truncated", _line(len(lines) + 1), "it is cut off", _RESTORE))
    entries: list[Entry] = []
    houses = tuple(trusted)
    for number, line in enumerate(lines, 1):
        entry, wrong = _checked(line, number, houses)
        entries += [entry] if entry else []
        faults += [wrong] if wrong else []
    faults += _chain(entries, lines)
    faults += _houses(entries)
    faults += _clock(entries)
    faults += _cut_off(entries, head)
    return Ledger(tuple(entries), tuple(faults))


@lru_cache(maxsize=_LINES_HELD)
def _checked(
    line: bytes, number: int, trusted: tuple[House, ...]
) -> tuple[Entry | None, Fault | None]:
    """The entry in one line, if it can be read, and what is wrong with its form or signature.

    Held, because every shot of a reel reads its ledger: the same bytes are checked once.
    """
    value = value_of(line, _line(number))
    if isinstance(value, Fault):
        return None, value
    wrong = signed_wrong(value, trusted, f"{_line(number)} ({value['kind']})")
    return entry_of(value, line), wrong


def signed_wrong(value: Mapping[str, Any], trusted: Iterable[House], about: str) -> Fault | None:
    """What is wrong with the signature of a value that is called `about`; None if nothing is."""
    found = signature_fault(value, trusted)
    if isinstance(found, SignedBy):
        return None
    return Fault(KINDS[found.kind], about, str(found), found.hint)


def _chain(entries: Sequence[Entry], lines: Sequence[bytes]) -> list[Fault]:
    """Entries that are gone, stand elsewhere, or hold on to another line than that before them."""
    faults: list[Fault] = []
    known = {line_digest(line): number for number, line in enumerate(lines, 1)}
    wanted, before = 0, ""
    for entry in entries:
        about = f"{LEDGER} entry {entry.n} ({entry.kind})"
        if entry.n > wanted:
            gone = (
                f"entry {wanted}" if entry.n == wanted + 1 else f"entries {wanted} to {entry.n - 1}"
            )
            kind: FaultKind = "reordered" if entry.previous in known else "gap"
            why = f"{gone} should stand before it"
            faults.append(Fault(kind, about, why, _RESTORE))
        elif entry.n < wanted:
            why = f"it stands after entry {wanted - 1}"
            faults.append(Fault("reordered", about, why, _RESTORE))
        elif entry.previous != before:
            why = "the entry before it is not the one that it was appended to"
            faults.append(Fault("edited", about, why, _RESTORE))
        wanted, before = entry.n + 1, entry.sha256
    return faults


def _houses(entries: Sequence[Entry]) -> list[Fault]:
    """Entries by another key than those before, where no entry of the kind "key" begins it."""
    faults: list[Fault] = []
    key = ""
    for entry in entries:
        if entry.key != key and entry.kind != "key":
            about = f"{LEDGER} entry {entry.n} ({entry.kind})"
            why = f"{entry.house} signed it, with another key than the entries before"
            hint = "two houses' records are in one project: keep each house's in its own"
            faults.append(Fault("other house", about, why, hint))
        key = entry.key
    return faults


def _clock(entries: Sequence[Entry]) -> list[Fault]:
    faults: list[Fault] = []
    for before, entry in zip(entries, entries[1:], strict=False):
        if before.made - entry.made > CLOCKS_DIFFER:
            why = (f"it was made at {entry.made.isoformat()}, before entry {before.n} at "
                   f"{before.made.isoformat()}: a clock ran backwards")  # fmt: skip
            hint = (
                "the order of the entries is proven, their times are not: set the machine's clock"
            )
            faults.append(Fault("clock", f"{LEDGER} entry {entry.n} ({entry.kind})", why, hint))
    return faults


def _cut_off(entries: Sequence[Entry], head: tuple[int, str] | None) -> list[Fault]:
    """Whether the newest line that was written is not there any more."""
    if head is None or any(entry.sha256 == head[1] for entry in entries):
        return []
    last = max((entry.n for entry in entries), default=-1)
    if last < head[0]:
        why = f"it ends with entry {last}, and entry {head[0]} was written"
        return [Fault("truncated", LEDGER, why, _RESTORE)]
    why = f"entry {head[0]} is not the one that was written"
    return [Fault("edited", LEDGER, why, _RESTORE)]


def _line(number: int) -> str:
    return f"{LEDGER} line {number}"
