"""The sample reel, run once for all tests of its results."""

import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.service.conftest import (  # noqa: F401
    drawn_reel,
    engine,
    heard_reel,
    reel,
    synced_reel,
)
from tests.speech.whisper_double import whisper, whisper_folder  # noqa: F401

SAMPLE = Path(__file__).parents[2] / "sample_projects" / "two_hander"
MADE = ("make", ".dubsync", "renders", "reports", "delivery")


def dubsync(*arguments, cwd=None):
    """The command in a process of its own, as a user runs it."""
    return subprocess.run(
        [sys.executable, "-m", "dubsync", *map(str, arguments)],
        capture_output=True, text=True, cwd=cwd,
    )  # fmt: skip


@pytest.fixture(scope="session")
def command():
    """`dubsync ARGUMENTS` in a process of its own."""
    return dubsync


@dataclass(frozen=True)
class Run:
    """A finished `dubsync run` of the sample: its folder, exit code, JSON and messages."""

    folder: Path
    code: int
    answer: dict
    messages: str

    @property
    def shots(self):
        return {shot["name"]: shot for shot in self.answer["shots"]}


@pytest.fixture(scope="session")
def sample(tmp_path_factory):
    """A copy of the sample project, not run yet; tests may change it."""
    folder = tmp_path_factory.mktemp("sample") / "two_hander"
    shutil.copytree(SAMPLE, folder, ignore=shutil.ignore_patterns(*MADE))
    toml = folder / "dubsync.toml"  # actors are trained, but for seconds and on few frames
    short = toml.read_text().replace("train_minutes = 0.5", "train_minutes = 0.05\nexemplars = 150")
    first, _, rest = short.partition("[languages.")  # one dub is enough to look at
    last, _, _ = rest[rest.index("[engine]") :].partition("[delivery]")  # no edit media
    toml.write_text(first + last)
    return folder


@pytest.fixture(scope="session")
def ran(sample):
    """The sample reel, run from cut to corrected cut."""
    process = dubsync("run", sample, "--json")
    assert process.stdout, process.stderr
    return Run(sample, process.returncode, json.loads(process.stdout), process.stderr)
