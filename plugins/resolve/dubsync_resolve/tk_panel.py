"""The panel where Resolve has no UIManager: the same, made with Tk.

A script of the menu runs in a process of its own, so Tk's loop does not stop Resolve.
"""

from dubsync_link import markers, problems, words

from dubsync_resolve.choices import Choices

TICK_MS = 200


class TkPanel:
    """The window over a flow.

    Args:
        root: a Tk window.
        tk, asks: the modules tkinter and tkinter.filedialog.
    """

    def __init__(self, flow, root, tk, asks):
        self._flow, self._root, self._asks = flow, root, asks
        self._choices = Choices(flow)
        self._chosen, self._status = tk.StringVar(), tk.StringVar()
        self._language = tk.StringVar(value=self._choices.language())
        root.title("dubsync")
        tk.Label(root, textvariable=self._chosen, anchor="w", wraplength=440).pack(fill="x")
        tk.Label(root, text="Language of the dub", anchor="w").pack(fill="x")
        tk.Entry(root, textvariable=self._language).pack(fill="x")
        self._buttons = {}
        for name, text, act in (
            ("dub", "Choose dub...", self._dub),
            ("takes", "Choose takes...", self._takes),
            ("clips", "Sync selected clips", lambda: self._sync(False)),
            ("timeline", "Sync timeline", lambda: self._sync(True)),
            ("cancel", "Cancel", flow.cancel),
            ("notes", "Notes <> markers", self._notes),
            ("desk", "Open in desk", lambda: markers.open_in_desk(flow)),
        ):
            button = tk.Button(root, text=text, command=self._guarded(act))
            button.pack(fill="x")
            self._buttons[name] = button
        tk.Label(root, textvariable=self._status, anchor="w", wraplength=440).pack(fill="x")
        self._details = tk.Message(root, width=440, anchor="w")
        self._details.pack(fill="both", expand=True)
        self._draw()

    def tick(self):
        """Take what dubsync said, and come again."""
        if self._flow.busy:
            self._flow.tick()
            self._draw()
        self._root.after(TICK_MS, self.tick)

    def _guarded(self, act):
        def handle():
            try:
                act()
            except problems.Problem as problem:
                self._say(problem.what, problem.text().splitlines()[1:])
                return
            self._draw()

        return handle

    def _dub(self):
        path = self._asks.askopenfilename(title="The dub of a character")
        if path:
            self._choices.choose_dub(path)

    def _takes(self):
        path = self._asks.askdirectory(title="The takes of the voice actors")
        if path:
            self._choices.choose_takes(path)

    def _sync(self, whole):
        self._choices.keep_language(self._language.get())
        self._flow.sync(whole=whole)

    def _notes(self):
        made = markers.exchange_notes(self._flow)
        self._say("{} set, {} kept".format(words.counted(made["set"], "marker"),
                                           words.counted(made["kept"], "note")),
                  made["warnings"])  # fmt: skip

    def _draw(self):
        self._chosen.set(self._choices.text())
        for name, button in self._buttons.items():
            on = self._flow.busy if name == "cancel" else name == "desk" or not self._flow.busy
            button.config(state="normal" if on else "disabled")
        if self._flow.state != "idle":
            self._say(words.status_of(self._flow), words.details_of(self._flow))

    def _say(self, status, lines):
        self._status.set(status)
        self._details.config(text="\n".join(lines))


def run(flow):
    """Show the panel until it is closed."""
    import tkinter
    from tkinter import filedialog

    root = tkinter.Tk()
    panel = TkPanel(flow, root, tkinter, filedialog)
    panel.tick()
    root.mainloop()
