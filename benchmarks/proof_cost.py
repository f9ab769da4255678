"""What records and the ledger cost: the digest of a frame, a signature, an entry, reading it all.

    python -m benchmarks.proof_cost [--reel REEL] [--shots N] [--json]

Frames are noise of 1920 x 1080, the worst case of nothing (a digest does not depend on samples).
Entries are appended to ledgers of 10 and of 1,000 lines, by the clock: each waits for the disk.
All other times are the processor's.  With --reel, a project with rendered shots, also what signing,
entering and the frames' digests take of the time that its records say their frames took.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Callable
from functools import partial
from pathlib import Path
from time import perf_counter, process_time, sleep
from typing import Any

import numpy as np

from dubsync.core.digest import file_digest
from dubsync.core.picture import Frame, PictureFormat
from dubsync.media.frame_digests import frame_digest
from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate
from dubsync.service.keys.house_key import HouseKey
from dubsync.service.keys.keyring import new_key
from dubsync.service.ledger.append import append
from dubsync.service.ledger.read_ledger import read_ledger
from dubsync.service.ledger.signed_text import signed_record
from dubsync.service.render.records.faults import proof_faults

WIDTH, HEIGHT = 1920, 1080


def milliseconds(
    work: Callable[[], object], times: int, clock: Callable[[], float] = process_time
) -> float:
    """The shortest time of `work`, ms, of the processor; or by another clock.

    Others on the machine only make it longer.
    """
    taken = []
    for _ in range(times):
        began = clock()
        work()
        taken.append(clock() - began)
    return min(taken) * 1000


def noise(bits: int, chroma: tuple[int, int]) -> Frame:
    """A frame of noise, as a plate of so many bits stores it."""
    form = PictureFormat(
        width=WIDTH, height=HEIGHT, model="yuv", bits=bits, floating=False, chroma=chroma,
        storage="yuv",
    )  # fmt: skip
    chance = np.random.default_rng(1)
    kind = np.uint8 if bits == 8 else np.uint16
    shapes = (form.plane_shape(n) for n in range(3))
    planes = tuple(chance.integers(0, 1 << bits, shape, kind) for shape in shapes)
    return Frame(0, planes, form)


def frames() -> dict[str, float]:
    """Milliseconds for the digest of a frame of each kind."""
    kinds = {"8 bit 4:2:0": (8, (1, 1)), "10 bit 4:2:2": (10, (1, 0)), "10 bit 4:4:4": (10, (0, 0))}
    return {
        name: milliseconds(partial(frame_digest, noise(*kind)), 20) for name, kind in kinds.items()
    }


def ledgers(key: HouseKey, record: dict[str, Any]) -> dict[str, float]:
    """Milliseconds for a signed record, and for ledgers of 10 and 1,000 lines."""
    found = {"signed record": milliseconds(lambda: signed_record(record, key), 20)}
    what = {"shot": "SH010", "version": "v001", "record": "0" * 64, "credentials": "0" * 64}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        for lines in (10, 1000):
            while len(read_ledger(folder, []).entries) < lines - 25:
                for _ in range(min(200, lines)):
                    append(folder, "render", what, key)
            found[f"entry, {lines:,} lines"] = milliseconds(
                lambda: append(folder, "render", what, key), 15, perf_counter
            )
        count = len(read_ledger(folder, [key.public]).entries)
        found[f"reading {count:,} lines"] = milliseconds(
            lambda: read_ledger(folder, [key.public]), 3
        )
    return found


def share(reel: Path, once_ms: float) -> dict[str, float]:
    """What proof takes of the time that the frames of a reel's renders took.

    Args:
        once_ms: for the record's signature and the entry of one render.
    """
    drawing_s = proof_ms = 0.0
    for path in (reel / "renders").rglob("*.record.json"):
        record = json.loads(path.read_text())
        if record.get("seconds"):
            picture = probe_plate(path.parent / record["outputs"]["picture"]["file"])
            with open_plate(picture) as reader:
                frame = next(iter(reader.read([picture.frames.start])))
            each = milliseconds(partial(frame_digest, frame), 20)
            drawing_s += record["seconds"]
            count = record["frames"]["stop"] - record["frames"]["first"]
            proof_ms += once_ms + each * count
    held = milliseconds(lambda: proof_faults(reel), 3)
    return {"holding the reel's records against its ledger": held, "drawing": 1000 * drawing_s,
            "proof": proof_ms, "share": proof_ms / 1000 / drawing_s}  # fmt: skip


def asked_by_shots(key: HouseKey, shots: int) -> dict[str, float]:
    """Milliseconds to hold a reel of so many made records against its ledger, as each shot does.

    The first time, again, and again after one more shot was rendered.
    """
    text = {"frame_digests": ["0" * 64] * 52, "settings": {"engine": {"batch": 8}}}
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)

        def rendered(number: int) -> None:
            name = f"SH{number:04d}"
            record = folder / "renders" / name / "v001" / f"{name}_v001.record.json"
            record.parent.mkdir(parents=True)
            record.write_text(json.dumps(signed_record({**text, "shot": name}, key)))
            what = {"folder": f"{name}/v001", "shot": name, "version": "v001", "language": "it-IT",
                    "key": "0" * 64, "record": file_digest(record)}  # fmt: skip
            append(folder, "render", what, key)

        def held() -> None:
            if proof_faults(folder, [key.public]).shots:
                raise SystemExit("the made records are no faults")

        for number in range(shots):
            rendered(number)
        sleep(0.1)
        first = milliseconds(held, 1)
        again = milliseconds(held, 5)
        rendered(shots)
        sleep(0.1)
        return {f"{shots} records held against their ledger": first, "again": again,
                "again, after one more": milliseconds(held, 1)}  # fmt: skip


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--reel", type=Path)
    parser.add_argument("--shots", type=int, default=250, help="made records")
    parser.add_argument("--json", action="store_true")
    args = parser.parse_args()
    record = {"frame_digests": ["0" * 64] * 128, "settings": {"engine": {"batch": 8}}}
    with tempfile.TemporaryDirectory() as keys:
        key = _key(Path(keys))
        found: dict[str, float] = frames() | ledgers(key, record)
        found |= asked_by_shots(key, args.shots)
    if args.reel:
        once = found["signed record"] + found["entry, 1,000 lines"]
        found |= share(args.reel, once)
    if args.json:
        print(json.dumps(found))
    else:
        for name, value in found.items():
            print(f"{name}: {value:.3f}" + ("" if name == "share" else " ms"))
    return 0


def _key(folder: Path) -> HouseKey:
    """A key in a folder of its own, so that nobody's is used."""
    os.environ["DUBSYNC_KEYS"] = str(folder / "keys")
    return new_key("Benchmarks")


if __name__ == "__main__":
    sys.exit(main())
