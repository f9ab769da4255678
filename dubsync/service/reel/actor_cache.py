"""Actors kept through a recut: learnt from the old cut's footage, they still hold for the new.

.dubsync/recut.json says which.  Without it an actor hangs on exactly the frames that the cut shows
(`Reel.actor_key`), and one trimmed shot would make every face of that actor stale.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping
from dataclasses import asdict, dataclass

from dubsync.service.store.atomic_write import write_whole
from dubsync.service.store.folder import Store

_log = logging.getLogger(__name__)
FILE = "recut.json"


@dataclass(frozen=True, slots=True)
class KeptActor:
    """The key of an actor, and what must not have changed for it to hold.

    plates  name -> digest of every plate it was learnt from
    """

    key: str
    engine: str
    exemplars: int
    crop_px: int
    plates: Mapping[str, str]

    def holds(self, store: Store, character: str, now: KeptActor) -> bool:
        """Whether it is there, and engine, settings and plates are what they were.

        Args:
            now: what would be learnt today; its key does not count.
        """
        same = (self.engine, self.exemplars, self.crop_px)
        if same != (now.engine, now.exemplars, now.crop_px):
            return False
        if any(sha != self.plates.get(name, sha) for name, sha in now.plates.items()):
            return False
        there = [store.actor_folder(character, self.key),
                 store.folder.joinpath(*store.trained_parts(character, self.key))]  # fmt: skip
        return any(folder.is_dir() for folder in there)


def keep_actors(store: Store, actors: Mapping[str, KeptActor] | None) -> None:
    """Keep these from now on; None: the project was never recut."""
    path = store.derived / FILE
    if actors is None:
        path.unlink(missing_ok=True)
    else:
        write_whole(path, actors_text(actors))


def actors_text(actors: Mapping[str, KeptActor]) -> str:
    """`actors` as `read_actors` reads them."""
    return json.dumps({"actors": {who: asdict(actor) for who, actor in actors.items()}}, indent=1)


def kept_actors(store: Store) -> Mapping[str, KeptActor] | None:
    """Character -> the actor that is kept; None where the project was never recut."""
    try:
        return read_actors((store.derived / FILE).read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        _log.warning("%s is damaged (%s): actors are learnt again", store.derived / FILE, error)
        return None


def read_actors(text: str) -> dict[str, KeptActor]:
    """What `actors_text` wrote.  Raises ValueError, KeyError or TypeError when it is not that."""
    return {str(who): KeptActor(**said) for who, said in json.loads(text)["actors"].items()}
