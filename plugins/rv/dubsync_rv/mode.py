"""The menu "dubsync" of RV."""

import os

from dubsync_link import problems
from dubsync_link.client import Client, read_command

from dubsync_rv.review import DIFFERENCE, OVER, Review

SHOWN_S = 4.0  #: how long a note is shown


class Actions:
    """What the lines of the menu do; what goes wrong is shown, never raised into RV.

    Args:
        ask: text = ask(title), "" where it was cancelled.
    """

    def __init__(self, commands, extra, client, ask):
        self._commands, self._extra, self._ask = commands, extra, ask
        self.review = Review(commands, extra, client)

    def menu(self):
        """As MinorMode.init takes it."""
        lines = (
            ("Open reel...", self.open_reel),
            ("Renders", lambda: self.review.show("renders")),
            ("Plates", lambda: self.review.show("plates")),
            ("Renders over plates", lambda: self.review.lay(OVER)),
            ("Difference", lambda: self.review.lay(DIFFERENCE)),
            ("Add note...", self.add_note),
            ("Open in desk", lambda: self.review.open_in_desk(self._commands.frame())),
        )
        return [("dubsync", [(text, self._guarded(act), None, None) for text, act in lines])]

    def open_reel(self):
        """Ask for a reel, and open it."""
        try:
            chosen = self._commands.openFileDialog(True, False, False, "toml|dubsync.toml", None)
        except Exception:  # RV raises it, and nothing narrower, where the dialog is cancelled
            return
        if chosen:
            self.review.open(os.path.dirname(chosen[0]))
            if self.review.warnings:
                self._tell("\n".join(self.review.warnings))

    def add_note(self):
        """Ask for a note at the current frame."""
        frame = self._commands.frame()
        text = self._ask("A note at this frame")
        if text.strip():
            self.review.add_note(frame, text.strip())

    def frame_changed(self, event):
        """Show the notes of the frame."""
        event.reject()  # others want to know too
        text = self.review.text_at(self._commands.frame())
        if text:
            self._extra.displayFeedback(text, SHOWN_S)

    def _guarded(self, act):
        def run(event):
            try:
                act()
            except problems.Problem as problem:
                self._tell(problem.text())

        return run

    def _tell(self, text):
        info = self._commands.InfoAlert
        self._commands.alertPanel(True, info, "dubsync", text, "OK", None, None)


def ask_with_qt(title):
    """A line of text from RV's own Qt."""
    try:
        from PySide6 import QtWidgets
    except ImportError:
        from PySide2 import QtWidgets
    text, given = QtWidgets.QInputDialog.getText(None, "dubsync", title)
    return text if given else ""


def make(home):
    """The mode, as RV's createMode returns it."""
    from rv import commands, extra_commands, rvtypes

    try:
        command, environment = read_command(home)
    except problems.Problem:
        command, environment = ["dubsync"], {}
    client = Client(command, "rv", environment=environment)
    actions = Actions(commands, extra_commands, client, ask_with_qt)

    class DubsyncMode(rvtypes.MinorMode):
        """The mode."""

        def __init__(self):
            rvtypes.MinorMode.__init__(self)
            bindings = [("frame-changed", actions.frame_changed, "shows dubsync's notes")]
            self.init("dubsync", bindings, None, actions.menu())

    return DubsyncMode()
