"""Whether the consent that a render's record names held then, and whether it holds today.

A render's record has the id and the digest of each consent record, never its words.  So the text
that held then is recognised by its digest: an edited file proves nothing of an earlier day.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal

from dubsync.core.errors import SettingsError
from dubsync.service.consent.countersigned import SIGNED, countersignatures
from dubsync.service.consent.operations import LIP_REENACT
from dubsync.service.consent.records import ConsentRecord, read_consent
from dubsync.service.consent.scope import ANYWHERE, Used, Where

#: What a withdrawal appends to a record's name.
WITHDRAWN = ".withdrawn"
Verdict = Literal["held", "did not hold", "not known"]


@dataclass(frozen=True, slots=True)
class ConsentState:
    """One consent record that a render names.

    id, sha256     as the render's record names it
    performer      whom it is about, as the project names them; "": its file is not here.  A
                   person's name may stand in it: for eyes in the house alone
    then, why_then     whether it held when the render was made; why not, or why that is not known
    today, why_today   whether the performer's consent covers the same today; why not
    by             id of the record that covers it today: another one may go on where this ended
    file           name of its file in consent/; ""
    countersigned  day on which the house countersigned exactly this text; ""
    """

    id: str
    sha256: str
    performer: str
    then: Verdict
    why_then: str
    today: Verdict
    why_today: str
    by: str = ""
    file: str = ""
    countersigned: str = ""


def consent_states(
    folder: Path, record: Mapping[str, Any], *, today: date | None = None
) -> tuple[ConsentState, ...]:
    """The state of every consent that the record of a render names.

    Args:
        folder: the project's consent/ folder.
        record: a render's record: its consent, language, made and, where it has one, shot.

    Raises:
        ValueError: `made` is no time.
    """
    made = datetime.fromisoformat(str(record.get("made", "")))
    where = Where(shot=str(record.get("shot", "")))
    return tuple(
        consent_state(folder, str(one.get("id", "")), str(one.get("sha256", "")),
                      language=str(record.get("language", "")), at=made, today=today, where=where)
        for one in record.get("consent", ())
    )  # fmt: skip


def consent_state(
    folder: Path, id: str, sha256: str, *, language: str, at: datetime,
    today: date | None = None, where: Where = ANYWHERE, operations: Sequence[str] = (),
) -> ConsentState:  # fmt: skip
    """Whether one consent record held at the time `at`, and whether it holds `today`.

    Args:
        folder: the project's consent/ folder, with active and withdrawn records.
        id, sha256: of the record, as the render's record names it.
        language: of the render.
        at: when the render was made.
        where: the shot; for a delivery also where it goes.
        operations: what was done; (): whatever the record allows of a person's mouth.
    """
    known = _known(folder)
    exact = next((one for one in known if one.record.digest == sha256), None)
    same_id = next((one for one in known if one.record.id == id), None)
    found = exact or same_id
    day = today or date.today()
    if found is None:
        gone = f"no record {id} is in {folder.name}/"
        return ConsentState(id, sha256, "", "not known", gone, "not known", gone)
    then, why_then = _then(exact, found, operations, language, at.astimezone().date(), where)
    now, why_now, by = _today(known, found, operations, language, day, where)
    if now == "held" and exact is None and by == id:
        why_now = f"{id} was edited since; as it stands now it covers this"
    return ConsentState(
        id, sha256, found.record.performer, then, why_then, now, why_now, by, found.path.name,
        _countersigned(found.path, sha256),
    )  # fmt: skip


def withdrawn_in(folder: Path) -> tuple[Path, ...]:
    """The withdrawn records in a project's consent/ folder, in the order of their names."""
    found = folder.glob(f"*{WITHDRAWN}*")
    return tuple(sorted(path for path in found if SIGNED not in path.name))


@dataclass(frozen=True, slots=True)
class _Known:
    path: Path
    record: ConsentRecord

    @property
    def withdrawn(self) -> bool:
        return WITHDRAWN in self.path.name


def _known(folder: Path) -> tuple[_Known, ...]:
    """Every record that can be read, active ones first."""
    found = []
    for path in (*sorted(folder.glob("*.toml")), *withdrawn_in(folder)):
        try:
            found.append(_Known(path, read_consent(path)))
        except SettingsError:
            continue  # what cannot be read allows nothing; whoever asks for its id is told so
    return tuple(found)


def _then(
    exact: _Known | None, found: _Known, operations: Sequence[str], language: str, day: date,
    where: Where,
) -> tuple[Verdict, str]:  # fmt: skip
    if exact is None:
        return "not known", (
            f"{found.path.name} was edited after the render: what it said then is not here"
        )
    record = exact.record
    for operation in operations or _usual(record):
        # A change of the evidence afterwards does not undo what held then: it is said of today.
        if why := _unchanged(record).lack(operation, language, day, where):
            return "did not hold", why
    return "held", ""


def _today(
    known: Sequence[_Known], found: _Known, operations: Sequence[str], language: str, day: date,
    where: Where,
) -> tuple[Verdict, str, str]:  # fmt: skip
    performer, wanted = found.record.performer, operations or _usual(found.record)
    active = [one.record for one in known if not one.withdrawn]
    own = [record for record in active if record.performer == performer]
    own.sort(key=lambda record: record.id != found.record.id)
    for record in own:
        if all(record.covers(performer, one, language, day, where) for one in wanted):
            return "held", "", record.id
    if found.withdrawn:
        return "did not hold", f"{found.record.id} was withdrawn", ""
    lacks = (found.record.lack(one, language, day, where) for one in wanted)
    return "did not hold", next(filter(None, lacks), "no record covers it"), ""


def _usual(record: ConsentRecord) -> tuple[str, ...]:
    """What a render needs of the performer: their mouth, where the record is about that at all."""
    return (LIP_REENACT,) if LIP_REENACT in record.operations else record.operations


def _unchanged(record: ConsentRecord) -> ConsentRecord:
    return replace(record, fault="", used=Used())


def _countersigned(path: Path, sha256: str) -> str:
    made = [one.made for one in countersignatures(path) if one.sha256 == sha256]
    return made[-1][:10] if made else ""
