"""Names of the 478 landmarks, and the canonical neutral face they are defined on.

Left and right are the subject's own.  The canonical face comes from the model file itself
(`geometry_pipeline_metadata_landmarks.binarypb`, Google, Apache-2.0).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.errors import ModelError
from dubsync.core.face import LANDMARKS

Indices = NDArray[np.intp]


def indices(text: str) -> Indices:
    """Landmark numbers written out, read-only."""
    result = np.array(text.split(), np.intp)
    result.flags.writeable = False
    return result


#: Rings start at the subject's right corner and run along the lower lip first.
OUTER_LIPS = indices("61 146 91 181 84 17 314 405 321 375 291 409 270 269 267 0 37 39 40 185")
INNER_LIPS = indices("78 95 88 178 87 14 317 402 318 324 308 415 310 311 312 13 82 81 80 191")
#: The lips' red between outer and inner ring.
LIP_BODY = indices(
    "76 77 90 180 85 16 315 404 320 307 306 408 304 303 302 11 72 73 74 184 "
    "62 96 89 179 86 15 316 403 319 325 292 407 272 271 268 12 38 41 42 183"
)
LIPS = np.unique(np.concatenate([OUTER_LIPS, INNER_LIPS, LIP_BODY]))
FACE_OVAL = indices(
    "10 338 297 332 284 251 389 356 454 323 361 288 397 365 379 378 400 377 152 148 176 149 150 "
    "136 172 58 132 93 234 127 162 21 54 103 67 109"
)
JAW = indices("132 58 172 136 150 149 176 148 152 377 400 378 379 365 397 288 361")
#: Outer and inner corner of the right eye, inner and outer of the left.
EYE_CORNERS = ((33, 133), (362, 263))
RIGHT_EYE = indices("33 7 163 144 145 153 154 155 133 173 157 158 159 160 161 246")
LEFT_EYE = indices("263 249 390 373 374 380 381 382 362 398 384 385 386 387 388 466")
RIGHT_BROW = indices("46 53 52 65 55 70 63 105 66 107")
LEFT_BROW = indices("276 283 282 295 285 300 293 334 296 336")
RIGHT_IRIS = indices("468 469 470 471 472")
LEFT_IRIS = indices("473 474 475 476 477")
#: Rings of skin round the lids, over and under them, between lids and brow.
EYE_RINGS = indices(
    "247 30 29 27 28 56 190 225 224 223 222 221 467 260 259 257 258 286 414 445 444 443 442 441 "
    "110 24 23 22 26 339 254 253 252 256"
)
_SKIN = indices(
    "1 4 6 168 195 5 48 278 98 327 2 50 280 101 330 205 425 36 266 187 411 207 427 118 347 151 9 "
    "69 299 104 333 108 337"
)
#: Landmarks that carry a face's skin from one picture to another: outline, lips, lids and the rings
#: round them, brows, nose, cheeks and forehead.  Irises are not among them: eyes would not close.
FACE_CONTROLS = np.unique(np.concatenate([
    FACE_OVAL, OUTER_LIPS, INNER_LIPS, RIGHT_EYE, LEFT_EYE, RIGHT_BROW, LEFT_BROW, EYE_RINGS, _SKIN,
]))  # fmt: skip
#: Pairs (upper, lower) of the inner lips that touch when the mouth is closed, right to left.
LIP_CONTACTS = np.array(
    [(191, 95), (80, 88), (81, 178), (82, 87), (13, 14), (312, 317), (311, 402), (310, 318),
     (415, 324)]
)  # fmt: skip
RIGHT_EYE_OUTER, RIGHT_EYE_INNER, LEFT_EYE_INNER, LEFT_EYE_OUTER = 33, 133, 362, 263
RIGHT_CORNER, LEFT_CORNER = 61, 291
UPPER_INNER_LIP, LOWER_INNER_LIP = 13, 14
CHIN, NOSE_BASE, NOSE_TIP, FOREHEAD = 152, 2, 4, 10


@dataclass(frozen=True, slots=True, eq=False)
class Canonical:
    """The neutral face of the model.

    points     (478, 3) centimetres, x right, y down, z smaller is nearer, seen from the front;
               the irises, which the model's own mesh lacks, sit in the eyes' middles
    triangles  (898, 3) landmark numbers
    steady     (33,) landmarks that Google's head pose uses
    steadiness their weights
    """

    points: Array
    triangles: NDArray[np.int32]
    steady: Indices
    steadiness: Array


def read_canonical(metadata: bytes) -> Canonical:
    """The canonical face in a face geometry metadata message.

    Raises:
        ModelError: not such a message.
    """
    try:
        top = _message(metadata)
        mesh = _message(top[1][0])
        values = np.frombuffer(b"".join(mesh[3]), "<f4").reshape(468, 5)
        triangles = np.array(_varints(b"".join(mesh[4])), np.int32).reshape(-1, 3)
        pairs = [_message(item) for item in top[2]]
        steady = np.array([_number(pair, 1) for pair in pairs], np.intp)
        weights = np.array([struct.unpack("<f", pair[2][0])[0] for pair in pairs], np.float32)
    except (KeyError, IndexError, ValueError, TypeError, struct.error) as error:
        raise ModelError("the landmark model's canonical face cannot be read") from error
    points = np.empty((LANDMARKS, 3), np.float32)
    points[:468] = values[:, :3] * (1, -1, -1)
    points[RIGHT_IRIS] = points[RIGHT_EYE].mean(axis=0)
    points[LEFT_IRIS] = points[LEFT_EYE].mean(axis=0)
    for array in (points, triangles, steady, weights):
        array.flags.writeable = False
    return Canonical(points, triangles, steady, weights)


def _number(message: dict[int, list[bytes]], field: int) -> int:
    return _varints(message[field][0])[0] if field in message else 0


def _varints(data: bytes) -> list[int]:
    result, value, shift = [], 0, 0
    for byte in data:
        value |= (byte & 127) << shift
        shift += 7
        if byte < 128:
            result.append(value)
            value = shift = 0
    return result


def _message(data: bytes) -> dict[int, list[bytes]]:
    """Fields of a protocol buffer message, raw; enough of the wire format for one small file."""
    fields: dict[int, list[bytes]] = {}
    at = 0
    while at < len(data):
        key, at = _varint_at(data, at)
        kind = key & 7
        if kind == 0:
            start = at
            _, at = _varint_at(data, at)
        elif kind == 5:
            start, at = at, at + 4
        elif kind == 2:
            length, start = _varint_at(data, at)
            at = start + length
        else:
            raise ValueError(f"wire type {kind}")
        fields.setdefault(key >> 3, []).append(data[start:at])
    return fields


def _varint_at(data: bytes, at: int) -> tuple[int, int]:
    start = at
    while data[at] > 127:
        at += 1
    return _varints(data[start : at + 1])[0], at + 1


def lower_face(canonical: Canonical) -> Array:
    """(478,) fraction of a landmark's movement that is the mouth's: 1 lips, jaw, chin; 0 upper
    face.

    A smooth ramp over the cheeks from the mouth's height to the nose's; the nose stays 0.
    """
    y = canonical.points[:, 1]
    below, above = y[NOSE_BASE] - 0.3, y[NOSE_TIP] - 2.5
    share = np.clip((y - above) / (below - above), 0, 1)
    share = share * share * (3 - 2 * share)
    touching = np.isin(canonical.triangles, _NOSE).any(axis=1)
    nose = np.unique(np.concatenate([_NOSE, canonical.triangles[touching].ravel()]))
    nose = nose[y[nose] < y[NOSE_BASE] + 0.1]
    share[nose] = np.minimum(share[nose], 0.15)
    share[_NOSE] = 0
    share[LIPS] = 1
    return np.asarray(share, np.float32)


_NOSE = indices(
    "1 2 4 5 6 19 94 98 97 326 327 168 195 197 48 64 115 131 134 220 45 44 51 3 196 278 294 344 "
    "360 363 440 275 274 281 248 419 49 102 129 209 198 236 174 122 279 331 358 429 420 456 399 351"
)


def skull_weights(canonical: Canonical) -> NDArray[np.float64]:
    """(478,) how rigidly a landmark moves with the skull.

    Highest at the nose bridge, temples, eye corners and brow ridge; 0 for lids, irises and
    everything the jaw moves.
    """
    weights = np.clip(0.35 - lower_face(canonical).astype(np.float64), 0, None)
    for lids in (RIGHT_EYE, LEFT_EYE, RIGHT_IRIS, LEFT_IRIS):
        weights[lids] = 0
    weights[[*RIGHT_BROW, *LEFT_BROW]] = 0.05
    weights[canonical.steady] += 0.65 * (weights[canonical.steady] > 0)
    weights[[6, 168, 197, 195, 122, 351]] = 1.0
    weights[[RIGHT_EYE_OUTER, RIGHT_EYE_INNER, LEFT_EYE_INNER, LEFT_EYE_OUTER]] = 1.0
    return weights


def lip_share(canonical: Canonical) -> NDArray[np.float64]:
    """(478,) 1 where movement is fast (lips, lids, irises), 0 where it is slow."""
    share = np.zeros(LANDMARKS)
    share[lower_face(canonical) > 0.5] = 0.5
    share[[*LIPS, *RIGHT_EYE, *LEFT_EYE, *RIGHT_IRIS, *LEFT_IRIS]] = 1
    return share
