"""A shot whose pictures show their own number, in a session without a project on disk."""

from __future__ import annotations

from fractions import Fraction
from types import SimpleNamespace

import numpy as np
from PyQt5.QtWidgets import QMainWindow

from dubsync.core.shot import Event, Shot, playing
from dubsync.core.timeline.timecode import FrameRange
from dubsync.desk.session.session import Session
from dubsync.desk.shell.make_actions import make_actions
from dubsync.desk.viewer import shot_pictures
from dubsync.desk.viewer.viewer_panel import ViewerPanel
from dubsync.media.probe import probe_plate
from dubsync.service.overview import ReelOverview, ShotRow
from dubsync.service.proxies.sources import PictureSource
from dubsync.service.stems.conform_stems import IN_PLACE
from tests.media.reading_synthesis import write_numbered

FILM = Fraction(24000, 1001)
RECORD = 86400  #: 01:00:00:00
HANDLES = 4


class NoCard:
    """A sound card that is never there; how often it was asked for."""

    def __init__(self):
        self.asked = 0

    def __call__(self, fill, rate):
        self.asked += 1


def synthetic_shot(folder, *, n=40, speed=Fraction(1), handles=HANDLES, record=None):
    """A shot on `n` frames of a movie in `folder`, its first and last `handles` beside the cut."""
    path = folder / "SH010.mkv"
    if not path.exists():
        write_numbered(path, "ffv1", n=n, rate=FILM)
    plate = probe_plate(path)
    first = plate.frames.start
    source = FrameRange(first + handles, first + n - handles, FILM)
    length = record or (len(source) if speed == 0 else int(len(source) / abs(speed)))
    shown = FrameRange(RECORD, RECORD + length, FILM)
    event = Event("1", "SH010", "SH010.mkv", "", "", shown, source, speed)
    return Shot("SH010", event, plate, source, shown, plate.frames, playing(shown, source, speed))


def viewer_on(qtbot, monkeypatch, shot, *, renders=(), size=(900, 480), open_card=None, seen=None):
    """A window with a viewer on `shot`; `renders`: (version, movie) newest first.

    Tests take it from the fixture `open_viewer`, which closes it.
    """
    sources = {}
    for version, path in renders:
        file = probe_plate(path)
        shift = file.frames.start - shot.render.start
        sources[version] = PictureSource(version, file, shift), None
    monkeypatch.setattr(shot_pictures, "version_names", lambda store, of: tuple(sources))
    monkeypatch.setattr(shot_pictures, "version_sources", lambda store, of, name: sources[name])
    session = Session()
    session.project = SimpleNamespace(
        store=None, intake=SimpleNamespace(stems={}, conform=IN_PLACE)
    )
    row = ShotRow(shot.name, "001", shot, shot.event, version=next(iter(sources), ""))
    session.overview = ReelOverview("reel", "it-IT", ("it-IT",), FILM, False, (row,))
    window = QMainWindow()
    window.commands = make_actions(window)
    qtbot.addWidget(window)
    panel = ViewerPanel(session, window.commands, window, open_card=open_card or NoCard())
    window.setCentralWidget(panel)
    window.resize(*size)
    window.show()
    session.show_shot(shot.name)
    seen = seen or (lambda panel: panel.view.state.a is not None)
    qtbot.waitUntil(lambda: seen(panel), timeout=5000)
    window.panel, window.session = panel, session
    return window


def painted(view):
    """(H, W, 3) of what is painted in the picture's rectangle, and the rectangle."""
    image = view.grab().toImage().convertToFormat(13)  # QImage.Format_RGB888
    rows = np.frombuffer(image.constBits().asarray(image.sizeInBytes()), np.uint8)
    rows = rows.reshape(image.height(), image.bytesPerLine())[:, : 3 * image.width()]
    whole = rows.reshape(image.height(), image.width(), 3)
    rect, ratio = view.picture_rect(), image.devicePixelRatio()
    left, top = round(rect.left() * ratio), round(rect.top() * ratio)
    wide, high = round(rect.width() * ratio), round(rect.height() * ratio)
    return whole[max(top, 0) : top + high, max(left, 0) : left + wide].copy()


def number_in(picture, bits=12):
    """The number that a painted picture shows, read in its middle, away from labels."""
    middle = picture[picture.shape[0] * 2 // 5 : picture.shape[0] * 3 // 5, :, 1].astype(float)
    width = middle.shape[1]
    bars = (middle[:, n * width // bits + 6 : (n + 1) * width // bits - 6] for n in range(bits))
    return sum(int(bar.mean() > 120) << n for n, bar in enumerate(bars))
