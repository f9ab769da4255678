"""Random changes of one byte in a delivered reel, each of which verify must name.

    python -m benchmarks.tampering REEL [--changes 1000] [--seed 1]
    python -m benchmarks.tampering REEL --speed

REEL is a project that was rendered and delivered with a house key; its newest delivery is verified
by the same function as `dubsync verify`, in this process.  Each byte is put back afterwards.
`--speed` compares verifying the delivery with decoding its pictures, mattes and plates once.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import time
from pathlib import Path

from dubsync.media.plate import open_plate
from dubsync.media.probe import probe_plate
from dubsync.service.verification.delivery_form import DELIVERY, PROOF
from dubsync.service.verification.verify import Asked, verify
from dubsync.service.verification.versions import latest_deliveries


def kinds(reel: Path, delivery: Path) -> dict[str, list[Path]]:
    """Kind -> the files of the delivered reel that are changed."""
    value = json.loads((delivery / PROOF / DELIVERY).read_text())
    media = [reel / one["path"] for one in value["media"]
             if one["role"] != "source" and "%" not in one["path"]]  # fmt: skip
    named = {
        one["id"]
        for one in json.loads((delivery / PROOF / "consents.json").read_text())["consents"]
    }
    consents = [path for path in (reel / "consent").glob("*.toml")
                if any(f'"{id_}"' in path.read_text() for id_ in named)]  # fmt: skip
    return {
        "picture": media,
        "record": sorted((delivery / PROOF / "records").glob("*.json")),
        "manifest": [delivery / PROOF / DELIVERY, *sorted((delivery / PROOF).rglob("*.c2pa"))],
        "consent": [delivery / PROOF / "consents.json", *consents],
        "cut": [path for path in delivery.iterdir() if path.is_file()],
        "ledger": [delivery / PROOF / "ledger.jsonl"],
    }


def changed(path: Path, delivery: Path, chance: random.Random) -> tuple[int, bool]:
    """Change one byte, verify, put it back: where it was, and whether it was named."""
    at = chance.randrange(path.stat().st_size)
    with path.open("r+b") as file:
        file.seek(at)
        old = file.read(1)[0]
        new = (old + chance.randrange(1, 256)) % 256
        file.seek(at)
        file.write(bytes([new]))
    try:
        found = verify(Asked(delivery))
    finally:
        with path.open("r+b") as file:
            file.seek(at)
            file.write(bytes([old]))
    said = " ".join(f"{one.about} {one.why}" for one in found.of("failed"))
    ids = _ids(path)
    named = any(name in said for name in (path.name, *ids))
    return at, found.exit_code == 1 and named


def _ids(path: Path) -> list[str]:
    """The id of a consent file: where its text cannot be read any more, that is what is named."""
    if path.suffix != ".toml":
        return []
    return [line.split('"')[1] for line in path.read_text(errors="replace").splitlines()
            if line.startswith("id = ") and line.count('"') > 1]  # fmt: skip


def table(reel: Path, changes: int, seed: int) -> int:
    """Print how many changes of each kind were named; how many were not."""
    delivery = latest_deliveries(reel)[-1]
    before = verify(Asked(delivery))
    print(f"untouched: {before.state}, {len(before.claims)} claims")
    chance, missed, began = random.Random(seed), 0, time.monotonic()
    files = kinds(reel, delivery)
    names = [name for name in files if files[name]]
    counts = {name: [0, 0] for name in names}
    for n in range(changes):
        kind = names[n % len(names)]
        path = chance.choice(files[kind])
        at, named = changed(path, delivery, chance)
        counts[kind][0] += 1
        counts[kind][1] += named
        if not named:
            missed += 1
            print(f"NOT NAMED: byte {at} of {path.relative_to(reel)}")
        if (n + 1) % 100 == 0:
            print(f"{n + 1} changes, {(time.monotonic() - began) / (n + 1):.2f} s each", flush=True)
    for name, (tried, found) in counts.items():
        print(f"{name:<10} {found} of {tried} named")
    after = verify(Asked(delivery))
    print(f"all put back: {after.state}; {changes - missed} of {changes} named")
    return missed


def speed(reel: Path) -> None:
    """Print the time of verifying the delivery and of decoding its media once, and their ratio."""
    delivery = latest_deliveries(reel)[-1]
    value = json.loads((delivery / PROOF / DELIVERY).read_text())
    files = [reel / one["path"] for one in value["media"]
             if one["role"] in ("picture", "matte") or one["what"] == "plate"]  # fmt: skip
    for turn in range(2):
        began = time.process_time()
        for path in files:
            plate = probe_plate(path)
            with open_plate(plate) as reader:
                for _ in reader.frames(plate.frames):
                    pass
        decoded, began = time.process_time() - began, time.process_time()
        found = verify(Asked(delivery))
        verified = time.process_time() - began
        print(f"{turn}: decoding {decoded:.1f} s, verify {verified:.1f} s (CPU), ratio "
              f"{verified / decoded:.2f}; {found.state}")  # fmt: skip


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("reel", type=Path)
    parser.add_argument("--changes", type=int, default=1000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speed", action="store_true")
    asked = parser.parse_args()
    sys.exit(
        speed(asked.reel) if asked.speed else min(table(asked.reel, asked.changes, asked.seed), 1)
    )
