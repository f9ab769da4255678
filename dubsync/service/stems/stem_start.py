"""When a dub stem begins in record time, and whether it runs at the cut's speed.

In this order: what the project says, bext or iXML, a 2-pop, the cut's first frame. Whatever is
not the file's own word is said in a warning, and so is every sign of another speed; nothing is
ever sped up or slowed down here.
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
#: A length that fits another speed this nearly tells; chance does it once in 25 at 0.1 %.
_FITS_FRAMES = Fraction(1)
_APART_FRAMES = 6  #: by which the right speed must miss where another fits
_LEAST_CUT_S = 60  #: of a shorter cut, a length tells nothing
_POP_MARGIN_S = Fraction(1, 250)


@dataclass(frozen=True, slots=True)
class Laid:
    """Record time of a stem's first sample, in seconds since midnight, and what to warning.

    popped  it was laid by a 2-pop
    """

    start: Fraction
    warnings: tuple[ProjectWarning, ...] = ()
    popped: bool = False


def stem_start(
    result: SoundFile,
    character: str,
    said: str,
    record: FrameRange,
    drop: bool,
    audio_analysis: AudioAnalysisCache,
) -> Laid:
    """Where a stem lies.

    Args:
        said: the project's own word, a record timecode; "" for none.
        record: the frames of the cut.
        drop: whether the cut's timecode drops.
        ear: hears its 2-pops.

    Raises:
        SettingsError: `said` is no timecode.
    """
    name = Path(result.path).name
    clock = read_ixml(result.ixml, name)
    seconds = Fraction(result.n_samples, result.sample_rate)
    warnings = [*_clock_warnings(name, clock, result), *_rate_warnings(name, clock, record.rate)]
    begins = Fraction(record.start) / record.rate
    if said:
        start = _said(said, character, record.rate, drop)
        return Laid(start, (*warnings, *_length_warning(name, seconds, start, record)))
    stamp = _stamp(result, clock)
    if stamp is not None:
        start, wrapped = _within_day(stamp, seconds, record)
        if wrapped:
            warnings.append(
                ProjectWarning(
                    name,
                    "its timecode and the cut's lie on two sides of midnight; a day on",
                    f'if that is wrong: start = "HH:MM:SS:FF" under [characters.{character}]',
                )
            )
        warnings += _stamp_warning(name, start, record)
        return Laid(start, (*warnings, *_length_warning(name, seconds, start, record)))
    pop, tail = audio_analysis.two_pops(result)
    if pop is not None:
        warnings += _pop_warnings(name, pop, tail, character, record)
        return Laid(_popped(pop, record), tuple(warnings), popped=True)
    warnings.append(
        ProjectWarning(name, "no timecode and no 2-pop in it; laid at the first frame of the cut",
              f'if that is wrong: start = "HH:MM:SS:FF" under [characters.{character}]')
    )  # fmt: skip
    return Laid(begins, (*warnings, *_length_warning(name, seconds, begins, record)))


def _stamp(result: SoundFile, clock: SoundClock) -> Fraction | None:
    """Seconds since midnight as the file itself says; zero is what tools write for "unknown"."""
    if result.time_reference:
        return Fraction(result.time_reference, result.sample_rate)
    if clock.samples:
        return Fraction(clock.samples, clock.timestamp_rate or result.sample_rate)
    return None


def _within_day(stamp: Fraction, seconds: Fraction, record: FrameRange) -> tuple[Fraction, bool]:
    """`stamp`, or a day away from it where only that meets the cut."""
    first, last = (Fraction(f) / record.rate for f in (record.start, record.stop))
    day = Fraction(DAY_S * counting_base(record.rate)) / record.rate  # a day of its timecode
    for by in (Fraction(0), day, -day):
        if stamp + by < last and stamp + by + seconds > first:
            return stamp + by, by != 0
    return stamp, False


def _said(said: str, character: str, rate: Fraction, drop: bool) -> Fraction:
    """Seconds since midnight of the record timecode that dubsync.toml gives."""
    try:
        return Fraction(Timecode.parse(said, rate, drop=drop or None).frame) / rate
    except TimecodeError as error:
        raise SettingsError(
            f"dubsync.toml: the start of {character}'s dub: {error}",
            hint=f'start = "HH:MM:SS:FF" under [characters.{character}]',
        ) from error


def _stamp_warning(name: str, start: Fraction, record: FrameRange) -> Iterable[ProjectWarning]:
    """A time stamp that would be the cut's first frame if it counted at another rate."""
    begins, frame = Fraction(record.start) / record.rate, 1 / record.rate
    if abs(start - begins) <= _APART_FRAMES * frame:
        return
    for known in KNOWN:
        if abs(start * known.ratio - begins) <= frame:
            yield ProjectWarning(
                name,
                f"its time stamp is {float(abs(start - begins)):.2f} s off the cut's "
                f"first frame, as if counted at {float(record.rate * known.ratio):.5g} fps "
                f"and not at the cut's {float(record.rate):.5g}; it is used as it is",
                'say where it begins: start = "HH:MM:SS:FF" in dubsync.toml',
            )
            return


def _leader(rate: Fraction) -> Fraction:
    """Seconds from a 2-pop to the first frame of action: two, as timecode counts them."""
    return Fraction(2 * counting_base(rate)) / rate


def _popped(pop: Pop, record: FrameRange) -> Fraction:
    """Where a stem lies whose head pop is two seconds before the cut."""
    begins = Fraction(record.start) / record.rate
    return begins - _leader(record.rate) - Fraction(round(pop.start * 1000), 1000)


def _pop_warnings(
    name: str, pop: Pop, tail: Pop | None, character: str, record: FrameRange
) -> Iterable[ProjectWarning]:
    yield ProjectWarning(name, f"no timecode in it; a 2-pop of {pop.seconds * 1000:.0f} ms at "
                f"{pop.start:.3f} s, so it is laid with that pop two seconds before the cut's "
                "first frame", "is the cut's first frame the first frame of action? else: "
                f'start = "HH:MM:SS:FF" under [characters.{character}]')  # fmt: skip
    if tail is not None and tail.start - pop.start > 10:
        yield from _pops_warning(name, tail.start - pop.start, record, _leader(record.rate))


def _pops_warning(
    name: str, apart: float, record: FrameRange, two: Fraction
) -> list[ProjectWarning]:
    """Two pops, two seconds before and after the picture, measure the sound's own speed.

    The tail pop's own frame begins two seconds past the last frame.
    """
    length = len(record) / record.rate + 2 * two
    measured = Fraction(round(apart * 1000), 1000)
    known = _fitting(measured, length, _POP_MARGIN_S)
    if known is not None:
        return [speed_warning(name, known, f"its two pops are {apart:.3f} s apart, where the cut "
                            f"wants {float(length):.3f} s")]  # fmt: skip
    if abs(measured - length) > 1 / record.rate:
        return [ProjectWarning(name, f"its two pops are {apart:.3f} s apart, where the cut wants "
                      f"{float(length):.3f} s", "is it the dub of this cut?")]  # fmt: skip
    return []


def _fitting(measured: Fraction, length: Fraction, margin: Fraction) -> SpeedMismatch | None:
    near = min(KNOWN, key=lambda known: abs(length * known.ratio - measured))
    off, plain = abs(length * near.ratio - measured), abs(length - measured)
    return near if off <= margin and plain > 4 * margin and plain > 2 * off else None


def _length_warning(
    name: str, seconds: Fraction, start: Fraction, record: FrameRange
) -> Iterable[ProjectWarning]:
    """A stem that begins with the cut and is as long as the cut at another speed would be."""
    frame = 1 / record.rate
    begins, length = Fraction(record.start) / record.rate, len(record) / record.rate
    apart = abs(seconds - length)
    if length < _LEAST_CUT_S or abs(start - begins) > frame or apart < _APART_FRAMES * frame:
        return
    known = _fitting(seconds, length, _FITS_FRAMES * frame)
    if known is not None:
        yield speed_warning(name, known, f"it is {float(seconds):.2f} s long, the cut "
                          f"{float(length):.2f} s")  # fmt: skip


def _rate_warnings(name: str, clock: SoundClock, rate: Fraction) -> Iterable[ProjectWarning]:
    """What its iXML says of speed."""
    made = clock.timecode_rate
    if made is not None and (known := between_rates(made, rate)) is not None:
        yield speed_warning(name, known, f"its iXML counts {made} fps, the cut {rate} fps")
    elif made is not None and not _in_time(made, rate):
        yield ProjectWarning(name, f"its iXML counts {made} fps, the cut {rate} fps",
                    "was it dubbed to this cut?")  # fmt: skip
    master, current = clock.master_speed, clock.current_speed
    if master and current and master != current:
        note = f" ({clock.note})" if clock.note else ""
        yield ProjectWarning(
            name,
            f"its iXML has a master speed of {master} and a current speed of "
            f"{current} fps{note}: a pull-up or pull-down may still be due",
            "ask for the dub as it is to play with this cut",
        )


def _in_time(made: Fraction, rate: Fraction) -> bool:
    """Whether two rates keep the same hours: 24 and 30 do, 24000/1001 and 30000/1001 too."""
    return (made.denominator == 1) == (rate.denominator == 1)


def _clock_warnings(name: str, clock: SoundClock, result: SoundFile) -> Iterable[ProjectWarning]:
    for odd in clock.odd:
        yield ProjectWarning(name, odd, "its iXML is not used there")
    rate = clock.timestamp_rate
    if rate is not None and rate != result.sample_rate and result.time_reference:
        stated, taken = (Fraction(result.time_reference, r) for r in (rate, result.sample_rate))
        yield ProjectWarning(name, f"its iXML counts time stamps at {rate} Hz, the file runs at "
                    f"{result.sample_rate} Hz: {float(taken):.3f} s since midnight was taken, "
                    f"not {float(stated):.3f} s",
                    "was it resampled? say where it begins: start in dubsync.toml")  # fmt: skip
    if clock.samples is not None and result.time_reference not in (None, 0, clock.samples):
        yield ProjectWarning(
            name,
            f"bext says {result.time_reference} samples since midnight, iXML "
            f"{clock.samples}; bext is used",
            "say it: start in dubsync.toml",
        )


def speed_warning(about: str, known: SpeedMismatch, evidence: str) -> ProjectWarning:
    """A speed mismatch, named, with what to do."""
    return ProjectWarning(
        about,
        f"looks {known.name}: {evidence}; it is used as it is, and would drift",
        known.remedy,
    )
