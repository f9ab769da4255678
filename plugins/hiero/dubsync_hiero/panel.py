"""The panel: one window of Qt over a flow."""

import os

from dubsync_link import markers, problems, words

TICK_MS = 200
#: Button -> its words, in rows.
ROWS = (
    (("dub", "Choose dub..."), ("takes", "Choose takes...")),
    (("clips", "Sync selected clips"), ("timeline", "Sync sequence")),
    (("cancel", "Cancel"), ("notes", "Notes <> tags"), ("desk", "Open in desk")),
)
SOUNDS = "Sound (*.wav *.aif *.aiff *.flac *.mp3 *.m4a);;All files (*)"


class Panel:
    """The window.

    Args:
        widgets, core: QtWidgets and QtCore.
    """

    def __init__(self, flow, widgets, core):
        self._flow, self._widgets = flow, widgets
        self.window = widgets.QWidget()
        self.window.setWindowTitle("dubsync")
        self.window.resize(460, 340)
        column = widgets.QVBoxLayout(self.window)
        self.chosen = widgets.QLabel()
        self.chosen.setWordWrap(True)
        column.addWidget(self.chosen)
        row = widgets.QHBoxLayout()
        row.addWidget(widgets.QLabel("Language of the dub"))
        self.language = widgets.QLineEdit()
        self.language.setPlaceholderText("fr-FR")
        row.addWidget(self.language)
        column.addLayout(row)
        acts = {
            "dub": self._choose_dub,
            "takes": self._choose_takes,
            "clips": lambda: self._sync(False),
            "timeline": lambda: self._sync(True),
            "cancel": flow.cancel,
            "notes": self._notes,
            "desk": lambda: markers.open_in_desk(flow),
        }
        self.buttons = {}
        for names in ROWS:
            row = widgets.QHBoxLayout()
            for name, text in names:
                button = widgets.QPushButton(text)
                button.clicked.connect(self._guarded(acts[name]))
                row.addWidget(button)
                self.buttons[name] = button
            column.addLayout(row)
        self.status = widgets.QLabel()
        self.status.setWordWrap(True)
        column.addWidget(self.status)
        self.bar = widgets.QProgressBar()
        self.bar.setRange(0, 1000)
        self.bar.setTextVisible(False)
        column.addWidget(self.bar)
        self.details = widgets.QPlainTextEdit()
        self.details.setReadOnly(True)
        column.addWidget(self.details)
        self._timer = core.QTimer(self.window)
        self._timer.timeout.connect(self._tick)
        application = widgets.QApplication.instance()
        if application is not None:
            application.aboutToQuit.connect(flow.close)

    def show(self):
        """Show the window, over the others."""
        self._draw()
        self._tell()
        self.window.show()
        self.window.raise_()
        self._timer.start(TICK_MS)

    # -- internal ------------------------------------------------------------------------------

    def _guarded(self, act):
        """What goes wrong is said in the panel, never raised into Hiero."""

        def handle(*_):
            try:
                act()
            except problems.Problem as problem:
                self._say(problem.what, problem.text().splitlines()[1:])
                return
            self._draw()

        return handle

    def _tick(self):
        if self._flow.busy:
            self._guarded(self._flow.tick)()
            self._tell()

    def _choose_dub(self):
        found = self._widgets.QFileDialog.getOpenFileNames(
            self.window, "The dub, one file for each character", "", SOUNDS
        )[0]
        new = set(os.path.basename(path) for path in found)
        known = [one for one in self._known()["dub"] if os.path.basename(one) not in new]
        if found:
            self._flow.choose(dub=known + list(found))

    def _choose_takes(self):
        folder = self._widgets.QFileDialog.getExistingDirectory(
            self.window, "The takes of the voice actors"
        )
        if folder:
            self._flow.choose(takes=[folder])

    def _sync(self, whole):
        if self.language.text().strip():
            self._flow.choose(language=self.language.text().strip())
        self._flow.sync(whole=whole)
        self._tell()

    def _notes(self):
        made = markers.exchange_notes(self._flow)
        told = "{} set, {} kept"
        self._say(
            told.format(words.counted(made["set"], "tag"), words.counted(made["kept"], "note")),
            made["warnings"],
        )

    def _known(self):
        try:
            return self._flow.chosen()
        except problems.Problem:  # no sequence is open: nothing is chosen
            return {"dub": [], "takes": [], "language": "", "folder": ""}

    def _draw(self):
        known = self._known()
        names = ", ".join(os.path.basename(one) for one in known["dub"] + known["takes"])
        if known["folder"]:
            self.chosen.setText("Reel: " + known["folder"])
        else:
            self.chosen.setText("Dub and takes: " + (names or "none chosen yet"))
        if not self.language.text():
            self.language.setText(known["language"])
        for name, button in self.buttons.items():
            busy = self._flow.busy
            button.setEnabled(busy if name == "cancel" else name == "desk" or not busy)

    def _tell(self):
        """Say what the flow does, or how it ended."""
        self._say(words.status_of(self._flow), words.details_of(self._flow))
        self.bar.setValue(int(1000 * words.share_of(self._flow)) if self._flow.busy else 0)

    def _say(self, status, lines):
        self.status.setText(status)
        self.details.setPlainText("\n".join(lines))
