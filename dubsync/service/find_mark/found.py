"""What was found in a copy, as values, in plain words and as JSON."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from math import floor, log10
from typing import Any

from dubsync.core.plural import counted
from dubsync.core.proof.mark_payload import payload_text
from dubsync.core.proof.marker import MarkFound

#: Places that are named.
MOST_PLACES = 4
#: Said where nothing is found: a mark can be lost, and was not always made.
NOT_NOT_OURS = (
    "That does not say that it is not yours: a mark is lost when a face is small, hard to see, "
    "coded too low or drawn over, and a render made without a key has none."
)
#: Said where one is found: what a mark proves, and no more.
MADE_BY = (
    "A mark says who drew these pixels, or pixels that these were made from.  It does not say that "
    "nothing was changed since: dubsync verify does, for the files that left the house."
)


@dataclass(frozen=True, slots=True)
class KnownRender:
    """A render whose record is at hand, and the payload that was put into it.

    shot     name of the shot; of a portrait, of its file
    version  "v002"; "" for a portrait
    frames   (first, last + 1), plate frames; None where the record does not say
    own      whether the payload was made for it; else its frames were taken over
    """

    shot: str
    version: str
    language: str
    made: str
    payload: int
    frames: tuple[int, int] | None = None
    own: bool = True

    @property
    def words(self) -> str:
        """ "A001C006 v002 in it-IT, made 2026-11-30T15:02:11+00:00"."""
        name = f"{self.shot} {self.version}".strip()
        spoken = f" in {self.language}" if self.language not in ("", "und") else ""
        return f"{name}{spoken}, made {self.made}"


@dataclass(frozen=True, slots=True)
class FoundMark:
    """One payload of one house, and where in the copy it was read, the surest place first.

    house   name of the house; key: fingerprint of its key
    payload 32 bits
    places  at least one
    renders that carry it, by the records at hand; the one that it was made for first
    compared  whether a clean render at hand was needed to read it
    """

    house: str
    key: str
    payload: int
    places: tuple[MarkFound, ...]
    renders: tuple[KnownRender, ...] = ()
    compared: bool = False


@dataclass(frozen=True, slots=True)
class PooledMark:
    """A house whose mark no stretch of a copy shows surely, and all of them together do.

    stretches  that were pooled
    bound      of the chance that a wrong secret scores so in them
    """

    house: str
    key: str
    stretches: int
    bound: float


@dataclass(frozen=True, slots=True)
class MarkReport:
    """What `find_mark` saw in a copy.

    marks    the surest first; where there are several, the rest are older or newer marks under it
    faces    runs of faces that were followed and read
    frames   frames of the copy that show such a face
    total    frames of the copy; start: number of the first
    pooled   houses whose marks are sure over the whole copy only
    keys     keys that were tried
    reel     whether records of a reel were at hand
    """

    name: str
    marks: tuple[FoundMark, ...]
    faces: int
    frames: int
    total: int
    keys: int
    reel: bool
    start: int = 0
    pooled: tuple[PooledMark, ...] = ()

    @property
    def found(self) -> bool:
        return bool(self.marks or self.pooled)


def chance_words(bound: float) -> str:
    """ "less than 1 in 10^12"; `bound` is an upper bound of a chance."""
    if bound <= 0:
        return "less than 1 in 10^300"
    return f"less than 1 in 10^{max(0, floor(-log10(bound)))}"


def report_text(report: MarkReport) -> str:
    """The report for people."""
    seen = (f"{counted(report.faces, 'run')} of faces in {report.frames:,} of "
            f"{counted(report.total, 'frame')}")  # fmt: skip
    if not report.found:
        keys = counted(report.keys, "key")
        return f"{report.name}: no mark found ({seen}; {keys} tried).\n{NOT_NOT_OURS}"
    lines = [f"{report.name}: marked ({seen})."]
    for n, mark in enumerate(report.marks):
        best = mark.places[0]
        lines += [
            f"{'It is' if n == 0 else 'Under or over it'} the mark of {mark.house}, key "
            f"{mark.key[:16]}, payload {payload_text(mark.payload)}.",
            f"  Read {'beside the clean render ' if mark.compared else ''}in "
            f"{_places(mark, report.start)}; score {best.score:.1f}.",
            f"  The chance that a picture without this mark reads so is "
            f"{chance_words(best.false_alarm)}.",
            *_renders(mark, report.reel),
        ]
    lines += [
        f"No face alone shows it, but {counted(one.stretches, 'run')} of faces together carry the "
        f"mark of {one.house}, key {one.key[:16]}, with the payloads of the reel's renders.\n"
        f"  The chance that pictures without this mark read so is {chance_words(one.bound)}."
        for one in report.pooled
    ]
    if len(report.marks) > 1:
        lines.append("Several marks: it was drawn again over a picture that was marked already.")
    return "\n".join([*lines, MADE_BY])


def report_json(report: MarkReport) -> dict[str, Any]:
    """The report of `dubsync mark find --json`."""
    return {
        "file": report.name,
        "found": report.found,
        "marks": [_mark_json(mark, report.start) for mark in report.marks],
        "pooled": [
            {"house": one.house, "key": one.key, "runs": one.stretches, "false_alarm": one.bound}
            for one in report.pooled
        ],
        "faces": report.faces,
        "frames_read": report.frames,
        "frames": report.total,
        "keys_tried": report.keys,
        "says": MADE_BY if report.found else NOT_NOT_OURS,
    }


def _places(mark: FoundMark, start: int) -> str:
    """Where it was read, in frames of the copy from 1."""
    spans = [f"{p.frames.start - start + 1} to {p.frames.stop - start} (face {p.face})"
             for p in mark.places]  # fmt: skip
    told = ", ".join(spans[:MOST_PLACES])
    more = len(spans) - MOST_PLACES
    return f"frames {told}" + (f" and {counted(more, 'more place')}" if more > 0 else "")


def _renders(mark: FoundMark, reel: bool) -> list[str]:
    if not mark.renders and reel:
        return ["  None of the records at hand has this payload."]
    if not mark.renders:
        return ["  --reel REEL says which render it is, where its records are at hand."]
    first, *others = mark.renders
    lines = [f"  It was made for {first.words}{_at(mark.places[0], first)}."]
    return lines + [f"  Its frames are also in {one.words}." for one in others]


def _at(place: MarkFound, render: KnownRender) -> str:
    """From which plate frame on, where the mark and the record tell it."""
    if render.frames is None:
        return ""
    first, stop = render.frames
    at = next((n for n in range(first, stop) if n % 256 == place.offset % 256), None)
    return "" if at is None else f", from its plate frame {at} on"


def _mark_json(mark: FoundMark, start: int) -> Mapping[str, Any]:
    return {
        "house": mark.house,
        "key": mark.key,
        "payload": payload_text(mark.payload),
        "score": round(mark.places[0].score, 2),
        "false_alarm": mark.places[0].false_alarm,
        "compared_with_clean": mark.compared,
        "places": [
            {"face": p.face, "first": p.frames.start - start + 1, "last": p.frames.stop - start,
             "score": round(p.score, 2), "false_alarm": p.false_alarm, "plate_frame": p.offset,
             "rate": round(p.rate, 6)}
            for p in mark.places
        ],
        "renders": [
            {"shot": r.shot, "version": r.version, "language": r.language, "made": r.made,
             "own": r.own}
            for r in mark.renders
        ],
    }  # fmt: skip
