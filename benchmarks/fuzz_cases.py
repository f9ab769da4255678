"""What is fuzzed: each reader, its seeds, how they are damaged, and what is asked of a result."""

from __future__ import annotations

import json
import zipfile
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from fractions import Fraction
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from typing import Any

from dubsync.cli.cut.probe import probed_json
from dubsync.core.errors import DubsyncError
from dubsync.core.script import Script, ScriptLine
from dubsync.core.timeline.probed import EVENT_KINDS, ProbedCut
from dubsync.core.timeline.runs import Run
from dubsync.editorial.aaf import read as aaf_read
from dubsync.editorial.cmx3600.write import write_cmx
from dubsync.editorial.fcpxml.write import write_fcpxml
from dubsync.editorial.mlt.write import write_mlt
from dubsync.editorial.otio.write import write_otio_flat
from dubsync.editorial.probe import probe_cut
from dubsync.editorial.read_cut import read_cut
from dubsync.editorial.script.formats import script_in, written
from dubsync.editorial.timeline.resolve import resolve
from dubsync.editorial.xmeml.write import write_xmeml
from tests.editorial.editorial_making import clip, event_row, listing, span, timeline, track
from tests.editorial.mlt.mlt_making import KDENLIVE, SHOTCUT
from tests.editorial.probed_making import ALE, at, clipitem, fcpxml, session, xmeml
from tests.editorial.script.script_making import BAND, WEBVTT, detx, stl

SHARED = Path(__file__).parents[2] / "shared" / "timelines"
LARGEST_SEED = 120_000  # bytes: of larger files a case would take too long to be one of many
WRITERS: tuple[Callable[[ProbedCut, tuple[()]], object], ...] = (
    write_otio_flat, write_cmx, write_fcpxml, write_xmeml, write_mlt,
)  # fmt: skip
SCRIPTS = ("dapt", "csv", "srt", "xlsx")
RATES = (None, Fraction(24), Fraction(25), Fraction(30000, 1001))


@dataclass(frozen=True)
class Form:
    """A reader under fuzz.

    shape  how its files are damaged (benchmarks/mutations.py)
    look   (file, case number) -> "read" or "resolved"; raises what the reader raises
    """

    name: str
    suffix: str
    shape: str
    seeds: list[bytes]
    look: Callable[[Path, int], str]


def checked(result: ProbedCut, number: int) -> str:
    """Ask of a result what every caller asks; "resolved" where its pictures were resolved too."""
    assert isinstance(result, ProbedCut) and result.timelines
    assert all(event.kind in EVENT_KINDS and event.tracks for event in result.events)
    json.dumps(probed_json(result)).encode()
    ended, refusals = "read", (DubsyncError,)
    for name in dict.fromkeys(listed.name for listed in result.timelines):
        with suppress(*refusals):  # a bin, or a list without its rate
            contiguous(resolve(result, name))
            ended = "resolved"
    with suppress(*refusals):
        WRITERS[number % len(WRITERS)](result, ())
    return ended


def contiguous(runs: tuple[Run, ...]) -> None:
    """Runs follow each other without hole or overlap, and say what is or why nothing is seen."""
    for run, after in zip(runs, runs[1:], strict=False):
        assert run.record.stop == after.record.start, (run.record, after.record)
    for run in runs:
        assert bool(run.shown) != bool(run.nothing), run


def whole(path: Path, number: int) -> str:
    """As `dubsync probe` and `dubsync turnover` read it."""
    return checked(probe_cut(path, RATES[number // 7 % len(RATES)]), number)


def by_turnover(path: Path, number: int) -> str:
    """As the first reader of cuts, which makes a Cut and no list."""
    read_cut(path, rate=RATES[number % len(RATES)] or Fraction(24))
    return "read"


def dumped_aaf(path: Path, number: int) -> str:
    """An AAF whose objects hold nonsense: what pyaaf2's process printed, damaged."""
    printed = _worded(json.loads(path.read_bytes()))
    before = aaf_read.aaf_mobs
    aaf_read.aaf_mobs = lambda *_: printed
    try:
        return checked(aaf_read.read_aaf(str(path)), number)
    finally:
        aaf_read.aaf_mobs = before


def _worded(node: Any, depth: int = 0) -> Any:
    """The tree with words where aaf_dump.py always writes words, and no deeper than it goes."""
    if depth > 200:
        return {"type": "TooDeep"}
    if isinstance(node, list):
        return [_worded(child, depth + 1) for child in node]
    if not isinstance(node, dict):
        return node
    result = {key: _worded(value, depth + 1) for key, value in node.items()}
    words = ("name", "type", "kind", "comment", "colour", "user", "operation", "descriptor")
    result |= {key: str(result[key]) for key in words if key in result}
    if isinstance(result.get("paths"), list):
        result["paths"] = [str(path) for path in result["paths"]]
    return result


def script(path: Path, number: int) -> str:
    """As the dub's script, written again in one format in turn."""
    result = script_in(path, RATES[number % len(RATES)])
    assert isinstance(result, Script)
    with suppress(DubsyncError):
        written(result, SCRIPTS[number % len(SCRIPTS)])
    return "read"


def shared(*patterns: str, largest: int = LARGEST_SEED) -> list[bytes]:
    """The real files of these names that are not too long for many cases."""
    paths = sorted(p for pattern in patterns for p in SHARED.rglob(pattern))
    return [p.read_bytes() for p in paths if 0 < p.stat().st_size <= largest]


def _bundles() -> list[bytes]:
    made = []
    for text in _otio()[:6]:
        out = BytesIO()
        with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as bundle:
            bundle.writestr("content.otio", text)
            bundle.writestr("version.txt", "1.0.0")
            bundle.writestr("media/a.mov", b"no movie")
        made.append(out.getvalue())
    return made


def _otio() -> list[bytes]:
    made = json.dumps(timeline(track(clip("a", span(0, 24)), clip("b", span(100, 24))))).encode()
    return [made, *shared("*.otio")]


def _edls() -> list[bytes]:
    times = ("01:00:10:00", "01:00:12:00"), ("01:00:00:00", "01:00:02:00")
    rows = (
        event_row(1, "A001", *times),
        "* FROM CLIP NAME: a.mov",
        "M2   A001       048.0                 01:00:10:00",
        event_row(2, "A001", times[0], ("01:00:02:00", "01:00:02:00")),
        event_row(2, "B", times[0], ("01:00:02:00", "01:00:04:00"), transition="D", length="012"),
        "* LOC: 01:00:01:00 RED  x",
    )
    made = [listing(*rows).encode(), listing(*rows, mode="DROP FRAME").encode()]
    return made + shared("*.edl", "*.EDL", "REEL_IS_CLIP.txt")


def _fcpxmls() -> list[bytes]:
    inner = f'<asset-clip ref="r2" offset="{at(0)}" name="a" duration="2s"><marker start="1s"/>'
    nested = f'<ref-clip ref="r4" offset="{at(2)}" duration="2s"><timeMap/></ref-clip>'
    cameras = f'<mc-clip ref="r5" offset="{at(4)}" duration="2s"/>'
    return [fcpxml(f"{inner}</asset-clip>{nested}{cameras}"), *shared("*.fcpxml")]


def _dumps() -> list[bytes]:
    """What pyaaf2 tells of the real files, as JSON."""
    if find_spec("aaf2") is None:
        return []
    from dubsync.editorial.aaf.dump import dumped

    paths = [p for p in sorted(SHARED.rglob("*.aaf")) if 0 < p.stat().st_size <= 500_000]
    texts = [json.dumps(dumped(str(p))).encode() for p in paths]
    return [text for text in texts if len(text) <= LARGEST_SEED]


def _script(kind: str) -> list[bytes]:
    """A made script in one of its formats."""
    lines = tuple(
        ScriptLine(
            who, said, Fraction(at), Fraction(at + 2), str(at), "What?", "de-DE", screen
        )
        for at, who, said, screen in (
            (3601, "ELISE", "Wie bitte?", "on"), (3602, "MARC", "(lacht) Nein.", "off"),
            (3660, "ELISE", "Zwei\nZeilen", "on_off"),
        )
    )  # fmt: skip
    made = Script("x", "made", lines, "de-DE", "en", Fraction(25), start=Fraction(3600))
    return [written(made, kind).data]


def _stls() -> list[bytes]:
    """Made EBU STL files, in Latin and in Greek letters."""
    hour = (10, 0, 0, 0), (10, 0, 2, 12)
    greek = stl((*hour, b"\xc1\xe8\xde\xed\xe1"), table=b"03", code=b"STL30.01")
    return [stl((*hour, b"Caf\xc2e\x8aMARC: Oui"), (*hour, b"\x0d\x07Non")), greek]


FORMS: dict[str, Callable[[], Form]] = {
    "edl": lambda: Form("edl", ".edl", "lines", _edls(), whole),
    "ale": lambda: Form("ale", ".ale", "lines", [ALE.encode(), *shared("*.ale")], whole),
    "protools": lambda: Form(
        "protools", ".txt", "lines",
        [session().encode(), session("15+10", "18+00").encode(), *shared("protools/*.txt")], whole,
    ),
    "otio": lambda: Form("otio", ".otio", "json", _otio(), whole),
    "otioz": lambda: Form("otioz", ".otioz", "zip", _bundles(), whole),
    "xmeml": lambda: Form(
        "xmeml", ".xml", "xml",
        [xmeml(f"<track>{clipitem(0, 50, 0, 50)}</track>"), *shared("fcp/*.xml")], whole,
    ),
    "fcpxml": lambda: Form("fcpxml", ".fcpxml", "xml", _fcpxmls(), whole),
    "mlt": lambda: Form("mlt", ".mlt", "xml", [KDENLIVE.encode(), SHOTCUT.encode()], whole),
    "aaf": lambda: Form("aaf", ".aaf", "bytes", shared("*.aaf", largest=500_000), whole),
    "aaf_objects": lambda: Form("aaf_objects", ".json", "tree", _dumps(), dumped_aaf),
    "dapt": lambda: Form("dapt", ".xml", "xml", _script("dapt"), script),
    "srt": lambda: Form("srt", ".srt", "lines", _script("srt"), script),
    "csv": lambda: Form("csv", ".csv", "lines", [*_script("csv"), *_script("tsv")], script),
    "xlsx": lambda: Form("xlsx", ".xlsx", "zip", _script("xlsx"), script),
    "webvtt": lambda: Form("webvtt", ".vtt", "lines", [WEBVTT], script),
    "stl": lambda: Form("stl", ".stl", "bytes", _stls(), script),
    "detx": lambda: Form("detx", ".detx", "xml", [detx(), detx(BAND * 3)], script),
    "session_script": lambda: Form(
        "session_script", ".txt", "lines",
        [session().encode(), *shared("protools/*.txt")], script,
    ),
    "cut_edl": lambda: Form("cut_edl", ".edl", "lines", _edls(), by_turnover),
    "cut_otio": lambda: Form("cut_otio", ".otio", "json", _otio(), by_turnover),
}  # fmt: skip


def forms(names: list[str]) -> list[Form]:
    """The readers of these names that have seeds here."""
    made = [FORMS[name]() for name in names]
    return [form for form in made if form.seeds]
