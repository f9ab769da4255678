"""`import dubsync`: the public names, that each resolves and is documented, and that it is fast."""

import subprocess
import sys
from pathlib import Path

import pytest

import dubsync

#: What users may rely on.  A name goes from here only with a note in docs/changes.md.
PUBLIC = [
    "Project", "new_project", "Dubs", "RunResult", "ShotResult", "ShotTweaks", "Settings",
    "sync_clip", "ClipResult",
    "read_cut", "probe", "probe_cut", "write_cut",
    "Cut", "Delivery", "Event", "FrameRange", "Line", "Loss", "LossReport",
    "Plate", "ProbedCut", "ProbedMedia", "ProjectWarning",
    "QCReport", "RenderedShot", "Shot", "Stem", "Take", "Timecode", "Turnover", "Tweak",
    "Progress", "Step",
    "Cancelled", "ConsentMissing", "DeliveryError", "DubsyncError", "EngineError",
    "LossyDelivery", "MediaError",
    "MissingMedia", "ModelError", "NoFace", "SettingsError", "ShapeError",
    "TimecodeError", "TurnoverError", "VariableRate",
    "__version__",
]  # fmt: skip
ALIASES = {"Progress", "__version__"}  #: no class or function, so no docstring
CUT = Path(__file__).parents[1] / "sample_projects/reel_change/new.otio"


def test_the_public_names_are_those_listed_here():
    assert sorted(dubsync.__all__) == sorted(PUBLIC)
    assert set(PUBLIC) <= set(dir(dubsync))


@pytest.mark.parametrize("name", sorted(PUBLIC))
def test_a_public_name_resolves_and_is_documented(name):
    value = getattr(dubsync, name)
    if name not in ALIASES:
        assert value.__name__ == name
        assert value.__doc__ and not value.__doc__.startswith(f"{name}(")  # a dataclass's own


def test_the_package_docstring_names_every_public_thing_or_its_base():
    documented = dubsync.__doc__
    errors = {name for name in PUBLIC if isinstance(value := getattr(dubsync, name), type)
              and issubclass(value, dubsync.DubsyncError)}  # fmt: skip
    assert not {n for n in set(PUBLIC) - errors - {"__version__"} if n not in documented}


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'Projector'"):
        dubsync.Projector  # noqa: B018


def test_importing_dubsync_loads_nothing_but_its_version():
    code = (
        "import sys, dubsync\n"
        "assert {m for m in sys.modules if m.startswith('dubsync')} == "
        "{'dubsync', 'dubsync.core', 'dubsync.core.version'}\n"
        "assert 'numpy' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


@pytest.mark.parametrize("suffix", [".otio", ".fcpxml", ".xml", ".edl"])
def test_a_cut_is_written_in_the_format_of_its_suffix_and_read_back(tmp_path, suffix):
    cut = dubsync.probe_cut(CUT)
    path = tmp_path / f"again{suffix}"
    losses = dubsync.write_cut(cut, path, track="V1" if suffix == ".edl" else "")
    assert isinstance(losses, dubsync.LossReport)
    assert dubsync.probe(path, cut.rate).events


def test_a_cut_is_never_written_over_a_file_nor_in_an_unknown_format(tmp_path):
    cut = dubsync.probe_cut(CUT)
    there = tmp_path / "there.otio"
    there.write_text("mine")
    for path, words in ((there, "exists already"), (tmp_path / "cut.mp4", "cut.mp4")):
        with pytest.raises(dubsync.DeliveryError, match=words) as refused:
            dubsync.write_cut(cut, path)
        assert refused.value.hint
    assert there.read_text() == "mine"
    with pytest.raises(dubsync.DeliveryError, match="no picture track V9"):
        dubsync.write_cut(cut, tmp_path / "cut.edl", track="V9")
