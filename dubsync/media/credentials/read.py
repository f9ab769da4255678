"""Reads C2PA manifests back, and says what of them and of their media is not as it was signed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from dubsync.media.credentials.carried import (
    BOX_HEAD,
    EMBEDDABLE,
    Misplaced,
    left_out,
    manifest_place,
    mime_type,
)
from dubsync.media.credentials.faults import Fault, fault_of, is_untrusted
from dubsync.media.credentials.layout import layout_fault
from dubsync.media.credentials.library import MOST_BYTES, CredentialsError, validated
from dubsync.media.credentials.manifest import LEFT_OUT, OWN

State = Literal["trusted", "valid", "invalid", "none"]


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a file's C2PA manifest says, and whether it holds.

    state       "trusted": whole, and signed by a house that is trusted here; "valid": whole, and
                signed by somebody who is not; "invalid": a fault; "none": there is no manifest
    faults      everything that is wrong, each named
    embedded    whether the manifest is in the media; false: beside them
    signer      organisation and name in the signing certificate, its serial number, the algorithm
    generator   name and version of the program that made the manifest
    assertions  label -> what is said, of the manifest in force
    ingredients  what went in, as C2PA's reader gives them
    """

    state: State
    faults: tuple[Fault, ...] = ()
    embedded: bool = False
    title: str = ""
    signer: Mapping[str, str] = field(default_factory=dict)
    generator: tuple[str, str] = ("", "")
    assertions: Mapping[str, Any] = field(default_factory=dict)
    ingredients: tuple[Mapping[str, Any], ...] = ()


def read(media: Path, sidecar: Path | None = None, anchors: Sequence[str] = ()) -> Credentials:
    """The credentials of a file, from its sidecar or from within it.

    Nothing is fetched, whatever a manifest points at, and a store beyond 16 MB is not parsed.

    Args:
        sidecar: None: what the media carry themselves.
        anchors: root certificates in PEM of the houses that are trusted.

    Raises:
        OSError: a file cannot be read.
    """
    embedded = sidecar is None
    try:
        store = _embedded(media) if sidecar is None else _beside(sidecar)
    except (Misplaced, CredentialsError) as error:
        return Credentials("invalid", (Fault("dubsync.manifest", str(error)),), embedded)
    if store is None:
        return Credentials("none")
    form = mime_type(media)
    try:
        with media.open("rb") as file:
            said = validated(form, file, None if embedded else store, anchors)
    except CredentialsError as error:
        return Credentials("invalid", (Fault("dubsync.manifest", str(error)),), embedded)
    manifest = said.get("manifests", {}).get(said.get("active_manifest"), {})
    found = [*_failures(said), *_own_faults(media, store, manifest, embedded)]
    faults = tuple(dict.fromkeys(found))
    return _credentials(manifest, faults, embedded)


def _credentials(
    manifest: Mapping[str, Any], faults: tuple[Fault, ...], embedded: bool
) -> Credentials:
    graver = tuple(fault for fault in faults if not is_untrusted(fault))
    state: State = "invalid" if graver else "valid" if faults else "trusted"
    signature = manifest.get("signature_info", {})
    first: Mapping[str, Any] = next(iter(manifest.get("claim_generator_info", [])), {})
    return Credentials(
        state,
        faults,
        embedded,
        str(manifest.get("title", "")),
        {key: str(signature.get(name, "")) for key, name in (
            ("organisation", "issuer"), ("name", "common_name"),
            ("serial", "cert_serial_number"), ("algorithm", "alg"))},
        (str(first.get("name", "")), str(first.get("version", ""))),
        {one["label"]: one.get("data") for one in manifest.get("assertions", [])},
        tuple(manifest.get("ingredients", [])),
    )  # fmt: skip


def _beside(sidecar: Path) -> bytes:
    """The bytes of a sidecar.  Raises CredentialsError for one too large or empty."""
    size = sidecar.stat().st_size
    if size > MOST_BYTES:
        raise CredentialsError(
            f"{sidecar.name} has {size:,} bytes; a manifest store has at most {MOST_BYTES:,}"
        )
    store = sidecar.read_bytes()
    if not store:
        raise CredentialsError(f"{sidecar.name} is empty")
    return store


def _embedded(media: Path) -> bytes | None:
    """The manifest store within the media; None: there is none, or the format holds none."""
    if media.suffix.lower() not in EMBEDDABLE:
        return None
    place = manifest_place(media)
    if place is None:
        return None
    if place.length > MOST_BYTES:
        raise CredentialsError(
            f"{media.name} carries a manifest store of {place.length:,} bytes; it has at most "
            f"{MOST_BYTES:,}"
        )
    if place.head != BOX_HEAD or place.length <= 0:
        raise CredentialsError(
            f"the box with the manifest in {media.name} is not as C2PA writes it"
        )
    with media.open("rb") as file:
        file.seek(place.start)
        return file.read(place.length)


def _failures(said: Mapping[str, Any]) -> Iterator[Fault]:
    """What the library found wrong, in the manifest and in those of its ingredients."""
    results = said.get("validation_results") or {}
    active = results.get("activeManifest") or {}
    for one in active.get("failure", ()):
        yield fault_of(one)
    for delta in results.get("ingredientDeltas", ()):
        for one in delta.get("validationDeltas", {}).get("failure", ()):
            yield fault_of(one, of_ingredient=True)
    if not active:
        yield Fault("dubsync.manifest", "nothing in the manifest could be checked")


def _own_faults(
    media: Path, store: bytes, manifest: Mapping[str, Any], embedded: bool
) -> Iterator[Fault]:
    """What the library passes over in a manifest that dubsync wrote."""
    own = {one["label"]: one.get("data") for one in manifest.get("assertions", [])
           if one["label"].startswith(OWN)}  # fmt: skip
    if not own:
        return
    if wrong := layout_fault(store):
        yield Fault("dubsync.layout", f"the manifest was altered after it was written: {wrong}")
    if embedded and LEFT_OUT in own:
        try:
            same = left_out(media) == own[LEFT_OUT]
        except Misplaced:
            same = False
        if not same:
            yield Fault("dubsync.left_out", "a box of the file's head or padding was altered")
