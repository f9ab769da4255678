"""What the review movie of a reel shows in each record frame: renders, plates, slates or black.

The resolver says which events are seen.  For each event: its newest render that is whole and
allowed, else its plate, else a slate that says what is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import pairwise
from pathlib import Path

from dubsync.core.errors import DubsyncError
from dubsync.core.progress import Progress
from dubsync.core.result import RenderedShot
from dubsync.core.shot import Cut, Event, Plate
from dubsync.core.timeline.probed import ProbedEvent
from dubsync.core.timeline.runs import Run, Shown, TimeMap
from dubsync.core.timeline.timecode import FrameRange
from dubsync.editorial.timeline.resolve import resolve
from dubsync.editorial.turnover.media_linker import Linker
from dubsync.editorial.turnover.other_rate import Answers
from dubsync.editorial.turnover.shot_time import shot_time
from dubsync.service.consent.records import LIP_REENACT
from dubsync.service.reel.reel import Reel
from dubsync.service.render.sync import newest
from dubsync.service.render.verify_render import verified
from dubsync.service.status.shot_state import ShotStatus


@dataclass(frozen=True, slots=True, eq=False)
class Side:
    """One event of the cut as the movie shows it.

    number   as printed in the cut, with three digits
    state    burnt in: "v002 approved", "plate: no dub", "offline"
    plate    None: there is none, so a slate is shown
    time     record frames to plate frames
    render   shown where it has the frame; None: the plate is shown
    why      sentences of the slate
    """

    name: str
    number: str
    state: str
    plate: Plate | None = None
    time: TimeMap | None = None
    render: RenderedShot | None = None
    why: tuple[str, ...] = ()

    @property
    def shows(self) -> str:
        """ "render", "plate" or "slate"."""
        return "slate" if self.plate is None else "render" if self.render else "plate"


@dataclass(frozen=True, slots=True, eq=False)
class Piece:
    """Record frames in which the same sides are seen.

    sides    one; both of a transition, outgoing first; or none: black
    nothing  why it is black
    fade     (weight of the last side at its first edge, at its last), 0..1
    """

    record: FrameRange
    sides: tuple[Side, ...]
    nothing: str = ""
    fade: tuple[Fraction, Fraction] = (Fraction(1), Fraction(1))

    def weight(self, record: int) -> float:
        """How much of the last side is seen in the middle of a record frame, 0..1."""
        share = (record - self.record.start + Fraction(1, 2)) / len(self.record)
        return float(self.fade[0] + share * (self.fade[1] - self.fade[0]))

    def leading(self, record: int) -> Side | None:
        """The side that the burn-in and the chapter name."""
        if len(self.sides) < 2:
            return self.sides[0] if self.sides else None
        return self.sides[-1] if self.weight(record) >= 0.5 else self.sides[0]


class ReelSides:
    """Finds the side of each event of a reel."""

    def __init__(
        self,
        reel: Reel,
        plates: Sequence[Plate],
        media: Sequence[Path],
        statuses: Sequence[ShotStatus],
        progress: Progress,
        answers: Answers = Answers(),  # noqa: B008  (frozen)
    ) -> None:
        cut = reel.turnover.cut
        self._reel, self._progress = reel, progress
        self._shots = {shot.name: shot for shot in reel.turnover.shots}
        self._reasons = {event.name: why for event, why in reel.turnover.skipped}
        self._statuses = {status.name: status for status in statuses}
        self._linker = Linker(plates, Path(cut.path).parent, media, answers)

    def of(self, event: Event) -> Side:
        """The side of one event; its render is verified on its bytes."""
        if event.name not in self._shots:
            return self._undubbed(event)
        shot, status = self._shots[event.name], self._statuses.get(event.name)
        held = _Held(event.name, numbered(event.number), shot.plate, shot.time)
        try:
            self._reel.consent(shot, LIP_REENACT)
            folder = newest(self._reel, shot)
            if folder is None:
                return held.plate("keeps the plate" if status and status.state == "skipped"
                                  else "not rendered")  # fmt: skip
            rendered, _ = verified(self._reel, shot, folder, self._progress)
        except DubsyncError as error:
            return held.plate(f"render not shown: {error}")
        state = status.state if status else "rendered"
        said = f"v{rendered.version:03d} {state}"
        if status and status.approved and status.approved != folder.name:
            said += f" ({status.approved} approved)"
        return held.rendered(rendered, said)

    def _undubbed(self, event: Event) -> Side:
        """The plate of an event that became no shot; a slate where none is found."""
        link, number = self._linker.link(event), numbered(event.number)
        if link.plate is None or link.source is None:
            said = [w.message for w in link.warnings] + [w.hint for w in link.warnings if w.hint]
            why = tuple(said) or (self._reasons.get(event.name, "no plate is found"),)
            return Side(event.name, number, "offline", why=why)
        time = link.time or shot_time(event, link.source)
        held = _Held(event.name, number, link.plate, time)
        return held.plate("no dub")


@dataclass(frozen=True, slots=True)
class _Held:
    """The part of a side that does not depend on a render."""

    name: str
    number: str
    file: Plate
    time: TimeMap

    def plate(self, why: str) -> Side:
        return Side(self.name, self.number, f"plate: {why}", self.file, self.time)

    def rendered(self, rendered: RenderedShot, state: str) -> Side:
        return Side(self.name, self.number, state, self.file, self.time, rendered)


def pieces_of(cut: Cut, timeline: str, sides: ReelSides) -> tuple[Piece, ...]:
    """The pieces of a cut, in record order, without a gap between them."""
    if cut.probed is None:
        return tuple(Piece(event.record, (sides.of(event),)) for event in cut.events)
    found = _Found(cut, sides)
    runs = resolve(cut.probed, timeline)
    return tuple(
        Piece(run.record, tuple(found.of(shown) for shown in run.shown), run.nothing,
              _fade(before, run, after))
        for before, run, after in _with_neighbours(runs)
    )  # fmt: skip


class _Found:
    """The sides of the events that a cut's runs show, each found once."""

    def __init__(self, cut: Cut, sides: ReelSides) -> None:
        assert cut.probed is not None
        self._listed, self._sides = cut.probed.events, sides
        self._events: Mapping[str, Event] = {event.where: event for event in cut.events}
        self._known: dict[int, Side] = {}

    def of(self, shown: Shown) -> Side:
        if shown.event not in self._known:
            listed = self._listed[shown.event]
            event = _event_of(listed, self._events)
            self._known[shown.event] = self._sides.of(event) if event else _undrawn(listed)
        return self._known[shown.event]


def _event_of(listed: ProbedEvent, events: Mapping[str, Event]) -> Event | None:
    """The cut's event made of a listed one; its place is followed by its name, except in a list."""
    return events.get(listed.where) or events.get(f"{listed.where} ({listed.name})")


def _undrawn(listed: ProbedEvent) -> Side:
    """A title or a generator: the movie does not draw it."""
    name = listed.name or listed.kind
    why = (f"A {listed.kind} of the cut: this movie does not draw it.",)
    return Side(name, numbered(listed.number), listed.kind, why=why)


def numbered(number: str) -> str:
    """An event's number as a cut prints it: "002"."""
    return number.zfill(3) if number.isdigit() else number


def _with_neighbours(runs: Sequence[Run]) -> Iterator[tuple[Run | None, Run, Run | None]]:
    for (before, run), (_, after) in pairwise(pairwise([None, *runs, None])):
        assert run is not None
        yield before, run, after


def _fade(before: Run | None, run: Run, after: Run | None) -> tuple[Fraction, Fraction]:
    """The weights of a run's last side at its edges: a straight line through a transition.

    A run of one event between black and more of the same event is its fade in; or out.
    """
    if len(run.shown) > 1:
        return Fraction(0), Fraction(1)
    if len(run.shown) == 1:
        event = run.shown[0].event
        if _dark(before) and _goes_on(after, event):
            return Fraction(0), Fraction(1)
        if _dark(after) and _goes_on(before, event):
            return Fraction(1), Fraction(0)
    return Fraction(1), Fraction(1)


def _dark(run: Run | None) -> bool:
    return run is None or not run.shown


def _goes_on(run: Run | None, event: int) -> bool:
    """Whether a run shows `event` alone."""
    return run is not None and [shown.event for shown in run.shown] == [event]
