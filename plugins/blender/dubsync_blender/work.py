"""The one piece of work under way in this Blender: its dubsync, its flow, what to show of it."""

import os
import time

import bpy

from . import marks, place, sequencer, settings, timecode
from .adapter import BlenderHost
from .dubsync_link import consent as link_consent
from .dubsync_link import flow as link_flow
from .dubsync_link import markers as link_markers
from .dubsync_link import problems
from .dubsync_link.client import Client

HERE = os.path.dirname(os.path.abspath(__file__))
#: Seconds between two looks while a script waits.
PAUSE_S = 0.05
#: How a shot's step is called in the bar.
READING = "Reading the timeline and its plates"


class Work:
    """What the panel shows and its buttons do.

    problem   the Problem to show; None
    said      sentences to show: warnings, and what was done
    """

    def __init__(self):
        self.host = BlenderHost()
        self.client = self.flow = None
        self.problem, self.said = None, []
        self._command = None

    # -- what the panel shows ------------------------------------------------------------------

    @property
    def busy(self):
        """Whether a job is under way."""
        return self.flow is not None and self.flow.busy

    @property
    def state(self):
        """How the flow stands, as link's flow calls it; "" before there was one."""
        return self.flow.state if self.flow else ""

    @property
    def shots(self):
        """The reel's shots, as they were last told."""
        return self.flow.reel.get("shots", []) if self.flow else []

    @property
    def language(self):
        """The reel's language; "" before it was read."""
        return self.flow.reel.get("language", "") if self.flow else ""

    @property
    def lacks_consent(self):
        """Whether the panel offers to choose consent records."""
        return self.flow is not None and link_consent.asked_for(self.flow)

    def part(self):
        """How much of the job is done, 0 to 1."""
        told = self.flow.progress if self.flow else {}
        shots, done = told.get("shots") or 0, told.get("shots_done") or 0
        within = min((told.get("done") or 0) / (told.get("of") or 1), 1.0)
        return min((done + within) / shots, 1.0) if shots else 0.0

    def doing(self):
        """What is being done, as a line: "A001C003: render 12 of 94"."""
        told = self.flow.progress if self.flow else {}
        if not told.get("shot"):
            return READING if self.state == link_flow.READING else "Starting"
        step = f"{told['shot']}: {told.get('step', '')}".rstrip(": ")
        return f"{step} {told['done']} of {told['of']}" if told.get("of") else step

    def count(self):
        """How many of the shots are done: "1 of 3 shots"."""
        told = self.flow.progress if self.flow else {}
        if not told.get("shots"):
            return ""
        return f"{told.get('shots_done', 0)} of {_shots(told['shots'])}"

    # -- what the buttons do -------------------------------------------------------------------

    def sync(self, whole=False):
        """Start to sync the selected clips, or the whole timeline."""
        if self.busy:
            return
        self.problem, self.said = None, []
        try:
            flow = self._ready()
            if self.host.project_saved():
                self._keep_performers(flow)
            flow.sync(whole)
        except problems.Problem as problem:
            self.problem = problem
        self._take()

    def add_consent(self, paths):
        """Keep consent records for this timeline; its reel gets copies of them."""

        def add(flow):
            self._keep_performers(flow)
            self.said = link_consent.choose_records(flow, paths)
            if flow.problem is not None and flow.problem.kind == "consent":
                raise flow.problem

        self._do(add)

    def tick(self):
        """Take what dubsync said; returns whether the job goes on."""
        if self.flow is None:
            return False
        was = self.flow.busy
        self.flow.tick()
        if was and not self.flow.busy:
            self._take()
            self._finished()
        return self.flow.busy

    def wait(self, seconds):
        """Take what dubsync says until the job ends, for Blender without a window."""
        ends = time.monotonic() + seconds
        while self.tick() and time.monotonic() < ends:
            time.sleep(PAUSE_S)

    def cancel(self):
        """Stop the job; what is finished stays."""
        if self.flow is not None:
            self.flow.cancel()

    def read(self):
        """Read the reel's shots and their states."""
        self._do(lambda flow: link_markers.opened(flow))

    def notes(self):
        """Notes and states to markers, markers to notes."""

        def exchange(flow):
            done = link_markers.exchange_notes(flow)
            scene = self.host.scene()
            states = marks.show_states(scene, flow.reel.get("shots", ()))
            self.said = [
                f"Notes set as markers: {done['set']}. Markers kept as notes: {done['kept']}. "
                f"States shown: {states}.",
                *done["warnings"],
            ]

        self._do(exchange)

    def desk(self):
        """Open the shot under the playhead in the desk."""

        def show(flow):
            shot = link_markers.open_in_desk(flow)
            self.said = [f"The desk opens {shot or 'the reel'}."]

        self._do(show)

    def layers(self):
        """Lay in matte and layer of the selected results, of all where none is selected."""
        self.problem, self.said = None, []
        scene = self.host.scene()
        results = place.results_in(scene)
        chosen = [one for one in results if one.select] or results
        if not chosen:
            self.problem = problems.Problem(
                "No render is on this timeline.", hint="sync clips first", kind="choice"
            )
            return
        made = 0
        for strip in chosen:
            strips, notes = place.add_layers(scene, strip)
            made += len(strips)
            self.said += notes
        self.said.insert(0, f"{_counted(made, 'strip')} added, muted.")

    def check(self):
        """Start dubsync and say its version."""

        def greet(flow):
            self.client.start()
            self.said = [f"dubsync {self.client.dubsync} answers."]

        self._do(greet)

    def close(self):
        """Blender, its file or the add-on closes."""
        if self.client is not None:
            self.client.close()
        self.client = self.flow = self._command = None

    # -- internal ------------------------------------------------------------------------------

    def _ready(self):
        """The flow; with another dubsync where the preferences name another.  Raises Problem."""
        command, environment = settings.command_in(_preferred(), HERE)
        if self.flow is None or self._command != (command, environment):
            self.close()
            version = ".".join(str(number) for number in bpy.app.version)
            self.client = Client(command, f"Blender {version}", environment=environment)
            self.flow = link_flow.Flow(self.host, self.client, settings.SceneMemory())
            self._command = (command, environment)
        return self.flow

    def _keep_performers(self, flow):
        """Take who plays whom as the panel has it.  Raises Problem: it is not clear."""
        said = link_consent.read_performers(self.host.scene().dubsync.performers)
        if said:
            link_consent.choose_performers(flow, said)

    def _do(self, act):
        self.problem, self.said = None, []
        try:
            act(self._ready())
        except problems.Problem as problem:
            self.problem = _for_blender(problem)

    def _take(self):
        """Show how the flow stands."""
        if self.flow is None:
            return
        self.problem = _outside_the_dub(_for_blender(self.flow.problem)) or self.problem
        if self.flow.problem and self.flow.problem.kind == "dubsync":
            self.client.close()  # it may be damaged, or an older one: the next job starts it anew
        self.said = [*self.flow.warnings, *self.host.losses]
        if not self.flow.busy and not self.problem:
            placed = sum(1 for row in self.flow.placed if row["placed"])
            ended = "Cancelled; " if self.state == link_flow.CANCELLED else ""
            self.said.insert(0, f"{ended}{_shots(placed)} on the timeline.")

    def _finished(self):
        """Ask for the states of the shots as they are now; nothing depends on it."""
        reel = self.flow.reel.get("reel")
        if reel and self.client.running:
            self.client.ask("open", {"reel": reel}, self._opened, lambda problem: None)

    def _opened(self, reel):
        self.flow.reel = reel


def _outside_the_dub(problem):
    """A problem of shots without a dub, with what to try where the dub counts otherwise."""
    scene = sequencer.scene_of(bpy.context)
    if problem is None or "no dubbed character" not in problem.where or scene.dubsync.start:
        return problem
    for one in scene.dubsync.dub:
        begins = timecode.sound_start(bpy.path.abspath(one.path))
        rate = sequencer.rate_of(scene)
        if begins and rate:
            hint = (
                f"{os.path.basename(one.path)} begins at "
                f"{timecode.text_of(round(begins * rate), rate)}: set Timecode, in Dub and Takes"
            )
            return problems.Problem(problem.what, problem.where, hint, problem.kind)
    return problem


def _for_blender(problem):
    """A problem with what to try in Blender, where the link's own hint is about a file."""
    missing = problems.not_found("")
    if problem is None or problem.what != missing.what:
        return problem
    hint = "install dubsync, and put the path of its program into this add-on's preferences"
    return problems.Problem(problem.what, problem.where, hint, problem.kind)


def _preferred():
    addon = bpy.context.preferences.addons.get(__package__)
    return addon.preferences.dubsync if addon else ""


def _shots(count):
    return _counted(count, "shot")


def _counted(count, word):
    return f"{count} {word}" if count == 1 else f"{count} {word}s"


WORK = Work()
