"""The viewer: how fast it scrubs and fills, what it drops, and how far sound and picture drift.

    python -m benchmarks.desk --part playback [--seconds 60] [--scale 1] [--json]

A synthetic 1080p plate (H.264) with a render of it (the same size, ProRes) in a real window, shown
as a wipe: two pictures a frame.  Painting is Qt's own, into memory ("offscreen").  Sound goes into
a stand-in for a sound card with a clock of its own, 200 ppm fast, and 40 ms of latency, so that
every sample's time at the ear is known; no real card is heard.  CPU time is given too: it does not
count what other programs take.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import tempfile
import threading
import time
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import numpy as np

FILM = Fraction(24000, 1001)
FRAMES, SIZE, SEED = 120, (1920, 1080), 16
WINDOW = (922, 500)  #: of the viewer in a desk of 1440 x 900
PPM, LATENCY_S, BLOCK = 200, 0.04, 512


def write_movie(path: Path, codec: str, pixel: str) -> Path:
    """A soft picture that moves, with grain, so that it costs what a plate costs."""
    seed = np.random.default_rng(SEED)
    wide = np.linspace(0, 6, SIZE[0])[None, :, None] + np.arange(3) / 2
    high = np.linspace(0, 4, SIZE[1])[:, None, None]
    grain = seed.normal(0, 4, (*SIZE[::-1], 1))
    picture = np.clip(120 + 90 * np.sin(wide) * np.cos(high) + grain, 0, 255).astype(np.uint8)
    with av.open(str(path), "w") as out:
        stream = out.add_stream(codec, rate=FILM)
        stream.width, stream.height, stream.pix_fmt = *SIZE, pixel
        stream.codec_context.time_base = 1 / FILM
        stream.codec_context.bit_rate = 40_000_000
        for n in range(FRAMES):
            frame = av.VideoFrame.from_ndarray(np.roll(picture, 6 * n, 1), format="rgb24")
            frame = frame.reformat(format=pixel)
            frame.pts, frame.time_base = n, 1 / FILM
            out.mux(stream.encode(frame))
        out.mux(stream.encode(None))
    return path


class StandIn:
    """A sound card that is heard by nobody: `ear(now)` is the record time that it plays."""

    def __init__(self) -> None:
        self.out: Any = None
        self._stop = threading.Event()
        self._thread: threading.Thread | None = None
        self.began, self.rate = 0.0, 48000 * (1 + PPM * 1e-6)

    def __call__(self, fill: Any, rate: int) -> StandIn:
        self._fill = fill
        return self

    def start(self) -> None:
        self._stop.clear()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None

    def close(self) -> None:
        self.stop()

    def heard(self, now: float) -> float:
        """Seconds of the round that were heard by `now`."""
        return (now - self.began - LATENCY_S) * self.rate / 48000

    def _run(self) -> None:
        self.began, n = time.monotonic(), 0
        while not self._stop.is_set():
            due = self.began + n / self.rate
            time.sleep(max(due - time.monotonic(), 0))
            self._fill(np.zeros(BLOCK, np.float32), max(due + LATENCY_S - time.monotonic(), 0))
            n += BLOCK


def open_viewer(folder: Path, card: StandIn) -> Any:
    """A window with a viewer on the synthetic shot."""
    from PyQt5.QtWidgets import QMainWindow

    from dubsync.core.shot import Event, Shot
    from dubsync.core.timeline.timecode import FrameRange
    from dubsync.desk.session.session import Session
    from dubsync.desk.shell.make_actions import make_actions
    from dubsync.desk.viewer import shot_pictures
    from dubsync.desk.viewer.viewer_panel import ViewerPanel
    from dubsync.media.probe import probe_plate
    from dubsync.service.overview import ReelOverview, ShotRow
    from dubsync.service.proxies.sources import PictureSource
    from dubsync.service.stems.conform_stems import IN_PLACE

    plate = probe_plate(write_movie(folder / "plate.mov", "libx264", "yuv420p"))
    render = probe_plate(write_movie(folder / "render.mov", "prores_ks", "yuv422p10le"))
    record = FrameRange(86400, 86400 + FRAMES, FILM)
    event = Event("1", "SH010", "plate.mov", "", "", record, plate.frames)
    shot = Shot("SH010", event, plate, plate.frames, record, plate.frames)
    source = PictureSource("v001", render, render.frames.start - plate.frames.start)
    shot_pictures.version_names = lambda store, of: ("v001",)  # type: ignore[assignment]
    shot_pictures.version_sources = lambda store, of, name: (source, None)  # type: ignore[assignment]
    session = Session()
    session.project = SimpleNamespace(  # type: ignore[assignment]
        store=None, intake=SimpleNamespace(stems={}, conform=IN_PLACE)
    )
    row = ShotRow("SH010", "001", shot, event, version="v001")
    session.overview = ReelOverview("reel", "it", ("it",), FILM, False, (row,))
    window = QMainWindow()
    panel = ViewerPanel(session, make_actions(window), window, open_card=card)
    window.setCentralWidget(panel)
    window.resize(*WINDOW)
    window.show()
    panel.show_look("wipe")
    session.show_shot("SH010")
    window.panel, window.session = panel, session
    return window


def spin(application: Any, until: Any, most: float = 120.0) -> float:
    """Run the event loop until it is true; the seconds that took."""
    began = time.perf_counter()
    while not until():
        application.processEvents()
        time.sleep(0.001)
        if time.perf_counter() - began > most:
            raise SystemExit("the viewer did not answer")
    return time.perf_counter() - began


def filled(application: Any, panel: Any) -> dict[str, float]:
    """How fast the memory fills: two pictures a frame, decoded and scaled."""
    cpu = time.process_time()
    seconds = spin(application, lambda: np.size(held := panel.stage.held_frames())
                   and held.all())  # fmt: skip
    cpu = time.process_time() - cpu
    return {"frames": FRAMES, "frames_per_second": round(FRAMES / seconds, 1),
            "cpu_ms_per_frame": round(1000 * cpu / FRAMES, 1)}  # fmt: skip


def scrubbed(application: Any, panel: Any, count: int = 300) -> dict[str, float]:
    """From a hand's move to the painted picture, cache warm, frames at random."""
    seed = random.Random(SEED)
    taken, cpu = [], time.process_time()
    for _ in range(count):
        began = time.perf_counter()
        panel.seek(86400 + seed.randrange(FRAMES))
        panel.view.repaint()
        application.processEvents()
        taken.append(1000 * (time.perf_counter() - began))
    cpu = time.process_time() - cpu
    return {"moves": count, "frames_per_second": round(1000 * count / sum(taken), 1),
            "median_ms": round(float(np.median(taken)), 1),
            "p95_ms": round(float(np.percentile(taken, 95)), 1),
            "cpu_ms": round(1000 * cpu / count, 1)}  # fmt: skip


def played(application: Any, panel: Any, card: StandIn, seconds: float) -> dict[str, Any]:
    """Real time play: dropped frames, stalls of the Qt thread, and sound against picture."""
    from PyQt5.QtCore import QTimer

    beats: list[float] = []
    beat = QTimer(interval=5)
    beat.timeout.connect(lambda: beats.append(time.perf_counter()))
    painted: list[tuple[float, int]] = []
    paint = panel.view.paintEvent

    def and_note(event: Any) -> None:
        paint(event)
        painted.append((time.monotonic(), panel.stage.record))

    panel.view.paintEvent = and_note
    panel.seek(86400)
    application.processEvents()
    painted.clear()
    cpu = time.process_time()
    panel.playback.play(1)
    beat.start()
    began = time.perf_counter()
    application_until = began + seconds
    spin(application, lambda: time.perf_counter() > application_until, seconds + 60)
    cpu = time.process_time() - cpu
    beat.stop()
    dropped = panel.playback.dropped
    panel.playback.stop()
    first = [frame for n, frame in enumerate(painted[1:]) if frame[1] != painted[n][1]]
    off = [_frames_off(card.heard(now), record - 86400) for now, record in first]
    return {
        "seconds": seconds, "frames": len(first), "dropped": dropped,
        "sound_off_frames_median": round(float(np.median(off)), 3),
        "sound_off_frames_p99": round(float(np.percentile(off, 99)), 3),
        "sound_off_frames_max": round(float(np.max(off)), 3),
        "qt_thread_longest_ms": round(1000 * float(np.max(np.diff(beats))), 1),
        "cpu_share": round(cpu / seconds, 2),
    }  # fmt: skip


def _frames_off(heard_s: float, frame: int) -> float:
    """Frames between the beginning of a picture and what is heard when it appears."""
    at = heard_s * float(FILM) % FRAMES
    late = (at - frame + FRAMES / 2) % FRAMES - FRAMES / 2
    return abs(late)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--scale", default="1", help="of the screen: 2 for 200 %%")
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    os.environ.update(QT_SCALE_FACTOR=asked.scale, QT_FONT_DPI="96")
    from dubsync.desk.open_desk import make_application

    application = make_application(["playback"])
    with tempfile.TemporaryDirectory() as folder:
        card = StandIn()
        window = open_viewer(Path(folder), card)
        panel = window.panel
        result = {
            "picture": "1920x1080, wipe of two", "width_px": panel.stage.playing_width,
            "fill": filled(application, panel), "scrub": scrubbed(application, panel),
            "play": played(application, panel, card, asked.seconds),
        }  # fmt: skip
        result["width_px"] = panel.stage.playing_width
        panel.close_view()
        window.session.close()
    if asked.json:
        json.dump(result, sys.stdout, indent=1)
        print()
        return
    for part, values in result.items():
        print(part, values)


if __name__ == "__main__":
    main()
