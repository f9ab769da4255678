"""The mark is drawn as strong as it is seen, whatever the samples stand for."""

from dubsync.core.picture import PictureFormat
from dubsync.engine.mark.strength import LEAST_SHARE, coded_share


def form(**more):
    return PictureFormat(8, 8, "yuv", 10, **more)


def test_a_display_picture_is_marked_in_full_and_pq_less():
    assert coded_share(form()) == coded_share(form(transfer="bt709")) == 1
    assert LEAST_SHARE < coded_share(form(transfer="smpte2084")) < 0.6
