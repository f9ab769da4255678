"""Claims about C2PA credentials: sidecars beside media, and manifests within."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dubsync.core.proof.verification import Claim, failed, not_checked, verified
from dubsync.media.credentials.read import Credentials, read
from dubsync.service.verification.delivery_form import CREDENTIALS, MediaEntry
from dubsync.service.verification.media_claims import MediaCheck
from dubsync.service.verification.trust import Trust

CLAIM, SIDECAR = "credentials", ".c2pa"


def credential_claims(
    proof: Path, entries: Sequence[MediaEntry], check: MediaCheck, trust: Trust
) -> list[Claim]:
    """What every sidecar of a delivery says of its media, and whether that holds."""
    claims: list[Claim] = []
    media = {entry.name: check.found.get((entry.shot, entry.role, entry.what)) for entry in entries}
    for sidecar in sorted((proof / CREDENTIALS).glob(f"*{SIDECAR}")):
        name = sidecar.name.removesuffix(SIDECAR)
        path = media.get(name) or next(
            (found for known, found in media.items() if Path(known).stem == name and found), None
        )
        if path is None:
            why = "its media are not at hand or are not the ones that were signed"
            claims.append(not_checked(CLAIM, sidecar.name, why, "see what is said of the media"))
        else:
            claims += of_media(path, sidecar, trust)
    return claims


def of_media(path: Path, sidecar: Path | None, trust: Trust) -> list[Claim]:
    """What the C2PA manifest of one file says, from a sidecar or from within; [] if it has none."""
    about = sidecar.name if sidecar else path.name
    try:
        found = read(path, sidecar, [house.chain_pem for house in trust.houses])
    except OSError as error:
        why = f"it cannot be read: {error.strerror or error}"
        return [not_checked(CLAIM, about, why, "check its disk")]
    return _claims(found, about)


def _claims(found: Credentials, about: str) -> list[Claim]:
    match found.state:
        case "none":
            return []
        case "trusted":
            signer = found.signer.get("organisation") or "a house"
            return [verified(CLAIM, about, f"C2PA manifest signed by {signer}, and whole")]
        case "valid":
            signer = found.signer.get("organisation") or "somebody"
            why = f"C2PA manifest whole, but signed by {signer}, who is not trusted here"
            return [not_checked(CLAIM, about, why, "name their public file: --house FILE")]
        case _:
            return [
                failed(CLAIM, about, f"C2PA: {fault.what}", "get the file and its sidecar again")
                for fault in found.faults
            ]
