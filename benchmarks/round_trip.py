"""Cuts written in every format and read again: how many of their frames are still the same.

    python -m benchmarks.round_trip [--format NAME ...] [--json]

Every timeline of ../shared/timelines that states a rate, and both cuts of sample_projects/
reel_change, are read, written anew in each format with nothing corrected, and read again by our own
reader; a cut that came in the format is also written with every third of its clips corrected, into
its own document.  Each record frame of the resolved cut is compared: the same number of pictures,
and of each the same whole source frame.  Only pictures of media count: titles and generators have
no source frames, and a frame that shows media without countable ones is left out.
"refused" are cuts that the writer says it cannot hold.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from bisect import bisect_right
from collections import Counter
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from math import ceil, floor
from pathlib import Path

from dubsync.core.errors import DubsyncError
from dubsync.core.picture import PictureFormat
from dubsync.core.timeline.corrected import Corrected
from dubsync.core.timeline.probed import ProbedCut, ProbedEvent
from dubsync.core.timeline.runs import Run, Shown
from dubsync.core.timeline.timecode import FrameRange
from dubsync.editorial.formats import FORMATS, format_of, named
from dubsync.editorial.probe import probe_cut
from dubsync.editorial.timeline.resolve import resolve
from dubsync.editorial.tracks.layout import GENERATED_KINDS, NEST_KINDS
from dubsync.editorial.tracks.verify import differences
from dubsync.editorial.writing import Part

ROOT = Path(__file__).parents[1]
CUTS = (ROOT.parent / "shared" / "timelines", ROOT / "sample_projects" / "reel_change")
#: Rates that a list is read at which does not say its own.
RATES = (None, Fraction(24), Fraction(25), Fraction(30))
#: Source time this far before a frame is that frame: .otio and XML keep floats or decimals.
NEAR = Fraction(1, 10_000)
PICTURE = PictureFormat(1920, 1080, "yuv", 10)

#: Formats that hold a cut and are written.
WRITTEN = tuple(each.name for each in FORMATS if each.write is not None)
Row = dict[str, object]


@cache
def cuts() -> dict[Path, ProbedCut]:
    """Every file that reads as one timeline with a rate."""
    paths = sorted(p for folder in CUTS for p in folder.rglob("*") if p.is_file())
    return {path: cut for path in paths if (cut := _cut(path)) is not None}


def _cut(path: Path) -> ProbedCut | None:
    for rate in RATES:
        try:
            cut = probe_cut(path, rate)
        except DubsyncError:
            continue
        if sum(one.rate is not None for one in cut.timelines) == 1:
            return cut
    return None


def written(cut: ProbedCut, name: str) -> list[Part]:
    """What the format makes of a cut with nothing corrected."""
    write = named(name).write
    assert write is not None
    return write(cut, ())


def compared(cut: ProbedCut, timeline: str, again: ProbedCut | None) -> tuple[int, int]:
    """Record frames that are the same, and all that could be compared."""
    result = _resolved(again)
    starts = [run.record.start for run in result]
    same = count = 0
    for run in resolve(cut, timeline):
        media = _media(cut, run)
        if any(shown.map is None for shown in media):
            continue
        for frame in range(run.record.start, run.record.stop):
            n = bisect_right(starts, frame) - 1
            there = again is not None and n >= 0 and frame in result[n].record
            other = _media(again, result[n]) if there and again is not None else ()
            count += 1
            same += _frames(media, frame) == _frames(other, frame)
    return same, count


def _resolved(again: ProbedCut | None) -> tuple[Run, ...]:
    try:
        return resolve(again) if again is not None else ()
    except DubsyncError:
        return ()  # nothing of it can be counted, so every frame differs


def _media(cut: ProbedCut, run: Run) -> tuple[Shown, ...]:
    """The pictures of a run that come from media."""
    kinds = [cut.events[shown.event].kind for shown in run.shown]
    return tuple(
        shown
        for shown, kind in zip(run.shown, kinds, strict=True)
        if kind not in GENERATED_KINDS and not (kind in NEST_KINDS and shown.map is None)
    )


def _frames(media: Sequence[Shown], frame: int) -> tuple[Fraction, ...]:
    """Media time, in seconds, of the whole source frame each picture shows."""
    return tuple(
        floor(shown.map.at(Fraction(frame)) + NEAR) / shown.rate
        if shown.map is not None and shown.rate
        else Fraction(-1)
        for shown in media
    )


def corrected(cut: ProbedCut) -> list[Corrected]:
    """A correction of every third clip that can have one."""
    usable = [n for n, event in enumerate(cut.events) if _usable(event)]
    return [_corrected(n, cut.events[n]) for n in usable[::3]]


def _usable(event: ProbedEvent) -> bool:
    source, record = event.source, event.record
    return (
        event.kind in ("cut", "dissolve", "wipe")
        and event.enabled
        and event.speed is not None
        and source is not None
        and source.start is not None
        and source.start >= 0
        and record is not None
        and bool(record.length)
        and all(label[0] == "V" and "/" not in label for label in event.tracks)
    )


def _corrected(n: int, event: ProbedEvent) -> Corrected:
    source = event.source
    assert source is not None and source.rate is not None
    assert source.start is not None and source.stop is not None
    first = floor(source.start)
    shown = FrameRange(first, max(ceil(source.stop), first + 1), source.rate)
    return Corrected(
        n, f"SH{n:04d}", f"SH{n:04d}_fr-FR_v001", f"/renders/SH{n:04d}.mov",
        shown.with_handles(8), shown, PICTURE, "fr-FR", event.reel,
    )  # fmt: skip


def anew(name: str, folder: Path) -> Row:
    """Every cut written anew in a format."""
    row = Counter(cuts=0, identical=0, refused=0, frames=0, same=0)
    odd: dict[str, str] = {}
    for path, cut in cuts().items():
        try:
            made = written(cut, name)
        except DubsyncError:
            row["refused"] += 1
            continue
        same, count = _read_again(made, name, folder, cut.rate)
        if not count:
            continue
        row.update(cuts=1, identical=int(same == count), frames=count, same=same)
        if same != count:
            odd[path.name] = f"{count - same} of {count} frames"
    return {"format": name, **row, "differ": odd}


def _read_again(
    made: list[Part], name: str, folder: Path, rate: Fraction | None
) -> tuple[int, int]:
    same = count = 0
    for part in made:
        path = folder / f"again{named(name).suffixes[0]}"
        path.write_bytes(part.written.data)
        timeline = next(t.name for t in part.shows.timelines if t.rate is not None)
        try:
            again: ProbedCut | None = probe_cut(path, rate)
        except DubsyncError:
            again = None
        equal, all_ = compared(part.shows, timeline, again)
        same, count = same + equal, count + all_
    return same, count


def patched(name: str, folder: Path) -> Row:
    """Cuts that came in the format, with corrections laid into their own documents."""
    form = named(name)
    row = Counter({"cuts": 0, "as they should be": 0, "refused": 0})
    odd: dict[str, str] = {}
    for path, cut in cuts().items():
        new = corrected(cut)
        if form.patch is None or format_of(cut) is not form or not new:
            continue
        row["cuts"] += 1
        timeline = cut.events[new[0].event].timeline
        try:
            again = folder / f"patched{form.suffixes[0]}"
            again.write_bytes(form.patch(cut, new, path.read_bytes()).data)
            listed = differences(cut, new, probe_cut(again, cut.rate), timeline=timeline)
        except DubsyncError as error:
            row["refused"] += 1
            odd[path.name] = str(error)[:120]
            continue
        if listed:
            odd[path.name] = listed[0][:120]
        else:
            row["as they should be"] += 1
    return {"format": name, **row, "differ": odd}


def _table(rows: Sequence[Row]) -> str:
    keys = [key for key in rows[0] if key != "differ"]
    lines = [keys, ["---"] * len(keys), *([str(row[key]) for key in keys] for row in rows)]
    text = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    listed = [f"{row['format']}: {file}: {what}" for row in rows
            for file, what in dict(row["differ"]).items()]  # type: ignore[call-overload]  # fmt: skip
    return "\n".join([text, "", *listed])


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    options.add_argument("--format", action="append", choices=sorted(WRITTEN))
    options.add_argument("--json", action="store_true")
    asked = options.parse_args()
    names = asked.format or list(WRITTEN)
    with tempfile.TemporaryDirectory() as folder:
        whole = [anew(name, Path(folder)) for name in names]
        into = [patched(name, Path(folder)) for name in names if named(name).patch is not None]
    if asked.json:
        print(json.dumps({"anew": whole, "patched": into}))
    else:
        print(_table(whole), *([_table(into)] if into else []), sep="\n\n")


if __name__ == "__main__":
    main()
