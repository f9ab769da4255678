"""A drawn face with eyes: skin, whites, irises with a catch-light, brows; on landmarks."""

import cv2
import numpy as np

from dubsync.engine.geometry.mesh import LEFT_EYE, LEFT_IRIS, RIGHT_EYE, RIGHT_IRIS
from dubsync.engine.track.landmarker import canonical_face

SKIN, WHITE, IRIS, GLINT = (0.7, 0.5, 0.4), (0.85, 0.82, 0.8), (0.25, 0.15, 0.1), (1.0, 1.0, 1.0)
UNIT = 100.0
SIZE = (330, 300)
EYES = ((RIGHT_EYE, RIGHT_IRIS), (LEFT_EYE, LEFT_IRIS))


def face(gaze=(0.0, 0.0), opening=1.0):
    """(478, 3) landmarks: the canonical face, irises offset by `gaze` eye widths, lids opened."""
    points = np.array(canonical_face().points, np.float64)
    eyes = points[[33, 133, 362, 263]].reshape(2, 2, 3).mean(axis=1)
    points = (points - points[[33, 263]].mean(axis=0)) / np.linalg.norm(eyes[0] - eyes[1]) * UNIT
    points[:, :2] += (SIZE[1] / 2, SIZE[0] * 0.4)
    for (ring, iris), ends in zip(EYES, ((33, 133), (362, 263)), strict=True):
        middle = points[list(ends)].mean(axis=0)
        points[ring, 1] = middle[1] + opening * 1.3 * (points[ring, 1] - middle[1])
        width = np.linalg.norm(points[ends[0]] - points[ends[1]])
        points[iris] = middle + np.array([gaze[0] * width, gaze[1] * width, 0])
        around = 0.2 * width * np.array([[1, 0, 0], [0, -1, 0], [-1, 0, 0], [0, 1, 0]])
        points[iris[1:]] += around
    return points


def drawn(points, glint=(-3.0, -4.0)):
    """(h, w, 3) the face of `points`; `glint`: the catch-light beside the iris's centre, pixels."""
    picture = np.full((*SIZE, 3), SKIN, np.float32)
    for ring, iris in EYES:
        eye = np.full((*SIZE, 3), WHITE, np.float32)
        centre = tuple(np.rint((points[iris[0], :2] - 0.5) * 16).astype(int).tolist())
        radius = float(np.linalg.norm(points[iris[1], :2] - points[iris[0], :2]))
        cv2.circle(eye, centre, round(radius * 16), IRIS, -1, cv2.LINE_AA, 4)
        spot = np.rint((points[iris[0], :2] + glint - 0.5) * 16).astype(int)
        cv2.circle(eye, tuple(spot.tolist()), round(2.6 * 16), GLINT, -1, cv2.LINE_AA, 4)
        area = np.zeros(SIZE, np.float32)
        cv2.fillPoly(area, [np.rint((points[ring, :2] - 0.5) * 16).astype(np.int32)], 1, shift=4)
        area = cv2.GaussianBlur(area, (0, 0), 0.6)[..., None]
        picture = picture * (1 - area) + eye * area
    return cv2.GaussianBlur(picture, (0, 0), 0.6)


def lid_area(points, eye=0, grown=0):
    """(h, w) whether a pixel lies between the lids of an eye, grown by some pixels."""
    area = np.zeros(SIZE, np.uint8)
    cv2.fillPoly(
        area, [np.rint((points[EYES[eye][0], :2] - 0.5) * 16).astype(np.int32)], 1, shift=4
    )
    if grown:
        area = cv2.dilate(area, np.ones((2 * grown + 1,) * 2))
    return area > 0


def dark_middle(picture, points, eye=0):
    """x of the middle of what is dark between the lids, eye widths from the corners' middle."""
    area = lid_area(points, eye)
    dark = area * np.clip(0.6 - picture.mean(axis=2), 0, None)
    x = (np.arange(SIZE[1]) + 0.5) @ dark.sum(axis=0) / dark.sum()
    ends = points[[33, 133] if eye == 0 else [362, 263], 0]
    return (x - ends.mean()) / abs(ends[1] - ends[0])
