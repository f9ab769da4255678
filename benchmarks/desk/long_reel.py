"""A reel of any length out of the sample's plates: its cut and its dub again and again.

Each shot has a record of a render, findings and a triage score, so that everything a row shows is
read from disk; there are no pictures of renders.
"""

from __future__ import annotations

import json
import random
import shutil
import wave
from dataclasses import asdict
from fractions import Fraction
from pathlib import Path

import numpy as np

from dubsync.core.result import Finding
from dubsync.core.shot import Shot
from dubsync.core.timeline.timecode import Timecode
from dubsync.service.project import Project
from dubsync.service.qc.kept_triage import NAME, kept
from dubsync.service.render.provenance import write_record
from dubsync.service.render.record_form import SCHEMA

SAMPLE = Path(__file__).parents[2] / "sample_projects" / "two_hander"
RATE = Fraction(24000, 1001)
#: Plate, source timecode, frames of the plate: the sample's own cut, at normal speed.
EVENTS = (
    ("A001C003_251114_ELISE_CU", "10:14:22:17", 94),
    ("A002C001_251114_MARC_CU", "10:52:07:23", 108),
    ("A001C003_251114_ELISE_CU", "10:14:27:15", 84),
    ("A002C002_251114_MARC_CU", "10:58:40:12", 58),
    ("A003C001_251114_TWO", "11:31:17:06", 112),
    ("A001C004_251114_ELISE_MCU", "10:21:03:21", 86),
    ("A002C004_251114_MARC_BCU", "11:05:55:14", 64),
    ("A001C006_251114_ELISE_CU", "10:37:49:08", 54),
)
ROUND = 678  #: frames from one round of the cut to the next; a multiple of 3
SAMPLE_RATE, SAMPLES_A_FRAME = 16000, Fraction(16000 * 1001, 24000)
MEASURES = ("offset", "flicker", "seam", "sharpness", "identity", "closures")

_PROJECT = """\
[project]
name = "long_reel"
language = "it-IT"
cut = "long.edl"
rate = "24000/1001"
media = ["plates"]
handles = 4

[characters.ELISE]
performer = "synthetic-381"
dub = "dub/ELISE.wav"

[characters.MARC]
performer = "synthetic-562"
dub = "dub/MARC.wav"

[engine]
device = "cpu"
"""


def long_reel(folder: Path, shots: int) -> Path:
    """Make a project of `shots` events in folder/REEL; its stems are heard once."""
    reel = folder / "REEL"
    shutil.copytree(SAMPLE / "plates", reel / "plates")
    shutil.copytree(SAMPLE / "consent", reel / "consent")
    (reel / "dub").mkdir()
    rounds = -(-shots // len(EVENTS))
    for who in ("ELISE", "MARC"):
        _tile(SAMPLE / "dub" / f"{who}_it.wav", reel / "dub" / f"{who}.wav", rounds)
    (reel / "long.edl").write_text(_edl(shots))
    (reel / "dubsync.toml").write_text(_PROJECT)
    project = Project.open(reel)
    _judged(project)
    return reel


def _tile(source: Path, target: Path, rounds: int) -> None:
    """The sample's stem at 16 kHz, `rounds` times, each as long as a round of the cut."""
    with wave.open(str(source)) as sound:
        samples = np.frombuffer(sound.readframes(sound.getnframes()), "<i2")
    third = samples[: len(samples) // 3 * 3].reshape(-1, 3).mean(axis=1).astype("<i2")
    length = int(ROUND * SAMPLES_A_FRAME)
    one = np.zeros(length, "<i2")
    one[: min(length, len(third))] = third[:length]
    with wave.open(str(target), "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(SAMPLE_RATE)
        for _ in range(rounds):
            out.writeframes(one.tobytes())


def _edl(shots: int) -> str:
    lines = ["TITLE: LONG_REEL", "FCM: NON-DROP FRAME", ""]
    at = int(Timecode.parse("01:00:00:00", RATE).frame)
    for n in range(shots):
        name, source, frames = EVENTS[n % len(EVENTS)]
        first = int(Timecode.parse(source, RATE).frame)
        times = (first, first + frames, at, at + frames)
        text = " ".join(str(Timecode(one, RATE)) for one in times)
        lines += [f"{n + 1:03d}  {name[:8]} V     C        {text}",
                  f"* FROM CLIP NAME: {name}.mov"]  # fmt: skip
        last = n % len(EVENTS) == len(EVENTS) - 1
        at += frames + (ROUND - sum(one[2] for one in EVENTS) if last else 0)
    return "\n".join(lines) + "\n"


def _judged(project: Project) -> None:
    """A record for each shot, a QC report and a triage over all of them."""
    seed, store = random.Random(16), project.store
    rows, scores = [], []
    for shot in project.turnover().shots:
        folder = store.home("renders", shot.name) / "v001"
        folder.mkdir(parents=True)
        write_record(folder / f"{shot.name}_v001.record.json", _record(shot))
        findings = [
            {key: value for key, value in asdict(Finding(
                shot.name, shot.characters[0], measure, round(seed.random(), 3), "", "at most 1",
                "fail" if seed.random() > 0.97 else "review" if seed.random() > 0.9 else "pass",
                message=f"{measure} as measured",
            )).items() if key != "shot"}
            for measure in MEASURES
        ]  # fmt: skip
        rows.append({"name": shot.name, "verdict": "review", "version": 1, "findings": findings})
        scores.append({"shot": shot.name, "score": round(100 * seed.random(), 1)})
    report, triage = store.home("reports") / "v001", store.home("reports", "triage") / "v001"
    report.mkdir(parents=True)
    triage.mkdir(parents=True)
    (report / "long_reel.json").write_text(json.dumps({"schema": "dubsync.qc/1", "shots": rows}))
    (triage / NAME).write_bytes(kept({"shots": scores}))


def _record(shot: Shot) -> dict[str, object]:
    who = list(shot.characters)
    stretch = {"first": shot.source.start, "last": shot.source.stop - 1, "source": "sound",
               "reason": ""}  # fmt: skip
    span = {"first": shot.render.start, "stop": shot.render.stop, "rate": str(shot.render.rate),
            "timecode": ""}  # fmt: skip
    return {
        "schema": SCHEMA, "shot": shot.name, "version": 1, "key": "", "seconds": 8.0,
        "characters": who, "frames": span,
        "renderers": {name: {"renderer": "actor", "reason": "as measured"} for name in who},
        "mouths": {name: [stretch] for name in who},
        "outputs": {},
    }  # fmt: skip
