"""Actors kept after a recut: learnt from the old cut's footage, still valid for the new cut.

.dubsync/recut.json lists them.  Without it an actor's key depends on exactly the frames that the
cut shows (`ActorLibrary.actor_key`), and one trimmed shot would make every render of the actor
stale.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from dubsync.core.documents import parse_json
from dubsync.service.store.atomic_write import write_whole
from dubsync.service.store.folder import Store

_log = logging.getLogger(__name__)
FILE = "recut.json"


@dataclass(frozen=True, slots=True)
class KeptActor:
    """An actor's key, and the inputs that must be unchanged for it to be valid.

    plates  name -> digest of every plate it was learnt from
    """

    key: str
    engine: str
    exemplars: int
    crop_px: int
    plates: Mapping[str, str]

    def holds(self, store: Store, character: str, now: KeptActor) -> bool:
        """Whether the actor is on disk, and its engine, settings and plates are unchanged.

        Args:
            now: the actor as it would be learnt today; its key is not compared.
        """
        same = (self.engine, self.exemplars, self.crop_px)
        if same != (now.engine, now.exemplars, now.crop_px):
            return False
        if any(sha != self.plates.get(name, sha) for name, sha in now.plates.items()):
            return False
        folders = [store.actor_folder(character, self.key),
                   store.folder.joinpath(*store.trained_parts(character, self.key))]  # fmt: skip
        return any(folder.is_dir() for folder in folders)


def keep_actors(store: Store, actors: Mapping[str, KeptActor] | None) -> None:
    """Store these actors; None: the project was never recut."""
    path = store.derived / FILE
    if actors is None:
        path.unlink(missing_ok=True)
    else:
        write_whole(path, actors_text(actors))


def actors_text(actors: Mapping[str, KeptActor]) -> str:
    """`actors` as JSON, for `read_actors`."""
    return json.dumps({"actors": {name: asdict(actor) for name, actor in actors.items()}}, indent=1)


def kept_actors(store: Store) -> Mapping[str, KeptActor] | None:
    """Character -> the kept actor; None if the project was never recut."""
    try:
        return read_actors((store.derived / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        _log.warning("%s is damaged (%s): actors are learnt again", store.derived / FILE, error)
        return None


def read_actors(text: str) -> dict[str, KeptActor]:
    """The actors in `actors_text`'s JSON.  Raises ValueError, KeyError or TypeError for others."""
    return {str(name): KeptActor(**fields) for name, fields in parse_json(text)["actors"].items()}
