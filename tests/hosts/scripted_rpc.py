"""Stands in for `dubsync` where a plugin is tested: speaks protocol 1, renders nothing.

    python scripted_rpc.py SCENE.json rpc

SCENE.json holds "shots" (name, media, source, record), "behave" and "notes"; every call is
appended to calls.jsonl beside it.  How it behaves:

    done    every shot is synced
    fail    the first shot fails, the others are synced
    refuse  `import_timeline` is refused for want of consent
    unsigned  the reel's performer lacks consent until `add_consent` brings a record
    wait    one shot is synced, and the job waits for `cancel`
    die     the process ends in the middle of the job
    early   the job has ended before its number is told
    newer   it speaks protocol 2 alone
"""

import json
import os
import sys
from pathlib import Path

#: Named by the host's test that starts this; pytest, which looks for doctests, names none.
SCENE = Path(sys.argv[1] if __name__ == "__main__" else "scene.json")
CALLS = SCENE.with_name("calls.jsonl")


def say(**body):
    sys.stdout.write(json.dumps({"jsonrpc": "2.0", **body}) + "\n")
    sys.stdout.flush()


def scene():
    return json.loads(SCENE.read_text(encoding="utf-8"))


def result(shot, state="rendered", message="", hint=""):
    made = state == "rendered"
    base = SCENE.parent / "renders" / f"{shot['name']}_v001"
    files = {
        "picture": str(base) + ".mkv", "edit": str(base) + ".mov",
        "matte": str(base) + "_matte.mkv", "layer": str(base) + "_layer.mov",
    }  # fmt: skip
    for path in files.values() if made else ():
        os.makedirs(os.path.dirname(path), exist_ok=True)
        Path(path).touch()
    start, stop = shot["source"]
    return {
        "name": shot["name"], "state": state, "version": "v001" if made else "",
        **(files if made else dict.fromkeys(files, "")),
        "source": shot["source"], "record": shot["record"], "first_frame": start - 8,
        "frames": [start - 8, stop + 8], "rate": scene()["rate"], "size": [64, 36],
        "colour": {"space": "", "tags": {"transfer": "1"}}, "handles": [8, 8],
        "message": message, "hint": hint,
    }  # fmt: skip


def reel(folder):
    shots = [
        {"name": s["name"], "number": str(n), "state": "todo", "characters": ["ELISE"],
         "record": s["record"], "source": s["source"], "record_tc": [], "source_tc": [],
         "plate": s["media"], "plate_frames": [900, 5900], "version": "",
         "note_count": 0, "message": "", "hint": ""}
        for n, s in enumerate(scene()["shots"], 1)
    ]  # fmt: skip
    return {"reel": folder, "name": "reel", "rate": scene()["rate"], "drop": False,
            "language": "it-IT", "languages": ["it-IT"], "timelines": ["cut"],
            "shots": shots, "warnings": []}  # fmt: skip


class Server:
    def __init__(self):
        self.behave = scene()["behave"]
        self.notes = list(scene().get("notes", []))
        self.ready, self.records = [], []

    def hello(self, **said):
        if self.behave == "newer":
            raise Refused("it speaks protocol [1], dubsync 9 speaks [2]", "protocol",
                          "update the plugin: dubsync plugins install")  # fmt: skip
        return {"protocol": 1, "dubsync": "0.1.0", "methods": ["open", "sync"]}

    def open(self, reel, **said):
        return globals()["reel"](reel)

    def import_timeline(self, folder, timeline, **said):
        if self.behave == "refuse":
            raise Refused("no consent record for ELISE", "consent", "add one to the reel")
        assert Path(timeline).is_file(), "the host exported no timeline"
        Path(folder).mkdir(parents=True, exist_ok=True)
        Path(folder, "dubsync.toml").touch()
        return reel(folder) | {"lacking": self.lacking()}

    def lacking(self):
        if self.behave != "unsigned" or self.records:
            return []
        why = "lip_reenact of 'elise' is not covered: there is no consent record"
        lack = {"performer": "elise", "characters": ["ELISE"], "message": why, "hint": "sign one"}
        return [lack]

    def add_consent(self, reel, files=(), performers=None, **said):
        self.records += [Path(file).stem for file in files]
        told = [
            {"id": name, "performer": "elise", "valid_until": "2099-01-01"} for name in self.records
        ]
        return {"records": told, "lacking": self.lacking()}

    def match(self, clips, **said):
        return {"clips": [self._match(clip) for clip in clips]}

    def _match(self, clip):
        if not clip["media"]:
            return {"id": clip["id"], "shots": [], "why": f"{clip['name']} is offline"}
        named = [s["name"] for s in scene()["shots"]
                 if Path(s["media"]).name == Path(clip["media"]).name
                 and s["record"][0] < clip["record"][1]
                 and clip["record"][0] < s["record"][1]]  # fmt: skip
        why = "" if named else f"no shot shows {clip['name']}"
        return {"id": clip["id"], "shots": named, "why": why}

    def sync(self, shots, **said):
        self.shots = [s for s in scene()["shots"] if s["name"] in shots]
        if self.behave == "early":
            self.finish("done", [result(shot) for shot in self.shots])
        return {"job": "1"}

    def after_sync(self):
        if self.behave == "early":
            return
        step = {"job": "1", "step": "render", "done": 3, "of": 9, "shots": len(self.shots)}
        say(method="progress", params={**step, "shot": self.shots[0]["name"], "shots_done": 0})
        if self.behave == "die":
            sys.stderr.write("out of memory\n")
            sys.stderr.flush()
            os._exit(9)
        if self.behave == "wait":
            self.ready = [result(self.shots[0])]
            say(method="progress", params={**step, "shot": "next", "shots_done": 1})
            return
        made = [result(shot) for shot in self.shots]
        if self.behave == "fail":
            made[0] = result(self.shots[0], "failed", "no face is seen", "point at the face")
        self.finish("failed" if self.behave == "fail" else "done", made)

    def finish(self, state, made):
        say(method="finished", params={"job": "1", "state": state, "message": "", "hint": "",
                                       "shots": made})  # fmt: skip

    def cancel(self, job, **said):
        return {"job": job, "cancelled": True}

    def after_cancel(self):
        left = [result(s, "cancelled") for s in self.shots[len(self.ready) :]]
        self.finish("cancelled", self.ready + left)

    def notes_of(self, **said):
        return {"notes": self.notes}

    def add_note(self, text, host_id="", record=None, **said):
        for note in self.notes:
            if host_id and note.get("host_id") == host_id:
                note["text"] = text
                return note
        note = {"name": f"N{len(self.notes) + 1:04d}", "shot": "", "frame": 0, "record": record,
                "text": text, "colour": "yellow", "author": "", "done": False, "created": "",
                "host_id": host_id}  # fmt: skip
        self.notes.append(note)
        return note

    def results(self, shots, **said):
        return {"shots": [result(s) for s in scene()["shots"] if s["name"] in shots]}

    def controls(self, **said):
        rows = [
            ("jaw", "how far the chin drops", 0, 2, 1, "x", [], "mouth"),
            ("yaw", "turn [left] {$x}", -90, 90, 0, "deg", [], "head"),
            ("region", "region", None, None, "mouth", "", ["mouth", "face"], "choice"),
        ]
        names = ("name", "label", "lowest", "highest", "default", "unit", "choices", "group")
        return {"controls": [dict(zip(names, row, strict=True)) for row in rows]}

    def tweak(self, **said):
        return {"version": 1, "tweak": {}, "notes": []}

    def desk(self, **said):
        return {}

    def bye(self, **said):
        return {}


class Refused(Exception):
    pass


def main():
    server = Server()
    for line in sys.stdin:
        call = json.loads(line)
        with CALLS.open("a", encoding="utf-8") as file:
            file.write(json.dumps([call["method"], call["params"]]) + "\n")
        name = {"notes": "notes_of"}.get(call["method"], call["method"])
        try:
            say(id=call["id"], result=getattr(server, name)(**call["params"]))
        except Refused as error:
            what, kind, hint = error.args
            data = {"kind": kind, "where": "ELISE", "hint": hint}
            say(id=call["id"], error={"code": -32000, "message": what, "data": data})
            continue
        after = getattr(server, "after_" + call["method"], None)
        if after:
            after()
    CALLS.with_name("closed").touch()


if __name__ == "__main__":
    main()
