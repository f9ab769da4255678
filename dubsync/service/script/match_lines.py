"""A script laid over what is heard: each utterance with its text, and on screen or off.

The stem says when; the script says what, who and whether the picture shows it. Where one has a
line and the other has not, that is a warning.
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

NEAR = Fraction(2, 5)  #: seconds: a line may be said so long before or after the script has it
PAUSE_S = 2.0  #: within one line of the script; past it, its text cannot be laid on either part
#: Seconds of one utterance must lie in each of two lines for it to be parted between them.
LEAST = Fraction(1, 5)
_TOLD = 6  #: lines named in one Warning


@dataclass(frozen=True, slots=True)
class Scripted:
    """Lines as the script parts them, and what script and stems disagree on."""

    lines: tuple[Line, ...]
    warnings: tuple[ProjectWarning, ...]


@dataclass(frozen=True, slots=True)
class _Cue:
    """A line of the script with when it should be heard, in frames of the cut.

    reach  where the last of it and all before it has ended
    """

    line: ScriptLine
    start: Fraction
    stop: Fraction
    reach: Fraction


def scripted(
    script: Script,
    lines: Sequence[Line],
    stems: Mapping[str, str],
    record: FrameRange,
    drop: bool = False,
) -> Scripted:
    """`lines` with the script's text, parted and joined as it parts them.

    Args:
        lines: utterances heard, in the cut's record frames.
        stems: character -> the name of their stem, for messages.
        record: the frames of the cut; of the script only what lies in them counts.
    """
    said, warnings = _by_character(script, lines, tuple(stems), record)
    result: list[Line] = []
    for who, stem in stems.items():
        heard = sorted((ln for ln in lines if ln.character == who), key=lambda ln: ln.record.start)
        theirs = said.get(who, [])
        if not theirs:
            result += heard
            continue
        fit = _fitted(theirs, heard, record)
        if fit is not None:
            warnings += fit.warnings(stem)
        cues = _cues(theirs, fit if fit and fit.off else None, record.rate)
        laid, unsaid, unscripted, parted = _laid(cues, heard, record.rate)
        result += laid
        warnings += _missing(who, stem, unsaid, unscripted, parted, Clock(record.rate, drop))
    known = set(stems)
    result += [line for line in lines if line.character not in known]
    return Scripted(
        tuple(sorted(result, key=lambda ln: (ln.record.start, ln.name))), tuple(warnings)
    )


def _by_character(
    script: Script, lines: Sequence[Line], characters: tuple[str, ...], record: FrameRange
) -> tuple[dict[str, list[ScriptLine]], list[ProjectWarning]]:
    """Character -> their lines within the cut; warnings about names."""
    first, last = (Fraction(f) / record.rate for f in (record.start, record.stop))
    within = [ln for ln in script.lines if ln.spoken and ln.stop > first and ln.start < last]
    about = script.path.rsplit("/", 1)[-1]
    if not within:
        message = "no line of it lies within the cut"
        return {}, [
            ProjectWarning(about, message, "does it count from the first frame? is it this reel's?")
        ]
    known = {_name(who): who for who in characters}
    said: dict[str, list[ScriptLine]] = defaultdict(list)
    nameless = 0
    for line in within:
        who = known.get(_name(line.character)) if line.character else _alone(line, lines)
        if who is not None:
            said[who].append(line)
        elif not line.character:
            nameless += 1
    warnings = []
    names = sorted({ln.character for ln in within if ln.character})
    for who in characters:
        if who not in said and names:
            near = get_close_matches(who, names, n=1)
            hint = f"did you mean {near[0]}?" if near else f"it has {', '.join(names[:8])}"
            warnings.append(
                ProjectWarning(about, f"{who} is dubbed, and has no line in the script", hint)
            )
    if nameless:
        warnings.append(
            ProjectWarning(
                about,
                f"{nameless} lines do not say who speaks, and several or none are heard "
                "there; not used",
                "name the character of each line",
            )
        )
    return said, warnings


def _name(character: str) -> str:
    return " ".join(character.casefold().split())


def _alone(cue: ScriptLine, lines: Sequence[Line]) -> str | None:
    """Who is heard during a line that names nobody, where one character alone is."""
    there = set()
    for line in lines:
        start, stop = (t * line.record.rate for t in (cue.start, cue.stop))
        if line.record.start < stop and line.record.stop > start:
            there.add(line.character)
    return there.pop() if len(there) == 1 else None


def _fitted(said: Sequence[ScriptLine], heard: Sequence[Line], record: FrameRange) -> Fit | None:
    return fit_script(
        [float(line.start) for line in said],
        [float(line.record.start / line.record.rate) for line in heard],
        float(record.start / record.rate),
    )


def _cues(lines: Sequence[ScriptLine], fit: Fit | None, rate: Fraction) -> list[_Cue]:
    cues: list[_Cue] = []
    for line in lines:
        start, stop = line.start, line.stop
        if fit is not None:
            start, stop = (
                Fraction(fit.at(float(t))).limit_denominator(10**6) for t in (start, stop)
            )
        reach = max(stop * rate, cues[-1].reach) if cues else stop * rate
        cues.append(_Cue(line, start * rate, stop * rate, reach))
    return cues


# -- laying ----------------------------------------------------------------------------------


def _laid(
    cues: Sequence[_Cue], heard: Sequence[Line], rate: Fraction
) -> tuple[list[Line], list[_Cue], list[Line], list[_Cue]]:
    """(lines as the script has them, cues nobody says, lines it has not, cues said in parts)."""
    pieces = [piece for line in heard for piece in _parted(line, cues, rate)]
    owners = [_owner(piece, cues, rate) for piece in pieces]
    owned: dict[int | None, list[Line]] = defaultdict(list)
    for piece, owner in zip(pieces, owners, strict=True):
        owned[owner].append(piece)
    laid: list[Line] = []
    parted: list[_Cue] = []
    for n, cue in enumerate(cues):
        mine = owned.get(n, [])
        pauses = [(b.record.start - a.record.stop) / rate for a, b in pairwise(mine)]
        if mine and max(pauses, default=Fraction(0)) <= PAUSE_S:
            whole = FrameRange(mine[0].record.start, mine[-1].record.stop, rate)
            laid.append(_said(replace(mine[0], record=whole), cue.line, cue.line.words))
        elif mine:
            laid += [_said(piece, cue.line, "") for piece in mine]
            parted.append(cue)
    unscripted = owned.get(None, [])
    unsaid = [cue for n, cue in enumerate(cues) if n not in owned]
    laid = sorted([*laid, *unscripted], key=lambda line: line.record.start)
    renamed = {
        id(line): replace(line, name=f"{line.character}_L{n:03d}")
        for n, line in enumerate(laid, start=1)
    }
    named = [renamed[id(line)] for line in laid]
    return named, unsaid, [renamed[id(line)] for line in unscripted], parted


def _said(line: Line, cue: ScriptLine, text: str) -> Line:
    return replace(line, text=text, on_screen=cue.on_screen, cue=cue.number)


def _parted(line: Line, cues: Sequence[_Cue], rate: Fraction) -> list[Line]:
    """One utterance cut between the lines of the script that it holds, where they abut."""
    first, last = Fraction(line.record.start), Fraction(line.record.stop)
    least = LEAST * rate
    held = [
        cue for _, cue in _near(line, cues, Fraction(0))
        if min(last, cue.stop) - max(first, cue.start) >= least
    ][::-1]  # fmt: skip
    edges = [line.record.start]  # frames of the cut
    for before, after in pairwise(held):
        if after.start < before.stop - least:
            return [line]  # two lines at once: nothing says where one ends
        edge = round((before.stop + after.start) / 2)
        if edges[-1] < edge < line.record.stop:
            edges.append(edge)
    edges.append(line.record.stop)
    return [replace(line, record=FrameRange(a, b, rate)) for a, b in pairwise(edges)]


def _near(line: Line, cues: Sequence[_Cue], frames: Fraction) -> Iterator[tuple[int, _Cue]]:
    """The lines of the script, with their places, that come within `frames` of an utterance."""
    first = line.record.start - frames
    last = bisect_right(cues, line.record.stop + frames, key=lambda cue: cue.start)
    for n in range(last - 1, -1, -1):
        if cues[n].reach < first:
            return
        if cues[n].stop >= first:
            yield n, cues[n]


def _owner(piece: Line, cues: Sequence[_Cue], rate: Fraction) -> int | None:
    """Which line of the script an utterance is: the one it shares most time with."""
    best: tuple[Fraction, int] | None = None
    for n, cue in _near(piece, cues, NEAR * rate):
        start = max(Fraction(piece.record.start), cue.start)
        shared = min(Fraction(piece.record.stop), cue.stop) - start
        if shared > -NEAR * rate and (best is None or shared >= best[0]):
            best = (shared, n)
    return best[1] if best else None


# -- warnings ----------------------------------------------------------------------------------


def _missing(
    who: str,
    stem: str,
    unsaid: Sequence[_Cue],
    unscripted: Sequence[Line],
    parted: Sequence[_Cue],
    clock: Clock,
) -> list[ProjectWarning]:
    def at(frame: Fraction | int) -> str:
        return clock.timecode(frame / clock.rate)

    warnings = []
    spoken = [cue for cue in unsaid if cue.line.words]
    if spoken:
        told = [f"{cue.line.number or cue.line.where} at {at(cue.start)}" for cue in spoken]
        warnings.append(
            ProjectWarning(stem, f"{who} does not sound at {_list(told)} of the script",
                  "was the line dropped, or is it in another stem?")
        )  # fmt: skip
    if unscripted:
        told = [f"{line.name} at {at(line.record.start)}" for line in unscripted]
        warnings.append(
            ProjectWarning(
                stem,
                f"{who} sounds where the script has no line of theirs: {_list(told)}",
                "a breath or an effort? else add it to the script",
            )
        )
    if parted:
        told = [f"{cue.line.number or cue.line.where} at {at(cue.start)}" for cue in parted]
        warnings.append(
            ProjectWarning(
                stem,
                f"{who} pauses for over {PAUSE_S:g} s within {_list(told)}; its text "
                "is not laid on either part",
                "part the line in the script",
            )
        )
    return warnings


def _list(told: Sequence[str]) -> str:
    more = len(told) - _TOLD
    lines = "line " if len(told) == 1 else f"{len(told)} lines: "
    return lines + "; ".join(told[:_TOLD]) + (f"; and {more} more" if more > 0 else "")
