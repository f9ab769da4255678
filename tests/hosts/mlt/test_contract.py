"""The adapter for projects of Kdenlive does what every host's adapter must do."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hosts.contract import HostContract
from tests.hosts.mlt.projects import MltStage


class TestKdenliveProject(HostContract):
    @pytest.fixture
    def stage(self, tmp_path: Path) -> MltStage:
        return MltStage(tmp_path)
