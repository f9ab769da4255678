"""Picks the renderer of a shot: the trained actor or the warp, by results on held-out frames."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import inf, log
from typing import Any, Protocol

from dubsync.core.errors import EngineError
from dubsync.core.result import Pick
from dubsync.core.steps import HeldOut, RendererName

#: Sharpness relative to the true frame's, within which a picture counts as equally sharp.
LEAST_SHARP, MOST_SHARP = 0.8, 1.25
AS_SET = "set by the user"  #: no comparison was made

Figures = Mapping[RendererName, HeldOut]


class Evaluated(Protocol):
    """An actor, or the record of its training.  Both properties are empty before training."""

    @property
    def held_out(self) -> Mapping[str, Figures]: ...
    @property
    def training(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Untrained:
    """An actor that is not trained."""

    @property
    def held_out(self) -> Mapping[str, Figures]:
        return {}

    @property
    def training(self) -> Mapping[str, Any]:
        return {}


def pick(actor: Evaluated, plate: str, setting: str) -> Pick:
    """The renderer for the actor on the plate called `plate`, with the reason.

    Args:
        setting: "warp", "actor" or "plate" is used as given; "auto" picks the actor if it is nearer
            to the held-out frames and about as sharp, else the warp.

    Raises:
        EngineError: `setting` is "actor", and the actor is not trained.
    """
    if setting == "plate":
        return Pick("plate", AS_SET)
    if setting == "warp":
        return Pick("warp", AS_SET)
    if setting == "actor":
        if not is_trained(actor):
            raise EngineError("the renderer is set to 'actor', but the actor is not trained")
        return Pick("actor", AS_SET)
    if not is_trained(actor):
        return Pick("warp", "warp: the actor is not trained")
    own = actor.held_out.get(plate, {})
    if {"actor", "warp"} <= own.keys():
        return _better(own["actor"], own["warp"], f"of plate {plate}")
    figures = mean_figures(actor.held_out)
    if not figures:
        return Pick("warp", "warp: there are no held-out frames to evaluate the actor on")
    return _better(figures["actor"], figures["warp"], _others(len(actor.held_out), plate))


def is_trained(actor: Evaluated) -> bool:
    """Whether the actor has a renderer of its own."""
    return bool(actor.training or actor.held_out)


def mean_figures(held_out: Mapping[str, Figures]) -> dict[RendererName, HeldOut]:
    """Each renderer's mean over the plates on which both were evaluated, weighted by frames; empty
    if there is no such plate."""
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
    """The actor if it is nearer to the true frames and about as sharp, else the warp."""
    on = f"on {actor.frames} held-out frames {where}"
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
    """Distance from the true sharpness: a factor of 2 counts the same as a factor of 1/2."""
    return abs(log(sharpness)) if sharpness > 0 else inf
