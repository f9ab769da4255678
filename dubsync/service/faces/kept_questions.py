"""The questions about faces of the last analysis, for commands that analyse no plate.

.dubsync/face_questions.json holds them with a digest of the shots, the lines and the answers.  Once
one of these has changed they are no longer shown: the next analysis asks again.  In a project of
several languages each has its own, face_questions_TAG.json.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

from dubsync.core.digest import digest
from dubsync.core.documents import DamagedDocument, read_json
from dubsync.core.shot import ProjectWarning, Shot
from dubsync.service.faces.answers import Pointed
from dubsync.service.faces.cast import Casting
from dubsync.service.store.atomic_write import write_derived
from dubsync.service.store.folder import Store

_log = logging.getLogger(__name__)

#: Shot name -> its warnings about faces.
Questions = Mapping[str, tuple[ProjectWarning, ...]]


def keep_questions(store: Store, shots: Sequence[Shot], pointed: Pointed, casting: Casting) -> None:
    """Store the casting's warnings; a folder that cannot be written keeps none."""
    kept = {
        "asked_of": _digest(shots, pointed),
        "warnings": {shot: [asdict(w) for w in found] for shot, found in casting.warnings.items()},
    }
    write_derived(questions_file(store), json.dumps(kept, indent=1))


def kept_questions(store: Store, shots: Sequence[Shot], pointed: Pointed) -> Questions:
    """The warnings of the last analysis of these very shots and answers; empty if there is none."""
    try:
        kept = read_json(questions_file(store))
        if kept["asked_of"] != _digest(shots, pointed):
            return {}
        return {
            str(shot): tuple(ProjectWarning(**one) for one in found)
            for shot, found in kept["warnings"].items()
        }
    except FileNotFoundError:
        return {}
    except (OSError, DamagedDocument, KeyError, TypeError, AttributeError) as error:
        _log.warning("%s is damaged (%s): it is ignored", questions_file(store), error)
        return {}


def questions_file(store: Store) -> Path:
    """Where the questions of the store's language are kept."""
    return store.derived / f"{store.layout.named('face_questions')}.json"


def _digest(shots: Sequence[Shot], pointed: Pointed) -> str:
    asked = [
        (shot.name, shot.plate.path, shot.source, shot.record,
         [(line.character, line.record, line.on_screen or "") for line in shot.lines])
        for shot in shots
    ]  # fmt: skip
    points = {
        shot: {c: [[float(v) for v in point] for point in at] for c, at in sorted(here.items())}
        for shot, here in sorted(pointed.items())
    }
    return digest("face questions", asked, json.dumps(points))
