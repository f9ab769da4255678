"""The body of `dubsync.survey/1`: a folder's files and a cut's plates, as the verb prints them."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from dubsync.service.survey.linked_plates import CutLook
from dubsync.service.survey.surroundings import Surroundings


def survey_json(around: Surroundings, look: CutLook | None) -> dict[str, Any]:
    """JSON values; `plates` is null where no cut was looked at."""
    return {
        "folder": str(around.folder),
        "project": around.project,
        "cuts": [str(path) for path in around.cuts],
        "media": [str(path) for path in around.media],
        "dubs": {
            tag: {name: str(path) for name, path in stems.items()}
            for tag, stems in around.dubs.items()
        },
        "takes": [str(path) for path in around.takes],
        "scripts": [str(path) for path in around.scripts],
        "consents": [str(path) for path in around.consents],
        "plates": None if look is None else _plates(look),
    }


def _plates(look: CutLook) -> list[dict[str, Any]]:
    return [
        {
            "name": wanted.name,
            "path": wanted.plate.path if wanted.plate else None,
            "events": [event.number for event in wanted.events],
            "warnings": [asdict(warning) for warning in wanted.warnings],
        }
        for wanted in look.plates
    ]
