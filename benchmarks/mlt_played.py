"""What melt shows of a delivered project, against the files that its cut plays there.

    python -m benchmarks.mlt_played REEL/delivery/it-IT/v001/reel_it-IT_v001.mlt

melt renders the project losslessly in 4:2:0, from another folder.  Every record frame is compared
with the frame that the cut shows, plane by plane: a line for each file, with the largest
differences in codes of 8 bits.  Between frames of a retimed clip melt shows the nearer one.
"""

from __future__ import annotations

import subprocess
import tempfile
from fractions import Fraction
from math import floor
from pathlib import Path

import av
import click
import numpy as np

from dubsync.editorial.probe import probe_cut
from dubsync.editorial.timeline.resolve import resolve

Planes = list[np.ndarray]


def rendered(project: Path, out: Path) -> None:
    """Render a project by melt; one that does not end is begun again."""
    words = ["melt", "-silent", str(project.absolute()), "-consumer", f"avformat:{out}",
             "vcodec=ffv1", "an=1", "pix_fmt=yuv420p", "real_time=0", "threads=1"]  # fmt: skip
    for _ in range(3):
        try:
            subprocess.run(words, check=True, capture_output=True, timeout=300, cwd="/",
                           stdin=subprocess.DEVNULL)  # fmt: skip
        except subprocess.TimeoutExpired:
            continue
        return
    raise SystemExit("melt did not end")


def planes_of(path: Path) -> list[Planes]:
    """Every frame of a movie, in codes of 8 bits."""
    frames = []
    with av.open(str(path)) as container:
        for frame in container.decode(video=0):
            deep = "10" in frame.format.name
            kind, scale = (np.uint16, 4) if deep else (np.uint8, 1)
            frames.append([
                np.frombuffer(plane, kind).reshape(plane.height, -1)[:, : plane.width] / scale
                for plane in frame.planes
            ])  # fmt: skip
    return frames


@click.command(help=__doc__)
@click.argument("project", type=click.Path(exists=True, path_type=Path))
def main(project: Path) -> None:
    """Compare, and print a line for each file."""
    cut, folder = probe_cut(project), project.parent
    runs = resolve(cut)
    with tempfile.TemporaryDirectory() as aside:
        out = Path(aside) / "rendered.mkv"
        rendered(project, out)
        shown = planes_of(out)
    films: dict[Path, list[Planes]] = {}
    found: dict[tuple[str, str], tuple[int, np.ndarray]] = {}
    for run in runs:
        for record in range(run.record.start, run.record.stop if run.shown else run.record.start):
            one = run.shown[-1]
            event = cut.events[one.event]
            assert one.map is not None and event.available is not None
            at = one.map.at(Fraction(record)) - (event.available.start or 0)
            path = (folder / event.media).resolve()
            if path not in films:
                films = {path: planes_of(path)}
            wanted = films[path][floor(at + Fraction(1, 2))]
            got = shown[record - runs[0].record.start]
            differ = np.array([np.abs(a - b).max() for a, b in zip(wanted, got, strict=True)
                               if a.shape == b.shape])  # fmt: skip
            key = path.name, str(event.speed)
            frames, most = found.get(key, (0, np.zeros_like(differ)))
            found[key] = frames + 1, np.maximum(most, differ)
    for (name, speed), (frames, most) in found.items():
        print(f"{name}  speed {speed}  {frames} frames  largest differences {most.tolist()}")


if __name__ == "__main__":
    main()
