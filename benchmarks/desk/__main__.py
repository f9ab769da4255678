"""Every measurement of the desk, or one: python -m benchmarks.desk [--part PART] [ARGUMENTS]."""

import argparse
import subprocess
import sys
from pathlib import Path

PARTS = sorted(
    path.stem for path in Path(__file__).parent.glob("*.py") if not path.stem.startswith("_")
)

if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--part", choices=PARTS, help="only this one")
    chosen, rest = parser.parse_known_args()
    parts = [chosen.part] if chosen.part else PARTS
    ended = [
        subprocess.run([sys.executable, "-m", f"benchmarks.desk.{part}", *rest]) for part in parts
    ]
    sys.exit(max(process.returncode for process in ended))
