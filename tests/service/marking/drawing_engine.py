"""The drawn engine, which also draws: a square as bright as the frame number."""

from dataclasses import replace

from dubsync.engine.compositing.composite import composite
from tests.service import drawn_engine
from tests.service.recut.recut_engine import prepare


def build(settings):
    return replace(drawn_engine.build(settings), prepare=prepare, composite=composite)
