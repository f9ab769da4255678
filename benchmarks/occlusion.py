"""What stands before a face: how well it is found, and how often it is seen where nothing is.

    python -m benchmarks.occlusion [--json] [--clip NAME ...]

Occluder clips: real ones with labels drawn by hand (occluders/labels.json), and ones made here by
drawing a known thing over real faces, so that the truth is exact.  Clean stretches of
../shared/footage have nothing before the face.  Intersection over union (IoU) is of all pixels of
the lower face, over all frames of a clip.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from time import process_time

import click
import cv2
import numpy as np
from rich.console import Console
from rich.table import Table

from dubsync.core.colour import working_rgb
from dubsync.core.face import FaceTrack
from dubsync.core.holdout import Holdout, Mask
from dubsync.core.picture import Frame, whole
from dubsync.core.progress import silent
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine.geometry.sampling import rgb_frame
from dubsync.engine.occlusion.face_crop import crop_of
from dubsync.engine.occlusion.find_holdout import find_holdout
from dubsync.engine.track.tracker import FaceTracker
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate

SHARED = Path(__file__).parents[2] / "shared"
CASE = SHARED / "cases" / "picture-and-sound" / "08-something-before-the-mouth"
LABELS = Path(__file__).parent / "occluders" / "labels.json"
#: A clean frame is a false alarm from this share of the lower face.
FALSE_SHARE = 0.01
#: Hidden lips of which the mouth counts as unseen.
UNSEEN = 0.5
CLEAN = (
    ("katiehill_512_8s.mp4", 0, 75), ("woman_braids_720p_24s.mp4", 0, 75),
    ("andrew_a_25s.mov", 90, 165), ("man_black_sweater_1080x1920_20s.mp4", 0, 75),
    ("obama_address_30s.mov", 0, 75), ("newsman_512_71s.mp4", 0, 75),
    ("obama_whcd_podium_480p_5s.mp4", 0, 75), ("obama_rosegarden_cctv_720p.mp4", 0, 55),
    ("woman_bluewall_700_7s.mp4", 0, 75), ("woman_glasses_512_10s_silent.mp4", 0, 75),
    ("obama_2020_20s.mov", 0, 75), ("fr_man_suit_512_50s.mp4", 0, 75),
    ("vox2_i00098.mp4", 0, 75), ("vox2_p00067.mp4", 0, 75), ("grid_ans_man_fair.mpg", 0, 60),
)  # fmt: skip

#: Draws over an RGB picture (H, W, 3) of 8 bits, given the frame number; the picture and the truth.
Draw = Callable[[np.ndarray, int], tuple[np.ndarray, Mask]]  # type: ignore[type-arg]


@dataclass(frozen=True, slots=True)
class Clip:
    """A stretch of a clip, and what is drawn over it; None: nothing."""

    name: str
    file: str
    first: int
    stop: int
    draw: Draw | None = None

    def read(self, numbers: Sequence[int]) -> Iterator[Frame]:
        """The frames of the given numbers, counted from the file's first."""
        plate = probe_plate(SHARED / "footage" / self.file)
        start = plate.frames.start
        with open_plate(plate) as reader:
            for number, frame in zip(
                numbers, reader.read([n + start for n in numbers]), strict=True
            ):
                if self.draw is None:
                    yield Frame(number, frame.planes, frame.format)
                else:
                    yield rgb_frame(self.draw(_rgb(frame), number)[0], number)

    def truth(self, frame: Frame) -> Mask:
        """(H, W) what is in front in a frame of `read`."""
        size = (frame.format.height, frame.format.width)
        if self.draw is None:
            return _labelled(self.name, frame.number, size)
        return self.draw(np.zeros((*size, 3), np.uint8), frame.number)[1]


def _rgb(frame: Frame) -> np.ndarray:  # type: ignore[type-arg]
    return np.rint(np.clip(working_rgb(frame, whole(frame.format)), 0, 1) * 255).astype(np.uint8)


def _labelled(name: str, number: int, size: tuple[int, int]) -> Mask:
    mask = np.zeros(size, np.uint8)
    for shape in json.loads(LABELS.read_text())[name].get(str(number), []):
        cv2.fillPoly(mask, [np.array(shape, np.int32)], 1)
    return mask > 0


def labelled_frames(name: str) -> list[int]:
    """The frames of a real clip that have labels."""
    return [int(number) for number in json.loads(LABELS.read_text())[name]]


def _still(name: str, *, mirrored: bool = False, size: float = 1.0) -> np.ndarray:  # type: ignore[type-arg]
    picture = cv2.imread(str(CASE / name), cv2.IMREAD_UNCHANGED)
    picture = picture[:, ::-1] if mirrored else picture
    return cv2.resize(picture, None, fx=size, fy=size, interpolation=cv2.INTER_AREA)


def _laid(still: np.ndarray, place: Callable[[int], tuple[int, int]]) -> Draw:  # type: ignore[type-arg]
    """Draws a BGRA still with its top left corner at `place` of the frame's number."""

    def draw(picture: np.ndarray, number: int) -> tuple[np.ndarray, Mask]:  # type: ignore[type-arg]
        left, top = place(number)
        height, width = picture.shape[:2]
        layer = np.zeros((height, width, 4), np.float32)
        move = np.float32([[1, 0, left], [0, 1, top]])
        layer = cv2.warpAffine(still.astype(np.float32), move, (width, height))
        alpha = layer[..., 3:] / 255
        over = picture * (1 - alpha) + layer[..., 2::-1] * alpha
        return np.rint(over).astype(np.uint8), layer[..., 3] > 127

    return draw


def _rising(number: int) -> tuple[int, int]:
    """The hand of the case: in from frame 70, before the mouth from 80 to 100, and out."""
    n = number - 50 + 1
    moved = 0 if n < 20 else min(n - 20, 10) - max(n - 50, 0)
    return 170, 512 - 20 * max(moved, 0)


def _sideways(number: int) -> tuple[int, int]:
    """From the right to the mouth and back, in 75 frames."""
    n = number - 200
    return int(520 - 330 * np.clip(min(n - 8, 66 - n) / 16, 0, 1)), 300


def _cup(lift: Callable[[int], float], at: tuple[float, float], half: float) -> Draw:
    """A tapered cup with a shaded side and a band, lifted to the mouth."""

    def draw(picture: np.ndarray, number: int) -> tuple[np.ndarray, Mask]:  # type: ignore[type-arg]
        x, y = at[0], at[1] + lift(number)
        high = 2.4 * half
        low, narrow = y + high, 0.75 * half
        corners = [(x - half, y), (x + half, y), (x + narrow, low), (x - narrow, low)]
        mask = np.zeros(picture.shape[:2], np.uint8)
        cv2.fillPoly(mask, [np.rint(corners).astype(np.int32)], 255)
        soft = cv2.GaussianBlur(mask, (0, 0), 0.8)[..., None] / 255
        side = (np.arange(picture.shape[1]) - x) / half
        shade = (0.95 - 0.35 * side**2 + 0.2 * side)[None, :, None]
        colour = np.full(picture.shape, (52, 96, 140), np.float32) * shade
        band = np.abs(np.arange(picture.shape[0]) - y - 0.7 * high) < 0.12 * high
        colour[band] = np.array([225, 220, 210]) * shade[0]
        over = picture * (1 - soft) + np.clip(colour, 0, 255) * soft
        return np.rint(over).astype(np.uint8), mask > 127

    return draw


def _head(file: str, number: int, size: float, path: Callable[[int], tuple[float, float]]) -> Draw:
    """Another person's head, cut out as an ellipse, that passes in front."""
    plate = probe_plate(SHARED / "footage" / file)
    with open_plate(plate) as reader:
        frame = next(iter(reader.read([number + plate.frames.start])))
    (track,) = FaceTracker()([frame], FrameRange(frame.number, frame.number + 1, plate.frames.rate),
                             shot=file, progress=silent)[:1]  # fmt: skip
    points = track.landmarks[0, :468, :2]
    low, high = points.min(axis=0), points.max(axis=0)
    centre, half = (low + high) / 2, (high - low) / 2 * (1.15, 1.3)
    picture = cv2.cvtColor(_rgb(frame), cv2.COLOR_RGB2BGRA)
    picture[..., 3] = 0
    mask = np.zeros(picture.shape[:2], np.uint8)
    middle, axes = (np.rint(values).astype(int).tolist() for values in (centre, half))
    cv2.ellipse(mask, middle, axes, 0, 0, 360, 255, -1)
    picture[..., 3] = cv2.GaussianBlur(mask, (0, 0), 1)
    left, top, right, bottom = (int(v) for v in (*(centre - half - 3), *(centre + half + 3)))
    still = picture[max(top, 0) : bottom, max(left, 0) : right]
    scale = size / still.shape[0]
    still = cv2.resize(still, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return _laid(still, lambda n: tuple(int(v) for v in path(n)))  # type: ignore[arg-type,return-value]


def occluder_clips() -> list[Clip]:
    """The clips with something in front, real and drawn."""
    clips = [
        Clip("drawn hand", "katiehill_512_8s.mp4", 50, 125, _laid(_still("hand.png"), _rising)),
        Clip("drawn microphone", "katiehill_512_8s.mp4", 50, 125,
             _laid(_still("mic.png"), lambda n: (0, 0))),
        Clip("drawn hand, from the side", "newsman_512_71s.mp4", 200, 275,
             _laid(_still("hand.png", mirrored=True, size=0.8), _sideways)),
        Clip("drawn cup", "woman_braids_720p_24s.mp4", 100, 175,
             _cup(lambda n: 400 * (1 - np.clip(min(n - 110, 166 - n) / 18, 0, 1)), (640, 330), 70)),
        Clip("another head passes", "newsman_512_71s.mp4", 300, 375,
             _head("woman_glasses_512_10s_silent.mp4", 30, 420,
                   lambda n: (-420 + (n - 306) * 16, 90))),
    ]  # fmt: skip
    real = [Clip("whitehouse", "whitehouse_stage_cuts_10s.mp4", 88, 212)]
    return clips + [clip for clip in real if LABELS.exists()]


@dataclass(frozen=True, slots=True)
class Row:
    """One clip: IoU and recall of the lips over labelled frames; false alarms over clean ones."""

    clip: str
    frames: int
    iou: float | None
    lip_recall: float | None
    unseen: tuple[int, int, int]
    clean: int
    false_frames: int
    false_pixels: float
    ms: float


def measure(clip: Clip, *, clean: bool) -> Row:
    """Track the clip's largest face, find what is in front, and compare."""
    numbers = range(clip.first, clip.stop)
    span = FrameRange(clip.first, clip.stop, 25)
    tracks = FaceTracker()(clip.read(numbers), span, shot=clip.name, progress=silent)
    track = max(tracks, key=_size)
    began = process_time()
    holdout = find_holdout(track, clip.read, matte=None, origin="", shot=clip.name, progress=silent)
    ms = 1000 * (process_time() - began) / len(track.frames)
    return _row(clip, track, holdout, clean, ms)


def _size(track: FaceTrack) -> float:
    return float(np.ptp(track.landmarks[..., 1], axis=1).sum())


def _row(clip: Clip, track: FaceTrack, holdout: Holdout, clean: bool, ms: float) -> Row:
    both = either = lips = lips_seen = 0
    unseen, false, shares = [0, 0, 0], 0, []
    labelled = None if clean or clip.draw else labelled_frames(clip.name)
    for frame in clip.read(range(track.frames.start, track.frames.stop)):
        row = frame.number - track.frames.start
        if labelled is not None and frame.number not in labelled:
            continue
        crop = crop_of(track.landmarks[row])
        lower, mouth = (_on_plate(crop, part, frame) for part in (crop.lower_face, crop.lips))
        truth = np.zeros_like(lower) if clean else clip.truth(frame)
        found = holdout.mask(frame.number, whole(frame.format))
        found = np.zeros_like(lower) if found is None else found
        if not (truth & lower).any():
            share = float((found & lower).sum() / max(lower.sum(), 1))
            shares.append(share)
            false += share >= FALSE_SHARE
            continue
        both += int((truth & found & lower).sum())
        either += int(((truth | found) & lower).sum())
        lips += int((truth & mouth).sum())
        lips_seen += int((truth & found & mouth).sum())
        was = (truth & mouth).sum() > UNSEEN * mouth.sum()
        unseen[
            0 if was and holdout.mouth_hidden[row] else 1 if holdout.mouth_hidden[row] else 2
        ] += was or holdout.mouth_hidden[row]
    return Row(
        clip.name, len(track.frames), both / either if either else None,
        lips_seen / lips if lips else None, (int(unseen[0]), int(unseen[1]), int(unseen[2])),
        len(shares), int(false), float(np.mean(shares)) if shares else 0.0, ms,
    )  # fmt: skip


def _on_plate(crop: object, part: Mask, frame: Frame) -> Mask:
    result = np.zeros((frame.format.height, frame.format.width), bool)
    laid = crop.on_plate(part, frame.format)  # type: ignore[attr-defined]
    if laid is not None:
        result[laid[0].rows, laid[0].columns] = laid[1]
    return result


@click.command()
@click.option("--json", "as_json", is_flag=True)
@click.option("--clip", "names", multiple=True, help="Part of a clip's name; default: all.")
def main(as_json: bool, names: tuple[str, ...]) -> None:
    """Measure every clip and print a table."""
    clips = [(clip, False) for clip in occluder_clips()]
    clips += [(Clip(file.split(".")[0], file, first, stop), True) for file, first, stop in CLEAN]
    rows = []
    for clip, clean in clips:
        if not names or any(name in clip.name for name in names):
            rows.append(measure(clip, clean=clean))
            click.echo(f"{rows[-1]}", err=True)
    if as_json:
        click.echo(json.dumps([asdict(row) for row in rows], indent=1))
        return
    table = Table("clip", "frames", "IoU", "lip recall", "unseen tp/fp/fn", "clean", "false", "ms")
    for row in rows:
        shares = ("-" if value is None else f"{value:.2f}" for value in (row.iou, row.lip_recall))
        unseen = "/".join(map(str, row.unseen))
        counts = (str(row.clean), str(row.false_frames), f"{row.ms:.1f}")
        table.add_row(row.clip, str(row.frames), *shares, unseen, *counts)
    Console(width=120).print(table)
    clean = sum(row.clean for row in rows)
    click.echo(f"false alarms: {sum(row.false_frames for row in rows)} of {clean} clean frames")


if __name__ == "__main__":
    main()
