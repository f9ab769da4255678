"""Finds the credentials of a file or a sequence, and says whether they hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from dubsync.core.digest import file_digest
from dubsync.core.documents import DamagedDocument
from dubsync.core.proof.canonical import parse_signed
from dubsync.media.credentials.faults import Fault
from dubsync.media.credentials.library import MOST_BYTES
from dubsync.media.credentials.read import Credentials, read
from dubsync.service.credentials.places import found_sidecar, hashes_of
from dubsync.service.credentials.write import HASHES_SCHEMA
from dubsync.service.keys.houses import House
from dubsync.service.keys.signing import SignatureFault, signature_fault
from dubsync.service.store.output_files import output_files

_CERTIFICATE = "-----BEGIN CERTIFICATE-----"


def credentials_of(media: Path, houses: Iterable[House]) -> Credentials:
    """The credentials of a movie, or of a sequence by its printf pattern.

    A sidecar comes before what a file carries within.  State "none": there are none.

    Args:
        houses: those that are trusted; see `keys.houses.trusted_houses`.

    Raises:
        OSError: a file cannot be read.
    """
    trusted = tuple(houses)
    roots = tuple(root_of(house) for house in trusted)
    if "%" not in media.name:
        return read(media, found_sidecar(media), roots)
    hashes = hashes_of(media)
    if not hashes.is_file():
        return Credentials("none")
    faults = tuple(_hash_faults(media, hashes, trusted))
    sidecar = found_sidecar(hashes)
    found = Credentials("none") if sidecar is None else read(hashes, sidecar, roots)
    if not faults:
        return found
    return Credentials(
        "invalid", (*faults, *found.faults), False, found.title, found.signer, found.generator,
        found.assertions, found.ingredients,
    )  # fmt: skip


def root_of(house: House) -> str:
    """The root certificate of a house in PEM."""
    return _CERTIFICATE + house.chain_pem.rpartition(_CERTIFICATE)[2]


def _hash_faults(pattern: Path, hashes: Path, trusted: tuple[House, ...]) -> Iterable[Fault]:
    """What differs between a sequence and its signed digests."""
    try:
        body = _read_hashes(hashes)
    except (OSError, DamagedDocument) as error:
        yield Fault("dubsync.hashes", f"{hashes.name} cannot be read: {error}")
        return
    who = signature_fault(body, trusted)
    if isinstance(who, SignatureFault) and who.kind != "unknown":
        yield Fault("dubsync.hashes", f"{hashes.name}: {who}")
    wanted: Mapping[str, str] = body["files"]
    there = {file.name: file for file in output_files(pattern)}
    for name in sorted(wanted.keys() | there.keys()):
        if name not in there:
            yield Fault("dubsync.frame.missing", f"{name} is missing")
        elif name not in wanted:
            yield Fault("dubsync.frame.extra", f"{name} is not among the frames that were signed")
        elif file_digest(there[name]) != wanted[name]:
            yield Fault("dubsync.frame.altered", f"{name} was altered after it was signed")


def _read_hashes(path: Path) -> dict[str, Any]:
    """The signed digests.  Raises DamagedDocument, OSError."""
    if path.stat().st_size > MOST_BYTES:
        raise DamagedDocument(f"it has more than {MOST_BYTES:,} bytes")
    body = parse_signed(path.read_bytes())
    if not isinstance(body, dict) or body.get("schema") != HASHES_SCHEMA:
        raise DamagedDocument(f"it is not a {HASHES_SCHEMA}")
    files = body.get("files")
    if not isinstance(files, dict) or not all(
        isinstance(sha, str) and "/" not in name and "\\" not in name for name, sha in files.items()
    ):
        raise DamagedDocument("its files are not names and digests")
    return body
