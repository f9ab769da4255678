"""What somebody does who sees the desk for the first time: from the reel to a note in the cut.

The tests walk so on a small reel, and the manual's pictures are made on the way.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PyQt5.QtTest import QTest

from benchmarks.desk._window import press, type_text, wait_for
from dubsync.desk.inspector.inspector_panel import QC
from dubsync.desk.shell.window import DELIVER, REEL, SHOT, DeskWindow

#: Longest waits, in seconds: for an answer of the preview process, and for a job.
ANSWER, JOB = 180, 600
Seen = Callable[[str], None]


def unseen(name: str) -> None:
    """Take no picture."""


class Walk:
    """The steps, in order; `seen(name)` is called where a picture is worth taking."""

    def __init__(self, window: DeskWindow, seen: Seen = unseen) -> None:
        self.window, self.session, self.seen = window, window.session, seen

    def worst(self) -> str:
        """From the reel to its worst shot; its name."""
        self.window.show_page(REEL)
        thumbs = self.session.thumbs
        wait_for(
            lambda: all(thumbs.picture(row) or thumbs.missing(row) for row in self.session.rows),
            ANSWER, "the thumbnails",
        )  # fmt: skip
        self._settle(300)
        self.seen("reel")
        press(self.window, "w")
        self.window.show_page(SHOT)
        wait_for(lambda: self.window.curves.curves is not None, ANSWER, "the curves")
        self._settle(800)
        self.seen("shot")
        current = self.session.current
        assert current is not None
        return current.name

    def finding(self) -> None:
        """The findings of QC, and the frame of the worst."""
        self.window.inspector.tabs.setCurrentIndex(QC)
        self._settle(300)
        self.seen("findings")
        self.window.inspector.tabs.setCurrentIndex(0)

    def close_lips(self, frame: int) -> None:
        """Close the lips on a frame and see them closed."""
        self.session.show_frame(frame)
        press(self.window, "r")
        self._settle(800)
        self.seen("open_mouth")
        pictures: list[object] = []
        self.session.preview.picture.connect(pictures.append)
        press(self.window, "c")
        wait_for(lambda: pictures, ANSWER, "the preview")
        wait_for(lambda: not self.session.edits.unsaved, 30, "the edit being saved")
        self._settle(800)
        self.seen("closed_lips")

    def play(self, seconds: float = 2.0) -> None:
        """Play and stop."""
        press(self.window, "Space")
        QTest.qWait(int(seconds * 1000))
        press(self.window, "k")

    def render(self) -> str:
        """Render the shot; its new version."""
        row = self.session.current
        assert row is not None
        before = row.version
        press(self.window, "Ctrl+r")
        self._settle(1200)
        self.seen("rendering")
        wait_for(lambda: self._version() not in ("", before), JOB, "the render")
        wait_for(lambda: not self.session.jobs.running, ANSWER, "the end of the job")
        self._settle(1000)
        self.seen("rendered")
        return self._version()

    def judge(self, author: str, note: str) -> None:
        """Take a note and approve."""
        press(self.window, "n")
        card = self.window.inspector.card
        if not self.session.about.author:
            card.words.line.clear()
            type_text(card.words.line, author)
        type_text(card.words.line, note)
        wait_for(lambda: self.session.current and self.session.current.notes, 60, "the note")
        press(self.window, "a")
        wait_for(lambda: self._state() == "approved", 60, "the approval")
        self._settle(500)
        self.seen("approved")

    def deliver(self) -> list[Path]:
        """Deliver; the files."""
        self.window.show_page(DELIVER)
        self._settle(500)
        page = self.window.deliver_page
        page.missing.setChecked(True)
        done: list[object] = []
        page.job.ended.connect(done.append)
        page.deliver.click()
        wait_for(lambda: done, JOB, "the delivery")
        self._settle(500)
        self.seen("delivered")
        return [Path(path) for path in done[0].files.values()]  # type: ignore[attr-defined]

    def _settle(self, milliseconds: int) -> None:
        """Let the window come to rest for a picture of it; without one, only do what waits."""
        QTest.qWait(milliseconds if self.seen is not unseen else 10)

    def _version(self) -> str:
        return self.session.current.version if self.session.current else ""

    def _state(self) -> str:
        return self.session.current.state if self.session.current else ""
