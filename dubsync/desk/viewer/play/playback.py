"""Plays a shot in real time: which record frame is due, what was dropped, loops and speeds."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from math import floor

from PyQt5.QtCore import QObject, Qt, QTimer, pyqtSignal

from dubsync.core.timeline.timecode import FrameRange
from dubsync.desk.viewer.play.sound_out import Round, SoundOut
from dubsync.service.proxies.play_path import PlayPath

SPEEDS = (1, 2, 4, 8)  #: of J and L, pressed again and again


class Playback(QObject):
    """The record frame of the current shot, and its change in time.

    frame_due  (record frame) is to be shown now
    changed    playing or not, another speed, or other loop marks
    counted    frames were dropped, or the count began anew
    """

    frame_due = pyqtSignal(int)
    changed = pyqtSignal()
    counted = pyqtSignal()

    def __init__(self, out: SoundOut, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.out = out
        self.path: PlayPath | None = None
        self.record = 0
        self.speed = 0
        self.dropped = 0
        self.loops, self.handles = True, False
        self.marks: tuple[int | None, int | None] = (None, None)
        self.is_ready: Callable[[int], bool] = lambda record: True
        self._round: Round | None = None
        self._tick = -1
        self._timer = QTimer(self, singleShot=True, timerType=Qt.PreciseTimer)
        self._timer.timeout.connect(self._on_time)

    @property
    def playing(self) -> bool:
        return self.speed != 0

    @property
    def rate(self) -> Fraction:
        return self.path.whole.rate if self.path else Fraction(24)

    @property
    def loop(self) -> FrameRange | None:
        """The record frames that are played: between the marks, the cut, or with handles."""
        if self.path is None:
            return None
        span = self.path.span(self.handles)
        first, last = self.marks
        start = span.start if first is None else first
        stop = span.stop if last is None else last + 1
        return FrameRange(start, max(stop, start + 1), span.rate)

    def open(self, path: PlayPath | None, record: int = 0) -> None:
        """Another shot; it stands still."""
        self.stop()
        self.path, self.record, self.marks, self.dropped = path, record, (None, None), 0
        self.changed.emit()
        self.counted.emit()

    def toggle(self) -> None:
        """Play forwards, or stop."""
        if self.playing:
            self.stop()
        else:
            self.play(1)

    def faster(self, way: int) -> None:
        """J (-1) and L (1): the way named, and faster each time."""
        if self.speed * way <= 0:
            self.play(way)
        else:
            at = SPEEDS.index(abs(self.speed))
            self.play(way * SPEEDS[min(at + 1, len(SPEEDS) - 1)])

    def play(self, speed: int) -> None:
        """Play at `speed` from here; from the loop's other end where it stands at one."""
        loop = self.loop
        if loop is None:
            return
        at = self.record
        if at not in loop or (not self.loops and at == (loop.stop - 1 if speed > 0 else
                                                        loop.start)):  # fmt: skip
            at = loop.start if speed > 0 else loop.stop - 1
        if not self.playing:
            self.dropped = 0
        self.speed = speed
        self._begin(at)
        self.changed.emit()
        self.counted.emit()

    def stop(self) -> None:
        """Stand still on the frame that is shown."""
        self._timer.stop()
        self._round = None
        if self.speed:
            self.speed = 0
            self.out.stop()
            self.changed.emit()

    def go(self, record: int) -> None:
        """Stand on, or go on playing from, another record frame; it is not announced."""
        self.record = record
        if self.playing:
            loop = self.loop
            if loop is not None and record in loop:
                self._begin(record)
            else:
                self.stop()

    def mark(self, which: int) -> None:
        """Put the loop's beginning (0) or end (1) here; the same again takes it away."""
        marks = list(self.marks)
        marks[which] = None if marks[which] == self.record else self.record
        first, last = marks
        if first is not None and last is not None and last < first:
            marks[1 - which] = None
        self.marks = marks[0], marks[1]
        self._loop_changed()

    def set_loop(self, loops: bool) -> None:
        self.loops = loops
        self._loop_changed()

    def set_handles(self, handles: bool) -> None:
        """Play with handles; marks that lie in them stay."""
        self.handles = handles
        self._loop_changed()

    def _loop_changed(self) -> None:
        if self.playing:
            loop = self.loop
            if loop is not None:
                self._begin(self.record if self.record in loop else loop.start)
        self.changed.emit()

    def _begin(self, at: int) -> None:
        loop = self.loop
        assert loop is not None
        # Backwards a frame is shown until its beginning is passed.
        start = Fraction(at if self.speed > 0 else at + 1) / loop.rate
        if self.speed < 0:
            start -= Fraction(1, 1000000)
        self._round = Round(
            start, Fraction(loop.start) / loop.rate, Fraction(loop.stop) / loop.rate,
            self.loops, self.speed,
        )  # fmt: skip
        self._tick = 0
        self.out.play(self._round)
        self._show(at)
        self._wait(0.0)

    def _on_time(self) -> None:
        played, loop = self._round, self.loop
        if played is None or loop is None:
            return
        elapsed = self.out.elapsed()
        tick = floor(elapsed * float(loop.rate) + 1e-6)
        if tick > self._tick:
            at, over = played.place(elapsed)
            record = floor(at * float(loop.rate) + 1e-6)
            self._drop(tick - self._tick - 1)
            self._tick = tick
            self._show(min(max(record, loop.start), loop.stop - 1))
            if over:
                self.stop()
                return
        self._wait(elapsed)

    def _show(self, record: int) -> None:
        if not self.is_ready(record):
            self._drop(1)
        self.record = record
        self.frame_due.emit(record)

    def _drop(self, frames: int) -> None:
        if frames:
            self.dropped += frames
            self.counted.emit()

    def _wait(self, elapsed: float) -> None:
        rate = float(self.rate)
        due = (self._tick + 1) / rate
        self._timer.start(max(int((due - elapsed) * 1000 + 0.999), 0))
