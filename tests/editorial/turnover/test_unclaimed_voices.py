"""A voice that nobody has named stops what it is heard in, and nothing else."""

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


def test_an_event_with_an_unnamed_voice_alone_says_so():
    result = make([line("L1", HOUR, HOUR + 20)], [voice(HOUR + 50, HOUR + 60)])
    assert [shot.blocked for shot in result.shots] == [False]
    ((event, reason),) = result.skipped
    assert event.record.start == HOUR + 48
    assert "no character is assigned" in reason
    assert any(d.blocking and d.about == event.name for d in result.warnings)
