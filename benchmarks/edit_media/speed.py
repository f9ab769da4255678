"""How long edit media take, how large they are, and the memory that they need."""

from __future__ import annotations

import resource
from pathlib import Path
from time import monotonic, process_time

from benchmarks.edit_media.plates import every_form, media_of, plate_of


def compare_speed(folder: Path, n_frames: int = 12) -> None:
    """Print milliseconds and megabytes of each form, for 12 frames."""
    print("| codec | container | size | ms a frame | CPU ms a frame | MB a frame | peak MB |")
    print("|---|---|---|---|---|---|---|")
    for codec, container in every_form():
        plate = plate_of(folder, codec, n_frames)
        began, busy = monotonic(), process_time()
        media_of(folder, plate, codec, container)
        spent, used = monotonic() - began, process_time() - busy
        made = (folder / f"{codec.name}_{container}").iterdir()
        size = sum(path.stat().st_size for path in made)
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        print(
            f"| {codec.name} | {container} | {plate.format.width}x{plate.format.height} "
            f"| {1000 * spent / n_frames:.0f} | {1000 * used / n_frames:.0f} "
            f"| {size / n_frames / 1e6:.2f} | {peak:.0f} |",
            flush=True,
        )
