"""What a delivery would hold as things are, told from the rows; service decides when it writes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from dubsync.service.overview import ShotRow

Part = Literal["goes in", "stays out", "keeps its plate"]
#: Heads of the parts, in their order.
PARTS: tuple[tuple[Part, str], ...] = (
    ("goes in", "In the corrected cut"), ("stays out", "Not in it"),
    ("keeps its plate", "Keeps its plate on purpose"),
)  # fmt: skip
_NOT_RENDERED = {"todo", "blocked", "offline", "failed"}


@dataclass(frozen=True, slots=True)
class PlannedShot:
    """One row of the plan; `version` is what goes in, `why` says why nothing or what to see to."""

    row: ShotRow
    part: Part
    version: str = ""
    why: str = ""


def delivery_plan(rows: Sequence[ShotRow], *, unapproved: bool) -> tuple[PlannedShot, ...]:
    """Each shot's part in a delivery, by parts in the order of PARTS, then in record order.

    Once anything is approved, approved versions go in and the rest keeps its plate, unless
    `unapproved`; see `dubsync deliver`.
    """
    any_approved = any(row.approved for row in rows)
    planned = [_planned(row, any_approved and not unapproved) for row in rows]
    order = [part for part, _ in PARTS]
    return tuple(sorted(planned, key=lambda one: order.index(one.part)))


def _planned(row: ShotRow, only_approved: bool) -> PlannedShot:
    if row.state == "skipped":
        return PlannedShot(row, "keeps its plate", why=_first(row))
    if row.state in _NOT_RENDERED or not row.version:
        return PlannedShot(row, "stays out", why=_first(row) or "not rendered yet")
    if row.approved:
        return PlannedShot(row, "goes in", row.approved, _stale(row))
    if only_approved:
        why = _first(row) if row.state == "rejected" else f"{row.version} is not approved yet"
        return PlannedShot(row, "stays out", why=why)
    if row.state == "rejected":
        return PlannedShot(row, "stays out", why=_first(row) or f"{row.version} was rejected")
    return PlannedShot(row, "goes in", row.version, _stale(row) or "not judged")


def _first(row: ShotRow) -> str:
    return next(iter(row.reasons), "")


def _stale(row: ShotRow) -> str:
    return f"stale: {_first(row)}".rstrip(": ") if row.state == "stale" else ""


def summary(plan: Sequence[PlannedShot]) -> str:
    """The plan in a sentence: "3 of 7 shots go in"."""
    inside = sum(one.part == "goes in" for one in plan)
    total = inside + sum(one.part == "stays out" for one in plan)
    return f"{inside} of {total} shots go in"
