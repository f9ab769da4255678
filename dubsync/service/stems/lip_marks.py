"""The lips that a rythmo band marks under a stem, and their part in cache keys."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction

from dubsync.core.digest import digest
from dubsync.core.script import LipMark
from dubsync.core.shot import Line, Stem
from dubsync.speech.lip_marks import VERSION


def marks_under(lines: Sequence[Line], stem: Stem) -> tuple[LipMark, ...]:
    """The marks of the lines that `stem` has for its character, record time, rising."""
    own = (ln for ln in lines if ln.path == stem.path and ln.character == stem.character)
    return tuple(sorted((m for line in own for m in line.marks), key=lambda mark: mark.time))


def marks_digest(
    lines: Sequence[Line], stem: Stem, at: Fraction = Fraction(0), within_s: Fraction | None = None
) -> tuple[str, ...]:
    """Digest of the marks under `stem`; empty where there are none.

    Args:
        at: seconds from the stem's first sample; the marks' times are counted from there.
        within_s: only marks within so many seconds of `at`; None: all.
    """
    placed = [(mark.time - stem.start - at, mark.lips) for mark in marks_under(lines, stem)]
    if within_s is not None:
        placed = [one for one in placed if abs(one[0]) < within_s]
    return (digest("marks", VERSION, placed),) if placed else ()
