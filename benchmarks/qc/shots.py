"""The shots that QC is tried on: which seconds of whose footage, and which dub."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

SHARED = Path(__file__).parents[2].parent / "shared"


@dataclass(frozen=True, slots=True)
class Made:
    """One shot that `dubsync clip` renders.

    name     unique; the person's name comes first
    video    below ../shared
    first    frame of the video at which the plate starts
    dub      below ../shared; "" is silence
    from_s   second of the dub at which it starts; `lead_s` of silence precede it
    lasts_s  the dub ends here, seconds after the plate's first frame; 0: with the plate
    size     (width, height) of the plate; None: the video's
    tuning   whether limits were chosen with this person in view
    """

    name: str
    video: str
    first: int
    dub: str
    from_s: float = 0.0
    lead_s: float = 0.0
    lasts_s: float = 0.0
    size: tuple[int, int] | None = None
    tuning: bool = False
    frames: int = 50

    @property
    def person(self) -> str:
        """Whose face it is."""
        return self.name.split("_")[0]


def _tuning(name: str, video: str, first: int, dub: str, **options: float) -> Made:
    return Made(name, f"footage/{video}", first, dub, tuning=True, **options)  # type: ignore[arg-type]


def _test(name: str, video: str, first: int, dub: str, **options: float) -> Made:
    return Made(name, video, first, dub, **options)  # type: ignore[arg-type]


DE, DE2, FR, FR2 = "speech/de_1.wav", "speech/de_2.wav", "speech/fr_1.wav", "speech/fr_2.wav"
IT, ES, JA, KO, ZH = (f"speech/{name}_1.wav" for name in ("it", "es", "ja", "ko", "zh"))
#: Limits were chosen with these people in view, and no others.
TUNING = (
    _tuning("katie_silent", "katiehill_512_8s.mp4", 50, ""),
    _tuning("katie_german", "katiehill_512_8s.mp4", 50, DE),
    _tuning("katie_late", "katiehill_512_8s.mp4", 50, DE, lead_s=1.2),
    _tuning("braids_french", "woman_braids_720p_24s.mp4", 100, FR),
    _tuning("braids_short", "woman_braids_720p_24s.mp4", 300, IT, lasts_s=0.8),
    _tuning("bluewall_german", "woman_bluewall_700_7s.mp4", 30, DE2),
    _tuning("bluewall_silent", "woman_bluewall_700_7s.mp4", 110, ""),
    Made("shout_french", "takes/man_shout.mp4", 60, FR, tuning=True),
    _tuning("suit_spanish", "man_suit_700_6s.mp4", 40, ES),
    _tuning("andrew_korean", "andrew_a_25s.mov", 200, KO),
    _tuning("franck_japanese", "franck_4800frames_silent.mp4", 1000, JA),
    _tuning("obama_spanish", "obama_eastroom_8s_silent.mp4", 60, ES, from_s=0.5),
    _tuning("goatee_french", "vox2_a00104.mp4", 100, FR2),
    _tuning("goatee_silent", "vox2_a00104.mp4", 200, ""),
    _tuning("grid_korean", "grid_bbaf2n.mpg", 12, KO, from_s=0.5),
    _tuning("broadcast_german", "syncnet_example_offset3.avi", 100, DE2),
)
#: Nobody looked at these people's figures before the limits were settled.
TESTS = (
    _test("happy_german", "takes/mead_happy.mp4", 30, DE2),
    _test("contempt_silent", "takes/mead_contempt.mp4", 15, ""),
    _test("stage_korean", "footage/vox2_a681100216.mp4", 100, KO, from_s=2.0),
    _test("crimson_spanish", "footage/vox2_a00086.mp4", 40, ES),
    _test("frenchman_italian", "footage/fr_man_suit_512_50s.mp4", 300, IT, from_s=1.0),
    _test("frenchman_silent", "footage/fr_man_suit_512_50s.mp4", 900, ""),
    _test("newsman_spanish", "footage/newsman_512_71s.mp4", 250, ES, from_s=0.5),
    _test("newsman_short", "footage/newsman_512_71s.mp4", 1000, FR, lasts_s=0.9),
    _test("glasses_french", "footage/woman_glasses_512_10s_silent.mp4", 60, FR2),
    _test("glasses_silent", "footage/woman_glasses_512_10s_silent.mp4", 150, ""),
    _test("biden_german", "footage/biden_whitehouse_720p_7s.mp4", 60, DE, from_s=1.0),
    _test("biden_late", "footage/biden_whitehouse_720p_7s.mp4", 120, KO, lead_s=0.8),
    _test("sweater_italian", "footage/man_black_sweater_1080x1920_20s.mp4", 200, IT),
    _test("sweater_silent", "footage/man_black_sweater_1080x1920_20s.mp4", 300, ""),
    _test("curly_japanese", "footage/grid_ans_woman_curly.mpg", 12, JA, from_s=0.5),
    _test("brown_chinese", "footage/grid_ans_woman_brown.mpg", 12, ZH, from_s=0.5),
    _test("youth_korean", "footage/grid_ans_youth.mpg", 12, KO, from_s=1.0),
    _test("fair_silent", "footage/grid_ans_man_fair.mpg", 12, ""),
    _test("profile_french", "footage/lrs3_woman_profile_5s.mp4", 40, FR, from_s=0.5),
    _test("podium_spanish", "footage/obama_whcd_podium_480p_5s.mp4", 50, ES),
    _test("beard_german", "footage/vox2_i00098.mp4", 100, DE2, from_s=0.5),
    _test("nodding_italian", "footage/vox2_p517600055.mp4", 30, IT, from_s=2.0),
    _test("bald_french", "footage/vox2_p00473.mp4", 50, FR2, from_s=0.5),
    _test("tinted_silent", "footage/vox2_p741400163.mp4", 150, ""),
    _test("green_german", "takes/man_greenscreen.mp4", 10, DE),
    _test("lipsync_late", "takes/woman_lipsync_15s.mp4", 100, ES, lead_s=0.6),
)
MADE = (*TUNING, *TESTS)
