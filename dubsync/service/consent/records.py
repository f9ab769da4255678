"""Consent records: read and checked before the engine loads, so that no engine can skip them."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from dubsync.core.digest import file_digest
from dubsync.core.documents import DamagedDocument, read_toml
from dubsync.core.errors import ConsentMissing, SettingsError
from dubsync.service.consent.countersigned import edited_since
from dubsync.service.consent.operations import LIP_REENACT as LIP_REENACT
from dubsync.service.consent.operations import OPERATIONS
from dubsync.service.consent.operations import TRAIN_MODEL as TRAIN_MODEL
from dubsync.service.consent.record_fields import BASES as BASES
from dubsync.service.consent.record_fields import OF_PEOPLE as OF_PEOPLE
from dubsync.service.consent.record_fields import OF_WORKS as OF_WORKS
from dubsync.service.consent.record_fields import WITH_WORKS as WITH_WORKS
from dubsync.service.consent.record_fields import Fields
from dubsync.service.consent.scope import ALL, ANYWHERE, UNSTATED, Scope, Used, Where
from dubsync.service.consent.signing import Evidence, Retention, Signing
from dubsync.service.consent.uses import uses
from dubsync.service.consent.work import Work, read_work


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
    scope        how far it reaches: territory, media, shots, part, uses
    signing      as whom the signatory signed
    retention    how long what was learnt may be kept
    evidence     files that prove it
    face         the one of them that shows who it is about; ""
    reason       why nobody had to be asked, on such a basis; ""
    used         the uses made of it so far
    fault        why it counts for nothing, as the end of a sentence: its evidence or the record was
                 changed after it was signed; ""
    file         name of its file
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
    scope: Scope = field(default_factory=Scope)
    signing: Signing = field(default_factory=Signing)
    retention: Retention = field(default_factory=Retention)
    evidence: tuple[Evidence, ...] = ()
    face: str = ""
    reason: str = ""
    used: Used = field(default_factory=Used)
    fault: str = ""
    file: str = ""

    def covers(
        self, performer: str, operation: str, language: str, day: date, where: Where = ANYWHERE
    ) -> bool:
        """Whether it allows `operation` of `performer` in `language` on `day`, and `where`."""
        return self.performer == performer and not self.lack(operation, language, day, where)

    def lack(self, operation: str, language: str, day: date, where: Where = ANYWHERE) -> str:
        """Why it does not allow that, in words; "": it does."""
        if operation not in self.operations:
            return f"{self.id} allows only {', '.join(self.operations)}"
        if not any(_speaks(tag, language) for tag in self.languages):
            return f"{self.id} covers only {', '.join(self.languages)}"
        learns = operation == TRAIN_MODEL
        why = (
            self.fault
            or self.time_lack(day)
            or self.signing.lack(day)
            or self.retention.lack(day, learns=learns)
            or self.scope.lack(where, self.used)
        )
        return f"{self.id} {why}" if why else ""

    def time_lack(self, day: date) -> str:
        """Why it is not valid on `day`, as the end of a sentence; "": it is."""
        if self.revoked and day >= self.revoked:
            return f"was revoked on {self.revoked}"
        if self.valid_from <= day <= self.valid_until:
            return ""
        state = "it has expired" if day > self.valid_until else "that is not today"
        return f"is valid from {self.valid_from} to {self.valid_until}: {state}"

    @property
    def last_day(self) -> date:
        """The last day on which it allows anything."""
        ends = [self.valid_until, self.retention.delete_after or date.max]
        ends += [_day_before(one) for one in (self.revoked, self.signing.of_age) if one]
        return min(ends)


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
    """Every consent/*.toml of a project, in the order of their names.

    Raises:
        SettingsError: as `read_consent`, or the file of uses cannot be read.
    """
    return tuple(read_consent(path) for path in sorted(folder.glob("*.toml")))


def require(
    records: Sequence[ConsentRecord],
    performer: str,
    operation: str,
    language: str,
    day: date,
    where: Where = ANYWHERE,
) -> ConsentRecord:
    """The record that allows `operation` of `performer` in `language` on `day`, and `where`.

    Raises:
        ConsentMissing: there is none; the message says why.
    """
    own = [record for record in records if record.performer == performer]
    for record in own:
        if record.covers(performer, operation, language, day, where):
            return record
    if not own:
        why = f"there is no consent record for performer {performer!r}"
    else:
        why = "; ".join(record.lack(operation, language, day, where) for record in own)
    goes = f" for {where.territory} and {where.media}" if where.territory else ""
    goes = goes.replace(UNSTATED, "anywhere")
    raise ConsentMissing(
        f"{operation} of {performer!r} in {language}{goes} on {day} is not covered: {why}",
        hint=_how_to_get(own, performer, operation, where),
    )


def _how_to_get(own: Sequence[ConsentRecord], performer: str, operation: str, where: Where) -> str:
    """What to do about consent that is missing."""
    changed = next((record for record in own if record.fault), None)
    if changed is not None:
        return (
            f"restore {changed.file} and its evidence as they were signed; if the change is right, "
            "countersign it again: dubsync consent REEL --countersign"
        )
    unsaid = (where.territory == UNSTATED, where.media == UNSTATED)
    limited = [(ALL not in r.scope.territory, ALL not in r.scope.media) for r in own]
    if any((unsaid[0] and one[0]) or (unsaid[1] and one[1]) for one in limited):
        return "say where it goes: --territory DE --media streaming, or both under [delivery]"
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
    where: Where = ANYWHERE,
) -> bool:
    """Whether every one of `performers` has a record that allows `operation`."""
    return all(
        any(r.covers(p, operation, language, day, where) for r in records) for p in performers
    )


def _day_before(day: date) -> date:
    return day - timedelta(1) if day > date.min else day


def _speaks(tag: str, language: str) -> bool:
    tag, language = tag.lower(), language.lower()
    return tag == "*" or language == tag or language.startswith(tag + "-")


def _checked(table: Any, path: Path) -> ConsentRecord:
    found = Fields(table, path)
    sha256, evidence = file_digest(path), found.evidence()
    differ = [one.file for one in evidence if one.state(path.parent) == "differs"]
    changed = f"names {differ[0]}, which is not the file that its sha256 says" if differ else ""
    values = found.table
    return ConsentRecord(
        id=values["id"],
        performer=values["performer"],
        operations=found.names("operations"),
        languages=found.names("languages"),
        basis=values["basis"],
        statement=values["statement"],
        signatory=values["signatory"],
        valid_from=found.day("valid_from"),
        valid_until=found.day("valid_until"),
        revoked=found.optional_day("revoked"),
        work=_work(found),
        digest=sha256,
        scope=found.scope(),
        signing=found.signing(),
        retention=found.retention(),
        evidence=evidence,
        face=found.face(),
        reason=found.reason(),
        used=uses(path.parent).get(values["id"], Used()),
        fault=edited_since(path, sha256) or changed,
        file=path.name,
    )


def _work(found: Fields) -> Work | None:
    """The work that the record is about; None where it is about a person."""
    table, path = found.table, found.path
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
