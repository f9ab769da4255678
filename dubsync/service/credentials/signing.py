"""Who signs credentials here: the house's key, if the project wants credentials at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dubsync.core.settings import ProofSettings
from dubsync.media.credentials.manifest import ManifestSigner
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


def credentials_writer(proof: ProofSettings) -> CredentialsWriter | None:
    """With what this machine writes credentials; None: it has no key, or the project wants none.

    Raises:
        HouseKeyError: the folder of keys is damaged.
    """
    if proof.credentials == "off":
        return None
    key = house_key()
    return None if key is None else CredentialsWriter(key, proof.credentials)
