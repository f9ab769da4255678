"""Lanes of the desk: CPU time of a scroll, a zoom, a frame of play, an edit, by length of shot.

    python -m benchmarks.desk --part curves [--frames 120,20000] [--width 1148] [--json]

A made-up shot in a real panel, offscreen: a mouth, words, a waveform and a key every 40 frames.
Each figure is the time on the Qt thread until everything is painted, milliseconds: CPU time, which
does not count what other programs take.
"""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable
from fractions import Fraction

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
from PyQt5.QtWidgets import QApplication, QMainWindow

from dubsync.core.contact import Contact
from dubsync.core.face import Stretch
from dubsync.core.picture import PictureFormat
from dubsync.core.shot import Event, Line, Plate, Shot
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.curve import Curve
from dubsync.core.tweak.tweak import Tweak
from dubsync.desk.curves.curves_panel import CurvesPanel
from dubsync.desk.open_desk import make_application
from dubsync.desk.session.session import Session
from dubsync.desk.shell.make_actions import make_actions
from dubsync.service.overview import ReelOverview, ShotRow
from dubsync.service.preview.curve_values import (
    MEASURES,
    SOURCES,
    CharacterCurves,
    CharacterSound,
    ShotCurves,
    ShotSound,
    SpokenWord,
)
from dubsync.service.reel.comp_list import CharacterComp

RATE, FIRST, HEIGHT, TIMES = Fraction(24), 1000, 356, 40
SEEN, TURNS = (96, 1000, 6000), (0.95, 1 / 0.95)


def shot_of(count: int) -> Shot:
    frames, record = FrameRange(FIRST, FIRST + count, RATE), FrameRange(0, count, RATE)
    plate = Plate("a.mov", "/nowhere/a.mov", "", frames, PictureFormat(64, 64, "yuv", 8))
    event = Event("1", "SH010", "a", "", "", record, frames)
    line = Line("L1", "MARC", "it-IT", "/nowhere/a.wav", record, "promesso")
    return Shot("SH010", event, plate, frames, record, frames, lines=(line,))


def curves_of(shot: Shot) -> ShotCurves:
    frames, count = shot.render, len(shot.render)
    wave = 15 - 15 * np.cos(np.arange(count) * 2 * np.pi / 17)
    curves = {m: {s: wave * (0.5 + n / 8) for n, s in enumerate(SOURCES)} for m in MEASURES}
    words = tuple(
        SpokenWord("promesso", float(n), n + 11.0) for n in range(FIRST, FIRST + count, 12)
    )
    levels = np.stack([-wave, wave], axis=1).repeat(9, axis=0).astype(np.float32) / 40
    sound = CharacterSound(levels, words, ())
    contacts = tuple(
        Contact("closed lips", "MARC", "", n, n % 3 > 0) for n in range(FIRST, frames.stop, 24)
    )
    one = CharacterCurves(
        "MARC", curves, np.ones(count), np.full((count, 3), 1 / 3),
        (Stretch(frames.start, frames.stop - 1, "sound"),), contacts, sound,
        CharacterComp("MARC", (), ()),
    )  # fmt: skip
    return ShotCurves(shot.name, frames, {"MARC": one}, ShotSound({"MARC": sound}, None, 9))


def measured(count: int, width: int, application: QApplication) -> dict[str, float]:
    """What is done -> median CPU milliseconds of it."""
    window = QMainWindow()
    session, actions = Session(window), make_actions(window)
    shot = shot_of(count)
    row = ShotRow(shot.name, "1", shot, shot.event, ("MARC",), "", state="rendered")
    session.overview = ReelOverview("reel", "it-IT", ("it-IT",), RATE, False, (row,))
    panel = CurvesPanel(session, actions)
    window.setCentralWidget(panel)
    window.resize(width, 900)
    window.show()
    panel.setFixedHeight(HEIGHT)
    session.show_shot(shot.name)
    made = curves_of(shot)
    session.preview.curves.emit(made)
    keys = tuple((n, 1 + 0.2 * (n // 40 % 2)) for n in range(FIRST, FIRST + count, 40))
    tweak = Tweak().curved("jaw", Curve(1.0, keys))
    session.edits.change("MARC", tweak, "jaw=1.2@1000")
    application.processEvents()

    def timed(work: Callable[[int], object]) -> float:
        taken = []
        for n in range(TIMES):
            began = time.thread_time()
            work(n)
            application.processEvents()
            taken.append(1000 * (time.thread_time() - began))
        return float(np.median(taken))

    view, found = panel.view, {}
    for seen in (*(n for n in SEEN if n < count), count):
        view.show(FIRST, FIRST + seen)
        if seen < count:
            found[f"{seen} frames seen, scroll"] = timed(lambda n: view.pan(20 - 40 * (n % 2)))
        found[f"{seen} frames seen, zoom"] = timed(lambda n: view.zoom(400, TURNS[n % 2]))
        found[f"{seen} frames seen, play a frame"] = timed(
            lambda n: session.show_frame(int(view.axis.left) + 2 + n)
        )
    found["curves arrive"] = timed(lambda n: session.preview.curves.emit(made))
    found["a key is dragged"] = timed(
        lambda n: session.edits.change("MARC", tweak.keyed("jaw", FIRST, 1 + n / 100), "jaw=1@1")
    )
    window.close()
    session.close()
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--frames", default="120,20000", help="lengths of shots")
    parser.add_argument("--width", type=int, default=1148, help="pixels of the panel")
    parser.add_argument("--json", action="store_true")
    chosen, _ = parser.parse_known_args()
    application = make_application(["desk"])
    results = {
        int(n): measured(int(n), chosen.width, application) for n in chosen.frames.split(",")
    }
    if chosen.json:
        print(json.dumps(results, indent=2))
        return
    for count, found in results.items():
        print(f"{count} frames, {chosen.width} pixels wide")
        for name, taken in found.items():
            print(f"  {name:36}{taken:6.1f} ms")


if __name__ == "__main__":
    main()
