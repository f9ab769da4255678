"""What the tests of portraits share: a synthetic performer's photograph, an engine, a record."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from pathlib import Path

import cv2
import numpy as np
import pytest

from dubsync.core.colour import working_rgb
from dubsync.core.settings import EngineSettings
from dubsync.core.steps import Engine
from dubsync.media.plate import open_square
from dubsync.media.probe import probe_plate
from dubsync.service.plugins import load_engine

SAMPLE = Path(__file__).parents[3] / "sample_projects/two_hander"


@pytest.fixture(scope="session")
def engine() -> Engine:
    return load_engine(EngineSettings(device="cpu"))


@pytest.fixture(scope="session")
def photo(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One frame of a synthetic performer, 320 lines high."""
    plate = probe_plate(SAMPLE / "plates/A001C006_251114_ELISE_CU.mov")
    with open_square(plate) as reader:
        rgb = working_rgb(next(reader.read([plate.frames.start])))
    small = cv2.resize(
        rgb, None, fx=320 / len(rgb), fy=320 / len(rgb), interpolation=cv2.INTER_AREA
    )
    path = tmp_path_factory.mktemp("photo") / "elise.png"
    cv2.imwrite(str(path), np.rint(np.clip(small[..., ::-1], 0, 1) * 255).astype(np.uint8))
    return path


@pytest.fixture
def record(tmp_path: Path) -> Callable[..., Path]:
    """Writes a consent record that is valid today."""

    def write(operations: str = '"portrait"', languages: str = '"*"') -> Path:
        path = tmp_path / "consent.toml"
        path.write_text(
            '[consent]\nid = "P-1"\nperformer = "elise"\n'
            f"operations = [{operations}]\nlanguages = [{languages}]\n"
            'basis = "synthetic"\nstatement = "nobody real"\nsignatory = "the authors"\n'
            f"valid_from = {date.today()}\nvalid_until = {date.today() + timedelta(30)}\n"
        )
        return path

    return write
