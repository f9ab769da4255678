"""The panel where Resolve has no UIManager: the same, made with Tk.

A script of the menu runs in a process of its own, so Tk's loop does not stop Resolve.
"""

from dubsync_link import markers, problems, words

from dubsync_resolve.choices import ROWS, Choices

TICK_MS = 200
#: Resolve's greys, so that the window does not shine beside it.
GROUND, FIELD, INK, FAINT, MARK = "#28282e", "#1f1f24", "#d6d6d6", "#6d6d73", "#e64b3d"


class TkPanel:
    """The window over a flow.

    Args:
        root: a Tk window.
        tk, asks: the modules tkinter and tkinter.filedialog.
    """

    def __init__(self, flow, root, tk, asks):
        self._flow, self._root, self._asks, self._tk = flow, root, asks, tk
        self._choices = Choices(flow)
        self._chosen, self._status = tk.StringVar(), tk.StringVar()
        self._language = tk.StringVar(value=self._choices.language())
        self._buttons = {}
        root.title("dubsync")
        root.configure(background=GROUND, padx=10, pady=8)
        self._performers = tk.StringVar(value=self._choices.performers())
        self._line(self._chosen)
        row = self._row()
        self._entry(row, "Language of the dub", self._language, 7)
        self._entry(row, "Performers (ELISE=anna)", self._performers, 18)
        acts = {
            "dub": self._dub,
            "takes": self._takes,
            "consent": self._consent,
            "clips": lambda: self._sync(False),
            "timeline": lambda: self._sync(True),
            "cancel": flow.cancel,
            "notes": self._notes,
            "desk": lambda: markers.open_in_desk(flow),
        }
        for names in ROWS:
            row = self._row()
            for name, text in names:
                button = tk.Button(
                    row, text=text, command=self._guarded(acts[name]), background=FIELD,
                    foreground=INK, activebackground=GROUND, activeforeground=INK,
                    disabledforeground=FAINT, relief="flat", highlightthickness=1, pady=3,
                    highlightbackground=GROUND,
                )  # fmt: skip
                button.pack(side="left", fill="x", expand=True, padx=1)
                self._buttons[name] = button
        self._line(self._status)
        self._bar = tk.Canvas(root, height=4, background=FIELD, highlightthickness=0)
        self._bar.pack(fill="x", pady=4)
        self._details = tk.Text(
            root, height=8, wrap="word", font="TkDefaultFont", background=FIELD, foreground=INK,
            relief="flat", highlightthickness=0, padx=6, pady=4, state="disabled",
        )  # fmt: skip
        self._details.pack(fill="both", expand=True)
        self._draw()
        self._tell()

    def _row(self):
        row = self._tk.Frame(self._root, background=GROUND)
        row.pack(fill="x", pady=3)
        return row

    def _entry(self, row, title, text, width):
        self._tk.Label(row, text=title, background=GROUND, foreground=INK).pack(side="left")
        entry = self._tk.Entry(
            row, textvariable=text, width=width, background=FIELD, foreground=INK,
            insertbackground=INK, highlightthickness=0,
        )  # fmt: skip
        entry.pack(side="left", padx=8)

    def _line(self, text):
        label = self._tk.Label(self._root, textvariable=text, anchor="w", justify="left",
                               wraplength=440, background=GROUND, foreground=INK)  # fmt: skip
        label.pack(fill="x", pady=2)

    def tick(self):
        """Take what dubsync said, and come again."""
        if self._flow.busy:
            self._flow.tick()
            self._draw()
            self._tell()
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

    def _consent(self):
        self._choices.keep_performers(self._performers.get())
        paths = self._asks.askopenfilenames(
            title="Consent records of the performers", filetypes=[("Consent record", "*.toml")]
        )
        said = self._choices.choose_consent(list(paths)) if paths else []
        self._tell()
        if said and self._flow.problem is None:
            self._say(said[0], said[1:])

    def _sync(self, whole):
        self._choices.keep_language(self._language.get())
        self._choices.keep_performers(self._performers.get())
        self._flow.sync(whole=whole)
        self._tell()

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
        share = words.share_of(self._flow) if self._flow.busy else 0.0
        self._bar.delete("all")
        self._bar.create_rectangle(0, 0, share * self._bar.winfo_width(), 4, fill=MARK, width=0)

    def _tell(self):
        """Say what the flow does, or how it ended."""
        self._say(words.status_of(self._flow), words.details_of(self._flow))

    def _say(self, status, lines):
        self._status.set(status)
        self._details.config(state="normal")
        self._details.delete("1.0", "end")
        self._details.insert("1.0", "\n".join(lines))
        self._details.config(state="disabled")


def run(flow):
    """Show the panel until it is closed."""
    import tkinter
    from tkinter import filedialog

    root = tkinter.Tk()
    panel = TkPanel(flow, root, tkinter, filedialog)
    panel.tick()
    root.mainloop()
