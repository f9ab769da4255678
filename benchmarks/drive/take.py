"""Take drive, across people.

A take of ../shared/takes drives the face of a clip of ../shared/footage; jaw and lip opening are
compared with the take's own, once as coefficients (motion) and once on the rendered frames,
composited and tracked again (render).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rich.table import Table

from dubsync.core.face import FaceTrack, Performance
from dubsync.core.picture import Frame
from dubsync.core.progress import silent
from dubsync.core.settings import EngineSettings
from dubsync.core.shot import Plate
from dubsync.core.steps import Engine, Footage, TakeCue
from dubsync.core.tweak.tweak import Tweak
from dubsync.engine import build
from dubsync.engine.actor import LearntActor, ours
from dubsync.engine.motion.basis import Basis, learn_basis
from dubsync.engine.motion.fit import channels, fit, frontal, mouth_shape
from dubsync.engine.motion.motion_range import JAW, OPENING, motion_range_of
from dubsync.engine.take.drive import drive_take, take_channels
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate

SHARED = Path(__file__).parents[3] / "shared"
TAKES = ("woman_lipsync_15s.mp4", "man_shout.mp4", "mead_happy.mp4", "woman_long_34s.mp4")
TARGETS = ("woman_braids_720p_24s.mp4", "andrew_a_25s.mov", "katiehill_512_8s.mp4")
SEARCH = 8  #: frames of lag either way

Values = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class TakeRow:
    """One take on one face: correlation and lag in frames of jaw and lip opening; `kept` is the
    fraction of the take's closed frames in which the lips meet."""

    take: str
    target: str
    stage: str
    frames: int
    jaw: float
    jaw_lag: int
    opening: float
    opening_lag: int
    kept: float | None


@cache
def _engine() -> Engine:
    return build(EngineSettings(crop_px=256, exemplars=200))


@cache
def _tracked(name: str) -> tuple[Plate, FaceTrack]:
    folder = "takes" if name in TAKES else "footage"
    plate = probe_plate(SHARED / folder / name)
    with open_plate(plate) as reader:
        tracks = _engine().track(
            reader.frames(plate.frames), plate.frames, shot=name, progress=silent
        )
    return plate, max(tracks, key=lambda track: len(track.frames))


def _read(plate: Plate) -> Iterator[Frame]:
    with open_plate(plate) as reader:
        yield from reader.frames(plate.frames)


@cache
def _actor(name: str) -> LearntActor:
    plate, track = _tracked(name)

    def read(numbers: Sequence[int]) -> Iterator[Frame]:
        with open_plate(plate) as reader:
            yield from reader.read(numbers)

    return ours(_engine().learn(name, [Footage(name, track, read)], progress=silent))


def take_rows(take: str, target: str, seconds: float, *, render: bool) -> Iterator[TakeRow]:
    """A take's mouth on the target: as motion, and as rendered and tracked again."""
    _, take_track = _tracked(take)
    plate, whole = _tracked(target)
    rate = float(plate.frames.rate)
    most = int(min(seconds, len(take_track.frames) / float(take_track.frames.rate)) * rate)
    basis = _actor(target).model if render else _basis(target)
    track = whole.part(0, min(most, len(whole.frames)))
    times = np.arange(len(track.frames)) / rate
    at = np.arange(len(take_track.frames)) / float(take_track.frames.rate)
    cue = TakeCue(take_track, at, (0.0, float(at[-1])))
    driven = drive_take(cue, times, basis, motion_range_of(basis, [fit(whole, basis).mouth]))
    theirs = take_channels(cue).stacked().astype(np.float64)
    wanted = np.stack([np.interp(times, at, column) for column in theirs.T], axis=1)
    mouth = driven.mouth.astype(np.float32)
    meant = channels(basis.rest + mouth_shape(mouth, basis)).stacked()
    yield _take_row(take, target, "motion", meant - _rest(basis), wanted, driven.sure)
    if render:
        again, seen = _rendered(plate, track, mouth, target)
        shown = channels(frontal(again, basis)).stacked() - _rest(basis)
        yield _take_row(take, target, "render", shown, wanted[: len(shown)], seen)


@cache
def _basis(target: str) -> Basis:
    return learn_basis([_tracked(target)[1]])


def _rest(basis: Basis) -> Values:
    return np.asarray(channels(basis.rest[None]).stacked(), np.float64)


def _rendered(
    plate: Plate, track: FaceTrack, mouth: NDArray[np.float32], target: str
) -> tuple[FaceTrack, NDArray[np.bool_]]:
    """The target with this mouth, drawn, composited and tracked again; and where it is seen."""
    engine, actor = _engine(), _actor(target)
    original = engine.fit(track, actor)
    weight = np.ones(len(mouth), np.float32)
    performance = Performance("take", original.basis, original.frames, mouth, weight)
    corrected = engine.retarget(original, performance, Tweak(ease=0))
    renderer = engine.prepare(actor, track, original, corrected, weight)

    def made() -> Iterator[Frame]:
        frames = (frame for frame in _read(plate) if frame.number in track.frames)
        while batch := list(islice(frames, 8)):
            for frame, patch in zip(batch, renderer(batch), strict=True):
                yield engine.composite(frame, [patch] if patch else []).frame

    tracks = engine.track(made(), track.frames, shot=target, progress=silent)
    again = max(tracks, key=lambda result: len(result.frames))
    return again, np.asarray(again.confidence) > 0


def _take_row(
    take: str, target: str, stage: str, shown: Values, wanted: Values, use: NDArray[np.bool_]
) -> TakeRow:
    jaw, jaw_lag = _likeness(shown[:, JAW], wanted[:, JAW], use)
    opening, opening_lag = _likeness(shown[:, OPENING], wanted[:, OPENING], use)
    shut = use & (wanted[:, OPENING] < 0.01)
    kept = float((shown[shut, OPENING] < 0.03).mean()) if shut.sum() > 2 else None
    take, target = Path(take).stem, Path(target).stem
    return TakeRow(take, target, stage, len(shown), jaw, jaw_lag, opening, opening_lag, kept)


def _likeness(shown: Values, wanted: Values, use: NDArray[np.bool_]) -> tuple[float, int]:
    """Correlation with no lag, and the lag in frames at which it is best (+: shown is late)."""
    scores = {}
    for lag in range(-SEARCH, SEARCH + 1):
        late, early = max(lag, 0), max(-lag, 0)
        both = use[late : len(use) - early] & use[early : len(use) - late]
        pair = shown[late : len(use) - early][both], wanted[early : len(use) - late][both]
        scores[lag] = float(np.corrcoef(*pair)[0, 1])
    return scores[0], max(scores, key=lambda lag: scores[lag])


def take_table(rows: Sequence[TakeRow]) -> Table:
    """Take drive, one row per pair and stage."""
    shown = Table(title="Take drive across people")
    names = ("take", "target", "stage", "frames", "jaw r", "lag", "opening r", "lag", "shut kept")
    for name in names:
        shown.add_column(name, justify="left" if name in names[:3] else "right")
    for row in rows:
        kept = "-" if row.kept is None else f"{row.kept:.0%}"
        shown.add_row(
            row.take, row.target, row.stage, str(row.frames), f"{row.jaw:.3f}", str(row.jaw_lag),
            f"{row.opening:.3f}", str(row.opening_lag), kept,
        )  # fmt: skip
    return shown
