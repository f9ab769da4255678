"""A learnt head: key frames of one person, and how everything beyond the face follows its pose."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array, seal
from dubsync.core.digest import digest
from dubsync.core.errors import ModelError, ShapeError
from dubsync.core.face import LANDMARKS
from dubsync.core.learning.head import HeadRange
from dubsync.engine.geometry.mesh import CHIN
from dubsync.engine.geometry.pose import to_matrices
from dubsync.engine.head.head_key import HeadKey
from dubsync.engine.head.head_path import HeadPath, Values, degrees_between
from dubsync.engine.head.outline import Outline, base
from dubsync.engine.head.ridge import OutlineRidge, features_of

SCHEMA = "dubsync.head/1"
#: Chin's way down, model units, per unit of the tracker's jawOpen: brings `jaw_of` to that scale.
JAW_OPEN = 0.4

Arrays = Mapping[str, NDArray[Any]]


@dataclass(frozen=True, slots=True, eq=False)
class HeadModel:
    """Implements `core.learning.head.Head`.

    outline      on the reference key's picture, working pixels
    keys         key frames, in order of plate and time
    reference    number of the key that the outline lies on
    rest         (478, 3) the face at rest, model units
    middle_turn  (3,)     the median rotation vector
    range        what the footage shows the head do
    ridge        the outline's residual against the proxy; None for one still, or a few
    actor        digest of the actor that it belongs to; "" for stills
    stills       how many photographs it was learnt from; 0: from footage
    notes        what a person should know before rendering
    """

    character: str
    outline: Outline
    keys: tuple[HeadKey, ...]
    reference: int
    rest: Array
    middle_turn: Array
    range: HeadRange
    ridge: OutlineRidge | None = None
    actor: str = ""
    stills: int = 0
    notes: tuple[str, ...] = ()
    digest: str = ""

    def __post_init__(self) -> None:
        seal(self, "rest", LANDMARKS, 3)
        seal(self, "middle_turn", 3)
        if not 0 <= self.reference < len(self.keys):
            raise ShapeError(f"key {self.reference} of {len(self.keys)} is the reference")
        if {len(key.grid) for key in self.keys} != {len(self.outline)}:
            raise ShapeError("keys with other outlines than the head's")
        if not self.digest:
            object.__setattr__(self, "digest", _content_digest(self))

    def __len__(self) -> int:
        return len(self.keys)

    @property
    def turns(self) -> Values:
        """(K, 3, 3) rotations of the keys."""
        return np.concatenate([key.path.rotation for key in self.keys])

    def features(self, path: HeadPath, jaw: Array | Values) -> Array:
        """(T, 12) what the outline is foretold from, as `HeadKey.features`; `jaw` as `jaw_of`."""
        return features_of(path, jaw, self.middle_turn)

    def foretold(self, path: HeadPath, features: Array) -> Values:
        """(T, n, 2) the outline of heads on `path`: `base`, and what the ridge adds."""
        where = base(self.outline, path)
        return where if self.ridge is None else where + self.ridge.foretold(features)

    def residual(self, key: int) -> Values:
        """(n, 2) working pixels by which a key's own outline departs from the foretold one."""
        its = self.keys[key]
        foretold = self.foretold(its.path, its.features[None])[0]
        return np.asarray(its.grid - foretold, np.float64)

    def beyond(self, turns: Array | Values) -> Array:
        """Implements `core.learning.head.Head.beyond`."""
        between = degrees_between(to_matrices(np.asarray(turns, np.float64)), self.turns)
        return np.asarray(between.min(axis=1), np.float32)

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Everything but names, for `from_arrays`."""
        found: dict[str, NDArray[Any]] = {"rest": self.rest, "middle_turn": self.middle_turn}
        found |= {f"outline.{name}": getattr(self.outline, name) for name in _OUTLINE}
        found["outline.contour"] = np.array([self.outline.contour])
        found |= {f"range.{name}": getattr(self.range, name) for name in _RANGE}
        found["range.apart"] = np.array([self.range.apart], np.float64)
        if self.ridge is not None:
            found |= {f"ridge.{name}": array for name, array in self.ridge.arrays().items()}
        for n, key in enumerate(self.keys):
            at = f"key.{n:05d}."
            found |= {at + name: getattr(key, name) for name in _KEY}
            found |= {at + "path." + name: getattr(key.path, name) for name in HeadPath.__slots__}
            found[at + "where"] = np.array([*key.origin, key.frame, key.cut], np.int64)
            found[at + "scale"] = np.array([key.scale], np.float64)
        return {name: np.ascontiguousarray(array) for name, array in found.items()}

    @classmethod
    def from_arrays(cls, facts: Mapping[str, Any], arrays: Arrays) -> HeadModel:
        """From `facts()` and `arrays()`.

        Raises:
            ModelError: another schema, or contents that do not match the digest.
        """
        if facts["schema"] != SCHEMA:
            raise ModelError(f"a head of the unknown schema {facts['schema']!r}")
        ridge = _under("ridge.", arrays)
        head = cls(
            str(facts["character"]),
            Outline(
                **{name: arrays[f"outline.{name}"] for name in _OUTLINE},
                contour=int(arrays["outline.contour"][0]),
            ),
            tuple(_key(str(plate), _under(f"key.{n:05d}.", arrays))
                  for n, plate in enumerate(facts["plates"])),
            int(facts["reference"]),
            arrays["rest"],
            arrays["middle_turn"],
            HeadRange(
                **{name: arrays[f"range.{name}"] for name in _RANGE},
                apart=float(arrays["range.apart"][0]),
            ),
            OutlineRidge.from_arrays(ridge) if ridge else None,
            str(facts["actor"]),
            int(facts["stills"]),
            tuple(str(note) for note in facts["notes"]),
        )  # fmt: skip
        if head.digest != facts["digest"]:
            raise ModelError("the head was altered after it was saved")
        return head

    def facts(self) -> dict[str, Any]:
        """What is no array, for `from_arrays` and for people to read."""
        return {
            "schema": SCHEMA,
            "character": self.character,
            "digest": self.digest,
            "actor": self.actor,
            "stills": self.stills,
            "reference": self.reference,
            "notes": list(self.notes),
            "plates": [key.plate for key in self.keys],
            "frames": [key.frame for key in self.keys],
            "outline_error_px": None if self.ridge is None else self.ridge.error.tolist(),
        }


def jaw_of(faces: Array | Values, rest: Array | Values) -> Values:
    """(T,) how far the jaw is open, about the tracker's jawOpen.

    Args:
        faces: (T, 478, 3) without head movement, model units (`HeadPath` removed; `fit.frontal`).
        rest: (478, 3) the same face at rest.
    """
    down = np.asarray(faces, np.float64)[:, CHIN, 1] - float(rest[CHIN, 1])
    return np.asarray(down / JAW_OPEN, np.float64)


_OUTLINE = ("points", "share", "model", "rest")
_RANGE = ("turn", "shift", "size", "opening", "lids")
_KEY = ("picture", "landmarks", "matte", "grid", "features", "speed")


def _key(plate: str, arrays: Arrays) -> HeadKey:
    left, top, frame, cut = (int(v) for v in arrays["where"])
    path = HeadPath(*(arrays[f"path.{name}"] for name in HeadPath.__slots__))
    return HeadKey(
        plate, frame, arrays["picture"], (left, top), float(arrays["scale"][0]),
        arrays["landmarks"], arrays["matte"], arrays["grid"], path, arrays["features"], bool(cut),
        arrays["speed"],
    )  # fmt: skip


def _under(prefix: str, arrays: Arrays) -> dict[str, NDArray[Any]]:
    return {
        name.removeprefix(prefix): array
        for name, array in arrays.items()
        if name.startswith(prefix)
    }


def _content_digest(head: HeadModel) -> str:
    facts = {name: value for name, value in head.facts().items() if name != "digest"}
    return digest(SCHEMA, {k: repr(v) for k, v in facts.items()}, head.arrays())
