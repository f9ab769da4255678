"""Plates to events: by name, reel and timecode, and never by guess."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from dubsync.core.errors import TimecodeError
from dubsync.core.shot import Event, Plate, ProjectWarning
from dubsync.core.timeline.timecode import FrameRange, Timecode
from dubsync.editorial.timeline.media_paths import base_name, inside, local_path
from dubsync.editorial.timeline.reel_names import LONG_REEL, SHORT_REEL

#: Reels that say nothing about where a picture came from.
EMPTY_REELS = frozenset({"", "AX", "BL", "GEN", "NONE", "UNKNOWN"})
_SEQUENCE_PATTERN = re.compile(r"[._]?(%0?\d*d|#+|\[\d+-\d+\])$")
_FRAME_NUMBER = re.compile(r"[._]\d{3,9}$")
_IMAGE = re.compile(r"\.(exr|dpx|png|jpe?g|tiff?|tga|cin)$", re.IGNORECASE)
_SUFFIX = re.compile(r"\.[A-Za-z][A-Za-z0-9]{1,4}$")


@dataclass(frozen=True, slots=True)
class Link:
    """What an event's plate was found to be; `plate` is None where it was not.

    source   the event's frames, counted as the plate counts
    """

    plate: Plate | None
    source: FrameRange | None
    warnings: tuple[ProjectWarning, ...] = ()


@dataclass(frozen=True, slots=True, order=True)
class _Evidence:
    """How well a plate fits an event, best last; the fields in order of weight.

    holds    whether it has every frame wanted
    letter   whether the whole file name agrees, suffix and case included
    reel     see `_reel_agrees`
    """

    holds: bool
    letter: bool
    reel: int


class Linker:
    """Finds the plates of a cut's events among `plates`.

    Args:
        plates: everything found under the media roots.
        folder: of the cut, where its relative media paths start.
        roots: media may not lie outside these.
    """

    def __init__(self, plates: Sequence[Plate], folder: Path, roots: Sequence[Path]) -> None:
        self._plates = plates
        self._folder = folder
        self._roots = roots
        self._by_name: dict[str, list[Plate]] = defaultdict(list)
        self._by_path: dict[Path, list[Plate]] = defaultdict(list)
        for plate in plates:
            self._by_name[plain_name(plate.name)].append(plate)
            self._by_path[Path(plate.path)].append(plate)

    def link(self, event: Event) -> Link:
        """The one plate that fits `event`, or the blocking warning that says why there is none."""
        if event.source is None:
            return _unlinked(event, "the cut does not say which frames it uses", "relink the clip")
        result = [(_evidence(event, plate), plate) for plate in self._candidates(event)]
        if not result:
            return self._missing(event)
        best = max(evidence for evidence, _ in result)
        fitting = [plate for evidence, plate in result if evidence == best]
        if not best.holds:
            return _unlinked(event, *_why_not(event, fitting[0]))
        if best.reel < 1:  # the name alone speaks for it: does the reel speak for another?
            fitting += self._by_reel(event)
        if len(fitting) > 1:
            names = ", ".join(plate.path for plate in fitting)
            message = f"{len(fitting)} plates fit equally well: {names}"
            return _unlinked(event, message, "leave one of them in the media roots")
        plate = fitting[0]
        if not inside(Path(plate.path), self._roots):
            return _unlinked(event, f"{plate.path} leaves the media roots", _ROOTS_HINT)
        source = in_plate(event, plate)
        return Link(plate, source, tuple(_mild_warnings(event, plate, best)))

    def outside(self, events: Iterable[Event]) -> tuple[Event, ...]:
        """Those of `events` whose media path leaves the media roots."""
        return tuple(e for e in events if e.media and self._forbidden(e))

    def _forbidden(self, event: Event) -> bool:
        path = local_path(event.media, self._folder)
        if path is None or not re.search(r"[/\\]", event.media):
            return path is None
        return not inside(path, self._roots)

    def _candidates(self, event: Event) -> Sequence[Plate]:
        """Plates that the path speaks for; else the file name, the clip's name, or the reel."""
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
        """Plates of the very reel that hold the event's frames."""
        return [
            plate
            for plate in self._plates
            if _reel_agrees(event.reel, plate) == 2 and _evidence(event, plate).holds
        ]

    def _missing(self, event: Event) -> Link:
        looked = [f"name {name!r}" for name in dict.fromkeys((base_name(event.media), event.clip))]
        looked = [name for name in looked if name != "name ''"]
        if event.reel.upper() not in EMPTY_REELS:
            looked.append(f"reel {event.reel!r}")
        source = event.source
        held = [p.name for p in self._plates if source is not None and p.frames.holds(source)]
        hint = "add its folder to the media roots"
        if held:
            hint = f"{', '.join(held[:3])} holds that timecode; is it renamed? Else {hint}"
        if event.media and self._forbidden(event):
            return _unlinked(
                event,
                f"missing plate: {event.media} leaves the media roots, and none in them "
                f"fits {' or '.join(looked) or 'it'}, {_printed(source)}",
                hint,
            )
        message = f"missing plate: none fits {' or '.join(looked) or 'an event without a name'}"
        return _unlinked(event, f"{message}, {_printed(source)}", hint)


_ROOTS_HINT = "copy it into a media root, or name its folder as one"


def in_plate(event: Event, plate: Plate) -> FrameRange | None:
    """The event's source frames as `plate` counts them; None at another rate.

    The first frame of `event.available`, where the cut says it, is the plate's first: that
    carries over to plates without timecode, and to cuts that count their media from 0.
    """
    source, has = event.source, event.available
    if source is None or source.rate != plate.frames.rate:
        return None
    if plate.frames.holds(source) and plate.has_timecode:
        return source
    if has is None or has.rate != source.rate:
        return source
    if plate.has_timecode and len(has) != len(plate.frames):
        return source
    shift = plate.frames.start - has.start
    return replace(source, start=source.start + shift, stop=source.stop + shift)


def plain_name(name: str) -> str:
    """A file name as cuts and folders agree on it: no suffix, no frame number, no case.

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
        letter=plate.name in (base_name(event.media), event.clip),
        reel=_reel_agrees(event.reel, plate),
    )


@cache
def letters(text: str) -> str:
    """A reel's letters and digits, in capitals: what all systems keep of it."""
    return re.sub(r"[^A-Z0-9]", "", text.upper())


def _reel_agrees(reel: str, plate: Plate) -> int:
    """2: the same reel; 1: the same as far as the list prints it; 0: not said; -1: another."""
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
    warning = ProjectWarning(event.name, f"{event.where}: {message}", hint, blocking=True)
    return Link(None, None, (warning,))


def _why_not(event: Event, plate: Plate) -> tuple[str, str]:
    """Message and hint for a plate that is the right one, or called so, but does not hold it."""
    source = event.source
    assert source is not None
    if source.rate != plate.frames.rate:
        return (
            f"the cut counts at {source.rate} fps, its plate {plate.name} at "
            f"{plate.frames.rate} fps",
            "is the cut read at the wrong rate? Say the right one, or convert the plate",
        )
    wanted = in_plate(event, plate) or source
    head = max(0, plate.frames.start - wanted.start)
    tail = max(0, wanted.stop - plate.frames.stop)
    short = min(head + tail, len(wanted))
    return (
        f"{plate.name} is {short} frame{'s' * (short != 1)} short: {_printed(wanted)} is wanted, "
        f"it has {_printed(plate.frames, plate.drop)}",
        "is it another version of the plate, or a list read at the wrong timecode?",
    )


def _mild_warnings(event: Event, plate: Plate, result: _Evidence) -> list[ProjectWarning]:
    warnings = []
    if result.reel < 0:
        message = f"the cut says reel {event.reel}, {plate.name} says {plate.reel}"
        warnings.append(
            ProjectWarning(event.name, f"{event.where}: {message}", "is it the right plate?")
        )
    source = in_plate(event, plate)
    if source != event.source and plate.has_timecode:
        message = (
            f"the cut counts {plate.name} from another frame than the file does; its first "
            "frames are taken to be the same"
        )
        warnings.append(
            ProjectWarning(event.name, f"{event.where}: {message}", "check its first frame")
        )
    return warnings


def _printed(span: FrameRange | None, drop: bool = False) -> str:
    """A range as editors say it: timecodes where there are such, and frames."""
    if span is None:
        return "no frames"
    try:
        first, last = (Timecode(f, span.rate, drop) for f in (span.start, span.stop))
    except TimecodeError:
        return f"frames {span.start}..{span.stop}"
    return f"{first} to {last} (frames {span.start}..{span.stop})"
