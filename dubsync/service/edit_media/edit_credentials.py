"""The credentials of edit media: those of the render they show, and that they were transcoded."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from dubsync.core.digest import file_digest
from dubsync.core.documents import read_json
from dubsync.core.edit.media import EditMedia
from dubsync.core.proof.canonical import canonical_digest
from dubsync.core.result import RenderedShot
from dubsync.media.credentials.carried import EMBEDDABLE, Misplaced, manifest_place
from dubsync.media.credentials.manifest import Manifest
from dubsync.service.credentials.places import found_sidecar, hashes_of
from dubsync.service.credentials.signing import CredentialsWriter
from dubsync.service.credentials.statement import of_render
from dubsync.service.credentials.write import write_beside, write_credentials


def have_credentials(
    media: EditMedia, rendered: RenderedShot, writer: CredentialsWriter | None
) -> bool:
    """Whether kept edit media have the credentials that are wanted, or have them now.

    Sidecars that are missing are written; credentials within a file cannot be added without a new
    file, so then the answer is no.
    """
    if writer is None:
        return True
    for path in _paths(media):
        if writer.mode == "embed" and path.suffix.lower() in EMBEDDABLE:
            try:
                if manifest_place(path) is None:
                    return False
            except (Misplaced, OSError):
                return False
        elif found_sidecar(hashes_of(path) if "%" in path.name else path) is None:
            write_beside(path, _says(path, rendered), writer, whole_name=len(_paths(media)) > 1)
    return True


def write_edit_credentials(
    media: EditMedia, rendered: RenderedShot, writer: CredentialsWriter
) -> None:
    """Write the credentials of edit media that were just made; those with sound alone have none."""
    paths = _paths(media)
    for path in paths:
        write_credentials(path, _says(path, rendered), writer, whole_name=len(paths) > 1)


def _paths(media: EditMedia) -> list[Path]:
    return [Path(one.path) for one in media.essences if one.kind == "picture"]


def _says(path: Path, rendered: RenderedShot) -> Manifest:
    record_path = Path(rendered.record)
    record: Mapping[str, Any] = read_json(record_path)
    title = path.name.split("%", 1)[0].rstrip("._-")
    sha = record["outputs"]["picture"]["sha256"]
    master = sha if isinstance(sha, str) else canonical_digest(sha)
    return of_render(record, file_digest(record_path), "edit", title=title, master=master)
