"""Verifies a delivery: its files, records, media, consents, and the pixels outside the mattes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from pathlib import Path, PurePosixPath
from typing import Any

from dubsync.core.progress import Progress, Step
from dubsync.core.proof.fault import Fault
from dubsync.core.proof.verification import (
    Claim,
    DrawnShot,
    Verification,
    failed,
    not_checked,
    verdict,
    verified,
)
from dubsync.service.keys.signing import SignedBy
from dubsync.service.ledger.read_ledger import read_ledger
from dubsync.service.verification.consent_claims import consent_claims
from dubsync.service.verification.credential_claims import credential_claims
from dubsync.service.verification.delivery_form import (
    DELIVERY,
    FAMILY,
    PROOF,
    VERSION,
    MediaEntry,
    media_in,
    misshapen,
)
from dubsync.service.verification.media_claims import MediaCheck
from dubsync.service.verification.media_roots import MediaRoots, OutsideRoots, inside, plain_path
from dubsync.service.verification.pixel_claims import OUTSIDE, outside_claims, source_claims
from dubsync.service.verification.record_claims import (
    ReadRecord,
    drawn_shot,
    ledger_claims,
    read_record_file,
)
from dubsync.service.verification.signed_document import read_document
from dubsync.service.verification.trust import Trust, fault_claim
from dubsync.service.verification.versions import media_of

#: What systems put into folders by themselves.
_STRAY = (".DS_Store", "Thumbs.db", "desktop.ini")
_ASK = "ask the house for the delivery again"


@dataclass(frozen=True, slots=True)
class DeliveryManifest:
    """A delivery.json that was read, and what was found of it.

    value  None: it cannot be read, so nothing of the delivery can be checked
    """

    value: dict[str, Any] | None
    by: SignedBy | None
    trust: Trust
    claims: tuple[Claim, ...]


def verify_delivery(
    folder: Path,
    target: str,
    trust: Trust,
    media: Sequence[Path],
    progress: Progress,
    *,
    pixels: bool = True,
    only: str = "",
) -> Verification:
    """Every claim about the delivery in `folder`.

    Args:
        target: the path as the user wrote it.
        media: further folders in which its media may lie.
        pixels: whether to count changed pixels, which needs no doing twice in one run.
        only: name of the one file of the delivery that is asked about; "": all of it.
    """
    manifest = read_manifest(folder, trust)
    if manifest.value is None:
        return Verification(target, "delivery", manifest.claims)
    files = _file_claims(folder, manifest.value)
    records = _records(folder, manifest)
    if only:
        mine = [claim for claim in files if claim.about == only]
        mine += [
            claim for one in records if one.path.name == Path(only).name for claim in one.claims
        ]
        drawn = _drawn(records, folder, manifest)
        return Verification(target, "file", (*manifest.claims, *mine), drawn)
    home = _home(folder, manifest.value)
    claims = [*manifest.claims, *files]
    claims += [claim for one in records for claim in one.claims]
    ledger = read_ledger(folder / PROOF, manifest.trust.houses or manifest.trust.enclosed)
    claims += ledger_claims(records, ledger)
    entries = media_in(manifest.value)
    rendered = {
        one.record["shot"]: found for one in records if one.record and (found := one.rendered)
    }
    roots = [*media, *((home, *media_of(home)) if home else (folder.parent,)), folder]
    check = MediaCheck(MediaRoots(roots), rendered, at_home=home is not None)
    claims += check.claims(entries, progress)
    if pixels:
        claims += _pixels(records, entries, check, progress, verdict(claims) == "failed")
    claims += credential_claims(folder / PROOF, entries, check, manifest.trust)
    whole = [one.record for one in records if one.record is not None]
    by = manifest.by.house if manifest.by else ""
    claims += consent_claims(home / "consent" if home else None, whole, by)
    if home:
        claims += _entered(folder, home, manifest)
    return Verification(target, "delivery", tuple(claims), _drawn(records, folder, manifest))


def _drawn(
    records: Sequence[ReadRecord], folder: Path, manifest: DeliveryManifest
) -> tuple[DrawnShot, ...]:
    ledger = read_ledger(folder / PROOF, manifest.trust.houses or manifest.trust.enclosed)
    return tuple(one for one in (drawn_shot(record, ledger) for record in records) if one)


def read_manifest(folder: Path, trust: Trust) -> DeliveryManifest:
    """The signed manifest of the delivery in `folder`, and the claims about it."""
    proof = folder / PROOF
    trust = trust.with_enclosed(sorted(proof.glob("*.house.pem"))[:8])
    value = read_document(proof / DELIVERY, FAMILY, VERSION)
    if isinstance(value, Fault):
        if value.kind == "missing":
            why = "it has no proof, so nothing shows who made it"
            hint = "with a house key each delivery gets one: dubsync keys new --house NAME"
            claim = not_checked("delivery", folder.name, why, hint)
        else:
            claim = fault_claim("delivery", value)
        return DeliveryManifest(None, None, trust, (claim,))
    if why := misshapen(value):
        return DeliveryManifest(None, None, trust, (failed("delivery", DELIVERY, why, _ASK),))
    by, claims = trust.signature(value, DELIVERY, value["made"])
    if any(claim.state == "failed" and claim.claim == "signature" for claim in claims):
        return DeliveryManifest(None, by, trust, claims)
    return DeliveryManifest(value, by, trust, claims)


def _file_claims(folder: Path, value: dict[str, Any]) -> list[Claim]:
    """Each file of the delivery: there, with its bytes; and none that does not belong."""
    claims: list[Claim] = []
    files: dict[str, dict[str, Any]] = value["files"]
    roots = MediaRoots([folder])
    for name, said in files.items():
        try:
            path = inside(folder / plain_path(name), folder) if (folder / name).exists() else None
            if path is None:
                claims.append(failed("file", name, "it is not there", _ASK))
            elif roots.digest(path) != said["sha256"]:
                size = path.stat().st_size
                less = f": it has {size:,} of {said['bytes']:,} bytes" * (size < said["bytes"])
                why = f"it was altered after it was delivered{less}"
                claims.append(failed("file", name, why, _ASK))
            else:
                claims.append(verified("file", name, "its bytes are those that were signed"))
        except OutsideRoots as error:
            claims.append(failed("file", name, f"{error}; it was not read", _ASK))
        except OSError as error:
            why = f"it cannot be read: {error.strerror or error}"
            claims.append(not_checked("file", name, why, "check its disk"))
    for path in sorted(folder.rglob("*")):
        name = path.relative_to(folder).as_posix()
        if path.is_dir() or path.name in _STRAY or name in files or name == f"{PROOF}/{DELIVERY}":
            continue
        claims.append(
            failed(
                "file",
                name,
                "nobody signed it: it was put in afterwards",
                "move it away: it does not belong to the delivery",
            )
        )
    return claims


def _records(folder: Path, manifest: DeliveryManifest) -> list[ReadRecord]:
    """The record of each shot, which must be the one that the manifest names."""
    assert manifest.value is not None
    found = []
    for shot in manifest.value["shots"]:
        try:
            path = inside(folder / PROOF / plain_path(shot["record"]), folder)
        except OutsideRoots as error:
            claim = failed("record", shot["record"], str(error), _ASK)
            found.append(ReadRecord(folder / PROOF, None, "", None, (claim,)))
            continue
        one = read_record_file(path, manifest.trust)
        if one.record is not None and (one.record["shot"], one.version) != (
            shot["shot"],
            shot["version"],
        ):
            why = f"it is that of {one.record['shot']} {one.version}, not of {shot['shot']}"
            claim = failed("record", path.name, why, _ASK)
            one = replace(one, claims=(*one.claims, claim))
        found.append(one)
    return found


def _pixels(
    records: Sequence[ReadRecord],
    entries: Sequence[MediaEntry],
    check: MediaCheck,
    progress: Progress,
    already: bool,
) -> list[Claim]:
    """What each render was made from, and that nothing else of its plate was changed.

    Args:
        already: whether something has failed, so that nothing is gained by hours of decoding.
    """
    claims: list[Claim] = []
    whole = [one.record for one in records if one.record is not None]
    for record in whole:
        claims += source_claims(record["shot"], entries, check, current=False)
    if already:
        why = "not counted, for something has failed before"
        shots = ", ".join(str(record["shot"]) for record in whole)
        return [*claims, not_checked(OUTSIDE, shots, why, "correct that, and verify again")]
    for done, record in enumerate(whole):
        progress(Step("count", "pixels", done, len(whole), unit="shots"))
        claims += outside_claims(record["shot"], record, check)
    progress(Step("count", "pixels", len(whole), len(whole), unit="shots"))
    return claims


def _home(folder: Path, value: dict[str, Any]) -> Path | None:
    """The project's folder, if the delivery still lies in it; None: it was handed over."""
    parts = PurePosixPath(value["folder"]).parts
    real = folder.resolve()
    if not parts or real.parts[-len(parts) :] != parts:
        return None
    root = Path(*real.parts[: -len(parts)])
    return root if (root / "dubsync.toml").is_file() else None


def _entered(folder: Path, home: Path, manifest: DeliveryManifest) -> list[Claim]:
    """Whether the project's own ledger has this delivery."""
    ledger = read_ledger(home, manifest.trust.houses)
    digest = sha256((folder / PROOF / DELIVERY).read_bytes()).hexdigest()
    if any(entry.what.get("proof") == digest for entry in ledger.of("delivery")):
        return [verified("ledger", folder.name, "the project's ledger has this delivery")]
    if not ledger.there:
        return []
    why = "the project's ledger does not have this delivery"
    return [failed("ledger", folder.name, why, "deliver again; restore the ledger if it is older")]
