"""The methods of protocol 1: each takes its parameters and returns what is answered."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from dubsync.core.errors import SettingsError
from dubsync.core.progress import Progress
from dubsync.core.version import __version__
from dubsync.service.rpc import asked as forms
from dubsync.service.rpc.jobs import Jobs, Work
from dubsync.service.rpc.messages import REFUSED, BadCall

PROTOCOL = 1


class Methods:
    """What one plugin asks.

    What brings a craft is imported when it is first asked, so that `hello` is answered at once.

    Args:
        progress: called during long answers; it may raise Cancelled.
    """

    def __init__(self, tell: Callable[[str, Mapping[str, Any]], None], progress: Progress) -> None:
        self._progress = progress
        self._reels: Any = None
        self._client = ""
        self.jobs = Jobs(tell, self._after)

    @property
    def reels(self) -> Any:
        """The open reels (`reels.Reels`)."""
        if self._reels is None:
            from dubsync.service.rpc.reels import Reels

            self._reels = Reels()
        return self._reels

    # -- answered at once ----------------------------------------------------------------------

    def hello(self, said: forms.Hello) -> dict[str, Any]:
        """Agree on a protocol.  Raises BadCall where there is no common one."""
        if PROTOCOL not in said.protocols:
            newer = not said.protocols or min(said.protocols) > PROTOCOL
            hint = "update dubsync" if newer else "update the plugin: dubsync plugins install"
            raise BadCall(
                REFUSED,
                f"{said.client} speaks protocol {said.protocols}, dubsync {__version__} speaks "
                f"[{PROTOCOL}]",
                hint=hint,
            )
        self._client = said.client
        return {"protocol": PROTOCOL, "dubsync": __version__, "methods": sorted(METHODS)}

    def cancel(self, said: forms.Cancel) -> dict[str, Any]:
        """Stop a job; what is finished stays."""
        self.jobs.cancel(said.job)
        return {"job": said.job, "cancelled": True}

    def bye(self, said: forms.Nothing) -> dict[str, Any]:
        """The last call: everything is stopped after it."""
        return {}

    # -- answered in turn ------------------------------------------------------------------------

    def open(self, said: forms.Open) -> dict[str, Any]:
        """A reel and its shots."""
        from dubsync.service.rpc.host_consent import lacking_json
        from dubsync.service.rpc.reels import reel_json

        found = self.reels.now(said.reel, said.language)
        project = self.reels.project(said.reel, said.language)
        name = project.file.timeline or project.turnover().cut.name
        told = reel_json(found, project.file.folder, name)
        return {**told, "lacking": lacking_json(project, found)}

    def import_timeline(self, said: forms.ImportTimeline) -> dict[str, Any]:
        """Make a reel of a timeline, or update the one that is there."""
        from dubsync.service.rpc.import_timeline import import_timeline

        notes = import_timeline(said, self._progress)
        self.reels.forget(said.folder)
        opened = self.open(forms.Open(said.folder))
        found = self.reels.project(said.folder).turnover()
        warnings = [{"where": "", "what": note, "hint": ""} for note in notes]
        told = [*found.warnings, *(one for shot in found.shots for one in shot.warnings)]
        told.sort(key=lambda one: not one.blocking)  # what blocks comes first
        about: dict[tuple[str, str], list[str]] = {}
        for one in told:  # what is so of many shots is said once
            about.setdefault((one.message, one.hint), []).append(one.about)
        warnings += [
            {"where": ", ".join(dict.fromkeys(where)), "what": what, "hint": hint}
            for (what, hint), where in about.items()
        ]
        return {**opened, "warnings": warnings}

    def add_consent(self, said: forms.AddConsent) -> dict[str, Any]:
        """Copy consent records of the user's into a reel."""
        from dubsync.service.rpc.host_consent import add_consent

        folder = self.reels.project(said.reel, said.language).file.folder
        added = add_consent(folder, said)
        self.reels.forget(said.reel)
        opened = self.open(forms.Open(said.reel, said.language))
        return {"records": added, "lacking": opened["lacking"]}

    def match(self, said: forms.Match) -> dict[str, Any]:
        """Which shots clips of the host are."""
        from dubsync.service.rpc.match_clips import matched

        found = self.reels.now(said.reel, said.language)
        return {"clips": matched(said.clips, found.rows, found.rate)}

    def sync(self, said: forms.Sync) -> dict[str, Any]:
        """Begin to render shots."""
        rows = self.reels.rows(said.reel, said.shots, said.language)
        names = [row.name for row in rows if row.shot is not None]
        if not names:
            raise SettingsError("there is no shot to render among these",
                                hint="choose shots that have a plate")  # fmt: skip
        return {"job": self.jobs.add(said.reel, said.language, names, self._host(said.host))}

    def results(self, said: forms.Results) -> dict[str, Any]:
        """The newest renders of shots."""
        from dubsync.service.rpc.results import result_json

        project = self.reels.project(said.reel, said.language)
        rows = self.reels.rows(said.reel, said.shots, said.language)
        host = self._host(said.host)
        return {"shots": [result_json(project, row, host) for row in rows]}

    def notes(self, said: forms.Open) -> dict[str, Any]:
        """Every note of the reel."""
        from dubsync.service.rpc.host_notes import notes_of

        return {"notes": notes_of(self.reels.project(said.reel, said.language))}

    def add_note(self, said: forms.AddNote) -> dict[str, Any]:
        """Keep a note."""
        from dubsync.service.rpc.host_notes import add_note

        return add_note(self.reels.project(said.reel, said.language), said)

    def tweak(self, said: forms.Tweak) -> dict[str, Any]:
        """Change, or tell, the tweaks of a shot."""
        from dubsync.core.tweak.tweak_json import plain
        from dubsync.service.shape.shots import tweak_shots

        project = self.reels.project(said.reel, said.language)
        made = tweak_shots(project, [said.shot], said.set, character=said.character)[0]
        return {
            "version": made.version.number,
            "tweak": {who: plain(one) for who, one in made.version.tweaks.items()},
            "notes": list(made.notes),
        }

    def controls(self, said: forms.Nothing) -> dict[str, Any]:
        """The controls of tweaks."""
        from dubsync.core.tweak.choices import CHOICES, REGIONS
        from dubsync.core.tweak.controls import CONTROLS

        rows: list[dict[str, Any]] = [
            {"name": name, "label": one.meaning, "lowest": one.low, "highest": one.high,
             "default": one.default, "unit": one.unit, "choices": [], "group": one.group}
            for name, one in CONTROLS.items()
        ]  # fmt: skip
        words = {"region": list(REGIONS), "look_at": ["off", "camera"]}
        rows += [
            {"name": name, "label": name.replace("_", " "), "lowest": None, "highest": None,
             "default": default, "unit": "", "choices": words[name], "group": "choice"}
            for name, default in CHOICES.items()
        ]  # fmt: skip
        return {"controls": rows}

    def desk(self, said: forms.Desk) -> dict[str, Any]:
        """Open the desk, as a process that outlives this one."""
        if said.shot:
            self.reels.rows(said.reel, [said.shot], said.language)
        folder = self.reels.project(said.reel, said.language).file.folder
        options = ["--language", said.language] if said.language else []
        options += ["--shot", said.shot] if said.shot else []
        nothing = subprocess.DEVNULL
        apart: dict[str, Any] = (
            {"creationflags": getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0)}
            if sys.platform == "win32"
            else {"start_new_session": True}
        )
        subprocess.Popen([sys.executable, "-m", "dubsync", "desk", str(folder), *options],
                         stdin=nothing, stdout=nothing, stderr=nothing, **apart)  # fmt: skip
        return {}

    # -- internal --------------------------------------------------------------------------------

    def _host(self, named: str) -> str:
        """The host that opens what is made: named, or the plugin's own."""
        from dubsync.service.rpc.host_media import host_named

        return host_named(named or self._client)

    def _after(self, work: Work) -> list[dict[str, Any]]:
        """The Results of a job: files of what it made, the reason of what it did not."""
        from dubsync.service.fault import bounded

        found: list[dict[str, Any]] = bounded(
            lambda: self.results(
                forms.Results(work.reel, list(work.shots), work.language, work.host)
            )["shots"]
        )  # fmt: skip
        return [_told(row, work) for row in found]


def _told(row: dict[str, Any], work: Work) -> dict[str, Any]:
    """A Result after a job: without files where the job made none."""
    said = work.told.get(row["name"])
    if said is not None and said["status"] in ("done", "unchanged"):
        return row | ({"message": said["lacking"]} if said.get("lacking") else {})
    state = said["status"] if said else ("cancelled" if work.state == "cancelled" else "failed")
    about = said or work.end
    files = dict.fromkeys(("picture", "edit", "matte", "layer", "record_file", "version"), "")
    return row | files | {"state": state, "message": about.get("message", ""),
                          "hint": about.get("hint", "")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Method:
    """A method: what it takes, what does it, and whether it is answered while others work."""

    form: type[forms.Asked]
    do: Callable[[Methods, Any], dict[str, Any]]
    at_once: bool = False


METHODS: Mapping[str, Method] = {
    "hello": Method(forms.Hello, Methods.hello, at_once=True),
    "open": Method(forms.Open, Methods.open),
    "import_timeline": Method(forms.ImportTimeline, Methods.import_timeline),
    "add_consent": Method(forms.AddConsent, Methods.add_consent),
    "match": Method(forms.Match, Methods.match),
    "sync": Method(forms.Sync, Methods.sync),
    "cancel": Method(forms.Cancel, Methods.cancel, at_once=True),
    "results": Method(forms.Results, Methods.results),
    "notes": Method(forms.Open, Methods.notes),
    "add_note": Method(forms.AddNote, Methods.add_note),
    "tweak": Method(forms.Tweak, Methods.tweak),
    "controls": Method(forms.Nothing, Methods.controls),
    "desk": Method(forms.Desk, Methods.desk),
    "bye": Method(forms.Nothing, Methods.bye, at_once=True),
}
