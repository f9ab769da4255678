"""The resolver gives exactly one picture, or a stated gap, for every record frame."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dubsync.core.errors import TurnoverError
from dubsync.core.timeline.probed import ProbedCut, ProbedEvent, ProbedTimeline, probed_range
from dubsync.core.timeline.runs import Run, TimeMap
from dubsync.editorial.cmx3600.read import read_cmx
from dubsync.editorial.fcpxml.read import read_fcpxml
from dubsync.editorial.otio.read import read_otio_whole
from dubsync.editorial.probe import probe_cut
from dubsync.editorial.timeline.resolve import EMPTY, resolve
from dubsync.editorial.xmeml.read import read_xmeml

FILM = Fraction(24)
FILM_NTSC = Fraction(24000, 1001)


def clip(
    start: int,
    stop: int,
    track: str = "V1",
    source: int = 1000,
    *,
    speed: Fraction | int = 1,
    rate: Fraction = FILM,
    kind: str = "cut",
    name: str = "",
    **other: object,
) -> ProbedEvent:
    """A clip over record frames, its media used from `source`."""
    length = max(Fraction(1), abs(Fraction(speed)) * (stop - start) * rate / FILM)
    return replace(
        ProbedEvent(
            (track,), name or f"{track} {start}", kind,
            probed_range(Fraction(start), Fraction(stop), FILM),
            probed_range(Fraction(source), Fraction(source) + length, rate), speed=Fraction(speed),
            timeline="R1",
        ),
        **other,
    )  # fmt: skip


def plain(start: int, stop: int, kind: str, track: str = "V1", **other: object) -> ProbedEvent:
    """An event without media: a gap, a transition, a title."""
    record = probed_range(Fraction(start), Fraction(stop), FILM)
    event = ProbedEvent((track,), kind, kind, record, None, timeline="R1")
    return replace(event, **other)


def cut(*events: ProbedEvent, start: int = 0, length: int | None = None) -> ProbedCut:
    long = None if length is None else Fraction(length)
    return ProbedCut(
        "r1.x", "made up", (ProbedTimeline("R1", FILM, Fraction(start), long),), events
    )


def table(runs: Sequence[Run]) -> list[tuple[int, int, tuple[int, ...], str]]:
    """(from, to, events, nothing) of each run."""
    return [(r.record.start, r.record.stop, tuple(s.event for s in r.shown), r.nothing)
            for r in runs]  # fmt: skip


def frames(runs: Sequence[Run]) -> dict[int, tuple[tuple[int, int | None], ...]]:
    """Record frame -> (event, media frame) of each picture seen."""
    result: dict[int, tuple[tuple[int, int | None], ...]] = {}
    for run in runs:
        for frame in range(run.record.start, run.record.stop):
            assert frame not in result
            result[frame] = tuple((s.event, s.map.frame(frame) if s.map else None)
                                 for s in run.shown)  # fmt: skip
    return result


def test_abutting_clips_are_one_run_each_with_an_exact_map() -> None:
    runs = resolve(cut(clip(0, 10, source=100), clip(10, 30, source=500)))
    assert table(runs) == [(0, 10, (0,), ""), (10, 30, (1,), "")]
    assert runs[1].shown[0].map == TimeMap(((10, 500), (30, 520)))
    assert runs[1].shown[0].rate == FILM


def test_the_topmost_enabled_picture_wins() -> None:
    off = clip(12, 20, "V3", enabled=False)
    runs = resolve(cut(clip(0, 30), clip(10, 20, "V2"), off))
    assert table(runs) == [(0, 10, (0,), ""), (10, 20, (1,), ""), (20, 30, (0,), "")]
    assert frames(runs)[25] == ((0, 1025),)  # the clip below goes on where it was covered


def test_a_gap_above_hides_nothing() -> None:
    off = clip(20, 30, enabled=False)
    runs = resolve(cut(clip(0, 10), plain(0, 10, "gap", "V2"), plain(10, 20, "gap"), off,
                       plain(30, 34, "black"), length=40))  # fmt: skip
    assert table(runs) == [(0, 10, (0,), ""), (10, 20, (), "gap"), (20, 30, (), "switched off"),
                           (30, 34, (), "black"), (34, 40, (), EMPTY)]  # fmt: skip


def test_titles_show_the_picture_below_and_count_alone_over_nothing() -> None:
    runs = resolve(cut(clip(0, 10), plain(5, 20, "title", "V2"), plain(5, 8, "caption", "V3")))
    assert table(runs) == [(0, 10, (0,), ""), (10, 20, (1,), "")]
    assert runs[1].shown[0].map is None


def test_a_dissolve_between_abutting_clips_shows_both_extended() -> None:
    runs = resolve(cut(clip(0, 50, source=100), plain(44, 56, "dissolve", transition=12),
                       clip(50, 90, source=700)))  # fmt: skip
    assert table(runs) == [(0, 44, (0,), ""), (44, 56, (0, 2), ""), (56, 90, (2,), "")]
    assert frames(runs)[44] == ((0, 144), (2, 694))
    assert frames(runs)[55] == ((0, 155), (2, 705))


def test_a_dissolve_between_overlapping_clips_shows_the_same() -> None:
    runs = resolve(cut(clip(0, 56, source=100), plain(44, 56, "dissolve", transition=12),
                       clip(44, 90, source=694)))  # fmt: skip
    assert table(runs) == [(0, 44, (0,), ""), (44, 56, (0, 2), ""), (56, 90, (2,), "")]
    assert frames(runs)[55] == ((0, 155), (2, 705))


def test_an_overlay_may_cut_into_a_dissolve() -> None:
    runs = resolve(cut(clip(0, 50, source=100), plain(44, 56, "dissolve"), clip(50, 90, source=700),
                       clip(40, 48, "V2"), clip(53, 60, "V2")))  # fmt: skip
    assert table(runs) == [(0, 40, (0,), ""), (40, 48, (3,), ""), (48, 53, (0, 2), ""),
                           (53, 60, (4,), ""), (60, 90, (2,), "")]  # fmt: skip


def test_a_fade_on_an_upper_track_shows_what_is_below_it_too() -> None:
    runs = resolve(cut(clip(0, 60), clip(20, 40, "V2"), plain(20, 26, "dissolve", "V2"),
                       plain(34, 40, "dissolve", "V2")))  # fmt: skip
    assert table(runs) == [(0, 20, (0,), ""), (20, 26, (0, 1), ""), (26, 34, (1,), ""),
                           (34, 40, (1, 0), ""), (40, 60, (0,), "")]  # fmt: skip


def test_a_freeze_shows_one_frame_and_a_reversed_clip_its_last_frame_first() -> None:
    shown = frames(resolve(cut(clip(0, 4, source=50, speed=0), clip(4, 8, source=80, speed=-1),
                               clip(8, 12, source=10, speed=Fraction(1, 2)))))  # fmt: skip
    assert [shown[n][0][1] for n in range(12)] == [
        50, 50, 50, 50, 83, 82, 81, 80, 10, 10, 11, 11]  # fmt: skip


def test_a_ramp_is_followed_from_keyframe_to_keyframe() -> None:
    bent = ((Fraction(0), Fraction(100)), (Fraction(10), Fraction(110)),
            (Fraction(20), Fraction(150)))  # fmt: skip
    runs = resolve(cut(clip(0, 20, source=100, speed=1, keyframes=bent)))
    assert runs[0].shown[0].map == TimeMap(bent)
    assert frames(runs)[15] == ((0, 130),)


def test_media_at_another_rate_keeps_its_own_frames() -> None:
    runs = resolve(cut(clip(0, 24, source=0, rate=Fraction(25))))
    assert runs[0].shown[0].map == TimeMap(((0, 0), (24, 25)))
    assert runs[0].shown[0].rate == 25


def test_a_compound_is_replaced_by_its_contents() -> None:
    runs = resolve(cut(plain(10, 40, "compound"), clip(10, 20, "V1/V1"), clip(15, 18, "V1/V2"),
                       clip(30, 40, "V1/V1")))  # fmt: skip
    assert table(runs) == [(0, 10, (), EMPTY), (10, 15, (1,), ""), (15, 18, (2,), ""),
                           (18, 20, (1,), ""), (20, 30, (), EMPTY), (30, 40, (3,), "")]  # fmt: skip


def test_a_compound_whose_contents_are_not_listed_shows_as_itself() -> None:
    runs = resolve(cut(plain(0, 10, "compound"), clip(10, 20)))
    assert table(runs) == [(0, 10, (0,), ""), (10, 20, (1,), "")]
    assert runs[0].shown[0].map is None


def test_beyond_its_edge_a_compound_in_a_dissolve_shows_as_itself() -> None:
    runs = resolve(cut(plain(0, 20, "compound"), clip(0, 20, "V1/V1"), plain(15, 25, "dissolve"),
                       clip(20, 40)))  # fmt: skip
    assert table(runs) == [(0, 15, (1,), ""), (15, 20, (1, 3), ""), (20, 25, (0, 3), ""),
                           (25, 40, (3,), "")]  # fmt: skip


def test_two_overlapping_compounds_keep_their_own_contents() -> None:
    runs = resolve(cut(plain(0, 25, "compound"), clip(0, 25, "V1/V1"), plain(15, 25, "dissolve"),
                       plain(15, 40, "compound"), clip(15, 40, "V1/V1")))  # fmt: skip
    assert table(runs) == [(0, 15, (1,), ""), (15, 25, (1, 4), ""), (25, 40, (4,), "")]


def test_clips_cut_between_frames_show_from_the_next_frame_on() -> None:
    half = Fraction(21, 2)
    first = replace(clip(0, 11), record=probed_range(Fraction(0), half, FILM))
    second = replace(clip(11, 20), record=probed_range(half, Fraction(20), FILM))
    assert table(resolve(cut(first, second))) == [(0, 11, (0,), ""), (11, 20, (1,), "")]


EDL = """TITLE: R1
FCM: NON-DROP FRAME
001  A001     V     C        01:00:00:00 01:00:02:00 10:00:00:00 10:00:02:00
002  A001     V     C        01:00:02:00 01:00:02:00 10:00:02:00 10:00:02:00
002  {reel}     V     D    012 02:00:00:00 02:00:01:00 10:00:02:00 10:00:03:00
"""


@pytest.mark.parametrize("reel", ["B002", "BL  "])
def test_a_printed_dissolve_continues_the_event_before_it(reel: str) -> None:
    runs = resolve(read_cmx(EDL.format(reel=reel), rate=FILM))
    first = 10 * 86400
    into = () if reel.startswith("BL") else ((1, 2 * 86400 + 2),)  # black shows nothing
    assert frames(runs)[first + 50] == ((0, 86400 + 50), *into)
    assert [event for event, _ in frames(runs)[first + 60]] == ([1] if into else [])


def test_a_key_shows_its_background_too() -> None:
    text = EDL.split("002")[0] + (
        "002  A001     V     K B      01:00:02:00 01:00:03:00 10:00:02:00 10:00:03:00\n"
        "002  T009     V     K    000 05:00:00:00 05:00:01:00 10:00:02:00 10:00:03:00\n"
    )
    runs = resolve(read_cmx(text, rate=FILM))
    assert [tuple(s.event for s in run.shown) for run in runs] == [(0,), (1, 2)]


def test_one_of_several_timelines_must_be_named() -> None:
    two = cut(clip(0, 10), replace(clip(0, 20), timeline="R2"))
    two = replace(two, timelines=(*two.timelines, ProbedTimeline("R2", FILM)))
    with pytest.raises(TurnoverError, match="2 timelines: 'R1', 'R2'") as refused:
        resolve(two)
    assert "timeline = " in refused.value.hint
    assert table(resolve(two, "R2")) == [(0, 20, (1,), "")]
    with pytest.raises(TurnoverError, match="no timeline called 'r3'"):
        resolve(two, "r3")


def test_a_timeline_without_a_rate_is_refused_with_a_remedy() -> None:
    with pytest.raises(TurnoverError, match="no frame rate") as refused:
        resolve(read_cmx(EDL.format(reel="B002")))
    assert "give the rate" in refused.value.hint


# ---------------------------------------------------------------- properties


@dataclass(frozen=True)
class ModelTrack:
    """A random track of clips, gaps and transitions."""

    events: tuple[ProbedEvent, ...]
    joints: tuple[tuple[int, int, int], ...]  # (from, to, place of the incoming clip)


SPEEDS = (1, 1, 1, 0, -1, 2, Fraction(1, 2), Fraction(-3, 2), Fraction(25, 24))


@st.composite
def model_tracks(draw: st.DrawFn, track: str) -> ModelTrack:
    at = draw(st.integers(0, 8))
    events: list[ProbedEvent] = []
    joints: list[tuple[int, int, int]] = []
    for _ in range(draw(st.integers(0, 6))):
        length = draw(st.integers(6, 20))
        kind = draw(st.sampled_from(["clip", "clip", "clip", "gap", "off", "black"]))
        joined = bool(events) and draw(st.booleans())
        if joined:
            head, tail = draw(st.integers(0, 3)), draw(st.integers(0, 3))
            if head + tail:
                joints.append((at - head, at + tail, len(events)))
        if kind == "clip":
            rate = draw(st.sampled_from([FILM, Fraction(25), FILM_NTSC]))
            events.append(clip(at, at + length, track, draw(st.integers(0, 999)),
                               speed=draw(st.sampled_from(SPEEDS)), rate=rate))  # fmt: skip
        elif kind == "off":
            events.append(clip(at, at + length, track, enabled=False))
        else:
            events.append(plain(at, at + length, kind, track))
        at += length
    return ModelTrack(tuple(events), tuple(joints))


def media_frame(event: ProbedEvent, frame: int) -> int:
    """By plain counting, frame for frame, what a clip shows at a record frame."""
    assert event.record and event.source and event.speed is not None
    assert event.record.start is not None and event.source.start is not None
    assert event.source.stop is not None and event.source.rate is not None
    passed = (frame - event.record.start) * abs(event.speed) * event.source.rate / FILM
    if event.speed >= 0:
        return int((event.source.start + passed) // 1)
    return int(-((passed - event.source.stop) // 1) - 1)


def seen_on(track: ModelTrack, frame: int) -> tuple[list[tuple[ProbedEvent, int]], str]:
    """(pictures, how they cover what is below: covers, clear, in or out) of one track."""

    def side(event: ProbedEvent) -> tuple[list[tuple[ProbedEvent, int]], bool]:
        if not event.enabled or event.kind == "gap":
            return [], False
        return ([] if event.kind == "black" else [(event, media_frame(event, frame))]), True

    for start, stop, n in track.joints:
        if start <= frame < stop:
            (out, covers), (into, covered) = side(track.events[n - 1]), side(track.events[n])
            over = {(True, True): "covers", (False, True): "in", (True, False): "out"}
            return out + into, over.get((covers, covered), "clear")
    for event in track.events:
        assert event.record and event.record.start is not None and event.record.stop is not None
        if event.record.start <= frame < event.record.stop:
            shown, covers = side(event)
            return shown, "covers" if covers else "clear"
    return [], "clear"


def seen(stack: Sequence[ModelTrack], frame: int) -> list[tuple[ProbedEvent, int]]:
    if not stack:
        return []
    shown, over = seen_on(stack[-1], frame)
    if over == "covers":
        return shown
    below = seen(stack[:-1], frame)
    return shown + below if over == "out" else below + shown


@settings(max_examples=80)
@given(st.tuples(model_tracks("V1"), model_tracks("V2"), model_tracks("V3")))
def test_every_record_frame_shows_what_a_simple_model_shows(
    stack: tuple[ModelTrack, ...],
) -> None:
    events: list[ProbedEvent] = []
    for track in stack:
        for n, event in enumerate(track.events):
            events.append(event)
            events += [plain(a, b, "dissolve", event.track) for a, b, k in track.joints if k == n]
    whole = cut(*events, length=10)
    runs = resolve(whole)
    shown = frames(runs)
    last = max((e.record.stop for e in events if e.record and e.record.stop), default=Fraction(0))
    assert sorted(shown) == list(range(max(10, int(last))))
    assert all(bool(run.shown) != bool(run.nothing) for run in runs)
    for frame, pictures in shown.items():
        expected = [(e, n) for e, n in seen(stack, frame)]
        assert [(events[k], n) for k, n in pictures] == expected


keyframed = st.lists(
    st.tuples(st.integers(1, 20), st.fractions(-40, 40, max_denominator=24)), min_size=1, max_size=6
)


@given(keyframed, st.data())
def test_slices_of_a_time_map_are_the_same_map(
    steps: list[tuple[int, Fraction]], data: st.DataObject
) -> None:
    keyframes = [(Fraction(0), Fraction(100))]
    for step, rise in steps:
        keyframes.append((keyframes[-1][0] + step, keyframes[-1][1] + rise))
    whole = TimeMap(tuple(keyframes))
    middle = data.draw(st.integers(-5, int(whole.stop) + 4))
    halves = (
        whole.slice(Fraction(-6), Fraction(middle)),
        whole.slice(Fraction(middle), whole.stop + 5),
    )
    for frame in range(-6, int(whole.stop) + 5):
        half = halves[0] if frame < middle else halves[1]
        assert half.frame(frame) == whole.frame(frame)


@given(keyframed)
def test_a_rising_time_map_is_inverted_exactly(steps: list[tuple[int, Fraction]]) -> None:
    keyframes = [(Fraction(0), Fraction(100))]
    for step, rise in steps:
        keyframes.append((keyframes[-1][0] + step, keyframes[-1][1] + abs(rise) + Fraction(1, 7)))
    rising = TimeMap(tuple(keyframes))
    for source in range(90, 10 + int(keyframes[-1][1]), 7):
        assert rising.at(rising.record_of(Fraction(source))) == source


# ---------------------------------------------------------------- the same cut in four dialects

OTIO_CLIP = (
    '{{"OTIO_SCHEMA":"Clip.2","name":"{name}","source_range":{{"OTIO_SCHEMA":"TimeRange.1",'
    '"start_time":{{"OTIO_SCHEMA":"RationalTime.1","rate":24,"value":{source}}},'
    '"duration":{{"OTIO_SCHEMA":"RationalTime.1","rate":24,"value":{length}}}}},'
    '"media_references":{{}},"active_media_reference_key":"DEFAULT_MEDIA"}}'
)
OTIO = (
    '{{"OTIO_SCHEMA":"Timeline.1","name":"R1","tracks":{{"OTIO_SCHEMA":"Stack.1","children":['
    '{{"OTIO_SCHEMA":"Track.1","kind":"Video","children":[{items}]}}]}}}}'
)
OTIO_DISSOLVE = (
    '{"OTIO_SCHEMA":"Transition.1","transition_type":"SMPTE_Dissolve",'
    '"in_offset":{"OTIO_SCHEMA":"RationalTime.1","rate":24,"value":6},'
    '"out_offset":{"OTIO_SCHEMA":"RationalTime.1","rate":24,"value":6}}'
)
FCPXML = """<fcpxml version="1.11"><resources>
<format id="r1" frameDuration="1/24s"/>
<asset id="r2" name="A" start="0s" duration="100s" hasVideo="1" format="r1"/></resources>
<project name="R1"><sequence format="r1" tcStart="0s" duration="96/24s"><spine>
<asset-clip ref="r2" name="A" offset="0s" start="100/24s" duration="50/24s"/>
<transition name="Cross Dissolve" offset="44/24s" duration="12/24s"/>
<asset-clip ref="r2" name="B" offset="50/24s" start="700/24s" duration="40/24s"/>
</spine></sequence></project></fcpxml>"""
RATE = "<rate><timebase>24</timebase><ntsc>FALSE</ntsc></rate>"
XMEML = f"""<xmeml version="5"><sequence><name>R1</name>{RATE}<duration>90</duration>
<timecode>{RATE}<frame>0</frame></timecode><media><video><track>
<clipitem><name>A</name>{RATE}<start>0</start><end>-1</end><in>100</in><out>156</out></clipitem>
<transitionitem><start>44</start><end>56</end><effect><name>Cross Dissolve</name></effect>
</transitionitem>
<clipitem><name>B</name>{RATE}<start>-1</start><end>90</end><in>694</in><out>740</out></clipitem>
</track></video></media></sequence></xmeml>"""
CMX = """TITLE: R1
FCM: NON-DROP FRAME
001  AA V C 00:00:04:04 00:00:05:24 00:00:00:00 00:00:01:20
002  AA V C 00:00:06:00 00:00:06:00 00:00:01:20 00:00:01:20
002  AA V D 012 00:00:28:22 00:00:30:20 00:00:01:20 00:00:03:18
""".replace("00:00:05:24", "00:00:06:00")


def test_a_dissolve_is_the_same_in_every_dialect() -> None:
    items = ",".join([OTIO_CLIP.format(name="A", source=100, length=50), OTIO_DISSOLVE,
                      OTIO_CLIP.format(name="B", source=700, length=40)])  # fmt: skip
    cuts = [read_otio_whole(OTIO.format(items=items)), read_fcpxml(FCPXML.encode()),
            read_xmeml(XMEML.encode()), read_cmx(CMX, rate=FILM)]  # fmt: skip
    played = []
    for result in cuts:
        runs = resolve(result)
        played.append([tuple(frame for _, frame in shown)
                       for _, shown in sorted(frames(runs).items())][:90])  # fmt: skip
    assert played[0][44] == (144, 694)
    assert played[0] == played[1] == played[2] == played[3]


def test_a_compound_with_sound_only_hides_nothing() -> None:
    media = (
        '<media id="r9"><sequence format="r1" tcStart="0s" duration="2s"><spine>'
        '<asset-clip ref="r2" offset="0s" duration="2s"/></spine></sequence></media></resources>'
    )
    hung = (
        'duration="50/24s"><ref-clip ref="r9" lane="1" offset="110/24s" duration="20/24s" '
        'srcEnable="audio"/></asset-clip>'
    )
    text = FCPXML.replace("</resources>", media).replace('duration="50/24s"/>', hung, 1)
    with_sound, without = (resolve(read_fcpxml(t.encode())) for t in (text, FCPXML))
    assert [[s.map for s in run.shown] for run in with_sound] == [
        [s.map for s in run.shown] for run in without]  # fmt: skip


def test_real_timelines_resolve_without_a_gap(shared: Path) -> None:
    root = shared / "timelines"
    resolved = 0
    for path in sorted(root.rglob("*")):
        if path.suffix.lower() not in (".fcpxml", ".xml", ".otio"):
            continue  # each AAF is a process of its own: a few stand in test_turnover_formats
        try:
            result = probe_cut(path)
        except TurnoverError:
            continue
        for timeline in result.timelines:
            if timeline.rate is None:
                continue
            runs = resolve(result, timeline.name)
            ends = zip(runs, runs[1:], strict=False)
            assert all(a.record.stop == b.record.start for a, b in ends), path.name
            assert all(bool(run.shown) != bool(run.nothing) for run in runs), path.name
            resolved += 1
    assert resolved > 30
