"""Who signs credentials here: the house's key, if the project wants credentials at all."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from dubsync.core.settings import ProofSettings
from dubsync.core.version import __version__
from dubsync.media.credentials.library import CredentialsError
from dubsync.media.credentials.manifest import COMPOSITE, Manifest, ManifestSigner
from dubsync.media.credentials.write import write_sidecar
from dubsync.service.keys.house_key import HouseKey, house_key


@dataclass(frozen=True, slots=True)
class CredentialsWriter:
    """With what credentials are written, and where to.

    key   the house's key
    mode  "sidecar": beside the media; "embed": within final MOV, MP4 and WAV, beside all others
    """

    key: HouseKey
    mode: Literal["sidecar", "embed"] = "sidecar"

    @property
    def signer(self) -> ManifestSigner:
        """The key as the C2PA library is to use it."""
        return ManifestSigner(self.key.algorithm, self.key.chain_pem, self.key.sign)

    @property
    def root(self) -> str:
        """The house's root certificate in PEM, with which what was written is read back."""
        begin = "-----BEGIN CERTIFICATE-----"
        return begin + self.key.chain_pem.rpartition(begin)[2]


def check_credentials(proof: ProofSettings) -> None:
    """Sign a few words, so that a key or certificate that cannot is found before hours of work.

    Raises:
        CredentialsError: the certificate is not one that C2PA signs with.
        HouseKeyError: the key cannot sign.
    """
    writer = credentials_writer(proof)
    if writer is None:
        return
    made = {"action": "c2pa.created", "digitalSourceType": COMPOSITE}
    trial = Manifest("trial", ("dubsync", __version__), (made,))
    try:
        write_sidecar(Path("trial"), trial, writer.signer, sha256="0" * 64)
    except CredentialsError as error:
        raise CredentialsError(
            f"{writer.key.house} cannot sign C2PA credentials: {error}",
            hint="its certificate must allow it (extended key usage C2PA, emailProtection or "
            'document signing) and hold today; or set credentials = "off" under [proof]',
        ) from error


def credentials_writer(proof: ProofSettings) -> CredentialsWriter | None:
    """With what this machine writes credentials; None: it has no key, or the project wants none.

    Raises:
        HouseKeyError: the folder of keys is damaged.
    """
    if proof.credentials == "off":
        return None
    key = house_key()
    return None if key is None else CredentialsWriter(key, proof.credentials)
