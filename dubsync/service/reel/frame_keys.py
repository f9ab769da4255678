"""A key for each frame of a shot's picture, so that frames can be reused after a recut.

A render's key covers the whole shot.  A frame's key covers that frame only: its plate, the
drawn characters with their renderers, and the tweaks and the sound near it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from dubsync.core.digest import digest
from dubsync.core.documents import read_json
from dubsync.core.face import FaceTrack
from dubsync.core.shot import Line, Shot
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.choices import CHOICES
from dubsync.core.tweak.curve import EASE
from dubsync.core.tweak.spoken_track import SpokenTrack, track_plain
from dubsync.core.tweak.tweak import Tweak
from dubsync.service.reel.comp_by_hand import comp_in_shot
from dubsync.service.reel.dubbed_face import DubbedFace
from dubsync.service.reel.grain.plate_grain import grain_key
from dubsync.service.reel.inputs import ReelInputs
from dubsync.service.reel.render_key import mark_key, precision_key
from dubsync.service.store.atomic_write import write_whole
from dubsync.service.store.folder import Store

_log = logging.getLogger(__name__)

#: Seconds of sound to either side that a frame depends on: a mouth is held through 1.5 s.  Frames
#: of an artist's tweaks: smoothing reaches 12, a span's longest usual slope 3.
SOUND_S, TWEAK_FRAMES = Fraction(2), 16
#: Seconds beside a word by hand in which it has an effect: the sound's reach, and pauses that give.
WORD_S = float(SOUND_S) + 0.5
#: In widths of the face: one that moved further is another face.
MOVED = 0.35

#: (x, y, width) of a face in plate pixels; None where the character is not seen.
Place = tuple[float, float, float] | None


@dataclass(frozen=True, slots=True)
class FrameKeys:
    """A key for each frame of `frames`, and where each drawn character's face is in it."""

    frames: FrameRange
    keys: tuple[str, ...]
    faces: Mapping[str, tuple[Place, ...]]

    def agrees(self, other: FrameKeys, frame: int) -> bool:
        """Whether plate frame `frame` has the same key and the same faces in both."""
        if frame not in self.frames or frame not in other.frames:
            return False
        a, b = frame - self.frames.start, frame - other.frames.start
        if self.keys[a] != other.keys[b] or set(self.faces) != set(other.faces):
            return False
        return all(_near(self.faces[name][a], other.faces[name][b]) for name in self.faces)


def frame_keys(reel: ReelInputs, shot: Shot, faces: Sequence[DubbedFace]) -> FrameKeys:
    """The keys of every frame of `shot.render`."""
    by_name = sorted(faces, key=lambda face: face.character)
    drawn = [
        (face.character, face.pick.renderer,
         face.actor_key if face.trained is None else face.trained, face.speaking_style_key)
        for face in by_name
    ]  # fmt: skip
    engine = replace(reel.settings.engine, renderer="auto", train_minutes=0.0, batch=0)
    grain = grain_key(reel, shot)
    # In a ramp each frame has its own speed: if the ramp changes, all its frames do.
    pace = shot.time.keyframes if shot.speed is None else shot.speed / shot.record.rate
    matte = reel.in_front.matte_digest(shot)
    shut = reel.shut_in_pauses(face.character for face in faces)
    common = digest(
        "frame", reel.engine.version, engine, reel.settings.delivery, reel.language,
        reel.store.plate_digest(shot.plate), pace, drawn, *((matte,) if matte else ()),
        *((("shut in pauses", shut),) if shut else ()),
        *(key for plate in (shot.plate, *(t.plate for t in shot.takes))
          for key in plate.format.colour_key),
        *((("grain", grain),) if grain else ()), *mark_key(reel), *shot.plate.shown_key,
        *precision_key(reel),
    )  # fmt: skip
    sound = {
        face.character: reel.audio_analysis.frame_digests(face.stem, shot, SOUND_S)
        for face in by_name
    }
    tweaks = {
        character: _as_placed(reel, shot, tweak, [f for f in by_name if f.character == character])
        for character, tweak in reel.tweaks.get(shot.name, {}).items()
    }
    said = {
        face.character: _said_near(face.tweak.spoken, reel, shot, face)
        for face in by_name if face.tweak.spoken is not None
    }  # fmt: skip
    away = {face.character: face.off_screen for face in by_name if face.off_screen}
    takes = [(reel.store.file_digest(Path(take.path)), line)
             for take in shot.takes for line in shot.lines if line.name == take.line]  # fmt: skip
    keys = []
    for n, frame in enumerate(range(shot.render.start, shot.render.stop)):
        now = shot.record_seconds(frame)
        keys.append(
            digest(
                common, frame, [(character, digests[n]) for character, digests in sound.items()],
                [(character, changed) for character in sorted(tweaks)
                 if (changed := _tweak_near(tweaks[character], frame, shot))],
                *([[(character, told(frame)) for character, told in said.items()]] if said else []),
                [(character, near) for character, lines in away.items()
                 if (near := _near_lines(lines, now))],
                [(sha, near) for sha, line in takes if (near := _near_lines([line], now))],
            )[:32]
        )  # fmt: skip
    places = {face.character: _places(face.tracks, shot.render) for face in faces}
    return FrameKeys(shot.render, tuple(keys), places)


def _tweak_near(tweak: Tweak, frame: int, shot: Shot) -> list[object]:
    """The tweaks within TWEAK_FRAMES of `frame`; empty if there are none."""
    near = FrameRange(frame - TWEAK_FRAMES, frame + TWEAK_FRAMES + 1, shot.render.rate)
    curves = [(name, np.round(tweak.at(name, near), 9))
              for name, _ in tweak.curves if tweak.overrides(name, near)]  # fmt: skip
    shown = [(k.first - frame, k.last - frame, k.viseme) for k in tweak.visemes
             if k.first < near.stop and k.last >= near.start]  # fmt: skip
    touched = [(k.first - frame, k.last - frame, k.kind) for k in tweak.contacts
               if k.first < near.stop and k.last >= near.start]  # fmt: skip
    comped = [(k.first - frame, k.last - frame, k.source) for k in tweak.comp
              if k.first < near.stop and k.last >= near.start]  # fmt: skip
    cuts = [(np.round(one.at(frame), 3), one.soft)
            for one in tweak.cut_outs if one.applies(frame)]  # fmt: skip
    # The fit of a face looks at the whole track: mended landmarks change every frame of it.
    mended = [(k.frame, k.index, k.x, k.y, k.reach) for k in tweak.landmarks]
    chosen = [(name, getattr(tweak, name).at(near)) for name, usual in CHOICES.items()
              if set(getattr(tweak, name).at(near)) != {usual}]  # fmt: skip
    liked = [(key.scores, np.round(key.slope(near, tweak.ease), 9)) for key in tweak.likes
             if key.slope(near, tweak.ease).any()]  # fmt: skip
    changed = (curves or shown or touched or comped or cuts or mended or chosen or liked
               or tweak.ease != EASE)  # fmt: skip
    parts = [*touched, *comped, *cuts, *mended, *chosen, *liked]
    return [curves, shown, tweak.ease, *parts] if changed else []


def _said_near(
    track: SpokenTrack, reel: ReelInputs, shot: Shot, face: DubbedFace
) -> Callable[[int], list[object]]:
    """What of the words by hand has an effect on a frame, counted from it.

    Where a phone is not where its sound is, that sound may be from anywhere under the shot.
    """
    reach = WORD_S * float(shot.render.rate)
    window = reel.audio_analysis.window_digest(face.stem, shot)

    def near(frame: int) -> list[object]:
        words = track.near(frame - reach, frame + 1 + reach)
        away = any(phone.heard != (phone.first, phone.last) for phone in words.phones)
        return [track_plain(words.moved(-frame)), window if away else ""]

    return near


def _as_placed(reel: ReelInputs, shot: Shot, tweak: Tweak, faces: Sequence[DubbedFace]) -> Tweak:
    """`tweak` with the sources of words at the frames in which the words are heard now."""
    keys = [key for face in faces for key in comp_in_shot(reel.audio_analysis, shot, face).keys]
    return replace(tweak, comp=tuple(keys))


def _near_lines(lines: Sequence[Line], now: Fraction) -> list[tuple[Fraction, Fraction]]:
    """(start, end) in seconds from `now` of the lines that are heard within SOUND_S of it."""
    spans = [(Fraction(ln.record.start) / ln.record.rate - now,
              Fraction(ln.record.stop) / ln.record.rate - now) for ln in lines]  # fmt: skip
    return [span for span in spans if span[0] < SOUND_S and span[1] > -SOUND_S]


def _places(tracks: Sequence[FaceTrack], frames: FrameRange) -> tuple[Place, ...]:
    result: list[Place] = [None] * len(frames)
    for track in tracks:
        xy = np.asarray(track.landmarks)[..., :2]
        middles, widths = xy.mean(axis=1), np.ptp(xy[..., 0], axis=1)
        for n, frame in enumerate(range(track.frames.start, track.frames.stop)):
            if frame in frames and track.confidence[n] > 0:
                x, y = middles[n]
                place = (round(float(x), 2), round(float(y), 2), round(float(widths[n]), 2))
                result[frame - frames.start] = place
    return tuple(result)


def _near(a: Place, b: Place) -> bool:
    if a is None or b is None:
        return a is b
    return float(np.hypot(a[0] - b[0], a[1] - b[1])) <= MOVED * max(a[2], b[2])


# -- stored under the render's key ------------------------------------------------------------


def keep_keys(store: Store, render_key: str, keys: FrameKeys) -> None:
    """Store the frame keys of the render with that key."""
    frames = keys.frames
    body = {
        "frames": [frames.start, frames.stop, str(frames.rate)],
        "keys": keys.keys,
        "faces": keys.faces,
    }
    write_whole(_path(store, render_key), json.dumps(body))


def kept_keys(store: Store, render_key: str) -> FrameKeys | None:
    """The frame keys that `keep_keys` stored; None if there are none, or they are damaged."""
    path = _path(store, render_key)
    try:
        return _read(read_json(path))
    except FileNotFoundError:
        return None
    except (OSError, ValueError, KeyError, TypeError) as error:
        _log.warning("%s is damaged (%s): its frames are not reused", path, error)
        return None


def _read(body: Mapping[str, Any]) -> FrameKeys:
    start, stop, rate = body["frames"]
    faces = {
        str(character): tuple(None if place is None else (place[0], place[1], place[2])
                              for place in places)
        for character, places in body["faces"].items()
    }  # fmt: skip
    frames = FrameRange(int(start), int(stop), Fraction(rate))
    if any(len(values) != len(frames) for values in (body["keys"], *faces.values())):
        raise ValueError("keys or faces of another length than the frames")
    return FrameKeys(frames, tuple(map(str, body["keys"])), faces)


def _path(store: Store, render_key: str) -> Path:
    return store.derived / "frames" / f"{render_key}.json"
