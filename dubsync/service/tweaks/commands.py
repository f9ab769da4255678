"""Parses the settings of `dubsync tweak` ("jaw=1.2@1012..1040") and applies them to a shot."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import floor
from typing import Any, Literal

import numpy as np

from dubsync.core.contact import contact_of
from dubsync.core.errors import SettingsError, TimecodeError
from dubsync.core.shot import Line, Shot
from dubsync.core.timeline.rising import check_rising
from dubsync.core.timeline.timecode import TIMECODE_RATES, FrameRange, Timecode
from dubsync.core.tweak.choices import CHOICES
from dubsync.core.tweak.controls import CONTROLS, MIX, MOMENTARY
from dubsync.core.tweak.needed_region import unshown
from dubsync.core.tweak.spoken_track import SpokenTrack
from dubsync.core.tweak.take_comp import PLATE, SOUND
from dubsync.core.tweak.tweak import Tweak
from dubsync.core.tweak.tweak_json import from_plain
from dubsync.service.tweaks.tweak_store import Tweaks, TweakStore, TweakVersion
from dubsync.service.tweaks.word_settings import (
    Words,
    names_words,
    speakers,
    take_names,
    with_words,
    without_words,
)

_SETTING = re.compile(r"\s*([\w]+)\s*=\s*([^@]+?)\s*(?:@\s*(.+?)\s*)?")
#: Controls that have an effect only where the character has a take.
OF_TAKES = ("take", "brows", "blinks", "gaze", "head")

Change = Literal["", "undo", "redo", "reset"]


@dataclass(frozen=True, slots=True)
class ShotTweaks:
    """The current tweaks of one shot.

    drop   whether the programme's timecode is drop-frame
    notes  which of the tweaks have no effect in this shot, and why
    redo   whether there is a change to redo
    """

    shot: Shot
    version: TweakVersion
    drop: bool
    notes: tuple[str, ...] = ()

    @property
    def redo(self) -> bool:
        return bool(self.version.undone)


def change_tweaks(
    store: TweakStore,
    shot: Shot,
    drop: bool,
    *,
    settings: Sequence[str] = (),
    cleared: Sequence[str] = (),
    character: str = "",
    change: Change = "",
    words: Words = lambda character: (),
) -> ShotTweaks:
    """Change the tweaks of `shot`: write a new version, or refuse and leave all unchanged.

    Without settings, cleared controls or a change, it returns the current tweaks.

    Args:
        settings: `CONTROL=VALUE[@WHERE]`, in order; see `tweaked`.
        cleared: controls to put back at their defaults, before `settings` are applied.
        character: whose mouth; "": every dubbed character of the shot.
        change: undo or redo the last change, or reset everything, instead.
        words: finds a character's words; asked only where `settings` or `cleared` name words.

    Raises:
        SettingsError: an invalid setting, or nothing to undo or redo.
    """
    if character and character not in shot.characters:
        raise SettingsError(f"{character!r} is not dubbed in {shot.name}",
                            hint="dubbed there: " + ", ".join(shot.characters))  # fmt: skip
    if character and change in ("undo", "redo"):
        raise SettingsError(f"{change} applies to the shot's last change, not to one character's",
                            hint="leave --character out")  # fmt: skip
    if change == "undo":
        version = store.undo(shot.name)
    elif change == "redo":
        version = store.redo(shot.name)
    elif change == "reset":
        version = store.amend(shot.name, lambda now: _without(now, character), ["reset"])
    elif settings or cleared:
        request = [f"clear {name}" for name in cleared] + list(settings)
        version = store.amend(
            shot.name,
            lambda now: changed(now, shot, drop, settings, cleared, character, words),
            request,
        )
    else:
        version = store.latest(shot.name)
    return ShotTweaks(shot, version, drop, notes(version.tweaks, shot))


def _without(now: Tweaks, character: str) -> Tweaks:
    return {other: tweak for other, tweak in now.items() if character not in ("", other)}


def changed(
    now: Tweaks, shot: Shot, drop: bool, settings: Sequence[str], cleared: Sequence[str],
    character: str, words: Words,
) -> Tweaks:  # fmt: skip
    """`now`, with `cleared` and then `settings` applied; arguments as `change_tweaks`."""
    tweaks = dict(now)
    for who in (character,) if character else shot.characters:
        tweak = tweaks.get(who, Tweak())
        for name in cleared:
            tweak = tweak if names_words(name) else tweak.cleared(name)
        for setting in settings:
            tweak = tweak if names_words(setting) else tweaked(tweak, setting, shot, drop)
        tweak.shares(shot.render)  # raises where take, sound and original are all 0
        tweaks[who] = tweak
    return _with_words(tweaks, character, shot, settings, cleared, words)


def _with_words(
    now: Tweaks, character: str, shot: Shot,
    settings: Sequence[str], cleared: Sequence[str], words: Words,
) -> Tweaks:  # fmt: skip
    """`now` with the sources of single words that are named in `cleared` and `settings`."""
    if not any(map(names_words, (*settings, *cleared))):
        return now
    tweaks = dict(now)
    for who in speakers(shot, character):
        tweak, heard = tweaks.get(who, Tweak()), words(who)
        for name in filter(names_words, cleared):
            tweak = without_words(tweak, name, shot, who, heard)
        for setting in filter(names_words, settings):
            tweak = with_words(tweak, setting, shot, who, heard)
        tweaks[who] = tweak
    return tweaks


def tweaked(tweak: Tweak, setting: str, shot: Shot, drop: bool) -> Tweak:
    """`tweak` with one setting `CONTROL=VALUE[@WHERE]` applied.

    WHERE is FRAME or FIRST..LAST, both included, or the name of one of the shot's lines.  A frame
    is a plate frame, +N frames after the cut's first, a record timecode, or a source timecode
    after "src:".  Without WHERE the value holds throughout; a single frame sets a keyframe, of
    what lasts a moment (a blink, a nod) it is the middle.

    Args:
        drop: whether the programme's timecode is drop-frame.

    Raises:
        SettingsError: wrong syntax, an unknown control, a value out of range, or frames outside
            the shot.
    """
    parsed = _SETTING.fullmatch(setting)
    if not parsed:
        raise SettingsError(
            f"{setting!r} is not CONTROL=VALUE or CONTROL=VALUE@FRAMES",
            hint="for example jaw=1.2@1012..1040, slip_ms=40, viseme=m@1020, "
            "mix=take:0.5,sound:0.5",
        )
    name, value, where = parsed.groups()
    place = _place(where, shot, drop) if where else None
    if name == "viseme":
        if place is None:
            raise SettingsError("a viseme needs a frame", hint=f"viseme={value}@FRAME")
        return tweak.showing(value, place[0], place[1])
    if name == "contact":
        if place is None:
            raise SettingsError("a contact needs a frame", hint=f"contact={value}@FRAME")
        return tweak.touching(contact_of(value), place[0], place[1])
    if name == "ease" and place is not None:
        raise SettingsError("ease is one number for the whole shot", hint=f"ease={value}")
    if name in CHOICES:
        return tweak.chosen(name, value, *(place[:2] if place else ()))
    amounts = _mix(value) if name == "mix" else {name: _number(name, value)}
    for control, amount in amounts.items():
        tweak = _applied(tweak, control, amount, place)
    return tweak


_Place = tuple[int, int, bool]  # first frame, last frame, whether it is a single frame


def _applied(tweak: Tweak, name: str, value: float, place: _Place | None) -> Tweak:
    if place is None:
        return tweak.held(name, value)
    first, last, single = place
    keyed = single and name not in MOMENTARY
    return tweak.keyed(name, first, value) if keyed else tweak.spanned(name, first, last, value)


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        known = name in CONTROLS or name == "ease"
        if not known:
            Tweak().held(name, 0.0)  # raises, and lists the controls
        raise SettingsError(
            f"{name}={text!r} is not a number", hint="write a number, as in jaw=1.2"
        ) from None


def _mix(text: str) -> dict[str, float]:
    """Shares of all three sources, from "sound" or "take:0.5,sound:0.5"; 0 when not named."""
    shares = dict.fromkeys(MIX, 0.0)
    for part in text.split(","):
        name, _, amount = part.strip().partition(":")
        if name not in shares:
            raise SettingsError(
                f"mix has no source {name!r}", hint="mix takes take, sound and original"
            )
        shares[name] = _number(name, amount) if amount else 1.0
    return shares


def _place(where: str, shot: Shot, drop: bool) -> _Place:
    """The plate frames that `where` names, in rising order, checked to lie in the shot."""
    line = _line(where, shot)
    if line is not None:
        heard = _record_frames(shot, line.record.start), _record_frames(shot, line.record.stop - 1)
        first, last = min(heard), max(heard)
        spoken = FrameRange(first, last + 1, shot.render.rate).overlap(shot.render)
        if spoken is None:
            raise SettingsError(f"line {where} is not heard in {shot.name}",
                                hint=frames_text(shot, drop))  # fmt: skip
        return spoken.start, spoken.stop - 1, False
    begin, dots, end = where.partition("..")
    source = begin.strip().startswith("src:")
    one, from_record = _frame(begin, shot, drop, source)
    other, to_record = _frame(end, shot, drop, source) if dots else (one, from_record)
    for frame in (one, other):
        if frame not in shot.render:
            raise SettingsError(f"frame {frame} ({where}) is not in {shot.name}",
                                hint=_as_source(where, shot) + frames_text(shot, drop))  # fmt: skip
    # In a shot that plays backwards record timecode rises where the plate's frames fall.
    if from_record is None or to_record is None:
        check_rising(one, other, f"{where}: ")
    else:
        check_rising(from_record, to_record, f"{where}: ")
    return min(one, other), max(one, other), not dots


def place_of(where: str, shot: Shot, drop: bool) -> tuple[int, int]:
    """First and last of the plate frames that `where` names; see `tweaked`.  SettingsError."""
    return _place(where.strip(), shot, drop)[:2]


def plate_frame(where: str, shot: Shot, drop: bool) -> int:
    """The one plate frame that `where` names; see `tweaked`.  Raises SettingsError."""
    first, last, single = _place(where, shot, drop)
    if not single:
        raise SettingsError(
            f"{where} is more than one frame", hint=f"for example {first} or {last}"
        )
    return first


def frame_at(where: str, shot: Shot, drop: bool) -> int:
    """The plate frame that `where` names, or the first of a line's; see `tweaked`.

    Raises:
        SettingsError: it is no frame of the shot.
    """
    return _place(where.strip().removeprefix("@"), shot, drop)[0]


def _as_source(where: str, shot: Shot) -> str:
    """ "for timecode of the plate write @src:...; ", if `where` lies in the plate so; else "".

    The QC report names the worst frames by the timecode of the plate, so it is often pasted.
    """
    parts = [part.strip() for part in where.split("..", 1)]
    rate, drop = shot.plate.frames.rate, shot.plate.drop
    try:
        if any(Timecode.parse(part, rate, drop=drop).frame not in shot.render for part in parts):
            return ""
    except TimecodeError:
        return ""
    return f"for timecode of the plate, write @{'..'.join(f'src:{part}' for part in parts)}; "


def _line(where: str, shot: Shot) -> Line | None:
    """The line by its name, by its number in the script, or MARC_L004 by L004 alone."""
    if where.isdigit():
        return None  # a frame number
    ways: tuple[Callable[[Line], bool], ...] = (
        lambda line: line.name == where,
        lambda line: line.cue == where,
        lambda line: line.name.endswith(f"_{where}"),
    )
    for matches in ways:
        result = [line for line in shot.lines if matches(line)]
        if len(result) > 1:
            raise SettingsError(
                f"{where!r} matches {len(result)} lines in {shot.name}",
                hint="name one: " + ", ".join(line.name for line in result),
            )
        if result:
            return result[0]
    return None


def _frame(text: str, shot: Shot, drop: bool, source: bool) -> tuple[int, int | None]:
    """The plate frame that `text` names, and the record frame where it is record timecode."""
    text = text.strip().removeprefix("src:")
    if re.fullmatch(r"[+-]?\d+", text):
        return int(text) + (shot.source.start if text.startswith("+") else 0), None
    try:
        if source:
            return Timecode.parse(text, shot.plate.frames.rate, drop=shot.plate.drop).frame, None
        record = Timecode.parse(text, shot.record.rate, drop=drop).frame
    except TimecodeError as error:
        raise SettingsError(
            f"{text!r} is neither a frame nor a timecode: {error}",
            hint="use a plate frame, a record timecode, src:TIMECODE, or a line of the shot: "
            + (", ".join(line.called for line in shot.lines) or "it has none"),
        ) from error
    return _record_frames(shot, record), record


def _record_frames(shot: Shot, record: int) -> int:
    """The plate frame shown at record frame `record`; the inverse of `Shot.record_seconds`."""
    return shot.plate_frame(record)


def frames_text(shot: Shot, drop: bool) -> str:
    """The frames of a shot, in the forms in which an artist may name them."""
    last = shot.render.stop - 1
    text = (
        f"{shot.name} has plate frames {shot.render.start}..{last}, "
        f"of which {shot.source.start}..{shot.source.stop - 1} are in the cut"
    )
    if shot.record.rate in TIMECODE_RATES:
        ends = (Timecode(f, shot.record.rate, drop)
                for f in (shot.record.start, shot.record.stop - 1))  # fmt: skip
        text += " (record {}..{})".format(*ends)
    return text


def record_text(frame: int, shot: Shot, drop: bool) -> str:
    """Record timecode of plate frame `frame`; its record frame number where the rate has none."""
    record = floor(shot.record_seconds(frame) * shot.record.rate)
    if shot.record.rate not in TIMECODE_RATES or record < 0:
        return str(record)
    return str(Timecode(record, shot.record.rate, drop))


def notes(tweaks: Tweaks, shot: Shot) -> tuple[str, ...]:
    """Which of the tweaks have no effect in this shot, and why; a sentence per character."""
    with_takes = {take.character for take in shot.takes}
    result = []
    for character, tweak in tweaks.items():
        result += [f"{character}: {note}" for note in unshown(tweak)]
        idle = [n for n, _ in tweak.curves if n in OF_TAKES and character not in with_takes]
        if idle:
            result.append(f"{', '.join(idle)}: no effect, {character} has no take in {shot.name}")
        known = (SOUND, PLATE, *take_names(shot, character))
        gone = dict.fromkeys(key.source for key in tweak.comp if key.source not in known)
        result += [f"{name}: set by hand, but {character} has no such take here" for name in gone]
    return tuple(result)


def slip_ms(record: Mapping[str, Any], character: str, frames: FrameRange) -> float:
    """The slip that a render was made with, milliseconds: its median over `frames`.

    Args:
        record: the render record.
    """
    tweak = from_plain(record["tweak"].get(character, {}))
    return float(np.median(tweak.at("slip_ms", frames)))


def spoken_by_hand(record: Mapping[str, Any], character: str) -> SpokenTrack | None:
    """The words by hand that a render was made with; None: as they are heard.

    Args:
        record: the render record.
    """
    return from_plain(record["tweak"].get(character, {})).spoken
