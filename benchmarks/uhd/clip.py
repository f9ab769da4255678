"""`dubsync clip` on a UHD plate as a user runs it: time a frame and peak memory of its process."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import soundfile

from benchmarks.record import record_in
from benchmarks.uhd.plates import SOUND_RATE, spoken

LOOKED_S = 0.2


def dubbed(plate: Path, folder: Path, frames: int) -> dict[str, Any]:
    """Sync `plate` to the Italian lines into `folder`; seconds, frames and MiB."""
    folder.mkdir(parents=True, exist_ok=True)
    dub, out = folder / "dub_it.wav", folder / f"{plate.stem}_it.mov"
    soundfile.write(dub, spoken("dub", frames), SOUND_RATE)
    command = [
        sys.executable, "-m", "dubsync", "clip", str(plate), "--dub", str(dub), "--consent",
        str(record_in(folder)), "--out", str(out), "--language", "it-IT", "--json",
    ]  # fmt: skip
    if plate.suffix == ".exr":  # clip takes movies
        module = "benchmarks.uhd.synced"
        command = [sys.executable, "-m", module, str(plate), str(dub), str(frames)]
    began = time.perf_counter()
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as running:
        peak = 0.0
        while running.poll() is None:
            peak = max(peak, _peak_mib(running.pid))
            time.sleep(LOOKED_S)
        said, errors = running.communicate()
    took = time.perf_counter() - began
    return {
        "plate": plate.name, "exit": running.returncode, "frames": frames,
        "s_a_frame": round(took / frames, 2), "peak_mib": round(peak), "out": str(out),
        "said": (said or errors).decode()[-400:] if running.returncode else "",
    }  # fmt: skip


def _peak_mib(pid: int) -> float:
    """VmHWM of a process, MiB; 0 once it is gone."""
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except OSError:
        return 0.0
    return int(status.split("VmHWM:")[1].split()[0]) / 1024 if "VmHWM:" in status else 0.0
