"""Parses the changes of `dubsync words` ("word 5=ciao@1012..1020") and applies them to a track."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from dubsync.core.errors import SettingsError
from dubsync.core.shot import Shot
from dubsync.core.tweak import spoken_edits as edits
from dubsync.core.tweak.spoken_track import SpokenTrack, phone_of
from dubsync.service.tweaks.commands import frame_at

Kind = Literal["word", "phone"]
#: The phones of a text; none where they are not known.
Pronounce = Callable[[str], Sequence[str]]

_NAMED = re.compile(r"\s*(word|phone)\s+(\d{1,6})\s*", re.IGNORECASE)
_ADDED = re.compile(r"\s*(word|phone)(?:\s+|\s*=\s*)(.*)", re.IGNORECASE | re.DOTALL)
_MOVE = re.compile(r"\s*([+-]?\d+(?:\.\d+)?)\s*(ms|f)\s*", re.IGNORECASE)
_EXACT = re.compile(r"\s*\d+\.\d+\s*")


@dataclass(frozen=True, slots=True)
class TrackChanges:
    """Changes as a user writes them; words and phones are counted as before all of them.

    placed   "word 5=TEXT@START..END", "phone 12=m@START..END": text or time, or both
    moved    "word 5=+40ms", "phone 12=-2f"
    deleted  "word 5"
    added    "word TEXT@START..END", "phone m@START..END"
    """

    placed: Sequence[str] = ()
    moved: Sequence[str] = ()
    deleted: Sequence[str] = ()
    added: Sequence[str] = ()

    @property
    def request(self) -> list[str]:
        """As the history of the shot says it."""
        return [
            *self.placed, *(f"move {one}" for one in self.moved),
            *(f"delete {one}" for one in self.deleted), *(f"add {one}" for one in self.added),
        ]  # fmt: skip


def changed_track(
    track: SpokenTrack, changes: TrackChanges, shot: Shot, drop: bool, pronounce: Pronounce
) -> SpokenTrack:
    """`track` with `changes`: those that set, then those that move, delete and add.

    START and END are plate frames, both included, or record timecode, or source timecode after
    "src:"; a number with a decimal point is an edge itself: 1012.0..1013.0 is frame 1012.

    Raises:
        SettingsError: wrong syntax, no such word or phone, an unknown phone, frames outside the
            shot, or words and phones in one call.
    """
    kinds = {_named(one.partition("=")[0])[0]
             for one in (*changes.placed, *changes.moved, *changes.deleted)}  # fmt: skip
    if len(kinds) > 1:
        raise SettingsError("words and phones are changed together",
                            hint="in two commands: a word's change counts the phones anew",
                            )  # fmt: skip
    for one in changes.placed:
        track = _placed(track, one, shot, drop, pronounce)
    for one in changes.moved:
        track = _moved(track, one, float(shot.render.rate))
    for kind, number in sorted(map(_named, changes.deleted), reverse=True):
        track = (edits.without_word if kind == "word" else edits.without_phone)(track, number)
    for one in changes.added:
        track = _added(track, one, shot, drop, pronounce)
    return track


def _placed(
    track: SpokenTrack, setting: str, shot: Shot, drop: bool, pronounce: Pronounce
) -> SpokenTrack:
    which, equals, value = setting.partition("=")
    kind, number = _named(which)
    text, at, where = value.rpartition("@") if "@" in value else (value, "", "")
    text = text.strip()
    if not equals or not (text or at):
        raise SettingsError(f"{setting!r} sets nothing",
                            hint='as in "word 5"=ciao@1012..1020 or "phone 12"=m',
                            )  # fmt: skip
    ends = edges_of(where, shot, drop) if at else None
    if kind == "phone":
        n, k = edits.phone_at(track, number)
        phone = track.words[n].phones[k]
        first, last = ends or (phone.first, phone.last)
        return edits.placed_phone(track, number, first, last, phone_of(text) if text else "")
    if ends:
        track = edits.placed_word(track, number, *ends)
    if text and text != edits.word_at(track, number).text:
        track = edits.said_word(track, number, text, pronounce(text))
    return track


def _moved(track: SpokenTrack, setting: str, rate: float) -> SpokenTrack:
    which, _, value = setting.partition("=")
    kind, number = _named(which)
    amount = _MOVE.fullmatch(value)
    if amount is None:
        raise SettingsError(
            f"{setting!r} does not say how far", hint='as in "word 5"=+40ms, or -2f'
        )
    by = float(amount[1]) * (rate / 1000 if amount[2].lower() == "ms" else 1)
    return (edits.moved_word if kind == "word" else edits.moved_phone)(track, number, by)


def _added(
    track: SpokenTrack, setting: str, shot: Shot, drop: bool, pronounce: Pronounce
) -> SpokenTrack:
    named = _ADDED.fullmatch(setting)
    text, at, where = named[2].rpartition("@") if named else ("", "", "")
    if named is None or not at or not text.strip():
        raise SettingsError(f"{setting!r} is not word TEXT@START..END, or phone m@START..END",
                            hint='as in --add "word ciao@1012..1020"')  # fmt: skip
    first, last = edges_of(where, shot, drop)
    if named[1].lower() == "phone":
        return edits.added_phone(track, phone_of(text), first, last)
    return edits.added_word(track, text.strip(), pronounce(text.strip()), first, last)


def edges_of(where: str, shot: Shot, drop: bool) -> tuple[float, float]:
    """The edges that "START..END" names.  Raises SettingsError."""
    begin, dots, end = where.partition("..")
    if not dots:
        end = begin
    first, last = _edge(begin, shot, drop, 0), _edge(end, shot, drop, 1)
    if not shot.render.start - 1 <= first < last <= shot.render.stop + 1:
        raise SettingsError(
            f"{where.strip()} is not a time in {shot.name}",
            hint=f"START..END within plate frames {shot.render.start} to {shot.render.stop - 1}",
        )
    return first, last


def _edge(text: str, shot: Shot, drop: bool, after: int) -> float:
    """An edge as written, or the one before (0) or after (1) the frame that is named."""
    if _EXACT.fullmatch(text):
        return float(text)
    return float(frame_at(text, shot, drop) + after)


def _named(text: str) -> tuple[Kind, int]:
    found = _NAMED.fullmatch(text.strip().strip("\"'"))
    if found is None:
        raise SettingsError(f"{text.strip()!r:.60} names no word or phone",
                            hint='as in "word 5" or "phone 12"')  # fmt: skip
    return ("word" if found[1].lower() == "word" else "phone"), int(found[2])
