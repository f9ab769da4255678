"""The one way from clips in a host to synced clips in it.

    flow.choose(dub=[...], takes=[...])   once for a timeline that is new to dubsync
    flow.sync()                           the selected clips; flow.sync(whole=True): all
    flow.tick()                           from the host's timer, until flow.busy is False

`sync` exports the timeline, makes or updates the reel, renders, and lays the results in.  What
goes wrong ends in `flow.problem`, never in an exception through the host's window.
"""

import os
import re
import shutil
import tempfile
import time

from . import consent, problems
from .memory import Memory

#: What a flow is doing.
IDLE, READING, SYNCING, PLACING = "idle", "reading the timeline", "syncing", "placing"
DONE, FAILED, CANCELLED = "done", "failed", "cancelled"
BUSY = (READING, SYNCING, PLACING)
#: A shot in these states has nothing to sync.
NOTHING_THERE = ("skipped", "offline")


class Flow:
    """One panel's work: one job at a time.

    state     what it does, or how it ended
    progress  {"shot", "step", "done", "of", "shots_done", "shots"} of the running job
    problem   the Problem that ended it; None
    reel      the answer of `open` or `import_timeline`; {} before
    placed    what the host made of the results: [{"name", "placed", "how", "message"}]
    warnings  sentences for the user
    changed   called after each change, for the window to draw again
    """

    def __init__(self, host, client, memory=None):
        self.host, self.client = host, client
        self.memory = memory or Memory()
        self.changed = lambda: None
        self.state, self.problem, self.progress = IDLE, None, {}
        self.reel, self.placed, self.warnings = {}, [], []
        self._timeline, self._clips, self._folder = {}, None, ""
        self._job, self._stop, self._exported, self._early = "", False, "", {}

    @property
    def busy(self):
        """Whether a job is under way."""
        return self.state in BUSY

    # -- choosing ------------------------------------------------------------------------------

    def chosen(self):
        """What is known of the open timeline: folder, dub, takes, script, language."""
        return self.memory.get(self._key(self.host.current_timeline()))

    def choose(self, **what):
        """Keep a choice for the open timeline: folder, and what `import_timeline` takes."""
        key = self._key(self.host.current_timeline())
        known = self.memory.get(key)
        known.update(what)
        self.memory.put(key, known)

    # -- syncing -------------------------------------------------------------------------------

    def sync(self, whole=False):
        """Sync the selected clips, or the whole timeline, and lay the results in."""
        if self.busy:
            return
        self.problem, self.progress, self.placed, self.warnings = None, {}, [], []
        self._job, self._stop, self._clips, self._early = "", False, None, {}
        self.state = READING
        try:
            self._send(whole)
        except problems.Problem as problem:
            self._fail(problem)
        self.changed()

    def cancel(self):
        """Stop; what is finished stays."""
        if not self.busy:
            return
        self._stop = True
        if self._job:
            self.client.ask("cancel", {"job": self._job}, _nothing, self._fail)
        self.changed()

    def tick(self):
        """Take what dubsync said; for the host's timer.  Returns whether it goes on."""
        if self.client.poll(self._told):
            self.changed()
        return self.busy

    def wait(self, seconds, pause=0.05):
        """Tick until it is finished, for hosts without a timer; returns the state."""
        ends = time.time() + seconds
        while self.tick() and time.time() < ends:
            time.sleep(pause)
        return self.state

    def close(self):
        """The host, or its window, closes."""
        self.client.close()

    # -- steps of a sync -----------------------------------------------------------------------

    def _send(self, whole):
        if not self.host.project_saved():
            raise problems.not_saved(self.host.host_name)
        self._timeline = self.host.current_timeline()
        if not whole:
            self._clips = self.host.selected_clips()
            if not self._clips:
                raise problems.nothing_selected()
        key = self._key(self._timeline)
        known = self.memory.get(key)
        if not known["dub"] and not known["folder"]:
            raise problems.no_dub(self._timeline["name"])
        self._folder = known["folder"] or self._new_folder(self._timeline["name"])
        aside = tempfile.mkdtemp(prefix="dubsync_")
        self._exported = aside
        name = _file_name(self._timeline["name"])
        path = self.host.export_timeline(os.path.join(aside, name + self.host.suffix))
        roots = self.host.media_roots()
        names = ("dub", "takes", "script", "language", "performers", "consent")
        params = {name: known[name] for name in names}
        params["consent"] = consent.still_there(known["consent"], self.warnings)
        params.update(
            timeline=path,
            folder=self._folder,
            rate=self._timeline.get("rate", ""),
            media_roots=roots,
            name=self._timeline["name"],
        )
        self.client.ask("import_timeline", params, self._imported, self._fail)

    def _imported(self, reel):
        self._forget_export()
        key = self._key(self._timeline)
        known = self.memory.get(key)
        known["folder"] = self._folder
        known["language"] = known["language"] or reel.get("language", "")
        self.memory.put(key, known)
        self.reel = reel
        self.warnings += [problems.sentence_of(one) for one in reel.get("warnings", ())]
        if self._stopped():
            return
        if self._clips is None:
            shots = [s["name"] for s in reel["shots"] if s["state"] not in NOTHING_THERE]
            self._sync_shots(shots, [])
            return
        params = {"reel": reel["reel"], "clips": self._clips}
        self.client.ask("match", params, self._matched, self._fail)

    def _matched(self, answer):
        shots, reasons = [], []
        for clip in answer["clips"]:
            shots += [name for name in clip["shots"] if name not in shots]
            if clip.get("why"):
                reasons.append(clip["why"])
        self._sync_shots(shots, reasons)

    def _sync_shots(self, shots, reasons):
        self.warnings += reasons
        if self._stopped():
            return
        if not shots:
            self._fail(
                problems.Problem(
                    "None of these clips has a shot to sync.",
                    where="; ".join(reasons),
                    hint="see the list of shots, or open the reel in the desk",
                    kind="choice",
                )
            )
            return
        same = self._language() == self.reel.get("language", "")  # that `lacking` is about
        lacks = consent.problem_of(self.reel, shots) if same else None
        if lacks is not None:  # nothing could be rendered: say so at once
            self._fail(lacks)
            return
        params = {"reel": self.reel["reel"], "shots": shots, "language": self._language()}
        self.state, self.progress = SYNCING, {}
        self.client.ask("sync", params, self._begun, self._fail)

    def _begun(self, answer):
        self._job = answer["job"]
        if self._early.get("job") == self._job:
            self._told("finished", self._early)
        elif self._stop:
            self.client.ask("cancel", {"job": self._job}, _nothing, self._fail)

    def _told(self, method, params):
        if method == "ended" and self.busy:
            self._fail(params["problem"])
        elif method == "finished" and self.state == SYNCING and not self._job:
            self._early = params  # it ended before its number was known
        elif params.get("job") != self._job or not self.busy:
            return
        elif method == "progress":
            self.progress = params
        elif method == "finished" and self._job:
            self._job = ""
            self._place(params)

    def _place(self, finished):
        """Lay in what is finished, also of a job that was cancelled or failed in part."""
        self.state = PLACING
        self.changed()
        results = finished.get("shots", [])
        ready = [one for one in results if one.get("picture")]
        bad = [one for one in results if not one.get("picture") and one.get("message")]
        try:
            if ready:
                self.placed = self.host.add_results(ready, self._timeline)
        except problems.Problem as problem:
            self._fail(problem)
            return
        laid = set(one["name"] for one in self.placed if one["placed"])
        told = [one for one in results if one.get("message") and one["name"] not in laid]
        self.warnings += [problems.sentence_of(one) for one in told]
        self.warnings += [
            "{}: {}".format(one["name"], one["message"])
            for one in self.placed
            if one.get("message")
        ]
        if finished.get("state") == "cancelled":
            self.state = CANCELLED
        elif finished.get("state") == "failed" and not ready:
            first = bad[0] if bad else finished
            self._fail(
                problems.Problem(
                    first.get("message") or "The sync failed.",
                    where=first.get("name", ""),
                    hint=first.get("hint", ""),
                    kind="dubsync",
                )
            )
        else:
            self.state = DONE

    # -- internal ------------------------------------------------------------------------------

    def _fail(self, problem):
        self._forget_export()
        self._job = ""
        self.problem, self.state = problem, FAILED

    def _stopped(self):
        if self._stop:
            self.state = CANCELLED
        return self._stop

    def _language(self):
        known = self.memory.get(self._key(self._timeline))["language"]
        return known or self.reel.get("language", "")

    def _key(self, timeline):
        # The id, not the name: two timelines of one name are two reels.
        return "{}|{}|{}".format(self.host.host_key, self.host.project_folder(), timeline["id"])

    def _new_folder(self, name):
        """A folder for a new reel that no other timeline has, and that is not there yet."""
        home = self.host.project_folder()
        if not home:
            raise problems.Problem(
                "It is not known where dubsync may keep its reel.",
                hint="choose a folder for it",
                kind="choice",
            )
        taken, stem, number = self.memory.folders(), _file_name(name), 1
        while True:
            tail = "" if number == 1 else f"_{number}"
            folder = os.path.join(home, "dubsync", stem + tail)
            if folder not in taken and not os.path.exists(folder):
                return folder
            number += 1

    def _forget_export(self):
        if self._exported:
            shutil.rmtree(self._exported, ignore_errors=True)
            self._exported = ""


def _file_name(name):
    """A name that every disk takes."""
    return re.sub(r"[^A-Za-z0-9._-]+", "_", name).strip("._")[:80] or "timeline"


def _nothing(answer):
    pass
