"""`dubsync evaluate`: compares renderers on held-out frames."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np

from dubsync.core.errors import ConsentMissing, DeliveryError, EngineError, NoFace, SettingsError
from dubsync.core.picture import Frame
from dubsync.core.progress import Progress, Step, silent
from dubsync.core.settings import EngineSettings
from dubsync.core.steps import Actor, Engine, RendererName
from dubsync.media.probe import probe_plate
from dubsync.service.consent.given import allows
from dubsync.service.consent.live import watched
from dubsync.service.consent.records import LIP_REENACT, TRAIN_MODEL
from dubsync.service.evaluate.held_out import few, nearest, previous_second, square_of
from dubsync.service.evaluate.rendered_frames import RGB, Rendered
from dubsync.service.evaluate.trial import (
    REFERENCE,
    TRUTH,
    Trial,
    measure,
    place,
    tracked_again,
    write_strip,
)
from dubsync.service.plugins import build


@dataclass(frozen=True, slots=True)
class Way:
    """How one renderer is built.

    engine   builds an Engine that draws from what it learnt, never from the plate itself
    draws    the renderer that the engine draws with
    trained  whether its actor is trained first
    """

    engine: str
    draws: RendererName = "warp"
    trained: bool = False


#: In the order in which they are run: those of one engine share its actor.
RENDERERS = {
    "warp": Way("dubsync.engine:build_held_out"),
    "warp_refined": Way("dubsync.engine:build_held_out_refined"),
    "actor": Way("dubsync.engine:build_held_out_refined", "actor", trained=True),
    "unet": Way("dubsync.engine.baselines.inpainting:build_unet", trained=True),
}
#: What is evaluated for each --renderer, and the baselines that --baselines adds.
EVALUATED = {
    "warp": ("nearest", "warp"),
    "actor": ("nearest", "warp", "warp_refined", "actor"),
}
BASELINES = ("previous_second", "unet")
ORDER = ("previous_second", "nearest", "warp", "warp_refined", "unet", "actor")
STRIP = ("nearest", "warp", "unet", "actor")
#: Fewest frames to train on, before --frames reduces them, and to test on.
LEAST_FRAMES = 3


def evaluate(
    clip: Path,
    *,
    consent: Path | None,
    renderer: str = "warp",
    size: int = 256,
    split: float = 0.8,
    minutes: float = 5.0,
    baselines: bool = False,
    held_out: Path | None = None,
    frames: int = 0,
    judged: int = 0,
    out: Path,
    progress: Progress = silent,
    settings: EngineSettings | None = None,
) -> dict[str, Any]:
    """Train on the first `split` of the clip, render the rest again, and compare.

    The clip's face is cut out as a steady square, `size` pixels wide.  Every later frame is drawn
    to its own tracked landmarks, from earlier frames alone.  "nearest" is the baseline: the earlier
    frame with the nearest landmarks, turned and scaled but not bent.  All are measured in the same
    matte.  Landmark errors come from tracking the rendered frames again, over lips and
    jaw, in distances between the middles of the eyes.

    Args:
        consent: the record of the performer in the clip; for them a model is learnt and frames are
            drawn.  It is read again while that runs.
        renderer: "warp", or "actor", which is compared with the warp.
        minutes: training time of every renderer that is trained.
        baselines: also evaluate the previous second's plate, and a plain U-Net.
        held_out: another clip of the same face; train on all of `clip`, test on this one.
        frames: train on this many frames, spread evenly; 0: all.
        judged: test on at most this many frames, the first ones; 0: all.

    Returns:
        The JSON that docs/reference/json.md lists; `untrained` names renderers whose engine
        refused to train on so little, and that drew untrained.

    Raises:
        ConsentMissing: no record allows that, or it was withdrawn meanwhile; frames drawn until
            then are deleted.
        SettingsError: no such renderer, or a split that leaves too little to train or test on.
        DeliveryError: `out` holds something already, or cannot be written.
        NoFace: no face is seen.
    """
    names = _names(renderer, baselines)
    check = allows(consent, (LIP_REENACT, TRAIN_MODEL))
    _check_empty(out)
    settings = settings or EngineSettings()
    engine = _engine(REFERENCE, settings)
    progress = watched(progress, check)
    trial = _trial(clip, held_out, size, (split, frames, judged), engine, out, progress)
    try:
        costs = _render(trial, names, settings, minutes, check)
    except ConsentMissing:
        shutil.rmtree(out, ignore_errors=True)  # empty before: what is in it was drawn here
        raise
    costs |= _baselines(trial, names)
    clips = {"clip": str(clip), "held_out": str(held_out) if held_out else None}
    return {**clips, "minutes": minutes, **_compared(trial, names, costs, engine, out)}


def _compared(
    trial: Trial, names: Sequence[str], costs: Mapping[str, _Cost], engine: Engine, out: Path
) -> dict[str, Any]:
    """The figures of every renderer, and the strip of pictures."""
    write_strip(trial, [name for name in STRIP if name in names], out / "strip.png")
    truth = tracked_again(trial, TRUTH, engine)
    figures = {name: measure(trial, name, engine, truth) | costs[name].figures() for name in names}
    return {
        **_counts(trial),
        "untrained": {name: cost.untrained for name, cost in costs.items() if cost.untrained},
        "renderers": {name: _rounded(row) for name, row in figures.items()},
        "strip": str(out / "strip.png"),
        "frames_dir": str(trial.rendered.frames),
    }


@dataclass(frozen=True, slots=True)
class _Cost:
    """Seconds that a renderer took to train, and to draw `frames` frames.

    untrained  why training was refused; "" if it was not
    """

    training: float = 0.0
    drawing: float = 0.0
    frames: int = 0
    untrained: str = ""

    def figures(self) -> dict[str, float]:
        return {
            "train_seconds": self.training,
            "ms_per_frame": 1000 * self.drawing / max(self.frames, 1),
        }


def _names(renderer: str, baselines: bool) -> list[str]:
    """The renderers to evaluate, in the order of the table."""
    if renderer not in EVALUATED:
        raise SettingsError(
            f"unknown renderer {renderer!r}", hint="choose from: " + ", ".join(EVALUATED)
        )
    wanted = {*EVALUATED[renderer], *(BASELINES if baselines else ())}
    return [name for name in ORDER if name in wanted]


def _check_empty(folder: Path) -> None:
    if folder.exists() and any(folder.iterdir()):
        raise DeliveryError(f"{folder} is not empty", hint="choose another folder with -o")


def _engine(name: str, settings: EngineSettings) -> Engine:
    engine: Engine = build(RENDERERS[name].engine, settings)
    return engine


def _trial(
    clip: Path,
    held_out: Path | None,
    size: int,
    parts: tuple[float, int, int],
    engine: Engine,
    out: Path,
    progress: Progress,
) -> Trial:
    """The frames to train and to test on.

    Args:
        parts: split, frames and judged, as `evaluate` has them.
    """
    split, frames, judged = parts
    source = square_of(probe_plate(clip), engine, size, progress)
    total = len(source.track.frames)
    target, cut = source, round(total * split)
    first = cut
    if held_out is not None:
        target, cut, first = square_of(probe_plate(held_out), engine, size, progress), total, 0
    last = len(target.track.frames)
    last = min(last, first + judged) if judged else last
    if cut < LEAST_FRAMES or last - first < LEAST_FRAMES:
        raise SettingsError(
            f"{clip.name} shows a face in {total} frames: too few to split at {split}",
            hint="give a longer clip, or another --split",
        )
    train_track, test_track = source.track.part(0, cut), target.track.part(first, last)
    if not (test_track.confidence > 0).any():
        raise NoFace(f"no face is seen in the test frames of {clip.name}", hint="another --split")
    train_frames = len(train_track.frames)
    if frames:
        train_track = few(train_track, frames)
        train_frames = int((train_track.confidence > 0).sum())
    return Trial(
        clip.name, source, train_track, train_frames, target, test_track, Rendered(out), progress
    )


def _render(
    trial: Trial,
    names: Sequence[str],
    settings: EngineSettings,
    minutes: float,
    check: Callable[[], None],
) -> dict[str, _Cost]:
    """Render every renderer's frames, one engine after the other; their costs.

    Args:
        check: raises ConsentMissing if the performer may not be learnt or drawn; called before
            each renderer.
    """
    costs: dict[str, _Cost] = {}
    made = [name for name in RENDERERS if name in names]
    for _, group in groupby(made, key=lambda name: RENDERERS[name].engine):
        same = list(group)
        engine = _engine(same[0], settings)
        check()
        actor = engine.learn(trial.name, [trial.footage], progress=trial.called(same[0]))
        for name in same:
            check()
            cost = _Cost()
            if RENDERERS[name].trained:
                actor, cost = _train(trial, name, engine, actor, minutes)
            costs[name] = _draw(trial, name, engine, actor, cost)
    return costs


def _train(
    trial: Trial, name: str, engine: Engine, actor: Actor, minutes: float
) -> tuple[Actor, _Cost]:
    """The trained actor; or the untrained one, and why training was refused."""
    clock, tell = time.perf_counter(), trial.called(name)
    size = trial.source.size
    try:
        actor = engine.train(actor, minutes=minutes, size=size, kept=None, progress=tell)
    except EngineError as error:
        return actor, _Cost(untrained=str(error))
    return actor, _Cost(training=time.perf_counter() - clock)


def _draw(trial: Trial, name: str, engine: Engine, actor: Actor, cost: _Cost) -> _Cost:
    """Write one renderer's frames; `cost` with the drawing time added."""
    rendered, tell = trial.rendered, trial.called(name)
    clock = time.perf_counter()
    motion = engine.fit(trial.test_track, actor)
    weight = np.ones(len(trial.test_track.frames), np.float32)
    way: RendererName = "warp" if cost.untrained else RENDERERS[name].draws
    draw = engine.prepare(actor, trial.test_track, motion, motion, weight, renderer=way)
    seconds = time.perf_counter() - clock
    numbers = trial.numbers if name == REFERENCE else rendered.numbers(REFERENCE)
    for done, frame in enumerate(trial.target.read(numbers), start=1):
        clock = time.perf_counter()
        patch = draw([frame])[0]
        composed = engine.composite(frame, [patch] if patch else [])
        seconds += time.perf_counter() - clock
        # An untouched frame equals the truth and would flatter the renderer: it is left out.
        if patch is not None:
            rendered.keep(name, frame.number, _rgb(composed.frame), composed.matte)
            if name == REFERENCE:
                rendered.keep(TRUTH, frame.number, _rgb(frame))
        tell(Step("render", name, done, len(numbers)))
    if name == REFERENCE and not rendered.numbers(REFERENCE):
        raise NoFace(f"{trial.name}: no test frame could be drawn", hint="another --split")
    return replace(cost, drawing=seconds, frames=len(numbers))


def _baselines(trial: Trial, names: Sequence[str]) -> dict[str, _Cost]:
    """Write the frames of the baselines that only move a whole frame; their costs."""
    numbers = trial.rendered.numbers(REFERENCE)
    stills = {
        "nearest": nearest(trial.source, trial.train_track, trial.test_track, numbers),
        "previous_second": previous_second(trial.target, numbers),
    }
    costs = {}
    for name in (name for name in stills if name in names):
        clock = time.perf_counter()
        place(trial, name, stills[name])
        costs[name] = _Cost(drawing=time.perf_counter() - clock, frames=len(numbers))
    return costs


def _counts(trial: Trial) -> dict[str, int]:
    """Numbers of frames: in all, trained on, and tested on."""
    tested = len(trial.test_track.frames)
    other = tested if trial.target is not trial.source else 0
    return {
        "frames": len(trial.source.track.frames) + other,
        "train_frames": trial.train_frames,
        "test_frames": tested,
    }


def _rgb(frame: Frame) -> RGB:
    return np.stack([np.asarray(plane, np.uint8) for plane in frame.planes], axis=-1)


def _rounded(figures: dict[str, float]) -> dict[str, float | None]:
    """Figures for JSON: five decimals, null for what could not be measured."""
    return {
        key: value if isinstance(value, int) else round(value, 5) if np.isfinite(value) else None
        for key, value in figures.items()
    }
