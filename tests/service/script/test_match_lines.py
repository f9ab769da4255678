"""A script matched with its stems: text, on or off screen, warnings, and speed mismatches."""

from dataclasses import replace
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.script import Script, ScriptLine
from dubsync.core.shot import Line
from dubsync.core.timeline.timecode import FrameRange
from dubsync.service.script.convert import on_cut
from dubsync.service.script.fit import fit_script
from dubsync.service.script.match_lines import scripted
from dubsync.service.settings.script_file import ScriptFile

RATE = Fraction(24)
RECORD = FrameRange(86400, 86400 + 24 * 600, RATE)
STEMS = {"ELISE": "elise.wav"}


def heard(*spans, character="ELISE"):
    """Utterances, in seconds after the hour."""
    return [
        Line(f"{character}_L{n:03d}", character, "de", "x.wav",
             FrameRange(86400 + round(a * 24), 86400 + round(b * 24), RATE))
        for n, (a, b) in enumerate(spans, start=1)
    ]  # fmt: skip


def script(*spans, **more):
    """Script lines, in seconds after the hour."""
    lines = tuple(
        ScriptLine("Elise", f"Satz {n}.", 3600 + Fraction(a), 3600 + Fraction(b), str(n),
                   where=f"row {n}", **more)
        for n, (a, b) in enumerate(spans, start=1)
    )  # fmt: skip
    return Script("cues.csv", "cue sheet", lines)


def test_each_utterance_has_its_text_and_screen():
    result = scripted(script((1, 3), (5, 6), on_screen="off"), heard((1.2, 2.9), (5, 6.1)), STEMS,
                     RECORD)  # fmt: skip

    assert [(ln.text, ln.on_screen) for ln in result.lines] == [
        ("Satz 1.", "off"),
        ("Satz 2.", "off"),
    ]
    assert [ln.cue for ln in result.lines] == ["1", "2"]
    assert result.warnings == ()


def test_where_the_rate_has_no_timecode_warnings_count_in_seconds():
    rate = Fraction(15)
    line = Line("ELISE_L001", "ELISE", "de", "x.wav", FrameRange(15 * 3605, 15 * 3606, rate))
    record = FrameRange(15 * 3600, 15 * 3700, rate)
    unsaid, unscripted = scripted(script((1, 3)), [line], STEMS, record).warnings

    assert "3601.00 s" in unsaid.message
    assert "3605.00 s" in unscripted.message


def test_one_utterance_over_two_lines_is_split_between_them():
    result = scripted(script((1, 3), (3, 6)), heard((1, 6)), STEMS, RECORD)

    assert [ln.text for ln in result.lines] == ["Satz 1.", "Satz 2."]
    assert result.lines[0].record.stop == result.lines[1].record.start == 86400 + 72


def test_a_line_with_a_short_pause_is_joined_and_with_a_long_one_is_not():
    short = scripted(script((1, 6)), heard((1, 3), (4, 6)), STEMS, RECORD)
    long = scripted(script((1, 9)), heard((1, 3), (6, 9)), STEMS, RECORD)

    assert [ln.text for ln in short.lines] == ["Satz 1."]
    assert [ln.text for ln in long.lines] == ["", ""]
    assert "pauses" in long.warnings[0].message


def test_a_line_that_only_script_or_stem_has_is_a_warning():
    result = scripted(script((1, 3), (20, 21)), heard((1, 3), (40, 41)), STEMS, RECORD)

    text = " ".join(warning.message for warning in result.warnings)
    assert "is not heard at line 2 at 01:00:20:00" in text
    assert "no line for them: line ELISE_L002 at 01:00:40:00" in text


def test_a_missing_effort_is_not_a_warning():
    quiet = script((1, 3), (20, 21))
    effort = replace(quiet.lines[1], text="(breathes)")

    result = scripted(replace(quiet, lines=(quiet.lines[0], effort)), heard((1, 3)), STEMS, RECORD)

    assert result.warnings == ()


def test_a_line_without_a_name_goes_to_the_only_character_heard():
    nameless = script((1, 3), (5, 6))
    nameless = replace(nameless, lines=tuple(replace(ln, character="") for ln in nameless.lines))
    lines = heard((1, 3), (5, 6)) + heard((5, 6), character="MARC")

    result = scripted(nameless, lines, {**STEMS, "MARC": "marc.wav"}, RECORD)

    assert [(ln.character, ln.text) for ln in result.lines if ln.text] == [("ELISE", "Satz 1.")]
    assert any("do not name the speaker" in warning.message for warning in result.warnings)


def test_a_similar_character_name_is_suggested():
    result = scripted(script((1, 3)), heard((1, 3), character="ELISA"), {"ELISA": "x.wav"}, RECORD)

    assert result.warnings[0].hint == "did you mean Elise?" or "Elise" in result.warnings[0].hint


def test_a_script_of_another_reel_is_a_warning_and_changes_nothing():
    lines = heard((1, 3))

    result = scripted(script((9000, 9002)), lines, STEMS, RECORD)

    assert list(result.lines) == lines
    assert "within the cut" in result.warnings[0].message


@settings(max_examples=30)
@given(st.lists(st.tuples(st.floats(0, 590), st.floats(0.2, 5)), max_size=8),
       st.lists(st.tuples(st.floats(0, 590), st.floats(0.2, 5)), max_size=8))  # fmt: skip
def test_no_frame_of_speech_is_lost_or_used_twice(said, spoken):
    ordered = sorted(spoken)
    runs, last = [], 0.0
    for start, length in ordered:
        start = max(start, last + 0.4)
        runs.append((start, start + length))
        last = start + length
    lines = heard(*runs)

    result = scripted(script(*((a, a + b) for a, b in sorted(said))), lines, STEMS, RECORD)

    frames = [f for ln in result.lines for f in range(ln.record.start, ln.record.stop)]
    assert set(f for ln in lines for f in range(ln.record.start, ln.record.stop)) <= set(frames)
    assert len({ln.name for ln in result.lines}) == len(result.lines)


# -- speed -----------------------------------------------------------------------------------


def dubbed(ratio, *, late=0.0, lines=60, seconds=580.0, seed=0):
    """Times of lines in the script, and in a stem at another speed."""
    rng = np.random.default_rng(seed)
    said = np.sort(rng.uniform(0, seconds, lines))
    begun = said * ratio + late + rng.normal(0, 0.08, lines)
    breaths = rng.uniform(0, seconds, lines // 5)
    return 3600 + said, 3600 + np.concatenate([begun[rng.random(lines) > 0.1], breaths])


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize(
    ("ratio", "said"),
    [(1.001, "0.1 % slow"), (1 / 1.001, "0.1 % fast"), (25 / 24, "4 % slow"), (24 / 25, "4 % fast"),
     (25.025 / 24, "4 % slow"), (24 / 25.025, "4 % fast")],
)  # fmt: skip
def test_another_speed_is_a_warning_with_a_remedy(ratio, said, seed):
    fit = fit_script(*dubbed(ratio, seed=seed), 3600.0)

    assert fit.ratio == pytest.approx(ratio, abs=2e-4)
    (warning,) = fit.warnings("x.wav")
    assert said in warning.message and warning.hint


@pytest.mark.parametrize("seed", range(20))
def test_the_right_speed_gives_no_warning(seed):
    fit = fit_script(*dubbed(1.0, seed=seed), 3600.0)

    assert fit.warnings("x.wav") == () and not fit.off


def test_a_stem_that_is_late_as_a_whole_is_a_warning():
    (warning,) = fit_script(*dubbed(1.0, late=1.5), 3600.0).warnings("x.wav")

    assert "1.5" in warning.message and "late" in warning.message


def test_text_is_matched_at_the_speed_found_and_the_stem_is_not_moved():
    spans = [(10 * n, 10 * n + 2) for n in range(1, 50)]
    lines = heard(*((a * 25 / 24, b * 25 / 24) for a, b in spans))

    result = scripted(script(*spans), lines, STEMS, RECORD)

    assert [ln.text for ln in result.lines] == [f"Satz {n}." for n in range(1, 50)]
    assert [ln.record for ln in result.lines] == [ln.record for ln in lines]
    assert "4 % slow" in result.warnings[0].message


def test_without_agreement_there_is_no_fit():
    rng = np.random.default_rng(1)
    assert fit_script([3601.0, 3602.0], [3601.0, 3602.0], 3600.0) is None
    assert fit_script(rng.uniform(3600, 7200, 40), rng.uniform(3600, 7200, 40), 3600.0) is None


# -- on a cut --------------------------------------------------------------------------------


def on(tmp_path, text, name="a.csv", language="de-DE", rate=RATE):
    path = tmp_path / name
    path.write_text(text)
    record = replace(RECORD, rate=rate)
    return on_cut(ScriptFile(path), language, record, False)


def test_srt_counts_from_the_cuts_first_frame_unless_only_record_time_fits(tmp_path):
    cue = "1\n{}:00:01,000 --> {}:00:02,000\nJa.\n"

    relative, _ = on(tmp_path, cue.format("00", "00"), "a.srt")
    absolute, warnings = on(tmp_path, cue.format("01", "01"), "b.srt")

    assert relative.lines[0].start == absolute.lines[0].start == 3601
    assert any("record time" in warning.message for warning in warnings)


def test_a_script_in_another_language_or_rate_is_a_warning(tmp_path):
    sheet = "In,Out,Text,Language\n01:00:01:00,01:00:02:00,Oui,fr\n"
    ttml = (
        '<tt xmlns="http://www.w3.org/ns/ttml" xml:lang="de" '
        'xmlns:ttp="http://www.w3.org/ns/ttml#parameter" ttp:frameRate="24" '
        'ttp:frameRateMultiplier="1000 1001"><body><div>'
        '<p begin="1s" end="2s">Ja</p></div></body></tt>'
    )

    _, french = on(tmp_path, sheet)
    _, slow = on(tmp_path, ttml, "a.ttml")

    assert any("is in fr" in warning.message for warning in french)
    assert any("0.1 %" in warning.message for warning in slow)
