"""Pictures and curves between two processes: JSON for what is small, raw samples for arrays.

Nothing is unpickled: what comes from the other side is checked, and an array is its type, its shape
and its bytes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict
from fractions import Fraction
from math import prod
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dubsync.core.contact import Contact, contact_of
from dubsync.core.face import Stretch
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.take_comp import CompKey
from dubsync.service.preview.curve_values import (
    MEASURES,
    SOURCES,
    CharacterCurves,
    CharacterSound,
    ShotCurves,
    ShotSound,
    SpokenPhone,
    SpokenWord,
)
from dubsync.service.preview.picture import PreviewPicture
from dubsync.service.reel.comp_list import Candidate, CharacterComp, CompWord, TakeSpan

_TYPES = {"u1": np.uint8, "f4": np.float32}
#: Most samples of one array.
MOST = 1 << 28


class Packing:
    """Collects arrays; `add` returns the JSON value that stands for one."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._at = 0

    def add(self, array: NDArray[Any] | None) -> dict[str, Any] | None:
        """Where the array lies among the bytes; floats become float32."""
        if array is None:
            return None
        kind = "u1" if array.dtype == np.uint8 else "f4"
        data = np.ascontiguousarray(array, _TYPES[kind]).tobytes()
        place = {"at": self._at, "type": kind, "shape": list(array.shape)}
        self._parts.append(data)
        self._at += len(data)
        return place

    @property
    def bytes(self) -> bytes:
        return b"".join(self._parts)


def unpacked(place: Any, data: memoryview) -> NDArray[Any]:
    """The array that `Packing.add` described.  Raises ValueError for anything else."""
    shape = tuple(int(n) for n in place["shape"])
    if min(shape, default=0) < 0 or prod(shape) > MOST or place["type"] not in _TYPES:
        raise ValueError(f"no array: {place!r:.80}")
    kind = np.dtype(_TYPES[place["type"]])
    start, size = int(place["at"]), prod(shape) * kind.itemsize
    if start < 0 or start + size > len(data):
        raise ValueError("an array lies beyond the bytes that came")
    return np.frombuffer(data[start : start + size], kind).reshape(shape)


# -- pictures ----------------------------------------------------------------------------------


def packed_picture(picture: PreviewPicture) -> tuple[dict[str, Any], bytes]:
    """The picture as JSON and bytes."""
    packing = Packing()
    body = {
        "shot": picture.shot,
        "frame": picture.frame,
        "renderer": picture.renderer,
        "image": packing.add(picture.image),
        "matte": packing.add(picture.matte),
        "landmarks": {name: packing.add(points) for name, points in picture.landmarks.items()},
    }
    return body, packing.bytes


def unpacked_picture(body: Mapping[str, Any], data: memoryview) -> PreviewPicture:
    """The picture that `packed_picture` packed.  Raises ValueError, KeyError or TypeError."""
    return PreviewPicture(
        str(body["shot"]),
        int(body["frame"]),
        unpacked(body["image"], data),
        None if body["matte"] is None else unpacked(body["matte"], data),
        {str(name): unpacked(place, data) for name, place in body["landmarks"].items()},
        str(body["renderer"]),
    )


# -- curves ------------------------------------------------------------------------------------


def packed_curves(made: ShotCurves) -> tuple[dict[str, Any], bytes]:
    """The curves as JSON and bytes."""
    packing = Packing()
    frames = made.frames
    body = {
        "shot": made.shot,
        "frames": [frames.start, frames.stop, str(frames.rate)],
        "levels_per_frame": made.sound.levels_per_frame,
        "original": packing.add(made.sound.original),
        "characters": {
            name: _packed_character(one, packing.add) for name, one in made.characters.items()
        },
    }
    return body, packing.bytes


def unpacked_curves(body: Mapping[str, Any], data: memoryview) -> ShotCurves:
    """The curves that `packed_curves` packed.  Raises ValueError, KeyError or TypeError."""
    start, stop, rate = body["frames"]
    original = None if body["original"] is None else unpacked(body["original"], data)
    characters = {
        str(name): _character(str(name), one, data) for name, one in body["characters"].items()
    }
    sound = ShotSound(
        {name: one.sound for name, one in characters.items()},
        original,
        int(body["levels_per_frame"]),
    )
    frames = FrameRange(int(start), int(stop), Fraction(rate))
    return ShotCurves(str(body["shot"]), frames, characters, sound)


def _packed_character(
    one: CharacterCurves, add: Callable[[NDArray[Any] | None], Any]
) -> dict[str, Any]:
    return {
        "curves": {m: {s: add(one.curves[m][s]) for s in SOURCES} for m in MEASURES},
        "weight": add(one.weight),
        "shares": add(one.shares),
        "drivers": [[d.first, d.last, d.source, d.reason] for d in one.drivers],
        "contacts": [[c.kind, c.line, c.frame, c.met, c.ms, c.why] for c in one.contacts],
        "levels": add(one.sound.levels),
        "words": [[w.text, w.first, w.last] for w in one.sound.words],
        "phones": [[p.symbol, p.first, p.last, p.tone, p.strength] for p in one.sound.phones],
        "comp": asdict(one.comp),
    }


def _character(name: str, body: Mapping[str, Any], data: memoryview) -> CharacterCurves:
    def curve(place: Any) -> NDArray[np.float64]:
        return np.asarray(unpacked(place, data), np.float64)

    sound = CharacterSound(
        unpacked(body["levels"], data),
        tuple(SpokenWord(str(t), float(a), float(b)) for t, a, b in body["words"]),
        tuple(
            SpokenPhone(str(symbol), float(a), float(b), str(tone), float(strength))
            for symbol, a, b, tone, strength in body["phones"]
        ),
    )
    return CharacterCurves(
        name,
        {m: {s: curve(body["curves"][m][s]) for s in SOURCES} for m in MEASURES},
        curve(body["weight"]),
        curve(body["shares"]),
        tuple(Stretch(int(a), int(b), str(s), str(why)) for a, b, s, why in body["drivers"]),
        tuple(
            Contact(contact_of(kind), name, str(line), int(frame), met, ms, str(why))
            for kind, line, frame, met, ms, why in body["contacts"]
        ),
        sound,
        _comp(name, body["comp"]),
    )


def _comp(name: str, body: Mapping[str, Any]) -> CharacterComp:
    words = tuple(
        CompWord(
            int(w["index"]), str(w["text"]), int(w["first"]), int(w["last"]), str(w["source"]),
            bool(w["by_hand"]), str(w["said"]),
            tuple(
                Candidate(str(c["take"]), bool(c["usable"]), str(c["reason"]))
                for c in w["candidates"]
            ),
            str(w["line"]), int(w["place"]),
        )
        for w in body["words"]
    )  # fmt: skip
    lanes = tuple(
        TakeSpan(
            str(lane["take"]), tuple((int(a), int(b)) for a, b in lane["spans"]),
            tuple(map(int, lane["words"])), tuple(map(int, lane["used"])),
        )
        for lane in body["lanes"]
    )  # fmt: skip
    lost = tuple(
        CompKey(
            int(key["first"]), int(key["last"]), str(key["source"]), str(key["text"]),
            str(key["line"]), int(key["place"]),
        )
        for key in body["lost"]
    )  # fmt: skip
    return CharacterComp(name, words, lanes, lost)
