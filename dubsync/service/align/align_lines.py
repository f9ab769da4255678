"""Align dub lines with a guide, and write the result beside the stem, as a new file."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from glob import escape
from pathlib import Path

from dubsync.core.errors import DubsyncError, SettingsError
from dubsync.core.progress import Progress, Step, silent
from dubsync.core.shot import Line, Shot, Stem
from dubsync.core.timeline.timecode import Clock
from dubsync.media.sound.pcm_copy import pcm_copy
from dubsync.media.stills.encode import png
from dubsync.service.align.chart import chart
from dubsync.service.align.guide import Guide
from dubsync.service.align.one_line import StemInWork, align_one
from dubsync.service.align.results import AlignedLine, Alignment, NewStem
from dubsync.service.stems.conform_stems import StemConform
from dubsync.service.store.atomic_write import write_whole, written_aside


@dataclass(frozen=True, slots=True)
class LineToAlign:
    """A line, the stem that it is in, and the lines beside it.

    under  the stem at its place under the line's shot, which a dub of another cut has
    free   (begin, end) seconds of record time that are nearer to it than to any other line
    """

    line: Line
    stem: Stem
    under: Stem
    free: tuple[float, float]


class _NothingChanged(Exception):
    """No line of a stem was changed, so no new stem is written."""


def lines_to_align(
    shots: Sequence[Shot], names: Sequence[str], stems: Mapping[str, Stem], conform: StemConform
) -> tuple[LineToAlign, ...]:
    """The named lines (none: all), in record order.

    Args:
        stems: character -> their dub.
        conform: where it is under each shot.

    Raises:
        SettingsError: there is no such line, or no line at all.
    """
    found: dict[str, tuple[Line, Shot]] = {}
    for shot in shots:
        for line in shot.lines:
            found.setdefault(line.name, (line, shot))
    ordered = sorted(found.values(), key=lambda pair: pair[0].record.start)
    if not ordered:
        raise SettingsError("no line of the dub is heard over a shot",
                            hint="dubsync turnover lists what was found")  # fmt: skip
    wanted = {_named(name, [line for line, _ in ordered]).name for name in names}
    return tuple(
        LineToAlign(
            line, stem := stems[line.character], conform.stem(stem, shot.name),
            _free(line, [one for one, _ in ordered]),
        )
        for line, shot in ordered
        if not wanted or line.name in wanted
    )  # fmt: skip


def _named(name: str, lines: Sequence[Line]) -> Line:
    for line in lines:
        if name.casefold() in (line.name.casefold(), line.cue.casefold() or None):
            return line
    raise SettingsError(
        f"there is no line {name}", hint="lines: " + ", ".join(line.called for line in lines)
    )


def _free(line: Line, lines: Sequence[Line]) -> tuple[float, float]:
    """Up to halfway to the lines before and after."""
    begin, end = (
        float(frame / line.record.rate) for frame in (line.record.start, line.record.stop)
    )
    low, high = float("-inf"), float("inf")
    for other in lines:
        if other.name == line.name:
            continue
        first, last = (
            float(frame / other.record.rate) for frame in (other.record.start, other.record.stop)
        )
        if last <= begin:
            low = max(low, (last + begin) / 2)
        elif first >= end:
            high = min(high, (end + first) / 2)
    return low, high


def align_lines(
    wanted: Sequence[LineToAlign],
    guide: Guide,
    clock: Clock,
    use: Callable[[Stem, Path], str],
    progress: Progress = silent,
) -> Alignment:
    """Align each line of `wanted` with `guide`; a line that fails stops no other.

    Beside each stem STEM.wav with a changed line are written STEM_aligned_vNNN.wav, as long as
    the stem and with its timecode, and a chart of each changed line in STEM_aligned_vNNN_charts.

    Args:
        clock: of the cut, for the charts.
        use: returns what to write in dubsync.toml to use a new stem.

    Raises:
        DeliveryError: a file cannot be written.
    """
    by_path: dict[str, list[LineToAlign]] = {}
    for one in wanted:
        by_path.setdefault(one.stem.path, []).append(one)
    results: dict[str, AlignedLine] = {}
    stems: list[NewStem] = []
    for path, lines in by_path.items():
        final = free_name(Path(path))
        try:
            with written_aside(final) as aside:
                done = _in_stem(lines, aside, guide, progress, len(results), len(wanted))
                results |= done
                if not any(result.status == "aligned" for result in done.values()):
                    raise _NothingChanged
        except _NothingChanged:
            continue
        characters = dict.fromkeys(one.line.character for one in lines)
        stems.append(NewStem(", ".join(characters), path, str(final), use(lines[0].stem, final)))
        results |= _charted(done, final, guide, clock)
    return Alignment(
        guide.called, tuple(results[one.line.name] for one in wanted), tuple(stems), guide.notes
    )


def free_name(stem: Path) -> Path:
    """STEM_aligned_vNNN.wav beside the stem, with the first number that nothing there has."""
    number = 1
    while any(stem.parent.glob(f"{escape(stem.stem)}_aligned_v{number:03d}*")):
        number += 1
    return stem.with_name(f"{stem.stem}_aligned_v{number:03d}.wav")


def _in_stem(
    lines: Sequence[LineToAlign],
    aside: Path,
    guide: Guide,
    progress: Progress,
    before: int,
    total: int,
) -> dict[str, AlignedLine]:
    """Align the lines of one stem, in order, in its copy `aside`."""
    stem = lines[0].stem
    copy = pcm_copy(Path(stem.path), aside, stem.start, track=stem.heard.track)
    done: dict[str, AlignedLine] = {}
    for n, one in enumerate(lines):
        progress(Step("align", one.line.name, before + n, total, unit="lines"))
        try:
            fitted = align_one(StemInWork(copy, one.under), one.line, one.free, guide)
        except DubsyncError as error:
            done[one.line.name] = AlignedLine(one.line, "failed", str(error), error.hint)
            continue
        moved = any(abs(phrase.offset).max() > 0 for phrase in fitted.phrases)
        done[one.line.name] = AlignedLine(
            one.line, "aligned" if moved else "unchanged", fitted=fitted
        )
    progress(Step("align", lines[-1].line.name, before + len(lines), total, unit="lines"))
    return done


def _charted(
    done: Mapping[str, AlignedLine], final: Path, guide: Guide, clock: Clock
) -> dict[str, AlignedLine]:
    """The aligned lines with their charts written."""
    out = {}
    for name, result in done.items():
        if result.status != "aligned" or result.fitted is None:
            continue
        path = final.with_name(f"{final.stem}_charts") / f"{name}.png"
        picture = chart(result.fitted, f"{result.line.called} to {guide.called}", clock)
        write_whole(path, png(picture))
        out[name] = replace(result, chart=str(path))
    return out
