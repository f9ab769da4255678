"""Sound, and the clock of playback: the sound card's where there is one, else the machine's.

Sound is at hand as samples over record time; where the loop ends it begins again without a gap.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from fractions import Fraction
from typing import Any, Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from dubsync.service.proxies.played_sound import HZ, PlayedSound

Heard = Literal["dub", "original", "mix"]
Samples = NDArray[np.float32]
NO_CARD = "No sound card that keeps time: it plays silently"
WILD_S = 1.0  #: a card whose clock is so far from the machine's plays nothing that is heard


@dataclass(frozen=True, slots=True)
class Round:
    """Play from a record time on, round and round between two others.

    start        record seconds at which it begins
    first, last  record seconds of the loop's ends
    loops        whether it begins again; else it stops at the end
    speed        record seconds a second; negative: backwards
    """

    start: Fraction
    first: Fraction
    last: Fraction
    loops: bool = True
    speed: int = 1

    def place(self, elapsed: float) -> tuple[float, bool]:
        """(record seconds, whether it is over) after `elapsed` seconds."""
        at = float(self.start) + elapsed * self.speed
        first, last = float(self.first), float(self.last)
        if first <= at < last:
            return at, False
        if self.loops:
            return first + (at - first) % (last - first), False
        return (first if at < first else last), True

    def samples(self, n: int, count: int, rate: int) -> NDArray[np.int64]:
        """(count,) record samples heard from the n-th on; -1 after the end."""
        start, first = round(self.start * rate), round(self.first * rate)
        last = round(self.last * rate)
        at = start + np.arange(n, n + count, dtype=np.int64)
        if self.loops:
            return np.asarray(np.where(at < last, at, first + (at - first) % (last - first)))
        return np.asarray(np.where(at < last, at, -1))


class Card(Protocol):
    """A stream of a sound card."""

    def start(self) -> None:
        """Begin to ask for samples."""

    def stop(self) -> None:
        """End at once."""

    def close(self) -> None:
        """Give the card back to others."""


#: fill(samples (N,) to be set, seconds until the first is heard)
Fill = Callable[[Samples, float], None]
#: Opens a card, or None where there is none.
OpenCard = Callable[[Fill, int], "Card | None"]


class SoundOut:
    """Plays a Round, and says how many seconds of it were heard."""

    def __init__(self, open_card: OpenCard | None = None) -> None:
        self._open_card = open_card or open_sound_card
        self._lock = threading.Lock()
        self._sound: PlayedSound | None = None
        self._round: Round | None = None
        self._card: Card | None = None
        self._tried = False
        self._n = 0
        self._anchor: tuple[float, float] | None = None  # (heard at, seconds of the round)
        self._began = 0.0
        self.heard: Heard = "dub"
        self.volume = 1.0
        self.muted = False

    @property
    def silent(self) -> bool:
        """Whether a card was looked for, and there is none."""
        return self._tried and self._card is None

    def give(self, sound: PlayedSound | None) -> None:
        """What is to be heard from now on."""
        self._sound = sound

    def play(self, played: Round) -> None:
        """Begin."""
        with self._lock:
            self._round, self._n, self._anchor = played, 0, None
            self._began = time.monotonic()
        if not self._tried:
            self._tried = True
            self._card = self._open_card(self._fill, HZ)
        if self._card is not None:
            self._card.start()

    def stop(self) -> None:
        """Silence; the card is kept."""
        with self._lock:
            self._round = None
        if self._card is not None:
            self._card.stop()

    def close(self) -> None:
        """Give the card back."""
        self.stop()
        if self._card is not None:
            self._card.close()
        self._card, self._tried = None, False

    def elapsed(self) -> float:
        """Seconds of the round that were heard by now, on the card's clock."""
        now = time.monotonic()
        if self._card is None:
            return now - self._began
        with self._lock:
            if self._anchor is None:
                return 0.0
            heard_at, seconds = self._anchor
        elapsed = max(seconds + now - heard_at, 0.0)
        if abs(elapsed - (now - self._began)) > WILD_S:  # a null device swallows all at once
            self._card.close()
            self._card = None
            return now - self._began
        return elapsed

    def _fill(self, samples: Samples, until: float) -> None:
        """Called by the card on a thread of its own."""
        now = time.monotonic()
        with self._lock:
            played, n = self._round, self._n
            self._anchor = _steadied(self._anchor, now + until, n / HZ)
            self._n = n + len(samples)
        samples[:] = 0
        sound = self._sound
        if played is None or sound is None or played.speed != 1 or self.muted:
            return
        at = played.samples(n, len(samples), HZ) - round(sound.start * HZ)
        inside = (at >= 0) & (at < len(sound.dub))
        voice = _chosen(sound, self.heard, at[inside])
        samples[inside] = np.clip(voice * np.float32(self.volume), -1, 1)


def _steadied(
    before: tuple[float, float] | None, heard_at: float, seconds: float
) -> tuple[float, float]:
    """A callback comes late by chance, never early: its time is followed slowly."""
    if before is None:
        return heard_at, seconds
    expected = before[0] + seconds - before[1]
    error = heard_at - expected
    if abs(error) > 0.1:  # the stream stood still: begin anew
        return heard_at, seconds
    return expected + 0.05 * error, seconds


def _chosen(sound: PlayedSound, heard: Heard, at: NDArray[np.int64]) -> Samples:
    if heard == "dub":
        return np.asarray(sound.dub[at], np.float32)
    if heard == "original":
        return np.asarray(sound.original[at], np.float32)
    return np.asarray(0.7 * (sound.dub[at] + sound.original[at]), np.float32)


class _Stream:
    """A stream of the machine's sound card through PortAudio."""

    def __init__(self, stream: Any) -> None:
        self._stream = stream

    def start(self) -> None:
        if not self._stream.active:
            self._stream.start()

    def stop(self) -> None:
        if self._stream.active:
            self._stream.abort()

    def close(self) -> None:
        self._stream.close()


def open_sound_card(fill: Fill, rate: int) -> Card | None:
    """The machine's own card; None where there is none, or none that plays at `rate`."""
    try:
        import sounddevice
    except (ImportError, OSError):  # OSError: PortAudio itself is not installed
        return None

    def called(out: Any, _frames: int, times: Any, _status: Any) -> None:
        mono = np.zeros(len(out), np.float32)
        fill(mono, max(times.outputBufferDacTime - times.currentTime, 0.0))
        out[:] = mono[:, None]

    try:
        stream = sounddevice.OutputStream(
            samplerate=rate, channels=2, dtype="float32", latency="low", callback=called
        )
    except (sounddevice.PortAudioError, ValueError):
        return None
    return _Stream(stream)
