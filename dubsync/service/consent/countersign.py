"""The house countersigns consent records: it says that this text is the one it works by.

The person's file stays as it is.  The countersignature stands beside it, and in the ledger as an
entry of the kind "consent", with the record's id and digest and nobody's name.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from dubsync.core.errors import HouseKeyError
from dubsync.service.consent.countersigned import (
    SCHEMA,
    countersignatures,
    next_countersignature,
)
from dubsync.service.consent.records import ConsentRecord, read_consent
from dubsync.service.keys.house_key import HouseKey
from dubsync.service.keys.houses import House
from dubsync.service.keys.signing import SignedBy, signature_fault, signed
from dubsync.service.ledger.append import append
from dubsync.service.ledger.read_ledger import Ledger
from dubsync.service.store.atomic_write import write_whole


@dataclass(frozen=True, slots=True)
class Countersigning:
    """One record that was countersigned now; `again`: an edited text replaces an older one."""

    record: ConsentRecord
    file: Path
    again: bool


def countersign(
    project: Path, key: HouseKey | None, performer: str = ""
) -> tuple[Countersigning, ...]:
    """Countersign every record in consent/ that this key has not countersigned as it stands.

    Args:
        project: its folder.
        performer: only their records; "": everybody's.

    Raises:
        HouseKeyError: there is no key, or it cannot sign.
        SettingsError: a record cannot be read; nothing is signed then.
        DeliveryError: a countersignature or the ledger cannot be written.
    """
    if key is None:
        raise HouseKeyError(
            "no house key is on this machine, so nothing can be countersigned",
            hint="make one: dubsync keys new --house NAME",
        )
    found = [(path, read_consent(path)) for path in sorted((project / "consent").glob("*.toml"))]
    made = []
    for path, record in found:
        before = countersignatures(path)
        last = before[-1] if before else None
        if performer not in ("", record.performer) or (
            last is not None and not last.fault and last.sha256 == record.digest
            and last.value.get("signature", {}).get("key") == key.fingerprint
        ):  # fmt: skip
            continue
        value = {
            "schema": SCHEMA,
            "record": record.id,
            "sha256": record.digest,
            "made": datetime.now(UTC).isoformat(timespec="seconds"),
            "house": key.house,
        }
        file = next_countersignature(path)
        write_whole(file, json.dumps(signed(value, key), indent=1, sort_keys=True) + "\n")
        append(project, "consent", {"record": record.id, "sha256": record.digest}, key)
        again = any(one.sha256 != record.digest for one in before)
        made.append(Countersigning(record, file, again))
    return tuple(made)


def countersigning_faults(
    project: Path, ledger: Ledger, trusted: Iterable[House]
) -> dict[str, str]:
    """Name of a record's file -> what is wrong with its countersignature.

    An edit of the record itself is not among them: such a record counts for nothing anywhere.
    """
    houses = tuple(trusted)
    told = {str(e.what.get("record", "")): str(e.what.get("sha256", ""))
            for e in ledger.of("consent")}  # fmt: skip
    faults: dict[str, str] = {}
    for path in sorted((project / "consent").glob("*.toml")):
        every = countersignatures(path)
        for one in every:
            answer = signature_fault(one.value, houses)
            if not one.fault and not isinstance(answer, SignedBy):
                faults[path.name] = f"{one.file.name}: {answer}"
        record = read_consent(path)
        wanted = told.get(record.id, "")
        if wanted and wanted not in [one.sha256 for one in every]:
            faults[path.name] = f"the ledger has a countersignature of {record.id}; it is gone"
        elif wanted and wanted != record.digest and not record.fault:
            faults[path.name] = (
                f"{path.name} is not the text of {record.id} that the ledger has as countersigned"
            )
    return faults
