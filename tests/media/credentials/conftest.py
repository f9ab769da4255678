"""Who signs, and small files that are signed once."""

from dataclasses import dataclass
from pathlib import Path

import pytest

from dubsync.media.credentials.manifest import ManifestSigner
from dubsync.media.credentials.write import embed, write_sidecar
from tests.media.credentials.signers import house
from tests.media.credentials.small_media import MANIFEST, small


@dataclass(frozen=True)
class Signed:
    """Files with credentials: suffix -> (file, sidecar), and suffix -> file with them within."""

    signer: ManifestSigner
    root: str
    beside: dict[str, tuple[Path, Path]]
    within: dict[str, Path]


@pytest.fixture(scope="module")
def signed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("signed")
    signer, root = house()
    beside, within = {}, {}
    for suffix in (".mov", ".mp4", ".wav", ".mkv", ".mxf"):
        media = folder / f"a{suffix}"
        media.write_bytes(small(suffix))
        sidecar = folder / f"a{suffix}.c2pa"
        sidecar.write_bytes(write_sidecar(media, MANIFEST, signer))
        beside[suffix] = (media, sidecar)
        if suffix in (".mov", ".mp4", ".wav"):
            within[suffix] = folder / f"within{suffix}"
            embed(media, within[suffix], MANIFEST, signer)
    return Signed(signer, root, beside, within)
