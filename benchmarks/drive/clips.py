"""The clips that the sound drive is measured on, and in which sets."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from benchmarks.sound_head import TRAINED_ON, Talk
from dubsync.engine.sound.sound_head import Head

#: Share of a clip that is learnt from where its rest is measured.
SPLIT = 0.8


@dataclass(frozen=True, slots=True)
class Clip:
    """A clip of one person who talks.

    person    no head that is measured on it was taught on this person
    language  of the speech; "en?": presumed by its collection
    """

    name: str
    person: str
    language: str


_VOX2 = ("a00015", "a00086", "a00104", "a681100216", "i00098", "p00067", "p741400163",
         "p796100172")  # fmt: skip
#: New GRID clips; s1 is the speaker of grid_bbaf2n.
_GRID = {"ans_man_fair": "fair", "ans_woman_brown": "brown", "ans_woman_curly": "curly",
         "ans_youth": "youth", "s1_bbas1s": "bbaf"}  # fmt: skip
CLIPS = {
    clip.name: clip
    for clip in (
        Clip("andrew_a_25s.mov", "andrew", "en"),
        Clip("andrew_b_27s.mov", "andrew", "en"),
        Clip("obama_address_30s.mov", "obama", "en"),
        Clip("obama_oval_20s.mov", "obama", "en"),
        Clip("obama_2020_20s.mov", "obama", "en"),
        Clip("woman_braids_720p_24s.mp4", "braids", "en"),
        Clip("man_black_sweater_1080x1920_20s.mp4", "sweater", "pt"),
        Clip("fr_man_suit_512_50s.mp4", "fr", "fr"),
        Clip("newsman_512_71s.mp4", "newsman", "en"),
        Clip("biden_whitehouse_720p_7s.mp4", "biden", "en"),
        Clip("obama_whcd_podium_480p_5s.mp4", "obama", "en"),
        Clip("katiehill_512_8s.mp4", "katiehill", "en"),
        *(Clip(f"vox2_{name}.mp4", f"vox2 {name}", "en?") for name in _VOX2),
        *(Clip(f"grid_{name}.mpg", person, "en") for name, person in _GRID.items()),
    )
}
#: Learnt from, measured on; one clip twice: its first four fifths, and the last.
FIVE = (
    ("andrew_a_25s.mov", "andrew_b_27s.mov"),
    ("obama_address_30s.mov", "obama_oval_20s.mov"),
    ("obama_address_30s.mov", "obama_2020_20s.mov"),
    ("woman_braids_720p_24s.mp4", "woman_braids_720p_24s.mp4"),
    ("man_black_sweater_1080x1920_20s.mp4", "man_black_sweater_1080x1920_20s.mp4"),
)
NEW_PAIRS = (
    ("fr_man_suit_512_50s.mp4", "fr_man_suit_512_50s.mp4"),
    ("newsman_512_71s.mp4", "newsman_512_71s.mp4"),
    ("andrew_b_27s.mov", "andrew_a_25s.mov"),
    ("obama_oval_20s.mov", "obama_address_30s.mov"),
)
SEVEN = (
    "andrew_a_25s.mov", "andrew_b_27s.mov", "obama_address_30s.mov", "obama_oval_20s.mov",
    "obama_2020_20s.mov", "woman_braids_720p_24s.mp4", "man_black_sweater_1080x1920_20s.mp4",
)  # fmt: skip
NEW = ("fr_man_suit_512_50s.mp4", "newsman_512_71s.mp4")
#: Short clips; vox2_a681100216 sings.
OTHERS = tuple(name for name in CLIPS if name not in SEVEN + NEW)
#: Set -> pairs or clips; the order of the tables.
PAIRS = {"five": FIVE, "new": NEW_PAIRS}
STRANGERS = {"seven": SEVEN, "new": NEW, "others": OTHERS}
#: The learning curve's pairs.
CURVE = (
    ("newsman_512_71s.mp4", "newsman_512_71s.mp4"),
    ("fr_man_suit_512_50s.mp4", "fr_man_suit_512_50s.mp4"),
    ("andrew_b_27s.mov", "andrew_a_25s.mov"),
    ("obama_address_30s.mov", "obama_oval_20s.mov"),
    ("obama_address_30s.mov", "obama_2020_20s.mov"),
)


class Heard(Protocol):
    """`sound_head.Talks`, or something like it."""

    def __getitem__(self, name: str) -> Talk: ...

    def head_without(self, person: str) -> Head: ...


def stranger_head(clips: Heard, name: str) -> Head:
    """A head that was taught without the person of clip `name`."""
    person = TRAINED_ON.get(name, CLIPS[name].person)
    return clips.head_without(person if person in TRAINED_ON.values() else "nobody")
