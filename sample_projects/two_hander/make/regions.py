"""Which landmarks belong to what, and masks made of them.

Indices are those of the canonical MediaPipe face mesh (478 points, the last ten the irises).
"""

from __future__ import annotations

from collections.abc import Collection

import cv2
import numpy as np


def _indices(text: str) -> frozenset[int]:
    """Landmark numbers written out in a row."""
    return frozenset(map(int, text.split()))


LIPS = _indices("""
    61 146 91 181 84 17 314 405 321 375 291 409 270 269 267 0 37 39 40 185 78 95 88 178 87 14 317
    402 318 324 308 415 310 311 312 13 82 81 80 191 76 62 306 292 183 42 41 38 12 268 271 272 407
    77 90 180 85 16 315 404 320 307 325 319 403 316 15 86 179 89 96 74 73 72 11 302 303 304 408 184
""")

LOWER_FACE = LIPS | _indices("""
    152 148 176 149 150 136 172 58 377 400 378 379 365 397 288 175 171 140 170 169 135 138 396 369
    395 394 364 367 199 208 32 211 210 214 192 428 262 431 430 434 416 200 201 194 204 202 212 216
    207 187 147 213 421 418 424 422 432 436 427 411 376 433 18 313 406 335 273 287 83 182 106 43 57
    164 167 165 92 186 393 391 322 410 2 97 326
""")

PASTED = LOWER_FACE - {2, 97, 326, 164, 167, 393, 391, 165}
"""What a speaking frame takes from its own picture: below the nose, so that the nose stays."""

EYES = _indices("""
    33 7 163 144 145 153 154 155 133 173 157 158 159 160 161 246 263 249 390 373 374 380 381 382
    362 398 384 385 386 387 388 466
""")

LIDS = (
    (27, 28, 29, 30, 56, 190, 247, 130, 25, 110, 24, 23, 22, 26, 112, 243, 33, 133),
    (257, 259, 260, 258, 286, 414, 467, 359, 255, 339, 254, 253, 252, 256, 341, 463, 263, 362),
)
"""Right and left eye with their lids; the brows stay out, or they would jump with each blink."""

EYE_OPENINGS = (
    (33, 7, 163, 144, 145, 153, 154, 155, 133, 173, 157, 158, 159, 160, 161, 246),
    (263, 249, 390, 373, 374, 380, 381, 382, 362, 398, 384, 385, 386, 387, 388, 466),
)

IRISES = (468, 473)
"""Centres of the right and the left iris."""


def hull_mask(
    points: np.ndarray, indices: Collection[int], size: int, grow: int, feather: float
) -> np.ndarray:
    """Feathered hull of landmarks: [size, size] float32, 0 to 1; grow and feather in pixels."""
    mask = np.zeros((size, size), np.uint8)
    corners = (points[sorted(indices), :2] * size).astype(np.int32)
    cv2.fillConvexPoly(mask, cv2.convexHull(corners), 255)
    if grow > 1:
        mask = cv2.dilate(mask, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (grow, grow)))
    return (cv2.GaussianBlur(mask, (0, 0), feather) / 255).astype(np.float32)


def eye_mask(points: np.ndarray, size: int) -> np.ndarray:
    """Soft discs round both eyes: [size, size] float32, 0 to 1."""
    mask = np.zeros((size, size), np.uint8)
    unit = float(np.linalg.norm(points[33, :2] - points[263, :2])) * size
    for corners in ((33, 133), (263, 362)):
        centre = (points[list(corners), :2] * size).mean(0)
        cv2.circle(mask, (int(centre[0]), int(centre[1])), int(0.24 * unit), 255, -1)
    return (cv2.GaussianBlur(mask, (0, 0), 6) / 255).astype(np.float32)
