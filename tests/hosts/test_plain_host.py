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

    def test_a_job_that_ends_before_its_number_is_known_is_not_waited_for_for_ever(self, play):
        assert play("early").sync("A001").state == "done"
