"""Reads the cut's own file again, so that a delivery changes only what was rendered."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dubsync.core.errors import DeliveryError, TurnoverError
from dubsync.core.result import RenderedShot
from dubsync.core.shot import Cut
from dubsync.editorial.cmx3600.lines import PrintedList, printed_list
from dubsync.editorial.files.text_file import ZIP_MARK, edl_text, file_bytes, json_text
from dubsync.editorial.otio.otioz import bundled
from dubsync.editorial.otio.text import document
from dubsync.editorial.timeline.picture_events import event_keys

Keys = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class OtioDocument:
    """An .otio document as plain lists and dictionaries.

    keys  event name -> keys and indices that lead to its clip
    """

    document: Any
    keys: Mapping[str, Keys]


Original = OtioDocument | PrintedList


def original_of(cut: Cut) -> Original:
    """The .otio document or printed list that `cut` was read from.

    Raises:
        DeliveryError: the file is gone, or has changed since.
    """
    path = Path(cut.path)
    try:
        data = file_bytes(path)
        if cut.probed is None or hashlib.sha256(data).hexdigest() != cut.probed.digest:
            raise DeliveryError(
                f"{path.name} has changed since its turnover", hint="run the turnover again"
            )
        zipped = data[:4] == ZIP_MARK
        text = bundled(data, path.name)[0] if zipped else json_text(data, path)
        if text is None:
            return printed_list(edl_text(data, path)[0])
        return OtioDocument(document(text, path.name), event_keys(cut))
    except TurnoverError as error:
        message = f"{path.name} cannot be read again: {error}"
        raise DeliveryError(message, hint=error.hint) from error


def by_event(cut: Cut, rendered: tuple[RenderedShot, ...]) -> dict[str, RenderedShot]:
    """Renders by the name of their event.

    Raises:
        DeliveryError: a render that is of no event of this cut, two renders of one event, or a
            render that lacks frames of the cut.
    """
    known = set(cut.events)
    result: dict[str, RenderedShot] = {}
    for render in rendered:
        shot = render.shot
        if shot.event not in known:
            raise DeliveryError(
                f"shot {shot.name} was rendered for another version of the cut",
                hint="run the turnover again",
            )
        if shot.event.name in result:
            raise DeliveryError(f"shot {shot.name} has two renders", hint="deliver one of them")
        if not render.frames.holds(shot.source):
            raise DeliveryError(
                f"shot {shot.name}: the render has frames {render.frames.start}.."
                f"{render.frames.stop}, but the cut shows {shot.source.start}..{shot.source.stop}",
                hint=f"sync {shot.name} again",
            )
        result[shot.event.name] = render
    return result
