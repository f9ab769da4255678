"""Which source drives which frames, and what each take could say: what comp and take lanes show."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from dubsync.core.face import Stretch
from dubsync.core.tweak.take_comp import PLATE, SOUND
from dubsync.service.reel.comp_list import CharacterComp, CompWord

Use = Literal["used", "open", "refused"]


@dataclass(frozen=True, slots=True)
class CompPart:
    """Plate frames `first` to `last`, both included, and what drives the mouth there.

    name     as it is shown: a take without what all takes begin with
    by_hand  whether a person chose it
    reason   why it is no take, or not the take before; "" where there is none
    """

    first: int
    last: int
    source: str
    name: str
    by_hand: bool = False
    reason: str = ""

    @property
    def said(self) -> str:
        hand = ", by hand" if self.by_hand else ""
        why = f", {self.reason}" if self.reason else ""
        return f"{self.name}, frames {self.first} to {self.last}{hand}{why}"


@dataclass(frozen=True, slots=True)
class TakeBox:
    """One word in one take's lane.

    use     "used": it says the word; "open": it could; "refused": it could not, for `reason`
    number  of the word in the shot, from 1
    """

    number: int
    text: str
    first: int
    last: int
    use: Use
    reason: str = ""

    @property
    def said(self) -> str:
        why = f", {self.reason}" if self.reason else ""
        return f"word {self.number}, {self.text or 'speech'}, {self.use}{why}"


@dataclass(frozen=True, slots=True)
class TakeRow:
    """The words of one take; `name` is short, `take` is the whole name."""

    take: str
    name: str
    boxes: tuple[TakeBox, ...]


def short_names(takes: Iterable[str]) -> dict[str, str]:
    """Take -> its name without what comes before the last "_": "MARC_L002_t01" is "t01".

    Takes that would have one short name keep their whole names.
    """
    names = [take for take in dict.fromkeys(takes) if take not in (SOUND, PLATE)]
    short = {name: name.rpartition("_")[2] or name for name in names}
    twice = {one for one in short.values() if list(short.values()).count(one) > 1}
    return {name: name if one in twice else one for name, one in short.items()}


def comp_parts(
    drivers: Sequence[Stretch], by_hand: Sequence[tuple[int, int]] = ()
) -> tuple[CompPart, ...]:
    """The parts of a comp lane; neighbours with one source are one part.

    Args:
        by_hand: (first, last) frames of words whose source is set by hand.
    """
    names = short_names(one.source for one in drivers)
    parts: list[CompPart] = []
    for one in sorted(drivers, key=lambda stretch: stretch.first):
        hand = any(first <= one.last and last >= one.first for first, last in by_hand)
        part = CompPart(
            one.first, one.last, one.source, names.get(one.source, one.source), hand, one.reason
        )
        before = parts[-1] if parts else None
        same = before is not None and before.source == part.source
        if before is not None and same and before.last + 1 == part.first:
            parts[-1] = replace(
                before, last=part.last, by_hand=before.by_hand or hand,
                reason=before.reason or part.reason,
            )  # fmt: skip
        else:
            parts.append(part)
    return tuple(parts)


#: Reasons as a take's lane has room for them; the tooltip has the whole sentence.
BRIEFLY = {
    "its face is lost": "face lost",
    "its face is turned away": "turned away",
    "its face is too small": "too small",
    "its lips cannot be tracked": "lips hidden",
    "its words are not the dub's": "other words",
    "its mouth does not move with the words": "mouth still",
}


def refusals(boxes: Sequence[TakeBox]) -> tuple[tuple[int, int, str], ...]:
    """(first, last, reason) of refused words; neighbours with one reason are one."""
    runs: list[tuple[int, int, str]] = []
    numbers: list[int] = []
    for box in boxes:
        if box.use != "refused":
            continue
        if runs and numbers[-1] + 1 == box.number and runs[-1][2] == box.reason:
            runs[-1] = runs[-1][0], box.last, box.reason
        else:
            runs.append((box.first, box.last, box.reason))
        numbers.append(box.number)
    return tuple(runs)


def take_rows(comp: CharacterComp | None, known: Iterable[str] = ()) -> tuple[TakeRow, ...]:
    """A row for each take that says a word of the shot, in the order of the takes.

    Args:
        comp: None while it is not worked out: then rows are empty, and keep their place.
        known: takes of the character in the shot.
    """
    takes = dict.fromkeys((*known, *(lane.take for lane in (comp.lanes if comp else ()))))
    names = short_names(takes)
    words = comp.words if comp else ()
    return tuple(
        TakeRow(take, names[take], tuple(_box(w, take) for w in words if _says(w, take)))
        for take in takes
    )


def _says(word: CompWord, take: str) -> bool:
    return word.source == take or any(one.take == take for one in word.candidates)


def _box(word: CompWord, take: str) -> TakeBox:
    known = next((one for one in word.candidates if one.take == take), None)
    use: Use = "open" if known is not None and known.usable else "refused"
    if word.source == take:
        use = "used"
    reason = known.reason if known is not None and use == "refused" else ""
    return TakeBox(word.index, word.text, word.first, word.last, use, reason)
