"""Joins the cut, the plates, the dubbed lines and the takes into shots."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from fractions import Fraction
from pathlib import Path

from dubsync.core.shot import Cut, Event, Line, Plate, ProjectWarning, Shot, Take, Turnover
from dubsync.editorial.turnover.media_linker import Linker
from dubsync.editorial.turnover.other_rate import Answers, about_lengths
from dubsync.editorial.turnover.shot_time import (
    as_shown,
    drawn_as_shown,
    frames_to_make,
    shot_time,
    speed_warnings,
)

NOBODY = "no dubbed character in this shot"
SWITCHED_OFF = "disabled in the cut"
#: Seconds of a line that must sound over an event to be spoken in it, unless half of it does.
LEAST_HEARD_S = Fraction(1, 5)


def turnover(
    cut: Cut,
    plates: Sequence[Plate],
    lines: Sequence[Line],
    takes: Sequence[Take],
    *,
    handles: int,
    roots: Sequence[Path],
    unclaimed: Sequence[Line] = (),
    answers: Answers = Answers(),  # noqa: B008  (frozen)
    lines_heard: Callable[[Event, Sequence[Line]], Sequence[Line]] = lambda event, lines: lines,
) -> Turnover:
    """Resolve a cut: a Shot for each event with dubbed speech whose plate is found.

    No file is opened.  A Shot has its own warnings, including those from reading the cut;
    `Turnover.warnings` has all others.  An event without a plate is skipped, and its warning
    blocks only if the event has dubbed speech.

    Args:
        plates: every plate found under the media folders.
        lines: dubbed utterances in the cut's record time.
        takes: filmed takes; one that names no line is used if its character has only one line.
        handles: frames to render before and after what the cut shows, as far as the plate goes.
        roots: the media folders; media outside them is never used.
        unclaimed: utterances of voices without a character; their `character` is the voice's
            name.  Each blocks the events in which it is heard.
        answers: what a person said of plates at another rate than the cut.
        lines_heard: returns which of some lines are heard during an event, and when; needed if
            the dub was made for another cut.

    Raises:
        TimecodeError: a line has another record rate than the cut.
    """
    linker = Linker(plates, Path(cut.path).parent, roots, answers)
    from_reading, warnings = _reading_warnings(cut)
    cast_takes, take_warnings = _takes_by_line(takes, lines)
    shots: list[Shot] = []
    skipped: list[tuple[Event, str]] = []
    unlinked: list[str] = []
    sounded: set[str] = set()
    for event in cut.events:
        spoken = _lines_in(event, lines_heard(event, lines))
        reason, shot, event_warnings = _resolve(event, spoken, linker, handles, cut.drop)
        sounded.update(line.name for line in spoken if event.enabled)
        event_warnings += (waiting := _unclaimed_warnings(event, lines_heard(event, unclaimed)))
        if shot is None:
            seen = [line for line in spoken if line.on_screen != "off"]
            skipped.append((event, waiting[0].message if waiting and not seen else reason))
            waited_for = event.enabled and bool(seen or waiting)
            if event.enabled and seen:
                unlinked.append(event.name)
            for warning in (*from_reading.get(event.name, ()), *event_warnings):
                warnings.append(replace(warning, blocking=warning.blocking and waited_for))
            continue
        shot_takes = tuple(t for line in spoken for t in cast_takes.get(line.name, ()))
        read = _still_true(from_reading.get(event.name, ()), event, shot)
        shots.append(replace(shot, takes=shot_takes, warnings=(*read, *event_warnings)))
    warnings += [*take_warnings, *_unheard(lines, sounded), *_outside(linker, cut)]
    return Turnover(cut, tuple(shots), tuple(skipped), tuple(warnings), tuple(unlinked))


def _reading_warnings(cut: Cut) -> tuple[Mapping[str, list[ProjectWarning]], list[ProjectWarning]]:
    """The cut's warnings: by event, and those about no event."""
    names = {event.name for event in cut.events}
    by_event: dict[str, list[ProjectWarning]] = defaultdict(list)
    rest = []
    for warning in cut.warnings:
        if warning.about in names:
            by_event[warning.about].append(warning)
        else:
            rest.append(warning)
    return by_event, rest


def _still_true(
    warnings: Sequence[ProjectWarning], event: Event, shot: Shot
) -> tuple[ProjectWarning, ...]:
    """The warnings of reading; a list's about lengths do not count for media at another rate."""
    own, source = shot.plate.file_frames.rate, event.source
    if event.printed is None or source is None or source.rate == own:
        return tuple(warnings)
    return tuple(warning for warning in warnings if not about_lengths(warning))


def _lines_in(event: Event, lines: Sequence[Line]) -> tuple[Line, ...]:
    """Lines that are heard while the event is visible, in order of first word.

    One that only reaches into it, as the padding at a line's end does, is not spoken in it: at
    least LEAST_HEARD_S or half of the line must sound there.
    """
    shown = event.shown  # once: a reel has hundreds of events and of lines
    near = [line for line in lines
            if line.record.start < shown.stop and shown.start < line.record.stop]  # fmt: skip
    heard = [line for line in near if heard_in_event(line, event)]
    return tuple(sorted(heard, key=lambda line: (line.record.start, line.name)))


def heard_in_event(line: Line, event: Event) -> bool:
    """Whether enough of the line sounds while the event is visible to be spoken in it."""
    over = line.record.overlap(event.shown)
    if over is None:
        return False
    return len(over) >= LEAST_HEARD_S * line.record.rate or 2 * len(over) >= len(line.record)


def _resolve(
    event: Event, spoken: tuple[Line, ...], linker: Linker, handles: int, drop: bool
) -> tuple[str, Shot | None, list[ProjectWarning]]:
    """(why it is skipped, its Shot, its warnings); either the reason is "" or the Shot None."""
    if not event.enabled:
        return SWITCHED_OFF, None, []
    link = linker.link(event)
    if not spoken:
        return NOBODY, None, list(link.warnings)
    if all(line.on_screen == "off" for line in spoken):
        names = ", ".join(f"{line.character} ({line.name})" for line in spoken)
        return f"the script has every speaker off screen: {names}", None, list(link.warnings)
    if link.plate is None or link.source is None:
        return link.warnings[0].message, None, list(link.warnings)
    time = link.time or shot_time(event, link.source)
    told = list(link.warnings)
    if drawn_as_shown(event):
        plate, short = as_shown(event, link.plate, link.source, time, handles, drop=drop)
        shot = Shot(event.name, event, plate, event.record, event.record, plate.frames,
                    lines=spoken)  # fmt: skip
    else:
        render, short = frames_to_make(event, link.plate, link.source, time, handles)
        shot = Shot(event.name, event, link.plate, link.source, event.record, render, time,
                    lines=spoken)  # fmt: skip
    return "", shot, [*told, *short, *speed_warnings(shot)]


def _unclaimed_warnings(event: Event, unclaimed: Sequence[Line]) -> list[ProjectWarning]:
    voices = dict.fromkeys(line.character for line in _lines_in(event, unclaimed))
    if not voices or not event.enabled:
        return []
    message = f"{event.where}: no character is assigned to this voice: {', '.join(voices)}"
    return [
        ProjectWarning(
            event.name, message, "assign it in dubsync.toml, under [voices]", blocking=True
        )
    ]


def _takes_by_line(
    takes: Sequence[Take], lines: Sequence[Line]
) -> tuple[Mapping[str, list[Take]], list[ProjectWarning]]:
    """Takes by the name of the line they speak, and warnings about those that match none."""
    result: dict[str, list[Take]] = defaultdict(list)
    warnings = []
    names = Counter(take.name for take in takes)
    for take in takes:
        theirs = [line.name for line in lines if line.character == take.character]
        wanted = take.line or (theirs[0] if len(theirs) == 1 else "")
        if wanted in theirs:
            result[wanted].append(take)
            continue
        warnings.append(_take_warning(take, theirs, lines))
    for name, n in names.items():
        if n > 1:
            message = f"{n} takes are called {name}"
            warnings.append(ProjectWarning(name, message, "give each take its own name"))
    return result, warnings


def _take_warning(take: Take, theirs: list[str], lines: Sequence[Line]) -> ProjectWarning:
    if not theirs:
        characters = sorted({line.character for line in lines})
        near = get_close_matches(take.character, characters, n=1)
        known = f"did you mean {near[0]}?" if near else f"dubbed: {', '.join(characters) or 'none'}"
        return ProjectWarning(take.name, f"take of {take.character}, who has no dubbed line", known)
    if not take.line:
        message = f"take of {take.character} does not say which of {len(theirs)} lines it speaks"
        return ProjectWarning(take.name, message, f"name the line, for example {theirs[0]}")
    near = get_close_matches(take.line, theirs, n=1)
    return ProjectWarning(
        take.name,
        f"take of {take.character}'s line {take.line!r}, which is not dubbed",
        f"did you mean {near[0]}?" if near else f"known: {', '.join(theirs[:5])}",
    )


def _unheard(lines: Sequence[Line], heard: set[str]) -> list[ProjectWarning]:
    return [
        ProjectWarning(
            line.name,
            f"{line.character}'s line {line.name} is heard where the cut has no picture",
            "check the record time at which the stem starts",
        )
        for line in lines
        if line.name not in heard
    ]


def _outside(linker: Linker, cut: Cut) -> list[ProjectWarning]:
    """One warning for all events whose media path is outside the media folders."""
    events = linker.outside(cut.events)
    if not events:
        return []
    first = events[0]
    count = f"{len(events)} events name" if len(events) > 1 else f"{first.name} names"
    return [
        ProjectWarning(
            first.name if len(events) == 1 else cut.name,
            f"{count} media outside the media folders, for example {first.media!r}; it is not "
            "opened, and plates in those folders are searched by name, reel and timecode",
            "copy the media into a media folder, or add its folder to media in dubsync.toml",
        )
    ]
