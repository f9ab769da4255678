"""Projects of Kdenlive and Shotcut with the contract's clips, and the adapter over them."""

from __future__ import annotations

import os
import sys
from fractions import Fraction
from pathlib import Path
from typing import Any

from dubsync.core.timeline.probed import ProbedCut, ProbedEvent, ProbedTimeline, probed_range
from dubsync.editorial.mlt.read import read_mlt
from dubsync.editorial.mlt.write import write_mlt
from tests.conftest import ROOT
from tests.hosts.contract import CLIPS, START, Stage

for _folder in ("plugins/mlt", "plugins/link"):
    sys.path.insert(0, str(ROOT / _folder))

from dubsync_mlt.adapter import MltHost  # noqa: E402
from dubsync_mlt.project import Project  # noqa: E402

FILM = Fraction(24)


def cut_of(media: str = "media") -> ProbedCut:
    """The clips of the contract, with titles on a track above them."""
    events = []
    for name, file, source, record in CLIPS:
        first = Fraction(source[0] // 1000 * 1000 - 24)
        events.append(
            ProbedEvent(
                ("V1",), name, "cut", probed_range(*map(Fraction, record), FILM),
                probed_range(*map(Fraction, source), FILM), media=f"{media}/{file}",
                timeline="cut", available=probed_range(first, first + 200, FILM),
            )
        )  # fmt: skip
    record = probed_range(Fraction(START + 80), Fraction(START + 90), FILM)
    source = probed_range(Fraction(5), Fraction(15), FILM)
    events.append(ProbedEvent(("V2",), "insert", "cut", record, source,
                              media=f"{media}/insert.mov", timeline="cut"))  # fmt: skip
    timeline = ProbedTimeline("cut", FILM, Fraction(START), Fraction(96))
    return ProbedCut("cut.otio", "OpenTimelineIO", (timeline,), tuple(events))


def project(folder: Path, *, kdenlive: bool) -> Path:
    """A project in `folder`, with files where its media are looked for."""
    (folder / "media").mkdir(parents=True, exist_ok=True)
    for file in {file for _, file, _, _ in CLIPS} | {"insert.mov"}:
        (folder / "media" / file).touch()
    path = folder / f"cut.{'kdenlive' if kdenlive else 'mlt'}"
    path.write_bytes(write_mlt(cut_of(), (), kdenlive=kdenlive).data)
    return path


class MltStage(Stage):
    """A project's file as the contract arranges it; what is laid in is read by dubsync's reader."""

    kdenlive = True

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.host = MltHost(str(project(folder, kdenlive=self.kdenlive)))

    def select(self, *names: str) -> None:
        self.host.select(names)

    def unsave(self) -> None:
        self.host.path = ""

    def take_offline(self, name: str) -> None:
        (self.folder / "media" / f"{name}.mov").unlink()

    def answer_nothing(self) -> None:
        os.unlink(self.host.path)

    def open_namesake(self) -> None:
        other = project(self.folder / "other", kdenlive=self.kdenlive)
        (self.folder / "other" / "dubsync").mkdir()
        self.host.open(str(other))

    def read(self) -> ProbedCut:
        """The project as it stands now, read by dubsync."""
        return read_mlt(self.host.project().text())

    def originals(self) -> list[Any]:
        return [(e.name, e.record, e.source, e.media) for e in self.read().events
                if "_v001" not in e.media]  # fmt: skip

    def laid(self) -> dict[str, Any]:
        result = {}
        for event in self.read().events:
            if "_v001" not in event.media:
                continue
            assert event.track == "V2", "between the plates and what lies above them"
            record, source = event.record, event.source
            assert record is not None and source is not None and source.start is not None
            assert record.start is not None and record.stop is not None
            name = event.name.partition("_v001")[0]
            span = int(record.start), int(record.stop)
            result[name] = event.media, span, int(source.start)
        return result

    def set_marker(self, frame: int, text: str) -> None:
        self.host.project().add_marker(frame, text)

    def marker_texts(self) -> list[str]:
        return [marker.name for marker in self.read().markers]

    def move_playhead(self, frame: int) -> None:
        self.host.at = frame


__all__ = ["MltHost", "MltStage", "Project"]
