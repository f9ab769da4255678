"""What the QC tab says of findings and contacts: pure words and their order."""

from __future__ import annotations

from collections.abc import Sequence

from dubsync.core.contact import Contact
from dubsync.core.result import Finding
from dubsync.desk.inspector.told.told_list import ToldRow
from dubsync.desk.look import tokens
from dubsync.service.about_shot import ShotQC
from dubsync.service.repair import REPAIRED

_ORDER = ("fail", "review", "not measured", "pass")
_MARKS = {
    "fail": ("warning-octagon-fill", tokens.REJECTED),
    "review": ("warning-fill", tokens.STALE),
    "not measured": ("question", tokens.TX3),
    "pass": ("check", tokens.APPROVED),
}
MINUS = "\N{MINUS SIGN}"
_SHORT = {"times the plate's": "of plate", "": ""}


def finding_rows(findings: Sequence[Finding], several: bool) -> tuple[ToldRow, ...]:
    """The findings, worst first; `several`: whose mouth it is, is said."""
    ordered = sorted(findings, key=lambda one: _ORDER.index(one.verdict))
    return tuple(_finding(one, several) for one in ordered)


def _finding(one: Finding, several: bool) -> ToldRow:
    head = f"{one.character}: {one.measure}" if several and one.character else one.measure
    lines: list[tuple[str, str]] = []
    if one.verdict == "pass":
        lines = [(one.limit, tokens.TX3)] if one.limit not in ("", "0") else []
    elif one.verdict == "not measured":
        lines = [(one.note or one.message, tokens.TX3)]
    else:
        said = one.message if not one.note else f"{one.message}: {one.note}"
        lines = [(said, tokens.TX2), (one.limit, tokens.TX3), (one.remedy, tokens.TX3)]
    return ToldRow(
        _MARKS[one.verdict], head, figure(one), tuple(line for line in lines if line[0]),
        one.frames[0] if one.frames else None, _frames(one),
        ("finding", one.character, one.measure),
    )  # fmt: skip


def figure(one: Finding) -> str:
    """The value with its unit: "80 %", "-1.2 ms", "0.96", a dash where it is not measured."""
    if one.value is None:
        return "\N{EM DASH}"
    unit = _SHORT.get(one.unit, one.unit)
    size = abs(one.value)
    if unit in ("pixels", "frames"):
        text = f"{one.value:.0f}"
    elif unit == "ms" or (unit == "%" and size >= 10):
        text = f"{one.value:.0f}" if size >= 10 else f"{one.value:.1f}"
    else:
        text = f"{one.value:.1f}" if unit == "%" else f"{one.value:.2f}"
    return f"{text.replace('-', MINUS)} {unit}".rstrip()


def _frames(one: Finding) -> str:
    if one.frames is None:
        return ""
    first, last = one.frames
    return str(first) if first == last else f"{first}..{last}"


def contact_rows(contacts: Sequence[Contact], several: bool) -> tuple[ToldRow, ...]:
    """The contacts that the picture does not show in time, by frame."""
    missed = sorted((c for c in contacts if c.met is False), key=lambda c: c.frame)
    return tuple(_contact(one, several) for one in missed)


def _contact(one: Contact, several: bool) -> ToldRow:
    who = f"{one.character}: " if several else ""
    said = one.line or one.why
    return ToldRow(
        ("x", tokens.REJECTED), f"{who}{one.kind}", lateness(one),
        ((said, tokens.TX3),) if said else (), one.frame, "", ("contact", one.kind, one.frame),
    )  # fmt: skip


def lateness(one: Contact) -> str:
    """ "98 ms late", "40 ms early", "not met" """
    if one.ms is None:
        return "not met"
    return f"{abs(one.ms):.0f} ms {'late' if one.ms > 0 else 'early'}"


def contacts_words(contacts: Sequence[Contact]) -> str:
    """ "9 of 12 met" of those that were judged."""
    judged = [one for one in contacts if one.met is not None]
    met = sum(bool(one.met) for one in judged)
    return f"{met} of {len(judged)} met" if judged else "none judged"


def repairable(qc: ShotQC) -> int:
    """How many contacts a repair would set."""
    return sum(one.met is False and one.kind in REPAIRED for one in qc.contacts)


def stale_words(qc: ShotQC, newest: str) -> str:
    """Why the report is not of the render that is shown; "" where it is."""
    if not newest:
        return ""
    if not qc.version:
        return f"{newest} is not measured yet"
    measured = f"v{qc.version:03d}"
    return "" if measured == newest else f"This is of {measured}; {newest} is not measured yet"
