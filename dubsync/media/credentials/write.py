"""Writes C2PA manifests: beside the media, which stay as they are, or into a copy of them."""

from __future__ import annotations

import io
from pathlib import Path

from dubsync.core.digest import file_digest
from dubsync.media.credentials.carried import EMBEDDABLE, Misplaced, left_out
from dubsync.media.credentials.library import CredentialsError, signed
from dubsync.media.credentials.manifest import LEFT_OUT, Manifest, ManifestSigner


def write_sidecar(
    media: Path, manifest: Manifest, signer: ManifestSigner, *, sha256: str = ""
) -> bytes:
    """The manifest store for a file of any format, to be written beside it.

    It is bound to the file by a digest over all its bytes (`c2pa.hash.data` without exclusions),
    so it needs no knowledge of the format: MKV, MXF and JSON do as well as MOV.

    Args:
        sha256: the file's digest in 64 hex digits, where it is known.

    Raises:
        CredentialsError: it cannot be signed.
        OSError: the file cannot be read.
    """
    digest = bytes.fromhex(sha256 or file_digest(media))
    bound = {"name": media.name, "alg": "sha256", "hash": list(digest), "pad": []}
    definition = manifest.definition({"c2pa.hash.data": bound})
    nothing, unused = io.BytesIO(), io.BytesIO()
    return signed(definition, signer, "application/c2pa", nothing, unused, inside=False)


def embed(media: Path, out: Path, manifest: Manifest, signer: ManifestSigner) -> None:
    """Write `media`, a MOV, MP4 or WAV, with the manifest in it as the file `out`.

    Pictures and sound stay as they are; the file grows by some 14 kB.  C2PA's hash of a MOV or MP4
    leaves some boxes out; an assertion of our own covers them.

    Raises:
        CredentialsError: another format, or it cannot be signed; `out` may be half-written.
        OSError: a file cannot be read or written.
    """
    form = EMBEDDABLE.get(media.suffix.lower())
    if form is None:
        raise CredentialsError(
            f"{media.name} cannot hold C2PA credentials: MOV, MP4 and WAV can",
            hint='set credentials = "sidecar" under [proof]',
        )
    try:
        more = {} if form == "audio/wav" else {LEFT_OUT: left_out(media)}
    except Misplaced as error:
        raise CredentialsError(f"{media.name} is damaged: {error}") from error
    with media.open("rb") as source, out.open("w+b") as target:
        signed(manifest.definition(more), signer, form, source, target, inside=True)
