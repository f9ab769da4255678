"""A mouth driven by sound alone is compared with its true motion."""

import json
from datetime import date

import pytest

from dubsync.core.errors import SettingsError
from dubsync.service.evaluate.drive import driving
from tests.service.reel_making import consent


@pytest.fixture
def record(tmp_path):
    return consent(tmp_path / "who.toml", "who", date.today(), "*")


def test_a_clip_is_tested_on_frames_it_was_not_learnt_from(shared, record):
    result = driving(shared / "footage" / "grid_lwbsza.mpg", consent=record, split=0.5)

    assert set(result) == {
        "correlation_opening", "correlation_width", "correlation_jaw", "lag_ms", "closures_hit",
        "closures", "motion_in_silence", "silent", "offset_ms", "offset_sure",
    }  # fmt: skip
    assert result["correlation_opening"] > 0.3
    json.dumps(result, allow_nan=False)


def test_a_silent_clip_and_one_too_short_are_refused(shared, record):
    with pytest.raises(SettingsError, match="silent"):
        driving(shared / "footage" / "obama_eastroom_8s_silent.mp4", consent=record)
    with pytest.raises(SettingsError, match="too short"):
        driving(shared / "footage" / "grid_lwbsza.mpg", consent=record, split=0.9)
