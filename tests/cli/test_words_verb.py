"""`dubsync words` in a real shot: a word moved later moves the closed lips of its m with it."""

import json
from pathlib import Path

import numpy as np
from click.testing import CliRunner

from dubsync.cli.main import main
from dubsync.core.tweak.tweak import Tweak
from dubsync.service.preview.curves import shot_curves
from dubsync.service.preview.previewed_shot import open_preview
from dubsync.service.project import Project

SHOT, WORD, SHUT = "A002C001_251114_MARC_CU", 7, 1.5  #: "promesso"; % of the eyes' distance


def dubsync(*arguments):
    ran = CliRunner().invoke(main, [str(a) for a in arguments])
    assert ran.exit_code == 0, ran.output
    return json.loads(ran.stdout) if "--json" in arguments else ran.stdout


def word(folder: Path, number: int = WORD):
    listed = dubsync("words", folder, SHOT, "--json")["characters"][0]["words"]
    return next(one for one in listed if one["number"] == number)


def shut_at(shown, tweak: Tweak, first: float, last: float) -> float:
    """The middle of the frames within `first` to `last` in which the driven mouth is shut."""
    mouth = shot_curves(shown, {"MARC": tweak}).characters["MARC"].curves["opening"]["result"]
    frames = np.arange(shown.frames.start, shown.frames.stop)
    near = (frames >= first) & (frames <= last) & (mouth < SHUT)
    return float(frames[near].mean())


def test_a_word_moved_by_200_ms_moves_the_closure_of_its_m_in_take_and_sound(own_reel, tmp_path):
    before = word(own_reel)
    m = next(one for one in before["phones"] if one["symbol"] == "m")
    shown = open_preview(Project.open(own_reel), SHOT)
    rate = float(shown.frames.rate)
    listed = dubsync("words", own_reel, SHOT, "--move", f"word {WORD}=+200ms")
    assert "by hand" in listed and "heard at" in listed
    moved = Project.open(own_reel).tweak(SHOT).version.tweaks["MARC"].spoken
    for mix in ("take", "sound"):
        tweak = Tweak().held("take", float(mix == "take")).held("sound", float(mix == "sound"))
        own = shut_at(shown, tweak, m["first"] - 2, m["last"] + 1)
        by = 0.2 * rate
        tweak = Tweak(tweak.curves, spoken=moved)
        later = shut_at(shown, tweak, m["first"] - 2 + by, m["last"] + 1 + by)
        assert abs(later - own - by) <= 1, mix
    file = tmp_path / "words.TextGrid"
    dubsync("words", own_reel, SHOT, "--export", file)
    dubsync("words", own_reel, SHOT, "--reset")
    assert word(own_reel) == before
    dubsync("words", own_reel, SHOT, "--import", file)
    back = word(own_reel)
    assert back["by_hand"] and abs(back["first"] - before["first"] - 0.2 * rate) < 0.001
    dubsync("tweak", own_reel, SHOT, "--undo")
    assert word(own_reel) == before
    dubsync("words", own_reel, SHOT, "--import", file)
    dubsync("words", own_reel, SHOT, "--set", "phone 25=p", "--set", "phone 22=@+50..+52")
    dubsync("words", own_reel, SHOT, "--reset")


def test_a_shot_without_a_script_takes_words_of_its_own(reel):
    assert "No words" in dubsync("words", reel, "a")
    dubsync("words", reel, "a", "--add", "word mamma@+2..+9", "--add", "phone m@+2..+3")
    (one,) = dubsync("words", reel, "a", "--json")["characters"]
    assert one["by_hand"] and one["words"][0]["text"] == "mamma"
    assert one["words"][0]["phones"][0]["symbol"] == "m"
    for wrong in ("word 9=+40ms", "word 1=far", "verb 1=+2f"):
        assert CliRunner().invoke(main, ["words", str(reel), "a", "--move", wrong]).exit_code == 1
