"""The example scripts of docs/examples run as they are printed."""

import runpy
from pathlib import Path

import pytest

from tests.service.conftest import engine, heard_reel, reel  # noqa: F401

EXAMPLES = Path(__file__).parents[1] / "docs" / "examples"


@pytest.mark.slow
def test_first_reel_goes_from_cut_to_delivery(reel, capsys):  # noqa: F811
    example = runpy.run_path(str(EXAMPLES / "first_reel.py"))
    assert example["main"](reel) == 0
    printed = capsys.readouterr().out
    assert "2 shots to sync" in printed
    assert "  a: " in printed and "  b: " in printed
    (otio,) = [line for line in printed.splitlines() if line.startswith("Delivered otio:")]
    assert Path(otio.partition(": ")[2]).is_file()


def test_an_example_prints_the_error_and_its_remedy(tmp_path, capsys):
    example = runpy.run_path(str(EXAMPLES / "first_reel.py"))
    assert example["main"](tmp_path) == 1
    assert "Try: " in capsys.readouterr().err
