"""Bases on disk: read and checked, listed, refused."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Any

from dubsync.core.documents import DamagedDocument, read_json
from dubsync.core.errors import ConsentMissing, ModelError, SettingsError
from dubsync.core.learning.house_base import HouseBase
from dubsync.core.proof.canonical import canonical
from dubsync.service.house_base.places import (
    CARD,
    HEAD,
    NETWORK,
    REFUSED,
    base_folder,
    bases_folder,
)
from dubsync.service.keys.houses import trusted_houses
from dubsync.service.keys.signing import SignatureFault, signature_fault
from dubsync.service.store.atomic_write import write_whole

SCHEMA = "dubsync.house_base/1"
TEACH = "teach it again: dubsync base teach"


@dataclass(frozen=True, slots=True)
class KeptBase:
    """A base in the folder of bases.

    name     "NAME/v001"
    card     as read, unchecked; empty if it cannot be read
    refused  why it is used no more; ""
    """

    name: str
    card: Mapping[str, Any]
    refused: str

    @property
    def performers(self) -> frozenset[str]:
        """Ids of the performers that it was taught on."""
        given = self.card.get("consents", ())
        return frozenset(str(one.get("performer", "")) for one in given if isinstance(one, dict))

    def rests_on(self, ids: Sequence[str], digests: Sequence[str]) -> bool:
        """Whether a consent record of these ids or SHA-256 is one that it was taught by."""
        given = [one for one in self.card.get("consents", ()) if isinstance(one, dict)]
        return any(one.get("sha256") in digests or one.get("id") in ids for one in given)


def read_base(reference: str) -> HouseBase:
    """The base "NAME/v001", checked: signed by a trusted house, unaltered, not refused.

    Raises:
        SettingsError: no such base.
        ConsentMissing: it is refused.
        ModelError: it is damaged, altered, or signed by nobody that is trusted here.
    """
    folder = base_folder(reference)
    if not (folder / CARD).is_file():
        raise SettingsError(
            f"there is no base {reference} on this machine",
            hint="dubsync base list names those there are; engine.base chooses one",
        )
    if why := _refusal(folder):
        raise ConsentMissing(
            f"the base {reference} is used no more: {why}",
            hint="teach another without them: dubsync base teach; or take engine.base out",
        )
    card = _card(folder)
    said = signature_fault(card, trusted_houses())
    if isinstance(said, SignatureFault):
        raise ModelError(f"the card of the base {reference}: {said}", hint=said.hint or TEACH)
    files = card.get("files", {})
    network, head = (_file(folder, name, files, reference) for name in (NETWORK, HEAD))
    if not network:
        raise ModelError(f"the base {reference} has no network", hint=TEACH)
    return HouseBase(reference, sha256(canonical(card)).hexdigest(), network, head)


def _file(folder: Path, name: str, files: object, reference: str) -> bytes:
    """The bytes of a file of the card; b"" where the card names none."""
    wanted = files.get(name) if isinstance(files, dict) else None
    if wanted is None:
        return b""
    try:
        data = (folder / name).read_bytes()
    except OSError as error:
        raise ModelError(f"{name} of the base {reference} cannot be read", hint=TEACH) from error
    if sha256(data).hexdigest() != wanted:
        raise ModelError(f"{name} of the base {reference} is not what its card says", hint=TEACH)
    return data


def _card(folder: Path) -> Mapping[str, Any]:
    try:
        card = read_json(folder / CARD)
    except (OSError, DamagedDocument) as error:
        raise ModelError(f"{folder / CARD} cannot be read: {error}", hint=TEACH) from error
    if not isinstance(card, dict) or card.get("schema") != SCHEMA:
        raise ModelError(
            f"{folder / CARD} is no card of a base that this version reads", hint=TEACH
        )
    return card


def _refusal(folder: Path) -> str:
    """Why the base in `folder` is refused; "" where it is not."""
    path = folder / REFUSED
    if not path.exists():
        return ""
    try:
        found = read_json(path)
        return str(found["why"])
    except (OSError, DamagedDocument, KeyError, TypeError):
        return "consent was withdrawn"


def kept_bases() -> Iterator[KeptBase]:
    """Every base on this machine, by name and version."""
    for path in sorted(bases_folder().glob(f"*/v*/{CARD}")):
        folder = path.parent
        try:
            card = _card(folder)
        except ModelError:
            card = {}
        yield KeptBase(f"{folder.parent.name}/{folder.name}", card, _refusal(folder))


def bases_of(performer: str, ids: Sequence[str], digests: Sequence[str]) -> tuple[KeptBase, ...]:
    """Bases taught on `performer` by one of these consent records."""
    return tuple(
        base for base in kept_bases()
        if performer in base.performers and base.rests_on(ids, digests)
    )  # fmt: skip


def refuse(reference: str, why: str) -> None:
    """Refuse the base from now on; it stays, so that what was drawn with it can be told."""
    text = json.dumps({"why": why}, ensure_ascii=False) + "\n"
    write_whole(base_folder(reference) / REFUSED, text)
