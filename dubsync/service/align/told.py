"""An alignment as JSON and as text, with what stays out of sync."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dubsync.core.timeline.timecode import Clock
from dubsync.service.align.results import AlignedLine, Alignment, Fitted
from dubsync.speech.elastic.fit import LIMIT
from dubsync.speech.elastic.out_of_sync import EARLY_MS, LATE_MS, OutOfSync, PhraseSync

Row = tuple[str, ...]


def alignment_json(made: Alignment, clock: Clock) -> dict[str, Any]:
    """The body of `dubsync.align/1`."""
    return {
        "to": made.to,
        "limit": LIMIT,
        "in_sync_ms": [-EARLY_MS, LATE_MS],
        "lines": [_line_json(result, clock) for result in made.lines],
        "stems": [
            {"character": s.character, "stem": s.stem, "written": s.written, "use": s.use}
            for s in made.stems
        ],
        "notes": list(made.notes),
    }


def _line_json(result: AlignedLine, clock: Clock) -> dict[str, Any]:
    line, fitted = result.line, result.fitted
    row: dict[str, Any] = {
        "line": line.name,
        "cue": line.cue or None,
        "character": line.character,
        "in": clock.timecode(line.record.start / line.record.rate),
        "out": clock.timecode(line.record.stop / line.record.rate),
        "status": result.status,
    }
    if fitted is None:
        return row | {"reason": result.reason, "hint": result.hint}
    tempo = fitted.tempo
    return row | {
        "same_words": fitted.same_words,
        "tempo": {
            "slowest": round(float(tempo.min()), 4),
            "fastest": round(float(tempo.max()), 4),
            "at_limit_s": round(fitted.limited, 2),
        },
        "phrases": [
            {
                "from_s": round(float(phrase.source[0]), 3),
                "to_s": round(float(phrase.source[-1]), 3),
                "begin_moved_ms": round(float(phrase.offset[0]) * 1000, 1),
                "end_moved_ms": round(float(phrase.offset[-1]) * 1000, 1),
            }
            for phrase in fitted.phrases
        ],
        "pauses_ms": [round(1000 * change, 1) for change in fitted.pauses],
        "lowered_db": round(fitted.lowered_db, 2),
        "before": _left_json(fitted.before, clock),
        "after": _left_json(fitted.after, clock),
        "chart": result.chart or None,
    }


def _left_json(left: OutOfSync, clock: Clock) -> dict[str, Any]:
    return {
        "phrases": [
            {
                "at": clock.timecode(phrase.begin),
                "begin_s": round(phrase.begin, 3),
                "end_s": round(phrase.end, 3),
                "guide_s": [round(at, 3) for at in phrase.guide] if phrase.guide else None,
                "guide_heard": phrase.known,
                "begin_ms": _ms(phrase.begin_ms),
                "end_ms": _ms(phrase.end_ms),
                "sound_ms": _ms(phrase.sound_ms),
                "sound_most_ms": _ms(phrase.most_ms),
                "over_pause_ms": _ms(phrase.over_ms),
                "in_sync": phrase.in_sync,
            }
            for phrase in left.phrases
        ],
        "guide_alone": [
            {"at": clock.timecode(a), "seconds": round(b - a, 2)} for a, b in left.alone
        ],
        "over_pause_s": round(left.over_pause, 2),
        "unspoken_s": round(left.unspoken, 2),
    }


def _ms(value: float | None) -> float | None:
    return None if value is None else round(value, 1)


#: The head of the table of phrases.
HEAD = ("line", "phrase at", "begin ms", "end ms", "in pauses ms", "sounds ms", "begin, end")


def phrase_rows(result: AlignedLine, clock: Clock) -> list[Row]:
    """A row for each phrase of a line: what is out of sync before and after."""
    fitted = result.fitted
    if fitted is None:
        return []
    rows: list[Row] = []
    for n, now in enumerate(fitted.after.phrases):
        then = _same_phrase(fitted.before.phrases, n, len(fitted.after.phrases))
        rows.append((
            result.line.called if n == 0 else "", clock.timecode(now.begin),
            _change(then.begin_ms if then else None, now.begin_ms),
            _change(then.end_ms if then else None, now.end_ms),
            f"{then.over_ms:.0f} > {now.over_ms:.0f}" if then else f"- > {now.over_ms:.0f}",
            _change(then.sound_ms if then else None, now.sound_ms), _verdict(now),
        ))  # fmt: skip
    return rows


def _same_phrase(before: Sequence[PhraseSync], n: int, count: int) -> PhraseSync | None:
    """The phrase before that the n-th after came from, where both counted as many."""
    return before[n] if len(before) == count else None


def _change(then: float | None, now: float | None) -> str:
    old, new = ("-" if ms is None else f"{ms:+.0f}" for ms in (then, now))
    return "-" if (old, new) == ("-", "-") else f"{old} > {new}"


def _verdict(phrase: PhraseSync) -> str:
    if phrase.guide is None:
        return "guide is silent" if phrase.known else "guide not heard"
    return "in sync" if phrase.in_sync else "out of sync"


def line_notes(result: AlignedLine) -> list[str]:
    """What else to know about a line, each with the line's name."""
    name = result.line.called
    if result.fitted is None:
        return [f"{name}: not aligned: {result.reason}", f"  Try: {result.hint}"]
    if result.status == "unchanged":
        return [f"{name}: nothing to do: no change within the limits brings it closer"]
    return [f"{name}: {'; '.join(_parts(result.fitted))}"]


def _parts(fitted: Fitted) -> list[str]:
    tempo, parts = fitted.tempo, []
    told = f"tempo {tempo.min():.2f} to {tempo.max():.2f}"
    if fitted.limited > 0:
        told += f", at the limit of {LIMIT:.0%} for {fitted.limited:.2f} s"
    changed = [change for change in fitted.pauses if abs(change) >= 0.001]
    if changed:
        told += ", pauses " + ", ".join(f"{1000 * change:+.0f} ms" for change in changed)
    parts.append(told)
    before, after = fitted.before, fitted.after
    if before.unspoken or after.unspoken:
        parts.append(f"silent in the guide's speech {before.unspoken:.2f} > {after.unspoken:.2f} s")
    if fitted.lowered_db:
        parts.append(f"lowered by {fitted.lowered_db:.1f} dB, because it would clip")
    return parts
