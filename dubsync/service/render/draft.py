"""Drafts: renders that nobody is to deliver before somebody approved them.

reports/draft/SHOT/v002.json says that version v002 of SHOT is a draft; beside it lies its movie,
with DRAFT across every picture.  The movie goes when the version is approved; the word stays, so
that an approval that is taken back leaves a draft.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import msgspec

from dubsync.core.documents import DamagedDocument, read_json
from dubsync.core.errors import DeliveryError
from dubsync.service.judging.judgement_store import JudgementStore, last_on
from dubsync.service.store.atomic_write import sync_folder, write_whole
from dubsync.service.store.folder import Store, version_number

SCHEMA: Literal["dubsync.draft/1"] = "dubsync.draft/1"


class Draft(msgspec.Struct, frozen=True):
    """The word that one version of a shot is a draft.

    seal  digest of the version's record, so that it is about this render and no other
    """

    schema: Literal["dubsync.draft/1"]
    shot: str
    version: str
    seal: str
    made: str


def write_draft(store: Store, draft: Draft) -> None:
    """Say that a version is a draft; saying it again changes nothing.

    Raises:
        DeliveryError: the folder cannot be written.
    """
    path = draft_home(store, draft.shot) / f"{draft.version}.json"
    if not path.exists():
        write_whole(path, json.dumps(msgspec.to_builtins(draft), indent=2) + "\n")


def draft_of(store: Store, shot: str, version: str) -> Draft | None:
    """The word that a version is a draft; None if nobody said so.

    Raises:
        DeliveryError: it is damaged.
    """
    for home in _homes(store, shot):
        path = home / f"{version}.json"
        try:
            found = msgspec.convert(read_json(path), Draft)
        except FileNotFoundError:
            continue
        except (OSError, DamagedDocument, msgspec.ValidationError) as error:
            raise DeliveryError(
                f"{path} is damaged: {error}", hint="dubsync sync REEL SHOT --draft, or approve it"
            ) from error
        return found
    return None


def is_open_draft(store: Store, shot: str, folder: Path) -> bool:
    """Whether the version in `folder` is a draft that nobody approved.

    Raises:
        DeliveryError: the word of it is damaged.
        SettingsError: a file of judgements is damaged.
    """
    if draft_of(store, shot, folder.name) is None:
        return False
    said = JudgementStore(store.folder, store.layout).of(shot)
    judged = last_on(said, version_number(folder))
    return judged is None or judged.judgement.judged != "approved"


def refuse_open_draft(store: Store, shot: str, folder: Path) -> None:
    """Raise DeliveryError if the version is a draft that nobody approved."""
    if is_open_draft(store, shot, folder):
        raise DeliveryError(
            f"{folder.name} is a draft that nobody has approved",
            hint=f"dubsync approve REEL {shot} {folder.name}",
        )


def forget_draft_movie(store: Store, shot: str, version: str) -> None:
    """Delete the movie with DRAFT across it: the version was approved.

    Raises:
        DeliveryError: it cannot be deleted.
    """
    for home in _homes(store, shot):
        for movie in home.glob(f"*{version}_draft.mp4"):
            try:
                movie.unlink()
                sync_folder(home)
            except OSError as error:
                raise DeliveryError(f"cannot delete {movie}: {error.strerror}") from error


def draft_home(store: Store, shot: str) -> Path:
    """Where the drafts of a shot are written."""
    return _homes(store, shot)[0]


def _homes(store: Store, shot: str) -> tuple[Path, ...]:
    return store.layout.homes(store.folder, "reports", "draft", shot)
