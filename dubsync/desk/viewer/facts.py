"""What the status bar says of the viewer, and what the scrub bar shows as being in memory."""

from __future__ import annotations

from math import floor

from PyQt5.QtCore import QObject, QTimer, pyqtSignal

from dubsync.desk.viewer.place_words import runs_of
from dubsync.desk.viewer.play.playback import Playback
from dubsync.desk.viewer.scrub_bar import ScrubBar
from dubsync.desk.viewer.stage import Stage

EVERY_MS = 250  #: between looks at what is in memory


class Facts(QObject):
    """Looks seldom, however often something changes.

    told  (name, words): "cache" and "rate"
    """

    told = pyqtSignal(str, str)

    def __init__(
        self, stage: Stage, playback: Playback, scrub: ScrubBar, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._stage, self._playback, self._scrub = stage, playback, scrub
        self._timer = QTimer(self, singleShot=True, interval=EVERY_MS)
        self._timer.timeout.connect(self._tell)

    def soon(self) -> None:
        """Something changed."""
        if not self._timer.isActive():
            self._timer.start()

    def stop(self) -> None:
        self._timer.stop()

    def _tell(self) -> None:
        path, loop = self._playback.path, self._playback.loop
        if path is None or loop is None:
            return
        held = self._stage.held_frames()
        first = path.whole.start
        self._scrub.show_held(runs_of(held, first))
        inside = held[max(loop.start - first, 0) : loop.stop - first]
        share = float(inside.mean()) if len(inside) else 0.0
        self.told.emit("cache", f"Cache {floor(share * 100)} %")
        self.told.emit("rate", self._rate())

    def _rate(self) -> str:
        playback = self._playback
        words = f"{float(playback.rate):.3f}".rstrip("0").rstrip(".") + " fps"
        speed = playback.speed
        faster = f", {speed}\N{MULTIPLICATION SIGN}" if speed not in (0, 1) else ""
        dropped = playback.dropped
        said = f"{dropped} frame{'s' * (dropped != 1)} dropped" if dropped else "no frames dropped"
        return f"{words}{faster}, {said}"
