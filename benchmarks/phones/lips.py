"""Lip opening in real clips: the ground truth for closures."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from dubsync.core.progress import silent
from dubsync.core.settings import EngineSettings
from dubsync.engine import build
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate

#: Talking clips of ../shared/footage, and how many ms their sound is late against the lips,
#: including the lips' natural lead of LEAD_MS (shared/reference/sound_to_mouth/README.md, section
#: 4a): an opening mouth leads its vowel, but closed lips coincide with their sound.
TALKING = {
    "andrew_a_25s.mov": 9,
    "andrew_b_27s.mov": 36,
    "woman_braids_720p_24s.mp4": 53,
    "obama_address_30s.mov": 127,
    "obama_oval_20s.mov": 190,
    "obama_2020_20s.mov": 208,
}
#: Clips whose names encode their sentences; sound and picture are in sync.
GRID = ("bbaf2n", "brbk7n", "lbax4n", "lbbc2a", "lrwp9a", "lwbsza")
LEAD_MS = 30
INNER_LIPS = ((81, 178), (13, 14), (311, 402))
EYES = (33, 263)


@dataclass(frozen=True, slots=True)
class Lips:
    """One face's lips, frame by frame.

    times  (T,) seconds on the clip's own clock
    apart  (T,) distance of the inner lips over the distance of the eyes' outer corners
    seen   (T,) whether the face is
    """

    times: np.ndarray
    apart: np.ndarray
    seen: np.ndarray


def lips(clip: Path, kept: Path) -> Lips:
    """The lips of the clip's longest face track; results are cached under `kept`."""
    kept.mkdir(parents=True, exist_ok=True)
    path = kept / f"{clip.stem}.npz"
    if not path.exists():
        plate = probe_plate(clip)
        with open_plate(plate) as reader:
            tracks = build(EngineSettings()).track(
                reader.frames(plate.frames), plate.frames, shot=clip.stem, progress=silent
            )
        track = max(tracks, key=lambda result: len(result.frames))
        at = np.asarray(track.landmarks, np.float64)
        across = np.linalg.norm(at[:, EYES[0]] - at[:, EYES[1]], axis=1)
        gaps = [np.linalg.norm(at[:, a, :2] - at[:, b, :2], axis=1) for a, b in INNER_LIPS]
        begin = track.frames.start - plate.frames.start
        times = (np.arange(len(at)) + begin) / float(plate.frames.rate)
        np.savez(path, times=times, apart=np.mean(gaps, axis=0) / across, seen=track.confidence > 0)
    with np.load(path) as held:
        return Lips(held["times"], held["apart"], held["seen"])


def closures_seen(of: Lips, speech: np.ndarray, late_s: float) -> np.ndarray:
    """(K, 2) start and end, on the sound's clock, of runs of closed lips within speech.

    Lips count as closed below a fifth of their typical opening in this clip's speech.
    """
    at = of.times + late_s
    place = np.clip(np.round(at * 100).astype(int), 0, len(speech) - 1)
    spoken = (speech[place] > 0.5) & of.seen
    if not spoken.any():
        return np.zeros((0, 2))
    shut = (of.apart < threshold(of, spoken)) & of.seen
    edges = np.flatnonzero(np.diff(np.concatenate([[0], shut.astype(int), [0]])))
    runs = [(a, b) for a, b in zip(edges[::2], edges[1::2], strict=True) if spoken[a:b].all()]
    frame = float(np.median(np.diff(at)))
    return np.array([(at[a], at[b - 1]) for a, b in runs if (b - a) * frame < 0.35]).reshape(-1, 2)


def threshold(of: Lips, spoken: np.ndarray) -> float:
    """The threshold of closed lips: a fifth of the way from the least to the typical opening."""
    least, usual = np.quantile(of.apart[spoken], [0.02, 0.6])
    return float(least + 0.2 * (usual - least))
