"""Where each stretch of a mouth's motion came from: the sound, a take or the plate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from dubsync.core.face import Stretch
from dubsync.core.result import RenderedShot
from dubsync.core.tweak.take_comp import BY_HAND
from dubsync.service.faces.hidden_mouth import MOUTH_COVERED
from dubsync.service.reel.pipeline import Part


def mouths_of(parts: Sequence[Part]) -> dict[str, tuple[Stretch, ...]]:
    """Character -> the stretches of all their face tracks, in order of frames."""
    result: dict[str, list[Stretch]] = {}
    for part in parts:
        result.setdefault(part.character, []).extend(part.performance.stretches)
    return {name: tuple(sorted(every, key=lambda s: s.first)) for name, every in result.items()}


def plate_kept_share(rendered: RenderedShot) -> float:
    """Share, 0..1, of the dubbed frames that keep the plate's mouth because it already matches."""
    every = [
        stretch for stretches in rendered.mouths.values() for stretch in stretches
        if stretch.reason not in (MOUTH_COVERED, BY_HAND)
    ]  # fmt: skip
    kept = sum(_frames(stretch) for stretch in every if stretch.source == "plate")
    return kept / max(sum(map(_frames, every)), 1)


def mouths_lines(mouths: Mapping[str, Sequence[Stretch]]) -> list[str]:
    """A line for each character whose mouth does not follow the sound alone."""
    lines = []
    for character, stretches in mouths.items():
        if any(s.source != "sound" or s.reason for s in stretches):
            lines.append(f"{character}: " + ", ".join(_text(s) for s in stretches))
    return lines


def _text(stretch: Stretch) -> str:
    source = "plate kept" if stretch.source == "plate" else stretch.source
    told = stretch.source != "plate" or stretch.reason in (MOUTH_COVERED, BY_HAND)
    why = f" ({stretch.reason})" if stretch.reason and told else ""
    return f"{source} {stretch.first}..{stretch.last}{why}"


def _frames(stretch: Stretch) -> int:
    return stretch.last - stretch.first + 1
