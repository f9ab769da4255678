"""A verification as a person reads it: the verdict, who made what, what differs, what to do."""

from __future__ import annotations

import textwrap
from collections.abc import Sequence

from dubsync.cli.verb import printable
from dubsync.core.plural import counted
from dubsync.core.proof.verification import Claim, DrawnShot, Verification

WIDTH = 100
_VERDICTS = {
    "verified": "VERIFIED",
    "failed": "FAILED",
    "not checked": "NOT FULLY CHECKED",
}
_KINDS = {"delivery": "delivery", "reel": "reel", "render": "render", "file": "file"}
#: Most claims of one state that are printed one by one.
MOST = 40


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
    if not kinds:
        return ""
    width = max(map(len, kinds))
    lines = ["Checked, and true"]
    for kind, claims in kinds.items():
        if len(claims) == 1:
            said = f"{claims[0].about}: {claims[0].why}"
        else:
            whys = {claim.why for claim in claims}
            said = f"{len(claims)}: {whys.pop()}" if len(whys) == 1 else _many(claims)
        wrapped = textwrap.wrap(said, WIDTH - width, break_long_words=False, break_on_hyphens=False)
        lines.append(f"  {kind:<{width}}  {wrapped[0]}")
        lines += [f"  {'':<{width}}  {line}" for line in wrapped[1:]]
    return "\n".join(lines)


def _many(claims: Sequence[Claim]) -> str:
    names = ", ".join(dict.fromkeys(claim.about for claim in claims[:8]))
    more = f" and {len(claims) - 8} more" if len(claims) > 8 else ""
    return f"{len(claims)}: {names}{more}"


def _lists(found: Verification) -> list[str]:
    result = []
    for state, title in (("failed", "What differs"), ("not checked", "What could not be checked")):
        claims = found.of(state)  # type: ignore[arg-type]
        if not claims:
            continue
        lines, hint = [title], ""
        for n, claim in enumerate(claims[:MOST]):
            lines += textwrap.wrap(
                f"{claim.claim} of {claim.about}: {claim.why}",
                WIDTH,
                initial_indent="  ",
                subsequent_indent="    ",
                break_long_words=False,
                break_on_hyphens=False,
            )
            following = claims[n + 1].hint if n + 1 < min(len(claims), MOST) else ""
            hint = claim.hint
            if hint and hint != following:
                lines += textwrap.wrap(
                    hint,
                    WIDTH,
                    initial_indent="    Try: ",
                    subsequent_indent="         ",
                    break_long_words=False,
                    break_on_hyphens=False,
                )
        if len(claims) > MOST:
            lines.append(f"  and {len(claims) - MOST} more: --json lists all")
        result.append("\n".join(lines))
    return result
