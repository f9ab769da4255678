"""The actors of an analysed reel: learnt, trained and loaded, each at most once."""

from __future__ import annotations

import logging
import shutil
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from dubsync.core.digest import digest
from dubsync.core.errors import ConsentMissing, DubsyncError, EngineError
from dubsync.core.learning.head import Head
from dubsync.core.progress import Progress
from dubsync.core.result import Pick
from dubsync.core.shot import Plate, ProjectWarning, Shot
from dubsync.core.steps import Actor, RendererName, SpeakingStyle
from dubsync.service.consent.live import watched
from dubsync.service.faces.consented_face import Seen
from dubsync.service.fault import bounded
from dubsync.service.reel.actor_cache import KeptActor
from dubsync.service.reel.footage import SeenIn, footage_of, require_one_face
from dubsync.service.reel.heads.kept_heads import Heads
from dubsync.service.reel.inputs import ReelInputs
from dubsync.service.reel.models import (
    ModelRecord,
    all_models,
    read_model,
    write_strip,
    write_training_record,
)
from dubsync.service.reel.pick_renderer import Untrained, pick
from dubsync.service.reel.speaking_style import speaking_style, speaking_style_key
from dubsync.service.reel.training_facts import training_facts
from dubsync.service.store.folder import NewVersion, Store, whole_folder
from dubsync.service.store.shared_files import share_equal_files

_log = logging.getLogger(__name__)

#: Actors held in memory at once, of all characters and languages: at most so many, and those beyond
#: the two of a shot only as long as all together take no more bytes.  One takes 30 to 600 MB.
MOST_HELD, OF_A_SHOT, BYTES_HELD = 6, 2, 256 << 20


class ActorLibrary:
    """Every actor of a reel in one language.

    Held in memory for each character: the actor as learnt and as trained, if shots are drawn with
    both (`ReelInputs.loaded_actors`, shared by all languages); its key; its speaking style.

    Args:
        reel: the reel in this language; consent is checked for this language.
        seen: character -> the shots that their actor is learnt from.
    """

    def __init__(self, reel: ReelInputs, seen: Mapping[str, tuple[SeenIn, ...]]) -> None:
        self._reel, self._seen = reel, seen
        self._keys: dict[str, str] = {}
        self._records: dict[Path, ModelRecord] = {}
        self._styles: dict[str, tuple[str, SpeakingStyle | None]] = {}
        self._heads = Heads(reel, self._withdrawable)

    # -- keys and records ------------------------------------------------------------------------

    def seen(self, character: str) -> tuple[SeenIn, ...]:
        """The shots that the character's actor is learnt from; empty if no plate shows them."""
        return self._seen.get(character, ())

    def actor_key(self, character: str) -> str:
        """Digest of everything that the character's learnt actor depends on.

        The key of an actor kept after a recut, as long as that is valid.
        """
        if character not in self._keys:
            self._keys[character] = self._actor_key(character)
        return self._keys[character]

    def _actor_key(self, character: str) -> str:
        reel, engine = self._reel, self._reel.settings.engine
        kept = (reel.kept or {}).get(character)
        if kept and kept.holds(reel.store, character, self.actor_now(character)):
            return kept.key
        sources = [
            (
                reel.face_tracks.key(one.shot.plate, one.shot.render),
                [track.face for track in one.tracks],
                *self._matte_of(one.shot),
            )
            for one in self.seen(character)
        ]
        return digest(
            "actor", reel.engine.version, character, sources, engine.exemplars, engine.crop_px
        )[:32]

    def _matte_of(self, shot: Shot) -> tuple[str, ...]:
        """The digest of the shot's holdout matte, if an artist gave one."""
        matte = self._reel.in_front.matte_digest(shot)
        return (matte,) if matte else ()

    def actor_now(self, character: str) -> KeptActor:
        """The engine, settings and plates of the actor if it were learnt today; without a key."""
        reel, engine = self._reel, self._reel.settings.engine
        plates = {one.shot.plate.name: _pictures_digest(reel.store, one.shot.plate)
                  for one in self.seen(character)}  # fmt: skip
        return KeptActor("", reel.engine.version, engine.exemplars, engine.crop_px, plates)

    def trained(self, character: str) -> ModelRecord | None:
        """The newest training of the actor that would be learnt today, or None."""
        store = self._reel.store
        folder = store.latest(*store.trained_parts(character, self.actor_key(character)))
        if folder is None:
            return None
        if folder not in self._records:  # a version is never overwritten
            self._records[folder] = read_model("trained", character, folder)
        model = self._records[folder]
        return model if model.facts else None

    def stale(self, character: str) -> ProjectWarning | None:
        """A warning if the character was trained, but on other footage or by another engine."""
        if self.trained(character) is not None:
            return None
        kept = (m for m in all_models(self._reel.store) if m.kind == "trained" and m.facts)
        if not any(m.character == character for m in kept):
            return None
        return ProjectWarning(
            character, "the trained actor is stale: plates, faces or engine have changed since",
            self._reel.train_command(character),
        )  # fmt: skip

    def pick(self, character: str, shot: Shot) -> Pick:
        """The renderer for the character in `shot`, and why.

        Raises:
            EngineError: the renderer is set to "actor", and the character is not trained.
        """
        evaluated = self.trained(character) or Untrained()
        try:
            return pick(evaluated, shot.plate.name, self._reel.renderer_setting(shot))
        except EngineError as error:
            stale = self.stale(character)
            why = stale.message if stale else str(error)
            hint = self._reel.train_command(character)
            raise EngineError(f"{character}: {why}", hint=hint) from error

    def speaking_style_key(self, character: str) -> str:
        """Digest of everything that the speaking style depends on; "" if no take trains it."""
        return speaking_style_key(self._reel, character, self.actor_key(character))

    # -- actors ----------------------------------------------------------------------------------

    def drawn_by(self, character: str, renderer: RendererName, progress: Progress) -> Actor:
        """The actor that `renderer` draws.  "warp" uses the learnt actor, so that its picture does
        not depend on training.  Raises as `actor`."""
        if renderer == "actor":
            return self.actor(character, progress)
        return self.learnt(character, progress)

    def actor(self, character: str, progress: Progress) -> Actor:
        """The character's actor: trained, if there is a training on the same footage, else learnt.

        Raises:
            ConsentMissing: no consent record covers training on the performer.
            NoFace: no plate shows them.
            EngineError: the trained actor cannot be read.
        """
        self._reel.train_consent(character)
        trained = self.trained(character)
        if trained is None:
            return self.learnt(character, progress)
        try:
            return self._loaded(character, "trained", trained.folder)
        except DubsyncError as error:
            raise EngineError(
                f"the trained actor of {character} is damaged: {error}",
                hint=self._reel.train_command(character),
            ) from error

    def learnt(self, character: str, progress: Progress) -> Actor:
        """The character's actor as learnt from all plates that show them.

        Raises:
            ConsentMissing: no consent record covers training on the performer.
            NoFace: no plate shows them.
        """
        reel = self._reel
        reel.train_consent(character)
        folder = reel.store.actor_folder(character, self.actor_key(character))
        if folder.is_dir():
            try:
                return self._loaded(character, "learnt", folder)
            except DubsyncError as error:
                _log.warning("actor %s is damaged (%s): learnt again", folder, error)
                shutil.rmtree(folder, ignore_errors=True)
        shots = self.seen(character)
        require_one_face(character, shots, reel.pictured)
        self._require_their_face(character)
        actor = reel.engine.learn(
            character,
            footage_of(shots, reel.audio_analysis, reel.in_front, reel.face_tracks, progress),
            progress=self._watched(character, progress),
        )
        with self._withdrawable(character, folder), whole_folder(folder, by_digest=True) as aside:
            reel.engine.save(actor, aside)
            write_training_record(aside, training_facts(reel, shots, actor, {}))
        return self._hold((character, "learnt"), folder, actor)

    def head(self, actor: Actor, progress: Progress) -> Head:
        """The whole head of an actor of this library; learns it the first time.

        Raises as `Heads.of`.
        """
        watched = self._watched(actor.character, progress)
        return self._heads.of(actor, self.seen(actor.character), watched)

    def known_head(self, actor: Actor, progress: Progress) -> Head | None:
        """The same where it was learnt before; None where it was not."""
        return self.head(actor, progress) if self.head_folder(actor).is_dir() else None

    def head_folder(self, actor: Actor) -> Path:
        """Where the head of an actor of this library is kept, once `head` has learnt it."""
        return self._reel.store.head_folder(actor.character, self._heads.key(actor))

    def _require_their_face(self, character: str) -> None:
        """Raise NotTheirFace if a shot to learn from shows another person than consented."""
        seen = [Seen(f"{character} in shot {one.shot.name}", one.tracks, one.shot.plate)
                for one in self.seen(character)]  # fmt: skip
        self._reel.require_their_face(self._reel.performers[character], seen)

    def _watched(self, character: str, progress: Progress) -> Progress:
        """`progress` that raises ConsentMissing once training on the character is not allowed."""
        return watched(progress, lambda: self._reel.train_consent(character))

    @contextmanager
    def _withdrawable(self, character: str, *folders: Path) -> Iterator[None]:
        """Deletes the `folders` that a block makes, if consent is withdrawn while it runs.

        A withdrawal deletes the models that it finds, and those that appear after it must go too.
        Where it deleted a folder that the block was writing to, that is no fault of the disk.
        """
        try:
            yield
        except (DubsyncError, OSError):
            self._delete_withdrawn(character, folders)
            raise
        self._delete_withdrawn(character, folders)

    def _delete_withdrawn(self, character: str, folders: Sequence[Path]) -> None:
        """Delete `folders` if training is not allowed now, and raise ConsentMissing."""
        try:
            self._reel.train_consent(character)
        except ConsentMissing:
            for folder in folders:
                shutil.rmtree(folder, ignore_errors=True)
            raise

    def _loaded(self, character: str, form: str, folder: Path) -> Actor:
        """The actor in `folder`, read from disk while it is not held.  Raises as `Engine.load`."""
        held = self._reel.loaded_actors.pop((character, form), None)  # the newest goes last
        if held is not None and held[0] == folder:
            self._reel.loaded_actors[character, form] = held
            return held[1]
        return self._hold((character, form), folder, self._reel.engine.load(folder))

    def _hold(self, which: tuple[str, str], folder: Path, actor: Actor) -> Actor:
        """Hold the actor in memory; those unused for longest go when all take too much."""
        loaded = self._reel.loaded_actors
        loaded[which] = folder, actor, _bytes_in(folder)
        while len(loaded) > MOST_HELD or (
            len(loaded) > OF_A_SHOT and sum(one[2] for one in loaded.values()) > BYTES_HELD
        ):
            loaded.pop(next(iter(loaded)))
        return actor

    def train(
        self, character: str, *, minutes: float, size: int, steps: int = 0, progress: Progress
    ) -> ModelRecord:
        """Train a renderer for the character's actor; writes a new version of the trained actor.

        Raises:
            ConsentMissing: no consent record covers training on the performer.
            NoFace: no plate shows them.
            EngineError: too few frames to train on.
            Fault: anything else; the next character is trained all the same.
        """
        return bounded(
            lambda: self._train(
                character, minutes=minutes, size=size, steps=steps, progress=progress
            )
        )

    def _train(
        self, character: str, *, minutes: float, size: int, steps: int, progress: Progress
    ) -> ModelRecord:
        reel, shots = self._reel, self.seen(character)
        learnt = self.learnt(character, progress)
        key = self.actor_key(character)
        kept = reel.store.training_folder(character, key)
        options = {"minutes": minutes, "size": size, "steps": steps}
        made = NewVersion(reel.store, *reel.store.trained_parts(character, key))
        with self._withdrawable(character, kept, made.final), made as version:
            # Before any work: an interrupted training must be listed when consent is withdrawn.
            write_training_record(kept, training_facts(reel, shots, learnt, options))
            actor = reel.engine.train(
                learnt, minutes=minutes, size=size, steps=steps, kept=kept,
                progress=self._watched(character, progress),
            )  # fmt: skip
            reel.engine.save(actor, version.folder)
            share_equal_files(version.folder, reel.store.actor_folder(character, key))
            write_strip(version.folder, actor)
            record = training_facts(reel, shots, actor, options)
            write_training_record(version.folder, record)
        shutil.rmtree(kept, ignore_errors=True)
        return read_model("trained", character, version.final)

    def speaking_style(self, actor: Actor, progress: Progress) -> SpeakingStyle | None:
        """How the dub's sound moves the mouth of `actor`; see `speaking_style.speaking_style`."""
        character = actor.character
        key = self.speaking_style_key(character)
        if self._styles.get(character, ("",))[0] != key:
            style = speaking_style(self._reel, self.seen(character), actor, key, progress)
            self._styles[character] = key, style
        return self._styles[character][1] if key else None


def _bytes_in(folder: Path) -> int:
    """What an actor takes in memory: as much as its files; 0 where they are gone meanwhile."""
    try:
        return sum(one.stat().st_size for one in folder.iterdir())
    except OSError:
        return 0


def _pictures_digest(store: Store, plate: Plate) -> str:
    """The digest of a plate and, where its colours are managed, of how they are."""
    whole = store.plate_digest(plate)
    more = (*plate.format.colour_key, *plate.shown_key)
    return digest(whole, *more) if more else whole
