"""The C2PA library as dubsync uses it: without network, without thumbnails, within limits."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from contextlib import contextmanager
from typing import IO, TYPE_CHECKING, Any

from dubsync.core.errors import DubsyncError

if TYPE_CHECKING:
    from collections.abc import Iterator

    from dubsync.media.credentials.manifest import ManifestSigner

#: Most bytes of a manifest store that is read.  Ours have some 14 kB; one with the pictures and
#: the history of a camera's has a few MB.
MOST_BYTES = 16 << 20


class CredentialsError(DubsyncError):
    """A C2PA manifest that cannot be written or read."""


def settings(anchors: Sequence[str] = ()) -> dict[str, Any]:
    """The library's settings: nothing is fetched, and only `anchors` (PEM) are trusted."""
    return {
        "version": 1,
        "verify": {
            "verify_after_reading": True, "verify_after_sign": True, "verify_trust": True,
            "remote_manifest_fetch": False, "ocsp_fetch": False,
        },
        "core": {
            "allowed_network_hosts": [],
            "max_decompressed_manifest_size_in_mb": MOST_BYTES >> 20,
        },
        "trust": {"user_anchors": "".join(anchors)} if anchors else {},
        "builder": {
            "thumbnail": {"enabled": False},
            "created_assertion_labels": ["c2pa.ingredient"],
        },
    }  # fmt: skip


def signed(
    definition: dict[str, Any], signer: ManifestSigner, form: str, source: IO[bytes],
    target: IO[bytes], *, inside: bool,
) -> bytes:  # fmt: skip
    """The manifest store for `source`, signed.

    Args:
        form: MIME type of `source`.
        target: takes the media with the store in it, if `inside`.

    Raises:
        CredentialsError: the library refuses it, or signing failed.
    """
    import c2pa

    kinds = {"Ed25519": c2pa.C2paSigningAlg.ED25519, "ES256": c2pa.C2paSigningAlg.ES256}
    failed: list[Exception] = []
    with _refused("the manifest cannot be signed", failed):
        context = c2pa.Context.from_dict(settings())
        builder = c2pa.Builder(json.dumps(definition), context=context)
        if not inside:
            builder.set_no_embed()
        callback = _kept(signer.sign, failed)
        hand = c2pa.Signer.from_callback(callback, kinds[signer.algorithm], signer.chain_pem)
        return bytes(builder.sign(hand, form, source, target))


def validated(
    form: str, media: IO[bytes], store: bytes | None, anchors: Sequence[str]
) -> dict[str, Any]:
    """What the library's reader says of `media`: its JSON with every detail.

    Raises:
        CredentialsError: the store cannot be read.
    """
    import c2pa

    with _refused("the manifest cannot be read"):
        context = c2pa.Context.from_dict(settings(anchors))
        with c2pa.Reader(form, media, store, context=context) as reader:
            return dict(json.loads(reader.json()))


def _kept(sign: Callable[[bytes], bytes], failed: list[Exception]) -> Callable[[bytes], bytes]:
    """`sign`, which also keeps its error: the library's own words for one say nothing."""

    def callback(data: bytes) -> bytes:
        try:
            return sign(data)
        except DubsyncError as error:
            failed.append(error)
            return b""

    return callback


@contextmanager
def _refused(what: str, failed: Sequence[Exception] = ()) -> Iterator[None]:
    """Raise CredentialsError for an error of the library, or the signer's own error."""
    import c2pa

    try:
        yield
    except c2pa.C2paError as error:
        if failed:
            raise failed[0] from error
        raise CredentialsError(f"{what}: {' '.join(str(error).split())[:300]}") from error
    except UnicodeError as error:
        raise CredentialsError(f"{what}: {error}") from error
