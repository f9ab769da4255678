"""The panel, made with Resolve's own UIManager."""

from dubsync_link import markers, problems, words

from dubsync_resolve.choices import ROWS, Choices

TICK_MS = 200
WINDOW, TIMER = "dubsyncPanel", "dubsyncTimer"


class Panel:
    """The window over a flow; `show` runs until it is closed."""

    def __init__(self, flow, fusion, ui, dispatcher):
        self._flow, self._ui, self._dispatcher = flow, ui, dispatcher
        self._choices = Choices(flow, fusion)
        self._window = dispatcher.AddWindow(
            {"ID": WINDOW, "WindowTitle": "dubsync", "Geometry": [120, 120, 460, 400]},
            [ui.VGroup({"Spacing": 6}, self._rows())],
        )
        self._items = self._window.GetItems()
        self._timer = ui.Timer({"ID": TIMER, "Interval": TICK_MS})
        self._connect()

    def show(self):
        """Show the window, and work until it is closed."""
        self._draw()
        self._tell()
        self._window.Show()
        self._timer.Start()
        self._dispatcher.RunLoop()
        self._timer.Stop()
        self._window.Hide()

    # -- internal ------------------------------------------------------------------------------

    def _rows(self):
        ui = self._ui
        rows = [
            ui.Label({"ID": "chosen", "Text": "", "WordWrap": True, "Weight": 0}),
            ui.HGroup({"Weight": 0}, [
                ui.Label({"Text": "Language of the dub", "Weight": 0}),
                ui.LineEdit({"ID": "language", "Text": "", "PlaceholderText": "fr-FR"}),
            ]),
            ui.HGroup({"Weight": 0}, [
                ui.Label({"Text": "Performers", "Weight": 0}),
                ui.LineEdit({"ID": "performers", "Text": "",
                             "PlaceholderText": "ELISE=anna-example"}),
            ]),
        ]  # fmt: skip
        for row in ROWS:
            buttons = [ui.Button({"ID": name, "Text": text}) for name, text in row]
            rows.append(ui.HGroup({"Weight": 0}, buttons))
        rows.append(ui.Label({"ID": "status", "Text": "", "WordWrap": True, "Weight": 0}))
        rows.append(ui.TextEdit({"ID": "details", "ReadOnly": True, "Weight": 1}))
        return rows

    def _connect(self):
        on = self._window.On
        acts = {
            "dub": self._choices.choose_dub,
            "takes": self._choices.choose_takes,
            "consent": self._consent,
            "clips": lambda: self._sync(False),
            "timeline": lambda: self._sync(True),
            "cancel": self._flow.cancel,
            "notes": self._notes,
            "desk": lambda: markers.open_in_desk(self._flow),
        }
        for name, act in acts.items():
            getattr(on, name).Clicked = self._guarded(act)
        getattr(on, WINDOW).Close = lambda event: self._dispatcher.ExitLoop()
        # A timer belongs to the dispatcher, not to the window.
        self._dispatcher.On.Timeout = self._guarded(self._tick, drawn=False)

    def _guarded(self, act, drawn=True):
        """An event handler: what goes wrong is said in the panel, never raised into Resolve."""

        def handle(event=None):
            try:
                act()
            except problems.Problem as problem:
                self._say(problem.what, problem.text().splitlines()[1:])
                return
            if drawn:
                self._draw()

        return handle

    def _tick(self):
        if self._flow.busy:
            self._flow.tick()
            self._draw()
            self._tell()

    def _sync(self, whole):
        self._choices.keep_language(self._items["language"].Text)
        self._choices.keep_performers(self._items["performers"].Text)
        self._flow.sync(whole=whole)
        self._tell()

    def _consent(self):
        self._choices.keep_performers(self._items["performers"].Text)
        said = self._choices.choose_consent()
        self._tell()
        if said and self._flow.problem is None:
            self._say(said[0], said[1:])

    def _notes(self):
        made = markers.exchange_notes(self._flow)
        self._say("{} set, {} kept".format(words.counted(made["set"], "marker"),
                                           words.counted(made["kept"], "note")),
                  made["warnings"])  # fmt: skip

    def _draw(self):
        self._items["chosen"].Text = self._choices.text()
        if not self._items["language"].Text:
            self._items["language"].Text = self._choices.language()
        if not self._items["performers"].Text:
            self._items["performers"].Text = self._choices.performers()
        for name in ("clips", "timeline", "dub", "takes", "consent", "notes"):
            self._items[name].Enabled = not self._flow.busy
        self._items["cancel"].Enabled = self._flow.busy

    def _tell(self):
        """Say what the flow does, or how it ended."""
        self._say(words.status_of(self._flow), words.details_of(self._flow))

    def _say(self, status, lines):
        self._items["status"].Text = status
        self._items["details"].PlainText = "\n".join(lines)


def run(flow, fusion, ui, bmd):
    """Show the panel until it is closed."""
    Panel(flow, fusion, ui, bmd.UIDispatcher(ui)).show()
