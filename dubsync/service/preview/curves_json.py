"""Curves as JSON values, for the command line and for the desk's other process."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dubsync.core.contact import Contact
from dubsync.core.face import Stretch
from dubsync.service.preview.curve_values import CharacterCurves, ShotCurves

SCHEMA = "dubsync.curves/1"


def curves_json(made: ShotCurves, *, sound: bool = True) -> dict[str, Any]:
    """The body of `dubsync.curves/1`: a gap in a curve is null.

    Args:
        sound: with levels, words and phones, which only words by hand change.
    """
    frames = made.frames
    body: dict[str, Any] = {
        "shot": made.shot,
        "frames": {"first": frames.start, "last": frames.stop - 1, "rate": str(frames.rate)},
        "unit": "% of the distance between the eyes",
        "characters": {name: _character(one, sound=sound) for name, one in made.characters.items()},
    }
    if sound:
        body["levels_per_frame"] = made.sound.levels_per_frame
        body["original"] = None if made.sound.original is None else _pairs(made.sound.original)
    return body


def _character(one: CharacterCurves, *, sound: bool) -> dict[str, Any]:
    body: dict[str, Any] = {
        measure: {source: numbers(curve) for source, curve in each.items()}
        for measure, each in one.curves.items()
    }
    body["weight"] = numbers(one.weight, 3)
    body["shares"] = {
        name: numbers(one.shares[:, n], 3) for n, name in enumerate(("take", "sound", "plate"))
    }
    body["drivers"] = [_driver(stretch) for stretch in one.drivers]
    body["contacts"] = [_contact(contact) for contact in one.contacts]
    if sound:
        body["words"] = [
            {"text": w.text, "first": round(w.first, 2), "last": round(w.last, 2),
             "take": take_of(one.drivers, w.first, w.last)}
            for w in one.sound.words
        ]  # fmt: skip
        body["phones"] = [
            {"symbol": p.symbol, "first": round(p.first, 2), "last": round(p.last, 2),
             "tone": p.tone, "strength": round(p.strength, 2)}
            for p in one.sound.phones
        ]  # fmt: skip
        body["levels"] = _pairs(one.sound.levels)
    return body


def take_of(drivers: Sequence[Stretch], first: float, last: float) -> str:
    """What drives most of the frames `first` to `last`: a take's name, "sound" or "plate"; ""."""
    amounts: dict[str, float] = {}
    for one in drivers:
        part = min(last, one.last + 1) - max(first, one.first)
        if part > 0:
            amounts[one.source] = amounts.get(one.source, 0.0) + part
    return max(amounts, key=lambda name: amounts[name], default="")


def numbers(values: NDArray[np.floating], digits: int = 2) -> list[float | None]:
    """(T,) numbers, rounded; None for NaN."""
    rounded = np.round(np.asarray(values, np.float64), digits) + 0.0
    return [value if value == value else None for value in rounded.tolist()]


def _pairs(levels: NDArray[np.float32]) -> list[list[float]]:
    pairs: list[list[float]] = np.round(np.asarray(levels, np.float64), 4).tolist()
    return pairs


def _driver(one: Stretch) -> dict[str, Any]:
    return {"first": one.first, "last": one.last, "source": one.source, "reason": one.reason}


def _contact(one: Contact) -> dict[str, Any]:
    return {"frame": one.frame, "kind": one.kind, "line": one.line, "met": one.met,
            "ms": one.ms, "why": one.why}  # fmt: skip
