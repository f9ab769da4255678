"""Findings of the mouth's contacts: the share met in time, and by line those that stay open."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dubsync.core.contact import CONTACTS, Contact, ContactKind
from dubsync.core.result import Finding, QCReport
from dubsync.qc.findings import FindingsBuilder, Verdict


@dataclass(frozen=True, slots=True)
class _Kind:
    """One kind's measure, its sounds, and what is said of those that are missed.

    least  share that is to be met; real mouths, judged alike, meet .86, .75, .87 and .88 (`judge`)
    few    with fewer, the share is no reason for a review
    """

    measure: str
    sounds: str
    called: str
    misses: str
    least: float
    few: int = 1


_KINDS: Mapping[ContactKind, _Kind] = {
    "closed lips": _Kind("closures", "m, b or p", "closures", "stay open", 0.7),
    "lip to teeth": _Kind("lip to teeth", "f or v", "f and v", "stay too open", 0.6),
    "rounded lips": _Kind(
        "rounded lips", "w or rounded vowel", "w and rounded vowels", "stay wide", 0.6, 6
    ),
    "teeth near": _Kind("teeth near", "s, z, sh or ch", "s and z", "have the jaw low", 0.6, 6),
}
#: The kinds that viewers notice first.
SEEN_FIRST: tuple[ContactKind, ...] = ("closed lips", "lip to teeth")
SHOWN = 12  #: frames named in one sentence at most


def contact_findings(builder: FindingsBuilder, found: Sequence[Contact]) -> tuple[Finding, ...]:
    """A finding of each kind of contact of one face."""
    return tuple(_finding(builder, kind, [c for c in found if c.kind == kind]) for kind in CONTACTS)


def _finding(builder: FindingsBuilder, kind: ContactKind, found: Sequence[Contact]) -> Finding:
    of = _KINDS[kind]
    limit = f"at least {of.least:.0%}" + (f" of {of.few} or more" if of.few > 1 else "")
    judged = [contact for contact in found if contact.met is not None]
    if not judged:
        hidden = dict.fromkeys(contact.why for contact in found)
        note = f"the dub has no clear {of.sounds}"
        note = f"not judged: {'; '.join(hidden)}" if hidden else note
        return builder.unknown(of.measure, "%", limit, note)
    share = sum(bool(contact.met) for contact in judged) / len(judged)
    missed = [contact.frame for contact in judged if not contact.met]
    span = (missed[0], missed[0]) if missed else None
    note = "; ".join((*missed_lines(found, builder.label), *_unjudged(found)))
    note = note or f"all {len(judged)} met"
    if share < of.least and len(judged) < of.few:  # too few for a verdict, and not fine either
        return builder.unknown(of.measure, "%", limit, f"{note}; too few to judge by")
    verdict: Verdict = "review" if share < of.least else "pass"
    return builder.finding(of.measure, 100 * share, "%", limit, verdict, note, span)


def missed_lines(found: Sequence[Contact], label: Callable[[int], str] = str) -> tuple[str, ...]:
    """A sentence for each line and kind with a contact that is not met in time.

    "2 of 9 closures of ELISE_L001 stay open: frames 1012, 1034"; "1 of 9 closures of ELISE_L001 not
    in time: frames 1050 (83 ms late)".

    Args:
        label: formats a frame number.
    """
    result: list[str] = []
    for kind in CONTACTS:
        mine = [c for c in found if c.kind == kind and c.met is not None]
        for line in dict.fromkeys(c.line for c in mine):
            here = [c for c in mine if c.line == line]
            of = f"of {len(here)} {_KINDS[kind].called}" + (f" of {line}" if line else "")
            away = [label(c.frame) for c in here if not c.met and c.ms is None]
            late = [f"{label(c.frame)} ({_off(c.ms)})" for c in here if not c.met and c.ms]
            if away:
                result.append(f"{len(away)} {of} {_KINDS[kind].misses}: {_frames(away)}")
            if late:
                result.append(f"{len(late)} {of} not in time: {_frames(late)}")
    return tuple(result)


def untold_lines(report: QCReport) -> tuple[str, ...]:
    """By shot and line the contacts of SEEN_FIRST that are missed, each with its shot.

    Those of a finding that is out of its limit are left out: its note has them.
    """
    told = {(f.shot, f.character, f.measure) for f in report.findings
            if f.verdict in ("fail", "review")}  # fmt: skip

    def untold(shot: str, of: Contact) -> bool:
        said = (shot, of.character, _KINDS[of.kind].measure) in told
        return of.kind in SEEN_FIRST and not said

    return tuple(
        f"{shot}: {sentence}"
        for shot, found in report.contacts.items()
        for sentence in missed_lines([contact for contact in found if untold(shot, contact)])
    )


def _unjudged(found: Sequence[Contact]) -> tuple[str, ...]:
    """How many contacts are not judged, by reason."""
    reasons = [contact.why for contact in found if contact.met is None]
    return tuple(f"{reasons.count(why)} not judged: {why}" for why in dict.fromkeys(reasons))


def _frames(named: Sequence[str]) -> str:
    return "frames " + ", ".join(named[:SHOWN]) + (", ..." if len(named) > SHOWN else "")


def _off(ms: float) -> str:
    return f"{abs(ms):.0f} ms {'late' if ms > 0 else 'early'}"
