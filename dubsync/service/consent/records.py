"""Consent records: read and checked before the engine loads, so that no engine can skip them."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

from dubsync.core.digest import file_digest
from dubsync.core.documents import DamagedDocument, read_toml
from dubsync.core.errors import ConsentMissing, SettingsError
from dubsync.service.consent.operations import LIP_REENACT as LIP_REENACT
from dubsync.service.consent.operations import LIVE, OPERATIONS, PORTRAIT
from dubsync.service.consent.operations import TRAIN_MODEL as TRAIN_MODEL
from dubsync.service.consent.work import Work, read_work

#: Bases of a record about a person.
OF_PEOPLE = ("consent", "contractual", "exempt", "own-work", "synthetic")
#: Bases of a record about a work, such as a painting: its [consent.work] says which.
OF_WORKS = ("public-domain", "owned")
BASES = (*OF_PEOPLE, *OF_WORKS)
#: What can be done with a work.  Nobody acts in it, so there is no mouth of theirs to dub.
WITH_WORKS = (PORTRAIT, LIVE)
_TO_FILL_IN = {
    "operations": f'write what was agreed to: ["{LIP_REENACT}", "{TRAIN_MODEL}"], or one of them',
    "languages": 'write the languages agreed to, such as ["de-DE"]; ["*"] is every language',
    "id": 'write a number of your own, such as "anna-001"',
    "performer": 'write a short name for the performer, such as "anna-example"',
    "basis": f"write one of {', '.join(BASES)}",
    "statement": 'write what was agreed, in words, in place of the "..."',
    "signatory": 'write who signed, in place of the "..."',
}


@dataclass(frozen=True, slots=True)
class ConsentRecord:
    """One performer's consent.

    performer    the id that dubsync.toml gives the performer
    operations   some of OPERATIONS
    languages    BCP-47 tags; "*" is every language; "fr" covers "fr-FR"
    basis        one of BASES
    statement    what was agreed, in words
    valid_from, valid_until   days, both included
    revoked      the day it was revoked, or None
    work         the work that is not a person's picture by consent; exactly on a basis of OF_WORKS
    digest       SHA-256 of the file
    """

    id: str
    performer: str
    operations: tuple[str, ...]
    languages: tuple[str, ...]
    basis: str
    statement: str
    signatory: str
    valid_from: date
    valid_until: date
    revoked: date | None = None
    work: Work | None = None
    digest: str = ""

    def covers(self, performer: str, operation: str, language: str, day: date) -> bool:
        return (
            self.performer == performer
            and operation in self.operations
            and any(_speaks(tag, language) for tag in self.languages)
            and self.valid_from <= day <= self.valid_until
            and (self.revoked is None or day < self.revoked)
        )


def read_consent(path: Path) -> ConsentRecord:
    """The record in a TOML file with one [consent] table.

    Raises:
        SettingsError: not TOML, or a key is missing, unknown or of the wrong type.
    """
    try:
        table = read_toml(path)["consent"]
    except OSError as error:
        raise SettingsError(
            f"consent record {path} cannot be read: {error.strerror}", hint="check its permissions"
        ) from error
    except DamagedDocument as error:
        raise SettingsError(
            f"consent record {path} is not valid TOML: {error}", hint="correct that line"
        ) from error
    except KeyError:
        raise SettingsError(
            f"consent record {path} has no [consent] table", hint="see docs/reference/consent.md"
        ) from None
    return _checked(table, path)


def read_all(folder: Path) -> tuple[ConsentRecord, ...]:
    """Every consent/*.toml of a project, in the order of their names."""
    return tuple(read_consent(path) for path in sorted(folder.glob("*.toml")))


def require(
    records: Sequence[ConsentRecord],
    performer: str,
    operation: str,
    language: str,
    day: date,
) -> ConsentRecord:
    """The record that allows `operation` of `performer` in `language` on `day`.

    Raises:
        ConsentMissing: there is none; the message says why.
    """
    own = [record for record in records if record.performer == performer]
    for record in own:
        if record.covers(performer, operation, language, day):
            return record
    if not own:
        why = f"there is no consent record for performer {performer!r}"
    else:
        why = "; ".join(_lack(record, operation, language, day) for record in own)
    raise ConsentMissing(
        f"{operation} of {performer!r} in {language} on {day} is not covered: {why}",
        hint=_how_to_get(own, performer, operation),
    )


def _how_to_get(own: Sequence[ConsentRecord], performer: str, operation: str) -> str:
    """What to do about consent that is missing."""
    form = f"dubsync consent REEL --form {shlex.quote(performer)}"
    if own and all(operation not in record.operations for record in own):
        noun = OPERATIONS[operation].noun
        form += f" --operation {operation}"
        return (
            f"ask them whether they agree to {noun}; if so, put a new record into the "
            f"project's consent/ folder (or give it as --consent); its form: {form}"
        )
    return f"put a signed record into the project's consent/ folder; its form: {form}"


def agreed(
    records: Sequence[ConsentRecord],
    performers: Sequence[str],
    operation: str,
    language: str,
    day: date,
) -> bool:
    """Whether every one of `performers` has a record that allows `operation`."""
    return all(any(r.covers(p, operation, language, day) for r in records) for p in performers)


def _lack(record: ConsentRecord, operation: str, language: str, day: date) -> str:
    if operation not in record.operations:
        return f"{record.id} allows only {', '.join(record.operations)}"
    if not any(_speaks(tag, language) for tag in record.languages):
        return f"{record.id} covers only {', '.join(record.languages)}"
    if record.revoked and day >= record.revoked:
        return f"{record.id} was revoked on {record.revoked}"
    state = "it has expired" if day > record.valid_until else "that is not today"
    return f"{record.id} is valid from {record.valid_from} to {record.valid_until}: {state}"


def _speaks(tag: str, language: str) -> bool:
    tag, language = tag.lower(), language.lower()
    return tag == "*" or language == tag or language.startswith(tag + "-")


def _checked(table: Any, path: Path) -> ConsentRecord:
    known = {f.name for f in fields(ConsentRecord)} - {"digest"}
    needed = known - {"revoked", "work"}
    if not isinstance(table, dict) or not needed <= table.keys() <= known:
        lacking = sorted(needed - set(table)) if isinstance(table, dict) else sorted(needed)
        odd = sorted(set(table) - known) if isinstance(table, dict) else []
        faults = [f"missing keys: {', '.join(lacking)}"] if lacking else []
        faults += [f"unknown keys: {', '.join(odd)}"] if odd else []
        raise SettingsError(
            f"consent record {path} has {' and '.join(faults)}",
            hint="see docs/reference/consent.md for the form",
        )
    for key in ("operations", "languages"):
        value = table[key]
        if not (isinstance(value, list) and value and all(isinstance(v, str) for v in value)):
            raise SettingsError(
                f"consent record {path}: {key} must be a list of names",
                hint="see docs/reference/consent.md for the form",
            )
        if not all(v.strip(" .") for v in value):
            raise SettingsError(
                f"consent record {path}: {key} is not filled in",
                hint=_TO_FILL_IN[key],
            )
    for key in ("valid_from", "valid_until", "revoked"):
        value = table.get(key)
        if not (type(value) is date or (key == "revoked" and value is None)):
            raise SettingsError(
                f"consent record {path}: {key} must be a date", hint=f"write {key} = 2026-11-21"
            )
    for key in ("id", "performer", "basis", "statement", "signatory"):
        value = table[key]  # the form's "..." is neither a statement nor a signature
        if not isinstance(value, str) or not any(letter.isalnum() for letter in value):
            raise SettingsError(
                f"consent record {path}: {key} is not filled in",
                hint=_TO_FILL_IN[key],
            )
    unknown = sorted(set(table["operations"]) - set(OPERATIONS))
    if unknown:
        raise SettingsError(
            f"consent record {path}: unknown operations {', '.join(unknown)}",
            hint=f"operations: {', '.join(OPERATIONS)}",
        )
    if table["basis"] not in BASES:
        raise SettingsError(
            f"consent record {path}: unknown basis {table['basis']!r}",
            hint=f"basis: {', '.join(BASES)}",
        )
    values: dict[str, Any] = {k: tuple(v) if isinstance(v, list) else v for k, v in table.items()}
    values["work"] = _work(table, path)
    return ConsentRecord(**values, digest=file_digest(path))


def _work(table: dict[str, Any], path: Path) -> Work | None:
    """The work that the record is about; None where it is about a person."""
    if table["basis"] not in OF_WORKS:
        if "work" in table:
            raise SettingsError(
                f"consent record {path} has a [consent.work] on the basis {table['basis']!r}",
                hint=f"basis = {' or '.join(map(repr, OF_WORKS))} is for works; a person's record "
                "has no [consent.work]",
            )
        return None
    if refused := [name for name in table["operations"] if name not in WITH_WORKS]:
        raise SettingsError(
            f"consent record {path}: the basis {table['basis']!r} does not allow "
            f"{', '.join(refused)}",
            hint=f"a work allows {' and '.join(WITH_WORKS)}; footage of a person needs a record "
            "of that person",
        )
    return read_work(table.get("work"), path)
