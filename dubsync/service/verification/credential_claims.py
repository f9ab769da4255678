"""Claims about C2PA credentials: sidecars beside media, and manifests within."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from dubsync.core.proof.verification import Claim, failed, not_checked, verified
from dubsync.media.credentials.read import Credentials, read
from dubsync.service.credentials.find import credentials_of, root_of
from dubsync.service.verification.delivery_form import CREDENTIAL_FOLDERS, CREDENTIALS, MediaEntry
from dubsync.service.verification.media_claims import MediaCheck
from dubsync.service.verification.trust import Trust

CLAIM, SIDECAR = "credentials", ".c2pa"
#: How the sidecar of a sequence's signed digests ends, without SIDECAR.
_HASHES = ".hashes"


def credential_claims(
    proof: Path, entries: Sequence[MediaEntry], check: MediaCheck, trust: Trust
) -> list[Claim]:
    """What every sidecar of a delivery says of its media, and whether that holds."""
    claims: list[Claim] = []
    for folder, roles in CREDENTIAL_FOLDERS.items():
        home = proof / CREDENTIALS / folder
        mine = [one for one in entries if one.role in roles]
        for sidecar in sorted(home.glob(f"*{SIDECAR}")):
            stem = sidecar.name.removesuffix(SIDECAR)
            path = home / f"{stem}.json" if stem.endswith(_HASHES) else _media(stem, mine, check)
            if path is None:
                why = "its media are not at hand, or are not those that were recorded"
                claims.append(not_checked(CLAIM, sidecar.name, why, "see what is said of them"))
            else:
                claims += of_media(path, sidecar, trust)
    return claims


def of_media(path: Path, sidecar: Path | None, trust: Trust) -> list[Claim]:
    """What the C2PA manifest of one file says, from a sidecar or from within; [] if it has none."""
    about = path.name
    try:
        found = read(path, sidecar, [root_of(house) for house in trust.houses])
    except OSError as error:
        why = f"it cannot be read: {error.strerror or error}"
        return [not_checked(CLAIM, about, why, "check its disk")]
    return _claims(found, about)


def beside(picture: Path, trust: Trust) -> list[Claim]:
    """What the credentials beside a picture say, a movie or a sequence; [] if it has none."""
    try:
        return _claims(credentials_of(picture, trust.houses), picture.name)
    except OSError as error:
        why = f"they cannot be read: {error.strerror or error}"
        return [not_checked(CLAIM, picture.name, why, "check their disk")]


def _media(stem: str, entries: Sequence[MediaEntry], check: MediaCheck) -> Path | None:
    """The true file that a sidecar belongs to, by its name with or without the suffix."""
    for entry in entries:
        path = check.found.get((entry.shot, entry.role, entry.what))
        if path is not None and stem in (entry.name, Path(entry.name).stem):
            return path
    return None


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
