"""Transcripts of the talking clips in ../shared/footage.

Transcribed with Whisper (base) and corrected by ear where an error was audible.  Like a script,
they have a few errors.  GRID's sentences are encoded in their file names.
"""

from __future__ import annotations

TEXTS = {
    "andrew_a_25s.mov": (
        "en",
        "My best example was a hairdressing industry where I thought, oh, you know, a "
        "hairdresser, pretty hard to build a robot to automate hair cutting. Was only once I "
        "gave a talk on stage before COVID, and I said this on stage. One of my friends who's "
        "a robotics researcher was in the audience and afterwards she stood up and she "
        "actually pointed at my head and she said, you know, Andrew, most people's hairstyles",
    ),
    "andrew_b_27s.mov": (
        "en",
        "One of the challenges that tech and AI brings a lot of industries is that it's "
        "causing a lot more industries to become winner-take-most or winner-take-all types of "
        "industries. And so, you know, chicken farming, right? I'm not working on it. Once "
        "upon a time, you could have a pretty nice life as a small-scale chicken farmer, you "
        "know, raising chicken somewhere in the country. But with the rise of the internet, "
        "it allows centralized players.",
    ),
    "obama_address_30s.mov": (
        "en",
        "On behalf of the entire Obama family, I want to wish you and your families across "
        "America and around the world a happy Diwali as you celebrate the festival of lights. "
        "I've been proud to host Diwali celebrations at the White House and be the first "
        "president to light the diya in 2009. When Michelle and I visited India, we were able "
        "to join in Diwali festivities with some wonderful children in Mumbai. It was a "
        "reminder of the traditions we share across continents and cultures. Today",
    ),
    "obama_oval_20s.mov": (
        "en",
        "speak with you about the battle we're waging against an oil spill that is assaulting "
        "our shores and our citizens. On April 20th, an explosion ripped through BP Deepwater "
        "Horizon drilling rig, about 40 miles off the coast of Louisiana. Eleven workers lost "
        "their lives. Seventeen others",
    ),
    "obama_2020_20s.mov": (
        "en",
        "I could not be prouder of everything you've done in your time with the Obama "
        "Foundation. And of course I couldn't be prouder of all of you in the graduating "
        "class of 2020, as well as the teachers and the coaches and most of all parents and "
        "family who guided you along the way.",
    ),
    "woman_braids_720p_24s.mp4": (
        "en",
        "So, if you do have time to prepare, I feel like you should do your research. It's "
        "very important that you know how all the kids that you'll be teaching are, because "
        "that's how you'll know the content that you should prepare. If they're young kids, "
        "like my kids tend to be pretty young, then you can prepare basic stuff that, you "
        "know, the",
    ),
    "man_black_sweater_1080x1920_20s.mp4": (
        "pt",
        "Cheguei e faz um mês, um mês que eu cheguei. Primeira semana estava só te caçando, "
        "só ouvir da mança. Foi. Ah pronto, depois de primeira semana fiz o visto e aí eu "
        "estava esperando o visto ficar pronto. Lembrando mais, três semanas para ficar "
        "pronto. Ah, ou seja, eu passei mais o tempinho de relaxar.",
    ),
    "woman_bluewall_700_7s.mp4": (
        "en",
        "sign element. It represents the European Central Bank and symbolises the value of "
        "European banknotes as central bank money.",
    ),
    "syncnet_example_offset3.avi": (
        "en",
        "Kanye West set out loud. George Bush doesn't care about black people. Well today "
        "Kanye West has a lot of people wondering if he cares about black people. Rapper Kanye "
        "West tweeting today, you don't have to",
    ),
}
#: Meaning of the letters of a GRID file name, in order (Cooke, Barker, Cunningham, Shao 2006).
SENTENCE = (
    {"b": "bin", "l": "lay", "p": "place", "s": "set"},
    {"b": "blue", "g": "green", "r": "red", "w": "white"},
    {"a": "at", "b": "by", "i": "in", "w": "with"},
    {},
    {"z": "zero", "1": "one", "2": "two", "3": "three", "4": "four", "5": "five", "6": "six",
     "7": "seven", "8": "eight", "9": "nine"},
    {"a": "again", "n": "now", "p": "please", "s": "soon"},
)  # fmt: skip


def said_in(name: str) -> tuple[str, str]:
    """(language, text) of a clip of ../shared/footage."""
    if not name.startswith("grid_"):
        return TEXTS[name]
    letters = enumerate(name.removeprefix("grid_").removesuffix(".mpg"))
    return "en-GB", " ".join(SENTENCE[n].get(letter, letter.upper()) for n, letter in letters)
