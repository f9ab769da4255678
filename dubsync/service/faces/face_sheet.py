"""faces.png: the people of the shots in question, numbered as `--face` takes them.

In a project of several languages each has its own, faces_TAG.png: they ask of different shots.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence

import cv2
import numpy as np

from dubsync.core.colour import working_rgb
from dubsync.core.errors import DubsyncError
from dubsync.core.picture import Frame
from dubsync.core.shot import Shot
from dubsync.media.pixels.display import shown_rgb
from dubsync.media.plate import open_square
from dubsync.media.stills.encode import png
from dubsync.qc.drawing import GROUND, INK, QUIET, RGB, box, line, wide, write
from dubsync.service.faces.cast import Casting
from dubsync.service.faces.people import Person
from dubsync.service.store.atomic_write import write_derived
from dubsync.service.store.folder import Store

_log = logging.getLogger(__name__)

#: Least and greatest height of a picture, width of the sheet, least width of a picture, pixels.
HEIGHT, TALLEST, WIDTH, LEAST = 360, 720, 1320, 160
HEAD, GAP, FOOT = 40, 12, 22
#: Colours of the numbered boxes, in turn.
COLOURS = ((255, 196, 0), (64, 200, 255), (255, 120, 160), (140, 230, 110))
#: Most shots on one sheet: the first questions are answered first.
MOST_SHOTS = 12


def write_face_sheet(store: Store, shots: Sequence[Shot], casting: Casting) -> None:
    """Write faces.png for the shots with a question; remove it where there is none.

    A plate that cannot be read is left out.  A folder that cannot be written gets no picture: the
    numbers in the question still answer it.
    """
    asked = [shot for shot in shots
             if any(w.blocking for w in casting.warnings.get(shot.name, ()))
             and casting.people.get(shot.name)]  # fmt: skip
    path = store.folder / store.layout.faces_picture
    try:
        if asked:
            write_derived(path, png(face_sheet(asked, casting)))
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        _log.info("%s is not removed: %s", path, error)


def face_sheet(shots: Sequence[Shot], casting: Casting) -> RGB:
    """The sheet (H, W, 3): for each shot its questions, and the frames that show its people."""
    bands = []
    for shot in shots[:MOST_SHOTS]:
        try:
            bands.append(_band(shot, casting))
        except DubsyncError as error:
            _log.warning("%s is left out of the picture of faces: %s", shot.name, error)
    if len(shots) > MOST_SHOTS:
        more: RGB = np.full((HEAD, WIDTH, 3), GROUND, np.uint8)
        write(more, f"and {len(shots) - MOST_SHOTS} more shots", (16, 26), QUIET, 16)
        bands.append(more)
    return np.concatenate(bands) if bands else np.full((HEAD, WIDTH, 3), GROUND, np.uint8)


def _band(shot: Shot, casting: Casting) -> RGB:
    """One shot: its questions, and below them its people's frames."""
    questions = [w.message for w in casting.warnings[shot.name] if w.blocking]
    pictures = _pictures(shot, casting)
    width = sum(picture.shape[1] + GAP for picture in pictures)
    tall = pictures[0].shape[0]
    height = tall if width <= WIDTH else int(tall * WIDTH / width)
    canvas: RGB = np.full((HEAD * len(questions) + height + FOOT + GAP, WIDTH, 3), GROUND, np.uint8)
    for n, question in enumerate(questions):
        write(canvas, f"{shot.name}: {question}", (16, HEAD * n + 27), INK, 19, 600)
    left, top = GAP, HEAD * len(questions)
    for picture in pictures:
        size = max(1, round(picture.shape[1] * height / picture.shape[0]))
        small = cv2.resize(picture, (size, height), interpolation=cv2.INTER_AREA)
        room = canvas[top : top + height, left : left + size]
        room[:] = small[:, : room.shape[1]]
        left += size + GAP
    return canvas


def _pictures(shot: Shot, casting: Casting) -> list[RGB]:
    """Frames that together show every person, each with their boxes and numbers.

    They are as high as the sheet has room for beside each other, HEIGHT to TALLEST.
    """
    people = casting.people[shot.name]
    frames: dict[int, list[Person]] = {}
    for person in people:
        at = person.spot[2]
        together = [n for n in frames if _seen_at(person, n)]
        frames.setdefault(together[0] if together else at, []).append(person)
    with open_square(shot.plate) as reader:
        read = list(reader.read(sorted(frames)))
    names = {person: casting.owner(person) for person in people}
    across = sum(float(f.format.width * f.format.pixel_aspect / f.format.height) for f in read)
    room = int((WIDTH - GAP * (len(read) + 1)) / across)
    height = min(max(room, HEIGHT), TALLEST)
    return [_numbered(frame, frames[frame.number], names, height) for frame in read]


def _seen_at(person: Person, number: int) -> bool:
    return any(number in track.frames and track.confidence[number - track.frames.start] > 0
               for track in person.tracks)  # fmt: skip


def _numbered(
    frame: Frame, people: Sequence[Person], names: Mapping[Person, str], height: int
) -> RGB:
    """The frame, `height` high, with a box, a number and the name of each person."""
    whole = shown_rgb(working_rgb(frame), frame.format)
    scale = height / whole.shape[0]
    size = (max(LEAST, round(whole.shape[1] * scale)), height)
    across = size[0] / whole.shape[1]
    picture: RGB = np.ascontiguousarray(
        np.round(cv2.resize(whole, size, interpolation=cv2.INTER_AREA) * 255), np.uint8
    )
    for person in people:
        track = next(t for t in person.tracks if frame.number in t.frames)
        xy = track.landmarks[frame.number - track.frames.start, :, :2] * (across, scale)
        colour = COLOURS[(person.number - 1) % len(COLOURS)]
        (left, top), (right, bottom) = xy.min(axis=0), xy.max(axis=0)
        corners = np.array([[left, top], [right, top], [right, bottom], [left, bottom]])
        line(picture, np.vstack([corners, corners[:1]]), colour, 2)
        label = f"{person.number}{' ' + names[person] if names[person] else ''}"
        x = int(np.clip(left, 0, max(size[0] - wide(label, 24) - 12, 0)))
        y = int(np.clip(top - 32, 0, height - 32))
        box(picture, x, y, min(x + wide(label, 24) + 12, size[0]), y + 32, colour)
        write(picture, label, (x + 6, y + 24), (0, 0, 0), 24, 700)
    write(picture, f"frame {frame.number}", (8, height - 10), INK, 14)
    return picture
