"""From clips selected in a host to synced clips in it, with the real `dubsync rpc`."""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path

from dubsync.service.project import Project
from tests.conftest import ROOT
from tests.hosts.contract import Client, Flow, Memory
from tests.hosts.fake_host import Clip, FakeHost, Timeline
from tests.service.reel_making import ENGINE, make_reel

#: `dubsync` with the engine double allowed.
PROGRAM = f"""
import sys
from dubsync.cli.main import main
main([*sys.argv[1:], "--allow-engine", {ENGINE!r}])
"""


class ReelHost(FakeHost):
    """A host whose timeline is the reel's cut."""

    def export_timeline(self, path: str) -> str:
        (cut,) = Path(self.project_folder()).glob("*.edl")
        Path(path).write_bytes(cut.read_bytes())
        return path


def test_a_selected_clip_is_rendered_by_the_real_dubsync_and_laid_above(tmp_path: Path) -> None:
    reel = make_reel(tmp_path, date.today())
    Project.open(reel).turnover()  # hears the stems here, where other tests have done so too
    host = ReelHost(tmp_path)
    media = str(tmp_path / "plates" / "a.mov")
    host.open = Timeline("1", clips=[Clip("a.mov", media, (86410, 86448), (86400, 86438))])
    host.chosen = ["a.mov"]
    command, environment = [sys.executable, "-c", PROGRAM], {"PYTHONPATH": str(ROOT)}
    client = Client(command, "resolve", environment=environment)
    flow = Flow(host, client, Memory(str(tmp_path / "memory.json")))
    flow.choose(folder=str(reel))
    try:
        flow.sync()
        flow.wait(120)
        assert (flow.state, flow.problem and flow.problem.text()) == ("done", None)
        above = host.open.clips[1]
        assert (above.track, above.record, above.source) == ("V2", (86400, 86438), (8, 46))
        folder = Project.open(reel).store.latest("renders", "a")
        assert folder is not None
        edit = Path(above.media)  # the master is FFV1, which Resolve does not open
        assert edit.is_relative_to(folder / "edit") and edit.suffix == ".mov"
        record = json.loads(next(folder.glob("*.record.json")).read_text())
        assert record["proof"]["changed_outside"] == 0
        found = client.call("results", reel=str(reel), shots=["a"])["shots"][0]
        assert (found["handles"], found["size"], found["rate"]) == ([8, 8], [128, 72], "24/1")
    finally:
        flow.close()
