"""In which frames a mouth's inside is the voice actor's: gathered while rendering, recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from dubsync.core.face import Stretch
from dubsync.core.steps import Patch
from dubsync.service.render.frame_cache import FrameReuse
from dubsync.service.render.provenance import Redrawn


class LentMouths:
    """Gathers the take that each frame of a character shows the inside of."""

    def __init__(self) -> None:
        self._found: dict[str, dict[int, str]] = {}

    def __call__(self, character: str, patch: Patch, frame: int) -> None:
        """Note what `patch` of `frame` says."""
        if patch.inside:
            self._found.setdefault(character, {})[frame] = patch.inside

    def taken_over(self, reused: FrameReuse) -> None:
        """Note what the records of earlier renders say of the frames reused from them."""
        for frame, one in reused.kept.items():
            for character, table in one.record.get("redrawn", {}).items():
                for source in _sources(table, frame):
                    self._found.setdefault(character, {}).setdefault(frame, source)

    def within(self, redrawn: Mapping[str, Redrawn]) -> dict[str, Redrawn]:
        """What was redrawn, which also says what was gathered."""
        return {
            name: replace(one, inside=_stretches(self._found.get(name, {})))
            for name, one in redrawn.items()
        }


def _sources(table: Mapping[str, Any], frame: int) -> list[str]:
    return [str(s["source"]) for s in table.get("inside", ()) if s["first"] <= frame <= s["last"]]


def _stretches(found: Mapping[int, str]) -> tuple[Stretch, ...]:
    """Runs of frames, each followed by the next, that show one take."""
    result: list[Stretch] = []
    for frame, source in sorted(found.items()):
        if result and (result[-1].last, result[-1].source) == (frame - 1, source):
            result[-1] = replace(result[-1], last=frame)
        else:
            result.append(Stretch(frame, frame, source))
    return tuple(result)
