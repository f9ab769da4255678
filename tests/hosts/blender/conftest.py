"""The Blenders that are here, each with the add-on installed as a user installs it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.hosts.blender.blender_process import NAMES, BlenderProcess, command_of

#: It imports bpy, which only Blender's own Python has.
collect_ignore = ["inside_blender.py"]


@pytest.fixture(scope="module", params=NAMES)
def blender(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[BlenderProcess]:
    """A running Blender without a window; skipped where `make hosts` was not run."""
    command = command_of(request.param)
    if command is None:
        pytest.skip(f"{request.param} is not here: make hosts sets it up")
    process = BlenderProcess(command, tmp_path_factory.mktemp(request.param))
    yield process
    process.close()
