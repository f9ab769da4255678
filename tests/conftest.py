"""What every part's tests share: real footage, Hypothesis's settings, and the slow belt."""

import os
from pathlib import Path

import pytest
from hypothesis import is_hypothesis_test, settings

ROOT = Path(__file__).parents[1]
#: The folder of real footage, takes, speech and timelines beside the checkout.  Only here.
SHARED = ROOT.parent / "shared"
#: A release is tested on real footage: with DUBSYNC_RELEASE=1 its tests fail where it is absent.
RELEASE = os.environ.get("DUBSYNC_RELEASE") == "1"

# No deadlines: a machine that other work keeps busy would fail tests at random.  In CI the same
# cases are tried every time; on a desk new ones are, and a failure prints how to repeat it.
settings.register_profile("desk", deadline=None, print_blob=True)
settings.register_profile("ci", settings.get_profile("desk"), derandomize=True)
settings.register_profile("quick", settings.get_profile("desk"), max_examples=8)
settings.load_profile("ci" if os.environ.get("CI") else "desk")


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


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`--hypothesis-profile quick` also caps tests that name their own `max_examples`."""
    if config.getoption("hypothesis_profile", None) != "quick":
        return
    most = settings.get_profile("quick").max_examples
    for item in items:
        test = getattr(item, "obj", None)
        if is_hypothesis_test(test):
            own = test._hypothesis_internal_use_settings
            capped = settings(own, max_examples=min(own.max_examples, most))
            test._hypothesis_internal_use_settings = capped
