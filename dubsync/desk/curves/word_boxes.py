"""A track of words as the boxes of two lanes, and what the lanes ask of the hand."""

from __future__ import annotations

from dubsync.core.sound.phones import BILABIAL, LABIODENTAL, PHONES, ROUNDED
from dubsync.core.tweak.spoken_track import SpokenTrack
from dubsync.desk.curves.lanes.edited_lane import EditedLane
from dubsync.desk.curves.lanes.spoken_lane import SIGNS, Spoken
from dubsync.desk.curves.word_hand import Kind, WordHand
from dubsync.service.preview.curve_values import CharacterSound

_TONES = {
    **{PHONES[n]: "round" for n in ROUNDED},
    **{PHONES[n]: "teeth" for n in LABIODENTAL},
    **{PHONES[n]: "shut" for n in BILABIAL},
}


def spoken_boxes(
    track: SpokenTrack | None, heard: CharacterSound | None
) -> tuple[list[Spoken], list[Spoken]]:
    """(words, phones): those of the track by their numbers; where it has none, those heard."""
    if track is not None and track.words:
        words = [
            Spoken(one.text, one.first, one.last, number=n, by_hand=one.by_hand)
            for n, one in enumerate(track.words, 1)
        ]
        held = [(phone, word.by_hand) for word in track.words for phone in word.phones]
        phones = [
            Spoken(one.symbol, one.first, one.last, _TONES.get(one.symbol, "plain"), n, by_hand)
            for n, (one, by_hand) in enumerate(held, 1)
        ]
        return words, phones
    if heard is None:
        return [], []
    return [Spoken(w.text, w.first, w.last) for w in heard.words], [
        Spoken(SIGNS.get(p.symbol, p.symbol), p.first, p.last, p.tone) for p in heard.phones
    ]


def hold_words(hand: WordHand, lane: EditedLane, kind: Kind) -> None:
    """Let the lane change the words or phones in hand."""

    def typed(number: int, edge: float, text: str) -> None:
        if number:
            hand.write(kind, number, text)
        else:
            hand.add(kind, edge, text)

    def deleted(number: int) -> None:
        hand.delete(kind, number)
        lane.choose(0)

    if kind == "phone":
        lane.typing.connect(hand.offer)
    lane.taken.connect(hand.take)
    lane.dragged.connect(lambda number, part, by: hand.drag(kind, number, part, by))
    lane.typed.connect(typed)
    lane.nudged.connect(lambda number, by: hand.nudge(kind, number, by))
    lane.deleted.connect(deleted)
