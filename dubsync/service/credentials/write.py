"""Writes credentials, and reads each back before anybody relies on it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from dubsync.core.digest import file_digest
from dubsync.core.documents import read_json
from dubsync.core.errors import DeliveryError, DubsyncError
from dubsync.core.proof.canonical import canonical, canonical_digest
from dubsync.core.settings import ProofSettings
from dubsync.media.credentials.carried import EMBEDDABLE, mime_type_of
from dubsync.media.credentials.manifest import Manifest
from dubsync.media.credentials.read import read
from dubsync.media.credentials.write import embed, write_sidecar
from dubsync.service.credentials.places import found_sidecar, hashes_of, sidecar_of
from dubsync.service.credentials.signing import CredentialsWriter, credentials_writer
from dubsync.service.credentials.statement import SCHEMA, Placed, What, of_render
from dubsync.service.keys.signing import signed
from dubsync.service.store.atomic_write import write_whole, written_aside
from dubsync.service.store.output_files import output_files

HASHES_SCHEMA = "dubsync.hashes/1"
#: Outputs of a render that show what was drawn.  The matte shows only where.
SIGNED_ROLES: tuple[What, ...] = ("picture", "layer")


def sign_render(record_path: Path, proof: ProofSettings) -> Path | None:
    """Write the credentials of a render beside its files, which stay byte for byte as they are.

    Args:
        record_path: the record, as it was written.

    Returns:
        The sidecar of the picture, or of the digests of its frames; None: no credentials are
        wanted, or this machine has no key.

    Raises:
        DeliveryError: they cannot be written, or do not read back.
        HouseKeyError: the key cannot sign.
    """
    writer = credentials_writer(proof)
    if writer is None:
        return None
    record, sha = read_json(record_path), file_digest(record_path)
    made: dict[str, Path] = {}
    for role in SIGNED_ROLES:
        if output := record["outputs"].get(role):
            path = record_path.parent / output["file"]
            says = of_render(record, sha, role, title=path.name.split("%", 1)[0].rstrip("._"))
            made[role] = write_beside(path, says, writer, known=output["sha256"])
    return made.get("picture")


def write_beside(
    media: Path, says: Manifest, writer: CredentialsWriter, *,
    known: str | Mapping[str, str] = "", whole_name: bool = False,
) -> Path:  # fmt: skip
    """Write the credentials of a movie or a sequence beside it, and read them back.

    Args:
        media: the file, or a sequence's printf pattern.
        known: its digest, or those of its frames by name, if they are known.
        whole_name: see `sidecar_of`.

    Returns:
        The sidecar.
    """
    if "%" in media.name:
        frames = known if isinstance(known, Mapping) else {}
        media, known = _write_hashes(media, says, writer, frames), ""
    sidecar = sidecar_of(media, whole_name=whole_name)
    store = write_sidecar(
        media, says, writer.signer, sha256=known if isinstance(known, str) else ""
    )
    write_whole(sidecar, store)
    _read_back(media, sidecar, writer)
    return sidecar


def write_within(media: Path, says: Manifest, writer: CredentialsWriter) -> None:
    """Put the credentials into a MOV, MP4 or WAV, in one step, and read them back."""
    with written_aside(media) as aside:
        embed(media, aside, says, writer.signer)
    _read_back(media, None, writer)


def write_credentials(
    media: Path, says: Manifest, writer: CredentialsWriter, *, whole_name: bool = False
) -> Path | None:
    """Write the credentials of a final file as the project wants; the sidecar, if it is one."""
    if writer.mode == "embed" and media.suffix.lower() in EMBEDDABLE:
        write_within(media, says, writer)
        return None
    return write_beside(media, says, writer, whole_name=whole_name)


def sign_movie(
    media: Path, proof: ProofSettings, says: Callable[[], Manifest], *, whole_name: bool = False
) -> Path | None:
    """Give a finished movie its credentials, if this machine has a key and the project wants them.

    Args:
        says: asked only then.
    """
    writer = credentials_writer(proof)
    if writer is None:
        return None
    return write_credentials(media, says(), writer, whole_name=whole_name)


def sign_copies(movies: Sequence[Path], record_path: Path, proof: ProofSettings) -> None:
    """Give finished movies, made of a render, their credentials; the first has the short name.

    Where that fails the movies go, and with them whatever was written beside them: unsigned they
    would pass for finished.
    """
    writer = credentials_writer(proof)
    if writer is None:
        return
    record, sha = read_json(record_path), file_digest(record_path)
    try:
        for movie in movies:
            says = of_render(record, sha, "movie", title=movie.name, master=_picture(record))
            write_credentials(movie, says, writer, whole_name=movie != movies[0])
    except DubsyncError:
        for path in movies:
            for left in (path, found_sidecar(path)):
                if left is not None:
                    left.unlink(missing_ok=True)
        raise


def sign_layers(digests: Path, record_path: Path, proof: ProofSettings) -> None:
    """Give the files of a compositor, by the JSON with their digests, the render's credentials."""
    writer = credentials_writer(proof)
    if writer is not None:
        record, sha = read_json(record_path), file_digest(record_path)
        says = of_render(record, sha, "layers", title=digests.name, master=_picture(record))
        write_beside(digests, says, writer)


def placed_of(record_path: Path, shot: str, version: int) -> Placed:
    """A render as a reel's movie places it."""
    record = read_json(record_path)
    form = mime_type_of(record["outputs"]["picture"]["file"])
    return Placed(shot, version, _picture(record), file_digest(record_path), form)


def _picture(record: Mapping[str, Any]) -> str:
    """The digest of a render's picture; of a sequence that of its frames' names and digests."""
    sha = record["outputs"]["picture"]["sha256"]
    return sha if isinstance(sha, str) else canonical_digest(sha)


def _write_hashes(
    pattern: Path, says: Manifest, writer: CredentialsWriter, known: Mapping[str, str]
) -> Path:
    """The signed digests of a sequence's frames."""
    frames = dict(known) or {file.name: file_digest(file) for file in output_files(pattern)}
    body: dict[str, Any] = {
        "schema": HASHES_SCHEMA,
        "title": says.title,
        "said": {label: data for label, data in says.assertions.items()
                 if isinstance(data, Mapping) and data.get("schema") == SCHEMA},
        "files": frames,
    }  # fmt: skip
    path = hashes_of(pattern)
    write_whole(path, canonical(signed(body, writer.key)) + b"\n")
    return path


def _read_back(media: Path, sidecar: Path | None, writer: CredentialsWriter) -> None:
    found = read(media, sidecar, (writer.root,))
    if found.state != "trusted":
        why = "; ".join(fault.what for fault in found.faults) or "there are none"
        raise DeliveryError(
            f"the credentials of {media.name} do not read back: {why}",
            hint="look at the disk and at the house's key (dubsync keys list), and run this again",
        )
