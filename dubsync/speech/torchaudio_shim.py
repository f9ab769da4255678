"""Import pyannote.audio beside a torch without CUDA, with its telemetry off.

torchaudio's wheel needs CUDA libraries when its native extension loads.  Nothing that
pyannote.audio does with a waveform needs that extension, so it is left out where it fails to load.
"""

from __future__ import annotations

import importlib
import os
import sys
import warnings
from functools import cache
from types import ModuleType
from typing import Any

_EXTENSION = "torchaudio._extension"


@cache
def pyannote_audio() -> ModuleType:
    """The module pyannote.audio, imported once (some seconds).

    Its telemetry is switched off: productions are confidential.  Its own warnings at import are
    hidden: torchcodec is missing (we pass waveforms), and torch's deprecations.

    Raises:
        ImportError: pyannote.audio or something that it needs is not installed.
    """
    os.environ["PYANNOTE_METRICS_ENABLED"] = "false"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _import_torchaudio()
        return importlib.import_module("pyannote.audio")


def _import_torchaudio() -> None:
    try:
        importlib.import_module("torchaudio")
    except (OSError, RuntimeError):  # a missing library; a CUDA of another version
        for name in [n for n in sys.modules if n.split(".")[0] == "torchaudio"]:
            del sys.modules[name]
        sys.modules[_EXTENSION] = _no_extension()
        importlib.import_module("torchaudio")


def _no_extension() -> ModuleType:
    """A stand-in for torchaudio._extension, as in a build without native code."""

    def unavailable(function: Any) -> Any:
        return function

    stand_in = ModuleType(_EXTENSION)
    stand_in.__dict__.update(
        _IS_TORCHAUDIO_EXT_AVAILABLE=False,
        _IS_ALIGN_AVAILABLE=False,
        _check_cuda_version=lambda: None,
        fail_if_no_align=unavailable,
    )
    return stand_in
