"""The flow that all plugins share, over the plainest host."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.hosts.contract import HostContract
from tests.hosts.fake_host import FakeStage


class TestPlainHost(HostContract):
    @pytest.fixture
    def stage(self, tmp_path: Path) -> FakeStage:
        return FakeStage(tmp_path)
