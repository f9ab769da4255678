"""Names consent that is missing or ends soon in the turnover, before anything takes long."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from dubsync.core.errors import ConsentMissing
from dubsync.core.plural import counted
from dubsync.core.settings import DeliverySettings
from dubsync.core.shot import ProjectWarning, Shot, Turnover
from dubsync.service.consent.due import due_records, due_warnings, parts_of
from dubsync.service.consent.records import (
    LIP_REENACT,
    TRAIN_MODEL,
    ConsentRecord,
    read_all,
    require,
)
from dubsync.service.consent.scope import SCREEN, Where, delivery_places

#: Days before the end of a record from which the turnover names it.
SOON = 14


def with_consent(
    turnover: Turnover,
    performers: Mapping[str, str],
    project: Path,
    language: str,
    delivery: DeliverySettings | None = None,
) -> Turnover:
    """The turnover with a blocking warning on each shot that lacks consent to render or to learn.

    A record that ends within SOON days, and one that does not reach where the delivery goes, are
    warnings that block nothing here: `deliver` refuses the latter.

    Args:
        performers: character -> performer id.
        project: its folder, in which consent/ has the records that count today.
        delivery: where the delivery goes; None: nowhere.

    Raises:
        SettingsError: a record that cannot be read, or a setting that is no territory.
    """
    records, day = read_all(project / "consent"), date.today()
    shots = [
        replace(shot, warnings=(*_lacking(shot, performers, records, language, day),
                                *shot.warnings))
        for shot in turnover.shots
    ]  # fmt: skip
    people = dict.fromkeys(performers[c] for shot in shots for c in shot.characters)
    told = _ending(people, records, language, day)
    if delivery is not None:
        told += _not_there(people, records, language, day, delivery)
    told += due_warnings(due_records(project, parts_of(performers), day), day)
    return replace(turnover, shots=tuple(shots), warnings=(*turnover.warnings, *told))


def lacking(
    performers: Iterable[str],
    records: Sequence[ConsentRecord],
    language: str,
    day: date,
    shot: str = "",
) -> dict[str, ConsentMissing]:
    """Performer -> the first operation of a dub that they did not consent to, and why not."""
    missing: dict[str, ConsentMissing] = {}
    for performer in dict.fromkeys(performers):
        for operation in (LIP_REENACT, TRAIN_MODEL):
            try:
                require(records, performer, operation, language, day, _here(operation, shot))
            except ConsentMissing as error:
                missing[performer] = error
                break
    return missing


def _lacking(
    shot: Shot,
    performers: Mapping[str, str],
    records: Sequence[ConsentRecord],
    language: str,
    day: date,
) -> list[ProjectWarning]:
    """A warning for each performer in the shot who did not consent."""
    people = [performers[c] for c in shot.characters]
    missing = lacking(people, records, language, day, shot.name)
    return [
        ProjectWarning(shot.name, str(error), error.hint, blocking=True)
        for error in missing.values()
    ]


def _here(operation: str, shot: str) -> Where:
    """A model is learnt from those shots that may be learnt from; a mouth is drawn in its own."""
    return Where(shot if operation == LIP_REENACT else "", role=SCREEN)


def _not_there(
    people: Iterable[str], records: Sequence[ConsentRecord], language: str, day: date,
    delivery: DeliverySettings,
) -> list[ProjectWarning]:  # fmt: skip
    """A warning for each performer whose consent does not reach where the delivery goes."""
    warnings = []
    for performer in people:
        here = [r for r in records if r.covers(performer, LIP_REENACT, language, day)]
        if not here:
            continue
        for territory, media in delivery_places(delivery.territory, delivery.media):
            where = Where(role=SCREEN, territory=territory, media=media, new="deliveries")
            try:
                require(here, performer, LIP_REENACT, language, day, where)
            except ConsentMissing as error:
                message = f"their shots may be rendered, and not delivered: {error}"
                warnings.append(ProjectWarning(performer, message, error.hint))
                break
    return warnings


def _ending(
    people: Sequence[str] | Mapping[str, None],
    records: Sequence[ConsentRecord],
    language: str,
    day: date,
) -> list[ProjectWarning]:
    """A warning for each performer whose consent ends within SOON days, and no other goes on."""
    warnings = []
    for performer in people:
        for operation in (LIP_REENACT, TRAIN_MODEL):
            good = [r for r in records if r.covers(performer, operation, language, day)]
            later = day + timedelta(SOON)
            if good and not any(r.covers(performer, operation, language, later) for r in good):
                last = max(good, key=lambda r: r.last_day)
                end = min(last.last_day, last.retention.until or date.max)
                left = counted((end - day).days + 1, "day")
                warnings.append(
                    ProjectWarning(
                        performer,
                        f"their consent {last.id} ends on {end}, in {left}",
                        "finish and deliver their shots by then, or ask them for a new record",
                    )
                )
                break
    return warnings
