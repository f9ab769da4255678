"""A marker of our own as a house would install one: 32 bits as cells round the lips.

It is for gray pictures: each bit makes a cell lighter or darker, turned over by the secret.
"""

import hashlib
import math

import numpy as np

from dubsync.core.picture import Frame
from dubsync.core.proof.marker import Marker, MarkFound
from dubsync.service.render.marked_frames import LIPS

#: Side of a cell in pixels; cells across and down; steps that a cell is lighter or darker.
CELL, ACROSS, DOWN, STEP = 2, 8, 4, 3
#: What tests set: samples beside the matte that this marker changes as well.
STRAY = [False]
#: What tests set: it reads only guesses, of this bound.
WEAK = [0.0]


def signs(secret):
    bits = np.unpackbits(np.frombuffer(hashlib.sha256(secret).digest()[:4], np.uint8))
    return bits.astype(int) * 2 - 1


def cells(landmarks):
    x, y = (int(v) for v in landmarks[list(LIPS), :2].mean(axis=0))
    for n in range(ACROSS * DOWN):
        left, top = x + (n % ACROSS - ACROSS // 2) * CELL, y + (n // ACROSS - DOWN // 2) * CELL
        yield slice(top, top + CELL), slice(left, left + CELL)


def mark(secret, payload):
    bits = np.array([payload >> 31 - n & 1 for n in range(32)]) * 2 - 1

    def put(frame, matte, faces):
        if not faces:
            return frame
        luma = frame.planes[0].astype(int)
        for landmarks in faces:
            for where, step in zip(cells(landmarks), STEP * bits * signs(secret), strict=True):
                luma[where] += np.where(matte[where] > 0, step, 0)
        if STRAY[0]:
            luma[0, 0] += 1
        planes = (luma.astype(frame.planes[0].dtype), *frame.planes[1:])
        return Frame(frame.number, planes, frame.format, frame.extra)

    return put


def read(frames, track, asked):
    total, first = np.zeros(32), None
    for n, frame in enumerate(frames):
        first = frame.number if first is None else first
        luma = np.asarray(frame.planes[0], float)
        means = np.array([luma[where].mean() for where in cells(track.landmarks[n])])
        if np.ptp(means) > STEP:
            total += (means - (means.max() + means.min()) / 2) * signs(asked.secret)
    if WEAK[0]:
        return (MarkFound(None, 4.0, WEAK[0], track.face, track.frames),) if asked.unsure else ()
    if not total.any():
        return ()
    payload = int("".join("1" if bit > 0 else "0" for bit in total), 2)
    return (MarkFound(payload, 9.0, 1e-12, track.face, track.frames, offset=first % 256),)


def clean(frame, landmarks):
    return np.asarray(frame.planes[0][:8, :8], np.float32)


def marker():
    return Marker("tiny-1", mark, read, math.prod, clean)
