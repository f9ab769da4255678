"""The OpenTimelineIO plugin is listed, claims no suffix, and reports its losses."""

from __future__ import annotations

import ast
import json
import os
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import opentimelineio as otio
import pytest

from dubsync.editorial.probe import probe_cut
from dubsync.service.render.record_form import sealed
from tests.editorial.editorial_making import event_row, listing
from tests.editorial.probed_making import ALE, at, clipitem, fcpxml, session, xmeml

PLUGIN = Path(__file__).parents[2] / "plugins" / "otio"
PACKAGE = PLUGIN / "dubsync_otio"
ADAPTERS = {
    "dubsync_edl", "dubsync_ale", "dubsync_fcpxml", "dubsync_xml", "dubsync_aaf",
    "dubsync_mlt", "dubsync_kdenlive", "dubsync_protools", "dubsync_dapt",
}  # fmt: skip
ONE = event_row(1, "A001", ("01:00:10:00", "01:00:12:00"), ("01:00:00:00", "01:00:02:00"))
TWO = event_row(2, "B002", ("05:00:00:00", "05:00:04:00"), ("01:00:02:00", "01:00:04:00"))
LIST = listing(
    ONE, "* FROM CLIP NAME: first", TWO, "M2   B002       048.0                 05:00:00:00",
    "* LOC: 01:00:03:00 RED     LOOK",
)  # fmt: skip
LISTED = """
import json, opentimelineio as otio
names = [n for n in otio.adapters.available_adapter_names() if n.startswith("dubsync")]
found = {n: otio.adapters.from_name(n) for n in names}
print(json.dumps({
    "adapters": {n: [a.has_feature("read"), a.has_feature("write"), list(a.suffixes)]
                 for n, a in found.items()},
    "linkers": [n for n in otio.media_linker.available_media_linker_names()],
    "suffixes": sorted(otio.adapters.suffixes_with_defined_adapters()),
    "read": len(list(otio.adapters.read_from_file(
        %r, adapter_name="dubsync_edl", rate=24).find_clips())),
}))
"""


@pytest.fixture(autouse=True)
def _installed(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The plugin's package on the path, and listed for this process."""
    monkeypatch.syspath_prepend(str(PLUGIN))
    manifest = otio.plugins.manifest.manifest_from_file(str(PACKAGE / "plugin_manifest.json"))
    before = otio.plugins.ActiveManifest()
    whole = otio.plugins.manifest.load_manifest()
    whole.extend(manifest)
    otio.plugins.manifest._MANIFEST = whole
    yield
    otio.plugins.manifest._MANIFEST = before


def read(path: Path, adapter: str, **options: Any) -> Any:
    return otio.adapters.read_from_file(
        str(path), adapter_name=adapter,
        media_linker_name=otio.media_linker.MediaLinkingPolicy.DoNotLinkMedia, **options,
    )  # fmt: skip


def put(folder: Path, name: str, data: bytes | str) -> Path:
    path = folder / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return path


def frames_of(clip: Any) -> tuple[int, int]:
    span = clip.source_range
    return round(span.start_time.value), round(span.duration.value)


# -- listed --------------------------------------------------------------------------------


def test_a_fresh_opentimelineio_lists_the_plugin(tmp_path: Path) -> None:
    """OpenTimelineIO skips a broken plugin silently."""
    path = put(tmp_path, "a.edl", LIST)
    environment = {
        **os.environ,
        "OTIO_PLUGIN_MANIFEST_PATH": str(PACKAGE / "plugin_manifest.json"),
        "PYTHONPATH": os.pathsep.join([str(PLUGIN), str(PLUGIN.parents[1])]),
    }
    run = subprocess.run(
        [sys.executable, "-c", LISTED % str(path)], capture_output=True, text=True,
        env=environment, cwd=tmp_path, check=False,
    )  # fmt: skip
    assert run.returncode == 0, run.stderr
    listed = json.loads(run.stdout)
    assert set(listed["adapters"]) == ADAPTERS
    assert all(reads and not suffixes for reads, _, suffixes in listed["adapters"].values())
    writers = {name for name, (_, writes, _) in listed["adapters"].items() if writes}
    assert writers == ADAPTERS - {"dubsync_ale", "dubsync_protools"}
    assert "dubsync_takes" in listed["linkers"]
    assert listed["read"] == 2


def test_the_wheel_names_the_package_that_holds_the_manifest() -> None:
    project = tomllib.loads((PLUGIN / "pyproject.toml").read_text())
    entry = project["project"]["entry-points"]["opentimelineio.plugins"]["dubsync"]
    assert (PLUGIN / entry / "plugin_manifest.json").is_file()
    packed = project["tool"]["setuptools"]["package-data"][entry]
    assert packed == ["plugin_manifest.json"]


def test_the_plugin_imports_only_the_packages_it_needs() -> None:
    for path in PACKAGE.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("dubsync."):
                part = (node.module or "").split(".")[1]
                assert part in ("core", "editorial", "service"), f"{path.name}: {node.module}"


# -- read ----------------------------------------------------------------------------------


def test_a_list_keeps_its_reels_speeds_and_locators(tmp_path: Path) -> None:
    cut = read(put(tmp_path, "a.edl", LIST), "dubsync_edl", rate="24")
    first, second = cut.find_clips()
    assert cut.global_start_time == otio.opentime.RationalTime(86400, 24)
    assert frames_of(first) == (86640, 48)
    assert frames_of(second) == (432000, 48)
    assert second.effects[0].time_scalar == 2
    assert first.media_reference.metadata["reel"] == "A001"
    assert [m.name for m in cut.tracks[0].markers or cut.tracks.markers] == ["LOOK"]


@pytest.mark.parametrize("rate", [23.976, "23.976", "24000/1001", Fraction(24000, 1001)])
def test_a_rate_can_be_written_in_any_usual_form(tmp_path: Path, rate: object) -> None:
    cut = read(put(tmp_path, "a.edl", LIST), "dubsync_edl", rate=rate)
    assert cut.global_start_time.rate == 24000 / 1001


def test_a_list_without_its_rate_is_refused_with_a_message(tmp_path: Path) -> None:
    with pytest.raises(otio.exceptions.OTIOError, match="give the rate"):
        read(put(tmp_path, "a.edl", LIST), "dubsync_edl")


def test_another_kind_of_file_is_refused_by_its_name(tmp_path: Path) -> None:
    with pytest.raises(otio.exceptions.OTIOError, match="Avid Log Exchange, not CMX3600"):
        read(put(tmp_path, "a.edl", ALE), "dubsync_edl", rate=24)


def test_a_loss_is_in_metadata_and_strict_refuses_it(tmp_path: Path) -> None:
    inner = f'<asset-clip ref="r2" offset="{at(0)}" name="a" duration="24024/24000s">'
    path = put(tmp_path, "a.fcpxml", fcpxml(f'{inner}<filter-video ref="r9"/></asset-clip>'))
    cut = read(path, "dubsync_fcpxml")
    assert [loss["kind"] for loss in cut.metadata["dubsync"]["losses"]] == ["lost"]
    with pytest.raises(otio.exceptions.OTIOError, match="filter-video"):
        read(path, "dubsync_fcpxml", strict=True)


def test_a_log_is_a_collection_and_a_session_sound_tracks(tmp_path: Path) -> None:
    log = read(put(tmp_path, "a.ale", ALE), "dubsync_ale")
    assert [clip.metadata["dubsync"]["reel"] for clip in log.find_clips()] == ["A001"]
    sound = read(put(tmp_path, "a.txt", session()), "dubsync_protools")
    assert [track.kind for track in sound.tracks] == [otio.schema.TrackKind.Audio]
    assert [clip.enabled for clip in sound.find_clips()] == [False]


def test_final_cut_documents_are_read_from_text() -> None:
    text = xmeml(f"<track>{clipitem(0, 50, 10, 60)}</track>").decode()
    cut = otio.adapters.read_from_string(text, adapter_name="dubsync_xml")
    assert [frames_of(clip) for clip in cut.find_clips()] == [(900010, 50)]


# -- written -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("adapter", "suffix"),
    [("dubsync_edl", ".edl"), ("dubsync_fcpxml", ".fcpxml"), ("dubsync_xml", ".xml"),
     ("dubsync_aaf", ".aaf"), ("dubsync_mlt", ".mlt"), ("dubsync_kdenlive", ".kdenlive")],
)  # fmt: skip
def test_what_an_adapter_writes_it_reads_back(tmp_path: Path, adapter: str, suffix: str) -> None:
    if adapter == "dubsync_aaf":
        pytest.importorskip("aaf2", reason="pyaaf2 is not installed")
    cut = read(put(tmp_path, "a.edl", LIST), "dubsync_edl", rate=24)
    path = tmp_path / f"out{suffix}"
    otio.adapters.write_to_file(cut, str(path), adapter_name=adapter)
    again = probe_cut(path, Fraction(24))
    played = [
        (e.record.start, e.record.stop, e.source.start, e.speed)
        for e in again.events if e.record and e.source and e.kind == "cut"
    ]  # fmt: skip
    assert played == [(86400, 86448, 86640, 1), (86448, 86496, 432000, 2)]


# -- linked --------------------------------------------------------------------------------

PROJECT = """
[project]
name = "r1"
language = "it-IT"
cut = "a.otio"
media = ["plates"]
takes = ["takes"]
[characters.ELISE]
performer = "p1"
dub = "dub/ELISE.wav"
"""
CONSENT = """
[consent]
id = "C1"
performer = "p1"
operations = ["lip_reenact"]
languages = ["it"]
basis = "synthetic"
statement = "made up"
signatory = "nobody"
valid_from = 2026-01-01
valid_until = 2099-01-01
"""


#: Of no file: the linker looks at sizes.
SHA = "0" * 64


def project(folder: Path) -> Path:
    """A project with versions 1 and 2 of one shot, 20 plate frames at 24."""
    for name in ("plates", "takes", "dub", "consent"):
        (folder / name).mkdir()
    for name in ("a.otio", "dub/ELISE.wav", "takes/t1.mov"):
        put(folder, name, "x")
    put(folder, "dubsync.toml", PROJECT)
    put(folder, "consent/p1.toml", CONSENT)
    for version in (1, 2):
        home = folder / f"renders/S1/v{version:03d}"
        home.mkdir(parents=True)
        put(home, f"S1_v{version:03d}.mkv", "picture")
        span = {"first": 92, "stop": 112, "rate": "24", "timecode": ""}
        record = {
            "schema": "dubsync.record/2", "shot": "S1", "version": version, "language": "it-IT",
            "plate": "A001.mov", "reel": "A001", "frames": span, "characters": ["ELISE"],
            "source": {**span, "first": 100, "stop": 104},
            "record": span, "key": "", "made": "", "synthetic_media": "", "speed": "1",
            "inputs": [{"role": "dub ELISE", "name": "ELISE.wav", "sha256": ""},
                       {"role": "take L1", "name": "t1.mov", "sha256": ""}],
            "consent": [{"id": "C1"}], "actors": {}, "renderers": {}, "tweak": {}, "mouths": {},
            "settings": {"delivery": {"picture": "lossless"}}, "versions": {},
            "outputs": {"picture": {"file": f"S1_v{version:03d}.mkv", "bytes": 7, "sha256": SHA},
                        "matte": {"file": f"S1_v{version:03d}.mkv", "bytes": 7, "sha256": SHA}},
            "proof": {"frames": 20, "frames_changed": 0, "changed_outside": 0,
                      "plate_outside_sha256": "", "picture_outside_sha256": ""},
        }  # fmt: skip
        put(home, f"S1_v{version:03d}.record.json", json.dumps(sealed(record)))
    return folder


def linked(folder: Path, first: int, length: int = 4, plate: str = "plates/A001.mov") -> Any:
    """A clip of a plate's frames after the linker."""
    time = otio.opentime.RationalTime
    span = otio.opentime.TimeRange(time(first, 24), time(length, 24))
    clip = otio.schema.Clip("x", otio.schema.ExternalReference(plate), span)
    result = otio.media_linker.linked_media_reference(clip, "dubsync_takes", {"project": folder})
    assert (result is None) == (clip.active_media_reference_key == "DEFAULT_MEDIA")
    return clip


def test_a_clip_gets_the_newest_render_of_its_plate_frames(tmp_path: Path) -> None:
    clip = linked(project(tmp_path), 100)
    assert clip.active_media_reference_key == "dubbed-it-IT"
    assert clip.media_reference.target_url.endswith("/S1/v002/S1_v002.mkv")
    assert clip.media_references()["DEFAULT_MEDIA"].target_url == "plates/A001.mov"
    listed = clip.metadata["dubsync"]["linked"]
    assert listed["dubs"][0]["file"] == str(tmp_path / "dub/ELISE.wav")
    assert listed["takes"][0]["file"] == str(tmp_path / "takes/t1.mov")


def test_a_render_shorter_than_the_clip_is_not_linked_and_the_reason_is_noted(
    tmp_path: Path,
) -> None:
    clip = linked(project(tmp_path), 100, 13)
    assert "lacks frames of the clip" in clip.metadata["dubsync"]["linked"]["reason"]


def test_other_plates_other_frames_and_withdrawn_consent_link_nothing(tmp_path: Path) -> None:
    folder = project(tmp_path)
    assert "dubsync" not in linked(folder, 100, plate="file:///x/B001.mov").metadata
    assert "dubsync" not in linked(folder, 500).metadata
    (folder / "consent/p1.toml").unlink()
    renders = sys.modules["dubsync_otio.renders"]
    renders._newest_renders.cache_clear()
    assert linked(folder, 100).active_media_reference_key == "DEFAULT_MEDIA"


def test_a_missing_project_or_language_is_refused(tmp_path: Path) -> None:
    clip = otio.schema.Clip("x")
    folder = project(tmp_path)
    for asked in ({}, {"project": folder / "dub"}, {"project": folder, "language": "xx"}):
        with pytest.raises(otio.exceptions.OTIOError):
            otio.media_linker.linked_media_reference(clip, "dubsync_takes", asked)
