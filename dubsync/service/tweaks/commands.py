"""What an artist asks of a shot, from the words they type to the Tweaks it is rendered with."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from math import floor
from typing import Any, Literal

import numpy as np

from dubsync.core.errors import SettingsError, TimecodeError
from dubsync.core.shot import Line, Shot
from dubsync.core.timeline.timecode import TIMECODE_RATES, FrameRange, Timecode
from dubsync.core.tweak import CONTROLS, MIX, Tweak, from_plain
from dubsync.service.tweaks.tweak_store import Tweaks, TweakStore, TweakVersion

_SETTING = re.compile(r"\s*([\w]+)\s*=\s*([^@]+?)\s*(?:@\s*(.+?)\s*)?")
#: Controls that act only where a take shows what they ask for.
OF_TAKES = ("take", "brows", "blinks", "gaze", "head")

Change = Literal["", "undo", "redo", "reset"]


@dataclass(frozen=True, slots=True)
class ShotTweaks:
    """What is said over one shot today.

    drop   whether the programme's timecode drops
    notes  what of it cannot act here
    redo   whether there is something to redo
    """

    shot: Shot
    version: TweakVersion
    drop: bool
    notes: tuple[str, ...] = ()

    @property
    def redo(self) -> bool:
        return bool(self.version.undone)


def change_tweaks(
    shelf: TweakStore,
    shot: Shot,
    drop: bool,
    *,
    settings: Sequence[str] = (),
    cleared: Sequence[str] = (),
    character: str = "",
    change: Change = "",
) -> ShotTweaks:
    """Say something over `shot`: a new version, or a refusal that leaves all as it was.

    With nothing to say it answers what is said today.

    Args:
        settings: `CONTROL=VALUE[@WHERE]`, in order; see `tweaked`.
        cleared: controls to put back as if nobody had touched them, before `settings`.
        character: whose mouth; "" everybody dubbed in the shot.
        change: undo or redo the last change, or reset everything, instead.

    Raises:
        SettingsError: a setting that cannot be, or nothing to undo or redo.
    """
    if character and character not in shot.characters:
        raise SettingsError(f"{character!r} is not dubbed in {shot.name}",
                            hint="dubbed there: " + ", ".join(shot.characters))  # fmt: skip
    if character and change in ("undo", "redo"):
        raise SettingsError(f"{change} takes back the shot's last change, whoever's it was",
                            hint="leave --character out")  # fmt: skip
    if change == "undo":
        version = shelf.undo(shot.name)
    elif change == "redo":
        version = shelf.redo(shot.name)
    elif change == "reset":
        version = shelf.amend(shot.name, lambda now: _without(now, character), ["reset"])
    elif settings or cleared:
        whose = (character,) if character else shot.characters
        asked = [f"clear {name}" for name in cleared] + list(settings)
        version = shelf.amend(
            shot.name, lambda now: _said(now, whose, shot, drop, settings, cleared), asked
        )
    else:
        version = shelf.latest(shot.name)
    return ShotTweaks(shot, version, drop, notes(version.tweaks, shot))


def _without(now: Tweaks, character: str) -> Tweaks:
    return {who: tweak for who, tweak in now.items() if character not in ("", who)}


def _said(
    now: Tweaks, whose: Sequence[str], shot: Shot, drop: bool,
    settings: Sequence[str], cleared: Sequence[str],
) -> Tweaks:  # fmt: skip
    """`now`, with all of `settings` and `cleared` said over each of `whose`."""
    tweaks = dict(now)
    for who in whose:
        tweak = tweaks.get(who, Tweak())
        for name in cleared:
            tweak = tweak.cleared(name)
        for setting in settings:
            tweak = tweaked(tweak, setting, shot, drop)
        tweak.shares(shot.render)  # all three at 0 is refused here
        tweaks[who] = tweak
    return tweaks


def tweaked(tweak: Tweak, setting: str, shot: Shot, drop: bool) -> Tweak:
    """`tweak` with one `CONTROL=VALUE[@WHERE]` of the user's applied.

    WHERE is FRAME or FIRST..LAST, both included, or the name of one of the shot's lines.  Frames
    are plate frames, +N frames after the cut's first, record timecodes, or source timecodes behind
    "src:".  Without it the
    value holds throughout; a single frame is a key.

    Args:
        drop: whether the programme's timecode drops.

    Raises:
        SettingsError: not written so, an unknown control, a value out of range, or frames that
            the shot has not.
    """
    parsed = _SETTING.fullmatch(setting)
    if not parsed:
        raise SettingsError(
            f"{setting!r} is not CONTROL=VALUE or CONTROL=VALUE@FRAMES",
            hint="as jaw=1.2@1012..1040, slip_ms=40, viseme=m@1020, mix=take:0.5,sound:0.5",
        )
    name, value, where = parsed.groups()
    place = _place(where, shot, drop) if where else None
    if name == "viseme":
        if place is None:
            raise SettingsError("a viseme needs a frame", hint=f"viseme={value}@FRAME")
        return tweak.showing(value, place[0], place[1])
    if name == "ease" and place is not None:
        raise SettingsError("ease is one number for the whole shot", hint=f"ease={value}")
    amounts = _mix(value) if name == "mix" else {name: _number(name, value)}
    for control, amount in amounts.items():
        tweak = _applied(tweak, control, amount, place)
    return tweak


_Place = tuple[int, int, bool]  # first, last, whether it is one frame alone


def _applied(tweak: Tweak, name: str, value: float, place: _Place | None) -> Tweak:
    if place is None:
        return tweak.held(name, value)
    first, last, single = place
    return tweak.keyed(name, first, value) if single else tweak.spanned(name, first, last, value)


def _number(name: str, text: str) -> float:
    try:
        return float(text)
    except ValueError:
        known = name in CONTROLS or name == "ease"
        if not known:
            Tweak().held(name, 0.0)  # refuses, and says which controls there are
        raise SettingsError(f"{name}={text!r} is not a number") from None


def _mix(text: str) -> dict[str, float]:
    """ "sound", or "take:0.5,sound:0.5": shares of all three; who is not named has none."""
    shares = dict.fromkeys(MIX, 0.0)
    for part in text.split(","):
        name, _, amount = part.strip().partition(":")
        if name not in shares:
            raise SettingsError(f"mix knows no {name!r}", hint="take, sound and original")
        shares[name] = _number(name, amount) if amount else 1.0
    return shares


def _place(where: str, shot: Shot, drop: bool) -> _Place:
    """The plate frames that `where` names, in rising order, all of them in the shot."""
    line = _line(where, shot)
    if line is not None:
        ends = _record_frames(shot, line.record.start), _record_frames(shot, line.record.stop - 1)
        first, last = min(ends), max(ends)
        spoken = FrameRange(first, last + 1, shot.render.rate).overlap(shot.render)
        if spoken is None:
            raise SettingsError(f"line {where} does not sound in {shot.name}")
        return spoken.start, spoken.stop - 1, False
    begin, dots, end = where.partition("..")
    source = begin.strip().startswith("src:")
    one = _frame(begin, shot, drop, source)
    other = _frame(end, shot, drop, source) if dots else one
    for frame in (one, other):
        if frame not in shot.render:
            raise SettingsError(f"frame {frame} ({where}) is not in {shot.name}",
                                hint=frames_text(shot, drop))  # fmt: skip
    return min(one, other), max(one, other), not dots


def _line(where: str, shot: Shot) -> Line | None:
    """The line called so: by name, by its number in the script, or MARC_L004 by L004 alone."""
    if where.isdigit():
        return None  # a frame
    ways: tuple[Callable[[Line], bool], ...] = (
        lambda line: line.name == where,
        lambda line: line.cue == where,
        lambda line: line.name.endswith(f"_{where}"),
    )
    for called_so in ways:
        result = [line for line in shot.lines if called_so(line)]
        if len(result) > 1:
            raise SettingsError(
                f"{where} are {len(result)} lines of {shot.name}",
                hint="name one: " + ", ".join(line.name for line in result),
            )
        if result:
            return result[0]
    return None


def _frame(text: str, shot: Shot, drop: bool, source: bool) -> int:
    text = text.strip().removeprefix("src:")
    if re.fullmatch(r"[+-]?\d+", text):
        return int(text) + (shot.source.start if text.startswith("+") else 0)
    try:
        if source:
            return Timecode.parse(text, shot.plate.frames.rate, drop=shot.plate.drop).frame
        record = Timecode.parse(text, shot.record.rate, drop=drop).frame
    except TimecodeError as error:
        raise SettingsError(
            f"{text!r} is neither a frame nor a timecode: {error}",
            hint="a plate frame, a record timecode, src:TIMECODE, or a line: "
            + (", ".join(line.called for line in shot.lines) or "none here"),
        ) from error
    return _record_frames(shot, record)


def _record_frames(shot: Shot, record: int) -> int:
    """The plate frame shown at record frame `record`, as `Shot.record_seconds` counts."""
    return shot.plate_frame(record)


def frames_text(shot: Shot, drop: bool) -> str:
    """Which frames a shot has, as an artist may name them."""
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
    """Record timecode at which plate frame `frame` is shown; its number where the rate has none."""
    record = floor(shot.record_seconds(frame) * shot.record.rate)
    if shot.record.rate not in TIMECODE_RATES or record < 0:
        return str(record)
    return str(Timecode(record, shot.record.rate, drop))


def notes(tweaks: Tweaks, shot: Shot) -> tuple[str, ...]:
    """What of the tweaks cannot act in this shot, in words."""
    with_takes = {take.character for take in shot.takes}
    said = []
    for who, tweak in tweaks.items():
        idle = [n for n, _ in tweak.curves if n in OF_TAKES and who not in with_takes]
        if idle:
            said.append(f"{', '.join(idle)}: {who} has no take in {shot.name}, so nothing follows")
    return tuple(said)


def slip_ms(record: Mapping[str, Any], character: str, frames: FrameRange) -> float:
    """The slip a render was made with, milliseconds: its median over `frames`."""
    said = record["tweak"]
    if "slip_ms" in said:  # a record from before tweaks were by character
        return float(said["slip_ms"])
    tweak = from_plain(said.get(character, {}))
    return float(np.median(tweak.at("slip_ms", frames)))
