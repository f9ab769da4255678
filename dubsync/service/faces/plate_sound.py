"""Compares a plate's own sound with its faces: A/V offset, who speaks, who is off screen."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dubsync.core.arrays import Array
from dubsync.core.digest import digest
from dubsync.core.face import FaceTrack, Performance, Stretch
from dubsync.core.shot import Line, ProjectWarning, Shot
from dubsync.core.sound.av_sync import Offset, Speaking
from dubsync.core.steps import Engine
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.by_hand import asked_by_hand, dub_at
from dubsync.core.tweak.tweak import Tweak
from dubsync.qc.mouth import mouth_curves
from dubsync.service.faces.face_tracks import FaceTrackCache
from dubsync.service.stems.audio_analysis import AudioAnalysisCache
from dubsync.service.store.folder import Arrays, Store

Flags = NDArray[np.bool_]

#: Mean probability of "nobody on screen speaks" from which a line counts as off screen.
OFF_SCREEN = 0.9
#: Lips whose opening deviates less than this, in eye distances, are at rest.
AT_REST = 0.012
LEAST_S = 0.4  #: of a line without another line over it, to decide by


class PlateSound:
    """Runs the engine's active-speaker detection on plates, and caches the results in `store`."""

    def __init__(
        self,
        store: Store,
        engine: Engine,
        audio_analysis: AudioAnalysisCache,
        face_tracks: FaceTrackCache,
    ) -> None:
        self._store, self._engine = store, engine
        self._audio_analysis, self._face_tracks = audio_analysis, face_tracks

    def speaking(self, shot: Shot, tracks: Sequence[FaceTrack]) -> Speaking | None:
        """Which of `tracks` (every face of the shot, in order) speaks; None for a silent plate."""
        heard = self._audio_analysis.plate_audio(shot.plate, shot.render)
        if heard is None:
            return None
        key = digest(
            "speaking", self._engine.version, self._face_tracks.key(shot.plate, shot.render),
            heard.features.mel, heard.features.speech, heard.features.phones, heard.features.states,
            heard.times, len(tracks),
        )  # fmt: skip

        def make() -> Arrays:
            return _arrays(self._engine.speaking(tracks, shot.render, heard))

        return _speaking(shot, self._store.arrays("speaking", key, make))


def surest(
    shots: Iterable[Shot], speaking: Mapping[str, Speaking | None]
) -> dict[str, Offset | None]:
    """Shot name -> its plate's A/V offset: the surest of that plate's shots; None if silent."""
    by_plate: dict[str, Offset] = {}
    shots = tuple(shots)
    for shot in shots:
        result = speaking.get(shot.name)
        best = by_plate.get(shot.plate.path)
        if result and (best is None or result.offset.confidence > best.confidence):
            by_plate[shot.plate.path] = result.offset
    return {shot.name: by_plate.get(shot.plate.path) for shot in shots}


def offset_row(offset: Offset | None) -> dict[str, Any]:
    """The A/V offset as `dubsync turnover --json` prints it; null for a plate without sound."""
    if offset is None:
        return {"sound_offset_ms": None, "sure": False, "note": "the plate is silent"}
    return {
        "sound_offset_ms": offset.milliseconds,
        "sure": offset.sure,
        "confidence": round(offset.confidence, 3),
        "note": offset.note,
    }


def lines_off_screen(
    shot: Shot, character: str, tracks: Sequence[FaceTrack], speaking: Speaking, offset: Offset
) -> tuple[Line, ...]:
    """Lines of `character` that nobody on screen speaks, by the plate's own sound.

    Only if that is certain: the plate's offset is sure, or the character's lips are at rest.

    Args:
        tracks: the character's face tracks.
        offset: the plate's A/V offset; see `surest`.
    """
    result = []
    for line, over in heard_in(shot, character):
        if over.sum() < LEAST_S * float(shot.render.rate):
            continue
        off_screen = float(np.mean(speaking.off_screen[over])) >= OFF_SCREEN
        if off_screen and (offset.sure or at_rest(shot, tracks, over)):
            result.append(line)
    return tuple(result)


def dub_share(shot: Shot, lines: Sequence[Line], frames: FrameRange) -> NDArray[np.float64]:
    """(T,) 0 in frames of the shot where only `lines`, spoken off screen, sound; else 1.

    It rises within three frames.
    """
    over = np.zeros(len(shot.render), bool)
    for line in lines:
        over |= frames_of(shot, line)
    for line in shot.lines:
        if line not in lines and lines and line.character == lines[0].character:
            over &= ~frames_of(shot, line)
    first = frames.start - shot.render.start
    away = over[first : first + len(frames)]
    kept = np.flatnonzero(~away)
    if not len(kept):
        return np.zeros(len(away))
    far = np.abs(np.arange(len(away))[:, None] - kept[None]).min(axis=1)
    return np.asarray(np.maximum(0.0, 1 - far / 3.0), np.float64)


def kept_off_screen(performance: Performance, shot: Shot, lines: Sequence[Line]) -> Performance:
    """`performance` with weight 0 where only `lines` sound; see `dub_share`."""
    share = dub_share(shot, lines, performance.frames)
    if (share == 1).all():
        return performance
    weight = np.asarray(performance.weight * share, np.float32)
    kept_stretches = tuple(where_weighed(performance.stretches, performance.frames.start, weight))
    return replace(performance, weight=weight, stretches=kept_stretches)


def driven_off_screen(tweak: Tweak, shot: Shot, lines: Sequence[Line], frames: FrameRange) -> Tweak:
    """`tweak` for a face of which a hand asks something under `lines`, spoken off screen.

    The dub alone is silent there: a look, a turn, an expression and a mouth by hand are shown.
    Where a hand asks nothing there it is `tweak` itself, and `kept_off_screen` does the rest.
    """
    share = dub_share(shot, lines, frames)
    if not (asked_by_hand(tweak, frames) & (share < 1)).any():
        return tweak
    return dub_at(tweak, frames, share)


def where_weighed(stretches: Iterable[Stretch], start: int, weight: Array) -> Iterator[Stretch]:
    """Stretches cut to frames that still have weight; those of the plate have none."""
    for stretch in stretches:
        if stretch.source == "plate":
            yield stretch
            continue
        frames = np.arange(stretch.first, stretch.last + 1)
        frames = frames[weight[frames - start] > 0]
        for run in np.split(frames, np.flatnonzero(np.diff(frames) > 1) + 1):
            if len(run):
                yield replace(stretch, first=int(run[0]), last=int(run[-1]))


def off_screen_warning(shot: Shot, character: str, lines: Sequence[Line]) -> ProjectWarning:
    """The warning that those lines are off screen."""
    names = ", ".join(line.called for line in lines)
    scripted = all(line.on_screen == "off" for line in lines)
    says = " as the script says" if scripted else ""
    return ProjectWarning(
        shot.name,
        f"{names}: spoken off screen{says}, so {character}'s mouth stays as filmed there",
        "if the face does speak them, "
        + ("write ON in the script" if scripted else "point at it: --face"),
    )


def heard_in(shot: Shot, character: str) -> list[tuple[Line, Flags]]:
    """Each line of `character`, and (T,) whether it alone sounds at each frame of `shot.render`."""
    others = [frames_of(shot, line) for line in shot.lines if line.character != character]
    busy = np.any(others, axis=0) if others else np.zeros(len(shot.render), bool)
    mine = [line for line in shot.lines if line.character == character]
    return [(line, frames_of(shot, line) & ~busy) for line in mine]


def frames_of(shot: Shot, line: Line) -> Flags:
    """(T,) whether `line` sounds at each frame of `shot.render`."""
    start, stop = (f / line.record.rate for f in (line.record.start, line.record.stop))
    at = (shot.record_seconds(f) for f in range(shot.render.start, shot.render.stop))
    return np.array([start <= second < stop for second in at], bool)


def at_rest(shot: Shot, tracks: Sequence[FaceTrack], over: Flags) -> bool:
    """Whether the lips of `tracks` rest in the frames `over` (T,) of `shot.render`."""
    for track in tracks:
        first = track.frames.start - shot.render.start
        here = over[first : first + len(track.frames)] & (np.asarray(track.confidence) > 0)
        if not here.any():
            continue
        opening = mouth_curves(np.asarray(track.landmarks), here).opening
        if float(np.nanstd(opening)) > AT_REST:
            return False
    return True


def _arrays(result: Speaking) -> dict[str, np.ndarray[Any, Any]]:
    offset = result.offset
    return {
        "faces": np.asarray(result.faces),
        "off_screen": np.asarray(result.off_screen),
        "lags": np.asarray(offset.lags),
        "scores": np.asarray(offset.scores),
        "offset": np.array([offset.seconds, offset.confidence, float(offset.sure)], np.float64),
        "note": np.frombuffer(offset.note.encode() or b" ", np.uint8).copy(),
    }


def _speaking(shot: Shot, kept: Arrays) -> Speaking:
    seconds, confidence, sure = (float(v) for v in kept["offset"])
    note = bytes(kept["note"]).decode().strip()
    offset = Offset(seconds, confidence, bool(sure), kept["lags"], kept["scores"], note)
    return Speaking(shot.render, kept["faces"], kept["off_screen"], offset)
