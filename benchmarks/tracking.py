"""Tracking: is the face found, how steady is it, and what does it cost compared with the bare
model?

    python -m benchmarks.tracking [--json] [--frames N] [--clip NAME ...]

On the one-person talking clips of ../shared/footage.  The bare model is Face Landmarker's landmark
and expression networks on ready 256 px squares, run between the tracker's frames so that both are
measured under the same load.  Frames are decoded beforehand and not counted.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from fractions import Fraction
from itertools import islice
from pathlib import Path
from time import perf_counter

import click
import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from dubsync.core.errors import VariableRate
from dubsync.core.face import FaceTrack
from dubsync.core.picture import Frame
from dubsync.core.progress import silent
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine.geometry.mesh import LIPS, skull_weights
from dubsync.engine.geometry.sampling import rgb_frame, sample
from dubsync.engine.motion.fit import frontal
from dubsync.engine.track.landmarker import INPUT_PX, Landmarker, square_of
from dubsync.engine.track.tracker import FaceTracker
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate

SHARED = Path(__file__).parents[2] / "shared"
CLIPS = (
    "andrew_a_25s.mov", "andrew_b_27s.mov", "franck_4800frames_silent.mp4", "grid_bbaf2n.mpg",
    "grid_brbk7n.mpg", "grid_lbax4n.mpg", "grid_lbbc2a.mpg", "grid_lrwp9a.mpg",
    "grid_lwbsza.mpg", "katiehill_512_8s.mp4", "man_black_sweater_1080x1920_20s.mp4",
    "man_suit_700_6s.mp4", "obama_2020_20s.mov", "obama_address_30s.mov",
    "obama_eastroom_8s_silent.mp4", "obama_oval_20s.mov", "syncnet_example_offset3.avi",
    "woman_bluewall_700_7s.mp4", "woman_braids_720p_24s.mp4",
)  # fmt: skip
#: A clip is decoded this many frames at a time, so that memory stays small.
CHUNK = 50
LEAST_SHARE, MOST_RATIO = 0.99, 1.5


@dataclass(frozen=True, slots=True)
class Row:
    """One clip: share of frames with a face, runs, milliseconds a frame, jitter in % of the
    distance between the eyes (still part of skull and lips, head movement removed)."""

    clip: str
    frames: int
    share: float
    runs: int
    tracker_ms: float
    bare_ms: float
    ratio: float
    jitter_skull: float
    jitter_lips: float


class _Meter:
    """Feeds decoded frames to the tracker, and times the bare model between them."""

    def __init__(self, landmarker: Landmarker) -> None:
        self._landmarker = landmarker
        self.tracker_s = self.bare_s = self.ended = 0.0

    def given(self, frames: Iterator[Frame]) -> Iterator[Frame]:
        points = None
        for frame in _ahead(frames):
            if points is None:
                result = self._landmarker.find(frame)
                points = result[0].points if result else None
            if points is not None:
                picture = sample(frame, square_of(points), INPUT_PX)
                self.bare_s += self._bare(picture, points)
            began = perf_counter()
            yield frame
            self.tracker_s += perf_counter() - began
        self.ended = perf_counter()

    def _bare(self, picture: np.ndarray, points: np.ndarray) -> float:
        began = perf_counter()
        self._landmarker.run_bare(picture, points)
        return perf_counter() - began


def _ahead(frames: Iterator[Frame]) -> Iterator[Frame]:
    """Frames decoded CHUNK at a time; decoding is not timed."""
    chunk: list[Frame] = []
    for frame in frames:
        chunk.append(frame)
        if len(chunk) == CHUNK:
            yield from chunk
            chunk.clear()
    yield from chunk


def measure(path: Path, tracker: FaceTracker, most: int) -> Row:
    """The row of one clip, its first `most` frames (0: all)."""
    meter = _Meter(tracker.landmarker)
    with _opened(path) as (span, frames):
        if most and len(span) > most:
            span = FrameRange(span.start, span.start + most, span.rate)
        given = meter.given(islice(frames, len(span)))
        tracks = tracker(given, span, shot=path.stem, progress=silent)
        meter.tracker_s += perf_counter() - meter.ended
    seen = np.zeros(len(span), bool)
    for track in tracks:
        start = track.frames.start - span.start
        seen[start : start + len(track.frames)] |= track.confidence > 0
    tracker_ms = 1e3 * meter.tracker_s / len(span)
    bare_ms = 1e3 * meter.bare_s / len(span)
    skull, lips = jitter(max(tracks, key=lambda track: len(track.frames)))
    ratio = tracker_ms / bare_ms
    share = float(seen.mean())
    return Row(path.stem, len(span), share, len(tracks), tracker_ms, bare_ms, ratio, skull, lips)


@contextmanager
def _opened(path: Path) -> Iterator[tuple[FrameRange, Iterator[Frame]]]:
    """A clip's frames; one of variable rate, which a plate may not have, by cv2 in its order."""
    try:
        plate = probe_plate(path)
    except VariableRate:
        movie = cv2.VideoCapture(str(path))
        span = FrameRange(0, int(movie.get(cv2.CAP_PROP_FRAME_COUNT)), Fraction(25))
        yield span, _pictures(movie, span)
        return
    with open_plate(plate) as reader:
        yield plate.frames, reader.frames(plate.frames)


def _pictures(movie: cv2.VideoCapture, span: FrameRange) -> Iterator[Frame]:
    for number in range(span.start, span.stop):
        read, picture = movie.read()
        if not read:
            return
        yield rgb_frame(np.ascontiguousarray(picture[..., ::-1]), number)


def jitter(track: FaceTrack) -> tuple[float, float]:
    """Frame-to-frame jitter of skull and lips: median second difference over sqrt 6, in percent of
    the distance between the eyes, over the stiller half of the frames."""
    faces = frontal(track).astype(np.float64)
    if len(faces) < 8:
        return 0.0, 0.0
    second = np.linalg.norm((faces[2:] - 2 * faces[1:-1] + faces[:-2])[..., :2], axis=2) / 6**0.5
    moving = np.linalg.norm((faces[2:] - faces[:-2])[:, LIPS, :2], axis=2).mean(axis=1)
    still = second[moving <= np.median(moving)]
    skull = skull_weights(Landmarker().canonical) > 0.5
    return float(np.median(still[:, skull])) * 100, float(np.median(still[:, LIPS])) * 100


def dog(landmarker: Landmarker) -> int:
    """Faces found on the dog."""
    picture = cv2.imread(str(SHARED / "portraits" / "dog_negative.jpg"))
    if picture is None:
        raise click.ClickException(f"no {SHARED / 'portraits'} beside this checkout")
    return len(landmarker.find(rgb_frame(np.ascontiguousarray(picture[..., ::-1]))))


def table(rows: Sequence[Row]) -> Table:
    shown = Table(title="Tracking")
    for name in (
        "clip", "frames", "face %", "runs", "tracker ms", "bare ms", "ratio",
        "jitter skull %", "jitter lips %",
    ):  # fmt: skip
        shown.add_column(name, justify="left" if name == "clip" else "right")
    for row in rows:
        shown.add_row(
            row.clip, str(row.frames), f"{row.share:.1%}", str(row.runs), f"{row.tracker_ms:.2f}",
            f"{row.bare_ms:.2f}", f"{row.ratio:.2f}", f"{row.jitter_skull:.2f}",
            f"{row.jitter_lips:.2f}",
        )  # fmt: skip
    return shown


@click.command()
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of a table.")
@click.option("--frames", default=0, help="Only the first N frames of each clip.")
@click.option("--clip", "clips", multiple=True, help="Only clips whose name holds this.")
def main(as_json: bool, frames: int, clips: tuple[str, ...]) -> None:
    """Measure the tracker; exit 3 where a target is missed."""
    tracker = FaceTracker()
    names = [name for name in CLIPS if not clips or any(part in name for part in clips)]
    rows = [measure(SHARED / "footage" / name, tracker, frames) for name in names]
    dogs = dog(tracker.landmarker)
    overall = sum(r.tracker_ms * r.frames for r in rows) / sum(r.bare_ms * r.frames for r in rows)
    passed = dogs == 0 and overall <= MOST_RATIO and all(r.share >= LEAST_SHARE for r in rows)
    if as_json:
        result = {"clips": [asdict(row) for row in rows], "dog_faces": dogs, "ratio": overall}
        click.echo(json.dumps({**result, "passed": passed}))
    else:
        console = Console(width=120)
        console.print(table(rows))
        console.print(
            f"faces on the dog: {dogs}; tracker over bare model, all clips: {overall:.2f}"
        )
    raise SystemExit(0 if passed else 3)


if __name__ == "__main__":
    main()
