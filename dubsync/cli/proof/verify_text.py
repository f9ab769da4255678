"""A verification as a person reads it: the verdict, who made what, what differs, what to do."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from dubsync.cli.verb import printable
from dubsync.core.plural import counted
from dubsync.core.proof.verification import Claim, DrawnShot, State, Verification

WIDTH = 100
_VERDICTS = {
    "verified": "VERIFIED",
    "failed": "FAILED",
    "not checked": "NOT FULLY CHECKED",
}
_KINDS = {"delivery": "delivery", "reel": "reel", "render": "render", "file": "file"}
#: Columns of the kind of a claim.
KIND = 19
#: Most rows of one state that are printed.
MOST = 40
#: What several true claims of one kind say together.
_TRUE = {
    "signature": "each is what the house signed",
    "file": "with the bytes that were signed, and no other file among them",
    "ledger": "each record is in the ledger, whose chain is unbroken",
    "made from": "each from the plates, dubs and takes that its record names",
    "outside the matte": "counted again: not one sample of any differs from its plate",
    "consent then": "each held when the render was made",
    "consent today": "each holds today",
}


def verification_text(found: Verification, *, private: bool = False) -> str:
    """The whole result as text.

    Args:
        private: show who approved; else only that somebody did.
    """
    parts = [_headline(found)]
    if found.shots:
        parts.append(_made(found.shots, private=private))
    parts.append(_checked(found))
    parts += _lists(found)
    return printable("\n\n".join(part for part in parts if part))


def _headline(found: Verification) -> str:
    failed, unchecked = len(found.of("failed")), len(found.of("not checked"))
    text = f"{_VERDICTS[found.state]}: {found.target}, a {_KINDS[found.kind]}"
    signers = dict.fromkeys((one.house, one.fingerprint[:16]) for one in found.shots if one.house)
    if signers:
        text += ", signed by " + " and ".join(f"{name} (key {key})" for name, key in signers)
    counts = [f"{counted(len(found.of('verified')), 'check')} passed"]
    counts += [f"{failed} failed"] if failed else []
    counts += [f"{unchecked} could not be made"] if unchecked else []
    return f"{text}\n  {', '.join(counts)}"


def _made(shots: Sequence[DrawnShot], *, private: bool) -> str:
    lines = ["Who made which frames from what"]
    for one in shots:
        lines.append(f"  {one.shot} {one.version}, {one.language}")
        total = one.last - one.first + 1
        at = f", from {one.timecode}" if one.timecode else ""
        lines.append(
            f"    frames    {one.first}..{one.last}{at}: {one.changed} of {total} drawn, "
            "the others are the plate's"
        )
        for name, (renderer, model) in one.drawn_by.items():
            what = f", model {model[:16]}" if model else ""
            lines.append(f"    drawn     {name} by the {renderer}{what}")
        lines += _wrapped("from", _sources(one))
        lines += _wrapped("consent", ", ".join(one.consents) or "none named")
        by = f"{one.house}, " if one.house else "somebody who did not sign, "
        lines.append(f"    made by   {by}{_time(one.made)}, with {one.software}")
        if one.approved:
            who = one.approved if private else one.approved.rpartition(" on ")[2]
            lines.append(f"    approved  {who}")
    return "\n".join(lines)


def _sources(one: DrawnShot) -> str:
    return "; ".join(dict.fromkeys(f"{role} {name}" for role, name in one.sources))


def _time(made: str) -> str:
    return made[:16].replace("T", " ") + (" UTC" if made.endswith("+00:00") else "")


def _wrapped(label: str, text: str) -> list[str]:
    return textwrap.wrap(
        text,
        WIDTH,
        initial_indent=f"    {label:<10}",
        subsequent_indent=" " * 14,
        break_long_words=False,
        break_on_hyphens=False,
    )


def _checked(found: Verification) -> str:
    """What was checked and is true, a line for each kind of claim."""
    kinds: dict[str, list[Claim]] = {}
    for claim in found.of("verified"):
        kinds.setdefault(claim.claim, []).append(claim)
    lines = ["Checked, and true"]
    for kind, claims in kinds.items():
        said = f"{claims[0].about}: {claims[0].why}"
        if len(claims) > 1:
            whys = list(dict.fromkeys(claim.why for claim in claims))
            said = f"{len(claims)}, {_TRUE.get(kind, whys[0] if len(whys) == 1 else 'all true')}"
        lines += _row(kind, said)
    return "\n".join(lines) if kinds else ""


def _lists(found: Verification) -> list[str]:
    """What failed and what could not be checked; what is the same of several is said once."""
    result = []
    titles: Sequence[tuple[State, str]] = (
        ("failed", "What differs"),
        ("not checked", "What could not be checked"),
    )
    for state, title in titles:
        groups: dict[tuple[str, str, str], list[str]] = {}
        for claim in found.of(state):
            groups.setdefault((claim.claim, claim.why, claim.hint), []).append(claim.about)
        lines, rows = [title], list(groups.items())
        for n, ((kind, why, hint), names) in enumerate(rows[:MOST]):
            lines += _row(kind, f"{_named(names)}: {why}")
            if hint and (n + 1 >= min(len(rows), MOST) or rows[n + 1][0][2] != hint):
                lines += _row("", f"Try: {hint}")
        if len(rows) > MOST:
            lines.append(f"  and {len(rows) - MOST} more: --json lists all")
        result += ["\n".join(lines)] if rows else []
    return result


def _named(names: Sequence[str]) -> str:
    """Names in a sentence, the first three of many."""
    if len(names) <= 3:
        return ", ".join(names)
    return f"{', '.join(names[:3])} and {len(names) - 3} more"


def _row(kind: str, said: str) -> list[str]:
    return textwrap.wrap(
        said,
        WIDTH,
        initial_indent=f"  {kind:<{KIND}}",
        subsequent_indent=" " * (KIND + 2),
        break_long_words=False,
        break_on_hyphens=False,
    )
