"""A renderer draws in square pixels; its patch lands on the plate's own, whatever they are."""

from __future__ import annotations

from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace

import av
import numpy as np
import pytest

from dubsync.core.picture import Frame, Region
from dubsync.core.progress import silent
from dubsync.core.shot import Event, Shot
from dubsync.core.steps import Patch
from dubsync.core.tweak.tweak import Tweak
from dubsync.engine.compositing.composite import composite
from dubsync.media.probe import probe_plate
from dubsync.service.reel.pipeline import make_frames
from tests.service import drawn_engine

#: In shares of the shown picture, 192 x 96 square pixels: a disc's middle.
MIDDLE, RADIUS = (0.5, 0.5), 24


def shot_of(path: Path, width: int, height: int, aspect: Fraction) -> Shot:
    with av.open(str(path), "w") as movie:
        stream = movie.add_stream("libx264", rate=25, options={"qp": "0"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        stream.codec_context.sample_aspect_ratio = aspect
        for n in range(2):
            grey = np.full((height * 3 // 2, width), 128, np.uint8)
            frame = av.VideoFrame.from_ndarray(grey, "yuv420p")
            frame.pts, frame.time_base = n, Fraction(1, 25)
            movie.mux(stream.encode(frame))
        movie.mux(stream.encode(None))
    plate = probe_plate(path)
    assert plate.format.pixel_aspect == aspect
    span = plate.frames
    return Shot(
        "s", Event("1", "s", plate.name, "", plate.path, span, span), plate, span, span, span
    )


def disc(frame: Frame) -> Patch:
    """A white disc in the middle of the frame, whose pixels are square."""
    assert frame.format.pixel_aspect == 1
    height, width = frame.format.height, frame.format.width
    rows, columns = np.mgrid[0:height, 0:width] + 0.5
    away = np.hypot(columns - MIDDLE[0] * width, rows - MIDDLE[1] * height)
    matte = np.where(away < RADIUS * height / 96, 255, 0).astype(np.uint8)
    return Patch(Region(0, 0, width, height), np.ones((height, width, 3), np.float32), matte)


@pytest.mark.parametrize(
    ("size", "aspect"),
    [((192, 96), Fraction(1)), ((96, 96), Fraction(2)), ((144, 96), Fraction(4, 3)),
     ((192, 86), Fraction(43, 48)), ((135, 96), Fraction(64, 45))],
)  # fmt: skip
def test_a_disc_is_round_on_every_plate_as_shown(
    size: tuple[int, int], aspect: Fraction, tmp_path: Path
) -> None:
    if size[0] % 2:
        size = (size[0] + 1, size[1])
    shot = shot_of(tmp_path / "p.mp4", *size, aspect)
    track = SimpleNamespace(frames=shot.render)
    part = SimpleNamespace(
        actor=None, track=track, original=None, corrected=None, renderer="warp",
        performance=SimpleNamespace(weight=None), tweak=Tweak(), head=None, inside=None,
        by_moment=None,
    )  # fmt: skip
    engine = replace(
        drawn_engine.build(SimpleNamespace(exemplars=1)),
        prepare=lambda *_, **__: lambda frames: [disc(frame) for frame in frames],
        composite=composite,
    )
    made = list(make_frames(shot, [part], engine=engine, batch=2, progress=silent))  # type: ignore[list-item]
    assert [one.frame.number for one in made] == [0, 1]
    frame, matte = made[0].frame, made[0].matte / 255
    assert frame.format == shot.plate.format and matte.shape == size[::-1]
    rows, columns = np.mgrid[0 : size[1], 0 : size[0]] + 0.5
    total = matte.sum()
    x, y = ((matte * at).sum() / total for at in (columns, rows))
    across, down = (np.sqrt((matte * (at - middle) ** 2).sum() / total)
                    for at, middle in ((columns, x), (rows, y)))  # fmt: skip
    assert (x, y) == pytest.approx((size[0] / 2, size[1] / 2), abs=0.2)
    assert across * float(aspect) == pytest.approx(down, rel=0.03)
    assert (frame.planes[0][matte == 1] > 230).all() and (frame.planes[0][matte == 0] == 128).all()
