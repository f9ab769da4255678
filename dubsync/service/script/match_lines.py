"""Matches a script with the utterances of the stems: text, and on or off screen, for each.

The stem gives the times; the script gives text, character and whether the speaker is on screen.
A line that only one of the two has is a warning.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from fractions import Fraction
from itertools import pairwise

from dubsync.core.script import Script, ScriptLine
from dubsync.core.shot import Line, ProjectWarning
from dubsync.core.timeline.timecode import Clock, FrameRange
from dubsync.service.script.fit import Fit, fit_script

NEAR = Fraction(2, 5)  #: seconds by which a line may be spoken before or after its script time
PAUSE_S = 2.0  #: longest pause within a line; after a longer one its text fits neither part
#: Seconds of an utterance that must lie in each of two lines for it to be split between them.
LEAST = Fraction(1, 5)
_NAMED = 6  #: most lines named in one warning


@dataclass(frozen=True, slots=True)
class Scripted:
    """Lines split and joined as in the script, and where script and stems disagree."""

    lines: tuple[Line, ...]
    warnings: tuple[ProjectWarning, ...]


@dataclass(frozen=True, slots=True)
class _Cue:
    """A line of the script and when it should be heard, in frames of the cut.

    latest_stop  the latest stop of this cue and all before it
    """

    line: ScriptLine
    start: Fraction
    stop: Fraction
    latest_stop: Fraction


@dataclass(frozen=True, slots=True)
class _Match:
    """The lines of one character, matched with the script.

    lines       in order of time, with the script's text where it has them
    unspoken    cues that are not heard
    unscripted  lines that the script does not have
    interrupted  cues spoken with a pause over PAUSE_S
    """

    lines: tuple[Line, ...]
    unspoken: tuple[_Cue, ...]
    unscripted: tuple[Line, ...]
    interrupted: tuple[_Cue, ...]


def scripted(
    script: Script,
    lines: Sequence[Line],
    stems: Mapping[str, str],
    record: FrameRange,
    drop: bool = False,
) -> Scripted:
    """`lines` with the script's text, split and joined as in the script.

    Args:
        lines: utterances heard, in the cut's record frames.
        stems: character -> the name of their stem, for warnings.
        record: the frames of the cut; script lines outside them are ignored.
        drop: whether the cut's timecode is drop-frame.
    """
    by_character, warnings = _by_character(script, lines, tuple(stems), record)
    result: list[Line] = []
    for character, stem in stems.items():
        heard = sorted(
            (ln for ln in lines if ln.character == character), key=lambda ln: ln.record.start
        )
        own = by_character.get(character, [])
        if not own:
            result += heard
            continue
        fit = _fit(own, heard, record)
        if fit is not None:
            warnings += fit.warnings(stem)
        cues = _cues(own, fit if fit and fit.off else None, record.rate)
        match = _matched(cues, heard, record.rate)
        result += match.lines
        warnings += _match_warnings(character, stem, match, Clock(record.rate, drop))
    known = set(stems)
    result += [line for line in lines if line.character not in known]
    return Scripted(
        tuple(sorted(result, key=lambda ln: (ln.record.start, ln.name))), tuple(warnings)
    )


def _by_character(
    script: Script, lines: Sequence[Line], characters: tuple[str, ...], record: FrameRange
) -> tuple[dict[str, list[ScriptLine]], list[ProjectWarning]]:
    """Character -> their script lines within the cut; warnings about names."""
    first, last = (Fraction(f) / record.rate for f in (record.start, record.stop))
    within = [ln for ln in script.lines if ln.spoken and ln.stop > first and ln.start < last]
    about = script.path.rsplit("/", 1)[-1]
    if not within:
        message = "no line of the script is within the cut"
        hint = "check that it is this reel's script, and that its times are record timecode"
        return {}, [ProjectWarning(about, message, hint)]
    known = {_name(character): character for character in characters}
    result: dict[str, list[ScriptLine]] = defaultdict(list)
    nameless = 0
    for line in within:
        speaker = known.get(_name(line.character)) if line.character else _alone(line, lines)
        if speaker is not None:
            result[speaker].append(line)
        elif not line.character:
            nameless += 1
    warnings = []
    names = sorted({ln.character for ln in within if ln.character})
    for character in characters:
        if character not in result and names:
            near = get_close_matches(character, names, n=1)
            hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(names[:8])}"
            message = f"{character} is dubbed but has no line in the script"
            warnings.append(ProjectWarning(about, message, hint))
    if nameless:
        warnings.append(
            ProjectWarning(
                about,
                f"{nameless} lines do not name the speaker, and not exactly one character is "
                "heard there; not used",
                "name the character of each line",
            )
        )
    return result, warnings


def _name(character: str) -> str:
    return " ".join(character.casefold().split())


def _alone(cue: ScriptLine, lines: Sequence[Line]) -> str | None:
    """The one character heard during a line without a name; None where not exactly one is."""
    there = set()
    for line in lines:
        start, stop = (t * line.record.rate for t in (cue.start, cue.stop))
        if line.record.start < stop and line.record.stop > start:
            there.add(line.character)
    return there.pop() if len(there) == 1 else None


def _fit(lines: Sequence[ScriptLine], heard: Sequence[Line], record: FrameRange) -> Fit | None:
    return fit_script(
        [float(line.start) for line in lines],
        [float(line.record.start / line.record.rate) for line in heard],
        float(record.start / record.rate),
    )


def _cues(lines: Sequence[ScriptLine], fit: Fit | None, rate: Fraction) -> list[_Cue]:
    cues: list[_Cue] = []
    for line in lines:
        start, stop = line.start, line.stop
        if fit is not None:
            start, stop = (_fitted(t, fit) for t in (start, stop))
            moved = tuple(replace(mark, time=_fitted(mark.time, fit)) for mark in line.marks)
            line = replace(line, marks=moved)
        latest_stop = max(stop * rate, cues[-1].latest_stop) if cues else stop * rate
        cues.append(_Cue(line, start * rate, stop * rate, latest_stop))
    return cues


def _fitted(time: Fraction, fit: Fit) -> Fraction:
    return Fraction(fit.at(float(time))).limit_denominator(10**6)


# -- matching --------------------------------------------------------------------------------


def _matched(cues: Sequence[_Cue], heard: Sequence[Line], rate: Fraction) -> _Match:
    pieces = [piece for line in heard for piece in _split(line, cues, rate)]
    owners = [_owner(piece, cues, rate) for piece in pieces]
    owned: dict[int | None, list[Line]] = defaultdict(list)
    for piece, owner in zip(pieces, owners, strict=True):
        owned[owner].append(piece)
    lines: list[Line] = []
    interrupted: list[_Cue] = []
    for n, cue in enumerate(cues):
        own = owned.get(n, [])
        pauses = [(b.record.start - a.record.stop) / rate for a, b in pairwise(own)]
        if own and max(pauses, default=Fraction(0)) <= PAUSE_S:
            whole = FrameRange(own[0].record.start, own[-1].record.stop, rate)
            lines.append(_with_text(replace(own[0], record=whole), cue.line, cue.line.words))
        elif own:
            lines += [_with_text(piece, cue.line, "") for piece in own]
            interrupted.append(cue)
    unscripted = owned.get(None, [])
    unspoken = [cue for n, cue in enumerate(cues) if n not in owned]
    lines = sorted([*lines, *unscripted], key=lambda line: line.record.start)
    renamed = {
        id(line): replace(line, name=f"{line.character}_L{n:03d}")
        for n, line in enumerate(lines, start=1)
    }
    return _Match(
        tuple(renamed[id(line)] for line in lines),
        tuple(unspoken),
        tuple(renamed[id(line)] for line in unscripted),
        tuple(interrupted),
    )


def _with_text(line: Line, cue: ScriptLine, text: str) -> Line:
    """`line` with what the script says of it, and the marks that lie in it."""
    first, last = (edge / line.record.rate for edge in (line.record.start, line.record.stop))
    marks = tuple(mark for mark in cue.marks if first - NEAR <= mark.time <= last + NEAR)
    return replace(
        line, text=text, on_screen=cue.on_screen, cue=cue.number, marks=marks,
        unchecked=cue.unchecked,
    )  # fmt: skip


def _split(line: Line, cues: Sequence[_Cue], rate: Fraction) -> list[Line]:
    """One utterance split between the adjoining script lines that it contains."""
    first, last = Fraction(line.record.start), Fraction(line.record.stop)
    least = LEAST * rate
    contained = [
        cue for _, cue in _near(line, cues, Fraction(0))
        if min(last, cue.stop) - max(first, cue.start) >= least
    ][::-1]  # fmt: skip
    edges = [line.record.start]  # frames of the cut
    for before, after in pairwise(contained):
        if after.start < before.stop - least:
            return [line]  # two lines overlap, so there is no edge between them
        edge = round((before.stop + after.start) / 2)
        if edges[-1] < edge < line.record.stop:
            edges.append(edge)
    edges.append(line.record.stop)
    return [replace(line, record=FrameRange(a, b, rate)) for a, b in pairwise(edges)]


def _near(line: Line, cues: Sequence[_Cue], frames: Fraction) -> Iterator[tuple[int, _Cue]]:
    """(index, cue) of the cues within `frames` of an utterance, the last first."""
    first = line.record.start - frames
    last = bisect_right(cues, line.record.stop + frames, key=lambda cue: cue.start)
    for n in range(last - 1, -1, -1):
        if cues[n].latest_stop < first:
            return
        if cues[n].stop >= first:
            yield n, cues[n]


def _owner(piece: Line, cues: Sequence[_Cue], rate: Fraction) -> int | None:
    """Index of the cue that shares most time with an utterance; None where none is near."""
    best: tuple[Fraction, int] | None = None
    for n, cue in _near(piece, cues, NEAR * rate):
        start = max(Fraction(piece.record.start), cue.start)
        shared = min(Fraction(piece.record.stop), cue.stop) - start
        if shared > -NEAR * rate and (best is None or shared >= best[0]):
            best = (shared, n)
    return best[1] if best else None


# -- warnings ----------------------------------------------------------------------------------


def _match_warnings(character: str, stem: str, match: _Match, clock: Clock) -> list[ProjectWarning]:
    def at(frame: Fraction | int) -> str:
        return clock.timecode(frame / clock.rate)

    def cue_names(cues: Sequence[_Cue]) -> str:
        return _list([f"{c.line.number or c.line.where} at {at(c.start)}" for c in cues])

    warnings = []
    missing = [cue for cue in match.unspoken if cue.line.words]
    if missing:
        warnings.append(
            ProjectWarning(
                stem,
                f"{character} is not heard at {cue_names(missing)} of the script",
                "check whether the line was dropped, or is in another stem",
            )
        )
    if match.unscripted:
        names = [f"{line.name} at {at(line.record.start)}" for line in match.unscripted]
        warnings.append(
            ProjectWarning(
                stem,
                f"{character} is heard where the script has no line for them: {_list(names)}",
                "if it is not a breath or an effort, add it to the script",
            )
        )
    if match.interrupted:
        warnings.append(
            ProjectWarning(
                stem,
                f"{character} pauses for over {PAUSE_S:g} s within {cue_names(match.interrupted)}; "
                "the text is used for neither part",
                "split the line in the script",
            )
        )
    return warnings


def _list(names: Sequence[str]) -> str:
    more = len(names) - _NAMED
    lines = "line " if len(names) == 1 else f"{len(names)} lines: "
    return lines + "; ".join(names[:_NAMED]) + (f"; and {more} more" if more > 0 else "")
