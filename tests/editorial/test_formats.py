"""The table of formats: each is recognised by content, reads what it writes, and is documented."""

from __future__ import annotations

import json
import sys
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings

from dubsync.core.errors import DeliveryError
from dubsync.core.timeline.losses import LOST
from dubsync.core.timeline.probed import ProbedCut
from dubsync.editorial.formats import (
    CUT,
    DELIVERED,
    FORMATS,
    SCRIPT,
    format_of,
    named,
    sniffed,
)
from dubsync.editorial.probe import probe_cut, probe_format
from dubsync.editorial.read_cut import read_cut
from dubsync.editorial.reading import Content
from dubsync.editorial.tracks.verify import differences
from tests.editorial.editorial_making import clip, event_row, listing, span, timeline, track
from tests.editorial.written_making import (
    assert_corrected_on_top,
    assert_seen_alike,
    corrected_of,
    made_cuts,
)

ROOT = Path(__file__).parents[2]
#: Formats that keep every frame of any cut; the others name what they lose.
EXACT = ("otio", "fcpxml", "xml", "mlt", "kdenlive")
BOTH_WAYS = [each.name for each in FORMATS if each.read and each.write]
LIST = listing(event_row(1, "A1", ("01:00:10:00", "01:00:12:00"), ("01:00:00:00", "01:00:02:00")))


def read_again(name: str, data: bytes, rate: Fraction | None, path: Path) -> ProbedCut:
    """What the format's own reader lists; no other reader may be chosen."""
    path.write_bytes(data)  # AAF is read from its file
    content = Content(data, path)
    form = named(name)
    assert sniffed(content) is form and form.read is not None
    again = form.read(content, rate)
    assert format_of(again) is form
    return again


@pytest.mark.parametrize("name", [name for name in BOTH_WAYS if name != "aaf"])
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=made_cuts())
def test_a_cut_written_and_read_again_shows_the_same_frames(
    name: str, tmp_path: Path, cut: ProbedCut
) -> None:
    assert_same_frames(name, tmp_path, cut)


@settings(max_examples=4, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=made_cuts())
def test_an_aaf_written_and_read_again_in_its_own_process_does_too(
    tmp_path: Path, cut: ProbedCut
) -> None:
    pytest.importorskip("aaf2", reason="pyaaf2 is not installed")
    assert_same_frames("aaf", tmp_path, cut)


def assert_same_frames(name: str, folder: Path, cut: ProbedCut) -> None:
    write = named(name).write
    assert write is not None
    try:
        parts = write(cut, ())
    except DeliveryError as refused:
        assert name not in EXACT and refused.hint
        return
    for part in parts:
        if name not in EXACT and not any(e.enabled and e.source for e in part.shows.events):
            continue  # what shows nothing is an empty file in it
        again = read_again(name, part.written.data, cut.rate, folder / "again.bin")
        if name in EXACT:
            assert_seen_alike(part.shows, again)
        else:
            whole = not any(loss.kind == LOST for loss in part.written.losses)
            assert differences(part.shows, (), again, timeline="R1", whole=whole) == ()


@pytest.mark.parametrize("name", EXACT)
@settings(max_examples=15, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(cut=made_cuts())
def test_corrected_clips_are_seen_where_their_events_were_and_nothing_else_changes(
    name: str, tmp_path: Path, cut: ProbedCut
) -> None:
    write, corrected = named(name).write, corrected_of(cut)
    assert write is not None
    (part,) = write(cut, corrected)
    again = read_again(name, part.written.data, cut.rate, tmp_path / "again.bin")
    assert_corrected_on_top(cut, again, corrected)


def test_the_table_is_whole() -> None:
    assert len({each.name for each in FORMATS}) == len(FORMATS)
    for each in FORMATS:
        assert each.label and each.suffixes and each.roles
        assert bool(each.read) == bool(each.title) == bool(each.holds)
        assert bool(each.reads) == (each.read is not None or SCRIPT in each.roles)
        assert not each.write or (each.read and each.cannot_hold and each.name in DELIVERED)
        assert not each.patch or each.write


def test_whether_a_rate_is_needed_depends_on_content_not_suffix(tmp_path: Path) -> None:
    document, list_ = tmp_path / "r1.json", tmp_path / "r1.otio.txt"
    document.write_text(json.dumps(timeline(track(clip("A", span(0, 24))))))
    list_.write_text(LIST)
    assert probe_format(document) is named("otio") and probe_format(document).states_rate
    assert probe_format(list_) is named("edl") and not probe_format(list_).states_rate
    assert read_cut(document, rate=None).rate == 24


def test_a_cut_keeps_the_listing_it_was_read_from(tmp_path: Path) -> None:
    path = tmp_path / "r1.edl"
    path.write_text(LIST)
    cut = read_cut(path, rate=Fraction(24))
    assert cut.probed == probe_cut(path, Fraction(24)) and cut.probed.digest


def test_every_format_that_can_be_a_cut_is_offered_by_the_command_line() -> None:
    from click.testing import CliRunner

    from dubsync.cli.main import main

    offered = " ".join(CliRunner().invoke(main, ["new", "--help"]).output.split())
    delivered = " ".join(CliRunner().invoke(main, ["deliver", "--help"]).output.split())
    assert all(each.label in offered for each in FORMATS if CUT in each.roles)
    assert ", ".join(DELIVERED) in delivered


def test_the_plugin_s_manifest_agrees_with_the_table(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.syspath_prepend(str(ROOT / "plugins/otio"))
    monkeypatch.delitem(sys.modules, "dubsync_otio.manifest", raising=False)
    from dubsync_otio.manifest import manifest

    path = ROOT / "plugins/otio/dubsync_otio/plugin_manifest.json"
    assert json.loads(path.read_text("utf-8")) == manifest()
    assert all((path.parent / one["filepath"]).is_file() for one in manifest()["adapters"])
