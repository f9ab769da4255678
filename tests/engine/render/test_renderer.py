"""The drawn mouth follows its target; the rest of the picture is unchanged."""

from dataclasses import replace

import cv2
import numpy as np
import pytest
import torch

from dubsync.core.colour import working_rgb
from dubsync.core.errors import EngineError, ModelError, ShapeError
from dubsync.core.picture import Region
from dubsync.core.progress import silent
from dubsync.core.timeline.timecode import FrameRange
from dubsync.engine import actor as actors
from dubsync.engine.compositing import colour_match
from dubsync.engine.compositing.composite import composite
from dubsync.engine.compositing.matte import borders, expand_jaw, matte_of
from dubsync.engine.exemplars.layers import Layers
from dubsync.engine.exemplars.mouth_interior import missing_opening
from dubsync.engine.geometry import thin_plate
from dubsync.engine.geometry.mesh import JAW, LEFT_EYE, RIGHT_EYE
from dubsync.engine.motion.fit import fit
from dubsync.engine.render import kept as keeping
from dubsync.engine.render.renderer import prepare
from dubsync.engine.render.strength import FADE_FRAMES
from tests.engine.exemplars.drawn_footage import (
    HEIGHT,
    WIDTH,
    DrawnPlate,
    dark_share,
    drawn_track,
    painted,
)
from tests.engine.network import textured_footage
from tests.engine.network.textured_footage import TexturedPlate, talking_track

CPU = torch.device("cpu")
OPENING = np.abs(np.sin(np.arange(40) / 4))


@pytest.fixture(scope="module")
def ada():
    plate = DrawnPlate(drawn_track(OPENING, sway=0.04))
    return actors.learn("Ada", [plate.footage()], most=25, widest_px=1024, progress=silent)


@pytest.fixture(scope="module")
def shot():
    """A plate whose mouth stays nearly shut, and a track whose mouth opens and shuts."""
    return DrawnPlate(drawn_track(np.full(12, 0.05), seed=1)), drawn_track(
        np.linspace(0.05, 0.9, 12), seed=1
    )


def renderer(ada, plate, wanted, weight=None, **how):
    original = fit(plate.track, ada.model)
    target = replace(fit(wanted, ada.model), frames=plate.track.frames)
    corrected = replace(original, mouth=target.mouth)
    weight = np.ones(len(original.frames), np.float32) if weight is None else weight
    return prepare(ada, plate.track, original, corrected, weight, device=CPU, **how)


def composed(draw, frames):
    patches = [patch for frame in frames for patch in draw([frame])]
    return [
        composite(frame, [p] if p else []) for frame, p in zip(frames, patches, strict=True)
    ]  # fmt: skip


def test_a_mouth_driven_to_open_opens(ada, shot):
    plate, wanted = shot
    done = composed(renderer(ada, plate, wanted), plate.frames())

    shares = [dark_share(c.frame, p) for c, p in zip(done, wanted.landmarks, strict=True)]
    hoped = [
        dark_share(painted(p, 0), p) for p in wanted.landmarks
    ]  # fmt: skip

    assert np.corrcoef(shares, hoped)[0, 1] > 0.95
    assert shares[-1] == pytest.approx(hoped[-1], abs=0.12)


def test_weight_zero_draws_nothing(ada, shot):
    plate, wanted = shot
    weight = np.zeros(12, np.float32)

    assert renderer(ada, plate, wanted, weight)(plate.frames()) == [None] * 12


def test_the_same_mouth_leaves_the_plate_bit_for_bit(ada, shot):
    plate, _ = shot
    frames = plate.frames()

    for frame, done in zip(
        frames, composed(renderer(ada, plate, plate.track), frames), strict=True
    ):
        for before, after in zip(frame.planes, done.frame.planes, strict=True):
            np.testing.assert_array_equal(before, after)


def test_frames_where_the_face_is_not_seen_are_skipped(ada, shot):
    plate, wanted = shot
    seen = np.ones(12, np.float32)
    seen[5] = 0
    hidden = DrawnPlate(replace(plate.track, confidence=seen))

    patches = renderer(ada, hidden, wanted)(hidden.frames())

    assert [p is None for p in patches] == [n == 5 for n in range(12)]


def test_the_matte_comes_and_goes_softly_beside_untouched_frames(ada, shot):
    plate, wanted = shot
    weight = np.ones(12, np.float32)
    weight[:3] = 0

    patches = renderer(ada, plate, wanted, weight)(plate.frames())

    strongest = [0 if p is None else int(p.matte.max()) for p in patches]
    assert strongest[:3] == [0, 0, 0]
    assert 0 < strongest[3] < strongest[4] < strongest[5] <= 255
    assert strongest[3 + FADE_FRAMES] == 255


def test_pictures_do_not_depend_on_the_batch(ada, shot):
    plate, wanted = shot
    frames = plate.frames()[:5]
    singles = renderer(ada, plate, wanted)

    whole = renderer(ada, plate, wanted)(frames)

    for frame, patch in zip(frames, whole, strict=True):
        np.testing.assert_array_equal(singles([frame])[0].rgb, patch.rgb)


def test_what_is_not_seen_of_a_sheet_changes_no_pixel_of_the_patch(ada, shot, monkeypatch):
    plate, wanted = shot
    frames = plate.frames()
    seen = [patch.rgb for patch in renderer(ada, plate, wanted)(frames)]
    monkeypatch.setattr(
        "dubsync.engine.render.renderer.Layers", lambda *a, **k: Layers(*a, **k | {"whole": True})
    )

    for part, patch in zip(seen, renderer(ada, plate, wanted)(frames), strict=True):
        np.testing.assert_array_equal(part, patch.rgb)


def test_the_held_out_renderer_takes_no_pixel_of_the_mouth_from_the_plate(ada, shot):
    plate, wanted = shot
    ada = replace(
        ada, appearance=None
    )  # landmarks are the tracker's: only pixels are compared here
    frame = plate.frames()[-1]
    first = renderer(ada, plate, wanted, sources="bank")([frame])[0]
    low, high = wanted.landmarks[-1, JAW, :2].min(axis=0), wanted.landmarks[-1, JAW, :2].max(axis=0)
    x, y = (low + high) / 2
    planes = [p.copy() for p in frame.planes]
    for plane in planes:
        plane[int(y) - 6 : int(y) + 6, int(x) - 10 : int(x) + 10] = 255

    again = renderer(ada, plate, wanted, sources="bank")([replace(frame, planes=tuple(planes))])[0]

    row, column = int(y) - first.region.top, int(x) - first.region.left
    assert again.rgb[row, column].max() < 0.9
    np.testing.assert_allclose(again.rgb[row, column], first.rgb[row, column], atol=0.05)


def test_one_still_is_enough_to_open_a_mouth(shot):
    still = DrawnPlate(drawn_track([0.0]))
    actor = actors.learn("Still", [still.footage()], most=5, widest_px=1024, progress=silent)
    plate, wanted = shot
    original = fit(plate.track, actor.model)
    corrected = replace(original, mouth=fit(wanted, actor.model).mouth)
    draw = prepare(actor, plate.track, original, corrected, np.ones(12, np.float32), device=CPU)

    last = composed(draw, plate.frames())[-1]

    assert dark_share(last.frame, wanted.landmarks[-1]) > 0.1


def test_a_face_half_out_of_frame_is_drawn_as_far_as_it_is_seen(ada):
    track = drawn_track(np.full(3, 0.1))
    away = replace(
        track, landmarks=track.landmarks + np.array([0.45 * WIDTH, 0.3 * HEIGHT, 0], np.float32)
    )
    plate = DrawnPlate(away)
    wanted = replace(away, landmarks=drawn_track(np.full(3, 0.7)).landmarks)

    for patch in renderer(ada, plate, wanted)(plate.frames()):
        assert patch is None or (patch.region.right <= WIDTH and patch.region.bottom <= HEIGHT)


def test_a_plate_darker_than_the_actors_footage_keeps_its_own_light(ada, shot):
    plate, wanted = shot
    ada = replace(ada, appearance=None)  # an edge is read: landmarks are to be the drawn ones
    dim = DrawnPlate(plate.track, tint=0.7)
    done = composed(renderer(ada, dim, wanted), dim.frames())[-1]
    truth = painted(wanted.landmarks[-1], 0, tint=0.7)

    x, y = wanted.landmarks[-1, 0, :2].astype(int)  # upper lip
    for made, hoped in zip(done.frame.planes, truth.planes, strict=True):
        patch = slice(y - 1, y + 2), slice(x - 3, x + 4)
        assert made[patch].mean() == pytest.approx(hoped[patch].mean(), abs=18)


def test_a_frame_that_is_not_the_tracks_is_refused(ada, shot):
    plate, wanted = shot

    with pytest.raises(ShapeError):
        renderer(ada, plate, wanted)([painted(plate.track.landmarks[0], 99)])


def test_weights_of_another_length_are_refused(ada, shot):
    plate, wanted = shot

    with pytest.raises(ShapeError):
        renderer(ada, plate, wanted, np.ones(5, np.float32))


def test_a_strangers_actor_is_refused(shot):
    class Other:
        character, basis, digest = "Bo", "b", "d"

    plate, _ = shot
    with pytest.raises(ModelError):
        prepare(Other(), plate.track, None, None, np.ones(12, np.float32), device=CPU)


def test_the_matte_takes_in_the_jaw_where_it_was_and_where_it_goes():
    shut, wide = drawn_track([0.0]).landmarks, drawn_track([1.0]).landmarks
    shapes = [borders(shut)[0], borders(wide)[0]]
    region = Region(0, 0, WIDTH, HEIGHT)

    matte = matte_of([expand_jaw(s, 12.0) for s in shapes], shut[0], region, 44.0, 1.0)

    for points in (shut[0], wide[0]):
        for x, y in points[JAW[3:-3], :2].astype(int):
            assert matte[y, x] > 0


def test_the_matte_keeps_clear_of_the_eyes():
    points = drawn_track([0.5]).landmarks
    region = Region(0, 0, WIDTH, HEIGHT)

    matte = matte_of([borders(points)[0]], points[0], region, 44.0, 1.0)

    for x, y in points[0][[*LEFT_EYE, *RIGHT_EYE], :2].astype(int):
        assert matte[y, x] == 0


def test_the_matte_is_steadier_than_the_landmarks_under_it():
    still = np.repeat(drawn_track([0.3]).landmarks, 40, axis=0)
    noise = np.random.default_rng(0).normal(size=still.shape).astype(np.float32)

    border = borders(still + noise)

    assert border[5:-5].std(axis=0).mean() < 0.5 * noise.std()


def test_a_spline_passes_near_its_controls_and_leaves_affine_moves_alone():
    rng = np.random.default_rng(1)
    wanted = rng.uniform(0, 100, (40, 2))
    turn = np.array([[0.9, 0.2], [-0.1, 1.1]])
    spline = thin_plate.fit_spline(wanted, wanted @ turn.T + 5, 40.0)
    region = Region(10, 20, 60, 70)

    at = thin_plate.to_pixels(spline.at_nodes(region, 5.0), (50, 50), CPU).numpy()

    y, x = np.mgrid[20:70, 10:60] + 0.5
    hoped = np.stack([x, y], axis=-1) @ turn.T + 5
    np.testing.assert_allclose(at, hoped, atol=0.02)


def test_sampling_at_the_pixels_themselves_gives_the_picture_back():
    picture = torch.rand(3, 12, 17)
    y, x = torch.meshgrid(torch.arange(12) + 0.5, torch.arange(17) + 0.5, indexing="ij")

    again = thin_plate.resample(picture, torch.stack([x, y], dim=-1))

    np.testing.assert_allclose(again, picture, atol=1e-4)


def test_a_colour_fit_is_robust_to_two_fifths_of_occlusion():
    rng = np.random.default_rng(2)
    picture = rng.uniform(0.2, 0.8, (60, 60, 3)).astype(np.float32)
    plate = picture * np.float32(0.8)
    plate[:24] = 1.0  # something in front of two fifths of the face
    everywhere = np.ones((60, 60), bool)

    fit_found = colour_match.fit_colour(picture, plate, everywhere, ~everywhere)

    np.testing.assert_allclose(
        picture[30:] * fit_found.gain + fit_found.offset, plate[30:], atol=0.03
    )


@pytest.mark.parametrize("gain", [0.65, 1.4])
def test_other_light_is_matched_by_a_gain_where_skin_has_little_contrast(gain):
    rng = np.random.default_rng(3)
    picture = rng.normal(0.5, 0.01, (60, 60, 3)).astype(np.float32)  # skin has little contrast
    picture[40:] = 0.1  # the dark of a mouth is not skin
    skin = np.zeros((60, 60), bool)
    skin[:30] = True

    result = colour_match.fit_colour(picture, picture * np.float32(gain), skin, ~skin)

    np.testing.assert_allclose(result.gain, gain, rtol=0.03)
    np.testing.assert_allclose(0.1 * result.gain + result.offset, 0.1 * gain, atol=0.01)


def test_a_gain_of_light_leaves_fine_detail_as_strong_as_the_plates():
    rng = np.random.default_rng(4)
    grain = rng.normal(0, 0.01, (60, 60, 1)).astype(np.float32) * np.ones(3, np.float32)
    everywhere = np.ones((60, 60), bool)

    picture, plate = 0.8 + grain, 0.5 + grain[::-1]
    made = colour_match.apply_fit(
        picture, colour_match.fit_colour(picture, plate, everywhere, everywhere)
    )

    box = Region(2, 2, 58, 58)
    energies = [colour_match.laplacian_energy(p, box) for p in (made, plate)]
    assert energies[0] == pytest.approx(energies[1], rel=0.25)


def test_movement_blurs_along_itself_and_only_when_there_is_more_of_it():
    picture = np.random.default_rng(4).uniform(size=(40, 40, 3)).astype(np.float32)
    fast, slow = np.array([12.0, 0.0]), np.array([1.0, 0.0])

    blurred = colour_match.add_motion_blur(picture, fast, slow, 60)

    across, down = (np.diff(blurred, axis=a).std() for a in (1, 0))
    assert across < 0.6 * down
    assert colour_match.add_motion_blur(picture, slow, fast, 60) is picture


def test_a_large_face_is_blurred_as_far_as_it_moves():
    dot, still, fast = np.zeros((5, 201, 3), np.float32), np.zeros(2), np.array([80.0, 0.0])
    dot[:, 100] = 1

    blurred = colour_match.add_motion_blur(dot, fast, still, 600)[2, :, 0]

    variance = float((blurred * np.arange(-100, 101) ** 2).sum() / blurred.sum())
    travel = colour_match.SHUTTER * 80
    assert variance == pytest.approx(travel**2 / 12, rel=0.1)


def test_grain_is_the_same_for_the_same_frame_and_another_for_the_next():
    flat = np.full((30, 30, 3), 0.5, np.float32)

    np.testing.assert_array_equal(
        colour_match.add_grain(flat, 0.02, 7), colour_match.add_grain(flat, 0.02, 7)
    )
    assert (
        np.abs(colour_match.add_grain(flat, 0.02, 7) - colour_match.add_grain(flat, 0.02, 8)).max()
        > 0.01
    )
    assert colour_match.add_grain(flat, 0.02, 7).std() == pytest.approx(0.02, rel=0.2)


def test_only_a_mouth_wider_than_its_exemplar_gets_a_synthetic_interior():
    shut, wide = (drawn_track([j]).landmarks[0] for j in (0.0, 0.9))

    assert missing_opening(wide, shut, (44.0, 44.0)) == 1
    assert missing_opening(shut, wide, (44.0, 44.0)) == 0
    assert missing_opening(wide, wide, (44.0, 44.0)) == 0


def test_a_renderer_holds_no_more_exemplars_than_it_may(ada, shot, monkeypatch):
    monkeypatch.setattr(keeping, "PICTURES_HELD", 7)
    plate, wanted = shot
    draw = renderer(ada, plate, wanted)
    draw(plate.frames())

    assert len(draw._kept._sources) <= 7
    assert len(draw._fits) == 1


def test_frames_count_as_the_plate_counts(ada):
    track = drawn_track(np.full(4, 0.1), start=86400)
    plate = DrawnPlate(track)
    assert track.frames == FrameRange(86400, 86404, track.frames.rate)

    patches = renderer(ada, plate, drawn_track(np.full(4, 0.8), start=86400))(plate.frames())

    assert all(p is not None for p in patches)


@pytest.fixture(scope="module")
def eve():
    """A trained actor, her plate, and the frames of a line with another mouth."""
    plate = TexturedPlate(replaced_rows(talking_track(), slice(60, 66)))
    wanted = drawn_track(np.linspace(0.1, 1.0, 6), sway=0.06)
    return textured_footage.trained(), plate, wanted


def replaced_rows(track, rows):
    count = rows.stop - rows.start
    return replace(
        track,
        frames=FrameRange(0, count, track.frames.rate),
        landmarks=track.landmarks[rows],
        blendshapes=track.blendshapes[rows],
        confidence=track.confidence[rows],
    )


def test_an_actor_who_was_not_trained_is_sent_to_training(ada, shot):
    plate, wanted = shot

    with pytest.raises(EngineError, match="Ada") as refused:
        renderer(ada, plate, wanted, renderer="actor")

    assert "dubsync train" in refused.value.hint


def test_the_actors_own_renderer_touches_nothing_outside_the_matte(eve):
    actor, plate, wanted = eve
    frames = plate.frames()

    for frame, done in zip(
        frames, composed(renderer(actor, plate, wanted, renderer="actor"), frames), strict=True
    ):
        assert done.matte.any()
        assert not done.matte[:40].any() and not done.matte[:, :20].any()
        for before, after in zip(frame.planes, done.frame.planes, strict=True):
            np.testing.assert_array_equal(after[done.matte == 0], before[done.matte == 0])


def test_the_actors_own_renderer_draws_another_picture_than_the_warp_in_the_same_place(eve):
    actor, plate, wanted = eve
    frames = plate.frames()

    ours = renderer(actor, plate, wanted, renderer="actor")(frames)
    warped = renderer(actor, plate, wanted)(frames)

    for one, other in zip(ours, warped, strict=True):
        assert one.region == other.region
        np.testing.assert_array_equal(one.matte, other.matte)
        assert np.abs(one.rgb - other.rgb).max() > 1e-4
        assert np.abs(one.rgb - other.rgb).mean() < 0.05


def test_equal_runs_draw_equal_pixels(eve):
    actor, plate, wanted = eve
    frames = plate.frames()

    one, other = (renderer(actor, plate, wanted, renderer="actor")(frames) for _ in range(2))

    for a, b in zip(one, other, strict=True):
        np.testing.assert_array_equal(a.rgb, b.rgb)
        np.testing.assert_array_equal(a.matte, b.matte)


def test_inaccurate_landmarks_are_refined_before_drawing(eve):
    actor, plate, _ = eve
    off = plate.track.landmarks.copy()
    for n, points in enumerate(plate.track.landmarks):
        off[n, :, :2] += textured_footage.displaced(points, 1.5, n)
    frames = plate.frames()
    displaced = TexturedPlate(replace(plate.track, landmarks=off))

    def missed(learnt):
        patches = renderer(learnt, displaced, displaced.track, sources="bank")(frames)
        total = 0.0
        for frame, patch in zip(frames, patches, strict=True):
            truth = working_rgb(frame)[patch.region.rows, patch.region.columns]
            total += float((np.abs(patch.rgb - truth).mean(axis=2) * (patch.matte > 127)).mean())
        return total

    assert missed(actor) < 0.85 * missed(replace(actor, appearance=None))


def test_a_microphone_in_front_of_the_chin_stays_the_plates_own(eve):
    actor, plate, wanted = eve
    bare, masked = plate.frames(), []
    chins = plate.track.landmarks[:, 152, :2].astype(int)
    for frame, (x, y) in zip(bare, chins, strict=True):
        planes = tuple(np.array(plane) for plane in frame.planes)
        for plane in planes:
            cv2.circle(plane, (int(x), int(y) - 4), 14, 6, -1)
        masked.append(replace(frame, planes=planes))

    without, done = (
        composed(renderer(actor, plate, wanted, renderer="actor"), frames)
        for frames in (bare, masked)
    )

    for one, other, (x, y) in zip(without, done, chins, strict=True):
        microphone = (slice(y - 12, y + 4), slice(x - 8, x + 9))
        assert other.matte.any()
        assert other.matte[microphone].mean() < 0.2 * one.matte[microphone].mean()
