"""Takes by hand in a shot: at the words that are heard now, and what to say of those not used."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from dubsync.core.face import Performance
from dubsync.core.shot import ProjectWarning, Shot
from dubsync.core.tweak.take_comp import PLATE, SOUND, CompKey, PlacedComp, ShotWord, placed
from dubsync.core.tweak.take_lane import WEAK, TakeLane
from dubsync.core.tweak.tweak import Tweak
from dubsync.service.reel.dubbed_face import DubbedFace
from dubsync.service.stems.audio_analysis import AudioAnalysisCache
from dubsync.service.stems.spoken_dub import track_words

#: Seconds beside a word for which its source may drive too: lips move before they are heard.
BESIDE_S = 0.1


def comp_in_shot(audio_analysis: AudioAnalysisCache, shot: Shot, face: DubbedFace) -> PlacedComp:
    """The sources set by hand for a face's words, where the words are heard now.

    The words are looked for only where something is set.
    """
    if not face.tweak.comp:
        return PlacedComp()
    return comp_at(shot, face.tweak, audio_analysis.shot_words(face.stem, shot))


def comp_at(shot: Shot, tweak: Tweak, words: Sequence[ShotWord]) -> PlacedComp:
    """The sources that `tweak` sets for words, where `words` are heard now or set by hand."""
    if tweak.spoken is not None:
        words = track_words(tweak.spoken)
    return placed(tweak.comp, words, round(BESIDE_S * float(shot.render.rate)))


def comp_warnings(
    shot: Shot, character: str, comp: PlacedComp, performances: Sequence[Performance]
) -> tuple[ProjectWarning, ...]:
    """What is set by hand and not done, and takes that are used although they hardly fit."""
    warnings = [
        ProjectWarning(
            shot.name,
            f"{character}: {key.source} is set by hand for {key.called}, which is not heard there "
            "any more; it is not used",
            "set it for another word, or: dubsync tweak REEL SHOT --clear comp",
        )
        for key in comp.lost
    ]
    for key, word in zip(comp.keys, comp.words, strict=True):
        said = said_of(key, performances)
        if said:
            message = f"{character}, {word.called}: {key.source} is set by hand, {said[0]}"
            warnings.append(ProjectWarning(shot.name, message, said[1]))
    return tuple(warnings)


def said_of(key: CompKey, performances: Sequence[Performance]) -> tuple[str, str] | None:
    """What to say of a take set by hand, and what to do; None where there is nothing to say.

    It is refused without a usable face, and used, with a warning, where only its words or its
    movement are unlike the dub.
    """
    if key.source in (SOUND, PLATE) or not performances:
        return None
    choose = "choose another take, or sound, for this word"
    seen = [(p, lane) for p in performances for lane in p.lanes if lane.name == key.source]
    if not seen:
        return "but there is no such take here; it is not used", choose
    fits = [(lane.face_fit(at), lane.fit(at)) for p, lane in seen for at in (_frames(key, p),)]
    (score, fault), (whole, unlike) = max(fits, key=lambda one: np.nan_to_num(one[0][0], nan=-1.0))
    if not score >= WEAK:
        return f"but {fault}; it is not used", choose
    if not whole >= WEAK:
        return f"although {unlike}", "look at it in dubsync review"
    return None


def verdict(lane: TakeLane, first: int, last: int, performance: Performance) -> tuple[bool, str]:
    """Whether a take may say the word at plate frames `first` to `last`, and why not."""
    score, fault = lane.fit(_between(first, last, performance))
    return (True, "") if score >= WEAK else (False, fault)


def _frames(key: CompKey, performance: Performance) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    return _between(key.first, key.last, performance)


def _between(
    first: int, last: int, performance: Performance
) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    """(T,) the performance's frames from `first` to `last`."""
    numbers = np.arange(performance.frames.start, performance.frames.stop)
    return np.asarray((numbers >= first) & (numbers <= last), np.bool_)
