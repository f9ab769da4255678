"""The record time at which a dub stem starts, and signs that it runs at another speed.

The start comes from the first of these that exists: `start` in dubsync.toml, the file's bext or
iXML time stamp, a 2-pop, the cut's first frame.  A start that the file does not state itself is a
warning, and so is every sign of another speed; the sound is never sped up or slowed down here.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from dubsync.core.errors import SettingsError, TimecodeError
from dubsync.core.shot import ProjectWarning
from dubsync.core.sound.clock import SoundClock
from dubsync.core.timeline.speed import KNOWN, SpeedMismatch, between_rates
from dubsync.core.timeline.timecode import FrameRange, Timecode, counting_base
from dubsync.editorial.files.ixml import read_ixml
from dubsync.media.sound.stem import SoundFile
from dubsync.media.sound.two_pop import Pop
from dubsync.service.stems.audio_analysis import AudioAnalysisCache

DAY_S = 86400
#: A length within so many frames of another speed's is a sign; by chance 1 in 25 at 0.1 %.
_FITS_FRAMES = Fraction(1)
_APART_FRAMES = 6  #: by which the right speed must miss where another fits
_LEAST_CUT_S = 60  #: the length of a shorter cut proves nothing
_POP_MARGIN_S = Fraction(1, 250)  #: seconds; how exactly the distance of two pops is measured


@dataclass(frozen=True, slots=True)
class StemStart:
    """Record time of a stem's first sample, in seconds since midnight, and warnings.

    by_pop  whether a 2-pop gave it
    """

    start: Fraction
    warnings: tuple[ProjectWarning, ...] = ()
    by_pop: bool = False


def stem_start(
    sound: SoundFile,
    character: str,
    stated: str,
    record: FrameRange,
    drop: bool,
    audio: AudioAnalysisCache,
) -> StemStart:
    """The record time at which a stem starts.

    Args:
        stated: `start` in dubsync.toml, a record timecode; "": not given.
        record: the frames of the cut.
        drop: whether the cut's timecode is drop-frame.
        audio: finds the stem's 2-pops.

    Raises:
        SettingsError: `stated` is not a timecode.
    """
    name = Path(sound.path).name
    clock = read_ixml(sound.ixml, name)
    seconds = Fraction(sound.n_samples, sound.sample_rate)
    warnings = [*_clock_warnings(name, clock, sound), *_rate_warnings(name, clock, record.rate)]
    begins = Fraction(record.start) / record.rate
    if_wrong = f'if that is wrong, write start = "HH:MM:SS:FF" under [characters.{character}]'
    if stated:
        start = _stated(stated, character, record.rate, drop)
        return StemStart(start, (*warnings, *_length_warning(name, seconds, start, record)))
    stamp = _stamp(sound, clock)
    if stamp is not None:
        start, wrapped = _within_day(stamp, seconds, record)
        if wrapped:
            warnings.append(
                ProjectWarning(
                    name,
                    "its timecode and the cut's are on two sides of midnight; moved by a day",
                    if_wrong,
                )
            )
        warnings += _stamp_warning(name, start, record)
        return StemStart(start, (*warnings, *_length_warning(name, seconds, start, record)))
    pop, tail = audio.two_pops(sound)
    if pop is not None:
        warnings += _pop_warnings(name, pop, tail, character, record)
        return StemStart(_start_by_pop(pop, record), tuple(warnings), by_pop=True)
    message = "it has no timecode and no 2-pop; placed at the first frame of the cut"
    warnings.append(ProjectWarning(name, message, if_wrong))
    return StemStart(begins, (*warnings, *_length_warning(name, seconds, begins, record)))


def _stamp(sound: SoundFile, clock: SoundClock) -> Fraction | None:
    """The file's own time stamp, seconds since midnight; tools write zero for "unknown"."""
    if sound.time_reference:
        return Fraction(sound.time_reference, sound.sample_rate)
    if clock.samples:
        return Fraction(clock.samples, clock.timestamp_rate or sound.sample_rate)
    return None


def _within_day(stamp: Fraction, seconds: Fraction, record: FrameRange) -> tuple[Fraction, bool]:
    """(`stamp`, False), or (a day off, True) where only that overlaps the cut."""
    first, last = (Fraction(f) / record.rate for f in (record.start, record.stop))
    day = Fraction(DAY_S * counting_base(record.rate)) / record.rate  # a day of its timecode
    for by in (Fraction(0), day, -day):
        if stamp + by < last and stamp + by + seconds > first:
            return stamp + by, by != 0
    return stamp, False


def _stated(stated: str, character: str, rate: Fraction, drop: bool) -> Fraction:
    """Seconds since midnight of the record timecode in dubsync.toml."""
    try:
        return Fraction(Timecode.parse(stated, rate, drop=drop or None).frame) / rate
    except TimecodeError as error:
        raise SettingsError(
            f"dubsync.toml: the start of {character}'s dub: {error}",
            hint=f'write start = "HH:MM:SS:FF" under [characters.{character}]',
        ) from error


def _stamp_warning(name: str, start: Fraction, record: FrameRange) -> Iterable[ProjectWarning]:
    """A time stamp that would be the cut's first frame if counted at another rate."""
    begins, frame = Fraction(record.start) / record.rate, 1 / record.rate
    if abs(start - begins) <= _APART_FRAMES * frame:
        return
    for known in KNOWN:
        if abs(start * known.ratio - begins) <= frame:
            yield ProjectWarning(
                name,
                f"its time stamp is {float(abs(start - begins)):.2f} s off the cut's "
                f"first frame, as if counted at {float(record.rate * known.ratio):.5g} fps "
                f"and not at the cut's {float(record.rate):.5g}; it is used unchanged",
                'if that is wrong, write start = "HH:MM:SS:FF" in dubsync.toml',
            )
            return


def _leader(rate: Fraction) -> Fraction:
    """Seconds from a 2-pop to the first frame of action: two seconds of timecode."""
    return Fraction(2 * counting_base(rate)) / rate


def _start_by_pop(pop: Pop, record: FrameRange) -> Fraction:
    """The start of a stem whose head pop is two seconds before the cut."""
    begins = Fraction(record.start) / record.rate
    return begins - _leader(record.rate) - Fraction(round(pop.start * 1000), 1000)


def _pop_warnings(
    name: str, pop: Pop, tail: Pop | None, character: str, record: FrameRange
) -> Iterable[ProjectWarning]:
    yield ProjectWarning(name, f"it has no timecode, but a 2-pop of {pop.seconds * 1000:.0f} ms "
                f"at {pop.start:.3f} s; placed with that pop two seconds before the cut's first "
                "frame", "if that frame is not the first frame of action, write "
                f'start = "HH:MM:SS:FF" under [characters.{character}]')  # fmt: skip
    if tail is not None and tail.start - pop.start > 10:
        yield from _pop_distance_warnings(name, tail.start - pop.start, record)


def _pop_distance_warnings(name: str, apart: float, record: FrameRange) -> Iterable[ProjectWarning]:
    """Head and tail pop, two seconds before and after the picture, measure the sound's speed.

    The tail pop's own frame begins two seconds after the last frame.
    """
    length = len(record) / record.rate + 2 * _leader(record.rate)
    measured = Fraction(round(apart * 1000), 1000)
    known = _fitting(measured, length, _POP_MARGIN_S)
    evidence = (
        f"its two pops are {apart:.3f} s apart, the cut needs {float(length):.3f} s between them"
    )
    if known is not None:
        yield speed_warning(name, known, evidence)
    elif abs(measured - length) > 1 / record.rate:
        yield ProjectWarning(name, evidence, "check that it is the dub of this cut")


def _fitting(measured: Fraction, length: Fraction, margin: Fraction) -> SpeedMismatch | None:
    """The known speed mismatch that explains `measured` seconds in place of `length`, if one."""
    near = min(KNOWN, key=lambda known: abs(length * known.ratio - measured))
    off, unexplained = abs(length * near.ratio - measured), abs(length - measured)
    plausible = off <= margin and unexplained > 4 * margin and unexplained > 2 * off
    return near if plausible else None


def _length_warning(
    name: str, seconds: Fraction, start: Fraction, record: FrameRange
) -> Iterable[ProjectWarning]:
    """A stem that starts with the cut and has the length of the cut at another speed."""
    frame = 1 / record.rate
    begins, length = Fraction(record.start) / record.rate, len(record) / record.rate
    apart = abs(seconds - length)
    if length < _LEAST_CUT_S or abs(start - begins) > frame or apart < _APART_FRAMES * frame:
        return
    known = _fitting(seconds, length, _FITS_FRAMES * frame)
    if known is not None:
        evidence = f"it is {float(seconds):.2f} s long, the cut {float(length):.2f} s"
        yield speed_warning(name, known, evidence)


def _rate_warnings(name: str, clock: SoundClock, rate: Fraction) -> Iterable[ProjectWarning]:
    """Signs of another speed in its iXML."""
    made = clock.timecode_rate
    evidence = f"its iXML counts {made} fps, the cut {rate} fps"
    if made is not None and (known := between_rates(made, rate)) is not None:
        yield speed_warning(name, known, evidence)
    elif made is not None and not _in_time(made, rate):
        yield ProjectWarning(name, evidence, "check that it was dubbed to this cut")
    master, current = clock.master_speed, clock.current_speed
    if master and current and master != current:
        note = f" ({clock.note})" if clock.note else ""
        yield ProjectWarning(
            name,
            f"its iXML has a master speed of {master} and a current speed of "
            f"{current} fps{note}: a pull-up or pull-down may still be needed",
            "ask for the dub at the speed of this cut",
        )


def _in_time(made: Fraction, rate: Fraction) -> bool:
    """Whether two rates keep the same time: 24 and 30 do, 24000/1001 and 30000/1001 too."""
    return (made.denominator == 1) == (rate.denominator == 1)


def _clock_warnings(name: str, clock: SoundClock, sound: SoundFile) -> Iterable[ProjectWarning]:
    """Errors in its iXML, and time stamps that contradict each other."""
    for odd in clock.odd:
        yield ProjectWarning(name, odd, "that part of its iXML is not used")
    rate = clock.timestamp_rate
    if rate is not None and rate != sound.sample_rate and sound.time_reference:
        stated, used = (Fraction(sound.time_reference, r) for r in (rate, sound.sample_rate))
        yield ProjectWarning(name, f"its iXML counts time stamps at {rate} Hz, the file runs at "
                    f"{sound.sample_rate} Hz: {float(used):.3f} s since midnight is used, "
                    f"not {float(stated):.3f} s",
                    "if the file was resampled, write its start in dubsync.toml")  # fmt: skip
    if clock.samples is not None and sound.time_reference not in (None, 0, clock.samples):
        yield ProjectWarning(
            name,
            f"bext says {sound.time_reference} samples since midnight, iXML "
            f"{clock.samples}; bext is used",
            "if that is wrong, write its start in dubsync.toml",
        )


def speed_warning(about: str, known: SpeedMismatch, evidence: str) -> ProjectWarning:
    """A warning that names a known speed mismatch, with its remedy."""
    return ProjectWarning(
        about,
        f"looks {known.name}: {evidence}; it is used unchanged and would drift",
        known.remedy,
    )
