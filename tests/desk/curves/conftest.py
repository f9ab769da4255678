"""A curves panel over a shot made up here: a real session, real actions, a store in a scratch."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest
from PyQt5.QtWidgets import QMainWindow

from dubsync.core.contact import Contact
from dubsync.core.face import Stretch
from dubsync.core.picture import PictureFormat
from dubsync.core.shot import Event, Line, Plate, Shot
from dubsync.core.timeline.timecode import FrameRange
from dubsync.desk.curves.curves_panel import CurvesPanel
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
    SpokenPhone,
    SpokenWord,
)
from dubsync.service.reel.comp_list import Candidate, CharacterComp, CompWord, TakeSpan
from dubsync.service.store.folder import Layout

RATE = Fraction(24)
HANDLES = 8


def made_shot(name: str, frames: int = 120, first: int = 1000) -> Shot:
    """A shot of `frames` frames in the cut, with handles, where MARC speaks."""
    source = FrameRange(first + HANDLES, first + HANDLES + frames, RATE)
    record = FrameRange(86400, 86400 + frames, RATE)
    plate = Plate(
        f"{name}.mov", f"/nowhere/{name}.mov", "", source.with_handles(HANDLES),
        PictureFormat(64, 64, "yuv", 8),
    )  # fmt: skip
    event = Event("1", name, name, "", "", record, source)
    line = Line(f"{name}_L001", "MARC", "it-IT", "/nowhere/marc.wav", record, "promesso")
    return Shot(name, event, plate, source, record, source.with_handles(HANDLES), lines=(line,))


def made_curves(shot: Shot) -> ShotCurves:
    """Curves of MARC: a mouth that opens and closes every second, two words of 20 frames."""
    frames, count = shot.render, len(shot.render)
    wave = 15 - 15 * np.cos(np.arange(count) * 2 * np.pi / 24)
    curves = {m: {s: wave * (0.5 + n / 8) for n, s in enumerate(SOURCES)} for m in MEASURES}
    first = float(frames.start + HANDLES)
    words = (SpokenWord("ho", first, first + 20), SpokenWord("promesso", first + 24, first + 44))
    phones = (
        SpokenPhone("o", first, first + 20, "round", 0.8),
        SpokenPhone("p", first + 24, first + 27, "shut", 0.9),
        SpokenPhone("f", first + 27, first + 44, "teeth", 0.9),
    )
    levels = np.stack([-wave, wave], axis=1).repeat(9, axis=0).astype(np.float32) / 40
    sound = CharacterSound(levels, words, phones)
    contacts = (
        Contact("closed lips", "MARC", "", int(first) + 25, True, 0.0),
        Contact("closed lips", "MARC", "", int(first) + 60, False),
    )
    drivers = (
        Stretch(frames.start, int(first) + 22, "MARC_t01"),
        Stretch(int(first) + 23, frames.stop - 1, "sound", "its face is turned away"),
    )
    one = CharacterCurves(
        "MARC",
        curves,
        np.ones(count),
        np.full((count, 3), 1 / 3),
        drivers,
        contacts,
        sound,
        made_comp(),
    )
    return ShotCurves(shot.name, frames, {"MARC": one}, ShotSound({"MARC": sound}, None, 9))


def made_comp() -> CharacterComp:
    """Two takes: the first says the first word, the second could say both."""
    both = (Candidate("MARC_t01", True), Candidate("MARC_t02", True))
    away = (Candidate("MARC_t01", False, "its face is turned away"), Candidate("MARC_t02", True))
    words = (
        CompWord(1, "ho", 1008, 1027, "MARC_t01", False, "", both),
        CompWord(2, "promesso", 1032, 1051, "sound", False, "", away),
    )
    lanes = (
        TakeSpan("MARC_t01", ((1000, 1060),), (1, 2), (1,)),
        TakeSpan("MARC_t02", ((1000, 1060),), (1, 2), ()),
    )
    return CharacterComp("MARC", words, lanes)


class Bench:
    """The panel in a window, its session, and the shots that it can show."""

    def __init__(self, qtbot, folder, *, frames: int = 120, state: str = "rendered") -> None:
        self.qtbot = qtbot
        self.window = QMainWindow()
        self.actions = make_actions(self.window)
        self.session = Session(self.window)
        self.session.edits.open(
            SimpleNamespace(
                file=SimpleNamespace(folder=folder),
                store=SimpleNamespace(layout=Layout(), derived=folder / ".dubsync"),
            )
        )
        (folder / ".dubsync").mkdir()
        self.shots = [made_shot("SH010", frames), made_shot("SH020", frames)]
        rows = tuple(
            ShotRow(s.name, str(n), s, s.event, ("MARC",), "", state=state)
            for n, s in enumerate(self.shots, 1)
        )
        self.session.overview = ReelOverview("reel", "it-IT", ("it-IT",), RATE, False, rows)
        self.actions.on("undo", self.session.edits.undo)
        self.panel = CurvesPanel(self.session, self.actions)
        self.window.setCentralWidget(self.panel)
        self.window.resize(1148, 900)
        qtbot.addWidget(self.window, before_close_func=lambda _w: self.close())
        self.window.show()
        qtbot.waitExposed(self.window)
        self.show("SH010")

    def show(self, name: str) -> None:
        """Go to a shot, and let its curves arrive."""
        with self.qtbot.waitSignal(self.session.edits.saved):
            self.session.show_shot(name)
        shot = next(one for one in self.shots if one.name == name)
        self.session.preview.curves.emit(made_curves(shot))

    @property
    def tweak(self):
        return self.session.edits.tweak("MARC")

    def close(self) -> None:
        self.session.close()


@pytest.fixture
def bench(qtbot, tmp_path) -> Bench:
    return Bench(qtbot, tmp_path)


@pytest.fixture
def make_bench(qtbot, tmp_path):
    return lambda **how: Bench(qtbot, tmp_path, **how)
