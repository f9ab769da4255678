"""A list that does not begin at 0, through OpenTimelineIO's own EDL adapter, to the delivery."""

from __future__ import annotations

import json
from pathlib import Path

import opentimelineio as otio
import pytest

from dubsync.editorial.cmx3600.read import read_cmx
from dubsync.editorial.cmx3600.write import write_tracks
from dubsync.editorial.conform.into_otio import corrected_otio, without_renders
from dubsync.editorial.read_cut import read_cut
from tests.editorial.editorial_making import FILM, canonical, everything_linked, rendered

STARTS = [864000, 864048]


@pytest.fixture(params=["as it came", "as the adapter writes it today"])
def document(request: pytest.FixtureRequest, shared: Path, tmp_path: Path) -> Path:
    (folder,) = (shared / "cases/timelines").glob("01-*")
    if request.param == "as it came":
        return folder / "in.otio"
    pytest.importorskip("otio_cmx3600_adapter")
    path = tmp_path / "theirs.otio"
    cut = otio.adapters.read_from_file(str(folder / "in.edl"), rate=24)
    otio.adapters.write_to_file(cut, str(path))
    return path


def test_it_is_turned_over_and_delivered_at_its_record_times(
    document: Path, tmp_path: Path
) -> None:
    cut = read_cut(document, rate=None)
    assert [event.record.start for event in cut.events] == STARTS
    assert not [warning for warning in cut.warnings if warning.blocking]

    made = everything_linked(cut)
    assert [shot.record.start for shot in made.shots] == STARTS

    text = corrected_otio(cut, made, rendered(made.shots), language="fr-FR")
    path = tmp_path / "delivered.otio"
    path.write_text(text, encoding="utf-8")
    again = read_cut(path, rate=None)
    assert [(e.name, e.record, e.source) for e in again.events] == [
        (e.name, e.record, e.source) for e in cut.events
    ]
    before = json.loads(document.read_text("utf-8"))
    assert canonical(json.loads(without_renders(text))) == canonical(before)

    assert cut.probed is not None
    (listed,) = write_tracks(cut.probed, ()).values()
    events = read_cmx(listed.data.decode(), rate=FILM).events
    assert [e.record.text[0] for e in events if e.record] == ["10:00:00:00", "10:00:02:00"]
