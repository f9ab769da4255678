"""Editorial: what our readers, OpenTimelineIO's adapters and pycmx keep of real timelines.

    python -m benchmarks.editorial [--json] [--write docs/benchmarks.md]
    python -m benchmarks.editorial --resolve [--json]

Every file of ../shared/timelines is read by ours (`dubsync probe`), by the OpenTimelineIO adapter
for its suffix, and lists by pycmx.  "in the files" counts what stands in the raw text by plain
search, apart from any reader (AAF is binary: not counted).  Right events, of lists: a reader's
event begins and ends on the same record frames, from the first event on, as the list prints it.
A compound's contents, shown several times, count once.  Run it by a Python that has the adapters
(otio-cmx3600-adapter, otio-fcp-adapter, otio-fcpx-xml-adapter, otio-ale-adapter,
otio-aaf-adapter); what is not installed is said to be.
"""

from __future__ import annotations

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import date
from fractions import Fraction
from importlib.util import find_spec
from pathlib import Path
from random import Random
from time import process_time
from typing import Any

import click

from dubsync.core.errors import DubsyncError
from dubsync.core.timeline.probed import ProbedCut, ProbedEvent, ProbedTimeline, probed_range
from dubsync.editorial.probe import probe_cut
from dubsync.editorial.timeline.resolve import resolve

SHARED = Path(__file__).parents[2] / "shared" / "timelines"
#: Heading of docs/benchmarks.md under which the table stands.
HEADING = "## Timeline readers\n"
DIALECTS = {
    ".edl": "CMX3600 EDL", ".ale": "ALE", ".otio": ".otio", ".xml": "FCP7 XML",
    ".fcpxml": "FCPXML", ".aaf": "AAF", ".txt": "Pro Tools text",
}  # fmt: skip
ADAPTERS = {".edl": "cmx_3600", ".ale": "ale", ".otio": "otio_json", ".xml": "fcp_xml",
            ".fcpxml": "fcpx_xml", ".aaf": "AAF"}  # fmt: skip
#: What is searched for in the raw text: events, retimes, transitions, markers, tracks.
SEARCHED: dict[str, tuple[str, ...]] = {
    ".edl": (r"(?m)^\d{3,6}\s.*\d\d:\d\d[:;]\d\d", r"(?m)^M2\s",
             r"(?m)^\d{3,6}\s.*?\s[DWK]\d* +[\dBO ]*\d\d:",
             r"(?m)^\*? ?LOC:", ""),
    ".ale": ("", "", "", "", ""),
    ".otio": (r'"Clip\.', r'"(LinearTimeWarp|FreezeFrame)\.', r'"Transition\.', r'"Marker\.',
              r'"(Track|Sequence)\.'),
    ".xml": (r"<(clipitem|generatoritem)\b", r"<effectid>timeremap", r"<transitionitem\b",
             r"<marker\b", r"<track\b"),
    ".fcpxml": (r"<(asset-clip|ref-clip|mc-clip|sync-clip|clip|title|caption)\s", r"<timeMap>",
                r"<transition\s", r"<(marker|chapter-marker|keyword|rating)\s", ""),
    ".txt": (r"(?m)^\d+ *\t\d+ +\t", "", "", r"(?m)^\d+ +\t.*Samples", r"TRACK NAME:"),
}  # fmt: skip


@dataclass(frozen=True)
class Kept:
    """What one reader keeps of one file."""

    events: int = 0
    right: int = 0
    retimes: int = 0
    transitions: int = 0
    markers: int = 0
    starts: int = 0
    tracks: int = 0


def rate_of(text: str) -> Fraction:
    """The rate a list was cut at, by its own numbers: our test files are 24, 25 and 30000/1001."""
    if "FCM: DROP" in text:
        return Fraction(30000, 1001)
    frames = {int(n) for n in re.findall(r"\d\d:\d\d:\d\d[:;](\d\d)", text)}
    return Fraction(25) if max(frames, default=0) >= 24 else Fraction(24)


def printed(text: str, rate: Fraction) -> Counter[tuple[int, int]]:
    """(begins, lasts) of each event line of a list that has a length, in record frames."""
    base, result = -(-rate.numerator // rate.denominator), []
    for line in re.findall(r"(?m)^\d{3,6}\s.*$", text):
        times = re.findall(r"(\d\d):(\d\d):(\d\d)[:;](\d\d)", line)
        if len(times) == 4:
            edges = [((int(h) * 60 + int(m)) * 60 + int(s)) * base + int(f)
                     for h, m, s, f in times[2:]]  # fmt: skip
            result.append((edges[0], edges[1] - edges[0]))
    first = min((begin for begin, _ in result), default=0)
    return Counter((begin - first, length) for begin, length in result if length)


def ours(path: Path, rate: Fraction | None, truth: Counter[tuple[int, int]]) -> Kept:
    result: ProbedCut = probe_cut(path, rate)
    whole = {(e.where, e.kind, e.name): e for e in result.events}.values() \
        if path.suffix == ".fcpxml" else result.events  # fmt: skip
    listed = path.suffix.lower() == ".edl"
    clips = [
        e
        for e in whole
        if e.kind not in ("gap", "transition")
        and (listed or e.transition is None or e.source is not None)
    ]
    starts = [e.record.start for e in clips if e.record and e.record.start is not None]
    at = Counter((int(e.record.start - min(starts)), int(e.record.length)) for e in clips
                 if e.record and e.record.start is not None and e.record.length)  # fmt: skip
    distinct = {(m.where, m.name) for m in result.markers}
    return Kept(
        events=len(clips),
        right=(at & truth).total(),
        retimes=sum(_retimed(e, path) for e in clips),
        transitions=sum(
            e.transition is not None or e.kind in ("dissolve", "wipe", "key") for e in whole
        ),
        markers=len(distinct if path.suffix == ".fcpxml" else result.markers),
        starts=sum(bool(t.start) for t in result.timelines),
        tracks=len({t for e in whole for t in e.tracks}),
    )


def _retimed(event: ProbedEvent, path: Path) -> bool:
    """Whether a file says that an event runs at another speed (a list without M2 does not)."""
    said = path.suffix.lower() != ".edl" or any(r.startswith("M2 ") for r in event.remarks)
    return said and event.speed != 1


def by_otio(path: Path, rate: Fraction | None, truth: Counter[tuple[int, int]]) -> Kept:
    import opentimelineio as otio

    options: dict[str, Any] = {"adapter_name": ADAPTERS[path.suffix.lower()]}
    if path.suffix.lower() == ".edl" and rate is not None:
        options["rate"] = float(rate)
    read = otio.adapters.read_from_file(str(path), **options)
    tops = [read] if isinstance(read, otio.schema.Timeline) else list(
        read.find_children(descended_from_type=otio.schema.Timeline))  # fmt: skip
    if not tops:
        clips = list(read.find_children(descended_from_type=otio.schema.Clip))
        return Kept(events=len(clips))
    clips = [clip for top in tops for clip in top.find_clips()]
    items = [i for top in tops for i in top.find_children(descended_from_type=otio.core.Item)]
    at: Counter[tuple[int, int]] = Counter()
    if truth:
        ranges = [clip.range_in_parent() for clip in clips]
        frames = [(round(r.start_time.value), round(r.duration.value)) for r in ranges]
        first = min((begin for begin, _ in frames), default=0)
        at = Counter((begin - first, length) for begin, length in frames)
    markers = sum(len(item.markers) for item in items) + sum(len(t.tracks.markers) for t in tops)
    return Kept(
        len(clips), (at & truth).total(),
        sum(isinstance(e, otio.schema.TimeEffect) for i in items for e in i.effects),
        sum(len(list(t.find_children(descended_from_type=otio.schema.Transition))) for t in tops),
        markers, sum(bool(t.global_start_time and t.global_start_time.value) for t in tops),
        sum(len(t.tracks) for t in tops),
    )  # fmt: skip


def by_pycmx(path: Path, rate: Fraction | None, truth: Counter[tuple[int, int]]) -> Kept:
    import pycmx

    with path.open(encoding="latin-1") as file:
        edits = [edit for event in pycmx.parse_cmx3600(file).events for edit in event.edits]
    base = -(-rate.numerator // rate.denominator) if rate else 24

    def frame(time: str) -> int:
        h, m, s, f = (int(n) for n in re.split("[:;]", time))
        return ((h * 60 + m) * 60 + s) * base + f

    edges = [(frame(e.record_in), frame(e.record_out)) for e in edits]
    kept = [(a, b - a) for a, b in edges if b > a]
    first = min((a for a, _ in edges), default=0)
    return Kept(
        len(kept), (Counter((a - first, n) for a, n in kept) & truth).total(), 0,
        sum(e.transition.kind not in ("C", None) for e in edits), 0, 0, 0,
    )  # fmt: skip


READERS: dict[str, Callable[[Path, Fraction | None, Counter[tuple[int, int]]], Kept]] = {
    "dubsync probe": ours, "OpenTimelineIO adapter": by_otio, "pycmx": by_pycmx,
}  # fmt: skip


def measured() -> list[dict[str, Any]]:
    """One row for each dialect and reader."""
    rows = []
    paths = sorted(p for p in SHARED.rglob("*") if p.suffix.lower() in DIALECTS)
    by_kind = defaultdict(list)
    for path in paths:
        by_kind[".edl" if path.name == "REEL_IS_CLIP.txt" else path.suffix.lower()].append(path)
    for suffix, files in by_kind.items():
        texts = {p: re.sub(r"(?s)<!--.*?-->", "", p.read_text("latin-1")) for p in files}
        counted = [sum(len(re.findall(word, text)) for text in texts.values()) if word else None
                   for word in SEARCHED.get(suffix, ("",) * 5)]  # fmt: skip
        truths = {p: printed(texts[p], rate_of(texts[p])) if suffix == ".edl" else Counter()
                  for p in files}  # fmt: skip
        if suffix == ".edl":
            counted[0] = sum(truth.total() for truth in truths.values())
        names = ("events", "retimes", "transitions", "markers", "tracks")
        rows.append({"dialect": DIALECTS[suffix], "reader": "in the files", "read": len(files),
                     "of": len(files), **dict(zip(names, counted, strict=True))})  # fmt: skip
        for name, read in READERS.items():
            if (name == "pycmx" and suffix != ".edl") or (read is by_otio and
                                                          suffix not in ADAPTERS):  # fmt: skip
                continue
            rows.append({"dialect": DIALECTS[suffix], "reader": name, "of": len(files),
                         **_sum(read, files, texts, truths, suffix)})  # fmt: skip
    return rows


def _sum(
    read: Callable[[Path, Fraction | None, Counter[tuple[int, int]]], Kept], files: list[Path],
    texts: dict[Path, str], truths: dict[Path, Counter[tuple[int, int]]], suffix: str,
) -> dict[str, Any]:  # fmt: skip
    total: Counter[str] = Counter()
    for path in files:
        rate = rate_of(texts[path]) if suffix == ".edl" else None
        try:
            kept = read(path, rate, truths[path])
        except DubsyncError:
            continue
        except Exception:
            continue
        total.update(asdict(kept))
        total["read"] += 1
    if suffix != ".edl":
        total.pop("right", None)
    return {key: total.get(key, 0) for key in ("read", *Kept.__annotations__)
            if key != "right" or suffix == ".edl"}  # fmt: skip


def text_of(rows: list[dict[str, Any]]) -> str:
    """The rows as a Markdown table."""
    columns = ("dialect", "reader", "read", "events", "right", "retimes", "transitions", "markers",
               "starts", "tracks")  # fmt: skip
    lines = ["| " + " | ".join(columns) + " |", "|" + " --- |" * len(columns)]
    for row in rows:
        cells = [f"{row['read']} of {row['of']}" if c == "read" else row.get(c) for c in columns]
        lines.append("| " + " | ".join("" if c is None else str(c) for c in cells) + " |")
    return "\n".join(lines)


def made_reel(count: int, tracks: int = 8) -> ProbedCut:
    """A reel of `count` events: every fourth clip retimed, dissolves, gaps, nests, overlays."""
    rate, draw = Fraction(24), Random(5)
    events: list[ProbedEvent] = []
    at = [86400] * tracks
    while len(events) < count:
        n = at.index(min(at))
        track, start, length = f"V{n + 1}", at[n], draw.randint(12, 96)
        kind = "gap" if n and draw.random() < 0.5 else "cut"
        nest = kind == "cut" and draw.random() < 0.05
        record = probed_range(Fraction(start), Fraction(start + length), rate)
        source, speed = Fraction(draw.randint(0, 10**6)), Fraction(draw.choice((1, 1, 1, 2)))
        media = (
            None if kind == "gap" or nest else probed_range(source, source + speed * length, rate)
        )
        if kind == "cut" and draw.random() < 0.2 and start > 86400:
            joint = probed_range(Fraction(start - 6), Fraction(start + 6), rate)
            events.append(ProbedEvent((track,), "", "dissolve", joint, None, timeline="R1"))
        kind = "compound" if nest else kind
        events.append(ProbedEvent((track,), "", kind, record, media, speed=speed, timeline="R1"))
        if nest:
            inner = probed_range(source, source + length, rate)
            events.append(ProbedEvent((f"{track}/V1",), "", "cut", record, inner, timeline="R1"))
        at[n] = start + length
    return ProbedCut("", "made up", (ProbedTimeline("R1", rate, Fraction(86400)),), tuple(events))


def resolved(counts: tuple[int, ...] = (2_000, 5_000, 10_000, 20_000)) -> list[dict[str, Any]]:
    """Processor seconds that the resolver takes for reels of `counts` events: median of five."""
    rows = []
    for count in counts:
        reel, taken, runs = made_reel(count), [], 0
        for _ in range(5):
            begun = process_time()
            runs = len(resolve(reel))
            taken.append(process_time() - begun)
        taken.sort()
        rows.append({"events": len(reel.events), "runs": runs, "seconds": round(taken[2], 3),
                     "us_per_event": round(taken[2] / len(reel.events) * 1e6, 1)})  # fmt: skip
    return rows


@click.command()
@click.option("--resolve", "only_resolve", is_flag=True, help="Time the resolver on made reels.")
@click.option("--json", "as_json", is_flag=True)
@click.option("--write", type=click.Path(path_type=Path, dir_okay=False),
              help="Replace the table under this benchmark's heading in the file.")  # fmt: skip
def main(only_resolve: bool, as_json: bool, write: Path | None) -> None:
    """Measure all readers on all shared timelines."""
    if only_resolve:
        rows = resolved()
        lines = ["| events | runs | seconds | us per event |", "|---|---|---|---|"]
        lines += [f"| {r['events']} | {r['runs']} | {r['seconds']} | {r['us_per_event']} |"
                  for r in rows]  # fmt: skip
        click.echo(json.dumps(rows) if as_json else "\n".join(lines))
        return
    if not SHARED.is_dir():
        raise click.ClickException("../shared/timelines is not beside this checkout")
    absent = [name for name in ("otio_cmx3600_adapter", "otio_fcp_adapter", "otio_fcpx_xml_adapter",
                                "otio_ale_adapter", "otio_aaf_adapter", "pycmx", "aaf2")
              if find_spec(name) is None]  # fmt: skip
    rows = measured()
    if as_json:
        click.echo(json.dumps({"rows": rows, "absent": absent}))
        return
    said = f"Measured {date.today().isoformat()} by `python -m benchmarks.editorial`."
    said += f" Not installed: {', '.join(absent)}." if absent else ""
    table = f"{said}\n\n{text_of(rows)}\n"
    click.echo(table)
    if write is not None:
        before, heading, rest = write.read_text(encoding="utf-8").partition(HEADING)
        if not heading:
            raise click.ClickException(f"{write} has no heading {HEADING.strip()!r}")
        after = rest.partition("\n## ")
        write.write_text(f"{before}{heading}\n{table}{''.join(after[1:])}", encoding="utf-8")


if __name__ == "__main__":
    main()
