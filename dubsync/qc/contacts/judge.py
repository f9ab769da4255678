"""Contacts of the mouth in the render: which the dub asks for, which are met, by how many ms late.

The tracker sees lips and chin, and neither teeth nor tongue.  So a contact is judged by what shows
of it: closed lips by the gap between them, f and v by the same gap, rounded lips by the distance of
the corners, s and z by the chin.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
import scipy
from numpy.typing import NDArray

from dubsync.core.contact import Contact, ContactKind
from dubsync.core.sound.audio import READING_RATE, AudioFeatures
from dubsync.core.sound.phones import LABIODENTAL, PHONES, ROUNDED
from dubsync.core.steps import frame_seconds
from dubsync.qc.mouth import EYE_CORNERS, Curve, MouthCurves, eye_distance
from dubsync.qc.sync import LIPS_MEET, RESTS_S, readings_near, spoken

#: Evidence from which the sound surely asks for a contact.  At .85 real lips meet in 86 % of the
#: places (392 peaks of 34 clips; from .5 in 69 %), so a mouth that stays open there is wrong.
SURE: Mapping[ContactKind, float] = {
    "closed lips": 0.85,
    "lip to teeth": 0.5,
    "rounded lips": 0.7,
    "teeth near": 0.7,
}
#: Milliseconds by which the picture may be early and late.  Source: EBU R 37 (2007): sound at most
#: 40 ms before the picture and 60 ms after it.
EARLY_MS, LATE_MS = 60.0, 40.0
PEAK = 9  #: readings: what is the greatest of so many is a peak
NEAR_S = 1.0  #: seconds beyond the frames in which peaks are looked for
SEARCH_MS = 150.0  #: a contact farther from its sound is another one
#: Share of this face's own range in speech up to which a contact counts: of the opening, of the
#: distance between the corners, of the chin.  Real mouths do so in 86, 75, 87 and 88 % of places.
SHARES: Mapping[ContactKind, float] = {
    "closed lips": 0.12,
    "lip to teeth": 0.45,
    "rounded lips": 0.6,
    "teeth near": 0.55,
}
#: The curve of MouthCurves that shows each.
_CURVE: Mapping[ContactKind, str] = {
    "closed lips": "opening",
    "lip to teeth": "opening",
    "rounded lips": "width",
    "teeth near": "jaw",
}
#: Eye distances: wider lips are open, whatever this face's range in speech; the second where the
#: tracker finds a gap in this face's shut lips too, which it does in some, up to SHUT_READS more
#: than the least that the plate shows.
MOST_SHUT, MOST_READ_SHUT, SHUT_READS = 0.05, 0.075, 0.02
HISSES = frozenset(PHONES.index(phone) for phone in ("s", "z", "ʃ", "ʒ", "ʧ", "ʤ"))
#: Eye distance in pixels below which the gap of lips that do not meet is under one pixel.
LEAST_EYES_PX = 32.0
#: Least share of the eye distance that the picture shows: 0.6 is a head turned by 53 degrees.
LEAST_FACING = 0.6
FEW = 12  #: frames in speech that give a range; with fewer, all frames do

#: Why a frame is not judged; the first: it is.
SEEN, SMALL, TURNED, HIDDEN = range(4)
WHY = ("", "the mouth is too small", "the face is turned away", "the mouth is covered or not found")


@dataclass(frozen=True, slots=True, eq=False)
class Shown:
    """The mouth that the picture shows over T frames, and this face's own range.

    render  its curves
    plate   the curves of the plate's own mouth, which give the range
    planned  (T,) the opening that it was to have; NaN where nothing was planned
    sight   (T,) SEEN, or why the mouth cannot be judged
    """

    render: MouthCurves
    plate: MouthCurves
    planned: Curve
    sight: NDArray[np.int64]


def sight_of(
    landmarks: NDArray[np.floating], seen: NDArray[np.bool_], found: NDArray[np.bool_]
) -> NDArray[np.int64]:
    """(T,) SEEN, SMALL, TURNED or HIDDEN, from landmarks (T, 478, 3) in pixels.

    Args:
        seen: (T,) where the plate shows the face and nothing covers its mouth.
        found: (T,) where the render's face was found again.
    """
    right, left = (landmarks[:, pair, :2].mean(axis=1) for pair in map(list, EYE_CORNERS))
    whole = np.maximum(eye_distance(landmarks), 1e-6)
    facing = np.linalg.norm(right - left, axis=-1) / whole
    result = np.full(len(landmarks), SEEN)
    result[facing < LEAST_FACING] = TURNED
    result[whole < LEAST_EYES_PX] = SMALL
    result[~(seen & found)] = HIDDEN
    return result


def contacts(
    shown: Shown, features: AudioFeatures, times: Curve, first: int, character: str = ""
) -> tuple[Contact, ...]:
    """Every contact that the dub surely asks for while the frames are shown, by time.

    Where the planned mouth closes briefly, the drive heard an m, b or p: that closure is asked for
    too.  A contact is met if the picture shows it within EBU R 37 of the sound.

    Args:
        features: the dub.
        times: (T,) seconds on the features' clock at which each frame is shown, the artist's slip
            taken out.
        first: number of frame 0.
    """
    found: list[Contact] = []
    half = frame_seconds(times) / 2
    for kind, least in SURE.items():
        talks = spoken(features, times)
        limit = _limit(kind, shown.plate, talks)
        touching = _within(getattr(shown.render, _CURVE[kind]), limit)
        asked = _asked(kind, features, times, least)
        if kind == "closed lips":
            asked = _with_planned(asked, _within(shown.planned, limit) & talks, times)
        for at in asked:
            near = np.abs(times - at)
            n = int(np.argmin(near))
            if near[n] > 2 * half:
                continue
            plain = Contact(kind, character, "", first + n, None)
            found.append(_judged(plain, touching, shown.sight, times - at, half))
    return tuple(sorted(found, key=lambda contact: (contact.frame, contact.kind)))


def evidence(kind: ContactKind, features: AudioFeatures, first: int, stop: int) -> Curve:
    """How surely the sound asks for a contact, 0..1, in readings `first` to `stop`."""
    if kind == "closed lips":
        return np.asarray(features.closure[first:stop], np.float64)
    phones = {"lip to teeth": LABIODENTAL, "rounded lips": ROUNDED, "teeth near": HISSES}[kind]
    part = np.asarray(features.phones[first:stop], np.float64)
    return np.asarray(part[:, sorted(phones)].sum(axis=1))


def _asked(kind: ContactKind, features: AudioFeatures, times: Curve, least: float) -> Curve:
    """Seconds of the peaks near `times` (T,), in speech, at which the evidence reaches `least`."""
    first, stop = readings_near(features, times, 2 * frame_seconds(times) + NEAR_S)
    while True:
        top = _peaks(kind, features, first, stop, least)
        more = first > 0 and top[0], stop < len(features.loudness) and top[-1]
        if not any(more):  # no peak goes on beyond what was looked at
            break
        first -= min(READING_RATE, first) if more[0] else 0
        stop = min(stop + (READING_RATE if more[1] else 0), len(features.loudness))
    edges = np.diff(np.concatenate([[0], top.astype(int), [0]]))
    middle = (np.flatnonzero(edges > 0) + np.flatnonzero(edges < 0) - 1) / 2
    return np.asarray(float(features.start) + (first + middle) / READING_RATE)


def _peaks(
    kind: ContactKind, features: AudioFeatures, first: int, stop: int, least: float
) -> NDArray[np.bool_]:
    """Which of those readings are peaks of the evidence in speech."""
    begin = max(first - PEAK // 2, 0)
    values = evidence(kind, features, begin, stop + PEAK // 2)
    top = (values >= least) & (values == scipy.ndimage.maximum_filter1d(values, PEAK))
    inner = top[first - begin :][: stop - first]
    return np.asarray(inner & (np.asarray(features.speech[first:stop]) > 0.3))


def _limit(kind: ContactKind, plate: MouthCurves, talks: NDArray[np.bool_]) -> float:
    """Up to where this face's curve counts as the contact; -inf where its range is not known."""
    own = getattr(plate, _CURVE[kind])
    use = np.isfinite(own) & talks
    known = own[use] if use.sum() >= FEW else own[np.isfinite(own)]
    if not len(known):
        return -np.inf
    low, high = np.percentile(known, [1, 95])
    limit = float(low + SHARES[kind] * (high - low))
    if kind != "closed lips":
        return limit
    # A plate that never closes its lips does not say how near closed lips are.
    least = float(np.percentile(own[np.isfinite(own)], 1)) + SHUT_READS
    most = max(MOST_SHUT, min(least, MOST_READ_SHUT))
    return float(np.clip(limit, LIPS_MEET, most))


def _within(curve: Curve, limit: float) -> NDArray[np.bool_]:
    return np.asarray(np.nan_to_num(curve, nan=np.inf) <= limit, bool)


def _with_planned(asked: Curve, shut: NDArray[np.bool_], times: Curve) -> Curve:
    """`asked` and the middles of the brief runs of `shut` (T,) that are not near one of them."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], shut.astype(int), [0]])))
    step, extra = frame_seconds(times), []
    for begin, end in edges.reshape(-1, 2):
        amid = begin > 0 and end < len(shut)
        middle = float(times[begin:end].mean())
        near = bool((np.abs(asked - middle) <= SEARCH_MS / 1000).any())
        if amid and (end - begin) * step <= RESTS_S and not near:
            extra.append(middle)
    return np.concatenate([asked, extra])


def _judged(
    contact: Contact,
    touching: NDArray[np.bool_],
    sight: NDArray[np.int64],
    away: Curve,
    half: float,
) -> Contact:
    """`contact` with what the picture shows of it.

    Args:
        away: (T,) seconds from the sound to each frame's middle; `half` a frame on either side.
    """
    here = np.flatnonzero((away >= -EARLY_MS / 1000 - half) & (away <= LATE_MS / 1000 + half))
    if not (sight[here] == SEEN).any():
        return replace(contact, why=WHY[int(sight[here].max())] if len(here) else WHY[HIDDEN])
    near = np.flatnonzero(touching & (sight == SEEN) & (np.abs(away) <= SEARCH_MS / 1000 + half))
    if not len(near):
        return replace(contact, met=False)
    late = 1000 * np.sign(away[near]) * np.maximum(np.abs(away[near]) - half, 0)
    ms = float(late[np.argmin(np.abs(late))]) + 0.0  # never -0.0
    return replace(contact, met=-EARLY_MS <= ms <= LATE_MS, ms=ms)
