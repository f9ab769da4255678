"""Makes the edit media of a render: once, whole or not at all."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path
from secrets import token_hex

from filelock import FileLock, Timeout

from dubsync.core.digest import digest
from dubsync.core.edit.codec import edit_codec
from dubsync.core.edit.media import EditMedia
from dubsync.core.errors import DeliveryError
from dubsync.core.progress import Progress
from dubsync.core.result import RenderedShot
from dubsync.core.settings import NO_CREDENTIALS, ProofSettings
from dubsync.media.edit.write import write_edit_media
from dubsync.media.plate import coloured_like
from dubsync.media.probe import probe_plate
from dubsync.service.credentials.signing import CredentialsWriter, credentials_writer
from dubsync.service.edit_media.edit_credentials import have_credentials, write_edit_credentials
from dubsync.service.edit_media.kept_edit import (
    edit_folder,
    kept_edit,
    master_digests,
    write_kept,
)
from dubsync.service.store.atomic_write import unwritable
from dubsync.service.store.folder import Store, whole_folder
from dubsync.service.store.output_files import output_files


def edit_media(
    store: Store, rendered: RenderedShot, codec: str, container: str, progress: Progress,
    proof: ProofSettings = NO_CREDENTIALS,
) -> EditMedia:  # fmt: skip
    """The edit media of a render; made if they are not kept beside it already.

    Those that are kept get their credentials where they lack them; where these are to be within
    the files, the files are copied, not coded again.

    Args:
        codec, container: names from core.edit.codec.
        proof: whether they get credentials, and where.

    Raises:
        DeliveryError: the codec cannot hold these pictures or this rate, the disk is full, or
            another process makes them; nothing is left half-written.
        MediaError: the master cannot be read, or FFmpeg here lacks the encoder.
    """
    writer = credentials_writer(proof)
    kept = kept_edit(store, rendered, codec, container)
    if kept is not None and have_credentials(kept, rendered, writer):
        return kept
    final = edit_folder(rendered, codec, container)
    lock = FileLock(final.parent / ".lock", timeout=0)
    try:
        final.parent.mkdir(exist_ok=True)
        with lock:
            _write(store, rendered, codec, container, final, progress, writer, kept)
    except Timeout:
        raise DeliveryError(
            f"another dubsync process is writing to {final.parent}",
            hint="wait for it to finish, or stop it, then run this again",
        ) from None
    except OSError as error:
        raise unwritable(final, error) from error
    made = kept_edit(store, rendered, codec, container)
    if made is None:
        raise DeliveryError(f"{final} was altered while it was written", hint="run this again")
    return made


def _write(
    store: Store,
    rendered: RenderedShot,
    codec: str,
    container: str,
    final: Path,
    progress: Progress,
    writer: CredentialsWriter | None,
    kept: EditMedia | None,
) -> None:
    """Write the folder `final`; what is in its place goes when it stands.

    Args:
        kept: what is in its place, if it is true and lacks its credentials.
    """
    for left_over in final.parent.glob(".making-*"):  # of a process that was killed
        shutil.rmtree(left_over, ignore_errors=True)
    master, shot = master_digests(store, rendered), rendered.shot
    picture = Path(rendered.picture)
    sequence = "%" in picture.name
    name = picture.name.split(".%", 1)[0].replace("%%", "%") if sequence else picture.stem
    before = final.with_name(f".before-{final.name}-{token_hex(4)}")
    with whole_folder(final) as folder:
        made = _copied(kept, folder) if kept is not None else write_edit_media(
            coloured_like(probe_plate(picture, rate=rendered.frames.rate), shot.plate),
            folder, name, edit_codec(codec), container,
            plate=shot.plate, span=rendered.frames, digest=digest("edit", master, codec, container),
            sound=picture if shot.plate.has_sound and not sequence else None,
            progress=progress, shot=shot.name,
        )  # fmt: skip
        if writer is not None:
            write_edit_credentials(made, rendered, writer)
        write_kept(store, folder, made, rendered, master)
        if final.exists():
            final.rename(before)
    shutil.rmtree(before, ignore_errors=True)


def _copied(kept: EditMedia, folder: Path) -> EditMedia:
    """The same edit media, as files in another folder."""
    essences = []
    for one in kept.essences:
        for file in output_files(Path(one.path)):
            shutil.copyfile(file, folder / file.name)
        essences.append(replace(one, path=str(folder / Path(one.path).name)))
    return replace(kept, essences=tuple(essences))
