"""What every part's tests share: real footage, Hypothesis's settings, and the slow belt."""

import gc
import os
import shutil
import subprocess
import tempfile
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import imageio_ffmpeg
import pytest
from hypothesis import is_hypothesis_test, settings

from tests.made_once import made_once, shared_by_processes

if TYPE_CHECKING:
    from dubsync.service.keys.house_key import HouseKey

ROOT = Path(__file__).parents[1]
#: The folder of real footage, takes, speech and timelines beside the checkout.  Only here.
SHARED = ROOT.parent / "shared"
#: Tests that `make quick` leaves out: see record_slow.py, which writes it.
SLOW = Path(__file__).with_name("slow.txt")
#: Files of few tests that take long.  They begin first: else one process does the last one while
#: the others have nothing left.
LONG = (
    "tests/cli/test_reel.py", "tests/desk/test_monkey.py", "tests/desk/test_walk.py",
    "tests/service/test_something_in_front.py", "tests/service/qc/test_closed_mouth.py",
    "tests/service/tasks/test_pool.py", "tests/service/reel/test_each_answer_once.py",
    "tests/desk/test_killed.py", "tests/desk/test_real_screen.py",
)  # fmt: skip
#: A release is tested on real footage: with DUBSYNC_RELEASE=1 its tests fail where it is absent.
RELEASE = os.environ.get("DUBSYNC_RELEASE") == "1"

# No deadlines: a machine that other work keeps busy would fail tests at random.  In CI the same
# cases are tried every time; on a desk new ones are, and a failure prints how to repeat it.
settings.register_profile("desk", deadline=None, print_blob=True)
settings.register_profile("ci", settings.get_profile("desk"), derandomize=True)
settings.register_profile("quick", settings.get_profile("desk"), max_examples=8)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


#: No test, and no fixture that lives longer, finds a key of whoever runs the tests.  Tests that
#: sign ask for `signing`.
NO_KEYS = Path(tempfile.gettempdir()) / f"dubsync-tests-without-keys-{os.getpid()}"
os.environ["DUBSYNC_KEYS"] = str(NO_KEYS)
os.environ.pop("DUBSYNC_PASSPHRASE", None)
_tests = count()


@pytest.fixture(autouse=True)
def _no_house_key(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    """A folder of keys of each test's own, which is not there yet."""
    folder = tmp_path_factory.getbasetemp() / "keys" / str(next(_tests))
    monkeypatch.setenv("DUBSYNC_KEYS", str(folder))
    monkeypatch.delenv("DUBSYNC_PASSPHRASE", raising=False)


@pytest.fixture(scope="session")
def house_key(tmp_path_factory: pytest.TempPathFactory) -> "HouseKey":
    """A house's key, made once; it is in use only where a test asks for `signing`."""
    from dubsync.service.keys.keyring import new_key

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("DUBSYNC_KEYS", str(tmp_path_factory.mktemp("house_keys")))
        return new_key("Studio Nord")


@pytest.fixture
def signing(house_key: "HouseKey", monkeypatch: pytest.MonkeyPatch) -> "HouseKey":
    """`house_key`, in use: house_key() returns it, and what is rendered is signed.

    Tests that make, trust or remove keys must not use it: the folder is the whole session's.
    """
    monkeypatch.setenv("DUBSYNC_KEYS", str(house_key.folder.parents[1]))
    return house_key


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real footage, takes, speech and timelines beside the checkout."""
    return shared_folder()


def shared_folder() -> Path:
    """SHARED; where it is absent the test is skipped, or fails when DUBSYNC_RELEASE=1."""
    if not (SHARED / "SOURCES.md").exists():
        lacking = "the shared test material (../shared) is not beside this checkout"
        if RELEASE:
            pytest.fail(f"{lacking}, and DUBSYNC_RELEASE=1 does not let its tests be skipped")
        pytest.skip(lacking)
    return SHARED


@pytest.fixture(scope="session", autouse=True)
def _no_power_cut() -> Iterator[None]:
    """Nothing waits until it is on the disk: a sync of two shots does so sixty times."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda file: None)
        yield


@pytest.fixture(scope="session", autouse=True)
def _shared_by_processes(tmp_path_factory: pytest.TempPathFactory) -> None:
    """What is made once lies where every process of this run finds it."""
    shared_by_processes(tmp_path_factory.getbasetemp())


@pytest.fixture(scope="session")
def rendered_reel() -> Path:
    """A real reel of two shots, rendered and checked; tests must not change it.

    The processes of one run share it: it takes half a minute.
    """
    from tests.small_reel import rendered_small_reel

    return made_once("small_reel", rendered_small_reel)


@pytest.fixture
def own_reel(rendered_reel: Path, tmp_path: Path) -> Path:
    """A copy of the rendered reel that a test may change."""
    return shutil.copytree(rendered_reel, tmp_path / "small_reel")


@pytest.fixture(scope="session")
def ffmpeg() -> str:
    """Path of an FFmpeg that is not ours: the system's, else the one that pip brings."""
    return shutil.which("ffmpeg") or str(imageio_ffmpeg.get_ffmpeg_exe())


@pytest.fixture(scope="session")
def made_case(
    shared: Path, ffmpeg: str, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    """The folder with the inputs of a case of ../shared/cases/picture-and-sound, by its name.

    Each case is made by its own make.sh, once for all processes; tests must not change it.
    """
    programs = tmp_path_factory.mktemp("programs")
    shutil.copy(Path(__file__).with_name("case_ffmpeg.sh"), programs / "ffmpeg")
    (programs / "ffmpeg").chmod(0o755)
    path = f"{programs}{os.pathsep}{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "REAL_FFMPEG": ffmpeg, "KEPT": str(programs)}

    def case(name: str) -> Path:
        script = shared / "cases" / "picture-and-sound" / name / "make.sh"
        return made_once(
            f"case_{name}",
            lambda folder: subprocess.run(["bash", script, folder], check=True, env=environment),
        )

    return case


_module: list[object] = [None]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Keep collections short: a module's tests look through no object that was there before it.

    dubsync collects after every shot.  Through pytest, torch and Qt that takes half a second; a
    user's process holds a tenth of it.
    """
    if (module := getattr(item, "module", item.parent)) is not _module[0]:
        _module[0] = module
        with warnings.catch_warnings():  # what another module left open is not this test's fault
            warnings.simplefilter("ignore", ResourceWarning)
            gc.collect()
        gc.freeze()


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Mark the tests of slow.txt; cap the examples where the Hypothesis profile is "quick".

    Where several processes share the files, those that take longest are begun first.
    """
    if "PYTEST_XDIST_WORKER" in os.environ:
        tests = Counter(item.nodeid.partition("::")[0] for item in items)
        items.sort(key=lambda item: _begins(item.nodeid.partition("::")[0], tests))
    quick = config.getoption("hypothesis_profile", None) == "quick"
    slow = set(SLOW.read_text().split())
    for item in items:
        if item.nodeid.partition("[")[0] in slow:
            item.add_marker(pytest.mark.slow)
        if quick and is_hypothesis_test(test := getattr(item, "obj", None)):
            _cap_examples(test)


def _begins(file: str, tests: "Counter[str]") -> tuple[bool, int, str]:
    """Files in the order in which they are begun: long ones, then by the number of their tests."""
    return file not in LONG, -tests[file], file


def _cap_examples(test: Any) -> None:
    """As few examples as the profile has, also for a test that names its own `max_examples`."""
    own, most = test._hypothesis_internal_use_settings, settings.default.max_examples
    capped = settings(own, max_examples=min(own.max_examples, most))
    test._hypothesis_internal_use_settings = capped


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say that the window was not tested, where it was not: nothing is passed for it then."""
    lacking = [name for name in ("PyQt5", "pytestqt") if find_spec(name) is None]
    if lacking:
        terminalreporter.write_line(
            f"The desk was not tested: {' and '.join(lacking)} is not installed (make desk)."
        )
