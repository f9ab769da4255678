"""Names consent that is missing or ends soon in the turnover, before anything takes long."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from dubsync.core.errors import ConsentMissing
from dubsync.core.plural import counted
from dubsync.core.shot import ProjectWarning, Shot, Turnover
from dubsync.service.consent.records import (
    LIP_REENACT,
    TRAIN_MODEL,
    ConsentRecord,
    read_all,
    require,
)

#: Days before the end of a record from which the turnover names it.
SOON = 14


def with_consent(
    turnover: Turnover,
    performers: Mapping[str, str],
    project: Path,
    language: str,
) -> Turnover:
    """The turnover with a blocking warning on each shot that lacks consent to render or to learn.

    A record that ends within SOON days is a warning that blocks nothing.

    Args:
        performers: character -> performer id.
        project: its folder, in which consent/ has the records that count today.

    Raises:
        SettingsError: a record that cannot be read.
    """
    records, day = read_all(project / "consent"), date.today()
    shots = [
        replace(shot, warnings=(*_lacking(shot, performers, records, language, day),
                                *shot.warnings))
        for shot in turnover.shots
    ]  # fmt: skip
    people = dict.fromkeys(performers[c] for shot in shots for c in shot.characters)
    ending = _ending(people, records, language, day)
    return replace(turnover, shots=tuple(shots), warnings=(*turnover.warnings, *ending))


def lacking(
    performers: Iterable[str], records: Sequence[ConsentRecord], language: str, day: date
) -> dict[str, ConsentMissing]:
    """Performer -> the first operation of a dub that they did not consent to, and why not."""
    missing: dict[str, ConsentMissing] = {}
    for performer in dict.fromkeys(performers):
        for operation in (LIP_REENACT, TRAIN_MODEL):
            try:
                require(records, performer, operation, language, day)
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
    missing = lacking([performers[c] for c in shot.characters], records, language, day)
    return [
        ProjectWarning(shot.name, str(error), error.hint, blocking=True)
        for error in missing.values()
    ]


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
                last = max(good, key=lambda r: min(r.valid_until, r.revoked or date.max))
                end = min(last.valid_until, (last.revoked or date.max) - timedelta(1))
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
