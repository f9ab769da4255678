"""Links events to plates by name, reel and timecode; never guesses between several."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from dubsync.core.errors import TimecodeError
from dubsync.core.shot import Event, Plate, ProjectWarning
from dubsync.core.timeline.runs import TimeMap
from dubsync.core.timeline.timecode import FrameRange, Timecode
from dubsync.editorial.timeline.media_paths import base_name, inside, local_path
from dubsync.editorial.timeline.reel_names import LONG_REEL, SHORT_REEL
from dubsync.editorial.turnover.other_rate import Answers, other_rate, played, ways_to_play

#: Reel names that identify no source.
EMPTY_REELS = frozenset({"", "AX", "BL", "GEN", "NONE", "UNKNOWN"})
_SEQUENCE_PATTERN = re.compile(r"[._]?(%0?\d*d|#+|\[\d+-\d+\])$")
_FRAME_NUMBER = re.compile(r"[._]\d{3,9}$")
_IMAGE = re.compile(r"\.(exr|dpx|png|jpe?g|tiff?|tga|cin)$", re.IGNORECASE)
_SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}$")


@dataclass(frozen=True, slots=True)
class Link:
    """The plate found for an event; None if there is none, or more than one.

    source   the event's source frames, in the plate's numbering
    time     record frames to plate frames, if the plate is at another rate than the cut counts it
    """

    plate: Plate | None
    source: FrameRange | None
    warnings: tuple[ProjectWarning, ...] = ()
    time: TimeMap | None = None


@dataclass(frozen=True, slots=True, order=True)
class _Evidence:
    """How well a plate fits an event, best last; the fields in order of weight.

    holds       whether it has every frame that the event needs
    exact_name  whether the whole file name agrees, suffix and case included
    reel        see `_reel_agrees`
    """

    holds: bool
    exact_name: bool
    reel: int


class Linker:
    """Finds the plates of a cut's events among `plates`.

    Args:
        plates: every plate found under the media folders.
        folder: the cut's folder; its relative media paths start there.
        roots: the media folders; plates outside them are refused.
        answers: what a person said of plates at another rate than the cut.
    """

    def __init__(
        self,
        plates: Sequence[Plate],
        folder: Path,
        roots: Sequence[Path],
        answers: Answers = Answers(),  # noqa: B008  (frozen)
    ) -> None:
        self._answers = answers
        self._plates = plates
        self._folder = folder
        self._roots = roots
        self._by_name: dict[str, list[Plate]] = defaultdict(list)
        self._by_path: dict[Path, list[Plate]] = defaultdict(list)
        for plate in plates:
            self._by_name[plain_name(plate.name)].append(plate)
            self._by_path[Path(plate.path)].append(plate)

    def link(self, event: Event) -> Link:
        """The one plate that fits `event`, or a blocking warning that says why there is none."""
        if event.source is None:
            return _unlinked(event, "the cut states no source frames for it", "relink the clip")
        scored = [(_evidence(event, plate), plate) for plate in self._candidates(event)]
        if not scored:
            return self._missing(event)
        best = max(evidence for evidence, _ in scored)
        fitting = [plate for evidence, plate in scored if evidence == best]
        if not best.holds:
            return _unlinked(event, *_why_not(event, fitting[0]))
        if best.reel < 1:  # only the name matches: another plate may match by its reel
            fitting += self._by_reel(event)
        if len(fitting) > 1:
            names = ", ".join(plate.path for plate in fitting)
            message = f"{len(fitting)} plates fit equally well: {names}"
            return _unlinked(event, message, "keep only one of them in the media folders")
        plate = fitting[0]
        if not inside(Path(plate.path), self._roots):
            return _unlinked(event, f"{plate.path} is outside the media folders", _ROOTS_HINT)
        if other_rate(event, plate):
            way, told = played(event, plate, self._answers.of(event.name))
            if way is None:
                return _unlinked(event, *_why_not(event, plate))
            told = [*_reel_warnings(event, plate, best), *told]
            return Link(plate, way.source, tuple(told), way.time)
        source = in_plate(event, plate)
        return Link(plate, source, tuple(_mild_warnings(event, plate, best)))

    def outside(self, events: Iterable[Event]) -> tuple[Event, ...]:
        """Those of `events` whose media path is outside the media folders."""
        return tuple(e for e in events if e.media and self._is_outside(e))

    def _is_outside(self, event: Event) -> bool:
        path = local_path(event.media, self._folder)
        if path is None or not re.search(r"[/\\]", event.media):
            return path is None
        return not inside(path, self._roots)

    def _candidates(self, event: Event) -> Sequence[Plate]:
        """Plates that match by path; else by file name, clip name or reel, the first that does."""
        path = local_path(event.media, self._folder)
        if path is not None and inside(path, self._roots):
            exact = self._by_path.get(path) or self._by_path.get(path.resolve())
            if exact:
                return exact
        for name in (base_name(event.media), event.clip):
            plain = plain_name(name)
            if plain and plain in self._by_name:
                return self._by_name[plain]
        reels = [(_reel_agrees(event.reel, plate), plate) for plate in self._plates]
        return [plate for agrees, plate in reels if agrees > 0]

    def _by_reel(self, event: Event) -> list[Plate]:
        """Plates of exactly the event's reel that hold its frames."""
        return [
            plate
            for plate in self._plates
            if _reel_agrees(event.reel, plate) == 2 and _evidence(event, plate).holds
        ]

    def _missing(self, event: Event) -> Link:
        searched = [
            f"name {name!r}" for name in dict.fromkeys((base_name(event.media), event.clip))
        ]
        searched = [name for name in searched if name != "name ''"]
        if event.reel.upper() not in EMPTY_REELS:
            searched.append(f"reel {event.reel!r}")
        source = event.source
        held = [p.name for p in self._plates if source is not None and p.frames.holds(source)]
        hint = "put it into a media folder, or add its folder to media in dubsync.toml"
        if held:
            hint = f"{', '.join(held[:3])} has that timecode: was it renamed? Otherwise {hint}"
        if event.media and self._is_outside(event):
            return _unlinked(
                event,
                f"missing plate: {event.media} is outside the media folders, and no plate in them "
                f"matches {' or '.join(searched) or 'it'}, {_printed(source)}",
                hint,
            )
        message = f"missing plate: no plate matches {' or '.join(searched) or 'an unnamed event'}"
        return _unlinked(event, f"{message}, {_printed(source)}", hint)


_ROOTS_HINT = "copy it into a media folder, or add its folder to media in dubsync.toml"


def in_plate(event: Event, plate: Plate) -> FrameRange | None:
    """The event's source frames in the numbering of `plate`; None if it has not all of them.

    At another rate than the cut counts: as the likeliest way of playing shows them.

    If the cut states `event.available`, its first frame is taken as the plate's first.  That
    covers plates without timecode, and cuts that number their media from 0.
    """
    source, has = event.source, event.available
    if source is None:
        return None
    if other_rate(event, plate):
        return next((way.source for way in ways_to_play(event, plate)), None)
    if plate.frames.holds(source) and plate.has_timecode:
        return source
    if has is None or has.rate != source.rate:
        return source
    if plate.has_timecode and len(has) != len(plate.frames):
        return source
    shift = plate.frames.start - has.start
    return replace(source, start=source.start + shift, stop=source.stop + shift)


def plain_name(name: str) -> str:
    """A file name reduced to what cuts and folders share: no suffix, frame number or case.

    >>> plain_name("A001C003.%04d.exr"), plain_name("a001c003.MOV")
    ('a001c003', 'a001c003')
    """
    name = name.strip()
    stem = _SEQUENCE_PATTERN.sub("", _SUFFIX.sub("", name))
    if _IMAGE.search(name):
        stem = _FRAME_NUMBER.sub("", stem)
    return stem.strip().casefold()


def _evidence(event: Event, plate: Plate) -> _Evidence:
    source = in_plate(event, plate)
    return _Evidence(
        holds=source is not None and plate.frames.holds(source),
        exact_name=plate.name in (base_name(event.media), event.clip),
        reel=_reel_agrees(event.reel, plate),
    )


@cache
def letters(text: str) -> str:
    """A reel's letters and digits, in capitals: the part that every system keeps."""
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def _reel_agrees(reel: str, plate: Plate) -> int:
    """2: the same reel; 1: the same as far as the list prints it; 0: not stated; -1: another."""
    if reel.upper() in EMPTY_REELS:
        return 0
    wanted = letters(_SUFFIX.sub("", reel))
    known = [letters(plain_name(text)) for text in (plate.reel, plate.name) if text]
    if not wanted or not known:
        return 0
    if wanted in known:
        return 2
    if len(reel) in (SHORT_REEL, LONG_REEL) and any(text.startswith(wanted) for text in known):
        return 1
    return -1 if plate.reel else 0


def _unlinked(event: Event, message: str, hint: str) -> Link:
    message = f"{event.where} of the cut: {message}"
    return Link(None, None, (ProjectWarning(event.name, message, hint, blocking=True),))


def _why_not(event: Event, plate: Plate) -> tuple[str, str]:
    """Message and hint for a plate that matches, but lacks frames or has another rate."""
    source = event.source
    assert source is not None
    if other_rate(event, plate):
        return (
            f"the cut's source is at {source.rate} fps, its plate {plate.name} at "
            f"{plate.frames.rate} fps, and has not the frames of {_printed(source)}",
            "was the list read at the wrong rate? give the cut's: rate = "
            f'"{plate.frames.rate}" under [project] in dubsync.toml, say',
        )
    wanted = in_plate(event, plate) or source
    head = max(0, plate.frames.start - wanted.start)
    tail = max(0, wanted.stop - plate.frames.stop)
    short = min(head + tail, len(wanted))
    return (
        f"{plate.name} is {short} frame{'s' * (short != 1)} short: the cut needs "
        f"{_printed(wanted)}, the plate has {_printed(plate.frames, plate.drop)}",
        "is it another version of the plate, or a list read at the wrong timecode?",
    )


def _reel_warnings(event: Event, plate: Plate, result: _Evidence) -> list[ProjectWarning]:
    if result.reel >= 0:
        return []
    message = f"the cut names reel {event.reel}, but {plate.name} has reel {plate.reel}"
    return [ProjectWarning(event.name, f"{event.where}: {message}", "is it the right plate?")]


def _mild_warnings(event: Event, plate: Plate, result: _Evidence) -> list[ProjectWarning]:
    warnings = _reel_warnings(event, plate, result)
    source = in_plate(event, plate)
    if source != event.source and plate.has_timecode:
        message = (
            f"the cut numbers {plate.name} from another frame than the file does; both first "
            "frames are assumed to be the same"
        )
        warnings.append(
            ProjectWarning(event.name, f"{event.where}: {message}", "check its first frame")
        )
    return warnings


def _printed(span: FrameRange | None, drop: bool = False) -> str:
    """A range as timecodes, if its rate has timecode, and as frame numbers."""
    if span is None:
        return "no frames"
    try:
        first, last = (Timecode(f, span.rate, drop) for f in (span.start, span.stop))
    except TimecodeError:
        return f"frames {span.start}..{span.stop}"
    return f"{first} to {last} (frames {span.start}..{span.stop})"
