"""The hand on words and phones: the track of the shot in hand, and every change of it.

Each change goes through the session's edits, as one of `dubsync words` would.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from PyQt5.QtCore import QObject, pyqtSignal

from dubsync.core.errors import SettingsError
from dubsync.core.tweak import spoken_edits as edits
from dubsync.core.tweak.spoken_track import SAID, TYPED, SpokenTrack, known_phones, phone_of
from dubsync.desk.curves.shaping import Shaping
from dubsync.service.project import Project
from dubsync.service.words import heard_in, phones_of_text

Kind = Literal["word", "phone"]
Part = Literal["all", "first", "last"]
#: Frames of a word and of a phone that are added, where there is room.
NEW_WORD, NEW_PHONE, LEAST = 8.0, 2.0, 0.5


class WordHand(QObject):
    """`changed` when the track as heard was read."""

    changed = pyqtSignal()

    def __init__(self, shaping: Shaping, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._shaping, self._session = shaping, shaping.session
        self._heard: dict[str, SpokenTrack] = {}
        self._of = ""
        self._read_from: Project | None = None
        self._from: SpokenTrack | None = None

    @property
    def track(self) -> SpokenTrack | None:
        """The words by hand, else as heard; None while they are not read, or cannot be set."""
        row, who = self._session.current, self._session.character
        if row is None or row.name != self._of or who not in self._heard:
            return None
        by_hand = self._session.edits.tweak(who).spoken
        return by_hand if by_hand is not None else self._heard[who]

    @property
    def ready(self) -> bool:
        """Whether words can be changed."""
        return self.track is not None and not self._shaping.locked

    def read(self) -> None:
        """Read what is heard in the shot, once; its sound must have been analysed."""
        row, project = self._session.current, self._session.project
        if row is None or row.shot is None or project is None:
            return
        if row.name == self._of and project is self._read_from:
            return
        name, self._of, self._read_from, self._heard = row.name, row.name, project, {}

        def done(heard: dict[str, SpokenTrack]) -> None:
            if name == self._of:
                self._heard = heard
                self.changed.emit()

        self._session.ask(lambda: heard_in(project, name), done)

    def let_go(self) -> None:
        """Another shot or character is shown: what was taken is not in hand any more."""
        self._from = None

    # -- changes -----------------------------------------------------------------------------

    def take(self) -> None:
        """A drag begins: what it changes is counted from the track as it is now."""
        self._from = self.track

    def drag(self, kind: Kind, number: int, part: Part, by: float) -> None:
        """Move word or phone `number`, or one of its edges, by frames from where it was taken."""
        track = self._from
        if track is None:
            return
        try:
            first, last = _edges(track, kind, number)
        except SettingsError:  # it went meanwhile, by undo
            return
        if self._shaping.snap:
            at = last if part == "last" else first
            by = round(by) if part == "all" else round(at + by) - at
        if part == "all":
            first, last = first + by, last + by
        elif part == "first":
            first = min(first + by, last - LEAST)
        else:
            last = max(last + by, first + LEAST)
        place = edits.placed_word if kind == "word" else edits.placed_phone
        self._put(lambda: place(track, number, first, last),
                  f"{kind} {number}=@{first:.2f}..{last:.2f}")  # fmt: skip

    def nudge(self, kind: Kind, number: int, by: int) -> None:
        """`by` frames later."""
        track = self.track
        if track is not None:
            first, last = (edge + by for edge in _edges(track, kind, number))
            move = edits.moved_word if kind == "word" else edits.moved_phone
            self._put(lambda: move(track, number, by),
                      f"{kind} {number}=@{first:.2f}..{last:.2f}")  # fmt: skip

    def delete(self, kind: Kind, number: int) -> None:
        track = self.track
        if track is not None:
            without = edits.without_word if kind == "word" else edits.without_phone
            self._put(lambda: without(track, number), f"delete {kind} {number}")

    def write(self, kind: Kind, number: int, text: str) -> bool:
        """Another text or phone for `number`.  Returns whether it is one."""
        if kind == "word":
            self._pronounced(text, lambda phones: self._put(
                lambda: edits.said_word(self._now(), number, text, phones),
                f"word {number}={text}"))  # fmt: skip
            return True
        symbol = self._phone(text)
        if symbol:
            first, last = _edges(self._now(), kind, number)
            self._put(lambda: edits.placed_phone(self._now(), number, first, last, symbol),
                      f"phone {number}={symbol}")  # fmt: skip
        return bool(symbol)

    def add(self, kind: Kind, edge: float, text: str) -> bool:
        """A word or phone from an edge on, as long as there is room.  Returns whether it is one."""
        first = float(round(edge)) if self._shaping.snap else round(edge, 2)
        words = self._now().words
        least = NEW_WORD if kind == "word" else NEW_PHONE
        room = min((w.first - first for w in words if w.first > first), default=least)
        last = first + (min(least, room) if room >= NEW_PHONE else least)
        where = f"@{first:.2f}..{last:.2f}"
        if kind == "word":
            self._pronounced(text, lambda phones: self._put(
                lambda: edits.added_word(self._now(), text, phones, first, last),
                f"add word {text}{where}"))  # fmt: skip
            return True
        symbol = self._phone(text)
        if symbol:
            self._put(lambda: edits.added_phone(self._now(), symbol, first, last),
                      f"add phone {symbol}{where}")  # fmt: skip
        return bool(symbol)

    def offer(self, text: str) -> None:
        """Say which phones begin with what is typed."""
        typed = {keys: f"{keys} for {symbol}" for keys, symbol in TYPED.items()}
        names = {**{symbol: symbol for symbol in SAID}, **typed}
        found = [said for name, said in names.items() if name.startswith(text.strip().lower())]
        said = ", ".join(found) if text.strip() and found else known_phones()
        self._session.message.emit(f"Phones: {said}" if found else said, False)

    # -- internal ----------------------------------------------------------------------------

    def _now(self) -> SpokenTrack:
        return self.track or SpokenTrack()

    def _put(self, make: Callable[[], SpokenTrack], request: str) -> None:
        if not self.ready:
            return
        try:
            track = make()
        except SettingsError as error:
            self._session.message.emit(f"{error}. {error.hint}", False)
            return
        self._shaping.put_tweak(replace(self._shaping.tweak, spoken=track), request)

    def _phone(self, text: str) -> str:
        try:
            return phone_of(text)
        except SettingsError as error:
            self._session.message.emit(f"{error}. {error.hint}", False)
            return ""

    def _pronounced(self, text: str, done: Callable[[tuple[str, ...]], None]) -> None:
        """Find the phones of a text in the background, then change the shot if it is still it."""
        row, who, project = (
            self._session.current, self._session.character, self._session.project
        )  # fmt: skip
        if row is None or project is None:
            return
        name = row.name

        def found(phones: tuple[str, ...]) -> None:
            current = self._session.current
            if current is None or current.name != name or self._session.character != who:
                return
            if not phones:
                said = f"The phones of {text!r} are not known here: add them in the lane Phones"
                self._session.message.emit(said, False)
            done(phones)

        self._session.ask(lambda: phones_of_text(project, name, who, text), found)


def _edges(track: SpokenTrack, kind: Kind, number: int) -> tuple[float, float]:
    if kind == "word":
        word = edits.word_at(track, number)
        return word.first, word.last
    n, k = edits.phone_at(track, number)
    phone = track.words[n].phones[k]
    return phone.first, phone.last
