"""The words and phones of a shot: listed, changed by hand, and carried to and from files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from dubsync.core.errors import ModelError, SettingsError
from dubsync.core.shot import Shot, Stem
from dubsync.core.sound.phones import PHONES
from dubsync.core.tweak.spoken_track import SpokenPhone, SpokenTrack, SpokenWord, rounded
from dubsync.core.tweak.tweak import Tweak
from dubsync.service.project import Project
from dubsync.service.stems.shot_clock import ShotClock
from dubsync.service.store.atomic_write import write_whole
from dubsync.service.tweaks.commands import record_text
from dubsync.service.tweaks.textgrid import textgrid_text, textgrid_words
from dubsync.service.tweaks.timed_words import Timed, TimedWord, text_in
from dubsync.service.tweaks.track_settings import TrackChanges, changed_track
from dubsync.service.tweaks.tweak_store import Tweaks, TweakStore
from dubsync.service.tweaks.words_csv import csv_text, csv_words
from dubsync.speech.pronounce import lacking, pronounced

#: Frames by which a word from a file may miss the one in the shot and be the same.
SAME = 0.001
CSV, TEXTGRID = ".csv", ".textgrid"


@dataclass(frozen=True, slots=True)
class ShotSpoken:
    """The words of one character in one shot.

    track    as set by hand, else as heard
    by_hand  whether anything is set by hand; then the track stays as it is whatever is heard
    drop     whether the programme's timecode is drop-frame
    lacking  the extra of dubsync without which texts have no phones here; "" where none lacks
    left     how many words of an imported file are not in the shot
    """

    shot: Shot
    character: str
    track: SpokenTrack
    by_hand: bool
    drop: bool
    lacking: str = ""
    left: int = 0

    def milliseconds(self, first: float, last: float) -> tuple[float, float]:
        """Times of two edges, ms after the first frame that the cut shows."""
        clock = ShotClock(self.shot)
        begin, end, zero = clock.seconds((first, last, float(self.shot.source.start)))
        return 1000 * (begin - zero), 1000 * (end - zero)

    def record(self, first: float) -> str:
        """Record timecode of the frame that an edge is in."""
        return record_text(int(first // 1), self.shot, self.drop)


def spoken_in(project: Project, shot: str, character: str = "") -> tuple[ShotSpoken, ...]:
    """The words of `character`, or of every dubbed character, in `shot`.

    The dub's sound is analysed where it is not yet; no picture is.

    Raises:
        SettingsError, EngineError: no such shot or character.
    """
    found = project.reel.shot(shot)
    if character and character not in found.characters:
        raise SettingsError(f"{character!r} is not dubbed in {shot}",
                            hint="dubbed there: " + ", ".join(found.characters))  # fmt: skip
    tweaks = _store(project).latest(shot).tweaks
    whose = (character,) if character else found.characters
    return tuple(_spoken(project, found, who, tweaks) for who in whose)


def heard_in(project: Project, shot: str) -> dict[str, SpokenTrack]:
    """Dubbed character -> the words as they are heard in `shot`.

    Empty where the shot stands still or plays backwards: its words cannot be set by hand.
    """
    found = project.reel.shot(shot)
    if not ShotClock(found).rising:
        return {}
    return {who: _heard(project, found, who) for who in found.characters}


def change_words(
    project: Project, shot: str, changes: TrackChanges, character: str = ""
) -> ShotSpoken:
    """Change the words of a character: one step of the shot's tweaks, which undo takes back.

    Raises:
        SettingsError: as `changed_track`; or several characters are dubbed and none is named.
    """
    found, who = _one(project, shot, character)
    drop = project.turnover().cut.drop

    def change(track: SpokenTrack) -> SpokenTrack:
        return changed_track(track, changes, found, drop, _pronounce(project, found, who))

    return _amend(project, found, who, change, changes.request)


def reset_words(project: Project, shot: str, character: str = "") -> tuple[ShotSpoken, ...]:
    """The words as they are heard again; one step of the shot's tweaks."""
    spoken = spoken_in(project, shot, character)
    whose = [one.character for one in spoken]

    def without(now: Tweaks) -> Tweaks:
        return {c: replace(t, spoken=None) if c in whose else t for c, t in now.items()}

    _store(project).amend(shot, without, ["reset words"])
    project.tweak(shot)  # the project reads its tweaks anew
    return spoken_in(project, shot, character)


def export_words(project: Project, shot: str, path: Path, character: str = "") -> ShotSpoken:
    """Write the words to a CSV or a TextGrid; times count from the stem's first sample.

    Raises:
        SettingsError: another kind of file; or several characters are dubbed and none is named.
        DeliveryError: it cannot be written.
    """
    kind = _kind(path)
    found, who = _one(project, shot, character)
    (spoken,) = spoken_in(project, shot, who)
    stem = project.reel.stem(who, found)
    words = timed(spoken.track, found, stem)
    if kind == CSV:
        text = csv_text(words, [spoken.record(one.first) for one in spoken.track.words])
    else:
        text = textgrid_text(words, stem.n_samples / stem.sample_rate)
    write_whole(path, text)
    return spoken


def import_words(project: Project, shot: str, path: Path, character: str = "") -> ShotSpoken:
    """Put the words of a file in the place of the shot's; one step of the shot's tweaks.

    A word that the file leaves as it is stays as it is, heard or by hand.  The others are by hand,
    and their sound is heard where the file has them.  Words beside the shot are left out.

    Raises:
        SettingsError: the file is wrong; it says in which rows.
    """
    kind = _kind(path)
    found, who = _one(project, shot, character)
    clock = ShotClock(found)
    clock.require_forwards()
    text = text_in(path)
    words = csv_words(text, path.name) if kind == CSV else textgrid_words(text, path.name)
    stem = project.reel.stem(who, found)
    left = 0

    def imported(track: SpokenTrack) -> SpokenTrack:
        nonlocal left
        made = _from_timed(words, found, stem)
        here = [w for w in made if w.last > clock.edges[0] and w.first < clock.edges[1]]
        left = len(made) - len(here)
        if words and not here:
            raise SettingsError(f"no word of {path.name} is in {shot}",
                                hint="its times count from the first sample of the dub's file",
                                )  # fmt: skip
        return SpokenTrack(tuple(_kept(word, track) for word in here))

    spoken = _amend(project, found, who, imported, [f"import {path.name}"])
    return replace(spoken, left=left)


def timed(track: SpokenTrack, shot: Shot, stem: Stem) -> tuple[TimedWord, ...]:
    """A track in seconds from the stem's first sample."""
    clock, start = ShotClock(shot), float(stem.start)

    def at(text: str, first: float, last: float) -> Timed:
        begin, end = clock.seconds((first, last))
        return Timed(text, begin - start, end - start)

    return tuple(
        TimedWord(at(word.text, word.first, word.last),
                  tuple(at(one.symbol, one.first, one.last) for one in word.phones))
        for word in track.words
    )  # fmt: skip


def phones_of_text(project: Project, shot: str, character: str, text: str) -> tuple[str, ...]:
    """The phones of a text in the language of a character's dub; none where they are not known."""
    return tuple(_pronounce(project, project.reel.shot(shot), character)(text))


# -- internal --------------------------------------------------------------------------------


def _spoken(project: Project, shot: Shot, who: str, tweaks: Tweaks) -> ShotSpoken:
    by_hand = tweaks.get(who, Tweak()).spoken
    track = by_hand if by_hand is not None else _heard(project, shot, who)
    drop = project.turnover().cut.drop
    return ShotSpoken(shot, who, track, by_hand is not None, drop, _lacking(project, shot, who))


def _heard(project: Project, shot: Shot, who: str) -> SpokenTrack:
    return project.reel.audio_analysis.heard_track(project.reel.stem(who, shot), shot)


def _lacking(project: Project, shot: Shot, who: str) -> str:
    stem = project.reel.stem(who, shot)
    texts = [(ln.language or stem.language, ln.text) for ln in shot.lines if ln.character == who]
    return next((extra for one in texts if (extra := lacking(*one))), "")


def _amend(
    project: Project, shot: Shot, who: str, change: Callable[[SpokenTrack], SpokenTrack],
    request: Sequence[str],
) -> ShotSpoken:  # fmt: skip
    ShotClock(shot).require_forwards()

    def amended(now: Tweaks) -> Tweaks:
        tweak = now.get(who, Tweak())
        track = tweak.spoken if tweak.spoken is not None else _heard(project, shot, who)
        made = change(track)
        return now if made == track else {**now, who: replace(tweak, spoken=made)}

    _store(project).amend(shot.name, amended, request)
    project.tweak(shot.name)  # the project reads its tweaks anew
    (spoken,) = spoken_in(project, shot.name, who)
    return spoken


def _pronounce(project: Project, shot: Shot, who: str) -> Callable[[str], tuple[str, ...]]:
    language = project.reel.stem(who, shot).language

    def phones(text: str) -> tuple[str, ...]:
        if lacking(language, text):
            return ()
        try:
            (words,) = pronounced([text], language)
        except ModelError:
            return ()
        return tuple(PHONES[p] for word in words if word.ways for p in word.ways[0] if p)

    return phones


def _from_timed(words: Sequence[TimedWord], shot: Shot, stem: Stem) -> list[SpokenWord]:
    clock, start = ShotClock(shot), float(stem.start)

    def edges(one: Timed) -> tuple[float, float]:
        first, last = clock.frames((one.begin + start, one.end + start))
        return rounded(first), rounded(last)

    result = []
    for word in words:
        phones = []
        for one in word.phones:
            first, last = edges(one)
            if last <= first:
                raise SettingsError(f"{one.where}: phone {one.text} has no length",
                                    hint="its end must be after its start")  # fmt: skip
            phones.append(SpokenPhone.at(one.text, first, last))
        result.append(SpokenWord(word.word.text, *edges(word.word), tuple(phones)))
    return result


def _kept(word: SpokenWord, track: SpokenTrack) -> SpokenWord:
    """The word of `track` that is the same; else `word`, in the line of the one that it is over."""
    for one in track.words:
        if one.text == word.text and _same_edges(one, word):
            return one
    over = max(track.words, key=lambda one: min(one.last, word.last) - max(one.first, word.first),
               default=None)  # fmt: skip
    return replace(word, line=over.line) if over else word


def _same_edges(one: SpokenWord, other: SpokenWord) -> bool:
    if [phone.symbol for phone in one.phones] != [phone.symbol for phone in other.phones]:
        return False
    pairs = zip(_edges(one), _edges(other), strict=True)
    return all(abs(a - b) <= SAME for a, b in pairs)


def _edges(word: SpokenWord) -> list[float]:
    phones = [edge for phone in word.phones for edge in (phone.first, phone.last)]
    return [word.first, word.last, *phones]


def _one(project: Project, shot: str, character: str) -> tuple[Shot, str]:
    found = project.reel.shot(shot)
    if character and character not in found.characters:
        raise SettingsError(f"{character!r} is not dubbed in {shot}",
                            hint="dubbed there: " + ", ".join(found.characters))  # fmt: skip
    if character or len(found.characters) == 1:
        return found, character or found.characters[0]
    raise SettingsError(f"{shot} has words of {' and '.join(found.characters) or 'nobody'}",
                        hint="say whose: --character NAME")  # fmt: skip


def _kind(path: Path) -> str:
    kind = path.suffix.lower()
    if kind not in (CSV, TEXTGRID):
        raise SettingsError(f"{path.name} is neither .csv nor .TextGrid",
                            hint="as in --export words.TextGrid")  # fmt: skip
    return kind


def _store(project: Project) -> TweakStore:
    return TweakStore(project.file.folder, project.store.layout)
