"""Projects of Kdenlive and Shotcut, and documents of melt, are read as people made them."""

from __future__ import annotations

from fractions import Fraction

import pytest

from dubsync.core.errors import TurnoverError
from dubsync.core.timeline.losses import BLOCKS, REFUSES, WARNS
from dubsync.core.timeline.probed import ProbedCut, ProbedEvent
from dubsync.editorial.mlt.read import read_mlt
from tests.editorial.mlt.mlt_making import (
    KDENLIVE,
    PROFILE,
    SHOTCUT,
    entry,
    melted,
    mlt,
    producer,
    prop,
)


def read(text: str) -> ProbedCut:
    return read_mlt(text.encode(), path="cut.mlt")


def frames(event: ProbedEvent) -> tuple[object, ...]:
    """Record and source frames of an event, and its speed."""
    record, source = event.record, event.source
    assert record is not None
    span = (source.start, source.stop) if source is not None else ()
    return (record.start, record.stop), span, event.speed


def pictures(cut: ProbedCut) -> list[ProbedEvent]:
    return [event for event in cut.events if event.track.startswith("V")]


def test_a_kdenlive_project_has_its_clips_mixes_sound_and_guides() -> None:
    cut = read(KDENLIVE)
    one, other, mix, sound = cut.events
    assert cut.format == "Kdenlive (MLT XML) 22.12.3" and cut.rate == 24
    assert (one.name, one.media) == ("A", "media/a.mov")
    assert frames(one) == ((0, 32), (864024, 864056), 1), "its timecode is that of the file"
    assert frames(other) == ((24, 72), (10, 58), 1)
    assert other.media == "media/b.mov", "not the proxy"
    assert (mix.kind, mix.transition, frames(mix)[0]) == ("dissolve", 8, (24, 32))
    assert (sound.track, sound.kind, frames(sound)[0]) == ("A1", "audio", (0, 24))
    (guide,) = cut.markers
    assert (guide.name, guide.colour, guide.record and guide.record.start) == (
        "look",
        "#da4453",
        24,
    )


def test_a_shotcut_project_has_the_same_clips_whole_and_its_sound_beside_them() -> None:
    cut = read(SHOTCUT)
    one, other, mix = pictures(cut)
    assert frames(one)[:2] == ((0, 32), (0, 32)), "the mix is its end"
    assert frames(other)[:2] == ((24, 72), (10, 58))
    assert (mix.kind, frames(mix)[0]) == ("dissolve", (24, 32))
    assert [event.track for event in cut.events if event.kind == "audio"] == ["A1", "A1"]
    assert [(m.name, m.colour, m.record and m.record.length) for m in cut.markers] == [
        ("look", "#ff0000", 24)
    ]


@pytest.mark.parametrize(
    ("inner", "shown", "speed"),
    [
        ('<producer id="a" in="4" out="11">' + prop("resource", "2:a.mov")
         + prop("mlt_service", "timewarp") + "</producer>", (8, 24), 2),
        ('<producer id="a" in="4" out="11">' + prop("resource", "timewarp:0.5:a.mov")
         + "</producer>", (2, 6), Fraction(1, 2)),
        ('<producer id="a" in="0" out="7">' + prop("resource", "-1:a.mov")
         + prop("mlt_service", "timewarp") + prop("length", 100) + "</producer>", (92, 100), -1),
        ('<producer id="a" in="0" out="7">' + prop("resource", "a.mov") + prop("frame", 30)
         + prop("mlt_service", "hold") + "</producer>", (30, 31), 0),
        ('<chain id="a" in="0" out="7">' + prop("resource", "a.mov")
         + '<link mlt_service="timeremap">' + prop("map", "0=1.000001;8=1.666667667")
         + "</link></chain>", (24, 40), 2),
    ],
)  # fmt: skip
def test_every_kind_of_speed_is_read(inner: str, shown: tuple[int, int], speed: Fraction) -> None:
    (event,) = pictures(read(melted('<entry producer="a"/>', files=inner)))
    assert event.media == "a.mov" and frames(event) == ((0, 8), shown, speed)


def test_a_time_remap_that_varies_is_read_by_its_keyframes() -> None:
    keys = prop("map", "0=1;8~=2;16=2.5")
    link = f'<link mlt_service="timeremap">{keys}</link>'
    files = f'<chain id="a" out="15">{prop("resource", "a.mov")}{link}</chain>'
    cut = read(melted('<entry producer="a"/>', files=files))
    (event,) = pictures(cut)
    assert event.keyframes == ((0, 24), (8, 48), (16, 60)) and event.speed is None
    assert [loss.turnover for loss in cut.losses if "smooth" in loss.what] == [WARNS]


def test_times_are_frames_clock_times_or_timecode() -> None:
    times = [entry("a", *span) for span in (
        ("24", "47"), ("00:00:01.000", "00:00:01.958"), ("00:00:01:00", "00:00:01:23"),
    )]  # fmt: skip
    cut = read(melted(times[0], '<blank length="00:00:00.500"/>', *times[1:]))
    assert [frames(event)[0] for event in pictures(cut)] == [(0, 24), (36, 60), (60, 84)]
    assert {frames(event)[1] for event in pictures(cut)} == {(24, 48)}


def test_hidden_tracks_and_disabled_clips_are_off_and_muted_ones_silent() -> None:
    off = producer("off", "c.mov", prop("set.test_image", 1), prop("set.test_audio", 1))
    tracks = [
        f'<playlist id="p{n}">{entry(name, 0, 9)}</playlist>'
        for n, name in enumerate(("a", "b", "off"))
    ]
    cut = read(mlt(
        producer("a", "a.mov"), producer("b", "b.mov"), off, *tracks,
        '<tractor id="t"><multitrack><track producer="p0" hide="both"/>',
        '<track producer="p1" hide="audio"/><track producer="p2"/></multitrack></tractor>',
    ))  # fmt: skip
    assert [(e.track, e.enabled) for e in cut.events] == [
        ("V1", False),
        ("V2", True),
        ("V3", False),
    ]


def test_a_dissolve_between_tracks_fades_the_upper_one_in() -> None:
    cut = read(mlt(
        producer("a", "a.mov"), producer("b", "b.mov"),
        f'<playlist id="p0">{entry("a", 0, 47)}</playlist>',
        f'<playlist id="p1"><blank length="24"/>{entry("b", 0, 47)}</playlist>',
        '<tractor id="t"><track producer="p0"/><track producer="p1"/>',
        '<transition in="24" out="31" mlt_service="luma" a_track="0" b_track="1"/></tractor>',
    ))  # fmt: skip
    mix = next(event for event in cut.events if event.kind == "dissolve")
    assert (mix.track, frames(mix)[0]) == ("V2", (24, 32)) and not list(cut.losses)[1:]


def test_a_nest_is_listed_with_its_contents_in_record_time() -> None:
    cut = read(mlt(
        producer("a", "a.mov"), f'<playlist id="inner">{entry("a", 0, 47)}</playlist>',
        '<tractor id="nest" title="Nest" in="0" out="47"><track producer="inner"/></tractor>',
        f'<playlist id="p"><blank length="10"/>{entry("nest", 12, 35)}</playlist>',
    ))  # fmt: skip
    nest, inner = pictures(cut)
    assert (nest.kind, nest.name, frames(nest)[0]) == ("compound", "Nest", (10, 34))
    assert (inner.track, frames(inner)) == ("V1/V1", ((10, 34), (12, 36), 1))


def test_paths_start_in_the_root_that_a_document_states() -> None:
    cut = read(mlt(producer("a", "x/100%.mov"), root="/films/reel/"))
    assert pictures(cut)[0].media == "/films/reel/x/100%25.mov", "a percent sign is no code"


def test_effects_and_compositions_are_named() -> None:
    effect = f"<filter>{prop('mlt_service', 'greyscale')}</filter>"
    frozen = f"<filter>{prop('mlt_service', 'freeze')}</filter>"
    cut = read(melted(entry("a", 0, 9, effect), entry("b", 0, 9, frozen)))
    said = {loss.what: loss.turnover for loss in cut.losses}
    assert "effect 'greyscale' is not listed; number of uses: 1" in said
    assert said["effect 'freeze' changes the time of its clip, and is not read"] == WARNS


def test_what_cannot_be_placed_is_said_and_no_turnover_is_made_of_it() -> None:
    cut = read(melted('<entry producer="n"/>', entry("a", 0, 9), entry("gone", 0, 9),
                      files=producer("a", "a.mov") + '<producer id="n"/>'))  # fmt: skip
    turnovers = {loss.turnover for loss in cut.losses}
    assert {REFUSES, BLOCKS} <= turnovers


@pytest.mark.parametrize(
    ("text", "why"),
    [
        (mlt(profile=""), "frame rate is not stated"),
        (mlt(profile='<profile frame_rate_num="0" frame_rate_den="1"/>'), "not valid"),
        (mlt(), "plays nothing"),
        ('<!DOCTYPE mlt [<!ENTITY a "b">]><mlt>&a;</mlt>', "entit"),
        (mlt("<playlist>"), "damaged"),
    ],
)
def test_what_is_no_project_is_refused(text: str, why: str) -> None:
    with pytest.raises(TurnoverError, match=why):
        read(text)


def test_a_track_that_contains_itself_ends() -> None:
    cut = read(mlt('<playlist id="p">', entry("p", 0, 9), "</playlist>"))
    assert any("contains itself" in loss.what for loss in cut.losses)


def test_a_decimal_rate_is_the_exact_one() -> None:
    printed = PROFILE.replace('num="24"', 'num="2997"').replace('rate_den="1"', 'rate_den="100"')
    cut = read(mlt(producer("a", "a.mov"), profile=printed))
    assert cut.rate == Fraction(30000, 1001)
