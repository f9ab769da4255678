"""What every host adapter must do, whatever the host: one set of tests for all of them.

A test module makes a class of `HostContract` with a fixture `stage`: a `Stage` whose timeline, cut
at 24 fps from 01:00:00:00, has the clips of CLIPS on V1, and none selected.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from dubsync_link import consent as consenting
from dubsync_link import markers as marking
from dubsync_link import problems
from dubsync_link.client import Client
from dubsync_link.flow import Flow
from dubsync_link.host import EditorHost, picture_of
from dubsync_link.memory import Memory
from dubsync_link.problems import Problem

__all__ = ["EditorHost", "picture_of", "problems"]
SCRIPT = Path(__file__).with_name("scripted_rpc.py")
START = 86400
RATE = "24/1"
#: name, file, source, record.  The first and the last play one file.
CLIPS = (
    ("A001", "A001.mov", (1000, 1048), (START, START + 48)),
    ("A002", "A002.mov", (2000, 2024), (START + 48, START + 72)),
    ("A001_2", "A001.mov", (1100, 1124), (START + 72, START + 96)),
)


class Stage:
    """One host with its timeline, as a test arranges it.

    folder  the test's own; media lie in folder / "media"
    host    the adapter under test
    """

    folder: Path
    host: EditorHost

    def select(self, *names: str) -> None:
        """Select these clips of the timeline, and no others."""
        raise NotImplementedError

    def unsave(self) -> None:
        """Make the project one that was never saved."""
        raise NotImplementedError

    def take_offline(self, name: str) -> None:
        """Unlink the media of a clip."""
        raise NotImplementedError

    def answer_nothing(self) -> None:
        """The host's API answers None or False to whatever it is asked from now on."""
        raise NotImplementedError

    def open_namesake(self) -> None:
        """Open a second timeline with the same name and clips."""
        raise NotImplementedError

    def originals(self) -> list[Any]:
        """The clips as the editor cut them; two such lists are compared."""
        raise NotImplementedError

    def laid(self) -> dict[str, tuple[str, tuple[int, int], int]]:
        """Name of each clip that dubsync laid in -> (file, record range, first source frame
        within the file)."""
        raise NotImplementedError

    def set_marker(self, frame: int, text: str) -> None:
        """Set a marker as an editor does, at a record frame."""
        raise NotImplementedError

    def marker_texts(self) -> list[str]:
        """The texts of all markers."""
        raise NotImplementedError

    def move_playhead(self, frame: int) -> None:
        """Put the playhead at a record frame."""
        raise NotImplementedError


class Played:
    """A flow over a stage with the scripted rpc."""

    def __init__(self, stage: Stage, behave: str, notes: list[dict[str, Any]]) -> None:
        self.stage, self.folder = stage, stage.folder
        shots = [
            {"name": name, "media": str(stage.folder / "media" / file), "source": source,
             "record": record}
            for name, file, source, record in CLIPS
        ]  # fmt: skip
        scene = {"rate": RATE, "shots": shots, "behave": behave, "notes": notes}
        self.scene = stage.folder / "scene.json"
        self.scene.write_text(json.dumps(scene), encoding="utf-8")
        # Without site-packages Python starts in 20 ms.
        command = [sys.executable, "-S", "-E", str(SCRIPT), str(self.scene)]
        self.client = Client(command, stage.host.host_key)
        self.flow = Flow(stage.host, self.client, Memory(str(stage.folder / "memory.json")))

    def sync(self, *names: str, whole: bool = False, dub: bool = True) -> Flow:
        """Choose the dub, select, sync, and wait for the end."""
        self.stage.select(*names)
        if dub:
            self.flow.choose(dub=["ELISE_it.wav"], language="it-IT")
        self.flow.sync(whole=whole)
        self.flow.wait(20, pause=0.005)
        return self.flow

    def calls(self, method: str) -> list[dict[str, Any]]:
        """The parameters of each call of a method."""
        path = self.folder / "calls.jsonl"
        lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else []
        return [params for name, params in map(json.loads, lines) if name == method]


class HostContract:
    """The tests; see the module."""

    @pytest.fixture
    def play(self, stage: Stage) -> Iterator[Any]:
        """play(behave, notes) -> Played; closed after the test."""
        made: list[Played] = []

        def begin(behave: str = "done", notes: list[dict[str, Any]] | None = None) -> Played:
            made.append(Played(stage, behave, notes or []))
            return made[-1]

        yield begin
        for one in made:
            one.flow.close()

    def test_the_selected_clips_come_back_synced_above_the_originals(self, play: Any) -> None:
        played = play()
        before = played.stage.originals()
        flow = played.sync("A001", "A002")
        assert (flow.state, flow.problem) == ("done", None)
        assert [clip["name"] for clip in played.calls("match")[0]["clips"]] == ["A001", "A002"]
        assert played.calls("sync")[0]["shots"] == ["A001", "A002"]
        laid = played.stage.laid()
        for name, _, _, record in CLIPS[:2]:
            file, there, first = laid.pop(name)
            assert (Path(file).name, there) == (f"{name}_v001.mov", tuple(record))
            assert first == 8, "the handles are in the file, not in the timeline"
        assert not laid
        assert all(one["placed"] for one in flow.placed)
        assert played.stage.originals() == before, "nothing of the editor's is moved or replaced"

    def test_what_is_sent_names_the_clips_by_media_and_frames(self, play: Any) -> None:
        played = play()
        played.sync("A001_2")
        (clip,) = played.calls("match")[0]["clips"]
        name, file, source, record = CLIPS[2]
        assert (clip["name"], Path(clip["media"]).name) == (name, file)
        assert (tuple(clip["source"]), tuple(clip["record"])) == (source, record)
        assert (clip["rate"], clip["enabled"]) == (RATE, True)
        sent = played.calls("import_timeline")[0]
        assert str(played.folder / "media") in [str(Path(one)) for one in sent["media_roots"]]
        assert not Path(sent["timeline"]).exists(), "the exported file is tidied away"

    def test_the_whole_timeline_needs_no_selection(self, play: Any) -> None:
        played = play()
        flow = played.sync(whole=True)
        assert flow.state == "done"
        assert played.calls("sync")[0]["shots"] == [clip[0] for clip in CLIPS]

    def test_three_calls_are_enough(self, play: Any) -> None:
        played = play()
        played.stage.select("A001")
        played.flow.choose(dub=["ELISE_it.wav"], language="it-IT")  # 1
        played.flow.sync()  # 2
        played.flow.wait(20, pause=0.005)  # the host's timer
        assert "A001" in played.stage.laid()

    def test_a_second_sync_asks_for_nothing_and_lays_a_newer_clip_without_a_heap(
        self, play: Any
    ) -> None:
        played = play()
        played.sync("A001")
        before = played.stage.originals()
        flow = played.sync("A001", dub=False)
        assert flow.state == "done"
        folders = [sent["folder"] for sent in played.calls("import_timeline")]
        assert folders[0] == folders[1]
        assert played.stage.originals() == before

    def test_nothing_selected_is_said_and_nothing_is_sent(self, play: Any) -> None:
        played = play()
        flow = played.sync()
        assert flow.state == "failed" and "No clip is selected" in flow.problem.text()
        assert not played.calls("import_timeline")

    def test_an_unsaved_project_is_said_and_nothing_is_sent(self, play: Any) -> None:
        played = play()
        played.stage.select("A001")
        played.flow.choose(dub=["ELISE_it.wav"])
        played.stage.unsave()
        played.flow.sync()
        assert played.flow.state == "failed" and "not saved" in played.flow.problem.what
        assert not played.calls("import_timeline")

    def test_a_timeline_without_a_dub_asks_for_one(self, play: Any) -> None:
        flow = play().sync("A001", dub=False)
        assert flow.state == "failed" and flow.problem.kind == "choice"
        assert "dub" in flow.problem.text()

    def test_two_timelines_of_one_name_are_two_reels(self, play: Any) -> None:
        played = play()
        played.sync("A001")
        played.stage.open_namesake()
        flow = played.sync("A001")
        assert flow.state == "done"
        one, other = (sent["folder"] for sent in played.calls("import_timeline"))
        assert one != other

    def test_offline_media_are_named_and_the_others_are_synced(self, play: Any) -> None:
        played = play()
        played.stage.take_offline("A002")
        flow = played.sync("A001", "A002")
        assert flow.state == "done" and set(played.stage.laid()) == {"A001"}
        assert any("A002" in one for one in flow.warnings)

    def test_an_error_of_one_shot_is_shown_and_the_others_come_back(self, play: Any) -> None:
        played = play("fail")
        flow = played.sync("A001", "A002")
        assert flow.state == "done" and set(played.stage.laid()) == {"A002"}
        assert any("no face is seen" in one and "point at" in one for one in flow.warnings)

    def test_a_refusal_is_shown_with_what_to_try(self, play: Any) -> None:
        played = play("refuse")
        flow = played.sync("A001")
        assert (flow.state, flow.problem.kind) == ("failed", "consent")
        assert flow.problem.hint == "add one to the reel"
        assert not played.stage.laid()

    def test_consent_that_lacks_is_named_and_the_users_record_mends_it(self, play: Any) -> None:
        played = play("unsigned")
        flow = played.sync("A001")
        assert (flow.state, flow.problem.kind) == ("failed", "consent")
        assert "ELISE (performer elise)" in flow.problem.what
        assert "no consent record" in flow.problem.where
        assert "choose consent records" in flow.problem.hint
        assert consenting.asked_for(flow) and not played.calls("sync")
        record = played.folder / "elise-001.toml"
        record.touch()
        (said,) = consenting.choose_records(flow, [str(record)])
        assert "elise-001" in said and flow.problem is None and not consenting.asked_for(flow)
        assert played.calls("add_consent")[0]["files"] == [str(record)]
        assert played.sync("A001", dub=False).state == "done"
        assert len(played.calls("add_consent")) == 1, "what is withdrawn later is not added again"

    def test_records_and_performers_chosen_before_go_into_a_new_reel(self, play: Any) -> None:
        played = play()
        record = played.folder / "anna.toml"
        record.touch()
        played.stage.select("A001")
        consenting.choose_records(played.flow, [str(record)])
        consenting.choose_performers(played.flow, {"ELISE": "anna"})
        assert not played.calls("add_consent"), "there is no reel to add them to yet"
        assert played.sync("A001").state == "done"
        sent = played.calls("import_timeline")[0]
        assert (sent["consent"], sent["performers"]) == ([str(record)], {"ELISE": "anna"})
        played.sync("A001")
        assert played.flow.chosen()["consent"] == [str(record)], "remembered for the timeline"

    def test_cancel_keeps_what_is_finished(self, play: Any) -> None:
        played = play("wait")
        played.stage.select("A001", "A002")
        played.flow.choose(dub=["ELISE_it.wav"], language="it-IT")
        played.flow.sync()
        _until(lambda: played.flow.tick() and played.flow.progress.get("shots_done") == 1)
        played.flow.cancel()
        assert played.flow.wait(20, pause=0.005) == "cancelled"
        assert set(played.stage.laid()) == {"A001"}

    def test_dubsync_ending_in_the_middle_is_said_and_sending_again_works(self, play: Any) -> None:
        played = play("die")
        flow = played.sync("A001")
        assert flow.state == "failed" and "out of memory" in flow.problem.text()
        scene = json.loads(played.scene.read_text())
        played.scene.write_text(json.dumps({**scene, "behave": "done"}))
        assert played.sync("A001").state == "done"

    def test_the_host_closing_ends_dubsync(self, play: Any) -> None:
        played = play("wait")
        played.stage.select("A001")
        played.flow.choose(dub=["ELISE_it.wav"], language="it-IT")
        played.flow.sync()
        _until(lambda: played.flow.tick() and bool(played.flow.progress))
        played.flow.close()
        assert (played.folder / "closed").exists()
        assert not played.client.running

    def test_a_host_that_answers_nothing_is_said_never_raised(self, play: Any) -> None:
        played = play()
        played.flow.choose(dub=["ELISE_it.wav"])
        played.stage.select("A001")
        played.stage.answer_nothing()
        for whole in (False, True):
            played.flow.sync(whole=whole)
            played.flow.wait(20, pause=0.005)
            assert played.flow.state == "failed"
            assert played.flow.problem.text()
        with pytest.raises(Problem):
            marking.exchange_notes(played.flow)

    def test_notes_become_markers_and_markers_notes_once(self, play: Any) -> None:
        note = {"name": "N0001", "shot": "A001", "frame": 1010, "record": START + 10,
                "text": "lips open on the m", "colour": "red", "author": "Anna", "done": False,
                "created": "", "host_id": ""}  # fmt: skip
        played = play(notes=[note])
        played.sync("A001")
        played.stage.set_marker(START + 50, "too wide")
        made = marking.exchange_notes(played.flow)
        assert (made["set"], made["kept"], made["warnings"]) == (1, 1, [])
        (sent,) = played.calls("add_note")
        assert (sent["record"], sent["text"]) == (START + 50, "too wide")
        texts = played.stage.marker_texts()
        assert len(texts) == 2 and any("lips open on the m" in text for text in texts)
        marking.exchange_notes(played.flow)
        assert sorted(played.stage.marker_texts()) == sorted(texts), "a second exchange adds none"
        assert len({sent["host_id"] for sent in played.calls("add_note")}) == 1

    def test_the_shot_under_the_playhead_opens_in_the_desk(self, play: Any) -> None:
        played = play()
        played.sync("A001")
        played.stage.move_playhead(START + 50)
        marking.open_in_desk(played.flow)
        assert played.calls("desk")[0]["shot"] == "A002"

    def test_a_dubsync_of_another_protocol_says_which_side_to_update(self, play: Any) -> None:
        flow = play("newer").sync("A001")
        assert flow.state == "failed" and "update the plugin" in flow.problem.text()


def _until(reached: Any, seconds: float = 20.0) -> None:
    ends = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < ends, "it took too long"
        time.sleep(0.005)
