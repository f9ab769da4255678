"""One trial of renderers: the training frames, the test frames, and the measurements."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dubsync.core.arrays import Array
from dubsync.core.face import FaceTrack
from dubsync.core.progress import Progress, Step
from dubsync.core.steps import Engine, Footage
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.stills.encode import png
from dubsync.qc.likeness import Comparison, Likeness, landmark_error, mouth_region
from dubsync.service.evaluate.held_out import Square, picture_of, rgb_frame
from dubsync.service.evaluate.mouth_strip import spread, strip
from dubsync.service.evaluate.rendered_frames import Rendered
from dubsync.service.store.atomic_write import write_whole

#: Every renderer is measured in this one's mattes.
REFERENCE = "warp"
TRUTH = "truth"


@dataclass(frozen=True, slots=True, eq=False)
class Trial:
    """Training frames, test frames, and what was rendered.

    train_track   part of the track of `source` to train on
    train_frames  how many of its frames are trained on
    test_track    part of the track of `target` to test on
    rendered      the frames rendered so far
    """

    name: str
    source: Square
    train_track: FaceTrack
    train_frames: int
    target: Square
    test_track: FaceTrack
    rendered: Rendered
    progress: Progress

    @property
    def footage(self) -> Footage:
        """What engines learn from."""
        return Footage(self.name, self.train_track, self.source.read)

    @property
    def numbers(self) -> list[int]:
        """Numbers of the test frames that show the face."""
        return [
            self.test_track.frames.start + int(t)
            for t in np.flatnonzero(self.test_track.confidence > 0)
        ]

    def landmarks(self, number: int) -> Array:
        """(478, 3) landmarks of test frame `number`."""
        return np.asarray(
            self.test_track.landmarks[number - self.test_track.frames.start], np.float32
        )

    def called(self, name: str) -> Progress:
        """A Progress that names the renderer being worked on."""

        def tell(step: Step) -> None:
            self.progress(Step(step.name, name, step.done, step.total))

        return tell


def place(trial: Trial, name: str, pictures: Iterable[tuple[int, Array]]) -> None:
    """Write numbered `pictures`, composited on the truth in the reference's matte, as `name`'s."""
    rendered, tell = trial.rendered, trial.called(name)
    total = len(rendered.numbers(REFERENCE))
    for done, (number, placed) in enumerate(pictures, start=1):
        truth = picture_of(rendered.frame(TRUTH, number))
        matte = rendered.matte(REFERENCE, number)
        share = matte.astype(np.float32)[..., None] / 255
        mixed = np.rint((truth + share * (placed - truth)) * 255)
        rendered.keep(name, number, np.asarray(mixed, np.uint8), matte)
        tell(Step("render", name, done, total))


def measure(trial: Trial, name: str, engine: Engine, truth: FaceTrack | None) -> dict[str, float]:
    """Measure renderer `name`'s frames against the truth; NaN where that is impossible.

    Args:
        engine: tracks the rendered frames, and measures perceptual distance.
        truth: the face as tracked in the truth's frames (`tracked_again`).
    """
    again = tracked_again(trial, name, engine)
    landmarks = _points(trial, name, again)
    result = _compared(trial, name, engine.perceive, landmarks)
    there = _points(trial, TRUTH, truth)
    moved = [landmark_error(there[n], points) for n, points in landmarks.items() if n in there]
    apart = float("nan")
    if truth is not None and again is not None:
        apart = truth.apart(again)
    return {
        "psnr_matte_db": result.psnr_matte_db,
        "psnr_mouth_db": result.psnr_mouth_db,
        "ssim_matte": result.ssim_matte,
        "perceptual_distance": result.perceptual_distance,
        "sharpness_mouth": result.sharpness_mouth,
        "landmark_error_iod": result.landmark_error_iod,
        "landmark_error_again_iod": float(np.mean(moved)) if moved else float("nan"),
        "flicker_ratio": result.flicker_ratio,
        "seam": result.seam,
        "identity_distance": apart,
        "frames": result.frames,
    }


def tracked_again(trial: Trial, name: str, engine: Engine) -> FaceTrack | None:
    """The face tracked in a renderer's frames, counted from 0; None if no face is found."""
    numbers = trial.rendered.numbers(name)
    pictures = (rgb_frame(trial.rendered.rgb(name, n), at) for at, n in enumerate(numbers))
    span = FrameRange(0, len(numbers), trial.test_track.frames.rate)
    again = engine.track(pictures, span, shot=name, progress=trial.progress)
    return max(again, key=lambda track: float((track.confidence > 0).sum()), default=None)


def write_strip(trial: Trial, rows: list[str], path: Path) -> None:
    """The strip of the truth and of renderers `rows`, as a PNG at `path`."""
    rows = [TRUTH, *rows]
    common = set.intersection(*(set(trial.rendered.numbers(name)) for name in rows))
    shown = spread(sorted(common))
    landmarks = [trial.landmarks(number) for number in shown]
    write_whole(path, png(strip(trial.rendered, rows, shown, landmarks)))


def _points(trial: Trial, name: str, again: FaceTrack | None) -> dict[int, Array]:
    """Landmarks (478, 3) that `again` found in a renderer's frames, by frame number."""
    if again is None:
        return {}
    numbers = trial.rendered.numbers(name)
    return {
        numbers[again.frames.start + int(row)]: again.landmarks[row]
        for row in np.flatnonzero(again.confidence > 0)
    }


def _compared(
    trial: Trial,
    name: str,
    perceive: Callable[[Array, Array], float],
    result: Mapping[int, Array],
) -> Likeness:
    comparison, rendered, tell = Comparison(perceive), trial.rendered, trial.called(name)
    numbers = rendered.numbers(name)
    for done, number in enumerate(numbers, start=1):
        truth = picture_of(rendered.frame(TRUTH, number))
        made = picture_of(rendered.frame(name, number))
        points = trial.landmarks(number)
        mouth = mouth_region(points, truth.shape[1], truth.shape[0])
        matte, edge = (rendered.matte(one, number) for one in (REFERENCE, name))
        comparison.add(truth, made, matte, mouth, edge=edge)
        if number in result:
            comparison.add_landmarks(points, result[number])
        tell(Step("evaluate", name, done, len(numbers)))
    return comparison.result()
