"""Whole heads of the actors of a reel: learnt when a shot first asks for one, and kept.

A head belongs to one state of an actor: `.dubsync/heads/CHARACTER/KEY`.  A withdrawal of consent
deletes it with the actor's other models.
"""

from __future__ import annotations

import logging
import shutil
from collections.abc import Callable
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from dubsync.core.digest import digest
from dubsync.core.errors import DubsyncError, EngineError
from dubsync.core.learning.head import Head
from dubsync.core.progress import Progress
from dubsync.core.steps import Actor
from dubsync.service.reel.footage import SeenIn, footage_of
from dubsync.service.reel.inputs import ReelInputs
from dubsync.service.reel.models import write_training_record
from dubsync.service.reel.training_facts import training_facts
from dubsync.service.settings.photo_setting import photograph_files
from dubsync.service.store.folder import whole_folder

_log = logging.getLogger(__name__)

#: Heads held in memory at once; each takes some 100 MB.
MOST_HELD = 2
#: Deletes a folder that a block makes, if consent is withdrawn while it runs.
Withdrawable = Callable[[str, Path], AbstractContextManager[None]]


class Heads:
    """The heads of one reel, each learnt or read once."""

    def __init__(self, reel: ReelInputs, withdrawable: Withdrawable) -> None:
        self._reel, self._withdrawable = reel, withdrawable
        self._held: dict[Path, Head] = {}

    def of(self, actor: Actor, shots: tuple[SeenIn, ...], progress: Progress) -> Head:
        """The head of `actor`, learnt from `shots` where it is not kept.

        Args:
            shots: that the actor was learnt from.
            progress: raises ConsentMissing once training on the performer is not allowed.

        Raises:
            ConsentMissing: no consent record covers training on the performer.
            EngineError: the engine draws mouths alone.
            NoFace: no frame shows the whole head free, or a photograph shows no face.
            MissingMedia, MediaError, SettingsError: as `photograph_footage`.
        """
        reel, engine = self._reel, self._reel.engine
        if engine.learn_head is None or engine.save_head is None or engine.load_head is None:
            raise EngineError(
                "this engine draws mouths and faces, not whole heads",
                hint="set region=mouth or region=face, or use dubsync's own engine",
            )
        reel.train_consent(actor.character)
        folder = reel.store.head_folder(actor.character, self.key(actor))
        if folder in self._held:
            return self._held[folder]
        if folder.is_dir():
            try:
                return self._hold(folder, engine.load_head(folder))
            except DubsyncError as error:
                _log.warning("head %s is damaged (%s): learnt again", folder, error)
                shutil.rmtree(folder, ignore_errors=True)
        footage = footage_of(shots, reel.audio_analysis, reel.in_front, reel.face_tracks, progress)
        if photos := self._photographs(actor.character):
            # Pillow is loaded only where a project names photographs.
            from dubsync.service.reel.heads.photographs import photograph_footage

            known = [track for one in shots for track in one.tracks]
            footage += photograph_footage(photos, known, engine, progress)
        head = engine.learn_head(actor, footage, progress=progress)
        keyed = whole_folder(folder, by_digest=True)
        with self._withdrawable(actor.character, folder), keyed as aside:
            engine.save_head(head, aside)
            facts: dict[str, Any] = {"whole_head": True, "keys": len(head)}
            if photos:
                facts["photographs"] = [
                    {"name": one.name, "sha256": reel.store.file_digest(one)} for one in photos
                ]
            write_training_record(aside, training_facts(reel, shots, actor, facts))
        return self._hold(folder, head)

    def key(self, actor: Actor) -> str:
        """Digest of everything that the actor's head depends on."""
        photos = [self._reel.store.file_digest(one) for one in self._photographs(actor.character)]
        more = (photos,) if photos else ()
        return digest("head", self._reel.engine.version, actor.digest, *more)[:32]

    def _photographs(self, character: str) -> tuple[Path, ...]:
        """The photographs that the project names of a character."""
        return photograph_files(self._reel.photos.get(character, ()))

    def _hold(self, folder: Path, head: Head) -> Head:
        self._held[folder] = head
        while len(self._held) > MOST_HELD:
            self._held.pop(next(iter(self._held)))
        return head
