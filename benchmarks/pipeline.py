"""The cost of a whole `sync`: time by stage against the bare work, and memory against length.

    python -m benchmarks.pipeline [--clip CLIP] [--frames N] [--json]

The bare work is decoding, the landmark model and lossless encoding of the same frames, measured in
the same run. A sync is its two passes, fit, drive, render, composite, three files written, and the
proof read back. Learning the actor is reported separately: it is done once for a reel.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from typing import Any

from benchmarks.record import record_in
from dubsync.core.progress import Step, silent
from dubsync.core.settings import DeliverySettings, Settings
from dubsync.core.shot import Cut, Event, Line, Plate, Shot, Stem, Turnover
from dubsync.core.timeline.timecode import FrameRange
from dubsync.media.movie.codecs import lossless
from dubsync.media.movie.write import MovieWriter
from dubsync.media.pixels.formats import frame_of
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate
from dubsync.media.sound.stem import probe_sound
from dubsync.service.consent.live import LiveConsent
from dubsync.service.reel.reel import Reel
from dubsync.service.render.sync import sync_shots
from dubsync.service.stems.audio_analysis import AudioAnalysisCache
from dubsync.service.store.folder import Store

SHARED = Path(__file__).parents[1].parent / "shared"
CLIP = SHARED / "footage" / "woman_braids_720p_24s.mp4"
LONG = SHARED / "footage" / "obama_address_30s.mov"
DUB = SHARED / "speech" / "en_musetalk.wav"


def reel_of(clip: Path, dub: Path, folder: Path, frames: int) -> Reel:
    """A reel whose only shot is the first `frames` of `clip`, dubbed with `dub`."""
    plate = probe_plate(clip)
    start, rate = plate.frames.start, plate.frames.rate
    span = FrameRange(start, start + min(frames, len(plate.frames)), rate)
    record = FrameRange(0, len(span), rate)
    event = Event("1", "SHOT", plate.name, plate.reel, "", record, span)
    sound = probe_sound(dub)
    stem = Stem("A", "und", str(dub), sound.sample_rate, sound.n_samples, Fraction(0))
    line = Line("A_L001", "A", "und", str(dub), record)
    shot = Shot("SHOT", event, plate, span, record, span, lines=(line,))
    consent = LiveConsent(record_in(folder))
    store = Store(folder)
    return Reel(
        Turnover(Cut("bench", str(clip), rate, False, (event,)), (shot,)), {"A": stem}, "und",
        {"A": "a"}, consent, Settings(delivery=DeliverySettings()), store,
        AudioAnalysisCache(store),
    )  # fmt: skip


def timed(work: Callable[[], object]) -> float:
    """Seconds that `work` takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def bare(reel: Reel, folder: Path) -> dict[str, float]:
    """Seconds of decoding, tracking by the bare model, and FFV1 encoding, each on its own."""
    shot = reel.turnover.shots[0]
    return {
        "decode": timed(lambda: _decode(shot.plate, shot.render)),
        "bare tracker": _bare_tracker(shot.plate, shot.render),
        "encode": _encode(shot.plate, shot.render, folder / "bare.mkv"),
    }


def _decode(plate: Plate, span: FrameRange) -> None:
    with open_plate(plate) as reader:
        for _ in reader.frames(span):
            pass


def _bare_tracker(plate: Plate, span: FrameRange) -> float:
    """The landmark model alone on every frame: no smoothing, no confirmation."""
    from dubsync.engine.track.landmarker import Landmarker, square_of

    model = Landmarker()
    spent, square = 0.0, None
    with open_plate(plate) as reader:
        for frame in reader.frames(span):
            began = time.perf_counter()
            if square is None:
                square = square_of(model.find(frame)[0].points)
            face = model.read(frame, square)
            square = square_of(face.points)
            spent += time.perf_counter() - began
    return spent


def _encode(plate: Plate, span: FrameRange, path: Path) -> float:
    writer = MovieWriter(path, lossless(plate.format, ".mkv"), plate.format, span, plate)
    spent = 0.0
    with open_plate(plate) as reader:
        for frame in reader.frames(span):
            began = time.perf_counter()
            writer.add(frame_of(frame.planes, frame.format))
            spent += time.perf_counter() - began
    return spent + timed(writer.close)


class Stages:
    """A Progress that adds up the seconds between calls, by stage."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}
        self._at = time.perf_counter()

    def __call__(self, step: Step) -> None:
        now = time.perf_counter()
        self.seconds[step.name] = self.seconds.get(step.name, 0.0) + now - self._at
        self._at = now


def cost(clip: Path, frames: int) -> dict[str, Any]:
    """Milliseconds per frame by stage, bare and as synced, and their ratio."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        reel = reel_of(clip, DUB, folder, frames)
        shot = reel.turnover.shots[0]
        n = len(shot.render)
        reel.engine  # noqa: B018  load torch outside the measurement
        plain = bare(reel, folder)
        looked = timed(lambda: reel.look(silent))
        learnt = timed(lambda: reel.look(silent).actors.actor("A", silent))
        planned = timed(lambda: reel.look(silent).plan(shot).driven(silent))
        stages = Stages()
        made = timed(lambda: list(sync_shots(reel, ["SHOT"], stages)))
        again = bare(reel, folder)
        plain = {k: (plain[k] + again[k]) / 2 for k in plain}  # both ends of a noisy machine
        table = {
            "look": looked, "plan": planned, "make": made,
        }  # fmt: skip
        whole, floor = looked + planned + made, sum(plain.values())
        return {
            "clip": clip.name, "frames": n, "ms_per_frame_bare": _per_frame(plain, n),
            "ms_per_frame_sync": _per_frame(table, n), "ms_per_frame_learn": 1000 * learnt / n,
            "stages_of_make": _per_frame(stages.seconds, n), "ratio": whole / floor,
        }  # fmt: skip


def _per_frame(seconds: dict[str, float], frames: int) -> dict[str, float]:
    return {name: round(1000 * value / frames, 2) for name, value in seconds.items()}


def memory(frames: int) -> float:
    """Peak resident MiB of a process that syncs `frames` of the long clip."""
    command = [sys.executable, "-m", "benchmarks.pipeline", "--peak", str(frames)]
    return float(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def peak(frames: int) -> float:
    """Sync here, and return this process's peak memory."""
    with tempfile.TemporaryDirectory() as name:
        reel = reel_of(LONG, DUB, Path(name), frames)
        (result,) = sync_shots(reel, ["SHOT"], silent)
        if result.status != "done":
            raise SystemExit(f"{result.status}: {result.reason}")
    status = Path("/proc/self/status").read_text()  # ru_maxrss would count our parent's memory too
    return int(status.split("VmHWM:")[1].split()[0]) / 1024


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--clip", type=Path, default=CLIP)
    options.add_argument("--frames", type=int, default=200)
    options.add_argument("--json", action="store_true")
    options.add_argument("--peak", type=int, help=argparse.SUPPRESS)
    arguments = options.parse_args()
    if arguments.peak:
        print(peak(arguments.peak))
        return
    figures = cost(arguments.clip, arguments.frames)
    short, long = memory(90), memory(900)
    figures |= {"peak_mib": {"90 frames": short, "900 frames": long}, "peak_ratio": long / short}
    print(json.dumps(figures) if arguments.json else json.dumps(figures, indent=1))


if __name__ == "__main__":
    main()
