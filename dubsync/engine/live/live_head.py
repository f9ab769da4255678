"""A learnt head driven live: its key frames warped over the background of one of them.

The pieces are those of `head_draw`; what needs a whole shot is left out or done as frames come: the
choice of exemplars looks back alone, the outline's own residual is steadied by a running mean, and
after a cut the low band of the picture before it fades out.  There is no shot, so the background is
the reference key's, filled where the person stood.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.driven.live import DriverSeen, LivePicture, Rgb8
from dubsync.core.picture import Region
from dubsync.engine.compositing.mouth_inside import (
    OpenMouth,
    inside_share,
    opening,
    skin_tone,
    with_inside,
)
from dubsync.engine.geometry.mesh import LIP_BODY, skull_weights
from dubsync.engine.geometry.mesh import LIPS as LIP_POINTS
from dubsync.engine.geometry.pose import align_robustly
from dubsync.engine.head.head_crop import working_size
from dubsync.engine.head.head_files import load_head
from dubsync.engine.head.head_key import HeadKey
from dubsync.engine.head.head_model import HeadModel, jaw_of
from dubsync.engine.head.head_path import HeadPath
from dubsync.engine.head_draw import affine_warp, head_matte
from dubsync.engine.head_draw.canvas import Canvas
from dubsync.engine.head_draw.choose import pose_features
from dubsync.engine.head_draw.choose.head_choice import Offered
from dubsync.engine.head_draw.choose.pose_features import HEAD, LIDS, LIPS, Looks
from dubsync.engine.head_draw.cut_out import CutOut, cut_out, share_of
from dubsync.engine.head_draw.head_plan import KEPT
from dubsync.engine.head_draw.inlay import insets
from dubsync.engine.head_draw.visible_points import beside_face, near_frame, visible_controls
from dubsync.engine.live.live_choice import LiveChoice
from dubsync.engine.live.live_driver import LiveDriver
from dubsync.engine.render.kept import held
from dubsync.engine.still.behind import behind_person
from dubsync.engine.still.transfer import DrivenFace, Shares, StillFace, at_rest, driven_face
from dubsync.engine.track.landmarker import Landmarker, canonical_face

Values = NDArray[Any]

#: Lips go so far beyond where the actor's have been, eye distances as seen from the front: across,
#: down, in depth.  Further, the warp folds them.
REACH = np.array([0.05, 0.16, 0.1], np.float32)
MOVING_LIPS = np.unique(np.concatenate([LIP_POINTS, LIP_BODY]))
#: With fewer uncut key frames the cut ones serve too.
FEWEST = 12
#: Cut-outs held ready to be warped.
KEYS_HELD = 40
#: Points of the outline this far below the picture still control the warp, working pixels.
ROOM_BELOW = 60.0
#: Share of a new frame in the outline's own residual: as an average over some ten frames.
NEW_SHARE = 0.15
#: A driver's turn is given whole, their shift by this share; degrees beyond which a turn is held.
SHARES = Shares(expression=1.0, turn=1.0, shift=0.6, own=0.0, most_turn=28.0)
#: Pictures over which what changed at a cut fades, and the band in which it does, working pixels.
FADE_FRAMES, BAND_PX = 4, 2.0


@dataclass(frozen=True, slots=True, eq=False)
class _Wanted:
    """One picture to be drawn: landmarks and outline, working pixels, and its exemplars."""

    face: DrivenFace
    grid: Values
    head: int
    mouth: int
    eyes: int


class LiveHead:
    """Implements `core.driven.live.DrawLive` for a head learnt from a reel."""

    def __init__(self, folder: Path, height: int) -> None:
        """Raises ModelError where `folder` holds no head that can be used."""
        landmarker = Landmarker(threads=1)
        self._driver = LiveDriver(landmarker.expression)
        self._head = load_head(folder)
        self._reference = self._head.keys[self._head.reference]
        self._canvas = _canvas(self._reference, height)
        self._skull = skull_weights(canonical_face())
        self._face = _face_of(self._head, self._reference, self._skull)
        self._keys: OrderedDict[int, CutOut] = OrderedDict()
        self._plate = self._background()
        fronts, looks = self._key_looks()
        self._lips = fronts[:, MOVING_LIPS].min(axis=0), fronts[:, MOVING_LIPS].max(axis=0)
        every = np.arange(len(self._head.keys))
        self._choices = {
            "head": self._choice(looks, HEAD, whole_heads(self._head)),
            "mouth": self._choice(looks, LIPS, every),
            "eyes": self._choice(looks, LIDS, every),
        }
        self._kept = np.zeros((len(self._head.outline), 2))
        self._before: tuple[tuple[int, int, int], Array] | None = None
        self._fade: tuple[int, Array] | None = None
        self._tone = skin_tone(
            self._cut(self._head.reference).picture,
            np.asarray(self._reference.landmarks * self._canvas.px, np.float32),
        )

    def take_neutral(self) -> None:
        """Take the driver's neutral face anew."""
        self._driver.take_neutral()

    def __call__(self, seen: DriverSeen, rgb: Rgb8, at: float) -> LivePicture:
        """The head as the driver moves now."""
        move, _, hold = self._driver.step(seen, at)
        face = at_rest(self._face)
        if move is not None:
            face = self._within_reach(driven_face(self._face, move, SHARES))
        wanted = self._wanted(face)
        picture = self._faded(wanted, self._drawn(wanted))
        if move is not None and seen.presence > 0:
            picture = self._inside(picture, wanted, seen, rgb)
        shown = np.asarray(cv2.convertScaleAbs(np.maximum(picture, 0), alpha=255), np.uint8)
        return LivePicture(shown, hold)

    def _wanted(self, face: DrivenFace) -> _Wanted:
        rest = self._reference.path
        pose = face.pose
        path = HeadPath(
            pose.rotation, pose.shift[:, :2], pose.scale, rest.rest_shift, rest.rest_scale
        )
        front = np.asarray(face.front[None], np.float64)
        looks = pose_features.looks_of(front, path, np.zeros((1, 2)))
        chosen = {
            name: int(offered[choice.next(looks.features(weights)[0])])
            for name, (weights, offered, choice) in self._choices.items()
        }
        features = self._head.features(path, jaw_of(front, self._head.rest))
        own = KEPT * self._head.residual(chosen["head"])
        self._kept = self._kept + NEW_SHARE * (own - self._kept)
        grid = self._head.foretold(path, features)[0] + self._kept
        return _Wanted(face, grid, **chosen)

    def _choice(
        self, looks: Looks, weights: Mapping[str, float], offered: NDArray[np.intp]
    ) -> tuple[Mapping[str, float], NDArray[np.intp], LiveChoice]:
        keys = [self._head.keys[n] for n in offered]
        frames = np.array([key.frame for key in keys], np.int64)
        features = looks.at(offered).features(weights)
        plates = tuple(key.plate for key in keys)
        return weights, offered, LiveChoice(Offered(features, plates, frames))

    def _within_reach(self, face: DrivenFace) -> DrivenFace:
        """The face with lips no further from where the actor's have been than REACH."""
        low, high = self._lips
        front = np.array(face.front, np.float32)
        front[MOVING_LIPS] = np.clip(front[MOVING_LIPS], low - REACH, high + REACH)
        landmarks = np.asarray(face.pose.place(front[None])[0], np.float32)
        return replace(face, front=front, landmarks=landmarks)

    def _drawn(self, wanted: _Wanted) -> Array:
        """(H, W, 3) working colour of the whole canvas."""
        canvas, key = self._canvas, self._cut(wanted.head)
        landmarks = np.asarray(wanted.face.landmarks, np.float64)
        at = self._field(wanted, key, landmarks)
        edges = affine_warp.sample(key.small[1], at, cv2.INTER_LINEAR)
        share = share_of(edges, head_matte.moving_share(at)[..., None])
        alpha = affine_warp.at_pixels(share, canvas.region, canvas.px)
        full = affine_warp.at_pixels(at * np.float32(key.scale), canvas.region, canvas.px)
        person = affine_warp.sample(key.picture, full, cv2.INTER_CUBIC)
        picture = np.asarray(self._plate + alpha * (person - self._plate), np.float32)
        if wanted.eyes != wanted.head:
            source = self._cut(wanted.eyes).shown
            for inset in insets.eye_insets(landmarks, canvas.unit, canvas.size):
                insets.lay_inset(picture, inset, landmarks, source, canvas)
        lips = insets.lips_inset(landmarks, canvas.unit, canvas.size)
        if wanted.mouth != wanted.head and lips is not None:
            insets.lay_inset(picture, lips, landmarks, self._cut(wanted.mouth).shown, canvas)
        return picture

    def _faded(self, wanted: _Wanted, picture: Array) -> Array:
        """The picture, into which the low band of the one before a cut is mixed for a moment."""
        exemplars = (wanted.head, wanted.mouth, wanted.eyes)
        if self._before is not None and self._before[0] != exemplars:
            change = np.asarray(self._before[1] - picture, np.float32)
            low = cv2.GaussianBlur(change, (0, 0), BAND_PX * self._canvas.px)
            self._fade = FADE_FRAMES, low
        if self._fade is not None:
            left, low = self._fade
            picture = picture + np.float32(left / (FADE_FRAMES + 1)) * low
            self._fade = (left - 1, low) if left > 1 else None
        self._before = exemplars, picture
        return picture

    def _field(self, wanted: _Wanted, key: CutOut, landmarks: Values) -> Array:
        """(h, w, 2) working source points in `key`, see `HeadRenderer`."""
        size = self._canvas.size
        chosen = visible_controls(landmarks, key.landmarks)
        kept = beside_face(wanted.grid, key.grid, landmarks, key.landmarks, self._canvas.unit)
        border = affine_warp.pins(size)
        rest, there = self._reference.path, self._head.keys[wanted.head].path
        away = (border - rest.rest_shift[0]) / float(rest.rest_scale[0])
        pinned = there.rest_shift[0] + away * float(there.rest_scale[0])
        points = np.concatenate([landmarks[chosen, :2], wanted.grid[kept], border])
        sources = np.concatenate([key.landmarks[chosen, :2], key.grid[kept], pinned])
        inside = near_frame(points, size, ROOM_BELOW)
        return affine_warp.field(points[inside], sources[inside], size)

    def _inside(self, picture: Array, wanted: _Wanted, seen: DriverSeen, rgb: Rgb8) -> Array:
        """The driver's mouth inside where the lips open further than the exemplar's own."""
        local = np.asarray(wanted.face.landmarks * self._canvas.px, np.float32)
        share = inside_share(local, opening(self._head.keys[wanted.mouth].landmarks))
        if share <= 0:
            return picture
        shown = np.asarray(rgb, np.float32) * np.float32(1 / 255)
        mouth = OpenMouth(shown, seen.landmarks, skin_tone(shown, seen.landmarks))
        return with_inside(picture, local, mouth, self._tone, share)

    def _cut(self, number: int) -> CutOut:
        """A key frame at the canvas's size, cut out."""
        return held(self._keys, number, lambda: self._cut_anew(number), KEYS_HELD)

    def _cut_anew(self, number: int) -> CutOut:
        key = self._head.keys[number]
        picture, scale = _scaled(key, self._canvas.px)
        matte = np.asarray(key.matte, np.float32) / np.float32(255)
        return cut_out(picture, matte, key.landmarks, key.grid, scale)

    def _background(self) -> Array:
        """(H, W, 3) what is behind the head: the reference key's own, filled where nobody looks."""
        canvas = self._canvas
        picture, _ = _scaled(self._reference, canvas.px)
        size = (canvas.region.width, canvas.region.height)
        whole = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
        matte = np.asarray(self._reference.matte, np.float32) / np.float32(255)
        return behind_person(np.asarray(whole, np.float32), matte)

    def _key_looks(self) -> tuple[Array, Looks]:
        """(K, 478, 3) the keys' faces from the front, model units, and their looks."""
        fronts, parts = [], []
        for key in self._head.keys:
            points = np.asarray(key.landmarks[None], np.float64)
            pose = align_robustly(points, np.asarray(self._head.rest), self._skull)
            front = pose.remove(points)
            fronts.append(np.asarray(front[0], np.float32))
            parts.append(pose_features.looks_of(front, key.path, np.zeros((1, 2))))
        return np.stack(fronts), pose_features.joined(parts)


def whole_heads(head: HeadModel) -> NDArray[np.intp]:
    """Numbers of the keys whose hair the frame's edge does not cut; all where those are few.

    Hair that the edge cuts would be smeared up to where it must come in.
    """
    whole = np.array([n for n, key in enumerate(head.keys) if not key.cut], np.intp)
    cut_anyway = head.keys[head.reference].cut or len(whole) < FEWEST
    return np.arange(len(head.keys)) if cut_anyway else whole


def _face_of(head: HeadModel, key: HeadKey, skull: Values) -> StillFace:
    """The actor's face at rest, placed as in the reference key."""
    points = np.asarray(key.landmarks[None], np.float64)
    pose = align_robustly(points, np.asarray(head.rest), skull)
    return StillFace(np.asarray(head.rest, np.float32), np.zeros_like(head.rest), pose)


def _canvas(key: HeadKey, height: int) -> Canvas:
    """The reference key's part of the plate, `height` lines high or as many as it has."""
    lines, columns = key.picture.shape[:2]
    scale = min(height / lines, 1.0)
    whole = Region(0, 0, round(columns * scale / 2) * 2, round(lines * scale / 2) * 2)
    canvas = Canvas(whole, key.scale * whole.height / lines)
    assert canvas.size == working_size((whole.height, whole.width), canvas.px)
    return canvas


def _scaled(key: HeadKey, px: float) -> tuple[Array, float]:
    """A key's picture at about `px` pixels per working pixel, float32, and its exact scale."""
    picture = np.asarray(key.picture, np.float32)
    lines, columns = picture.shape[:2]
    ratio = px / key.scale
    if abs(ratio - 1) < 0.02:
        return picture, key.scale
    size = max(8, round(columns * ratio)), max(8, round(lines * ratio))
    way = cv2.INTER_AREA if ratio < 1 else cv2.INTER_CUBIC
    scaled = cv2.resize(picture, size, interpolation=way)
    return np.asarray(scaled, np.float32), key.scale * size[1] / lines
