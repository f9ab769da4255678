"""Interlaced and telecined plates are drawn by the moment, and given back frame by frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from fractions import Fraction
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import av
import numpy as np
import pytest

from dubsync.core.contact import ContactKey
from dubsync.core.digest import digest
from dubsync.core.face import FaceTrack
from dubsync.core.learning.background import FrameBackground
from dubsync.core.picture import Frame, PictureFormat, Region
from dubsync.core.progress import silent
from dubsync.core.reading.moments import Moments, moments_of, shot_by_moment
from dubsync.core.reading.reading import Reading
from dubsync.core.shot import Event, Plate, Shot
from dubsync.core.steps import Patch
from dubsync.core.timeline.timecode import FrameRange
from dubsync.core.tweak.by_moment import tweak_by_moment
from dubsync.core.tweak.landmark_edit import LandmarkKey
from dubsync.core.tweak.tweak import Tweak
from dubsync.engine.compositing.composite import composite
from dubsync.media.movie.pulldown import film_runs
from dubsync.media.pixels.fields import fields_of
from dubsync.media.plate import open_plate
from dubsync.service.reel.footage import SeenIn, footage_of
from dubsync.service.reel.pipeline import make_frames
from dubsync.service.render.behind_heads import BehindHeads
from dubsync.service.render.frame_cache import FrameReuse
from tests.media.written_plates import write_plate
from tests.service import drawn_engine

PAL, NTSC, FILM = Fraction(25), Fraction(30000, 1001), Fraction(24000, 1001)
WIDE, HIGH = 64, 64
#: The film frame in the earlier and in the later field of five frames: 2:3 pulldown.
PULLED = ((0, 0), (1, 1), (1, 2), (2, 3), (3, 3))
MOUTH = Region(16, 16, 48, 48)


def picture(moment: int, height: int, width: int) -> np.ndarray:
    rows, columns = np.mgrid[0:height, 0:width]
    return np.asarray(30 + 150 * (((columns + 5 * moment) // 16 + rows // 16) % 2), np.uint8)


def film_in(n: int) -> tuple[int, int]:
    early, late = PULLED[n % 5]
    return 4 * (n // 5) + early, 4 * (n // 5) + late


def fields_in(n: int) -> tuple[int, int]:
    return 2 * n, 2 * n + 1


def made_plate(path: Path, shows: Any, rate: Fraction, frames: list[int]) -> Plate:
    """A plate, top field first; `shows`: the moments in the fields of frame n."""

    def frame(pixel: str, width: int, height: int, k: int) -> av.VideoFrame:
        made = av.VideoFrame(width, height, pixel)
        for place, plane in enumerate(made.planes):
            samples = np.frombuffer(plane, np.uint8).reshape(plane.height, plane.line_size)
            for late, moment in enumerate(shows(frames[k])):
                shown = picture(moment, plane.height, plane.line_size)
                samples[late::2] = shown[late::2] if not place else 128
        return made

    return write_plate(path, "yuv420p", n_frames=len(frames), size=(WIDE, HIGH), rate=rate,
                       flagged="top", picture=frame, timecode="01:00:00:00")  # fmt: skip


def shot_of(plate: Plate) -> Shot:
    span = plate.frames
    event = Event("1", "s", plate.name, "", plate.path, span, span)
    return Shot("s", event, plate, span, span, span)


def drawn(shot: Shot, told: Any = None) -> tuple[list[Any], list[int]]:
    """The shot's frames, each moment's mouth in the grey that its number gives, and the moments."""
    seen: list[int] = []

    def render(frames: Sequence[Frame]) -> list[Patch]:
        patches = []
        for frame in frames:
            seen.append(frame.number)
            level = np.float32(0.2 + 0.01 * (frame.number % 64))
            matte = np.full((MOUTH.height, MOUTH.width), 255, np.uint8)
            rgb = np.full((MOUTH.height, MOUTH.width, 3), level, np.float32)
            patches.append(Patch(MOUTH, rgb, matte))
        return patches

    span = shot_by_moment(shot).render
    points = np.zeros((len(span), 478, 3), np.float32)
    by_moment = SimpleNamespace(track=SimpleNamespace(frames=span, landmarks=points))
    part = SimpleNamespace(by_moment=by_moment, actor=None, head=None)
    engine = replace(drawn_engine.build(SimpleNamespace(exemplars=1)), composite=composite)
    drawing = SimpleNamespace(track=by_moment.track, tweak=Tweak(), character="A", head=None)
    with pytest.MonkeyPatch.context() as patched:
        where = "dubsync.service.reel.pipeline."
        patched.setattr(where + "with_actor", lambda *_: drawing)
        patched.setattr(where + "prepared", lambda *_: render)
        frames = make_frames(shot, [part], engine=engine, batch=3, progress=silent, told=told)  # type: ignore[list-item]
        made = list(frames)
    return made, seen


def level_of(moment: int) -> float:
    return 16 + 219 * (0.2 + 0.01 * (moment % 64))


def test_both_fields_of_a_frame_are_drawn_at_their_own_moments(tmp_path: Path) -> None:
    plate = made_plate(tmp_path / "p.mkv", fields_in, PAL, list(range(8)))
    shot, told = shot_of(plate), []
    made, seen = drawn(shot, lambda who, patch, frame: told.append(frame))
    first = plate.frames.start
    assert first == 90000 and seen == list(range(2 * first, 2 * first + 16))
    assert told == [one.frame.number for one in made] == list(range(first, first + 8))
    for one in made:
        for late, field in enumerate(fields_of(one.frame)):
            mouth = field.planes[0][10:22, 20:44]
            assert np.abs(mouth - level_of(2 * one.frame.number + late)).max() <= 1
    unchanged(plate, made)


@pytest.mark.parametrize("starts", [0, 1, 3])
def test_film_frames_are_drawn_once_and_put_back_into_their_fields(
    starts: int, tmp_path: Path
) -> None:
    frames = list(range(starts, starts + 22))
    plate = made_plate(tmp_path / "p.mkv", film_in, NTSC, frames)
    assert plate.reading.film == ((0, 2 * (-starts % 5)),)
    moments = moments_of(plate)
    assert moments is not None
    shot = shot_of(plate)
    assert shot_by_moment(shot).plate.frames.rate == FILM
    told: list[int] = []
    made, seen = drawn(shot, lambda who, patch, frame: told.append(frame))
    assert told == [one.frame.number for one in made]  # what a record says misses no frame
    film = sorted({moment for n in frames for moment in film_in(n)})
    assert seen == list(range(seen[0], seen[0] + len(film)))  # each film frame once, in order
    for n, one in zip(frames, made, strict=True):
        for moment, field in zip(film_in(n), fields_of(one.frame), strict=True):
            number = seen[film.index(moment)]
            assert np.abs(field.planes[0][10:22, 20:44] - level_of(number)).max() <= 1
    unchanged(plate, made)


def test_a_break_of_the_cadence_is_followed_and_told(tmp_path: Path) -> None:
    frames = [*range(30), *range(42, 75)]  # an edit in the telecined movie
    plate = made_plate(tmp_path / "p.mkv", film_in, NTSC, frames)
    assert plate.reading.film == ((0, 0), (30, 6)) and "frame 30" in plate.reading.told[0]
    _, seen = drawn(shot_of(plate))
    film = [moment for n in frames for moment in film_in(n)]
    assert len(seen) == len(set(film)) and seen == sorted(seen)


def test_video_among_telecined_film_is_told() -> None:
    """A news reel: film, then a camera's own fields.  It is read as film, and a person is told."""
    rng = np.random.default_rng(1)
    seen = rng.integers(0, 255, (400, 32, 32)).astype(np.int16)

    def frames(shows: Any, numbers: range) -> list[Any]:
        woven = []
        for n in numbers:
            early, late = shows(n)
            woven.append(np.where(np.arange(32)[:, None] % 2, seen[late], seen[early]))
        return woven

    film, video = frames(film_in, range(60)), frames(fields_in, range(60, 140))
    assert film_runs(film, "top") == (((0, 0),), ())
    runs, told = film_runs([*film, *video], "top")
    assert runs[0] == (0, 0) and "without pulldown" in told[0]


@pytest.mark.parametrize(("shows", "rate"), [(fields_in, PAL), (film_in, NTSC)])
def test_an_actor_is_learnt_from_every_moment(shows: Any, rate: Fraction, tmp_path: Path) -> None:
    """Both fields of an interlaced plate, each film frame of a telecined one; seen whole."""
    plate = made_plate(tmp_path / "p.mkv", shows, rate, list(range(10)))
    shot, moments = shot_of(plate), moments_of(plate)
    assert moments is not None

    def track(span: FrameRange) -> FaceTrack:
        n = len(span)
        return FaceTrack(3, span, np.zeros((n, 478, 3)), np.zeros((n, 52)), np.ones(n), np.ones(2))

    tracks = SimpleNamespace(by_moment=lambda *_, **__: (track(moments.span),))
    in_front = SimpleNamespace(seen=lambda shot, track, progress: track)
    sound = SimpleNamespace(plate_audio=lambda plate, frames: None)
    seen = [SeenIn(shot, (track(plate.frames),))]
    (piece,) = footage_of(seen, sound, in_front, tracks, silent)  # type: ignore[arg-type]
    assert piece.track.frames == moments.span and piece.track.face == 3
    some = [moments.span.start + n for n in (0, 3, 6)]
    frames = list(piece.read(some))
    assert [frame.number for frame in frames] == some
    shown = {moments.number(90000 + n if rate == PAL else plate.frames.start + n, late): moment
             for n in range(10) for late, moment in enumerate(shows(n))}  # fmt: skip
    for frame in frames:  # whole: every line is the moment's, but for edges between blocks
        apart = np.abs(frame.planes[0].astype(int) - picture(shown[frame.number], HIGH, WIDE))
        assert frame.planes[0].shape == (HIGH, WIDE) and np.median(apart) <= 1


def unchanged(plate: Plate, made: Sequence[Any]) -> None:
    """Every sample outside the matte is the plate's."""
    with open_plate(plate) as reader:
        for before, after in zip(reader.frames(plate.frames), made, strict=True):
            away = after.matte == 0
            assert np.array_equal(before.planes[0][away], after.frame.planes[0][away])
            assert (after.matte[MOUTH.rows, MOUTH.columns] == 255).all()


@pytest.mark.parametrize("handles", [0, 8])
@pytest.mark.parametrize("breaks", [(50,), (20, 61), (92,)])
def test_lips_stay_with_the_dub_over_breaks_of_the_cadence(
    breaks: tuple[int, ...], handles: int
) -> None:
    """Moments are at the record times of the frames that show them, after an edit too."""
    span = FrameRange(1000, 1100, NTSC)
    form = PictureFormat(WIDE, HIGH, "yuv", 8, chroma=(1, 1), fields="top")
    film = ((0, 0), *((at, (6, 4)[n]) for n, at in enumerate(breaks)))
    plate = Plate("p", "/p", "", span, form, reading=Reading(film=film))
    source = FrameRange(1000 + handles, 1100 - handles, NTSC)
    event = Event("1", "s", "p", "", "/p", source, source)
    shot = Shot("s", event, plate, source, source, span)
    moments, seen = Moments(span, film), shot_by_moment(shot)
    for frame in range(1000, 1100):
        number = moments.first(frame)
        apart = seen.time.first_shown(number) - moments.time(number)
        assert abs(apart) < 1 if frame - 1000 in breaks else apart == 0, frame


def test_what_is_behind_a_head_is_recorded_at_its_frame() -> None:
    """The renderer counts moments: the record counts frames."""
    patch = Patch(MOUTH, np.zeros((32, 32, 3), np.float32), np.zeros((32, 32), np.uint8),
                  behind=FrameBackground(2001, 5, 1.0, 0.0, 0.0, "clean", ()))  # fmt: skip
    heads = BehindHeads()
    heads("A", patch, 1000)
    rows = heads.plain(FrameReuse(FrameRange(1000, 1001, PAL), {}, {}, (1000,)))
    assert [row["frame"] for row in rows["A"]] == [1000]


def test_what_is_made_of_a_plate_goes_stale_where_its_file_is_read_otherwise() -> None:
    form = PictureFormat(WIDE, HIGH, "yuv", 8, chroma=(1, 1))
    plain = Plate("p", "/p", "", FrameRange(0, 50, NTSC), form)
    assert plain.shown_key == ()  # as ever: no render of a plate as it is stored goes stale
    kinds = (("top", ()), ("bottom", ()), ("top", ((0, 0),)), ("top", ((0, 4),)), ("", ()))
    read = [
        replace(plain, format=replace(form, fields=fields), reading=Reading((), (), film, "top"))
        for fields, film in kinds
    ]
    assert len({digest(*one.shown_key) for one in read}) == len(read)


def test_times_of_moments_are_exact_in_the_cut() -> None:
    form = SimpleNamespace(fields="top")
    span = FrameRange(1000, 1100, NTSC)
    moments = Moments(span, ((0, 4),))
    assert form.fields and moments.per_frame == Fraction(4, 5)
    # A group of five begins two frames in: its first film frame starts there, the next 2.5 fields
    # later, though the field that shows it first is the second after.
    first = moments.number(1002, 0)
    assert [moments.number(1002 + k, late) - first for k in range(5) for late in (0, 1)] == [
        0, 0, 1, 1, 1, 2, 2, 3, 3, 3
    ]  # fmt: skip
    assert moments.edge(Fraction(1002)) == first
    assert moments.edge(Fraction(1002) + Fraction(5, 4)) == first + 1
    for k in range(8):  # and back again
        assert moments.time(first + k) == 1002 + k * Fraction(5, 4)
    assert moments.frames_with(FrameRange(first, first + 4, FILM)) == FrameRange(1002, 1007, NTSC)


def test_a_tweak_on_frames_is_one_on_their_moments() -> None:
    moments = Moments(FrameRange(0, 50, PAL))
    tweak = Tweak(contacts=(ContactKey(3, 4, "closed lips"),),
                  landmarks=(LandmarkKey(7, 13, 5.0, 6.0),), ease=4)  # fmt: skip
    tweak = tweak.keyed("jaw", 10, 1.2).spanned("jaw", 20, 22, 0.5).chosen("region", "face", 1, 2)
    made = tweak_by_moment(tweak, moments)
    assert made.contacts == (ContactKey(6, 9, "closed lips"),)
    assert made.landmarks[0].frame == 14 and made.ease == 8
    curve = made.curve("jaw")
    assert curve.keys == ((20, 1.2),) and (curve.spans[0].first, curve.spans[0].last) == (40, 45)
    assert made.region.at(FrameRange(0, 8, 2 * PAL)) == ("mouth",) * 2 + ("face",) * 4 + (
        "mouth",
    ) * 2  # fmt: skip
