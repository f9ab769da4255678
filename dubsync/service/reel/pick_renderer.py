"""What draws a shot: the trained actor or the warp, by how each did on frames held back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, log
from typing import Any, Protocol

from dubsync.core.errors import EngineError
from dubsync.core.result import Pick
from dubsync.core.steps import HeldOut, RendererName

#: Sharpness, as a share of the truth's, that passes for the truth's own.
LEAST_SHARP, MOST_SHARP = 0.8, 1.25
AS_ASKED = "as asked"

Figures = Mapping[RendererName, HeldOut]


class Judged(Protocol):
    """An actor, or the record of its training.  Both are empty before training."""

    @property
    def held_out(self) -> Mapping[str, Figures]: ...
    @property
    def training(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Untrained:
    """Stands for an actor that was not trained."""

    @property
    def held_out(self) -> Mapping[str, Figures]:
        return {}

    @property
    def training(self) -> Mapping[str, Any]:
        return {}


def pick(actor: Judged, plate: str, asked: str) -> Pick:
    """What draws the actor on the plate called `plate`.

    Args:
        asked: "warp", "actor" or "plate" is obeyed; "auto" takes the actor where it came nearer
            to the truth on frames held back and is about as sharp as the truth, else the warp.

    Raises:
        EngineError: "actor" is asked of one that was not trained.
    """
    if asked == "plate":
        return Pick("plate", AS_ASKED)
    if asked == "warp":
        return Pick("warp", AS_ASKED)
    if asked == "actor":
        if not is_trained(actor):
            raise EngineError("the actor is asked to draw, but it is not trained")
        return Pick("actor", AS_ASKED)
    if not is_trained(actor):
        return Pick("warp", "warp: the actor is not trained")
    own = actor.held_out.get(plate, {})
    if {"actor", "warp"} <= own.keys():
        return _better(own["actor"], own["warp"], f"of plate {plate}")
    figures = mean_figures(actor.held_out)
    if not figures:
        return Pick("warp", "warp: no frames were held back to judge the actor on")
    return _better(figures["actor"], figures["warp"], _others(len(actor.held_out), plate))


def is_trained(actor: Judged) -> bool:
    """Whether the actor has a renderer of its own."""
    return bool(actor.training or actor.held_out)


def mean_figures(held_out: Mapping[str, Figures]) -> dict[RendererName, HeldOut]:
    """Each renderer's mean over the plates on which both were judged, by frames; maybe empty."""
    both = [plate for plate in held_out.values() if {"actor", "warp"} <= plate.keys()]
    names: tuple[RendererName, ...] = ("warp", "actor")
    return {name: _mean([plate[name] for plate in both]) for name in names if both}


def _others(plates: int, plate: str) -> str:
    other = "other " if plate else ""
    return f"of {plates} {other}plate{'' if plates == 1 else 's'}"


def _mean(figures: list[HeldOut]) -> HeldOut:
    frames = sum(f.frames for f in figures)
    shares = [f.frames / max(frames, 1) for f in figures]

    def over(name: str) -> float:
        pairs = zip(figures, shares, strict=True)
        return float(sum(getattr(f, name) * share for f, share in pairs))

    return HeldOut(frames, over("perceptual"), over("psnr_db"), over("sharpness"))


def _better(actor: HeldOut, warp: HeldOut, where: str) -> Pick:
    """The actor where it is nearer to the truth and as sharp, else the warp."""
    on = f"on {actor.frames} frames held back {where}"
    nearer = actor.perceptual < warp.perceptual
    if not nearer:
        return Pick("warp", f"warp: perceptual distance {warp.perceptual:.4f} against "
                            f"the actor's {actor.perceptual:.4f} {on}")  # fmt: skip
    against = f"{actor.perceptual:.4f} against the warp's {warp.perceptual:.4f} {on}"
    sharp = LEAST_SHARP <= actor.sharpness <= MOST_SHARP
    if sharp or _off(actor.sharpness) < _off(warp.sharpness):
        return Pick("actor", f"actor: perceptual distance {against}")
    return Pick("warp", f"warp: the actor's perceptual distance is {against}, but its sharpness is "
                        f"{actor.sharpness:.2f} of the truth's, the warp's "
                        f"{warp.sharpness:.2f}")  # fmt: skip


def _off(sharpness: float) -> float:
    """How far from the truth's: twice as sharp is as wrong as half."""
    return abs(log(sharpness)) if sharpness > 0 else inf
