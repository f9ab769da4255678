"""Claims about the record of one render: its text, its signature, its place in the ledger."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from hashlib import sha256
from pathlib import Path
from typing import Any

from dubsync.core.documents import DamagedDocument
from dubsync.core.proof.canonical import parse_signed
from dubsync.core.proof.fault import Fault
from dubsync.core.proof.schema import is_newer
from dubsync.core.proof.verification import Claim, DrawnShot, failed, not_checked, verified
from dubsync.service.keys.signing import SignedBy
from dubsync.service.ledger.read_ledger import Ledger
from dubsync.service.render.record_form import incomplete, misshapen
from dubsync.service.verification.media_claims import Rendered
from dubsync.service.verification.signed_document import MOST_BYTES, read_limited
from dubsync.service.verification.trust import Trust, fault_claim

#: Schemas of records that this dubsync reads: this family, up to this version.
FAMILY, VERSION = "dubsync.record/", 3
_RENDER_AGAIN = "restore it from a backup, or render the shot again: dubsync sync"


@dataclass(frozen=True, slots=True)
class ReadRecord:
    """A record that was read, and what was found of it.

    record  None: it cannot be read, so nothing of the render can be checked
    sha256  of its file
    by      who signed it, trusted here or not; None: nobody, or somebody unknown
    """

    path: Path
    record: Mapping[str, Any] | None
    sha256: str
    by: SignedBy | None
    claims: tuple[Claim, ...]

    @property
    def rendered(self) -> Rendered | None:
        """The frames of the render; None where the record cannot be read."""
        if self.record is None:
            return None
        frames = self.record["frames"]
        return Rendered(
            self.record.get("frame_digests", ()),
            self.record.get("frame_digests_of", "samples"),
            frames["first"],
            Fraction(frames["rate"]),
        )

    @property
    def version(self) -> str:
        """The version's name, such as "v001"."""
        return f"v{self.record['version']:03d}" if self.record else ""


def read_record_file(path: Path, trust: Trust) -> ReadRecord:
    """Read a record that may come from anybody, and check its text and its signature."""
    data = read_limited(path, MOST_BYTES)
    if isinstance(data, Fault):
        return ReadRecord(path, None, "", None, (fault_claim("record", data),))
    sha = sha256(data).hexdigest()
    try:
        value = parse_signed(data)
    except DamagedDocument as error:
        claim = failed("record", path.name, f"it is damaged: {error}", _RENDER_AGAIN)
        return ReadRecord(path, None, sha, None, (claim,))
    schema = str(value.get("schema", "")) if isinstance(value, dict) else ""
    if is_newer(schema, FAMILY, VERSION):
        claim = not_checked(
            "record",
            path.name,
            f"it is a {schema[:40]}, of a later dubsync",
            "read it with the dubsync that wrote it, or a newer one",
        )
        return ReadRecord(path, None, sha, None, (claim,))
    why = misshapen(value) or incomplete(value)
    if not why and _text(value) != data:
        why = "its text is not the one that was written, though its values may be"
    if why:
        claim = failed("record", path.name, why, _RENDER_AGAIN)
        return ReadRecord(path, None, sha, None, (claim,))
    by, claims = trust.signature(value, path.name, value["made"])
    return ReadRecord(path, value, sha, by, claims)


def ledger_claims(records: Sequence[ReadRecord], ledger: Ledger) -> list[Claim]:
    """Faults of the ledger, and whether it has each record as it is."""
    claims = [fault_claim("ledger", fault) for fault in ledger.faults]
    if not ledger.there:
        why = "there is no ledger, so nothing shows whether a record was deleted or put in"
        hint = "with a house key every render is entered: dubsync keys new --house NAME"
        return [not_checked("ledger", "ledger.jsonl", why, hint)]
    entered = {str(entry.what.get("record", "")) for entry in ledger.of("render")}
    before = {
        str(sha)
        for entry in ledger.of("key")
        for sha in dict(entry.what.get("unsigned") or {}).values()
    }
    for one in records:
        if not one.sha256 or one.record is None:
            continue
        name = one.path.name
        if one.sha256 in entered:
            claims.append(verified("ledger", name, "the ledger has this record"))
        elif one.sha256 in before:
            why = "it was made before the house had a key"
            claims.append(
                not_checked("ledger", name, why, "render the shot again to have it signed")
            )
        else:
            why = "the ledger does not have this record: it was put in, or edited afterwards"
            claims.append(failed("ledger", name, why, _RENDER_AGAIN))
    if not ledger.faults:
        count = len(ledger.entries)
        claims.append(verified("ledger", "ledger.jsonl", f"{count} entries in an unbroken chain"))
    return claims


def drawn_shot(one: ReadRecord, ledger: Ledger) -> DrawnShot | None:
    """Who made which frames from what, as the record says; None where it cannot be read."""
    record = one.record
    if record is None:
        return None
    frames, versions = record["frames"], record["versions"]
    return DrawnShot(
        shot=record["shot"],
        version=one.version,
        language=record["language"],
        first=frames["first"],
        last=frames["stop"] - 1,
        timecode=frames["timecode"],
        changed=record["proof"]["frames_changed"],
        made=record["made"],
        sources=tuple((put["role"], put["name"]) for put in record["inputs"]),
        drawn_by={
            name: (str(pick["renderer"]), str(record["actors"].get(name, "")))
            for name, pick in record["renderers"].items()
        },
        consents=tuple(given["id"] for given in record["consent"]),
        house=one.by.house if one.by else "",
        fingerprint=one.by.fingerprint if one.by else "",
        approved=_approved(one.sha256, ledger),
        software=f"dubsync {versions.get('dubsync', '')}".strip(),
    )


def _approved(record: str, ledger: Ledger) -> str:
    """Who approved the render and when; "" if nobody did, or somebody rejected it since."""
    said = ""
    for entry in ledger.of("approval"):
        if entry.what.get("record") == record:
            yes = entry.what.get("verdict") == "approved"
            said = f"{entry.what.get('who', '')} on {entry.made:%Y-%m-%d %H:%M}" if yes else ""
    return said


def _text(record: Mapping[str, Any]) -> bytes:
    """The bytes in which dubsync writes a record."""
    return (json.dumps(record, indent=2, sort_keys=True) + "\n").encode()
