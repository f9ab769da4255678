"""A rythmo band as the project's script: its marks reach the drive, and make only shots stale."""

from __future__ import annotations

import datetime
from dataclasses import replace
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest

from dubsync.core.script import LipMark, Script, ScriptLine
from dubsync.core.shot import Line, Stem
from dubsync.core.timeline.timecode import FrameRange
from dubsync.service.project import Project
from dubsync.service.script.match_lines import scripted
from dubsync.service.stems.audio_analysis import AudioAnalysisCache
from dubsync.service.stems.lip_marks import marks_digest, marks_under
from dubsync.service.store.folder import Store
from tests.editorial.script.script_making import detx
from tests.service.reel_making import make_reel

RATE = Fraction(24)
RECORD = FrameRange(86400, 86400 + 24 * 60, RATE)

#: Elise's line over her voice, 0.4 to 1.2 s; frames of the cut's 24 a second.
BAND = """<line role="elise" track="0">
  <lipsync timecode="01:00:00:09" type="in_open"/><text>Bon</text>
  <lipsync timecode="01:00:00:15" type="{}"/><text>jour.</text>
  <lipsync timecode="01:00:01:05" type="out_open"/></line>"""


def opened(folder: Path, mark: str) -> Project:
    (folder / "band.detx").write_bytes(detx(BAND.format(mark)))
    toml = folder / "dubsync.toml"
    text = toml.read_text()
    if "script" not in text:
        toml.write_text(text.replace("[project]\n", '[project]\nscript = "band.detx"\n'))
    return Project.open(folder)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return make_reel(tmp_path, datetime.date.today())


def test_a_marked_closure_is_in_the_sound_that_drives_the_shot(folder: Path) -> None:
    keys = {}
    for mark in ("neutral", "labial", "ouverture"):
        project = opened(folder, mark)
        shot = next(s for s in project.turnover().shots if s.lines[0].character == "ELISE")
        stem = project.reel.stems["ELISE"]
        audio = AudioAnalysisCache(Store(folder))
        features = audio.dub_audio(stem, shot, shot.render).features
        at = round(15 / 24 * 100)  # readings after the stem's first sample
        here = np.asarray(features.closure)[at - 1 : at + 2]
        assert [m.lips for m in shot.lines[0].marks] == {
            "neutral": [], "labial": ["closed"], "ouverture": ["open"],
        }[mark]  # fmt: skip
        if mark == "labial":
            assert here.max() == 1
        elif mark == "ouverture":
            assert here.max() == 0
        keys[mark] = audio.window_digest(stem, shot)
    assert len(set(keys.values())) == 3


def line(start: float, stop: float) -> Line:
    record = FrameRange(86400 + round(start * 24), 86400 + round(stop * 24), RATE)
    return Line("ELISE_L001", "ELISE", "fr", "e.wav", record)


def script(*marks: float, start: float = 1.0, stop: float = 3.0) -> Script:
    made = tuple(LipMark(3600 + Fraction(at), "closed") for at in marks)
    one = ScriptLine("Elise", "Bon.", 3600 + Fraction(start), 3600 + Fraction(stop), marks=made)
    return Script("b.detx", "band", (one,))


def test_an_utterance_has_the_marks_that_lie_in_it() -> None:
    result = scripted(script(0.5, 1.5, 2.5, 4.5), [line(1.0, 3.0)], {"ELISE": "e"}, RECORD)
    assert [float(m.time) - 3600 for m in result.lines[0].marks] == [1.5, 2.5]


def test_the_marks_of_a_late_stem_are_late_with_it() -> None:
    spans = [(4.0 * n + n % 3 * 0.3, 4.0 * n + 2) for n in range(1, 12)]
    lines = [replace(line(a + 1, b + 1), name=f"ELISE_L{n:03d}") for n, (a, b) in enumerate(spans)]
    scripts = [script(a + 0.5, start=a, stop=b).lines[0] for a, b in spans]
    result = scripted(Script("b", "band", tuple(scripts)), lines, {"ELISE": "e"}, RECORD)
    late = [
        float(ln.marks[0].time) - 3600 - (a + 0.5)
        for ln, (a, _) in zip(result.lines, spans, strict=True)
    ]
    assert late == pytest.approx([1.0] * len(spans), abs=0.06)


def test_only_marks_near_a_time_are_in_its_digest() -> None:
    stem = Stem("ELISE", "fr", "e.wav", 48000, 480000, Fraction(3600))
    made = replace(line(1, 3), marks=(LipMark(Fraction(3601), "closed"),))
    assert marks_under([made, replace(made, character="MARC")], stem) == made.marks
    assert marks_digest([made], stem) and not marks_digest([line(1, 3)], stem)
    assert marks_digest([made], stem, Fraction(2), Fraction(3, 2))
    assert not marks_digest([made], stem, Fraction(9), Fraction(3, 2))
