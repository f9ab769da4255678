"""Claims about consent: whether it held when a render was made, and whether it holds today."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from dubsync.core.proof.verification import Claim, failed, not_checked, verified
from dubsync.service.consent.state import ConsentState, consent_states

THEN, TODAY = "consent then", "consent today"
_ASK = "ask the performer again; dubsync consent REEL says what depends on it"


def consent_claims(
    folder: Path | None, records: Sequence[Mapping[str, Any]], house: str
) -> list[Claim]:
    """What is found of every consent that the records name, each once.

    Args:
        folder: the project's consent/ folder; None: it stayed in the house, so that only what the
            house signed is known.
        house: who signed, for the words.
    """
    if folder is None:
        return _from_outside(records, house)
    claims: dict[tuple[str, str, str], Claim] = {}
    for record in records:
        for one in consent_states(folder, record):
            for claim in _at_home(one):
                key = claim.claim, claim.about, claim.why
                claims.setdefault(key, claim)
    return list(claims.values())


def _at_home(one: ConsentState) -> list[Claim]:
    about = f"{one.id} ({one.file})" if one.file else one.id
    match one.then:
        case "held":
            held = ", countersigned by the house" if one.countersigned else ""
            then = verified(THEN, about, f"it held when the render was made{held}")
        case "did not hold":
            then = failed(THEN, about, one.why_then, "withdraw what was made: dubsync consent REEL")
        case _:
            hint = (
                "restore the file as it was; if the consent has changed, keep the old file and "
                "put the new one beside it"
            )
            then = failed(THEN, about, one.why_then, hint)
    if one.today == "held":
        by = "" if one.by in ("", one.id) else f", by {one.by}"
        return [then, verified(TODAY, about, f"it holds today{by}")]
    state = failed if one.today == "did not hold" else not_checked
    return [then, state(TODAY, about, one.why_today, _ASK)]


def _from_outside(records: Sequence[Mapping[str, Any]], house: str) -> list[Claim]:
    """What a second person can know: the house signed that consent held; not whether it does."""
    ids = sorted({str(given["id"]) for record in records for given in record["consent"]})
    if not ids:
        return []
    about = ", ".join(ids)
    signer = house or "whoever made the record"
    said = f"{signer} states that it held when the renders were made"
    return [
        verified(THEN, about, said) if house else not_checked(THEN, about, said, "have it signed"),
        not_checked(
            TODAY,
            about,
            "the consent files stay in the house, so nobody else can tell",
            f"ask {signer} to run dubsync verify in the project",
        ),
    ]
