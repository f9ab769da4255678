"""The OpenTimelineIO plugin in a bare environment: pip, OpenTimelineIO, dubsync, nothing else.

    python -m benchmarks.otio_plugin [--keep FOLDER]

Makes a virtual environment, installs plugins/otio from its folder, and asks a bare OpenTimelineIO
what it lists, reads of ../shared/timelines, and writes.  dubsync itself goes in without the
engine's packages: reading and writing cuts needs none of them.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

import click

HERE = Path(__file__).parents[1]
SHARED = HERE.parent / "shared" / "timelines"
NEEDED = (
    "OpenTimelineIO>=0.18.1", "av>=18.1,<19", "click", "filelock", "numpy", "OpenEXR",
    "opencv-python-headless", "openpyxl", "pyaaf2", "rich", "safetensors", "scipy", "soundfile",
)  # fmt: skip
ASKED = """
import sys, opentimelineio as otio
from pathlib import Path
shared, out = map(Path, sys.argv[1:])
names = sorted(n for n in otio.adapters.available_adapter_names() if n.startswith("dubsync_"))
print(len(names), "adapters:", " ".join(names))
print("linkers:", *otio.media_linker.available_media_linker_names())
assert len(names) == 9 and "dubsync_takes" in otio.media_linker.available_media_linker_names()
kinds = {".edl": "edl", ".fcpxml": "fcpxml", ".xml": "xml", ".aaf": "aaf", ".ale": "ale"}
for suffix, kind in kinds.items():
    read = refused = wrote = 0
    for path in sorted(p for p in shared.rglob("*") if p.suffix.lower() == suffix):
        cut = None
        for rate in ({"rate": 24}, {"rate": 25}, {"rate": 30}) if kind == "edl" else ({},):
            try:
                cut = otio.adapters.read_from_file(str(path), f"dubsync_{kind}", **rate)
                break
            except otio.exceptions.OTIOError:
                pass
        read, refused = read + (cut is not None), refused + (cut is None)
        if isinstance(cut, otio.schema.Timeline) and kind != "ale":
            try:
                otio.adapters.write_to_file(cut, str(out / f"x{suffix}"), f"dubsync_{kind}")
                wrote += 1
            except otio.exceptions.OTIOError as error:
                print("  not written:", path.name, error)
    print(f"dubsync_{kind}: read {read}, refused {refused}, written again {wrote}")
"""


@click.command()
@click.option("--keep", type=click.Path(path_type=Path), help="Make the environment here.")
def main(keep: Path | None) -> None:
    """Install the plugin into a bare environment, and use it."""
    with tempfile.TemporaryDirectory(prefix="bare") as name:
        folder = keep or Path(name) / "venv"
        python = folder / "bin" / "python"
        if not python.exists():
            venv.create(folder, with_pip=True)
            subprocess.run([python, "-m", "pip", "install", "-q", *NEEDED], check=True)
        site = next((folder / "lib").glob("python*/site-packages"))
        (site / "dubsync_checkout.pth").write_text(f"{HERE}\n")
        copied = Path(name) / "otio"  # pip builds beside the sources: never in the checkout
        shutil.copytree(HERE / "plugins" / "otio", copied)
        subprocess.run(
            [python, "-m", "pip", "install", "-q", "--no-deps", "--force-reinstall", copied],
            check=True,
        )
        run = subprocess.run([python, "-W", "ignore", "-c", ASKED, SHARED, name], cwd=name)
        sys.exit(run.returncode)


if __name__ == "__main__":
    main()
