"""The menu "dubsync": what each of its lines does, and the buttons of the Tweak node."""

import glob
import os
import tempfile

from dubsync_link import problems
from dubsync_link.client import Client, read_command

from dubsync_nuke import gizmo, turnover
from dubsync_nuke.reads import REEL, SHOT, ShotNodes, notes_text, value_of
from dubsync_nuke.work import Work

#: The session that the menu made; buttons of nodes find it here.
_sessions = []


class Session:
    """A reel that is open in Nuke.

    Args:
        nuke: the module.
    """

    def __init__(self, nuke, client):
        self.nuke, self.client = nuke, client
        self.work = Work(nuke, client)
        self.reel = {}

    # -- lines of the menu ---------------------------------------------------------------------

    def open_reel(self):
        """Ask for a reel, and open it."""
        path = self.nuke.getFilename("The reel: its dubsync.toml", "dubsync.toml")
        if path:
            self.reel = self.client.call("open", reel=os.path.dirname(path))

    def read_shot(self):
        """Ask for a shot, and make its nodes."""
        shot = self._ask_shot()
        if shot is None:
            return []
        nodes = ShotNodes(self.nuke)
        made = nodes.make(self.reel["reel"], shot, self._result(shot), self._notes(shot))
        self._warn(nodes.warnings)
        return made

    def paste_turnover(self):
        """Paste the comp of the shot's newest VFX turnover."""
        shot = self._meant()
        if shot is None:
            return []
        folder = os.path.join(self.reel["reel"], "delivery")
        found = glob.glob(os.path.join(folder, "*_vfx", glob.escape(shot["name"]), "*.nk"))
        if not found:
            raise problems.Problem(
                "{} was not turned over to VFX yet.".format(shot["name"]),
                where=folder,
                hint="run: dubsync deliver REEL --as vfx",
            )
        newest = max(found, key=lambda path: (os.path.getmtime(path), path))
        return turnover.paste(self.nuke, newest)

    def tweak_node(self):
        """Make a node with the controls of Tweak for a shot."""
        shot = self._meant()
        if shot is None:
            return None
        controls = self.client.call("controls")["controls"]
        text = gizmo.gizmo_text(controls, self.reel["reel"], shot["name"], shot["characters"])
        handle, path = tempfile.mkstemp(suffix=".gizmo")
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(text)
            return self.nuke.nodePaste(path.replace("\\", "/"))
        finally:
            os.remove(path)

    def sync_shot(self):
        """Render a shot, and make what Nuke reads of it."""
        shot = self._meant()
        if shot is not None:
            self._sync(self.reel["reel"], shot["name"])

    def show_notes(self):
        """Show the open notes of a shot."""
        shot = self._meant()
        if shot is not None:
            self.nuke.message("{}\n\n{}".format(shot["name"], notes_text(self._notes(shot))))

    def add_note(self):
        """Write a note at the current frame."""
        shot = self._meant()
        text = self.nuke.getInput("A note for {}".format(shot["name"]), "") if shot else ""
        if text and text.strip():
            frame = int(self.nuke.frame())
            self.client.call(
                "add_note", reel=self.reel["reel"], shot=shot["name"], frame=frame, text=text
            )

    def open_in_desk(self):
        """Open the shot in dubsync's desk."""
        shot = self._meant()
        if shot is not None:
            self.client.call("desk", reel=self.reel["reel"], shot=shot["name"])

    # -- the Tweak node ------------------------------------------------------------------------

    def send_tweak(self, node, sync):
        """Send a node's controls as a tweak; `sync`: render the shot, and refresh its Reads."""
        reel, name = value_of(node, REEL), value_of(node, SHOT)
        controls = self.client.call("controls")["controls"]
        values = {row["name"]: node[gizmo.PREFIX + row["name"]].value() for row in controls}
        sent = value_of(node, "sent").split()
        words, names = gizmo.changes(values, controls, sent)
        if words:
            self.client.call(
                "tweak", reel=reel, shot=name, character=value_of(node, "character"), set=words
            )
            node["sent"].setValue(" ".join(names))
        elif not sync:
            raise problems.Problem("Every control is at its default.", hint="move one, and send")
        if sync:
            self._sync(reel, name)

    def _sync(self, reel, name):
        params = {"reel": reel, "shots": [name], "host": "nuke"}
        self.work.sync(params, lambda told, problem: self._synced(reel, told, problem))

    def _synced(self, reel, told, problem):
        """A sync has ended; on the main thread."""
        if problem is not None:
            self.nuke.message(problem.text())
            return
        nodes = ShotNodes(self.nuke)
        shots = {one["name"]: one for one in self.client.call("open", reel=reel)["shots"]}
        for result in told.get("shots", ()):
            if result.get("picture"):
                if not nodes.refresh(reel, shots[result["name"]], result):
                    nodes.warnings.append(
                        "{} is synced: dubsync > Read shot shows it".format(result["name"])
                    )
            elif result.get("message"):
                hint = ". " + result["hint"] if result.get("hint") else ""
                nodes.warnings.append("{}: {}{}".format(result["name"], result["message"], hint))
        self._warn(nodes.warnings)

    # -- internal ------------------------------------------------------------------------------

    def _meant(self):
        """The shot of the selected node, else one that is asked for; None: cancelled."""
        for node in self.nuke.selectedNodes():
            reel, name = value_of(node, REEL), value_of(node, SHOT)
            if reel and name:
                self.reel = self.client.call("open", reel=reel)
                for shot in self.reel["shots"]:
                    if shot["name"] == name:
                        return shot
        return self._ask_shot()

    def _ask_shot(self):
        if not self.reel:
            self.open_reel()
        if not self.reel:
            return None
        shots = self.reel["shots"]
        if not shots:
            raise problems.Problem("The reel has no shots.", where=self.reel["reel"])
        names = ["{} ({})".format(one["name"], one["state"]) for one in shots]
        chosen = self.nuke.choice("dubsync", "Shot", names)
        return None if chosen is None else shots[chosen]

    def _result(self, shot):
        asked = {"reel": self.reel["reel"], "shots": [shot["name"]], "host": "nuke"}
        return self.client.call("results", **asked)["shots"][0]

    def _notes(self, shot):
        notes = self.client.call("notes", reel=self.reel["reel"])["notes"]
        return [one for one in notes if one["shot"] == shot["name"]]

    def _warn(self, warnings):
        if warnings:
            self.nuke.message("\n".join(warnings))


#: Line of the menu -> method of the session.
LINES = (
    ("Open reel...", "open_reel"),
    ("Read shot...", "read_shot"),
    ("Paste comp of the VFX turnover", "paste_turnover"),
    ("Sync shot", "sync_shot"),
    ("Tweak node", "tweak_node"),
    ("Notes", "show_notes"),
    ("Add note...", "add_note"),
    ("Open in desk", "open_in_desk"),
)


def add_menu(nuke, home):
    """Make the menu; dubsync starts when it is first needed.  Returns the session."""
    command, environment = ["dubsync"], {}
    try:
        command, environment = read_command(home)
    except problems.Problem as problem:
        nuke.tprint("dubsync: " + problem.text())
    session = Session(nuke, Client(command, "nuke", environment=environment))
    menu = nuke.menu("Nuke").addMenu("dubsync")
    for text, name in LINES:
        menu.addCommand(text, guarded(session, getattr(session, name)))
    _sessions[:] = [session]
    return session


def guarded(session, act):
    """What goes wrong is shown, never raised into Nuke."""

    def run():
        try:
            act()
        except problems.Problem as problem:
            session.nuke.message(problem.text())

    return run


def tweak_button(node, sync):
    """A button of the Tweak node was pressed."""
    session = _sessions[0]
    guarded(session, lambda: session.send_tweak(node, sync))()
