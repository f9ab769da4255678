"""Things drawn before a face: hands, microphones, cups, bars, blobs, glass and other heads.

Every function takes the picture (N, N, 3), 0..1, and gives the new picture and the thing's matte.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from benchmarks.occluders.faces import Face
from dubsync.core.arrays import Array
from dubsync.engine.occlusion.occluder_net import NET_PX

N = NET_PX
YY, XX = np.mgrid[0:N, 0:N] + 0.5
Pasted = tuple[Array, Array]


class Paster:
    """Draws things at random places before faces.

    Args:
        random: the source of chance.
        faces: other faces, for textures and for heads that pass.
    """

    def __init__(self, random: np.random.Generator, faces: Sequence[Face]) -> None:
        self._random, self._faces = random, faces

    def paste(self, picture: Array) -> Pasted:
        """One thing, chosen by chance."""
        draw = self._random.choice(
            [self.hand, self.microphone, self.cup, self.bar, self.blob, self.head],
            p=[0.34, 0.26, 0.1, 0.06, 0.14, 0.1],
        )
        return draw(picture)

    def hand(self, picture: Array) -> Pasted:
        """Fingers and a palm of shaded capsules, mostly in this face's own skin."""
        r = self._random
        skin = self._skin(picture)
        tip, along = self._place(), self._direction()
        across = np.array([-along[1], along[0]])
        radius, count = r.uniform(3.2, 7.0), int(r.integers(1, 6))
        gap, fan = r.uniform(1.6, 2.4) * radius, r.uniform(-0.25, 0.25)
        wide = gap * (count - 1) / 2
        parts = []
        if count > 1:
            palm = tip + along * r.uniform(20, 40)
            parts.append((palm - across * wide * 0.8, palm + across * wide * 0.8, gap * 0.9))
            parts.append((palm, palm + along * 60, wide + radius))
        for n in r.permutation(count):
            off = n - (count - 1) / 2
            way = along + across * off * fan * 0.3
            base = (
                tip + across * off * gap + along * (abs(off) * r.uniform(0, 5) + r.uniform(-3, 5))
            )
            joint = base + way * r.uniform(11, 18) + across * r.normal(0, 2)
            parts += [(joint, base + way * r.uniform(28, 40), radius), (base, joint, 0.92 * radius)]
        return self._capsules(picture, parts, skin, shade=r.uniform(0.1, 0.45), grain=0.03)

    def microphone(self, picture: Array) -> Pasted:
        """A head of foam or wire, mostly dark, on a stick, sometimes with a highlight."""
        r = self._random
        at, along, radius = self._place(), self._direction(), r.uniform(6, 18)
        dark = np.full(3, r.uniform(0.01, 0.25)) + r.normal(0, 0.02, 3)
        colour = r.uniform(0, 1, 3) if r.random() < 0.15 else dark
        stick = np.full(3, r.uniform(0.03, 0.5))
        drawn, matte = self._capsules(
            picture, [(at + along * radius, at + along * 90, radius * r.uniform(0.25, 0.6))], stick
        )
        drawn, head = self._capsules(
            drawn, [(at, at + along * radius * r.uniform(0.1, 1.2), radius)], colour,
            grain=r.uniform(0.0, 0.1), light=r.uniform(0, 0.5),
        )  # fmt: skip
        return drawn, np.maximum(matte, head)

    def cup(self, picture: Array) -> Pasted:
        """A tapered vessel of one colour, tilted, with a band or a highlight."""
        r = self._random
        at, half, high = self._place(), r.uniform(9, 22), r.uniform(18, 45)
        taper, angle = r.uniform(0.65, 1.0), r.normal(0, 0.35)
        corners = np.array([[-half, 0], [half, 0], [half * taper, high], [-half * taper, high]])
        turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
        matte = _polygon(corners @ turn.T + at - (0, high * r.uniform(0, 0.6)))
        side = ((XX - at[0]) * np.cos(angle) + (YY - at[1]) * np.sin(angle)) / half
        light = 1 - r.uniform(0, 0.5) * side**2 + r.uniform(-0.4, 0.4) * side
        return _over(picture, matte, np.clip(r.uniform(0.02, 1, 3) * light[..., None], 0, 1))

    def bar(self, picture: Array) -> Pasted:
        """A straw, a pen, a string of hair or a cable."""
        r = self._random
        at, along = self._place(), self._direction()
        colour = r.uniform(0, 1, 3) if r.random() < 0.5 else np.full(3, r.uniform(0, 0.4))
        ends = (at - along * r.uniform(0, 60), at + along * 90)
        return self._capsules(picture, [(*ends, r.uniform(1.2, 5))], colour)

    def blob(self, picture: Array) -> Pasted:
        """A soft shape filled with some other texture, or with this face's own colour."""
        r = self._random
        angles = np.sort(r.uniform(0, 2 * np.pi, r.integers(5, 12)))
        reach = r.uniform(0.5, 1.2, len(angles)) * r.uniform(8, 30)
        shape = self._place() + np.stack([reach * np.cos(angles), reach * np.sin(angles)], axis=1)
        soft = cv2.GaussianBlur(_polygon(shape), (0, 0), r.uniform(1, 5))
        matte = np.asarray(np.clip((soft - 0.5) * 6 + 0.5, 0, 1), np.float32)
        texture = self.texture()
        if r.random() < 0.35:
            texture = texture / max(float(texture.mean()), 0.05) * self._skin(picture)
        return _over(self._shadowed(picture, matte), matte, np.clip(texture, 0, 1))

    def head(self, picture: Array) -> Pasted:
        """Another head or shoulder that passes, out of focus or not."""
        r = self._random
        other, points = self._faces[r.integers(len(self._faces))]
        low, high = points.min(axis=0), points.max(axis=0)
        centre, size = (low + high) / 2, (high - low) / 2 * (1.05, 1.25)
        round_ = (((XX - centre[0]) / size[0]) ** 2 + ((YY - centre[1]) / size[1]) ** 2) < 1
        scale, side = r.uniform(0.9, 1.7), r.choice([-1, 1])
        move = np.float32(
            [[scale, 0, N / 2 - scale * centre[0] + side * r.uniform(20, 60)],
             [0, scale, N / 2 - scale * centre[1] + r.uniform(-10, 35)]]
        )  # fmt: skip
        matte = cv2.warpAffine(round_.astype(np.float32), move, (N, N))
        drawn = cv2.warpAffine(other, move, (N, N), borderMode=cv2.BORDER_REPLICATE)
        if r.random() < 0.5:
            drawn = np.zeros_like(drawn) + r.uniform(0.02, 0.4) * r.uniform(0.7, 1, 3)  # hair
        soft = r.uniform(0.3, 3)
        drawn, matte = (cv2.GaussianBlur(x, (0, 0), soft) for x in (drawn, matte))
        return _over(
            picture, np.asarray(matte, np.float32), np.clip(drawn * r.uniform(0.6, 1.2), 0, 1)
        )

    def texture(self) -> Array:
        """(N, N, 3) a patch of some picture enlarged, or noise of some scale and colour."""
        r = self._random
        if r.random() < 0.5:
            picture = self._faces[r.integers(len(self._faces))][0]
            side = int(r.integers(10, 50))
            y, x = r.integers(0, N - side, 2)
            patch = cv2.resize(picture[y : y + side, x : x + side], (N, N))
            return np.asarray(np.rot90(patch, r.integers(4)) * r.uniform(0.5, 1.4), np.float32)
        noise = cv2.GaussianBlur(r.normal(0, 1, (N, N)), (0, 0), r.uniform(0.5, 12))
        noise *= r.uniform(0, 0.15) / (noise.std() + 1e-3)
        slope = (XX * r.normal() + YY * r.normal()) / N * r.uniform(0, 0.3)
        base = r.uniform(0, 1, 3) if r.random() < 0.6 else np.full(3, r.uniform(0.02, 0.4))
        return np.asarray(base + (noise + slope)[..., None], np.float32)

    def _skin(self, picture: Array) -> Array:
        r = self._random
        y, x = r.integers(28, 56), r.integers(30, 66)
        skin = np.median(picture[y - 3 : y + 3, x - 3 : x + 3].reshape(-1, 3), axis=0)
        if r.random() < 0.2:
            red = r.uniform(0.25, 0.95)
            skin = red * np.array([1, r.uniform(0.6, 0.85), r.uniform(0.42, 0.8)])
        return np.asarray(skin * r.uniform(0.7, 1.35) * r.uniform(0.94, 1.06, 3), np.float32)

    def _place(self) -> Array:
        """Before the mouth mostly, else on the face's outline."""
        r = self._random
        if r.random() < 0.6:
            return np.array([r.normal(48, 16), r.normal(66, 14)])
        angle = r.uniform(0, 2 * np.pi)
        return np.array([48 + 38 * np.cos(angle), 52 + 42 * np.sin(angle)])

    def _direction(self) -> Array:
        """From below mostly."""
        r = self._random
        angle = r.uniform(0, 2 * np.pi) if r.random() < 0.3 else r.uniform(0.15, np.pi - 0.15)
        return np.array([np.cos(angle), np.sin(angle)])

    def _shadowed(self, picture: Array, matte: Array) -> Array:
        r = self._random
        move = np.float32([[1, 0, r.uniform(-4, 4)], [0, 1, r.uniform(-4, 4)]])
        shadow = cv2.GaussianBlur(cv2.warpAffine(matte, move, (N, N)), (0, 0), r.uniform(1, 4))
        return np.asarray(picture * (1 - r.uniform(0, 0.5) * shadow[..., None]), np.float32)

    def _capsules(
        self, picture: Array, parts: Sequence[tuple[Array, Array, float]], colour: Array, *,
        shade: float = 0.3, grain: float = 0.0, light: float = 0.0,
    ) -> Pasted:  # fmt: skip
        r = self._random
        shapes = [_capsule(*part) for part in parts]
        whole = np.maximum.reduce([alpha for alpha, _, _ in shapes])
        drawn, lean = self._shadowed(picture, whole), r.uniform(-0.35, 0.35)
        noise = cv2.GaussianBlur(r.normal(0, 1, (N, N)), (0, 0), r.uniform(0.4, 1.2)) * grain
        for alpha, edge, side in shapes:
            bright = 1 - shade * edge**2.5 + lean * side
            spot = light * np.exp(-((edge - 0.2) ** 2 + (side - lean) ** 2) * 8)
            new = np.clip(colour * bright[..., None] + (noise + spot)[..., None], 0, 1)
            drawn = drawn * (1 - alpha[..., None]) + new * alpha[..., None]
        return np.asarray(drawn, np.float32), np.asarray(whole, np.float32)


def _capsule(a: Array, b: Array, radius: float) -> tuple[Array, Array, Array]:
    """(N, N) opacity, distance from the axis and side of it, in radii."""
    way = b - a
    length = max(float(way @ way), 1e-3)
    along = np.clip(((XX - a[0]) * way[0] + (YY - a[1]) * way[1]) / length, 0, 1)
    edge = np.hypot(XX - a[0] - along * way[0], YY - a[1] - along * way[1]) / radius
    side = ((XX - a[0]) * -way[1] + (YY - a[1]) * way[0]) / np.sqrt(length) / radius
    return np.clip((1 - edge) * radius + 0.5, 0, 1), np.clip(edge, 0, 1), np.clip(side, -1, 1)


def _polygon(shape: Array) -> Array:
    matte = np.zeros((2 * N, 2 * N), np.float32)
    cv2.fillPoly(matte, [np.rint(shape * 2).astype(np.int32)], 1.0)
    return np.asarray(cv2.resize(matte, (N, N), interpolation=cv2.INTER_AREA), np.float32)


def _over(picture: Array, matte: Array, new: Array) -> Pasted:
    drawn = picture * (1 - matte[..., None]) + new * matte[..., None]
    return np.asarray(drawn, np.float32), np.asarray(matte, np.float32)
