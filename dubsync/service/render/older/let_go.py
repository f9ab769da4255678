"""Deletes the media of versions that nothing holds on to; record and ledger keep what they were.

First the notes, then the ledger's entry, then the files: whoever is killed between them leaves
versions that are said to be deleted, and the next call deletes what is left of them.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

from filelock import FileLock, Timeout

from dubsync.core.digest import file_digest
from dubsync.core.errors import DeliveryError
from dubsync.service.judging.judgement_store import JudgementStore
from dubsync.service.keys.house_key import house_key
from dubsync.service.ledger.append import append, holds_text
from dubsync.service.render.older.deleted_note import FILE, note_digest, read_note, write_note
from dubsync.service.render.older.referred import RenderVersion, approved, render_versions
from dubsync.service.store.folder import Store

_log = logging.getLogger(__name__)
#: What stays in the folder of a version that was deleted.
_STAYS = (FILE, ".lock")


def let_go(
    store: Store, versions: Sequence[RenderVersion], by: Literal["keep", "clean"], why: str
) -> tuple[RenderVersion, ...]:
    """Delete the media of `versions`; those that were deleted.

    One whose shot is being written is left for the next time; so is one that somebody approved
    since its `stays` was found out.

    Raises:
        DeliveryError: a note, the ledger or a file cannot be written or deleted; the versions with
            a note count as deleted.
        HouseKeyError: the key cannot sign.
        SettingsError: a file of judgements is damaged.
    """
    gone: list[RenderVersion] = []
    judged = JudgementStore(store.folder, store.layout)
    for one in versions:
        if one.stays or not one.stem:
            raise DeliveryError(f"{one.name} must stay: {one.stays or 'its record is damaged'}")
        lock = FileLock(one.folder.parent / ".lock", timeout=0)
        try:
            with lock:
                if approved(judged.of(one.shot), one.folder):
                    continue
                if not one.gone:
                    write_note(one.folder, by, why, _files(one.folder))
                gone.append(one)
        except Timeout:
            _log.info("%s is being written to: its older versions stay", one.shot)
    _enter(store, gone, by, why)
    for one in gone:
        _delete(one.folder)
    return tuple(gone)


def keep_newest(store: Store, language: str, shot: str, cuts: Sequence[Path] = ()) -> None:
    """Delete what `[delivery] keep = "newest"` lets go of one shot, after a new render stands.

    Raises as `let_go`.
    """
    found = render_versions(store, language, cuts=cuts, shots=[shot])
    why = "a newer render stands, and nobody approved or delivered this one"
    let_go(store, [one for one in found if not one.stays and _left(one.folder)], "keep", why)


def left_overs(folder: Path) -> bool:
    """Whether a version that was deleted still has files, after a kill."""
    return read_note(folder) is not None and _left(folder)


def _left(folder: Path) -> bool:
    return any(True for _ in _files(folder))


def _files(folder: Path) -> dict[str, int]:
    """Path below the version's folder -> bytes of each file that goes: all but the record."""
    return {
        path.relative_to(folder).as_posix(): path.lstat().st_size
        for path in sorted(folder.rglob("*"))
        if not path.is_dir() and path.name not in _STAYS and not path.name.endswith(".record.json")
    }


def _enter(store: Store, gone: Sequence[RenderVersion], by: str, why: str) -> None:
    """One entry in the ledger for all of them; nothing where there is no key.

    One with an older note is entered too if a run was killed before it was.
    """
    new = [one for one in gone if not holds_text(store.folder, note_digest(one.folder))]
    if not new:
        return
    key = house_key()
    if key is None:
        return
    rows: list[dict[str, Any]] = [
        {
            "folder": one.folder.relative_to(store.folder / "renders").as_posix(),
            "shot": one.shot,
            "version": one.folder.name,
            "language": one.language,
            "record": file_digest(next(iter(sorted(one.folder.glob("*.record.json"))))),
            "note": note_digest(one.folder),
        }
        for one in new
    ]
    append(store.folder, "clean", {"by": by, "why": why, "versions": rows}, key)


def _delete(folder: Path) -> None:
    try:
        for path in sorted(folder.iterdir()):
            if path.is_dir() and not path.is_symlink():
                shutil.rmtree(path)
            elif path.name not in _STAYS and not path.name.endswith(".record.json"):
                path.unlink(missing_ok=True)
    except OSError as error:
        raise DeliveryError(
            f"{error.filename or folder} cannot be deleted: {error.strerror or error}",
            hint="see who may write there, and run it again: what is left goes then",
        ) from error
