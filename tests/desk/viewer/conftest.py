"""Viewers that end with their test."""

from __future__ import annotations

import pytest

from tests.desk.viewer.synthetic_shot import viewer_on


@pytest.fixture
def open_viewer(qtbot, monkeypatch):
    """Opens viewers, see `viewer_on`; they are closed, with their threads, at the end."""
    windows = []

    def opened(shot, **more):
        windows.append(viewer_on(qtbot, monkeypatch, shot, **more))
        return windows[-1]

    yield opened
    for window in windows:
        window.panel.close_view()
        window.session.close()
