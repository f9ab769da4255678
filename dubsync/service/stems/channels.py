"""By which channels of a track its speech is heard: by name, else where speech is."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from dubsync.core.digest import digest
from dubsync.core.sound.audio import Sound
from dubsync.editorial.files.ixml import read_ixml
from dubsync.media.sound.stem import SoundFile, read_channels, sound_levels, sound_track
from dubsync.service.store.folder import Arrays, Store
from dubsync.speech.speech_amount import VERSION as AMOUNT_VERSION
from dubsync.speech.speech_amount import SpeechAmount, speech_amount

#: Raise when the same sound would be heard by other channels; part of cache keys.
VERSION = f"1 {AMOUNT_VERSION}"
RATE = 16000  #: Hz
#: A longer file is measured in passages: the loudest of each channel.
WHOLE_S, PASSAGE_S, PASSAGES = 60, 10, 3
#: Correlation of two channels below which they cancel each other out when they are averaged:
#: at -0.4 the average has 5 dB less than one channel.
OPPOSITE = -0.4
#: Share of the best channel's speech that a channel needs to be heard by its name.
ENOUGH = 0.25
#: Share of the best channel's speech below which an average of two channels is not used.
MASKED = 0.5
#: Share of the best channel's clear speech below which the other channel, which has hardly any, is
#: not mixed in: what it has is music or noise.
CLEARER = 0.95
_DIALOGUE = {"DIA", "DIAL", "DIALOG", "DIALOGUE", "DLG", "DX", "VO", "VOICE", "DUB", "SPEECH"}
_CENTRE = {"C", "FC", "CF", "CTR", "CEN", "CENTRE", "CENTER"}
#: Channels around, below and above, which have crowds, rooms and rumble, never the words.
_AROUND = {"LFE", "LFE2", "SUB", "LS", "RS", "CS", "LSS", "RSS", "LRS", "RRS", "LSR", "RSR", "SL",
           "SR", "BL", "BR", "BC", "SURROUND", "REAR", "TFL", "TFR", "TBL", "TBR", "LTF", "RTF",
           "LTR", "RTR"}  # fmt: skip
#: Share of the speech around below which the front has none: then the names are wrong.
FRONT_SILENT = 0.02
#: Number of channels -> places of the centre in film order (L C R ...) and in SMPTE order (L R C
#: ...), where no name tells.
_ORDERS = {6: {1: "film order (L C R Ls Rs LFE)", 2: "SMPTE order (L R C LFE Ls Rs)"},
           8: {1: "film order (L C R ...)", 2: "SMPTE order (L R C LFE ...)"}}  # fmt: skip
_OTHER = {"M&E", "ME", "MX", "MUS", "MUSIC", "FX", "SFX", "EFX", "AMB", "LFE", "SUB", "LTC", "TC"}
_BEXT_TRACK = re.compile(r"TRK(\d{1,3})=([^\r\n]*)")


@dataclass(frozen=True, slots=True)
class Heard:
    """The channels by which a track is heard.

    channels  numbers from 1, averaged; empty: all
    why       in words, for a message; "" where all channels are heard, as nobody would ask
    """

    channels: tuple[int, ...] = ()
    why: str = ""


@dataclass(frozen=True, slots=True)
class Measured:
    """What was measured in the channels of a track.

    amounts      speech in each channel
    average      speech in the average of two channels; None for another number of channels
    correlation  of two channels, -1..1; 1 for another number
    """

    amounts: tuple[SpeechAmount, ...]
    average: SpeechAmount | None = None
    correlation: float = 1.0


def heard_channels(sound: SoundFile, store: Store) -> Heard:
    """The channels by which the track of `sound` is heard; what is measured is cached."""
    path, track = Path(sound.path), sound.track
    if track.channels == 1:
        return Heard()
    key = digest("channels", VERSION, store.file_digest(path), track.number)
    arrays = store.arrays("channels", key, lambda: _arrays(_measure_file(sound)))
    return choose(track.names, recorded_names(sound), _measured(arrays))


def dialogue(channels: Sequence[Sound], names: Sequence[str]) -> Sound:
    """One sound of a track's `channels`, chosen by what is in them.

    Stereo is averaged unless its channels cancel each other out.
    """
    if len(channels) == 1:
        return channels[0]
    correlation = _correlation(channels)
    if len(channels) == 2 and correlation > OPPOSITE:
        return _average(channels)
    amounts = tuple(map(speech_amount, channels))
    heard = choose(names, (), Measured(amounts, None, correlation))
    return _average([channels[n - 1] for n in heard.channels] or channels)


def own_dialogue(
    path: Path, *, first: Fraction = Fraction(0), seconds: Fraction | None = None
) -> Sound:
    """The speech of a movie's or sound file's own track, at 16 kHz; see `dialogue`.

    Raises:
        MediaError: as `read_channels`.
    """
    channels = read_channels(path, first=first, seconds=seconds, rate=RATE)
    return dialogue(channels, sound_track(path).names)


def choose(names: Sequence[str], recorded: Sequence[str], measured: Measured) -> Heard:
    """The channels to hear a track by.

    Args:
        names: of the channels, from the file's layout or its streams' titles; "" where unknown.
        recorded: of the channels, as a recorder or a desk wrote them (iXML, bext).
    """
    amounts = measured.amounts
    places = range(len(amounts))
    if len(amounts) == 2:
        return _of_two(max(places, key=lambda n: amounts[n].rank), measured)
    around = _around(recorded) or _around(names)
    best, reason = _best(amounts, around), ""
    for source in (recorded, names):
        named = [n for n in _named(source) if n < len(amounts)]
        if not named:
            continue
        place = max(named, key=lambda n: amounts[n].rank)
        called = _called(place, source)
        if amounts[place].seconds >= ENOUGH * amounts[best].seconds:
            return Heard((place + 1,), f"heard on {called}")
        reason = reason or f"; hardly any is on {called}"
    if amounts[best].rank > 0:
        reason += _order(best, len(amounts), names, recorded, best in around)
        return Heard((best + 1,), f"heard on channel {best + 1}, where its speech is{reason}")
    return Heard((), "no channel has speech; all are averaged")


def _best(amounts: Sequence[SpeechAmount], around: Collection[int]) -> int:
    """The channel in which speech is clearest; one around only where the front has none."""
    places = range(len(amounts))
    front = [n for n in places if n not in around]
    best = max(places, key=lambda n: amounts[n].rank)
    if not front or best in front:
        return best
    ahead = max(front, key=lambda n: amounts[n].rank)
    silent = amounts[ahead].seconds < FRONT_SILENT * amounts[best].seconds
    return best if silent else ahead


def _order(
    place: int, count: int, names: Sequence[str], recorded: Sequence[str], around: bool
) -> str:
    """What to ask about the order of the channels; "" where there is nothing."""
    if around:
        called = next(source[place] for source in (recorded, names) if any(source))
        return f'; that channel is named "{called}": is their order another?'
    named = any(recorded) or any(names)
    order = _ORDERS.get(count, {}).get(place, "")
    return f"; no order is stated: as in {order}" if order and not named else ""


def recorded_names(sound: SoundFile) -> tuple[str, ...]:
    """Names of the channels as the recorder or desk wrote them: iXML's, else bext's."""
    tracks = read_ixml(sound.ixml, Path(sound.path).name).tracks
    if any(tracks):
        return tracks
    named = {int(number): name.strip() for number, name in _BEXT_TRACK.findall(sound.description)}
    return tuple(named.get(n + 1, "") for n in range(max(named, default=0)))


def _of_two(best: int, measured: Measured) -> Heard:
    side = f"its {('left', 'right')[best]} channel"
    if measured.correlation <= OPPOSITE:
        return Heard((best + 1,), f"its channels cancel each other out; heard on {side}")
    average = measured.average
    clearer = measured.amounts[best]
    if average is None:
        return Heard()
    other = measured.amounts[1 - best].seconds < ENOUGH * clearer.seconds
    spoilt = other and average.rank < CLEARER * clearer.rank
    if spoilt or average.seconds < MASKED * clearer.seconds:
        return Heard((best + 1,), f"heard on {side}: the other one covers its speech")
    return Heard()


def _named(names: Sequence[str]) -> list[int]:
    """Places of the channels whose names say dialogue, else of those that say centre."""
    words = [set(re.split(r"[^A-Z0-9&]+", name.upper())) for name in names]
    kept = [set() if found & _OTHER else found for found in words]
    dialogue = [n for n, found in enumerate(kept) if found & _DIALOGUE]
    return dialogue or [n for n, found in enumerate(kept) if found & _CENTRE]


def _around(names: Sequence[str]) -> set[int]:
    """Places of the channels whose names say surround, height or LFE."""
    words = [set(re.split(r"[^A-Z0-9&]+", name.upper())) for name in names]
    return {n for n, found in enumerate(words) if found & _AROUND}


def _called(place: int, names: Sequence[str]) -> str:
    name = names[place]
    return "its centre channel" if name == "FC" else f'channel {place + 1}, "{name}"'


def _measure_file(sound: SoundFile) -> Measured:
    """Each channel in the passages in which it is loudest; a short file as a whole."""
    path, track = Path(sound.path), sound.track
    every = tuple(range(track.channels))
    if Fraction(sound.n_samples, sound.sample_rate) <= WHOLE_S:
        return measure([(read_channels(path, rate=RATE, track=track.number), every)])
    levels = sound_levels(path, track.number)
    wanted: dict[int, list[int]] = {}
    for channel in every:
        for start in loudest(levels[:, channel]):
            wanted.setdefault(start, []).append(channel)
    return measure(
        (
            read_channels(
                path, first=Fraction(start), seconds=Fraction(PASSAGE_S), rate=RATE,
                track=track.number,
            ),
            channels,
        )
        for start, channels in sorted(wanted.items())
    )  # fmt: skip


def loudest(levels: NDArray[np.float64]) -> tuple[int, ...]:
    """Where the loudest passages of a channel start, in seconds; none where it is silent.

    Args:
        levels: (seconds,) RMS of each second.
    """
    left = np.convolve(levels**2, np.ones(PASSAGE_S), "valid")
    starts: list[int] = []
    while len(starts) < PASSAGES and left.max(initial=0.0) > 0:
        start = int(left.argmax())
        starts.append(start)
        left[max(0, start - PASSAGE_S + 1) : start + PASSAGE_S] = 0
    return tuple(starts)


def measure(passages: Iterable[tuple[Sequence[Sound], Sequence[int]]]) -> Measured:
    """Speech in channels, added up over passages.

    Args:
        passages: every channel of a passage, and the places of those that are measured there.
    """
    amounts: dict[int, list[SpeechAmount]] = {}
    averages: list[SpeechAmount] = []
    together = np.zeros((2, 2))
    for channels, measured in passages:
        for n in range(len(channels)):
            amounts.setdefault(n, [])
        for n in measured:
            amounts[n].append(speech_amount(channels[n]))
        if len(channels) == 2:
            averages.append(speech_amount(_average(channels)))
            both = np.stack([np.asarray(channel.samples, np.float64) for channel in channels])
            together += both @ both.T
    return Measured(
        tuple(_added(amounts[n]) for n in sorted(amounts)),
        _added(averages) if averages else None,
        _normalised(together),
    )


def _added(amounts: Sequence[SpeechAmount]) -> SpeechAmount:
    seconds = sum(amount.seconds for amount in amounts)
    rank = sum(amount.rank for amount in amounts)
    return SpeechAmount(seconds, rank / seconds if seconds else 0.0)


def _correlation(channels: Sequence[Sound]) -> float:
    """Of two channels, -1..1; 1 for another number of channels, and for silence."""
    if len(channels) != 2:
        return 1.0
    both = np.stack([np.asarray(channel.samples, np.float64) for channel in channels])
    return _normalised(both @ both.T)


def _normalised(together: NDArray[np.float64]) -> float:
    power = float(together[0, 0] * together[1, 1]) ** 0.5
    return float(together[0, 1]) / power if power else 1.0


def _average(channels: Sequence[Sound]) -> Sound:
    if len(channels) == 1:
        return channels[0]
    samples = np.mean([np.asarray(channel.samples) for channel in channels], axis=0)
    return replace(channels[0], samples=np.asarray(samples, np.float32))


def _arrays(measured: Measured) -> Arrays:
    average = measured.average
    return {
        "amounts": np.array([(a.seconds, a.clarity) for a in measured.amounts], np.float64),
        "average": np.array([(average.seconds, average.clarity)] if average else [], np.float64),
        "correlation": np.array([measured.correlation], np.float64),
    }


def _measured(arrays: Arrays) -> Measured:
    average = [SpeechAmount(*row) for row in arrays["average"].tolist()]
    return Measured(
        tuple(SpeechAmount(*row) for row in arrays["amounts"].tolist()),
        average[0] if average else None,
        float(arrays["correlation"][0]),
    )
