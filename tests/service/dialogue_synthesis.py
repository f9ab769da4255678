"""Random scenes with ground truth: speakers, visible faces, and a dub."""

from dataclasses import dataclass
from fractions import Fraction

import numpy as np

from dubsync.core.sound.voices import Turn, Voice
from dubsync.service.voices.voice_face_match import SeenFace

RATE = Fraction(24)


@dataclass(frozen=True)
class Scene:
    """characters, their faces in every shot, the voices of the dub, and whose each truly is.

    merged  voices with two people in them
    """

    characters: tuple
    faces: tuple
    voices: tuple
    truth: dict
    merged: frozenset


def scene(seed, *, shots=None, jitter=0.5, off_screen=0.25, merged=False, nobody=False):
    """A scene drawn from `seed`.

    Args:
        jitter: seconds by which dubbed words may come sooner or later.
        off_screen: share of the lines whose speaker is not in the picture.
        merged: the first two characters' lines are one voice to every listener.
        nobody: no face is ever in the picture.
    """
    rng = np.random.default_rng(seed)
    cast = tuple("ABCD"[: rng.integers(2, 5)])
    turns = {who: [] for who in cast}
    faces, at = [], 3600.0
    for shot in range(shots or int(rng.integers(6, 30))):
        stop = at + rng.uniform(2, 7)
        speaker = cast[rng.integers(len(cast))]
        inside = _inside(rng, cast, speaker, off_screen)
        spans = {speaker: [(at + 0.2, stop - 0.3)]}
        if len(inside) == 2 and speaker in inside and rng.random() < 0.5:  # one answers
            cut = rng.uniform(at + 0.9, stop - 0.9)
            other = next(who for who in inside if who != speaker)
            spans = {speaker: [(at + 0.2, cut - 0.1)], other: [(cut + 0.1, stop - 0.3)]}
        for who, theirs in spans.items():
            for a, b in theirs:
                heard = (who, a + rng.uniform(-jitter, jitter), b + rng.uniform(-jitter, jitter))
                wrong = cast[rng.integers(len(cast))] if rng.random() < 0.05 else who
                if heard[2] - heard[1] > 0.15:
                    turns[wrong].append(heard[1:])
        if not nobody:
            faces += [_face(rng, f"s{shot}", who, spans, inside, at, stop) for who in inside]
        at = stop
    owners = {who: "A" if merged and who == "B" else who for who in cast}
    voices = []
    for owner in dict.fromkeys(owners.values()):
        name = f"Speaker {len(voices) + 1}"
        spans = sorted(s for who in cast if owners[who] == owner for s in turns[who])
        voices.append((owner, Voice(name, tuple(Turn(name, *s) for s in spans), np.zeros(192))))
    both = frozenset(v.name for owner, v in voices if merged and owner == "A")
    return Scene(cast, tuple(faces), tuple(v for _, v in voices),
                 {v.name: owner for owner, v in voices}, both)  # fmt: skip


def _inside(rng, cast, speaker, off_screen):
    others = [who for who in cast if who != speaker]
    other = others[rng.integers(len(others))]
    if rng.random() < off_screen:
        return (other,) if rng.random() < 0.8 else ()
    return (speaker, other) if rng.random() < 0.3 else (speaker,)


def _face(rng, shot, who, spans, inside, start, stop):
    """A face as the engine reports it: wrong for a whole line in 15 of 100, off screen in 20."""
    n = int((stop - start) * RATE)
    at = start + (np.arange(n) + 0.5) / float(RATE)
    chance = rng.uniform(0.0, 0.1, n)
    for speaker, theirs in spans.items():
        for a, b in theirs:
            over = (at >= a) & (at < b)
            if speaker == who:
                level = rng.uniform(0.6, 0.99) if rng.random() < 0.85 else rng.uniform(0, 0.4)
            elif speaker in inside:
                level = rng.uniform(0, 0.3) if rng.random() < 0.85 else rng.uniform(0.5, 0.9)
            else:
                level = rng.uniform(0, 0.4) if rng.random() < 0.8 else rng.uniform(0.5, 0.95)
            chance[over] = level
    return SeenFace(shot, who, "the test", (10.0, 10.0), start, RATE, chance, True)
