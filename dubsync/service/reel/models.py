"""Models of performers on disk; the record beside each names the performer and the training.

.dubsync/actors/CHARACTER/KEY/            learnt: bank, basis, sound
.dubsync/trained/CHARACTER/KEY/v001/      the same, with a renderer of its own; never overwritten
.dubsync/training/CHARACTER/KEY/          checkpoint of an interrupted training
.dubsync/speaking_styles/CHARACTER/KEY/   how one dub's sound moves their mouth, from takes
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Literal

import numpy as np

from dubsync.core.documents import read_json
from dubsync.core.result import Pick
from dubsync.core.settings import Settings
from dubsync.core.steps import Actor, HeldOut, RendererName
from dubsync.core.version import __version__
from dubsync.service.consent.records import ConsentRecord
from dubsync.service.ledger.signed_text import signed_text
from dubsync.service.reel.pick_renderer import Figures, mean_figures, pick
from dubsync.service.store.atomic_write import write_whole
from dubsync.service.store.folder import Store

_log = logging.getLogger(__name__)

SCHEMA = "dubsync.training/1"
RECORD, STRIP = "training.record.json", "strip.png"
#: Longest JSON of one training fact that is copied to a record.
MOST_CHARACTERS = 200_000

Kind = Literal["learnt", "trained", "unfinished", "speaking_style", "head"]


@dataclass(frozen=True, slots=True)
class ModelRecord:
    """One model's folder, and the facts in its record; `facts` is empty if there is no record."""

    kind: Kind
    character: str
    folder: Path
    facts: Mapping[str, Any]

    @property
    def digest(self) -> str:
        """Digest of the actor as loaded."""
        return str(self.facts.get("actor", ""))

    @property
    def held_out(self) -> Mapping[str, Figures]:
        return {
            plate: {name: HeldOut(**figures) for name, figures in renderers.items()}
            for plate, renderers in self.facts.get("held_out", {}).items()
        }

    @property
    def training(self) -> Mapping[str, Any]:
        facts: Mapping[str, Any] = self.facts.get("training", {})
        return facts

    @property
    def mean(self) -> Mapping[RendererName, HeldOut]:
        """Each renderer's figures over all plates."""
        return mean_figures(self.held_out)

    @property
    def pick(self) -> Pick:
        """The renderer for a plate without held-out frames."""
        return pick(self, "", "auto")

    @property
    def strip(self) -> str:
        """Path of the picture of held-out frames; "" if there is none."""
        path = self.folder / STRIP
        return str(path) if path.is_file() else ""


def training_record(
    actor: Actor,
    *,
    performer: str,
    language: str,
    consents: Sequence[ConsentRecord],
    plates: Sequence[Mapping[str, Any]],
    settings: Settings,
    options: Mapping[str, Any],
    engine: str,
) -> dict[str, Any]:
    """The record of one model, as plain JSON values.

    Args:
        consents: the consent records that allowed it; written as id and digest only.
        plates: name, digest and frames of every plate it was learnt from.
        options: minutes and size of the training; empty for an actor that was only learnt.
    """
    return {
        "schema": SCHEMA,
        "character": actor.character,
        "performer": performer,
        "language": language,
        "made": datetime.now(UTC).isoformat(timespec="seconds"),
        "actor": actor.digest,
        "consent": [{"id": c.id, "sha256": c.digest, "basis": c.basis} for c in consents],
        "plates": list(plates),
        "settings": asdict(settings.engine),
        "options": dict(options),
        "held_out": {
            plate: {name: asdict(figures) for name, figures in renderers.items()}
            for plate, renderers in actor.held_out.items()
        },
        "training": {k: v for k, v in actor.training.items() if _plain(v)},
        "versions": {"dubsync": __version__, "engine": engine},
    }


def write_training_record(folder: Path, record: Mapping[str, Any]) -> None:
    """Write the record into the model's folder, signed where this machine has a key.

    Sorted keys, UTF-8.  Raises HouseKeyError: the key cannot sign.
    """
    write_whole(folder / RECORD, signed_text(record, indent=1))


def write_strip(folder: Path, actor: Actor) -> None:
    """Write the engine's picture of held-out frames into the model's folder, if it made one.

    `training["strip"]` may be (H, W, 3) uint8 R'G'B', or the path of a PNG.
    """
    strip = actor.training.get("strip")
    if isinstance(strip, np.ndarray) and strip.ndim == 3 and strip.dtype == np.uint8:
        from dubsync.media.stills.encode import png

        write_whole(folder / STRIP, png(strip))
    elif isinstance(strip, str | Path) and Path(strip).is_file():
        write_whole(folder / STRIP, Path(strip).read_bytes())


def read_model(kind: Kind, character: str, folder: Path) -> ModelRecord:
    """The model in `folder`; without facts if its record is missing or damaged."""
    try:
        facts = read_json(folder / RECORD, finite=False)
        if isinstance(facts, dict) and facts.get("schema") == SCHEMA:
            result = ModelRecord(kind, character, folder, facts)
            _ = result.held_out  # raises if the figures are damaged
            return result
    except FileNotFoundError:
        pass
    except (OSError, ValueError, TypeError, AttributeError) as error:
        _log.warning("the record in %s is damaged: %s", folder, error)
    return ModelRecord(kind, character, folder, {})


def all_models(store: Store) -> Iterator[ModelRecord]:
    """Every model in the project, whether it is used or not."""
    for folder in sorted(store.derived.glob("actors/*/*")):
        yield read_model("learnt", folder.parent.name, folder)
    for folder in sorted(store.derived.glob("heads/*/*")):
        yield read_model("head", folder.parent.name, folder)
    for folder in sorted(store.derived.glob("trained/*/*/*")):
        if folder.is_dir():
            yield read_model("trained", folder.parent.parent.name, folder)
    for folder in sorted(store.derived.glob("training/*/*")):
        yield read_model("unfinished", folder.parent.name, folder)
    for folder in sorted(store.derived.glob("speaking_styles/*/*")):
        yield read_model("speaking_style", folder.parent.name, folder)


def _plain(value: object) -> bool:
    """Whether `value` is small and can be JSON, unlike pictures and weights."""
    try:
        return len(json.dumps(value, allow_nan=False)) < MOST_CHARACTERS
    except (TypeError, ValueError):
        return False
