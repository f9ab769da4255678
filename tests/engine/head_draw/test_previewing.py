"""Single frames drawn in any order, at any scale, are nearly those of the whole shot's renderer."""

from dataclasses import replace

import cv2
import numpy as np
import pytest

from dubsync.core.colour import working_rgb
from dubsync.engine.compositing.composite import composite
from dubsync.engine.head_draw.previewing import Previewing
from dubsync.engine.motion.fit import fit
from dubsync.engine.render.renderer import prepare
from dubsync.media.pixels.scale import scaled
from dubsync.service.preview.at_scale import motion_at, track_at
from tests.engine.render.test_renderer import CPU, ada, shot  # noqa: F401


def motions(actor, plate, wanted):
    original = fit(plate.track, actor.model)
    target = replace(fit(wanted, actor.model), frames=plate.track.frames)
    return original, replace(original, mouth=target.mouth), np.ones(len(wanted.frames), np.float32)


def picture(draw, frame):
    patch = draw([frame])[0]
    return working_rgb(composite(frame, [patch] if patch else []).frame)


def psnr(one, other):
    return 10 * np.log10(1 / max(float(np.mean((one - other) ** 2)), 1e-12))


def test_frames_in_order_are_the_very_same_as_in_a_render(ada, shot):  # noqa: F811
    plate, wanted = shot
    how = (ada, plate.track, *motions(ada, plate, wanted))
    whole, single = prepare(*how, device=CPU), Previewing(1.0, device=CPU)(*how)

    for frame in plate.frames():
        np.testing.assert_array_equal(picture(single, frame), picture(whole, frame))


def test_frames_in_any_order_are_nearly_those_of_a_render(ada, shot):  # noqa: F811
    plate, wanted = shot
    how = (ada, plate.track, *motions(ada, plate, wanted))
    whole, single = prepare(*how, device=CPU), Previewing(1.0, device=CPU)(*how)
    frames = plate.frames()
    true = [picture(whole, frame) for frame in frames]
    picture(single, frames[0])  # its light chooses the exemplars, as in a render

    for n in (7, 2, 11, 5):
        assert psnr(picture(single, frames[n]), true[n]) > 38


def test_a_second_target_uses_what_the_first_one_left(ada, shot):  # noqa: F811
    plate, wanted = shot
    original, corrected, weight = motions(ada, plate, wanted)
    previewing, frame = Previewing(1.0, device=CPU), plate.frames()[6]
    picture(previewing(ada, plate.track, original, corrected, weight), frame)
    held = dict(previewing._kept.moved)
    sources = dict(previewing._kept._sources)
    picture(previewing(ada, plate.track, original, original, weight), frame)

    assert previewing._kept.moved == held and sources
    assert all(previewing._kept._sources[n] is one for n, one in sources.items())


@pytest.mark.parametrize("share", [0.5, 0.75])
def test_a_picture_drawn_small_is_like_the_render_scaled_down(ada, shot, share):  # noqa: F811
    plate, wanted = shot
    original, corrected, weight = motions(ada, plate, wanted)
    whole = prepare(ada, plate.track, original, corrected, weight, device=CPU)
    width = round(plate.frames()[0].format.width * share)
    scale = (share, share)
    small = Previewing(share, device=CPU)(
        ada, track_at(plate.track, scale), motion_at(original, scale), motion_at(corrected, scale),
        weight,
    )  # fmt: skip
    for frame in plate.frames()[::4]:
        true = picture(whole, frame)
        got = picture(small, scaled(frame, width))
        size = got.shape[1], got.shape[0]
        assert psnr(got, cv2.resize(true, size, interpolation=cv2.INTER_AREA)) > 32
