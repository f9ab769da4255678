""".otio and .otioz are listed whole: sound, gaps, transitions, markers, nests, unknown schemas."""

from __future__ import annotations

import io
import json
import zipfile
from fractions import Fraction
from typing import Any

import pytest

from dubsync.core.errors import DubsyncError, TurnoverError
from dubsync.core.timeline.losses import APPROXIMATE, LOST, ODD, REFUSES
from dubsync.editorial.otio.otioz import read_otioz
from dubsync.editorial.otio.read import read_otio_whole
from tests.editorial.editorial_making import clip, span, timeline, track

WARP = {"OTIO_SCHEMA": "LinearTimeWarp.1", "time_scalar": 2.0, "effect_name": "LinearTimeWarp"}


def as_json(document: Any) -> str:
    return json.dumps(document)


def bundle(**members: bytes) -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as file:
        for name, data in members.items():
            file.writestr(name.replace("__", "."), data)
    return held.getvalue()


def test_clips_gaps_transitions_and_sound_are_all_listed() -> None:
    gap = {"OTIO_SCHEMA": "Gap.1", "source_range": span(0, 12)}
    fade = {
        "OTIO_SCHEMA": "Transition.1", "name": "f", "transition_type": "SMPTE_Dissolve",
        "in_offset": span(0, 4)["duration"], "out_offset": span(0, 6)["duration"],
    }  # fmt: skip
    picture = track(clip("a", span(10, 24)), fade, clip("b", span(0, 24)), gap)
    sound = track(clip("s", span(0, 24))) | {"kind": "Audio"}
    result = read_otio_whole(as_json(timeline(picture, sound)))
    rows = [(e.track, e.kind, e.record and e.record.start) for e in result.events]
    start = rows[0][2]
    assert isinstance(start, Fraction)
    assert [(a, b, (c or 0) - start) for a, b, c in rows] == [
        ("V1", "cut", 0), ("V1", "dissolve", 20), ("V1", "cut", 24), ("V1", "gap", 48),
        ("A1", "audio", 0),
    ]  # fmt: skip
    assert result.events[1].transition == 10


def test_a_warp_consumes_media_from_the_start_of_its_range() -> None:
    fast = clip("a", span(10, 24)) | {"effects": [WARP]}
    event = read_otio_whole(as_json(timeline(track(fast)))).events[0]
    assert event.speed == 2
    assert event.source is not None and (event.source.start, event.source.stop) == (10, 58)


def test_a_reversed_clip_is_listed_with_a_loss() -> None:
    back = clip("a", span(10, 24)) | {"effects": [WARP | {"time_scalar": -1.0}]}
    result = read_otio_whole(as_json(timeline(track(back))))
    assert result.events[0].speed == -1
    assert result.losses.of_kind(APPROXIMATE)


def test_a_nest_is_followed_and_cut_to_its_edges() -> None:
    inner = {"OTIO_SCHEMA": "Stack.1", "name": "nest", "source_range": span(6, 12),
             "children": [track(clip("a", span(100, 24)))]}  # fmt: skip
    result = read_otio_whole(as_json(timeline(track(inner))))
    assert [event.kind for event in result.events] == ["compound", "cut"]
    source = result.events[1].source
    assert source is not None and (source.start, source.stop) == (106, 118)
    assert result.events[1].track == "V1/V1"


def test_an_unknown_schema_is_listed_as_unknown() -> None:
    stranger = {"OTIO_SCHEMA": "Hologram.1", "name": "h", "source_range": span(0, 24)}
    result = read_otio_whole(as_json(timeline(track(stranger, clip("a", span(0, 24))))))
    assert [event.kind for event in result.events] == ["unknown", "cut"]
    assert "Hologram" in result.losses.of_kind(LOST)[0].what


def test_markers_keep_their_colour_and_place() -> None:
    mark = {"OTIO_SCHEMA": "Marker.2", "name": "m", "color": "RED", "marked_range": span(12, 1)}
    marked = clip("a", span(10, 24)) | {"markers": [mark]}
    result = read_otio_whole(as_json(timeline(track(marked))))
    marker, event = result.markers[0], result.events[0]
    assert marker.colour == "RED"
    assert marker.record is not None and event.record is not None
    assert marker.record.start == (event.record.start or 0) + 2


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e300, -5.0])
def test_an_invalid_length_costs_the_item(value: float) -> None:
    wrong = span(0, 24)
    wrong["duration"]["value"] = value
    cut = read_otio_whole(as_json(timeline(track(clip("a", wrong), clip("b", span(5, 12))))))
    assert [event.name for event in cut.events] == ["b"]
    assert [(loss.where, loss.turnover) for loss in cut.losses][0] == ("V1 clip 1", REFUSES)


def test_a_deep_or_cyclic_document_is_refused() -> None:
    deep: dict[str, Any] = clip("a", span(0, 24))
    for _ in range(100):
        deep = {"OTIO_SCHEMA": "Stack.1", "children": [track(deep)], "source_range": span(0, 24)}
    with pytest.raises(TurnoverError, match="deep"):
        read_otio_whole(as_json(timeline(track(deep))))
    cycle = {"OTIO_SCHEMA": "SerializableObjectRef.1", "id": "x"}
    with pytest.raises(TurnoverError, match="cycle"):
        read_otio_whole(as_json(timeline(track(cycle))))


def test_a_bundle_is_read_without_unpacking() -> None:
    text = as_json(timeline(track(clip("a", span(0, 24))))).encode()
    result = read_otioz(bundle(content__otio=text, version__txt=b"1"))
    assert result.format == "OpenTimelineIO bundle" and len(result.events) == 1


def test_a_bundle_that_names_files_outside_itself_is_reported_and_not_unpacked() -> None:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w") as file:
        file.writestr("content.otio", as_json(timeline(track(clip("a", span(0, 24))))))
        file.writestr("../../etc/x", b"")
    assert read_otioz(held.getvalue()).losses.of_kind(ODD)


def test_bad_bundles_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    from dubsync.editorial.otio import otioz

    for data in (b"PK\x03\x04", bundle(other=b"x"), bundle(content__otio=b"x")[:-30]):
        with pytest.raises(DubsyncError):
            read_otioz(data)
    monkeypatch.setattr(otioz, "LARGEST_CONTENT", 1000)
    bomb = bundle(content__otio=b" " * 1_000_000)
    assert len(bomb) < 5000
    with pytest.raises(TurnoverError, match="unpacks"):
        read_otioz(bomb)
