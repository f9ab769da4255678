"""Checks the keys of a consent record strictly: what is only half understood protects nobody."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from pathlib import Path, PurePosixPath
from typing import Any

from dubsync.core.errors import SettingsError
from dubsync.service.consent.operations import LIP_REENACT, LIVE, OPERATIONS, PORTRAIT, TRAIN_MODEL
from dubsync.service.consent.scope import (
    ALL,
    COUNTED,
    ROLES,
    Role,
    Scope,
    media_fault,
    territory_fault,
)
from dubsync.service.consent.signing import CAPACITIES, Evidence, Retention, Signing

#: Bases of a record about a person.
OF_PEOPLE = ("consent", "contractual", "exempt", "own-work", "synthetic")
#: Bases of a record about a work, such as a painting: its [consent.work] says which.
OF_WORKS = ("public-domain", "owned")
BASES = (*OF_PEOPLE, *OF_WORKS)
#: Bases on which nobody was asked for this use: the record must say why that is enough.
UNASKED = ("contractual", "exempt")
#: What can be done with a work.  Nobody acts in it, so there is no mouth of theirs to dub.
WITH_WORKS = (PORTRAIT, LIVE)

_NEEDED = (
    "id", "performer", "operations", "languages", "basis", "statement", "signatory",
    "valid_from", "valid_until",
)  # fmt: skip
_OPTIONAL = (
    "revoked", "work", "territory", "media", "shots", "uses", "role", "capacity", "minor",
    "of_age", "deceased", "evidence", "face", "retention_until", "delete_after", "reason",
)  # fmt: skip
_TO_FILL_IN = {
    "operations": f'write what was agreed to: ["{LIP_REENACT}", "{TRAIN_MODEL}"], or one of them',
    "languages": 'write the languages agreed to, such as ["de-DE"]; ["*"] is every language',
    "id": 'write a number of your own, such as "anna-001"',
    "performer": 'write a short name for the performer, such as "anna-example"',
    "basis": f"write one of {', '.join(BASES)}",
    "statement": 'write what was agreed, in words, in place of the "..."',
    "signatory": 'write who signed, in place of the "..."',
    "reason": 'write why, such as "clause 7 of the contract of 2026-02-03"',
    "territory": 'write where, such as ["DE", "AT"], or leave the key out',
    "media": 'write in what, such as ["streaming"], or leave the key out',
    "shots": 'write which shots, such as ["A001C003", "SC012_*"], or leave the key out',
}
_SHA256 = re.compile(r"[0-9a-f]{64}")
_FORM = "see docs/reference/consent.md for the form"


class Fields:
    """The [consent] table of one file; every method raises SettingsError that names the file."""

    def __init__(self, table: Any, path: Path) -> None:
        self.path = path
        self.table: Mapping[str, Any] = table if isinstance(table, dict) else {}
        lacking = sorted(set(_NEEDED) - set(self.table))
        odd = sorted(set(self.table) - {*_NEEDED, *_OPTIONAL})
        faults = [f"missing keys: {', '.join(lacking)}"] if lacking else []
        faults += [f"unknown keys: {', '.join(odd)}"] if odd else []
        if faults:
            raise SettingsError(f"consent record {path} has {' and '.join(faults)}", hint=_FORM)
        operations, _ = self.names("operations"), self.names("languages")
        for key in ("valid_from", "valid_until"):
            self.day(key)
        for key in ("id", "performer", "basis", "statement", "signatory"):
            self.words(key)
        if unknown := sorted(set(operations) - set(OPERATIONS)):
            raise self.fault(
                f"unknown operations {', '.join(unknown)}", f"operations: {', '.join(OPERATIONS)}"
            )
        if (basis := self.table["basis"]) not in BASES:
            raise self.fault(f"unknown basis {basis!r}", f"basis: {', '.join(BASES)}")

    def fault(self, what: str, hint: str) -> SettingsError:
        return SettingsError(f"consent record {self.path}: {what}", hint=hint)

    def words(self, key: str) -> str:
        """A text that is filled in; the form's "..." is neither a statement nor a signature."""
        value = self.table.get(key)
        if not isinstance(value, str) or not any(letter.isalnum() for letter in value):
            raise self.fault(f"{key} is not filled in", _TO_FILL_IN.get(key, _FORM))
        return value

    def names(self, key: str, fault: Callable[[str], str] = lambda one: "") -> tuple[str, ...]:
        """A list of names, at least one.

        Args:
            fault: says what is wrong with a name.
        """
        value = self.table[key]
        if not (isinstance(value, list) and value and all(isinstance(v, str) for v in value)):
            raise self.fault(f"{key} must be a list of names", _FORM)
        if not all(v.strip(" .") for v in value):
            raise self.fault(f"{key} is not filled in", _TO_FILL_IN[key])
        for wrong in filter(None, map(fault, value)):
            raise self.fault(f"{key}: {wrong}", _TO_FILL_IN[key])
        return tuple(value)

    def day(self, key: str) -> date:
        value = self.table[key]
        if type(value) is not date:
            raise self.fault(f"{key} must be a date", f"write {key} = 2026-11-21")
        return value

    def optional_day(self, key: str) -> date | None:
        return self.day(key) if key in self.table else None

    def _one_of(self, key: str, choices: tuple[str, ...]) -> Any:
        value = self.table.get(key, choices[0])
        if value not in choices:
            raise self.fault(f"unknown {key} {value!r}", f"{key}: {', '.join(choices)}")
        return value

    # -- the parts of a record -------------------------------------------------------------------

    def scope(self) -> Scope:
        """How far it reaches."""
        uses = self._uses()
        role: Role = self._one_of("role", ROLES) if "role" in self.table else "both"
        return Scope(
            self._names_or_all("territory", territory_fault),
            self._names_or_all("media", media_fault),
            self._names_or_all("shots", lambda one: ""),
            role, uses.get("renders"), uses.get("deliveries"),
        )  # fmt: skip

    def _names_or_all(self, key: str, fault: Callable[[str], str]) -> tuple[str, ...]:
        return self.names(key, fault) if key in self.table else (ALL,)

    def _uses(self) -> dict[str, int]:
        uses = self.table.get("uses", {})
        good = isinstance(uses, dict) and all(
            key in COUNTED and type(n) is int and n >= 0 for key, n in uses.items()
        )
        if not good:
            raise self.fault(
                "uses must say how many renders or deliveries may be made",
                "write uses = { deliveries = 1 }, or { renders = 40, deliveries = 2 }",
            )
        return dict(uses)

    def signing(self) -> Signing:
        """As whom the signatory signed."""
        capacity, minor = self._one_of("capacity", CAPACITIES), self.table.get("minor", False)
        of_age, deceased = self.optional_day("of_age"), self.optional_day("deceased")
        if type(minor) is not bool:
            raise self.fault("minor must be true or false", "write minor = true, or leave it out")
        if minor and capacity != "guardian":
            raise self.fault(
                "the performer is a minor, and no guardian signed",
                'let their guardian sign, and write capacity = "guardian"',
            )
        if capacity == "guardian" and not minor:
            raise self.fault("a guardian signed for nobody who is a minor", "write minor = true")
        if of_age is not None and not minor:
            raise self.fault("of_age is for minors", "write minor = true, or leave of_age out")
        if deceased is not None and capacity != "estate":
            raise self.fault(
                "the performer is dead, and their estate did not sign",
                'let their estate sign, and write capacity = "estate"',
            )
        if capacity == "estate" and deceased is None:
            raise self.fault("the estate of a living person cannot sign", "write deceased = DATE")
        return Signing(capacity, minor, of_age, deceased)

    def retention(self) -> Retention:
        """How long what was learnt may be kept."""
        kept = Retention(self.optional_day("retention_until"), self.optional_day("delete_after"))
        if kept.until and kept.delete_after and kept.until > kept.delete_after:
            raise self.fault(
                "retention_until is after delete_after", "what is deleted cannot be used"
            )
        return kept

    def evidence(self) -> tuple[Evidence, ...]:
        """The files that prove it, with their digests."""
        rows = self.table.get("evidence", [])
        if not isinstance(rows, list):
            raise self.fault("evidence must be a list of tables", "write [[consent.evidence]]")
        return tuple(self._evidence(rows))

    def _evidence(self, rows: list[Any]) -> Iterator[Evidence]:
        for row in rows:
            if not isinstance(row, dict) or set(row) != {"file", "sha256"}:
                raise self.fault(
                    "a piece of evidence needs file and sha256, and nothing else",
                    'write file = "agreement.pdf" and sha256 = "..." (sha256sum FILE prints it)',
                )
            self._inside(row["file"])
            if not isinstance(row["sha256"], str) or not _SHA256.fullmatch(row["sha256"]):
                raise self.fault(
                    f"sha256 of {row['file']} is no digest",
                    "write its 64 hex digits; sha256sum FILE prints them",
                )
            yield Evidence(row["file"], row["sha256"])

    def face(self) -> str:
        """The picture that shows who the record is about; "": none; it is among the evidence."""
        face = self.table.get("face", "")
        if face and face not in [one.file for one in self.evidence()]:
            self._inside(face)
            raise self.fault(
                f"face = {face!r} is not among the evidence",
                "add a [[consent.evidence]] with its file and sha256, so that it cannot be swapped",
            )
        return str(face)

    def _inside(self, name: Any) -> None:
        path = PurePosixPath(name) if isinstance(name, str) else PurePosixPath()
        if not path.parts or path.is_absolute() or ".." in path.parts or "\\" in str(path):
            raise self.fault(
                f"{name!r} is no file beside the record", "write a path from the record's folder"
            )

    def reason(self) -> str:
        """Why nobody needed to be asked; required where nobody was."""
        if self.table["basis"] in UNASKED or "reason" in self.table:
            if "reason" not in self.table:
                raise self.fault(
                    f"the basis {self.table['basis']!r} needs a reason",
                    f'add a line reason = "...": {_TO_FILL_IN["reason"]}',
                )
            return self.words("reason")
        return ""
