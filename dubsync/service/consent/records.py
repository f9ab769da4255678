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

LIP_REENACT = "lip_reenact"  #: re-animate the performer's mouth in a picture
TRAIN_MODEL = "train_model"  #: learn or train a model from footage of the performer
#: Operations that a record can allow.
OPERATIONS = (LIP_REENACT, TRAIN_MODEL)
BASES = ("consent", "contractual", "exempt", "own-work", "synthetic")
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
        hint="put a signed record into the project's consent/ folder; its form: dubsync consent "
        f"REEL --form {shlex.quote(performer)}",
    )


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
    needed = known - {"revoked"}
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
    return ConsentRecord(**values, digest=file_digest(path))


def template(
    character: str, performer: str, languages: Sequence[str], day: date, *, renamed: bool = True
) -> str:
    """An unsigned record to fill in.  What is not filled in is refused.

    Args:
        character: whom they play; "": not known.
        languages: tags to write in; none: left to be filled in.
        renamed: whether the file counts only once a person renames it to .toml.
    """
    tags = ", ".join(f'"{tag}"' for tag in languages) or '"..."'
    then = ", then rename the file so that it ends in .toml." if renamed else "."
    plays = f"            # plays {character}" if character else ""
    return f"""\
# Fill this in with what the performer signed{then}
# Until then dubsync neither learns from nor renders this performer.
[consent]
id = "{performer}-001"             # your own number; it is written beside every render
performer = "{performer}"{plays}
# lip_reenact: render the performer's mouth anew.  train_model: learn and train a model of them.
# Delete what they did not agree to.
operations = ["{LIP_REENACT}", "{TRAIN_MODEL}"]
# Languages of the dub, such as "fr-FR"; "de" covers de-DE and de-AT, "*" covers all.
languages = [{tags}]
basis = "consent"                  # {", ".join(BASES)}
statement = "..."                  # what was agreed, in words
signatory = "..."                  # who signed
# First and last day, both included.
valid_from = {day}
valid_until = {day.replace(year=day.year + 1, day=min(day.day, 28))}
"""
