"""A mouth driven by sound alone is compared with its true motion."""

import json

import pytest

from dubsync.core.errors import SettingsError
from dubsync.service.evaluate.drive import driving


def test_a_clip_is_tested_on_frames_it_was_not_learnt_from(shared):
    result = driving(shared / "footage" / "grid_lwbsza.mpg", split=0.5)

    assert set(result) == {
        "correlation_opening", "correlation_width", "correlation_jaw", "lag_ms", "closures_hit",
        "closures", "motion_in_silence", "silent", "offset_ms", "offset_sure",
    }  # fmt: skip
    assert result["correlation_opening"] > 0.3
    json.dumps(result, allow_nan=False)


def test_a_silent_clip_and_one_too_short_are_refused(shared):
    with pytest.raises(SettingsError, match="silent"):
        driving(shared / "footage" / "obama_eastroom_8s_silent.mp4")
    with pytest.raises(SettingsError, match="too short"):
        driving(shared / "footage" / "grid_lwbsza.mpg", split=0.9)
