"""Edit media kept beside the render that they were made from.

renders/SHOT/v001/edit/CODEC_CONTAINER/    the files, and edit.json: what they are, and of which
                                           master; appears whole or not at all

A file that was altered or cut off does not count as kept.  edit.json may come with a project from
elsewhere, so nothing in it leads out of its folder.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from dubsync.core.documents import DamagedDocument, read_json
from dubsync.core.edit.media import EditEssence, EditMedia
from dubsync.core.errors import MissingMedia
from dubsync.core.result import RenderedShot
from dubsync.core.shot import ProjectWarning
from dubsync.service.store.atomic_write import write_whole
from dubsync.service.store.folder import Store
from dubsync.service.store.output_files import output_files

SCHEMA = "dubsync.edit/1"
#: The folder of edit media in a version of a render, and the file that says what they are.
FOLDER, FILE = "edit", "edit.json"
_UMID = re.compile(r"(urn:smpte:umid:[0-9a-fA-F.]{64,80})?")


def edit_folder(rendered: RenderedShot, codec: str, container: str) -> Path:
    """Where the render's edit media of that kind are, or would be."""
    return Path(rendered.record).parent / FOLDER / f"{codec}_{container}"


def master_digests(store: Store, rendered: RenderedShot) -> dict[str, str]:
    """File name -> SHA-256 of every file of the render's picture."""
    return {path.name: store.file_digest(path) for path in output_files(Path(rendered.picture))}


def write_kept(
    store: Store, folder: Path, media: EditMedia, rendered: RenderedShot, master: Mapping[str, str]
) -> None:
    """Write edit.json into `folder`, which holds the files of `media`."""
    essences = [{**asdict(one), "path": Path(one.path).name} for one in media.essences]
    body = {
        "schema": SCHEMA,
        "shot": rendered.shot.name,
        "codec": media.codec,
        "container": media.container,
        "clip": media.clip,
        "frames": [media.frames.start, media.frames.stop, str(media.frames.rate)],
        "essences": essences,
        "losses": [asdict(loss) for loss in media.losses],
        "master": dict(master),
        "files": {path.name: store.file_digest(path) for path in _files(media)},
    }
    write_whole(folder / FILE, json.dumps(body, indent=2) + "\n")


def kept_edit(store: Store, rendered: RenderedShot, codec: str, container: str) -> EditMedia | None:
    """The render's edit media of that kind; None if there are none, or they are not true.

    They are true if they were made from the picture as it is now, and no file of theirs is
    missing or altered since.
    """
    folder = edit_folder(rendered, codec, container)
    try:
        body = read_json(folder / FILE)
        made = _media(folder, body, rendered)
        same = body["master"] == master_digests(store, rendered) and body["files"] == {
            path.name: store.file_digest(path) for path in _files(made)
        }
    except (OSError, DamagedDocument, MissingMedia, KeyError, TypeError, ValueError):
        return None
    return made if same and (made.codec, made.container) == (codec, container) else None


def _files(media: EditMedia) -> list[Path]:
    return [path for one in media.essences for path in output_files(Path(one.path))]


def _media(folder: Path, body: Any, rendered: RenderedShot) -> EditMedia:
    """The edit media that edit.json describes.  Raises ValueError, KeyError or TypeError."""
    if body["schema"] != SCHEMA or not body["essences"]:
        raise ValueError(body["schema"])
    frames = rendered.frames
    if body["frames"] != [frames.start, frames.stop, str(frames.rate)]:
        raise ValueError("other frames than the render's")
    essences = tuple(_essence(folder, entry) for entry in body["essences"])
    clip = _umid(body["clip"])
    if len(essences) > 1 and any(one.material != clip for one in essences):
        raise ValueError("files that do not say that they are one clip: of an earlier version")
    losses = tuple(ProjectWarning(**entry) for entry in body["losses"])
    return EditMedia(str(body["codec"]), str(body["container"]), frames, essences,
                     clip, losses)  # fmt: skip


def _essence(folder: Path, entry: Mapping[str, Any]) -> EditEssence:
    name = entry["path"]
    if not isinstance(name, str) or name in ("", ".", "..") or any(c in name for c in "/\\\0"):
        raise ValueError("a path, not a name")
    made = EditEssence(**entry)
    for umid in (made.material, made.file, made.tape):
        _umid(umid)
    if made.kind not in ("picture", "sound") or not all(
        type(n) is int for n in (made.channel, made.track, made.length)
    ):
        raise ValueError("not an essence")
    return replace(made, path=str(folder / name))


def _umid(text: Any) -> str:
    if not isinstance(text, str) or not _UMID.fullmatch(text):
        raise ValueError("not an identity")
    return text
