"""C2PA's validation codes in words that say what is wrong and with what (C2PA 2.2, 15.2)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: Code, or its beginning -> what it means.  {of}: the assertion or the ingredient.
WORDS = {
    "assertion.dataHash.mismatch": "the file is not the one that was signed: its bytes differ",
    "assertion.bmffHash.mismatch": "the file is not the one that was signed: its bytes differ",
    "assertion.boxesHash.mismatch": "the file is not the one that was signed: its bytes differ",
    "assertion.hashedURI.mismatch": "what {of} says was altered after it was signed",
    "assertion.missing": "{of} was taken out of the manifest",
    "assertion.undeclared": "{of} was put into the manifest after it was signed",
    "assertion.action": "what is said of the work done does not fit C2PA ({of})",
    "claimSignature.mismatch": "the manifest was altered after it was signed",
    "claimSignature.missing": "the manifest has no signature",
    "claimSignature.outsideValidity": "it was signed when the certificate was not valid",
    "claim.": "the manifest's claim is damaged",
    "signingCredential.untrusted": "it is signed by somebody who is not trusted here",
    "signingCredential.expired": "the signing certificate has expired, and no time stamp proves "
    "that it was signed before",
    "signingCredential.invalid": "the signing certificate is not one for C2PA",
    "signingCredential": "the signing certificate is not in order",
    "ingredient": "the manifest of {of}, which went in, is not in order",
    "algorithm": "it names an algorithm that is not known",
    "timeStamp": "its time stamp does not hold",
}  # fmt: skip
_UNTRUSTED = "signingCredential.untrusted"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing that is wrong: C2PA's code, or one that begins with "dubsync.", and in words."""

    code: str
    what: str


def is_untrusted(fault: Fault) -> bool:
    """Whether all that is wrong is that nobody here knows who signed."""
    return fault.code == _UNTRUSTED


def fault_of(entry: Mapping[str, Any], *, of_ingredient: bool = False) -> Fault:
    """The fault that the library's reader gives as code, url and explanation."""
    code, url = str(entry.get("code", "")), str(entry.get("url", ""))
    about = url.rpartition("/")[2] or "the manifest"
    words = next(
        (said for known, said in WORDS.items() if code.startswith(known)),
        " ".join(str(entry.get("explanation", code)).split())[:200],
    )
    said = words.format(of=about)
    if of_ingredient:
        return Fault(f"ingredient.{code}", f"in the manifest of an ingredient: {said}")
    return Fault(code, said)
