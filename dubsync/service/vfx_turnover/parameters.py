"""Per-frame parameters of one character: controls, visemes, weights and head pose, as CSV and JSON.

One row a frame, in the order of the frames; empty (CSV) or null (JSON) where the face is not
tracked.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dubsync.core.face import MotionTrack
from dubsync.core.sound.phones import PHONES, VISEME_OF, VISEMES
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.controls import CONTROLS, MIX
from dubsync.core.tweak.tweak import Tweak
from dubsync.media.pixels.square import square_format
from dubsync.media.vfx.layer_file import frame_timecode
from dubsync.service.reel.pipeline import Part
from dubsync.service.reel.reel import Reel
from dubsync.service.vfx_turnover.shot_folder import ShotFolder

#: Columns of a head's pose, and what each is; `MotionTrack.head` with y up.
POSE = ("rx", "ry", "rz", "x", "y", "scale")

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Heard:
    """What the dub says in one frame: its likeliest phone, its viseme, and how likely that is."""

    phone: str
    viseme: str
    probability: float


def heard_visemes(
    reel: Reel, folder: ShotFolder, part: Part, shot_name: str
) -> Mapping[int, Heard]:
    """Plate frame -> what the dub of `part`'s character says in it, as the render has it."""
    shot = reel.shot(shot_name)
    sound = reel.audio_analysis.dub_sound(reel.stem(part.character, shot), shot)
    features = sound.features(part.tweak.spoken)
    numbers = range(folder.span.start, folder.span.stop)
    times = np.array([float(shot.record_seconds(frame)) for frame in numbers])
    places = np.rint(features.places(times)).astype(int)
    rows = features.phones[np.clip(places, 0, len(features.phones) - 1)]
    result = {}
    for frame, row in zip(numbers, rows, strict=True):
        best = int(np.argmax(row))
        result[frame] = Heard(PHONES[best], VISEMES[VISEME_OF[best]], float(row[best]))
    return result


def parameter_rows(
    folder: ShotFolder, parts: Sequence[Part], heard: Mapping[int, Heard]
) -> list[Row]:
    """A row for each frame of the shot.

    Args:
        parts: the tracks of one character in it.
    """
    height = square_format(folder.plate.format).height
    rows = {frame: _start(folder, frame, heard.get(frame)) for frame in _numbers(folder.span)}
    tweak = parts[0].tweak
    for name in CONTROLS:
        for frame, value in zip(rows, tweak.at(name, folder.span), strict=True):
            rows[frame][name] = round(float(value), 6)
    for frame, row in rows.items():
        row["viseme_by_hand"] = _by_hand(tweak, frame)
    for part in parts:
        plate, render = (_poses(one, height) for one in (part.original, part.corrected))
        for t, frame in enumerate(_numbers(part.track.frames)):
            if frame not in rows or part.track.confidence[t] <= 0:
                continue
            row = rows[frame]
            row["weight"] = round(float(part.performance.weight[t]), 6)
            row["confidence"] = round(float(part.track.confidence[t]), 6)
            row["source"] = _source(part, frame)
            row |= {f"plate_{n}": v for n, v in zip(POSE, plate[t], strict=True)}
            row |= {f"render_{n}": v for n, v in zip(POSE, render[t], strict=True)}
    return list(rows.values())


def as_csv(rows: Sequence[Row]) -> str:
    """The rows as CSV with a header."""
    text = io.StringIO(newline="")
    table = csv.DictWriter(text, list(rows[0]), lineterminator="\n")
    table.writeheader()
    table.writerows(rows)
    return text.getvalue()


def as_json(rows: Sequence[Row], facts: Mapping[str, Any]) -> str:
    """The rows as JSON, with what the columns mean."""
    controls = {
        name: {"default": known.default, "lowest": known.low, "highest": known.high,
               "unit": known.unit, "meaning": known.meaning}
        for name, known in CONTROLS.items()
    }  # fmt: skip
    body = {
        "schema": "dubsync.vfx_parameters/1", **facts,
        "pose": "rotation vector, degrees, and where the head's origin (between the eyes) is: "
                "square plate pixels, x right, y up, from the lower left corner; scale: pixels "
                "between the eyes",
        "mix": list(MIX), "visemes": list(VISEMES), "controls": controls, "frames": list(rows),
    }  # fmt: skip
    return json.dumps(body, indent=1, ensure_ascii=False) + "\n"


def upright(head: np.ndarray[Any, Any], height: float) -> np.ndarray[Any, np.dtype[np.float64]]:
    """`MotionTrack.head` (T, 7) with y up and z towards the viewer: half a turn about x.

    A rotation vector turns with its axes, so its y and z change sign.
    """
    turned = np.array(head, np.float64)
    turned[:, 1:3] *= -1
    turned[:, 4] = height - turned[:, 4]
    turned[:, 5] *= -1
    return turned


def _poses(motion: MotionTrack, height: float) -> list[list[float]]:
    head = upright(motion.head, height)
    head[:, :3] = np.degrees(head[:, :3])
    return [[round(float(v), 6) for v in row] for row in head[:, [0, 1, 2, 3, 4, 6]]]


def _start(folder: ShotFolder, frame: int, heard: Heard | None) -> Row:
    """A row with all of its columns, in order."""
    plate = folder.plate
    timecode = frame_timecode(frame, plate.frames.rate, plate.drop)
    row: Row = {
        "frame": folder.number(frame), "source_frame": frame,
        "timecode": "" if timecode is None else str(timecode),
        "weight": None, "confidence": None, "source": "",
        "phone": heard and heard.phone, "viseme": heard and heard.viseme,
        "viseme_probability": heard and round(heard.probability, 4), "viseme_by_hand": "",
    }  # fmt: skip
    row |= {f"{which}_{name}": None for which in ("plate", "render") for name in POSE}
    return row | dict.fromkeys(CONTROLS)


def _by_hand(tweak: Tweak, frame: int) -> str:
    shown = [key.viseme for key in tweak.visemes if key.first <= frame <= key.last]
    return shown[-1] if shown else ""


def _source(part: Part, frame: int) -> str:
    for stretch in part.performance.stretches:
        if stretch.first <= frame <= stretch.last:
            return stretch.source
    return "plate"


def _numbers(frames: FrameRange) -> range:
    return range(frames.start, frames.stop)
