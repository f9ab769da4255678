"""A voice without a character blocks the events in which it is heard, and no others."""

from dataclasses import replace

from dubsync.editorial.turnover.shots import turnover
from tests.editorial.editorial_making import HOUR, ROOT, line
from tests.editorial.turnover.test_turnover import CUT, A, B


def make(lines, unclaimed):
    return turnover(CUT, (A, B), lines, (), handles=8, roots=[ROOT], unclaimed=unclaimed)


def voice(start, stop):
    return replace(line("V", start, stop), name="Speaker 1_L001", character="Speaker 1")


def test_a_shot_with_an_unnamed_voice_is_blocked():
    result = make([line("L1", HOUR, HOUR + 20), line("L2", HOUR + 48, HOUR + 60)],
                 [voice(HOUR + 20, HOUR + 40)])  # fmt: skip
    assert [shot.blocked for shot in result.shots] == [True, False]
    assert "Speaker 1" in result.shots[0].warnings[-1].message


def test_an_event_with_only_an_unnamed_voice_is_skipped_with_a_reason():
    result = make([line("L1", HOUR, HOUR + 20)], [voice(HOUR + 50, HOUR + 60)])
    assert [shot.blocked for shot in result.shots] == [False]
    ((event, reason),) = result.skipped
    assert event.record.start == HOUR + 48
    assert "no character is assigned to this voice" in reason
    assert any(d.blocking and d.about == event.name for d in result.warnings)
