"""Fixtures that every part's tests share."""

from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real footage, takes, speech and timelines beside the checkout."""
    folder = ROOT.parent / "shared"
    if not (folder / "SOURCES.md").exists():
        pytest.skip("the shared test material is not beside this checkout")
    return folder
